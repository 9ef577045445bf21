"""Who wants to hear of what: sponsors say it themselves, or a coordinator for them."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.languages import Language
from contracts.notifications import Channel, Occasion
from edge.bodies import Strict
from edge.door import Accepted, Door, ListDoor
from edge.listing import Page
from edge.permission import signed_in
from edge.routes import Routes
from eventing.all_rows import all_rows
from services.notifications.domain.sponsor_news import (
    EndSubscription,
    Subscribe,
    SubscriptionMadeOtherwise,
    SubscriptionNotMade,
    TooManySubscriptions,
    sponsor_news,
    stream,
)
from services.notifications.read_models.subscriptions import SubscriptionRow, subscriptions
from services.notifications.routes.ownership import (
    NotYours,
    check_own,
    check_own_or_coordinator,
    is_own,
    looked_after,
)

routes = Routes(tag="subscriptions")


class SubscriptionToMake(Strict):
    sponsor_id: UUID
    occasion: Occasion = "gift-arrived"
    channels: Annotated[frozenset[Channel], Field(min_length=1, max_length=2)]
    language: Language = "vi"


class Subscription(BaseModel):
    subscription_id: UUID
    occasion: Occasion
    channels: list[Channel]
    language: Language
    ended: bool


@routes.command(
    "PUT",
    "/subscriptions/{subscription_id}",
    may=signed_in("subscribe"),
    refuses=[NotYours, SubscriptionMadeOtherwise, TooManySubscriptions],
)
async def subscribe(subscription_id: UUID, body: SubscriptionToMake, door: Door) -> Accepted:
    await check_own_or_coordinator(door, body.sponsor_id)
    command = Subscribe(
        subscription_id=subscription_id,
        sponsor_id=body.sponsor_id,
        occasion=body.occasion,
        channels=tuple(sorted(body.channels)),
        language=body.language,
        made_by=door.person,
        happened_at=door.now,
    )
    return await door.execute(sponsor_news, stream(body.sponsor_id), command)


@routes.command(
    "POST",
    "/subscriptions/{subscription_id}/end",
    judges=None,
    may=signed_in("end-subscription"),
    refuses=[NotYours, SubscriptionNotMade],
)
async def end(subscription_id: UUID, door: Door) -> Accepted:
    """By the sponsor; or where it was asked for on paper, by a coordinator of that unit."""
    rows = await door.rows.where(subscriptions, subscription_id=subscription_id, limit=1)
    if not rows:
        raise SubscriptionNotMade
    sponsor_id, made_by = rows[0].sponsor_id, rows[0].made_by
    if made_by not in await looked_after(door, [made_by]):
        await check_own(door, sponsor_id)
    command = EndSubscription(
        subscription_id=subscription_id, ended_by=door.person, happened_at=door.now
    )
    return await door.execute(sponsor_news, stream(sponsor_id), command)


@routes.query("/subscriptions", may=signed_in("see-subscriptions"), refuses=[NotYours])
async def listed(sponsor_id: UUID, door: ListDoor) -> Page[Subscription]:
    """All of one's own; of another sponsor, those that were asked for where one coordinates."""
    await check_own_or_coordinator(door, sponsor_id)
    if await is_own(door, sponsor_id):
        return await door.page(subscriptions, _shown, sponsor_id=sponsor_id)
    of_the_sponsor = await all_rows(door.rows, subscriptions, sponsor_id=sponsor_id)
    here = await looked_after(door, {row.made_by for row in of_the_sponsor})
    return await door.page(subscriptions, _shown, sponsor_id=sponsor_id, made_by=sorted(here))


def _shown(row: SubscriptionRow) -> Subscription:
    return Subscription(
        subscription_id=row.subscription_id,
        occasion=row.occasion,
        channels=list(row.channels),
        language=row.language,
        ended=row.ended_at is not None,
    )
