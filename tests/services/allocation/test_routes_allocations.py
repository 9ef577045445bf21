import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.allocation import (
    AllocationApproved,
    AllocationLine,
    AllocationLineReleased,
    AllocationProposed,
)
from contracts.vietnamese_day import begins
from eventing.event_store import Key
from eventing.execute import CommandContext
from eventing.record import Why
from services.allocation.domain.allocation import ProposeAllocation, allocation, stream
from services.allocation.domain.direct_gift import line_of
from services.allocation.domain.line import LineProposedAlready
from services.allocation.routes import allocations
from tests.services.allocation.examples import (
    APPROVER,
    COORDINATOR,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_NEED,
    PROGRAMME,
    RECEIVER,
    RECORDER,
    STOREKEEPER,
    VERIFIER,
    cover_opened,
    facts,
)
from tests.services.allocation.season import (
    AUDITOR,
    LOCAL_COORDINATOR,
    OTHER_APPROVER,
    OTHER_OFFICER,
    Season,
    allocation_id,
    delivery_id,
    line_id,
    run_id,
)
from tests.support.answers import accepted, refused, shown
from tests.support.house import MONDAY

GIFT = UUID(int=80)


def run_lines(season: Season) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = shown(season.get(f"/matching-runs/{run_id(1)}", by=COORDINATOR))[
        "lines"
    ]
    return lines


@pytest.fixture
def matched(season: Season) -> Season:
    """Run number 1 with three lines."""
    season.received(3)
    season.needs(3)
    accepted(season.run())
    return season


# --- proposing ---


def test_all_lines_of_a_run_are_proposed_with_their_facts(matched: Season) -> None:
    accepted(matched.propose(run_id=run_id(1)))
    (proposal,) = [e for e in matched.house.events() if isinstance(e, AllocationProposed)]
    assert [str(line.line_id) for line in proposal.lines] == [
        line["line_id"] for line in run_lines(matched)
    ]
    line = proposal.lines[0]
    assert (line.recorded_by, line.verified_by, line.received_by) == (RECORDER, VERIFIER, RECEIVER)


def test_some_lines_of_a_run_are_proposed(matched: Season) -> None:
    (first, _, third) = [line["line_id"] for line in run_lines(matched)]
    accepted(matched.propose(run_id=run_id(1), line_ids=[third, first]))
    accepted(matched.propose(run_id=run_id(1), line_ids=[first, third]))
    shown_lines = shown(matched.get(f"/allocations/{allocation_id(1)}", by=COORDINATOR))["lines"]
    assert {line["line_id"] for line in shown_lines} == {first, third}
    assert {line["status"] for line in shown_lines} == {"proposed"}


def test_a_run_that_was_not_made_proposes_nothing(season: Season) -> None:
    refused(season.propose(run_id=run_id(1)), 404, "run-not-made")


def test_a_run_that_matched_nothing_proposes_nothing(season: Season) -> None:
    season.needs(1)
    accepted(season.run())
    refused(season.propose(run_id=run_id(1)), 422, "nothing-in-the-run")


def test_a_line_that_is_not_in_the_run(matched: Season) -> None:
    answer = matched.propose(run_id=run_id(1), line_ids=[NEED])
    assert refused(answer, 422, "line-not-in-the-run") == {"line_id": str(NEED)}


def test_too_many_lines_for_one_allocation(
    matched: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allocations, "LINES_MAX", 2)
    answer = matched.propose(run_id=run_id(1))
    assert refused(answer, 422, "too-many-lines-for-one-allocation") == {"at_most": 2}


def test_a_line_belongs_to_the_allocation_that_used_it_first(matched: Season) -> None:
    accepted(matched.propose(1, run_id=run_id(1)))
    answer = matched.propose(2, run_id=run_id(1))
    fields = refused(answer, 409, "line-proposed-already")
    assert fields["allocation_id"] == str(allocation_id(1))


