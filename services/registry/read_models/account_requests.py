"""Which accounts wait for a keeper, and what became of the others?"""

from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import AccountLinked, AccountProposed, AccountRefused, AccountUnlinked
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, keyed, on
from eventing.record import Recorded

AccountStatus = Literal["proposed", "refused", "linked", "unlinked"]


class AccountRequest(Struct, frozen=True):
    """`said` is None where nobody proposed it. Both sealed fields are under the account's key."""

    account_id: UUID
    status: AccountStatus
    person_id: UUID | None
    identity: Sealed
    said: Sealed | None


def _proposed(_: AccountRequest | None, key: UUID, of: Recorded[AccountProposed]) -> AccountRequest:
    return AccountRequest(key, "proposed", None, of.event.identity, of.event.said)


def _linked(row: AccountRequest | None, key: UUID, of: Recorded[AccountLinked]) -> AccountRequest:
    said = None if row is None else row.said
    return AccountRequest(key, "linked", of.event.person_id, of.event.identity, said)


def _refused(row: AccountRequest, _: Recorded[AccountRefused]) -> AccountRequest:
    return replace(row, status="refused")


def _unlinked(row: AccountRequest, _: Recorded[AccountUnlinked]) -> AccountRequest:
    return replace(row, status="unlinked", person_id=None)


account_requests: ReadModel[UUID, AccountRequest] = ReadModel(
    name="account_requests",
    row=AccountRequest,
    key=("account_id",),
    handlers=(
        keyed(AccountProposed, _proposed),
        keyed(AccountLinked, _linked),
        on(AccountRefused, _refused),
        on(AccountUnlinked, _unlinked),
    ),
    indexes=(("status",),),
)
