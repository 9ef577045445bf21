"""Direct gifts: handed over by the sponsor himself, recorded with minutes, ratified by another."""

from typing import Annotated, Any
from uuid import UUID

from edge.bodies import FLAG_IN_ADDRESS, NOW, Dated, LongText, Quantity
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.routes import Routes
from services.allocation.domain.direct_gift import (
    DirectGiftNotRecorded,
    DirectGiftRatifiedOtherwise,
    DirectGiftRecordedOtherwise,
    InvolvedCannotRatify,
    InvolvedCannotRecord,
    NotRecorded,
    RatifyDirectGift,
    RecordDirectGift,
    direct_gift,
    stream,
)
from services.allocation.domain.need_cover import (
    NeedCoveredAlready,
    NeedCoveredOtherwise,
    NeedIsWithdrawn,
    NeedNotOpen,
)
from services.allocation.read_models.direct_gifts import direct_gifts
from services.allocation.read_models.open_needs import open_needs
from services.allocation.routes.shown import DirectGiftListed, DirectGiftShown

PURPOSE = "direct-gift"

routes = Routes(tag="direct gifts")


class DirectGiftToRecord(Dated):
    sponsor_id: UUID
    need_id: UUID
    quantity: Quantity
    minutes: LongText


@routes.command(
    "PUT",
    "/direct-gifts/{direct_gift_id}",
    may=may("record-direct-gift", "commune-officer", "coordinator"),
    refuses=[
        DirectGiftRecordedOtherwise,
        InvolvedCannotRecord,
        NeedNotOpen,
        NeedCoveredAlready,
        NeedCoveredOtherwise,
        NeedIsWithdrawn,
    ],
)
async def record(direct_gift_id: UUID, asked: DirectGiftToRecord, door: Door) -> Accepted:
    need = await door.rows.get(open_needs, asked.need_id)
    if need is None:
        raise NeedNotOpen
    await door.within(need.unit_id)
    command = RecordDirectGift(
        direct_gift_id=direct_gift_id,
        programme_id=need.programme_id,
        sponsor_id=asked.sponsor_id,
        need_id=need.need_id,
        child_id=need.child_id,
        unit_id=need.unit_id,
        category=need.category,
        quantity=asked.quantity,
        measure=need.measure,
        minutes=await door.seal(need.child_id, PURPOSE, "minutes", asked.minutes),
        need_registered_by=need.registered_by,
        need_recorded_by=need.recorded_by,
        need_verified_by=need.verified_by,
        recorded_by=door.person,
        happened_at=door.happened(asked.happened_at),
    )
    return await door.execute(direct_gift, stream(direct_gift_id), command)


@routes.command(
    "POST",
    "/direct-gifts/{direct_gift_id}/ratification",
    may=may("ratify-direct-gift", "approver"),
    refuses=[DirectGiftNotRecorded, DirectGiftRatifiedOtherwise, InvolvedCannotRatify],
)
async def ratify(direct_gift_id: UUID, door: Door, asked: Dated = NOW) -> Accepted:
    state = await door.state(direct_gift, stream(direct_gift_id))
    if isinstance(state, NotRecorded):
        raise DirectGiftNotRecorded
    await door.within(state.gift.unit_id)
    command = RatifyDirectGift(
        ratified_by=door.person, happened_at=door.happened(asked.happened_at)
    )
    return await door.execute(direct_gift, stream(direct_gift_id), command)


@routes.query(
    "/direct-gifts",
    may=may("see-direct-gifts", "coordinator", "commune-officer", "approver", "auditor"),
)
async def listed(
    door: ListDoor, *, ratified: Annotated[bool | None, FLAG_IN_ADDRESS] = None
) -> Page[DirectGiftListed]:
    wanted: dict[str, Any] = {} if ratified is None else {"ratified": ratified}
    wanted["unit_id"] = sorted(await door.area())
    return await door.page(direct_gifts, DirectGiftListed.of, **wanted)


@routes.query(
    "/direct-gifts/{direct_gift_id}",
    may=may("read-direct-gift-minutes", "commune-officer", "approver"),
    refuses=[DirectGiftNotRecorded],
)
async def see(direct_gift_id: UUID, door: ReadDoor) -> DirectGiftShown:
    """With its minutes, opened for whoever ratifies them or works in the unit."""
    await door.fresh(direct_gifts)
    row = await door.rows.get(direct_gifts, direct_gift_id)
    if row is None:
        raise DirectGiftNotRecorded
    await door.within(row.unit_id)
    minutes = await door.open(row.child_id, PURPOSE, "minutes", row.minutes)
    return DirectGiftShown(**DirectGiftListed.of(row).model_dump(), minutes=minutes)