def test_lines_are_chosen_by_hand(season: Season) -> None:
    lot_id = season.received()
    season.need()
    accepted(season.propose_by_hand(lot_id))
    proposed = season.house.events()[-2]
    assert isinstance(proposed, AllocationProposed)
    (line,) = proposed.lines
    assert line.reasons == ("chosen-by-hand", "band-2", "size-exact", "gender-same")


def test_nobody_chooses_what_does_not_fit(season: Season) -> None:
    lot_id = season.received(specification={"size": "H110", "gender": "female"})
    season.need()
    fields = refused(season.propose_by_hand(lot_id), 422, "lot-does-not-fit-the-need")
    assert fields == {"line_id": str(line_id(1)), "reason": "size-smaller"}


def test_what_is_not_there_is_not_proposed(season: Season) -> None:
    lot_id = season.received()
    refused(season.propose_by_hand(lot_id), 404, "need-not-open")
    season.need()
    refused(season.propose_by_hand(NEED), 404, "lot-not-opened")


def test_what_waits_to_be_mended_is_not_proposed(season: Season) -> None:
    lot_id = season.received(0, mendable=5)
    season.need()
    refused(season.propose_by_hand(lot_id), 422, "lot-is-held-apart")


def test_an_allocation_belongs_to_one_programme(season: Season) -> None:
    lots = [season.received(), season.received(number=2, programme_id=UUID(int=60))]
    needs = season.needs(2)
    lines = [
        {"line_id": line_id(n), "need_id": need, "lot_id": lot, "quantity": 1}
        for n, (need, lot) in enumerate(zip(needs, lots, strict=True))
    ]
    refused(season.propose(lines=lines), 422, "lines-of-two-programmes")
    refused(season.propose(lines=lines[1:]), 422, "lines-of-two-programmes")


def test_a_line_stands_in_it_once(season: Season) -> None:
    lot_id = season.received()
    line = {"line_id": line_id(1), "need_id": season.need(), "lot_id": lot_id, "quantity": 1}
    refused(season.propose(lines=[line, line]), 422, "same-line-twice")


def test_an_allocation_of_that_id_was_proposed_otherwise(season: Season) -> None:
    lot_id = season.received()
    season.need()
    accepted(season.propose_by_hand(lot_id))
    accepted(season.propose_by_hand(lot_id))
    answer = season.propose_by_hand(lot_id, quantity=2)
    refused(answer, 409, "allocation-proposed-otherwise")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"line_ids": [str(NEED)]},
        {"run_id": str(NEED), "lines": []},
        {"lines": []},
        {"run_id": str(NEED), "line_ids": []},
        {
            "lines": [
                {"line_id": str(NEED), "need_id": str(NEED), "lot_id": str(NEED), "quantity": 0}
            ]
        },
    ],
)
def test_a_proposal_that_makes_no_sense(season: Season, body: dict[str, Any]) -> None:
    refused(season.propose(**body), 422, "request-not-valid")
    assert season.house.events() == []


def test_a_coordinator_proposes_for_their_own_units(season: Season) -> None:
    lot_id = season.received()
    line = {"line_id": line_id(1), "need_id": season.need(), "lot_id": lot_id, "quantity": 1}
    answer = season.propose(by=LOCAL_COORDINATOR, lines=[line])
    refused(answer, 403, "outside-your-unit")
    refused(season.propose(by=STOREKEEPER, lines=[line]), 403, "not-allowed")


# --- approving ---


@pytest.fixture
def proposed(season: Season) -> Season:
    """Allocation number 1 with one line for one need of one, from a lot of one."""
    lot_id = season.received(1)
    season.need()
    accepted(season.propose_by_hand(lot_id))
    return season


def test_another_person_approves(proposed: Season) -> None:
    accepted(proposed.approve())
    accepted(proposed.approve())
    assert sum(isinstance(event, AllocationApproved) for event in proposed.house.events()) == 1
    answer = shown(proposed.get(f"/allocations/{allocation_id(1)}", by=OTHER_APPROVER))
    assert (answer["status"], answer["lines"][0]["status"]) == ("approved", "approved")


