"""Sponsors: who gives, how they are reached, and what they gave."""

from typing import Annotated, Any, Self, cast
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from contracts.donations import SponsorKind
from contracts.languages import Language
from edge.bodies import NOW, Dated, Email, Text
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.openings import NOBODYS
from edge.permission import anyone, may, signed_in
from edge.refusals import NotAllowed
from edge.routes import Routes
from eventing.all_rows import all_rows
from services.donations.domain.sponsor import (
    AgreeToPublicity,
    IndividualIsNotNamed,
    OnlyIndividualsAgree,
    RegisterSponsor,
    SponsorNotRegistered,
    SponsorRegisteredOtherwise,
    WithdrawPublicity,
    sponsor,
    stream,
)
from services.donations.read_models.contributions import contributions
from services.donations.read_models.pledges import pledges
from services.donations.read_models.sponsors import Sponsor, sponsors
from services.donations.routes.keeping import campaigns_of, funds_of
from services.donations.routes.shown import CODE, RECEIPT, Gift, Promise

CONTACT = "contact"
"""The purpose under which a sponsor's name and address are sealed."""
PUBLICITY = "publicity"
"""The one under which the name is sealed by which an individual agreed to be named."""
NAMES_MAX = 100


routes = Routes(tag="sponsors")


class SponsorToRegister(Dated):
    """`public_name` is for organisations alone; an individual's name is sealed, always.

    `address` is the one that receipts name (Accounting Law art. 16), sealed too.
    """

    person_id: UUID | None = None
    kind: SponsorKind
    public_name: Text | None = None
    name: Text
    address: Text | None = None
    email: Email | None = None
    language: Language = "vi"
    illustrative: bool = False


class NameToPublish(Dated):
    public_name: Text


class PublicName(BaseModel):
    sponsor_id: UUID
    public_name: str


class PublicNames(BaseModel):
    """Of those who are not named nothing is said."""

    items: list[PublicName]


class SponsorShown(BaseModel):
    """Without name and address, which are sealed. `is_named`: by some name, in public.

    `version` is the stream's, as `If-Match` takes it.
    """

    sponsor_id: UUID
    person_id: UUID | None
    kind: SponsorKind
    is_named: bool
    language: Language
    illustrative: bool
    version: int

    @classmethod
    def of(cls, row: Sponsor) -> Self:
        return cls(
            sponsor_id=row.sponsor_id,
            person_id=row.person_id,
            kind=row.kind,
            is_named=row.public_name is not None or row.agreed_name is not None,
            language=cast("Language", row.language),
            illustrative=row.illustrative,
            version=row.version,
        )


class Contact(BaseModel):
    """Null where there is none, or where the person was erased."""

    name: str | None
    email: str | None
    language: Language


class Gifts(BaseModel):
    pledges: list[Promise]
    contributions: list[Gift]


