from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.allocation import MatchingRunMade
from contracts.donations import Earmark
from contracts.vietnamese_day import begins
from services.allocation.routes import matching_runs
from tests.services.allocation.examples import (
    APPROVER,
    CITY,
    COMMUNE,
    COORDINATOR,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_NEED,
    PROGRAMME,
    STOREKEEPER,
    cover_opened,
)
from tests.services.allocation.season import (
    AUDITOR,
    LOCAL_COORDINATOR,
    OTHER_OFFICER,
    STRANGER,
    Season,
    run_id,
)
from tests.support.answers import accepted, refused, shown

# --- lots ---


def test_what_was_accepted_is_a_lot_and_what_is_mendable_is_shown_apart(season: Season) -> None:
    lot_id = season.received(800, mendable=150)
    page = shown(season.get("/lots", by=STOREKEEPER))
    assert sorted(
        (lot["quantity"], lot["quantity_free"], lot["held_apart"]) for lot in page["items"]
    ) == [
        (150, 0, True),
        (800, 800, False),
    ]
    one = shown(season.get(f"/lots/{lot_id}", by=AUDITOR))
    assert one["specification"] == {"size": "H120", "gender": "female"}


def test_lots_are_found_by_what_they_are_for(season: Season) -> None:
    season.received(1)
    money: dict[str, Any] = {"category": "surgery", "measure": "dong", "specification": {}}
    season.received(5_000_000, number=2, **money)
    page = shown(season.get("/lots?category=surgery&available=true", by=COORDINATOR))
    assert [lot["quantity_free"] for lot in page["items"]] == [5_000_000]


def test_a_lot_that_is_not_there(season: Season) -> None:
    refused(season.get(f"/lots/{NEED}", by=COORDINATOR), 404, "lot-not-opened")


def test_lots_are_not_for_everybody(season: Season) -> None:
    refused(season.get("/lots", by=STRANGER), 403, "not-allowed")


# --- open needs ---


def test_one_sees_the_open_needs_of_one_s_own_area(season: Season) -> None:
    season.need()
    season.need(OTHER_NEED, unit_id=OTHER_COMMUNE)
    for who, needs in ((COORDINATOR, [NEED, OTHER_NEED]), (OTHER_OFFICER, [OTHER_NEED])):
        page = shown(season.get("/open-needs?category=warm-clothes", by=who))
        assert [need["need_id"] for need in page["items"]] == [str(need) for need in needs]


def test_the_open_needs_of_another_unit_are_not_shown(season: Season) -> None:
    season.need()
    path = f"/open-needs?unit_id={COMMUNE}"
    refused(season.get(path, by=OTHER_OFFICER), 403, "outside-your-unit")
    assert len(shown(season.get(path, by=OFFICER))["items"]) == 1


def test_a_withdrawn_need_is_not_offered(season: Season) -> None:
    season.need()
    season.withdrawn()
    assert shown(season.get("/open-needs", by=COORDINATOR))["items"] == []


# --- matching runs ---


def test_a_run_proposes_lines_with_their_reasons(season: Season) -> None:
    season.received(1)
    season.need(priority_band=3)
    season.need(OTHER_NEED)
    accepted(season.run())
    run = shown(season.get(f"/matching-runs/{run_id(1)}", by=COORDINATOR))
    (line,) = run["lines"]
    assert (line["need_id"], line["runner_up_need_id"]) == (str(OTHER_NEED), str(NEED))
    assert line["reasons"] == ["band-2", "size-exact", "gender-same"]
    assert run["unmatched"] == [{"need_id": str(NEED), "reason": "fitting-lots-used-up"}]
    assert run["rule"] == "most-pressing-first@1"


def test_a_run_is_made_once_though_stock_has_moved_on(season: Season) -> None:
    season.need()
    accepted(season.run())
    season.received(1)
    accepted(season.run())
    (run,) = [event for event in season.house.events() if isinstance(event, MatchingRunMade)]
    assert run.lines == ()


def test_a_run_of_that_id_asked_something_else(season: Season) -> None:
    accepted(season.run())
    refused(season.run(category="surgery"), 409, "run-made-otherwise")


def test_a_run_may_be_for_some_units(season: Season) -> None:
    season.fund_kept_in(OTHER_COMMUNE)
    season.received(2)
    season.need()
    season.need(OTHER_NEED, unit_id=OTHER_COMMUNE)
    accepted(season.run(1, unit_ids=[COMMUNE]))
    accepted(season.run(2, by=LOCAL_COORDINATOR))
    accepted(season.run(3, unit_ids=[CITY]))
    needs = [[line["need_id"] for line in lines_of(season, number)] for number in (1, 2, 3)]
    assert needs == [[str(NEED)], [str(OTHER_NEED)], [str(NEED), str(OTHER_NEED)]]


def lines_of(season: Season, number: int) -> list[dict[str, Any]]:
    run: dict[str, Any] = shown(season.get(f"/matching-runs/{run_id(number)}", by=APPROVER))
    lines: list[dict[str, Any]] = run["lines"]
    return lines


