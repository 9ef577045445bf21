import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import (
    RoleGranted,
    RoleRevoked,
    UnitEstablished,
    UnitFigureDeclared,
    UnitSucceeded,
)
from edge.who_may_where import FRESH_FOR_S, Directory, RoleHeld, UnitRow, areas, units
from eventing.all_rows import ROWS_A_PAGE
from eventing.memory_rows import MemoryRows
from tests.support.house import KEEPER, happened

HANOI, BA_VI, VILLAGE, YEN_BAI, MERGED = (UUID(int=number) for number in range(1, 6))
HOA = UUID(int=7)
OFFICERS = frozenset({"commune-officer"})
MIDNIGHT = datetime(2024, 10, 6, 17, tzinfo=UTC)
"""In Hanoi: 7 October, 00:00."""
ENDED_ON = date(2025, 7, 1)


def row(unit, parent=None, successors=()):
    return UnitRow(
        unit_id=unit,
        code="09703",
        name="Ba Vì",
        kind="commune",
        parent_id=parent,
        district_name=None,
        priority=False,
        valid_from=date(2019, 1, 1),
        ended_on=ENDED_ON if successors else None,
        successor_ids=successors,
        children=None,
        children_as_of=None,
        version=1,
    )


def tree(*rows):
    return areas({one.unit_id: one for one in rows}, ENDED_ON)


def test_a_unit_contains_itself_and_all_below_it():
    found = tree(row(HANOI), row(BA_VI, HANOI), row(VILLAGE, BA_VI), row(YEN_BAI, HANOI))
    assert found[HANOI] == {HANOI, BA_VI, VILLAGE, YEN_BAI}
    assert found[BA_VI] == {BA_VI, VILLAGE}
    assert found[VILLAGE] == {VILLAGE}


def test_a_successor_contains_what_it_alone_succeeded():
    found = tree(row(BA_VI, successors=(MERGED,)), row(VILLAGE, BA_VI), row(MERGED))
    assert found[MERGED] == {MERGED, BA_VI, VILLAGE}
    assert MERGED not in found[BA_VI]


def test_of_several_successors_none_contains_it():
    found = tree(row(BA_VI, successors=(MERGED, YEN_BAI)), row(MERGED), row(YEN_BAI))
    assert found[MERGED] == {MERGED}
    assert found[YEN_BAI] == {YEN_BAI}


UNITS = st.sampled_from([UUID(int=number) for number in range(8)])


@given(
    st.dictionaries(
        UNITS, st.tuples(st.none() | UNITS, st.lists(UNITS, max_size=2).map(tuple)), max_size=8
    )
)
def test_whatever_the_tree_looks_like_an_end_is_found(shape):
    rows = {unit: row(unit, parent, successors) for unit, (parent, successors) in shape.items()}
    found = areas(rows, ENDED_ON)
    assert found.keys() == rows.keys()
    for unit, area in found.items():
        assert unit in area
        for inner in area & rows.keys():
            assert found[inner] <= area


# --- the directory ---


class Registry:
    """What the registry published, as it goes on publishing."""

    def __init__(self):
        self.rows = MemoryRows()
        self.directory = Directory(self.rows)

    def unit(self, unit, parent=None):
        self.rows.feed(
            happened(
                UnitEstablished(
                    unit_id=unit,
                    code="09703",
                    name="Ba Vì",
                    kind="commune",
                    parent_id=parent,
                    district_name=None,
                    priority=False,
                    valid_from=date(2019, 1, 1),
                    happened_at=MIDNIGHT,
                )
            )
        )

    def grant(self, **changed):
        granted = RoleGranted(
            grant_id=uuid4(),
            person_id=HOA,
            role="commune-officer",
            unit_id=BA_VI,
            valid_from=date(2024, 10, 7),
            valid_until=None,
            rules=None,
            granted_by=KEEPER,
            happened_at=MIDNIGHT,
        )
        granted = replace(granted, **changed)
        self.rows.feed(happened(granted))
        return granted

    def revoke(self, granted):
        self.rows.feed(
            happened(
                RoleRevoked(
                    grant_id=granted.grant_id,
                    person_id=granted.person_id,
                    revoked_by=KEEPER,
                    happened_at=MIDNIGHT,
                )
            )
        )

    async def held(self, now=MIDNIGHT, tick=0.0, roles=OFFICERS):
        return await self.directory.held(HOA, roles, now, tick)


@pytest.fixture
def registry():
    return Registry()


async def test_a_fresh_grant_works_at_once(registry):
    assert await registry.held() == []
    registry.grant(role="verifier")
    assert await registry.held() == []
    registry.grant()
    assert await registry.held() == [BA_VI]


async def test_a_revoked_one_ends_within_the_second(registry):
    granted = registry.grant()
    assert await registry.held() == [BA_VI]
    registry.revoke(granted)
    assert await registry.held(tick=FRESH_FOR_S) == []


