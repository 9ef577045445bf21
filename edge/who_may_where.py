"""Who may do what where: the registry's role grants and units, followed by every service."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import (
    RoleGranted,
    RolePassed,
    RoleRevoked,
    UnitEstablished,
    UnitFigureDeclared,
    UnitSucceeded,
)
from contracts.vietnamese_day import vietnamese_day
from eventing.all_rows import all_rows
from eventing.read_model import ReadModel, at_version, begins, keyed, on
from eventing.record import Recorded
from eventing.rows import Rows

FRESH_FOR_S = 1.0
PERSONS_REMEMBERED_MAX = 10_000


class RoleHeld(Struct, frozen=True):
    grant_id: UUID
    person_id: UUID
    role: str
    unit_id: UUID
    valid_from: date
    valid_until: date | None
    revoked: bool
    position: int
    """Where it stands in the registry's log that the role is held there."""


def _granted(of: Recorded[RoleGranted]) -> RoleHeld:
    granted = of.event
    return RoleHeld(
        granted.grant_id,
        granted.person_id,
        granted.role,
        granted.unit_id,
        granted.valid_from,
        granted.valid_until,
        revoked=False,
        position=of.position,
    )


def _passed(row: RoleHeld, of: Recorded[RolePassed]) -> RoleHeld:
    return replace(row, unit_id=of.event.unit_id, position=of.position)


roles_held: ReadModel[tuple[UUID, UUID], RoleHeld] = ReadModel(
    name="roles_held",
    row=RoleHeld,
    # By the person first: the same grant id said of somebody else is another grant.
    key=("person_id", "grant_id"),
    handlers=(
        begins(RoleGranted, _granted),
        on(RoleRevoked, lambda row, _: replace(row, revoked=True)),
        on(RolePassed, _passed),
    ),
    version=3,
)


class UnitRow(Struct, frozen=True):
    """`children` is the unit's own declared total, the newest by the day that it is of.

    `former_ids` are those whose land it took over, in the order in which that was recorded.
    `version` is that of the stream.
    """

    unit_id: UUID
    code: str
    name: str
    kind: str
    parent_id: UUID | None
    district_name: str | None
    priority: bool
    valid_from: date
    ended_on: date | None
    successor_ids: tuple[UUID, ...]
    children: int | None
    children_as_of: date | None
    version: int
    former_ids: tuple[UUID, ...] = ()


def _established(of: Recorded[UnitEstablished]) -> UnitRow:
    unit = of.event
    return UnitRow(
        unit.unit_id,
        unit.code,
        unit.name,
        unit.kind,
        unit.parent_id,
        unit.district_name,
        unit.priority,
        unit.valid_from,
        None,
        (),
        None,
        None,
        of.version,
    )


def _succeeded(row: UnitRow | None, unit_id: UUID, of: Recorded[UnitSucceeded]) -> UnitRow | None:
    """A change of two kinds of rows: of the unit's own, and of those of its successors."""
    succession = of.event
    if row is None:
        return None
    if unit_id != succession.unit_id:
        return replace(row, former_ids=(*row.former_ids, succession.unit_id))
    return replace(
        row,
        ended_on=succession.ended_on,
        successor_ids=succession.successor_ids,
        version=of.version,
    )


def _unit_and_successors(of: Recorded[UnitSucceeded]) -> tuple[UUID, ...]:
    return of.event.unit_id, *of.event.successor_ids


def _declared(row: UnitRow, of: Recorded[UnitFigureDeclared]) -> UnitRow:
    declared = of.event
    if row.children_as_of is not None and declared.as_of < row.children_as_of:
        return row
    return replace(row, children=declared.children, children_as_of=declared.as_of)


units: ReadModel[UUID, UnitRow] = ReadModel(
    name="units",
    version=4,
    row=UnitRow,
    key=("unit_id",),
    handlers=(
        begins(UnitEstablished, _established),
        keyed(UnitSucceeded, _succeeded, keys=_unit_and_successors),
        on(UnitFigureDeclared, at_version(_declared)),
    ),
)


def areas(rows: Mapping[UUID, UnitRow], on: date) -> dict[UUID, frozenset[UUID]]:
    """For each unit: itself, all below it, and those it alone succeeded, with all below them.

    A succession counts from its day on. A unit with several successors belongs to none of them:
    each household there must be placed.
    """
    under: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in rows.values():
        if row.parent_id is not None:
            under[row.parent_id].add(row.unit_id)
        if len(row.successor_ids) == 1 and row.ended_on is not None and row.ended_on <= on:
            under[row.successor_ids[0]].add(row.unit_id)
    area: dict[UUID, frozenset[UUID]] = {}
    for unit in rows:
        seen, waiting = {unit}, [unit]
        while waiting:
            new = under[waiting.pop()] - seen
            seen |= new
            waiting += new
        area[unit] = frozenset(seen)
    return area


