"""Accounts: proposed by whoever signs in, linked to a person by a keeper, never by oneself."""

from uuid import UUID

from pydantic import BaseModel

from contracts.vietnamese_day import vietnamese_day
from edge.bodies import NOW, Dated, Strict, Text
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may, newcomer
from edge.refusals import OutsideYourUnit
from edge.routes import Routes
from edge.tokens import Identity
from eventing.decider import Rejection
from services.registry.domain.account import (
    AccountIsNobodys,
    AccountLinkedAlready,
    AccountNotProposed,
    LinkAccount,
    Linked,
    ProposeAccount,
    RefuseAccount,
    UnlinkAccount,
    account,
    stream,
)
from services.registry.domain.person import (
    GaveTheRoles,
    HasAnotherAccount,
    OwnAccount,
    PersonNotRegistered,
    Registered,
    TookTheSignIn,
    person,
)
from services.registry.domain.person import stream as person_stream
from services.registry.opening import ACCOUNT
from services.registry.read_models.account_requests import (
    AccountRequest,
    AccountStatus,
    account_requests,
)
from services.registry.routes.seeing import kept

KEEPER = "organisation-keeper"

routes = Routes(tag="accounts")


class AccountIsAnother(Rejection):
    code = "account-is-another"
    vi = "Mã tài khoản này không phải của nơi cấp và mã người dùng đã nêu."
    en = "This account id is not that of the issuer and subject given."


class AccountToPropose(Dated):
    """`name`: who they say they are, for the keeper who knows them."""

    name: Text


class IdentityToLink(Strict):
    """As the provider's tokens have them: `iss` and `sub`."""

    issuer: Text
    subject: Text


class AccountToLink(Dated):
    """`identity`: for an account that nobody proposed, such as a program's."""

    person_id: UUID
    identity: IdentityToLink | None = None


class OwnAccountShown(BaseModel):
    """`person_id`: whom it stands for, once a keeper has linked it."""

    account_id: UUID
    person_id: UUID | None


class AccountShown(BaseModel):
    """`said`: who they say they are; None: nobody said, or it was erased."""

    account_id: UUID
    status: AccountStatus
    person_id: UUID | None
    issuer: str | None
    subject: str | None
    said: str | None


@routes.command("PUT", "/accounts/mine", may=newcomer("propose-account"))
async def propose(body: AccountToPropose, door: Door) -> Accepted:
    identity = door.identity
    account_id = identity.account_id
    command = ProposeAccount(
        account_id=account_id,
        identity=await door.seal(account_id, ACCOUNT, "identity", identity.text),
        said=await door.seal(account_id, ACCOUNT, "said", body.name),
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(account, stream(account_id), command)


@routes.query("/accounts/mine", may=newcomer("see-own-account"), waits=False)
async def mine(door: ReadDoor) -> OwnAccountShown:
    """Under which account I sign in, and who I am here."""
    assert door.principal is not None, "the entry asks for somebody who is signed in"
    return OwnAccountShown(account_id=door.identity.account_id, person_id=door.principal.person)


@routes.query("/accounts", may=may("list-accounts", KEEPER, anywhere=True, opens="link-accounts"))
async def listed(door: ListDoor, status: AccountStatus = "proposed") -> Page[AccountShown]:
    """Accounts by what became of them; those first that wait for a keeper."""
    found = await door.page(account_requests, lambda row: row, status=status)
    shown = {row.account_id: await _shown(door, row) for row in found.items}
    return found.of(lambda row: shown[row.account_id])


@routes.command(
    "POST",
    "/accounts/{account_id}/acceptance",
    may=may("link-account", KEEPER, anywhere=True),
    judges=None,
    refuses=[
        AccountIsAnother,
        AccountLinkedAlready,
        AccountNotProposed,
        GaveTheRoles,
        HasAnotherAccount,
        OutsideYourUnit,
        OwnAccount,
        PersonNotRegistered,
        TookTheSignIn,
    ],
)
async def link(account_id: UUID, body: AccountToLink, door: Door) -> Accepted:
    """By a keeper of each unit in which the person holds a role: who signs in has them all."""
    await see_that_roles_are_kept(body.person_id, door)
    sealed = None
    if body.identity is not None:
        identity = Identity(body.identity.issuer, body.identity.subject)
        if identity.account_id != account_id:
            raise AccountIsAnother
        sealed = await door.seal(account_id, ACCOUNT, "identity", identity.text)
    command = LinkAccount(
        account_id=account_id,
        person_id=body.person_id,
        identity=sealed,
        linked_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(account, stream(account_id), command)


@routes.command(
    "POST",
    "/accounts/{account_id}/refusal",
    may=may("refuse-account", KEEPER, anywhere=True),
    judges=None,
    refuses=[AccountNotProposed, AccountLinkedAlready],
)
async def refuse(account_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    command = RefuseAccount(
        account_id=account_id,
        refused_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(account, stream(account_id), command)


@routes.command(
    "POST",
    "/accounts/{account_id}/unlinking",
    may=may("unlink-account", KEEPER, anywhere=True),
    judges=None,
    refuses=[AccountIsNobodys, OutsideYourUnit],
)
async def unlink(account_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    """By whoever may link it."""
    state = await door.state(account, stream(account_id))
    if isinstance(state, Linked):
        await see_that_roles_are_kept(state.fact.person_id, door)
    command = UnlinkAccount(
        account_id=account_id,
        unlinked_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(account, stream(account_id), command)


async def see_that_roles_are_kept(person_id: UUID, door: Door) -> None:
    """Those that count today or later. Raises OutsideYourUnit."""
    state = await door.state(person, person_stream(person_id))
    if isinstance(state, Registered):
        for unit_id in sorted(state.works_in(vietnamese_day(door.now))):
            await kept(door, unit_id)


async def _shown(door: ReadDoor, row: AccountRequest) -> AccountShown:
    identity = await door.open(row.account_id, ACCOUNT, "identity", row.identity)
    said = None
    if row.said is not None:
        said = await door.open(row.account_id, ACCOUNT, "said", row.said)
    known = None if identity is None else Identity.read(identity)
    return AccountShown(
        account_id=row.account_id,
        status=row.status,
        person_id=row.person_id,
        issuer=None if known is None else known.issuer,
        subject=None if known is None else known.subject,
        said=said,
    )
