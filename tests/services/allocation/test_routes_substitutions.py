from typing import Any
from uuid import UUID

import pytest

from contracts.allocation import (
    DeliveryCompleted,
    DeliveryLineSigned,
    DeliveryLineSubstituted,
    DeliveryLineSubstitutionRatified,
    DeliveryLineSubstitutionRefused,
    GiftsArrived,
    LotDrawn,
    NeedCovered,
    NeedUncovered,
    SupportDelivered,
)
from contracts.vietnamese_day import begins
from services.allocation.domain.direct_gift import line_of
from tests.services.allocation.examples import (
    COMMUNE,
    COORDINATOR,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_COORDINATOR,
    OTHER_NEED,
    RECEIVER,
    RECORDER,
    STOREKEEPER,
    VERIFIER,
    cover_opened,
)
from tests.services.allocation.season import (
    AUDITOR,
    LOCAL_COORDINATOR,
    OTHER_OFFICER,
    Season,
    allocation_id,
    delivery_id,
    line_id,
)
from tests.support.answers import accepted, refused, shown

REASON = "Gia đình cháu Bùi Thị Đi Xa đã chuyển vào Nam"
REFUSAL = "Cháu nhận thay đã có áo mới của trường"
GIFT = UUID(int=80)
OTHERS_CHILD = UUID(int=5900)


def waiting(season: Season, need_id: UUID = NEED, **changed: object) -> UUID:
    """Another child of the commune with an open need."""
    return season.need(need_id, **({"child_id": OTHERS_CHILD} | changed))


def substitute(
    season: Season, line: UUID, need_id: UUID = NEED, *, by: UUID = OFFICER, **changed: object
) -> Any:
    said: dict[str, Any] = {"line_id": line, "need_id": need_id, "reason": REASON}
    return season.step("substitutions", by=by, **(said | {"signed_as": "guardian"} | changed))


def ratify(season: Season, line: UUID, *, by: UUID = OTHER_COORDINATOR) -> Any:
    return season.step(f"substitutions/{line}/ratification", by=by)


def refuse(
    season: Season, line: UUID, *, by: UUID = OTHER_COORDINATOR, reason: str = REFUSAL
) -> Any:
    return season.step(f"substitutions/{line}/refusal", by=by, reason=reason)


def open_needs(season: Season) -> dict[str, int]:
    items = shown(season.get(f"/open-needs?unit_id={COMMUNE}", by=COORDINATOR))["items"]
    return {need["need_id"]: need["quantity_open"] for need in items}


# --- giving it to another child ---


def test_the_cover_moves_to_the_other_need_and_the_lot_gives_in_one_append(
    season: Season,
) -> None:
    first, second = season.handed_over(2)
    waiting(season)
    accepted(season.sign(second))
    since = len(season.house.events())
    accepted(substitute(season, first))
    accepted(substitute(season, first))
    happened = season.house.events(since)
    assert [type(event) for event in happened] == [
        DeliveryLineSubstituted,
        DeliveryLineSigned,
        GiftsArrived,
        DeliveryCompleted,
        NeedUncovered,
        NeedCovered,
        SupportDelivered,
        LotDrawn,
    ]
    given, signed, _, _, uncovered, covered, delivered, drawn = happened
    assert (signed.need_id, signed.child_id) == (given.need_id, given.child_id)
    assert (given.need_id, given.child_id) == (NEED, OTHERS_CHILD)
    assert (uncovered.need_id, covered.need_id) == (given.replaced_need_id, NEED)
    assert {uncovered.line_id, covered.line_id, drawn.line_id, delivered.line_id} == {first}
    assert (delivered.way, delivered.need_id) == ("substituted-line", NEED)
    # The first child still needs one; the other one asks for nothing more.
    assert open_needs(season) == {str(given.replaced_need_id): 1}
    (lot,) = shown(season.get("/lots", by=STOREKEEPER))["items"]
    assert (lot["quantity_free"], lot["quantity_kept"], lot["quantity_drawn"]) == (0, 0, 2)
    assert "Đi Xa" not in repr(season.house.events())