Vouched = Callable[[], Awaitable[int]]
"""How far the registry's log is vouched for."""


class Directory:
    """Answers who may where from the two read models, at most a second old.

    A grant counts when a checkpoint of the registry covers it, a revocation at once. `vouched` is
    None where the log is our own.

    What is found is remembered for that second; what is not found is looked up again, so that a
    fresh grant works at once and a revoked one ends within the second. Of those who ask for one
    person at once, when the second is over, one looks and all are told.
    """

    def __init__(self, rows: Rows, vouched: Vouched | None = None) -> None:
        self._rows = rows
        self._vouched = vouched
        self._areas: dict[UUID, frozenset[UUID]] = {}
        self._areas_on = date.min
        self._areas_until = 0.0
        self._held: OrderedDict[UUID, tuple[float, tuple[RoleHeld, ...]]] = OrderedDict()
        self._looking: dict[UUID, asyncio.Task[tuple[RoleHeld, ...]]] = {}

    async def held(
        self, person: UUID, roles: frozenset[str], now: datetime, tick: float
    ) -> list[UUID]:
        """The units in which the person holds one of the roles; `tick` is a monotonic second."""
        until, grants = self._held.get(person, (0.0, ()))
        found = _in_force(grants, roles, now) if tick < until else []
        if not found and (looking := self._looking.get(person)) is not None:
            found = _in_force(await asyncio.shield(looking), roles, now)
        if not found:
            # A look that began before this one was asked for may have missed a fresh grant.
            found = _in_force(await self._look(person, tick), roles, now)
        return found

    async def _look(self, person: UUID, tick: float) -> tuple[RoleHeld, ...]:
        looking = asyncio.ensure_future(self._grants_of(person, tick))
        self._looking[person] = looking
        try:
            return await asyncio.shield(looking)
        finally:
            if self._looking.get(person) is looking:
                del self._looking[person]

    async def _grants_of(self, person: UUID, tick: float) -> tuple[RoleHeld, ...]:
        # Asked first: what is vouched for later may be of rows that are read before.
        vouched = None if self._vouched is None else await self._vouched()
        grants = tuple(
            grant
            for grant in await all_rows(self._rows, roles_held, person_id=person)
            if vouched is None or grant.position <= vouched
        )
        self._held[person] = (tick + FRESH_FOR_S, grants)
        self._held.move_to_end(person)
        if len(self._held) > PERSONS_REMEMBERED_MAX:
            self._held.popitem(last=False)
        return grants

    async def covers(
        self, holder_units: list[UUID], unit: UUID, now: datetime, tick: float
    ) -> bool:
        """Does one of the units contain the other, on the day that it is?"""
        if unit in holder_units:
            return True
        today = vietnamese_day(now)
        if self._is_fresh(today, tick) and self._known(holder_units, unit):
            return True
        await self._look_again(today, tick)
        return self._known(holder_units, unit)

    async def area(self, holder_units: list[UUID], now: datetime, tick: float) -> frozenset[UUID]:
        """The units and all that they contain, on the day that it is."""
        today = vietnamese_day(now)
        known = all(held in self._areas for held in holder_units)
        if not (known and self._is_fresh(today, tick)):
            await self._look_again(today, tick)
        return frozenset().union(
            holder_units, *(self._areas.get(held, frozenset()) for held in holder_units)
        )

    def _known(self, holder_units: list[UUID], unit: UUID) -> bool:
        return any(unit in self._areas.get(held, ()) for held in holder_units)

    def _is_fresh(self, today: date, tick: float) -> bool:
        return tick < self._areas_until and today == self._areas_on

    async def _look_again(self, today: date, tick: float) -> None:
        known = {row.unit_id: row for row in await all_rows(self._rows, units)}
        self._areas, self._areas_on = areas(known, today), today
        self._areas_until = tick + FRESH_FOR_S


def _in_force(grants: Iterable[RoleHeld], roles: frozenset[str], now: datetime) -> list[UUID]:
    today = vietnamese_day(now)
    return [
        grant.unit_id
        for grant in grants
        if grant.role in roles
        and not grant.revoked
        and grant.valid_from <= today
        and (grant.valid_until is None or today < grant.valid_until)
    ]
