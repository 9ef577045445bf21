"""Accounts: somebody as an OpenID Connect provider knows them, and which person that is here.

A provider says who has signed in, by any text that it likes; whom that stands for, keepers say, in
the registry. Every service follows it, as it follows roles.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import AccountLinked, AccountUnlinked
from edge.tokens import Identity, TokenVerifier
from edge.who_may_where import FRESH_FOR_S, PERSONS_REMEMBERED_MAX, Vouched
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded
from eventing.rows import Rows


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: as the provider knows them, and the person they stand for here.

    `person` is None for an account that nobody linked yet. `program` is the client they use.
    """

    person: UUID | None
    program: str
    identity: Identity

    @property
    def actor(self) -> UUID:
        """Under what records say who acted: the person, or an account that is nobody's yet."""
        return self.person or self.identity.account_id


WhoAsks = Callable[[Request], Awaitable[Principal | None]]
"""From a request to who asks; None when it does not say. Raises NotSignedIn."""


class AccountRow(Struct, frozen=True):
    """`position` is where the link stands in the registry's log."""

    account_id: UUID
    person_id: UUID
    unlinked: bool
    position: int


def _linked(of: Recorded[AccountLinked]) -> AccountRow:
    return AccountRow(of.event.account_id, of.event.person_id, unlinked=False, position=of.position)


accounts: ReadModel[UUID, AccountRow] = ReadModel(
    name="accounts",
    row=AccountRow,
    key=("account_id",),
    handlers=(
        begins(AccountLinked, _linked),
        on(AccountUnlinked, lambda row, _: replace(row, unlinked=True)),
    ),
)


class Accounts:
    """Whom an account stands for, at most a second old.

    A link counts when a checkpoint of the registry covers it, its end at once. `vouched` is None
    where the log is our own. Nobody is not remembered: a fresh link works at once.
    """

    def __init__(self, rows: Rows, vouched: Vouched | None = None) -> None:
        self._rows = rows
        self._vouched = vouched
        self._known: OrderedDict[UUID, tuple[float, UUID]] = OrderedDict()

    async def person_of(self, account_id: UUID, tick: float) -> UUID | None:
        """`tick` is a monotonic second."""
        until, person = self._known.get(account_id, (0.0, None))
        if tick < until:
            return person
        # Asked first: what is vouched for later may be of a row that is read before.
        vouched = None if self._vouched is None else await self._vouched()
        row = await self._rows.get(accounts, account_id)
        if row is None or row.unlinked or (vouched is not None and row.position > vouched):
            self._known.pop(account_id, None)
            return None
        self._known[account_id] = (tick + FRESH_FOR_S, row.person_id)
        self._known.move_to_end(account_id)
        if len(self._known) > PERSONS_REMEMBERED_MAX:
            self._known.popitem(last=False)
        return row.person_id


class KnownByAccount:
    """A `WhoAsks`: a token says which account, and the registry whom that stands for."""

    def __init__(self, verifier: TokenVerifier, known: Accounts) -> None:
        self._verifier = verifier
        self._known = known

    async def __call__(self, request: Request) -> Principal | None:
        authorization = request.headers.get("authorization")
        return None if authorization is None else await self.behind(authorization)

    async def behind(self, authorization: str) -> Principal:
        """Who shows this Authorization header. Raises NotSignedIn."""
        token = await self._verifier(authorization)
        person = await self._known.person_of(token.identity.account_id, time.monotonic())
        return Principal(person, token.program, token.identity)
