"""Needs as they are seen: pseudonymous to who coordinates, explained to the child's officers."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from contracts.field_types import CategoryCode
from contracts.sealed import Sealed
from contracts.subjects import sealed_under
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Day
from edge.door import ListDoor, QueryDoor, ReadDoor
from edge.listing import Page
from edge.openings import NOBODYS
from edge.permission import may
from edge.programmes import register_rules
from edge.routes import Routes
from edge.who_may_where import areas
from edge.who_may_where import units as unit_rows
from eventing.all_rows import each_row
from services.registry.domain.need import NeedNotRecorded
from services.registry.domain.need_detail import Detail
from services.registry.opening import NEED
from services.registry.read_models.children import children
from services.registry.read_models.household_standings import household_standings
from services.registry.read_models.needs import Need, NeedStatus, needs
from services.registry.routes.seeing import PROPOSERS

LAPSING: tuple[NeedStatus, ...] = ("open", "reserved", "partly-met", "lapsed")
SHOWN_BEFORE_DAYS = 30
CHILDREN_A_TIME = 500

routes = Routes(tag="needs")


class NeedShown(BaseModel):
    """Nothing here says who the child is, which group it is, or why the need is pressing.

    Without `child_id` and `group_id` it is the unit's own.
    """

    need_id: UUID
    programme_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: str
    specification: dict[str, Any]
    quantity: int
    measure: str
    reserved: int
    met: int
    status: NeedStatus
    priority_band: int | None
    priority_rule: str | None
    eligible_under: str
    needed_by: date
    lapses_on: date | None
    recorded_by: UUID
    recorded_at: datetime
    verified_by: UUID | None
    version: int

    @classmethod
    def of(cls, row: Need) -> Self:
        return cls.model_validate(row, from_attributes=True)


class Explanation(BaseModel):
    """What is sealed of a need, opened; null where there is none, or where it was erased.

    `category` and `specification` are what it really is and what of it is sealed; `reason` is that
    of the last return or withdrawal; points say how the band came about.
    """

    need_id: UUID
    category: str | None
    specification: dict[str, Any] | None
    detail: str | None
    reason: str | None
    priority_band: int | None
    priority_rule: str | None
    priority_points: dict[str, int] | None


SEEN_BY = ("coordinator", "verifier", "commune-officer", "planner", "leader", "approver", "auditor")


async def area_of(door: QueryDoor, unit_id: UUID | None) -> frozenset[UUID]:
    """The unit with all beneath it; None: wherever the person holds a role. Raises NotAllowed."""
    if unit_id is None:
        return frozenset(await door.area())
    await door.within(unit_id)
    rows = {row.unit_id: row async for row in each_row(door.rows, unit_rows)}
    known = areas(rows, vietnamese_day(door.now))
    return frozenset(known.get(unit_id, {unit_id}))


@routes.query("/needs", may=may("see-needs", *SEEN_BY))
async def listed(
    door: ListDoor,
    unit_id: UUID | None = None,
    category: CategoryCode | None = None,
    status: NeedStatus | None = None,
    child_id: UUID | None = None,
    group_id: UUID | None = None,
) -> Page[NeedShown]:
    """Those of the unit's territory, or of all units in which the person holds a role."""
    area = await area_of(door, unit_id)
    filters = {"category": category, "status": status, "child_id": child_id, "group_id": group_id}
    wanted = {column: value for column, value in filters.items() if value is not None}
    return await door.page(needs, NeedShown.of, unit_id=[*area], **wanted)


class OwnNeed(NeedShown):
    """`reason`: that of the last return or withdrawal; null where there is none, or erased."""

    reason: str | None


@routes.query(
    "/needs/own",
    may=may("see-own-needs", *PROPOSERS, opens="judge-need", anywhere=True),
)
async def own(door: ListDoor, status: NeedStatus | None = None) -> Page[OwnNeed]:
    """Those that one recorded oneself, with why they came back."""
    wanted = {} if status is None else {"status": status}
    found = await door.page(needs, lambda row: row, recorded_by=door.person, **wanted)
    shown: dict[UUID, OwnNeed] = {}
    for row in found.items:
        reason = None
        if row.reason is not None:
            reason = await door.open(sealed_under(row), NEED, "reason", row.reason)
        told = NeedShown.of(row).model_dump()
        shown[row.need_id] = OwnNeed(**told, reason=reason)
    return found.of(lambda row: shown[row.need_id])