def test_the_line_and_the_list_say_who_was_given_it(season: Season) -> None:
    first, _ = season.handed_over(2)
    waiting(season)
    accepted(substitute(season, first, signed_as="fingerprint"))
    answer = shown(season.get(f"/deliveries/{delivery_id(1)}", by=OFFICER))
    (line,) = [line for line in answer["lines"] if line["line_id"] == str(first)]
    assert (line["status"], line["substitute_need_id"]) == ("signed", str(NEED))
    (listed,) = shown(season.get("/substitutions?status=waiting", by=AUDITOR))["items"]
    assert (listed["need_id"], listed["replaced_need_id"]) == (str(NEED), line["need_id"])
    assert listed["signed_as"] == "fingerprint"
    assert "reason" not in listed


def test_a_proxy_is_named_and_the_name_is_sealed(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    named: dict[str, Any] = {"signatory_name": "Bùi Thị Nhận Thay", "signatory_relation": "bà nội"}
    refused(substitute(season, line, signed_as="proxy"), 422, "request-not-valid")
    accepted(substitute(season, line, signed_as="proxy", **named))
    signed = next(e for e in season.house.events() if isinstance(e, DeliveryLineSigned))
    assert signed.signatory is not None
    assert "Nhận Thay" not in repr(season.house.events())


def test_a_line_is_given_once(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    waiting(season, OTHER_NEED, child_id=UUID(int=5901))
    accepted(substitute(season, line))
    refused(substitute(season, line, OTHER_NEED), 409, "line-signed-otherwise")
    refused(season.sign(line), 409, "line-signed-otherwise")


def test_only_a_delivery_that_was_handed_over(season: Season) -> None:
    waiting(season)
    refused(substitute(season, line_id(1)), 404, "delivery-not-planned")
    refused(ratify(season, line_id(1)), 404, "delivery-not-planned")
    refused(refuse(season, line_id(1)), 404, "delivery-not-planned")
    accepted(season.plan(season.approved_lines(1)))
    refused(substitute(season, line_id(1)), 409, "delivery-not-handed-over")
    refused(ratify(season, line_id(1)), 409, "delivery-not-handed-over")
    refused(refuse(season, line_id(1)), 409, "delivery-not-handed-over")


def test_a_line_of_another_delivery(season: Season) -> None:
    season.handed_over(1)
    waiting(season)
    fields = refused(substitute(season, NEED), 422, "line-not-in-the-delivery")
    assert fields == {"line_id": str(NEED)}


def test_the_other_need_is_open(season: Season) -> None:
    (line,) = season.handed_over(1)
    refused(substitute(season, line), 404, "need-not-open")
    waiting(season)
    season.house.now = begins(cover_opened.lapses_on)
    refused(substitute(season, line), 409, "need-has-lapsed")
    season.withdrawn()
    refused(substitute(season, line), 409, "need-is-withdrawn")


def test_the_other_need_is_not_covered_beyond_what_it_asks_for(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    season.given_directly(GIFT, NEED)
    since = len(season.house.events())
    fields = refused(substitute(season, line), 409, "need-covered-already")
    assert fields == {"quantity_open": 0, "covered_by": [str(line_of(GIFT, NEED))]}
    # Refused whole: the first child's need is covered as before and the line may be signed.
    assert season.house.events(since) == []
    accepted(season.sign(line))


@pytest.mark.parametrize("quantity", [1, 2])
def test_an_id_that_a_direct_gift_used(season: Season, quantity: int) -> None:
    """Whoever proposed the line by hand chose its id so."""
    line = line_of(GIFT, NEED)
    season.handed_over(1, line_ids=[line])
    waiting(season, quantity=3)
    season.given_directly(GIFT, NEED, quantity=quantity)
    since = len(season.house.events())
    refused(substitute(season, line), 409, "need-covered-otherwise")
    assert season.house.events(since) == []


def test_the_gift_fits_the_other_child(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season, specification={"size": "H130", "gender": "female"})
    waiting(season, OTHER_NEED, category="school-supplies", measure="set")
    fields = refused(substitute(season, line), 422, "lot-does-not-fit-the-need")
    assert fields == {"line_id": str(line), "reason": "size-smaller"}
    fields = refused(substitute(season, line, OTHER_NEED), 422, "lot-does-not-fit-the-need")
    assert fields["reason"] == "other-category"


def test_the_listed_child_is_no_substitute(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season, child_id=UUID(int=5000))
    refused(substitute(season, line), 422, "substitute-is-the-listed-child")


def test_the_other_child_is_of_the_commune(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season, unit_id=OTHER_COMMUNE)
    refused(substitute(season, line), 422, "substitute-of-another-unit")


def test_who_recorded_the_other_need_does_not_acknowledge(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season, recorded_by=RECORDER)
    fields = refused(substitute(season, line, by=RECORDER), 403, "involved-cannot-acknowledge")
    assert fields == {"line_id": str(line), "role": "recorded"}


def test_only_an_officer_of_the_commune(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    refused(substitute(season, line, by=OTHER_OFFICER), 403, "outside-your-unit")
    refused(substitute(season, line, by=COORDINATOR), 403, "not-allowed")


def test_the_need_that_was_let_go_is_met_by_another_line(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    accepted(substitute(season, line))
    lot_id = season.received(1, number=2)
    accepted(season.propose_by_hand(lot_id, UUID(int=4000), 2))
    accepted(season.approve(2))
    answer = shown(season.get(f"/allocations/{allocation_id(2)}", by=COORDINATOR))
    assert [one["status"] for one in answer["lines"]] == ["approved"]


def test_planning_it_again_still_changes_nothing(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    accepted(substitute(season, line))
    since = len(season.house.events())
    accepted(season.plan([line]))
    assert season.house.events(since) == []


# --- ratifying or refusing it ---


def test_another_person_ratifies(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    accepted(substitute(season, line))
    accepted(ratify(season, line))
    accepted(ratify(season, line))
    happened = [
        event
        for event in season.house.events()
        if isinstance(event, DeliveryLineSubstitutionRatified)
    ]
    assert [event.ratified_by for event in happened] == [OTHER_COORDINATOR]
    refused(refuse(season, line), 409, "substitution-judged-otherwise")
    (listed,) = shown(season.get("/substitutions?status=ratified", by=OFFICER))["items"]
    assert listed["judged_by"] == str(OTHER_COORDINATOR)


def test_or_refuses_and_the_gift_stays_given(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    accepted(substitute(season, line))
    since = len(season.house.events())
    accepted(refuse(season, line))
    accepted(refuse(season, line))
    (event,) = season.house.events(since)
    assert isinstance(event, DeliveryLineSubstitutionRefused)
    assert "áo mới" not in repr(event)
    refused(ratify(season, line), 409, "substitution-judged-otherwise")
    refused(refuse(season, line, reason="x"), 409, "substitution-judged-otherwise")
    assert shown(season.get(f"/substitutions/{line}", by=COORDINATOR))["refusal"] == REFUSAL


@pytest.mark.parametrize(
    ("person", "role"),
    [
        (OFFICER, "acknowledged"),
        (VERIFIER, "verified"),
        (RECEIVER, "received"),
        (RECORDER, "recorded"),
    ],
)
@pytest.mark.parametrize("judge", [ratify, refuse])
def test_who_had_a_part_in_it_does_neither(
    season: Season, judge: Any, person: UUID, role: str
) -> None:
    season.house.grant(person, "coordinator", COMMUNE)
    (line,) = season.handed_over(1)
    waiting(season)
    accepted(substitute(season, line))
    fields = refused(judge(season, line, by=person), 403, "involved-cannot-judge")
    assert fields == {"role": role}


@pytest.mark.parametrize("judge", [ratify, refuse])
def test_only_a_coordinator_of_the_unit(season: Season, judge: Any) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    accepted(substitute(season, line))
    refused(judge(season, line, by=OTHER_OFFICER), 403, "not-allowed")
    refused(judge(season, line, by=LOCAL_COORDINATOR), 403, "outside-your-unit")


def test_nothing_is_judged_that_was_not_given_to_another(season: Season) -> None:
    (line,) = season.handed_over(1)
    accepted(season.sign(line))
    for answer in (
        ratify(season, line),
        refuse(season, line),
        season.get(f"/substitutions/{line}", by=COORDINATOR),
    ):
        assert refused(answer, 404, "line-not-substituted") == {"line_id": str(line)}


# --- seeing ---


def test_who_ratifies_reads_the_reason_and_the_auditor_does_not(season: Season) -> None:
    (line,) = season.handed_over(1)
    waiting(season)
    accepted(substitute(season, line))
    path = f"/substitutions/{line}"
    assert shown(season.get(path, by=COORDINATOR))["reason"] == REASON
    refused(season.get(path, by=AUDITOR), 403, "not-allowed")
    refused(season.get(path, by=OTHER_OFFICER), 403, "outside-your-unit")
    assert shown(season.get("/substitutions", by=OTHER_OFFICER))["items"] == []
