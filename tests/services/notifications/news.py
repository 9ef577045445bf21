"""A sponsor in a commune who asked to be told, and a delivery that brought their gifts."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec

from contracts.allocation import GiftArrived, GiftsArrived
from contracts.donations import SponsorRegistered
from contracts.sealed import Sealed
from eventing.decider import CommandFor
from eventing.event_store import Key
from eventing.execute import CommandContext
from eventing.ids import beside, mark
from eventing.reactions import given_off
from eventing.record import Recorded, Why
from services.notifications.app import make_app
from services.notifications.domain.sponsor_news import TellOfArrivals, sponsor_news, stream
from services.notifications.reactions import REACTIONS, next_morning
from tests.support.house import MONDAY, HouseForTests, happened

SPONSOR, OTHER_SPONSOR, PERSON, OTHER_PERSON, COORDINATOR, COMMUNE, CITY, PROGRAMME = (
    UUID(int=n) for n in range(101, 109)
)
DELIVERY, JACKETS, BOOKS, SUBSCRIPTION = (UUID(int=n) for n in range(201, 205))
CAUSE = UUID(int=320)
NEWS = beside(CAUSE, mark(b"news", CAUSE.bytes, SPONSOR.bytes))
MESSAGE = beside(NEWS, mark(b"message", NEWS.bytes))
SEALED = Sealed(UUID(int=1), "c2VhbGVk")
GIFT_DAY = date(2024, 12, 1)


def registered(sponsor_id: UUID, person_id: UUID) -> SponsorRegistered:
    return SponsorRegistered(
        sponsor_id=sponsor_id,
        person_id=person_id,
        kind="individual",
        public_name=None,
        name=SEALED,
        email=SEALED,
        illustrative=True,
        registered_by=COORDINATOR,
        happened_at=MONDAY,
    )


def arrived(delivery: UUID = DELIVERY, *, jackets: int = 12, books: int = 3) -> GiftsArrived:
    return GiftsArrived(
        delivery_id=delivery,
        programme_id=PROGRAMME,
        unit_id=COMMUNE,
        line_ids=(UUID(int=501), UUID(int=502)),
        gifts=(
            GiftArrived(
                contribution_id=JACKETS,
                sponsor_id=SPONSOR,
                category="warm-clothes",
                quantity=jackets,
                measure="piece",
                children=jackets,
            ),
            GiftArrived(
                contribution_id=BOOKS,
                sponsor_id=SPONSOR,
                category="school-supplies",
                quantity=books,
                measure="set",
                children=books,
            ),
        ),
        happened_at=MONDAY,
    )


def a_house() -> HouseForTests:
    """Notifications, which knows a city, its commune, two sponsors and a coordinator."""
    house = HouseForTests("notifications", make_app)
    house.unit(CITY, name="Hà Nội")
    house.unit(COMMUNE, parent=CITY)
    house.grant(COORDINATOR, "coordinator", CITY)
    sponsors = (registered(SPONSOR, PERSON), registered(OTHER_SPONSOR, OTHER_PERSON))
    house.rows.feed(happened(*sponsors, service="donations"))
    return house


def subscribe(house: HouseForTests, *, by: UUID = PERSON, **body: Any) -> Any:
    asked = {"sponsor_id": str(SPONSOR), "channels": ["inbox", "email"], "language": "vi"} | body
    return house.call("PUT", f"/subscriptions/{SUBSCRIPTION}", asked, by=by)


async def react(house: HouseForTests, event: object) -> None:
    """What notifications does about an event until the next morning, as its runners do it."""
    morning = next_morning(recorded(event).recorded_at)
    tell = TellOfArrivals(sponsor_id=SPONSOR, tell_at=morning, happened_at=MONDAY)
    commands = [give for _, give in given_off(REACTIONS, recorded(event))]
    for give in (*commands, CommandFor(sponsor_news, stream(SPONSOR), tell)):
        asked = CommandContext(Key(PERSON, uuid4(), b""), Why(actor=PERSON, causation=CAUSE))
        await house.executor.execute(give.decider, give.stream, give.command, asked)


def react_now(house: HouseForTests, event: object) -> None:
    asyncio.run(react(house, event))


def recorded(event: object) -> Recorded:
    (found,) = happened(event, service="allocation")
    return msgspec.structs.replace(found, event_id=CAUSE)