def test_a_run_gives_what_is_kept_where_its_maker_coordinates(season: Season) -> None:
    """The city's gifts are the city's to give, whoever coordinates below it."""
    season.received(1)
    season.need(unit_id=OTHER_COMMUNE)
    accepted(season.run(1, by=LOCAL_COORDINATOR))
    run = shown(season.get(f"/matching-runs/{run_id(1)}", by=LOCAL_COORDINATOR))
    assert (run["lines"], run["unit_ids"]) == ([], [str(OTHER_COMMUNE)])
    season.fund_kept_in(OTHER_COMMUNE)
    accepted(season.run(2, by=LOCAL_COORDINATOR))
    assert len(lines_of(season, 2)) == 1


def test_a_run_of_another_unit_is_not_found(season: Season) -> None:
    accepted(season.run(1))
    accepted(season.run(2, unit_ids=[COMMUNE]))
    accepted(season.run(3, unit_ids=[OTHER_COMMUNE]))
    for number in (1, 2):
        path = f"/matching-runs/{run_id(number)}"
        refused(season.get(path, by=LOCAL_COORDINATOR), 404, "run-not-made")
        shown(season.get(path, by=COORDINATOR))
    shown(season.get(f"/matching-runs/{run_id(3)}", by=LOCAL_COORDINATOR))


def test_lots_are_for_those_who_keep_their_fund(season: Season) -> None:
    lot_id = season.received(1)
    assert shown(season.get("/lots", by=LOCAL_COORDINATOR))["items"] == []
    refused(season.get(f"/lots/{lot_id}", by=LOCAL_COORDINATOR), 404, "lot-not-opened")
    season.fund_kept_in(OTHER_COMMUNE)
    for who in (LOCAL_COORDINATOR, COORDINATOR):
        assert len(shown(season.get("/lots", by=who))["items"]) == 1
        shown(season.get(f"/lots/{lot_id}", by=who))


def test_nobody_runs_for_a_unit_outside_their_own(season: Season) -> None:
    answer = season.run(unit_ids=[COMMUNE], by=LOCAL_COORDINATOR)
    refused(answer, 403, "outside-your-unit")


def test_a_need_is_offered_until_its_day_whoever_has_been_told_of_it(season: Season) -> None:
    season.received(1)
    season.need()
    season.house.now = begins(cover_opened.lapses_on)
    assert shown(season.get("/open-needs", by=COORDINATOR))["items"] == []
    accepted(season.run())
    assert lines_of(season, 1) == []
    season.reconfirmed(NEED)
    assert len(shown(season.get("/open-needs", by=COORDINATOR))["items"]) == 1
    accepted(season.run(2))
    assert [line["need_id"] for line in lines_of(season, 2)] == [str(NEED)]


def test_no_run_is_made_once_the_programme_is_over(season: Season) -> None:
    season.received(1)
    season.need(lapses_on=date(2027, 1, 1))
    season.house.now = season.house.now.replace(year=2026, month=11)
    fields = refused(season.run(), 409, "programme-not-running")
    assert (fields["starts_on"], fields["ends_on"]) == ("2019-09-01", "2025-12-31")


def test_an_officer_makes_no_run(season: Season) -> None:
    refused(season.run(by=OFFICER), 403, "not-allowed")


def test_a_gift_for_the_commune_before_the_merger_stays_with_its_children(season: Season) -> None:
    season.succeeded(COMMUNE, OTHER_COMMUNE)
    season.received(1, earmark=Earmark(unit_id=OTHER_COMMUNE))
    season.need()
    accepted(season.run())
    run = shown(season.get(f"/matching-runs/{run_id(1)}", by=COORDINATOR))
    assert "earmark-unit" in run["lines"][0]["reasons"]


def test_too_many_needs_are_not_read_at_once(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching_runs, "NEEDS_READ_MAX", 1)
    season.needs(2)
    fields = refused(season.run(), 422, "too-many-needs-for-one-run")
    assert fields == {"at_most": 1}


def test_a_run_that_was_not_made(season: Season) -> None:
    refused(season.get(f"/matching-runs/{run_id(1)}", by=AUDITOR), 404, "run-not-made")


def test_a_repeated_run_is_answered_without_matching_anew(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    season.received(1)
    season.needs(1)
    key, body = UUID(int=1), {"programme_id": str(PROGRAMME), "category": "warm-clothes"}
    path = f"/matching-runs/{run_id(1)}"
    first = accepted(season.house.call("PUT", path, body, by=COORDINATOR, key=key))
    monkeypatch.setattr(matching_runs, "match_up", None)
    monkeypatch.setattr(season.house.rows, "where", None)
    assert accepted(season.house.call("PUT", path, body, by=COORDINATOR, key=key)) == first
    other = body | {"category": "school-supplies"}
    answer = season.house.call("PUT", path, other, by=COORDINATOR, key=key)
    refused(answer, 422, "key-used-differently")