async def test_days_are_those_of_hanoi(registry):
    registry.grant(valid_until=date(2024, 10, 8))
    second = timedelta(seconds=1)
    assert await registry.held(MIDNIGHT - second) == []
    assert await registry.held(MIDNIGHT) == [BA_VI]
    assert await registry.held(MIDNIGHT + timedelta(days=1) - second) == [BA_VI]
    assert await registry.held(MIDNIGHT + timedelta(days=1)) == []


async def test_a_role_reaches_a_unit_that_is_made_later(registry):
    registry.unit(BA_VI)
    assert not await registry.directory.covers([BA_VI], VILLAGE, MIDNIGHT, 0.0)
    registry.unit(VILLAGE, BA_VI)
    assert await registry.directory.covers([BA_VI], VILLAGE, MIDNIGHT, 0.0)
    assert not await registry.directory.covers([VILLAGE], BA_VI, MIDNIGHT, 0.0)


async def test_a_unit_that_ended_belongs_to_its_successor(registry):
    registry.unit(BA_VI)
    registry.unit(MERGED)
    registry.rows.feed(
        happened(
            UnitSucceeded(
                unit_id=BA_VI,
                successor_ids=(MERGED,),
                ended_on=ENDED_ON,
                decision="1656/NQ-UBTVQH15",
                happened_at=MIDNIGHT,
            )
        )
    )
    begins = datetime(2025, 6, 30, 17, tzinfo=UTC)
    before = begins - timedelta(seconds=1)
    assert not await registry.directory.covers([MERGED], BA_VI, before, 0.0)
    assert await registry.directory.area([MERGED], before, 0.0) == {MERGED}
    assert await registry.directory.covers([MERGED], BA_VI, begins, 0.0)
    assert await registry.directory.area([MERGED], begins, 0.0) == {MERGED, BA_VI}


async def test_no_unit_is_lost_however_many_there_are(registry):
    registry.unit(BA_VI)
    villages = [UUID(int=1000 + number) for number in range(ROWS_A_PAGE + 1)]
    for village in villages:
        registry.unit(village, BA_VI)
    assert await registry.directory.area([BA_VI], MIDNIGHT, 0.0) == {BA_VI, *villages}


async def test_what_is_remembered_of_persons_is_bounded(registry, monkeypatch):
    monkeypatch.setattr("edge.who_may_where.PERSONS_REMEMBERED_MAX", 3)
    for number in range(5):
        await registry.directory.held(UUID(int=number), OFFICERS, MIDNIGHT, 0.0)
    assert len(registry.directory._held) == 3


class Counted:
    """Rows that say how often they were asked for, and answer a little later."""

    def __init__(self, *grants):
        self.grants = list(grants)
        self.asked = 0

    async def where(self, _model, **_equals):
        self.asked += 1
        found = list(self.grants)
        await asyncio.sleep(0.01)
        return found


def held(unit_id=BA_VI):
    day = MIDNIGHT.date()
    return RoleHeld(uuid4(), HOA, "commune-officer", unit_id, day, None, revoked=False, position=1)


async def test_of_many_who_ask_for_one_person_at_once_one_looks():
    rows = Counted(held())
    directory = Directory(rows)
    asking = (directory.held(HOA, OFFICERS, MIDNIGHT, 0.0) for _ in range(50))
    assert await asyncio.gather(*asking) == [[BA_VI]] * 50
    assert rows.asked == 1


async def test_a_look_that_began_before_a_fresh_grant_does_not_refuse_it():
    rows = Counted()
    directory = Directory(rows)
    before = asyncio.create_task(directory.held(HOA, OFFICERS, MIDNIGHT, 0.0))
    await asyncio.sleep(0.001)
    rows.grants.append(held())
    assert await directory.held(HOA, OFFICERS, MIDNIGHT, 0.0) == [BA_VI]
    assert await before == []


@pytest.mark.parametrize("order", list(permutations(((2022, 400), (2024, 560), (2023, 470)))))
def test_a_units_figure_is_the_newest_by_its_own_day(order):
    established = UnitEstablished(
        unit_id=BA_VI,
        code="09703",
        name="Ba Vì",
        kind="commune",
        parent_id=None,
        district_name=None,
        priority=False,
        valid_from=date(2019, 1, 1),
        happened_at=MIDNIGHT,
    )
    declared = [
        UnitFigureDeclared(
            unit_id=BA_VI,
            as_of=date(year, 9, 1),
            children=children,
            source="Xã báo cáo",
            happened_at=MIDNIGHT,
        )
        for year, children in order
    ]
    rows = units.fold({}, happened(established, *declared, service="registry"))
    assert rows[BA_VI].children == 560
    corrected = replace(declared[0], as_of=date(2024, 9, 1), children=561)
    events = happened(established, *declared, corrected, service="registry")
    assert units.fold({}, events)[BA_VI].children == 561