@pytest.mark.parametrize(
    ("person", "role"),
    [
        (COORDINATOR, "proposed"),
        (RECORDER, "recorded"),
        (VERIFIER, "verified"),
        (RECEIVER, "received"),
    ],
)
def test_who_had_a_part_in_it_never_approves(proposed: Season, person: UUID, role: str) -> None:
    fields = refused(proposed.approve(by=person), 403, "involved-cannot-approve")
    assert fields == {"role": role}


def test_a_second_approver_is_told_so(proposed: Season) -> None:
    accepted(proposed.approve())
    refused(proposed.approve(by=OTHER_APPROVER), 409, "allocation-approved-otherwise")


def test_only_an_approver_approves(proposed: Season) -> None:
    refused(proposed.approve(by=OFFICER), 403, "not-allowed")


def test_nothing_is_approved_before_it_is_proposed(season: Season) -> None:
    refused(season.approve(), 404, "allocation-not-proposed")


def test_an_approval_may_be_told_later_but_not_sooner(proposed: Season) -> None:
    path = f"/allocations/{allocation_id(1)}/approval"
    tomorrow = MONDAY + timedelta(days=1)
    answer = proposed.post(path, by=OTHER_APPROVER, happened_at=tomorrow)
    refused(answer, 422, "not-yet-happened")
    yesterday = MONDAY - timedelta(days=1)
    accepted(proposed.post(path, by=OTHER_APPROVER, happened_at=yesterday))
    assert proposed.house.events()[-1].happened_at == yesterday


def test_a_lot_that_is_used_up_says_what_is_left(season: Season) -> None:
    lot_id = season.received(1)
    for number, need_id in enumerate(season.needs(2), 1):
        accepted(season.propose_by_hand(lot_id, need_id, number))
    accepted(season.approve(1))
    answer = season.approve(2)
    assert refused(answer, 409, "more-than-the-lot-holds") == {"quantity_free": 0}
    assert answer.json()["detail"] == "Lô hàng chỉ còn 0."


def test_a_need_that_has_its_jacket_says_by_which_line(season: Season) -> None:
    lots = [season.received(), season.received(number=2)]
    season.need()
    for number, lot_id in enumerate(lots, 1):
        accepted(season.propose_by_hand(lot_id, NEED, number))
    accepted(season.approve(1))
    fields = refused(season.approve(2), 409, "need-covered-already")
    assert fields == {"quantity_open": 0, "covered_by": [str(line_id(1))]}


def test_a_withdrawn_need_is_given_nothing(proposed: Season) -> None:
    proposed.withdrawn()
    refused(proposed.approve(), 409, "need-is-withdrawn")


def test_a_lapsed_need_is_neither_proposed_for_nor_given_anything(proposed: Season) -> None:
    proposed.house.now = begins(cover_opened.lapses_on)
    refused(proposed.approve(), 409, "need-has-lapsed")
    again = proposed.propose_by_hand(proposed.received(number=2), NEED, 2)
    fields = refused(again, 409, "need-has-lapsed")
    assert fields == {"need_id": str(NEED), "lapsed_on": f"{cover_opened.lapses_on}"}
    proposed.house.now = MONDAY
    proposed.lapsed(NEED)
    refused(proposed.approve(), 409, "need-has-lapsed")


def test_nothing_is_proposed_or_approved_once_the_programme_is_over(season: Season) -> None:
    lot_id = season.received()
    season.need(lapses_on=date(2027, 1, 1))
    accepted(season.propose_by_hand(lot_id))
    season.house.now = season.house.now.replace(year=2026, month=1, day=1)
    refused(season.approve(), 409, "programme-not-running")
    refused(season.propose_by_hand(lot_id, NEED, 2), 409, "programme-not-running")


@pytest.mark.parametrize("quantity", [1, 2])
def test_an_id_that_a_direct_gift_used(season: Season, quantity: int) -> None:
    lot_id = season.received()
    season.need(quantity=3)
    season.given_directly(GIFT, NEED)
    chosen = line_of(GIFT, NEED)
    accepted(season.propose_by_hand(lot_id, quantity=quantity, line_id=chosen))
    since = len(season.house.events())
    refused(season.approve(), 409, "need-covered-otherwise")
    assert season.house.events(since) == []


