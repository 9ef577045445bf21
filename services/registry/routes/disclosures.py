"""Names shown to one person by a grant: given, taken back, and opened, each opening an event."""

from asyncio import gather
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from contracts.registry import DisclosureGround, DisclosurePurpose
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import NOW, Dated, Day
from edge.door import Accepted, CommandDoor, Door, ListDoor
from edge.listing import Page
from edge.permission import may, signed_in
from edge.routes import Routes
from services.registry.domain import person as persons
from services.registry.domain.child import ChildNotRegistered
from services.registry.domain.disclosure import (
    ConsentNeeded,
    DisclosureEndsBeforeItBegins,
    DisclosureExpired,
    DisclosureGrantedOtherwise,
    DisclosureNotGranted,
    DisclosureRevokedAlready,
    DisclosureToAProgram,
    DisclosureToOneself,
    GrantDisclosure,
    Granted,
    OnlyTheGranteeOpens,
    OpenNames,
    OwnConsentNeeded,
    RevokeDisclosure,
    disclosure,
    stream,
)
from services.registry.domain.household import HouseholdNotRegistered, HouseholdToBePlaced
from services.registry.domain.person import PersonNotRegistered
from services.registry.domain.unit import UnitNotEstablished
from services.registry.names import sort_key
from services.registry.opening import PROFILE, Erased, open_birth_date
from services.registry.read_models.disclosures import Disclosure, disclosures
from services.registry.routes.children import of_ones_unit
from services.registry.routes.seeing import child_of

CHILDREN_MAX = 200

routes = Routes(tag="disclosures")


def _once_each(child_ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """The same children are the same list, in whatever order they were named."""
    return tuple(sorted(set(child_ids)))


ChildIds = Annotated[
    tuple[UUID, ...], Field(min_length=1, max_length=CHILDREN_MAX), AfterValidator(_once_each)
]
PaperNumber = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-ZĐ./&-]*[0-9][0-9A-ZĐ./&-]*$", max_length=40)
]
"""A number, as "12/ĐY-2024" or "23/2012/QH13": no room for anybody's name."""


class DisclosureToGrant(Dated):
    """`valid_until` is the first day without it."""

    person_id: UUID
    child_ids: ChildIds
    purpose: DisclosurePurpose
    ground: DisclosureGround
    paper: PaperNumber
    valid_until: Day


class NameShown(BaseModel):
    """`name` null: erased."""

    child_id: UUID
    name: str | None


class NamesShown(Accepted):
    """In Vietnamese order. `names` null: the same opening again, later, or the grant is over."""

    names: list[NameShown] | None = None


class DisclosureShown(BaseModel):
    """Nothing here says who the children are."""

    grant_id: UUID
    person_id: UUID
    child_ids: list[UUID]
    purpose: DisclosurePurpose
    ground: DisclosureGround
    paper: str
    valid_until: date
    granted_by: UUID
    revoked: bool
    openings: int
    version: int

    @classmethod
    def of(cls, row: Disclosure) -> Self:
        return cls.model_validate(
            {name: getattr(row, name, None) for name in cls.model_fields}
            | {"revoked": row.revoked_at is not None}
        )


@routes.command(
    "PUT",
    "/disclosures/{grant_id}",
    may=may("grant-disclosure", "privacy-officer"),
    refuses=[
        PersonNotRegistered,
        ChildNotRegistered,
        HouseholdNotRegistered,
        HouseholdToBePlaced,
        UnitNotEstablished,
        Erased,
        DisclosureGrantedOtherwise,
        DisclosureToOneself,
        DisclosureToAProgram,
        DisclosureEndsBeforeItBegins,
        ConsentNeeded,
        OwnConsentNeeded,
    ],
)
async def grant(grant_id: UUID, body: DisclosureToGrant, door: Door) -> Accepted:
    """Each of the children belongs to a unit of the privacy officer who grants."""
    happened_at = door.happened(body.happened_at)
    grantee = await door.state(persons.person, persons.stream(body.person_id))
    if not isinstance(grantee, persons.Registered):
        raise PersonNotRegistered
    on = vietnamese_day(happened_at)
    # Together, so that streams and keys of two hundred children are body for in a few questions.
    born_on = await gather(*(_born_on(child_id, door, on) for child_id in body.child_ids))
    command = GrantDisclosure(
        grant_id=grant_id,
        grantee=grantee.fact,
        child_ids=body.child_ids,
        oldest_born_on=min(born_on),
        purpose=body.purpose,
        ground=body.ground,
        paper=body.paper,
        valid_until=body.valid_until,
        granted_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(disclosure, stream(grant_id), command)


async def _born_on(child_id: UUID, door: CommandDoor, on: date) -> date:
    found, _ = await of_ones_unit(child_id, door, on)
    birth_date = await open_birth_date(door, child_id, found.now.birth_date)
    if birth_date is None:
        raise Erased
    # As old as it may be: where seven depends on the day, its own consent is asked for.
    return birth_date.earliest


@routes.command(
    "POST",
    "/disclosures/{grant_id}/revocation",
    judges=None,
    may=may("revoke-disclosure", "privacy-officer", anywhere=True),
    refuses=[DisclosureNotGranted],
)
async def revoke(grant_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    """By any privacy officer: a consent that was withdrawn waits for nobody."""
    command = RevokeDisclosure(revoked_by=door.person, happened_at=door.happened(body.happened_at))
    return await door.execute(disclosure, stream(grant_id), command)


@routes.command(
    "POST",
    "/disclosures/{grant_id}/openings",
    judges=None,
    may=signed_in("open-names"),
    refuses=[
        DisclosureNotGranted,
        OnlyTheGranteeOpens,
        DisclosureExpired,
        DisclosureRevokedAlready,
    ],
)
async def open_names(grant_id: UUID, door: Door) -> NamesShown:
    """First the event is in the log, then the names are opened: none is seen without it."""
    command = OpenNames(opened_by=door.person, happened_at=door.now)
    accepted = await door.execute(disclosure, stream(grant_id), command)
    granted = await door.state(disclosure, stream(grant_id))
    # The same key again is answered without a decision, so what still holds is asked here.
    if not isinstance(granted, Granted) or not granted.shows(door.now):
        return NamesShown(positions=accepted.positions)
    names = await gather(*(_name(child_id, door) for child_id in granted.fact.child_ids))
    names.sort(key=lambda shown: (sort_key(shown.name or ""), shown.child_id))
    return NamesShown(positions=accepted.positions, names=names)


async def _name(child_id: UUID, door: CommandDoor) -> NameShown:
    found = await child_of(door, child_id)
    name = await door.open(child_id, PROFILE, "name", found.now.name)
    return NameShown(child_id=child_id, name=name)


@routes.query(
    "/disclosures", may=may("see-disclosures", "privacy-officer", "auditor", anywhere=True)
)
async def listed(door: ListDoor, person_id: UUID | None = None) -> Page[DisclosureShown]:
    """Who may see whose names, or those that one person may see; pseudonyms alone."""
    wanted = {} if person_id is None else {"person_id": person_id}
    return await door.page(disclosures, DisclosureShown.of, **wanted)


@routes.query("/disclosures/own", may=signed_in("see-own-disclosures"))
async def own(door: ListDoor) -> Page[DisclosureShown]:
    """What was disclosed to the person who asks: the ids to open, not yet the names."""
    return await door.page(disclosures, DisclosureShown.of, person_id=door.person)
