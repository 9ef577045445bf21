"""Sponsors: who gives, how they are reached, and what they gave."""

from uuid import UUID

from pydantic import BaseModel

from contracts.donations import SponsorKind
from contracts.languages import Language
from edge.bodies import Dated, Email, Text
from edge.door import Accepted, Door, ReadDoor
from edge.permission import may, signed_in
from edge.refusals import NotAllowed
from edge.routes import Routes
from eventing.all_rows import all_rows
from services.donations.domain.sponsor import (
    IndividualIsNotNamed,
    RegisterSponsor,
    SponsorNotRegistered,
    SponsorRegisteredOtherwise,
    sponsor,
    stream,
)
from services.donations.read_models.contributions import contributions
from services.donations.read_models.pledges import pledges
from services.donations.read_models.sponsors import sponsors
from services.donations.routes.shown import CODE, RECEIPT, Gift, Promise

CONTACT = "contact"
"""The purpose under which a sponsor's name and address are sealed."""


routes = Routes(tag="sponsors")


class SponsorToRegister(Dated):
    """`public_name` is for organisations alone; an individual's name is sealed, always."""

    person_id: UUID | None = None
    kind: SponsorKind
    public_name: Text | None = None
    name: Text
    email: Email | None = None
    language: Language = "vi"
    illustrative: bool = False


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
async def register(sponsor_id: UUID, asked: SponsorToRegister, door: Door) -> Accepted:
    email = asked.email and await door.seal(sponsor_id, CONTACT, "email", asked.email)
    command = RegisterSponsor(
        sponsor_id=sponsor_id,
        person_id=asked.person_id,
        kind=asked.kind,
        public_name=asked.public_name,
        name=await door.seal(sponsor_id, CONTACT, "name", asked.name),
        email=email or None,
        language=asked.language,
        illustrative=asked.illustrative,
        registered_by=door.person,
        happened_at=door.happened(asked.happened_at),
    )
    return await door.execute(sponsor, stream(sponsor_id), command)


@routes.query(
    "/sponsors/{sponsor_id}/contact",
    may=may("read-sponsor-contact", "contact-reader", anywhere=True),
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
    "/sponsors/{sponsor_id}/gifts", may=signed_in("follow-own-gifts"), refuses=[NotAllowed]
)
async def gifts(sponsor_id: UUID, door: ReadDoor) -> Gifts:
    """Their own, or anyone's for a coordinator: then without the codes of receipts."""
    await door.fresh(sponsors)
    row = await door.rows.get(sponsors, sponsor_id)
    own = row is not None and row.person_id == door.person
    if not own and not await door.holds("coordinator"):
        raise NotAllowed(door.may.name)
    await door.fresh(pledges)
    await door.fresh(contributions)
    promised = await all_rows(door.rows, pledges, sponsor_id=sponsor_id)
    given = await all_rows(door.rows, contributions, sponsor_id=sponsor_id)
    shown = [Gift.of(one) for one in given]
    if own:
        for gift, one in zip(shown, given, strict=True):
            if gift.receipt is not None and one.receipt_code is not None:
                gift.receipt_code = await door.open(sponsor_id, RECEIPT, CODE, one.receipt_code)
    return Gifts(pledges=[Promise.of(one) for one in promised], contributions=shown)