@routes.command(
    "PUT",
    "/sponsors/{sponsor_id}",
    may=may("register-sponsor", "coordinator", anywhere=True),
    refuses=[SponsorRegisteredOtherwise, IndividualIsNotNamed],
)
async def register(sponsor_id: UUID, body: SponsorToRegister, door: Door) -> Accepted:
    email = body.email and await door.seal(sponsor_id, CONTACT, "email", body.email)
    address = body.address and await door.seal(sponsor_id, CONTACT, "address", body.address)
    command = RegisterSponsor(
        sponsor_id=sponsor_id,
        person_id=body.person_id,
        kind=body.kind,
        public_name=body.public_name,
        name=await door.seal(sponsor_id, CONTACT, "name", body.name),
        address=address or None,
        email=email or None,
        language=body.language,
        illustrative=body.illustrative,
        registered_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(sponsor, stream(sponsor_id), command)


async def is_own(sponsor_id: UUID, door: Door | ReadDoor) -> bool:
    """False: a coordinator's business. Raises NotAllowed: neither."""
    row = await door.rows.get(sponsors, sponsor_id)
    own = row is not None and row.person_id == door.person
    if not own and not await door.holds("coordinator"):
        raise NotAllowed(door.may.name)
    return own


@routes.query("/sponsors/own", may=signed_in("see-own-sponsors"))
async def own(door: ListDoor) -> Page[SponsorShown]:
    """As which givers the person who asks is registered: as none, mostly."""
    return await door.page(sponsors, SponsorShown.of, person_id=door.person)


@routes.query(
    "/sponsors/{sponsor_id}", may=signed_in("see-sponsor"), refuses=[SponsorNotRegistered]
)
async def see(sponsor_id: UUID, door: ReadDoor) -> SponsorShown:
    """Whoever gives sees themselves; of others only a coordinator or who checks learns at all."""
    await door.fresh(sponsors)
    row = await door.rows.get(sponsors, sponsor_id)
    own = row is not None and row.person_id == door.person
    if row is None or not (own or await door.holds("coordinator", "auditor", "inspector")):
        raise SponsorNotRegistered
    door.version(row.version)
    return SponsorShown.of(row)


@routes.command(
    "PUT",
    "/sponsors/{sponsor_id}/public-name",
    may=signed_in("agree-to-be-named"),
    judges="/sponsors/{sponsor_id}",
    refuses=[NotAllowed, SponsorNotRegistered, OnlyIndividualsAgree],
)
async def agree(sponsor_id: UUID, body: NameToPublish, door: Door) -> Accepted:
    """An individual agrees to be named so, or a coordinator records it for them."""
    await is_own(sponsor_id, door)
    command = AgreeToPublicity(
        public_name=await door.seal(sponsor_id, PUBLICITY, "public_name", body.public_name),
        recorded_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(sponsor, stream(sponsor_id), command)


@routes.command(
    "POST",
    "/sponsors/{sponsor_id}/public-name/withdrawal",
    may=signed_in("withdraw-public-name"),
    judges=None,
    refuses=[NotAllowed, SponsorNotRegistered, OnlyIndividualsAgree],
)
async def withdraw(sponsor_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    """At once, whatever was read before: nobody is told the name any more."""
    await is_own(sponsor_id, door)
    command = WithdrawPublicity(
        recorded_by=door.person, happened_at=door.happened(body.happened_at)
    )
    return await door.execute(sponsor, stream(sponsor_id), command)


@routes.query("/public-names", may=anyone("see-public-names", opens=NOBODYS))
async def public_names(
    sponsor_id: Annotated[list[UUID], Query(min_length=1, max_length=NAMES_MAX)], door: ReadDoor
) -> PublicNames:
    """By which names these sponsors may be told in public, as it holds now. Nobody keeps them."""
    await door.fresh(sponsors)
    door.answer.headers["Cache-Control"] = "no-store"
    rows = await door.rows.where(sponsors, sponsor_id=sorted(set(sponsor_id)), limit=NAMES_MAX)
    named = [(row.sponsor_id, await public_name_of(row, door)) for row in rows]
    return PublicNames(
        items=[PublicName(sponsor_id=id_, public_name=name) for id_, name in named if name]
    )


async def public_name_of(row: Sponsor, door: ReadDoor) -> str | None:
    """None: not named, or erased."""
    if row.public_name is not None or row.agreed_name is None:
        return row.public_name
    return await door.open(row.sponsor_id, PUBLICITY, "public_name", row.agreed_name)


@routes.query(
    "/sponsors/{sponsor_id}/contact",
    may=may("read-sponsor-contact", "contact-reader", anywhere=True, opens="reach-sponsor"),
    refuses=[SponsorNotRegistered],
)
async def contact(sponsor_id: UUID, door: ReadDoor) -> Contact:
    await door.fresh(sponsors)
    row = await door.rows.get(sponsors, sponsor_id)
    if row is None:
        raise SponsorNotRegistered
    return Contact(
        name=await door.open(sponsor_id, CONTACT, "name", row.name),
        email=row.email and await door.open(sponsor_id, CONTACT, "email", row.email),
        language=row.language,
    )


@routes.query(
    "/sponsors/{sponsor_id}/gifts",
    may=signed_in("follow-own-gifts", opens="follow-own-gifts"),
    refuses=[NotAllowed],
)
async def gifts(sponsor_id: UUID, door: ReadDoor) -> Gifts:
    """Their own; or anyone's, to funds that are kept where one coordinates, without codes."""
    await door.fresh(sponsors)
    own = await is_own(sponsor_id, door)
    await door.fresh(pledges)
    await door.fresh(contributions)
    to_campaigns: dict[str, Any] = {}
    to_funds: dict[str, Any] = {}
    if not own:
        funds = await funds_of(await door.area_of("coordinator"), door)
        to_funds = {"fund_id": funds}
        to_campaigns = {"campaign_id": await campaigns_of(funds, door)}
    promised = await all_rows(door.rows, pledges, sponsor_id=sponsor_id, **to_campaigns)
    given = await all_rows(door.rows, contributions, sponsor_id=sponsor_id, **to_funds)
    shown = [Gift.of(one) for one in given]
    if own:
        for gift, one in zip(shown, given, strict=True):
            if gift.receipt is not None and one.receipt_code is not None:
                gift.receipt_code = await door.open(sponsor_id, RECEIPT, CODE, one.receipt_code)
    return Gifts(pledges=[Promise.of(one) for one in promised], contributions=shown)
