from datetime import timedelta
from uuid import UUID

import pytest

from contracts.vietnamese_day import vietnamese_day
from tests.services.registry.commune_house import (
    AFTER_THE_REORGANISATION,
    SUCCESSOR_OFFICER,
    child_body,
    registry,
    status_body,
    succession_body,
)
from tests.services.registry.samples import (
    COMMUNE,
    COORDINATOR,
    HOUSEHOLD,
    KEEPER,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_SUCCESSOR,
    SUCCESSOR,
)

STRANGER = UUID(int=91)
SIX = [UUID(int=700 + number) for number in range(6)]


@pytest.fixture
def house():
    """Six children of a near-poor household: two special, one at risk; one is 16 in 2025."""
    one = registry().with_household()
    one.done("POST", f"/households/{HOUSEHOLD}/status", status_body(), by=OFFICER)
    for number, child_id in enumerate(SIX):
        born = "2009-06-30" if number == 0 else "2015-03-09"
        body = child_body(name=f"Triệu Thị {number}", birth_date=born)
        one.done("PUT", f"/children/{child_id}", body, by=OFFICER)
    for child_id, kind, code in (
        (SIX[1], "special", "disability"),
        (SIX[1], "special", "abandoned"),
        (SIX[2], "special", "hiv"),
        (SIX[3], "at-risk", "half-orphan"),
    ):
        body = {"kind": kind, "code": code}
        one.done("POST", f"/children/{child_id}/circumstances", body, by=OFFICER)
    figure = {"as_of": "2024-06-30", "children": 650, "source": "UBND xã"}
    one.done("POST", f"/units/{COMMUNE}/figures", figure, by=OFFICER)
    one.grant(STRANGER, "commune-officer", OTHER_COMMUNE)
    return one


def figures(house, by, query=""):
    found = house.seen(f"/figures{query}", by=by)["units"]
    return {UUID(unit.pop("unit_id")): unit for unit in found}


def test_distinct_children_are_counted_however_many_groups_they_are_in(house):
    assert figures(house, OFFICER)[COMMUNE] == {
        "children_declared": 650,
        "registered": 6,
        "special": 2,
        "at_risk": 1,
        "poor": 0,
        "near_poor": 6,
        "escaped_recently": 0,
        "age_unsure": 0,
    }


def test_small_cells_are_kept_from_whoever_works_elsewhere(house):
    seen = figures(house, STRANGER)[COMMUNE]
    assert (seen["registered"], seen["special"], seen["at_risk"]) == (6, None, None)
    assert (seen["poor"], seen["near_poor"]) == (0, 6)
    assert figures(house, COORDINATOR)[COMMUNE]["special"] == 2


def test_figures_of_another_day_know_who_had_come_of_age_and_what_had_lapsed(house):
    later = figures(house, OFFICER, "?on=2025-06-30")[COMMUNE]
    assert (later["registered"], later["near_poor"], later["special"]) == (5, 0, 2)


def test_a_successor_counts_what_it_alone_took_over(house):
    house.succeeded_by(SUCCESSOR)
    house.now = AFTER_THE_REORGANISATION
    found = figures(house, SUCCESSOR_OFFICER)
    assert set(found) == {SUCCESSOR}
    assert (found[SUCCESSOR]["children_declared"], found[SUCCESSOR]["registered"]) == (650, 5)
    assert set(figures(house, SUCCESSOR_OFFICER, "?on=2025-06-30")) == {COMMUNE}


def test_after_a_split_whom_nobody_placed_stays_with_the_old_unit(house):
    house.succeeded_by(SUCCESSOR, OTHER_SUCCESSOR)
    house.now = AFTER_THE_REORGANISATION
    assert figures(house, COORDINATOR)[COMMUNE]["registered"] == 5
    placement = {"unit_id": str(SUCCESSOR), "decision": "7/QĐ-UBND"}
    path = f"/households/{HOUSEHOLD}/placement"
    house.done("POST", path, placement, by=SUCCESSOR_OFFICER)
    found = figures(house, COORDINATOR)
    assert (found[COMMUNE]["registered"], found[SUCCESSOR]["registered"]) == (0, 5)


def test_a_past_day_counts_where_a_household_was_then_and_no_unit_that_had_not_begun(house):
    house.succeeded_by(SUCCESSOR, OTHER_SUCCESSOR)
    house.now = AFTER_THE_REORGANISATION
    # Decided before the new unit begins: until then the household is where it was.
    placement = {"unit_id": str(SUCCESSOR), "decision": "7/QĐ-UBND"}
    placement["happened_at"] = "2025-06-20T02:00:00Z"
    path = f"/households/{HOUSEHOLD}/placement"
    house.done("POST", path, placement, by=SUCCESSOR_OFFICER)
    before = figures(house, COORDINATOR, "?on=2025-06-30")
    assert set(before) == {COMMUNE}
    assert before[COMMUNE]["registered"] == 5
    after = figures(house, COORDINATOR, "?on=2025-07-01")
    assert after[SUCCESSOR]["registered"] == 5
    assert after.get(COMMUNE, {"registered": 0})["registered"] == 0


def test_between_a_split_and_its_placement_a_household_is_where_it_was(house):
    house.succeeded_by(SUCCESSOR, OTHER_SUCCESSOR)
    house.now = AFTER_THE_REORGANISATION + timedelta(days=30)
    placed_on = vietnamese_day(house.now)
    placement = {"unit_id": str(SUCCESSOR), "decision": "7/QĐ-UBND"}
    house.done("POST", f"/households/{HOUSEHOLD}/placement", placement, by=SUCCESSOR_OFFICER)
    eve = figures(house, COORDINATOR, f"?on={placed_on - timedelta(days=1)}")
    assert {unit: each["registered"] for unit, each in eve.items() if each["registered"]} == {
        COMMUNE: 5
    }
    day = figures(house, COORDINATOR, f"?on={placed_on}")
    assert day[SUCCESSOR]["registered"] == 5