def past_the_route(season: Season, number: int, *lines: AllocationLine) -> None:
    """Proposed as the allocation of this number, of which the route would have refused some."""
    first = next(e for e in season.house.events() if isinstance(e, AllocationProposed))
    changed = {"allocation_id": allocation_id(number), "lines": lines or first.lines}
    context = CommandContext(Key(COORDINATOR, uuid4(), b""), Why(actor=COORDINATOR))
    command = ProposeAllocation(**(facts(first) | changed))
    asyncio.run(
        season.house.executor.execute(allocation, stream(allocation_id(number)), command, context)
    )


@pytest.mark.parametrize(
    ("lot_of", "need_of", "code"),
    [
        (UUID(int=60), PROGRAMME, "lot-of-another-programme"),
        (PROGRAMME, UUID(int=60), "need-of-another-programme"),
    ],
)
def test_nothing_of_another_programme_is_approved(
    proposed: Season, lot_of: UUID, need_of: UUID, code: str
) -> None:
    first = next(e for e in proposed.house.events() if isinstance(e, AllocationProposed))
    strange = replace(
        first.lines[0],
        allocation_id=allocation_id(2),
        line_id=line_id(2),
        lot_id=proposed.received(number=2, programme_id=lot_of),
        need_id=proposed.need(OTHER_NEED, programme_id=need_of),
    )
    past_the_route(proposed, 2, strange)
    since = len(proposed.house.events())
    refused(proposed.approve(2), 409, code)
    assert proposed.house.events(since) == []


def test_of_two_who_propose_the_same_line_at_the_same_instant_one_wins(proposed: Season) -> None:
    """Both looked before either had written: the second proposal is given past the route."""
    since = len(proposed.house.events())
    with pytest.raises(LineProposedAlready) as refusal:
        past_the_route(proposed, 2)
    assert refusal.value.allocation_id == allocation_id(1)
    assert proposed.house.events(since) == []
    accepted(proposed.approve(1))


def test_a_refused_line_says_why(season: Season) -> None:
    lot_id = season.received(1)
    lines = [
        {"line_id": line_id(n), "need_id": need_id, "lot_id": lot_id, "quantity": 1}
        for n, need_id in enumerate(season.needs(2), 1)
    ]
    accepted(season.propose(lines=lines))
    accepted(season.approve())
    answer = shown(season.get(f"/allocations/{allocation_id(1)}", by=AUDITOR))
    assert [(line["status"], line["code"]) for line in answer["lines"]] == [
        ("approved", None),
        ("refused", "more-than-the-lot-holds"),
    ]
    assert (answer["line_count"], answer["refused_count"]) == (2, 1)


# --- giving back ---


def release(season: Season, *line_ids: UUID, number: int = 1) -> Any:
    path = f"/allocations/{allocation_id(number)}/release"
    return season.post(path, by=COORDINATOR, line_ids=list(line_ids))


def test_a_line_is_given_back_and_may_go_to_another(season: Season) -> None:
    lot_id = season.received(1)
    for number, need_id in enumerate(season.needs(2), 1):
        accepted(season.propose_by_hand(lot_id, need_id, number))
    accepted(season.approve(1))
    accepted(release(season, line_id(1)))
    accepted(release(season, line_id(1)))
    released = [e for e in season.house.events() if isinstance(e, AllocationLineReleased)]
    assert len(released) == 1
    accepted(season.approve(2))
    line = shown(season.get(f"/allocations/{allocation_id(1)}", by=COORDINATOR))["lines"][0]
    assert line["status"] == "released"


def test_only_approved_lines_are_given_back(proposed: Season) -> None:
    refused(release(proposed, line_id(1), number=9), 404, "allocation-not-proposed")
    refused(release(proposed, line_id(1)), 409, "allocation-not-approved")
    accepted(proposed.approve())
    refused(release(proposed, OTHER_NEED), 409, "line-not-approved")