@routes.query("/needs/to-reconfirm", may=may("see-needs-to-reconfirm", *SEEN_BY))
async def to_reconfirm(
    door: ListDoor, unit_id: UUID | None = None, by: Day | None = None
) -> Page[NeedShown]:
    """Open needs that have lapsed, or will by that day, the longest overdue first."""
    last = by or vietnamese_day(door.now) + timedelta(days=SHOWN_BEFORE_DAYS)
    area = await area_of(door, unit_id)
    return await door.page(
        needs,
        NeedShown.of,
        unit_id=[*area],
        status=[*LAPSING],
        at_most={"lapses_on": last},
        order=("lapses_on",),
    )


@routes.query("/needs/to-look-at", may=may("see-needs-to-look-at", *SEEN_BY, opens=NOBODYS))
async def to_look_at(door: ListDoor, unit_id: UUID | None = None) -> Page[NeedShown]:
    """Open needs of children of whom something was corrected since the need was judged last.

    The oldest judgement first. A reconfirmation judges anew by what is so; a need that does not
    hold any more is withdrawn.
    """
    for model in (needs, children, household_standings):
        await door.fresh(model)
    area = await area_of(door, unit_id)
    positions = dict(await door.rows.positions(needs))
    since = await _corrected_since(door)
    found: list[Need] = []
    for some in _some_at_a_time(since):
        found += [
            row
            async for row in each_row(door.rows, needs, child_id=some, status=[*LAPSING])
            if row.unit_id in area and row.child_id and row.judged_at < since[row.child_id]
        ]
    found.sort(key=_place)
    after = door.after("needs-to-look-at", tuple[int, UUID])
    left = [row for row in found if after is None or _place(row) > after]
    shown = left[: door.limit]
    last = _place(shown[-1]) if len(left) > len(shown) else None
    items = [NeedShown.of(row) for row in shown]
    return door.page_of("needs-to-look-at", items, last, positions)


def _some_at_a_time(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    """So that no question grows without bound."""
    in_order = sorted(ids)
    for start in range(0, len(in_order), CHILDREN_A_TIME):
        yield in_order[start : start + CHILDREN_A_TIME]


def _place(row: Need) -> tuple[int, UUID]:
    return row.judged_at, row.need_id


async def _corrected_since(door: QueryDoor) -> dict[UUID, int]:
    """Each child of whom, or of whose household, something is known to be otherwise: since when."""
    once: Any = {"at_least": {"decided_on_less": 1}}
    since: dict[UUID, int] = {}
    async for child in each_row(door.rows, children, **once):
        since[child.child_id] = child.decided_on_less
    homes = {
        home.household_id: home.decided_on_less
        async for home in each_row(door.rows, household_standings, **once)
    }
    for some in _some_at_a_time(homes):
        async for child in each_row(door.rows, children, household_id=some):
            before = since.get(child.child_id, 0)
            since[child.child_id] = max(before, homes[child.household_id])
    return since


async def row_of(need_id: UUID, door: ReadDoor) -> Need:
    await door.fresh(needs)
    row = await door.rows.get(needs, need_id)
    if row is None:
        raise NeedNotRecorded
    await door.within(row.unit_id)
    door.version(row.version)
    return row


@routes.query("/needs/{need_id}", may=may("see-need", *SEEN_BY), refuses=[NeedNotRecorded])
async def see(need_id: UUID, door: ReadDoor) -> NeedShown:
    return NeedShown.of(await row_of(need_id, door))


@routes.query(
    "/needs/{need_id}/explanation",
    may=may("explain-need", "commune-officer", "verifier", opens="judge-need"),
    refuses=[NeedNotRecorded],
)
async def explain(need_id: UUID, door: ReadDoor) -> Explanation:
    row = await row_of(need_id, door)

    async def opened(field: str, sealed: Sealed | None) -> str | None:
        return None if sealed is None else await door.open(sealed_under(row), NEED, field, sealed)

    written = await opened("detail", row.detail)
    told = Detail.read(written) if written is not None else None
    points = await opened("priority_reasons", row.priority_reasons)
    return Explanation(
        need_id=need_id,
        category=told.category if told else None,
        specification=dict(told.facts) if told else None,
        detail=told.text if told else None,
        reason=await opened("reason", row.reason),
        priority_band=row.priority_band,
        priority_rule=row.priority_rule,
        priority_points=None if points is None else told_points(json.loads(points), door.now),
    )


def told_points(points: dict[str, int], now: datetime) -> dict[str, int]:
    """A restricted group is not named here: its points are told as those of special groups."""
    rules, told = register_rules(vietnamese_day(now)), Counter[str]()
    for fact, count in points.items():
        kind, _, code = fact.partition(":")
        told[kind if rules.is_restricted(code) else fact] += count
    return dict(told)