def test_nobody_is_counted_before_they_were_registered_nor_born(house):
    registered_on = vietnamese_day(house.now)
    eve = registered_on - timedelta(days=1)
    assert figures(house, OFFICER, f"?on={registered_on}")[COMMUNE]["registered"] == 6
    counted = figures(house, OFFICER, f"?on={eve}")[COMMUNE]
    assert (counted["registered"], counted["near_poor"], counted["children_declared"]) == (
        0,
        0,
        650,
    )
    assert figures(house, OFFICER, "?on=2024-06-29") == {}


def test_a_child_counts_from_its_own_registration_on(house):
    first = vietnamese_day(house.now)
    house.now += timedelta(days=10)
    body = child_body(name="Triệu Thị Hòa", birth_date="2016-05-01")
    house.done("PUT", f"/children/{UUID(int=799)}", body, by=OFFICER)
    counted = [
        figures(house, OFFICER, f"?on={first + timedelta(days=days)}")[COMMUNE]["registered"]
        for days in (0, 9, 10)
    ]
    assert counted == [6, 6, 7]


def learnt(house, by, on, known_on):
    found = house.seen(f"/figures/learnt?on={on}&known_on={known_on}", by=by)
    assert not found["more"]
    return [(each["fact"], each["of_id"], each["since"]) for each in found["items"]]


def test_a_past_day_as_known_then_and_as_known_now_with_the_facts_between(house):
    """A month later the register learns of a child, of circumstances, of a decision, of a count."""
    then = vietnamese_day(house.now)
    happened_at = house.now.isoformat()
    house.now += timedelta(days=30)
    late, at_risk = UUID(int=798), {"kind": "at-risk", "code": "half-orphan"}
    house.done(
        "PUT", f"/children/{late}", child_body(name="Lan", happened_at=happened_at), by=OFFICER
    )
    path = f"/children/{SIX[4]}/circumstances"
    house.done("POST", path, at_risk | {"happened_at": happened_at}, by=OFFICER)
    decided = status_body("poor", happened_at=happened_at)
    house.done("POST", f"/households/{HOUSEHOLD}/status", decided, by=OFFICER)
    figure = {"as_of": f"{then}", "children": 660, "source": "UBND xã"}
    house.done("POST", f"/units/{COMMUNE}/figures", figure, by=OFFICER)

    def reading(query):
        seen = figures(house, OFFICER, query)[COMMUNE]
        names = ("children_declared", "registered", "at_risk", "poor", "near_poor")
        return tuple(seen[name] for name in names)

    assert reading(f"?on={then}&known_on={then}") == (650, 6, 1, 0, 6)
    assert reading(f"?on={then}") == (660, 7, 2, 7, 0)
    between = [
        ("circumstance-assessed", str(SIX[4]), f"{then}"),
        ("child-registered", str(late), f"{then}"),
        ("household-status-recorded", str(HOUSEHOLD), "2024-01-01"),
        ("unit-figure-declared", str(COMMUNE), f"{then}"),
    ]
    assert sorted(learnt(house, OFFICER, then, then)) == sorted(between)
    assert learnt(house, OFFICER, then, vietnamese_day(house.now)) == []
    assert learnt(house, STRANGER, then, then) == []


def test_a_succession_that_nobody_had_been_told_of_ends_no_unit(house):
    house.now = AFTER_THE_REORGANISATION + timedelta(days=40)
    told_on = vietnamese_day(house.now)
    succession = succession_body(SUCCESSOR)
    house.done("POST", f"/units/{COMMUNE}/succession", succession, by=KEEPER)
    eve = told_on - timedelta(days=1)
    assert set(figures(house, COORDINATOR, f"?on={eve}&known_on={eve}")) == {COMMUNE}
    assert set(figures(house, COORDINATOR, f"?on={eve}")) == {SUCCESSOR}


def test_of_several_counts_the_newest_of_the_day_or_before_counts(house):
    for as_of, children in (("2024-09-01", 560), ("2022-01-01", 400)):
        figure = {"as_of": as_of, "children": children, "source": "UBND xã"}
        house.done("POST", f"/units/{COMMUNE}/figures", figure, by=OFFICER)
    counted = [
        figures(house, OFFICER, f"?on={on}")[COMMUNE]["children_declared"]
        for on in ("2024-10-07", "2024-08-31", "2024-06-29")
    ]
    assert counted == [560, 650, 400]


def test_a_successor_that_said_a_figure_of_its_own_is_not_given_the_old_one_besides(house):
    house.succeeded_by(SUCCESSOR)
    house.now = AFTER_THE_REORGANISATION
    said = {"as_of": "2025-07-01", "children": 700, "source": "UBND xã"}
    house.done("POST", f"/units/{SUCCESSOR}/figures", said, by=SUCCESSOR_OFFICER)
    assert figures(house, SUCCESSOR_OFFICER)[SUCCESSOR]["children_declared"] == 700
    then = figures(house, SUCCESSOR_OFFICER, "?on=2025-06-30")
    assert {unit: each["children_declared"] for unit, each in then.items()} == {COMMUNE: 650}


async def test_who_was_erased_leaves_the_count(house):
    await house.sealer.destroy(SIX[5], "profile")
    house.rows.begin_anew()
    assert figures(house, OFFICER)[COMMUNE]["registered"] == 5


def test_a_keeper_sees_no_figures(house):
    assert house.refused("GET", "/figures", by=KEEPER) == (403, "not-allowed")