def test_what_a_delivery_took_up_is_not_given_back(season: Season) -> None:
    line_ids = season.approved_lines(1)
    accepted(season.plan(line_ids))
    fields = refused(release(season, *line_ids), 409, "line-in-a-delivery")
    assert fields["delivery_id"] == str(delivery_id(1))


# --- seeing ---


def test_allocations_are_listed_by_what_they_wait_for(proposed: Season) -> None:
    path = "/allocations?status=proposed"
    assert len(shown(proposed.get(path, by=OTHER_APPROVER))["items"]) == 1
    accepted(proposed.approve())
    assert shown(proposed.get(path, by=OTHER_APPROVER))["items"] == []


def test_an_allocation_that_is_not_there(season: Season) -> None:
    path = f"/allocations/{allocation_id(1)}"
    refused(season.get(path, by=AUDITOR), 404, "allocation-not-proposed")
    refused(season.get(path, by=OFFICER), 403, "not-allowed")


def test_a_need_of_another_commune_is_for_its_own_approver(season: Season) -> None:
    local = season.house.grant(UUID(int=99), "approver", OTHER_COMMUNE)
    lot_id = season.received()
    season.need()
    accepted(season.propose_by_hand(lot_id))
    refused(season.approve(by=local), 403, "outside-your-unit")


def test_what_another_units_fund_holds_is_not_ones_own_to_give(season: Season) -> None:
    local = season.house.grant(UUID(int=99), "approver", OTHER_COMMUNE)
    lot_id = season.received()
    season.need(unit_id=OTHER_COMMUNE)
    line = {"line_id": line_id(1), "need_id": NEED, "lot_id": lot_id, "quantity": 1}
    answer = season.propose(by=LOCAL_COORDINATOR, lines=[line])
    refused(answer, 403, "outside-your-unit")
    accepted(season.propose_by_hand(lot_id))
    refused(season.approve(by=local), 403, "outside-your-unit")
    season.fund_kept_in(OTHER_COMMUNE)
    accepted(season.approve(by=local))


def test_one_sees_the_allocations_with_lines_for_ones_own_unit_and_those_lines(
    season: Season,
) -> None:
    season.house.grant(OTHER_OFFICER, "storekeeper", OTHER_COMMUNE)
    lot_id = season.received()
    season.need()
    season.need(OTHER_NEED, unit_id=OTHER_COMMUNE)
    accepted(season.propose_by_hand(lot_id))
    path = f"/allocations/{allocation_id(1)}"
    assert shown(season.get("/allocations", by=OTHER_OFFICER))["items"] == []
    refused(season.get(path, by=OTHER_OFFICER), 404, "allocation-not-proposed")
    accepted(season.run(1))
    accepted(season.propose(2, run_id=run_id(1)))
    (listed,) = shown(season.get("/allocations", by=OTHER_OFFICER))["items"]
    both = f"/allocations/{listed['allocation_id']}"
    needs = [line["need_id"] for line in shown(season.get(both, by=OTHER_OFFICER))["lines"]]
    assert needs == [str(OTHER_NEED)]
    assert len(shown(season.get(both, by=COORDINATOR))["lines"]) == 2
    assert len(shown(season.get("/allocations", by=COORDINATOR))["items"]) == 2


def test_who_approves_says_what_they_saw(proposed: Season) -> None:
    path = f"/allocations/{allocation_id(1)}"
    approval = f"{path}/approval"
    fields = refused(
        proposed.house.call("POST", approval, {}, by=APPROVER, if_match=None),
        428,
        "if-match-missing",
    )
    assert fields == {"reading": "/allocations/{allocation_id}"}
    seen = proposed.get(path, by=APPROVER).headers["ETag"]
    assert seen.startswith('"1.')
    accepted(proposed.house.call("POST", approval, {}, by=APPROVER, if_match=seen))
    answer = proposed.house.call("POST", approval, {}, by=OTHER_APPROVER, if_match=seen)
    fields = refused(answer, 412, "changed-since")
    assert (fields["seen_version"], fields["version"]) == (1, 2)
    assert {"field": "approval.approved_by", "seen": None, "now": str(APPROVER)} in fields[
        "changed"
    ]
