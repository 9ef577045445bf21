"""Who may where: each role, in each relation of units, on each day; no cell is left out."""

from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from contracts.registry import (
    RoleGranted,
    RolePassed,
    RoleRevoked,
    UnitEstablished,
    UnitSucceeded,
)
from contracts.roles import ROLES
from edge.who_may_where import Directory
from eventing.memory_rows import MemoryRows
from eventing.memory_store import MemoryStore
from tests.support.house import KEEPER, MONDAY, happened

HOA, LAN = UUID(int=7), UUID(int=8)
CITY, COMMUNE, VILLAGE, OTHER, VANISHED, BELOW_VANISHED, SUCCESSOR, SPLIT, ENDING = (
    UUID(int=100 + n) for n in range(9)
)
FIRST, END = date(2025, 3, 3), date(2025, 9, 1)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

WITHIN = {
    "own": (COMMUNE, COMMUNE, True),
    "below": (COMMUNE, VILLAGE, True),
    "far below": (CITY, VILLAGE, True),
    "above": (COMMUNE, CITY, False),
    "other": (COMMUNE, OTHER, False),
    "what it alone took over": (SUCCESSOR, VANISHED, True),
    "below what it alone took over": (SUCCESSOR, BELOW_VANISHED, True),
    "its successor": (VANISHED, SUCCESSOR, False),
    "what was split": (SUCCESSOR, SPLIT, False),
    "what it has not taken over yet": (SUCCESSOR, ENDING, False),
    "unknown": (COMMUNE, UUID(int=999), False),
}
"""Where the role is held, where it is asked for, and whether it reaches there."""

DAYS = {
    "the day before": (FIRST - timedelta(days=1), False),
    "the first day": (FIRST, True),
    "within": (date(2025, 6, 1), True),
    "the last day": (END - timedelta(days=1), True),
    "the end": (END, False),
    "long after": (date(2030, 1, 1), False),
}


def unit(unit_id, parent=CITY):
    return UnitEstablished(
        unit_id=unit_id,
        code=str(unit_id.int),
        name="đơn vị",
        kind="commune",
        parent_id=None if unit_id == CITY else parent,
        district_name=None,
        priority=False,
        valid_from=date(2019, 1, 1),
        happened_at=MONDAY,
    )


def succeeded(unit_id, *successors, ended_on=date(2024, 7, 1)):
    return UnitSucceeded(
        unit_id=unit_id,
        successor_ids=successors,
        ended_on=ended_on,
        decision="1/NQ",
        happened_at=MONDAY,
    )


UNITS = [
    *(unit(each) for each in (CITY, COMMUNE, OTHER, VANISHED, SUCCESSOR, SPLIT, ENDING)),
    unit(VILLAGE, COMMUNE),
    unit(BELOW_VANISHED, VANISHED),
    succeeded(VANISHED, SUCCESSOR),
    succeeded(SPLIT, SUCCESSOR, OTHER),
    succeeded(ENDING, SUCCESSOR, ended_on=date(2031, 1, 1)),
]


def granted(role, unit_id, grant_id):
    return RoleGranted(
        grant_id=grant_id,
        person_id=HOA,
        role=role,
        unit_id=unit_id,
        valid_from=FIRST,
        valid_until=END,
        rules=None,
        granted_by=KEEPER,
        happened_at=MONDAY,
    )


async def may(directory, person, role, where, day):
    """What the door asks: is the role held on the day, and does it reach the unit?"""
    # Both ends of a Vietnamese day.
    answers = set()
    for hour in (0, 23):
        now = datetime(day.year, day.month, day.day, hour, 59, tzinfo=VIETNAM)
        held = await directory.held(person, frozenset({role}), now, 0.0)
        answers.add(bool(held) and await directory.covers(held, where, now, 0.0))
    (answer,) = answers
    return answer


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_a_role_reaches_what_lies_below_it_on_its_days_and_nothing_else(role):
    others = sorted(ROLES - {role})
    for held_in in {where for where, _, _ in WITHIN.values()}:
        rows = MemoryRows(MemoryStore("donations"))
        rows.feed(happened(*UNITS, granted(role, held_in, uuid4())))
        directory = Directory(rows)
        for (relation, (where, asked, reaches)), (when, (day, in_force)) in product(
            WITHIN.items(), DAYS.items()
        ):
            if where != held_in:
                continue
            cell = (role, relation, when)
            assert await may(directory, HOA, role, asked, day) == (reaches and in_force), cell
            assert not await may(directory, LAN, role, asked, day), ("somebody else", *cell)
            for other in others:
                assert not await may(directory, HOA, other, asked, day), (other, *cell)


AFTERWARDS = {
    "the vanished unit": (VANISHED, True),
    "below it": (BELOW_VANISHED, True),
    "its successor": (SUCCESSOR, True),
    "another one": (OTHER, False),
    "above": (CITY, False),
    "what was split": (SPLIT, False),
}
"""Where a role of the vanished unit reaches once it was passed on."""


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_a_vanished_units_roles_are_its_successors_on_their_own_days(role):
    grant = uuid4()
    passed = RolePassed(
        grant_id=grant,
        person_id=HOA,
        role=role,
        from_unit_id=VANISHED,
        unit_id=SUCCESSOR,
        valid_from=FIRST,
        valid_until=END,
        passed_on=date(2024, 7, 1),
        happened_at=MONDAY,
    )
    rows = MemoryRows(MemoryStore("donations"))
    rows.feed(happened(*UNITS, granted(role, VANISHED, grant), passed))
    directory = Directory(rows)
    for (relation, (asked, reaches)), (when, (day, in_force)) in product(
        AFTERWARDS.items(), DAYS.items()
    ):
        cell = (role, relation, when)
        assert await may(directory, HOA, role, asked, day) == (reaches and in_force), cell
        assert not await may(directory, LAN, role, asked, day), ("somebody else", *cell)


@pytest.mark.parametrize(("relation", "day"), list(product(WITHIN, DAYS)))
async def test_what_was_revoked_reaches_nothing(relation, day):
    where, asked, _ = WITHIN[relation]
    grant = uuid4()
    revoked = RoleRevoked(grant_id=grant, person_id=HOA, revoked_by=KEEPER, happened_at=MONDAY)
    rows = MemoryRows(MemoryStore("donations"))
    rows.feed(happened(*UNITS, granted("verifier", where, grant), revoked))
    assert not await may(Directory(rows), HOA, "verifier", asked, DAYS[day][0])
