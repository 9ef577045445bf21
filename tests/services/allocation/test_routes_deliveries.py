from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.allocation import (
    DeliveryCompleted,
    DeliveryLineAbsent,
    DeliveryLineSigned,
    DeliveryPlanned,
    GiftsArrived,
    LotDrawn,
    NeedCovered,
    SupportDelivered,
)
from tests.services.allocation.examples import (
    APPROVER,
    CITY,
    COMMUNE,
    COORDINATOR,
    HOLDER,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_NEED,
    RECORDER,
    STOREKEEPER,
)
from tests.services.allocation.season import (
    AUDITOR,
    OTHER_OFFICER,
    Season,
    allocation_id,
    delivery_id,
    line_id,
)
from tests.support.answers import accepted, refused, shown

# --- planning ---


DISPATCH = "involved-cannot-dispatch"
HAND_OVER = "involved-cannot-hand-over"
TAKE_OVER = "involved-cannot-take-over"


def test_approved_lines_are_planned_together(season: Season) -> None:
    line_ids = season.approved_lines(2)
    accepted(season.plan(line_ids))
    accepted(season.plan(line_ids[::-1]))
    answer = shown(season.get(f"/deliveries/{delivery_id(1)}", by=OFFICER))
    assert (answer["status"], answer["line_count"], answer["signed_count"]) == ("planned", 2, 0)
    assert {line["status"] for line in answer["lines"]} == {"planned"}


def test_another_plan_of_that_id(season: Season) -> None:
    line_ids = season.approved_lines(2)
    accepted(season.plan(line_ids))
    refused(season.plan(line_ids[:1]), 409, "delivery-planned-otherwise")


def test_a_line_is_never_in_two_deliveries(season: Season) -> None:
    line_ids = season.approved_lines(2)
    accepted(season.plan(line_ids[:1]))
    fields = refused(season.plan(line_ids, 2), 409, "line-in-a-delivery")
    assert fields == {"line_id": str(line_ids[0]), "delivery_id": str(delivery_id(1))}
    assert sum(isinstance(event, DeliveryPlanned) for event in season.house.events()) == 1


def test_only_approved_lines_are_delivered(season: Season) -> None:
    lot_id = season.received(1)
    first, second = season.needs(2)
    accepted(season.propose_by_hand(lot_id, first))
    refused(season.plan([line_id(1)]), 409, "allocation-not-approved")
    refused(season.plan([NEED]), 409, "line-not-approved")
    accepted(season.propose_by_hand(lot_id, second, 2))
    accepted(season.approve())
    release = f"/allocations/{allocation_id(1)}/release"
    accepted(season.post(release, by=COORDINATOR, line_ids=[line_id(1)]))
    refused(season.plan([line_id(1)]), 409, "line-not-approved")


def test_a_commune_hands_out_for_its_own_children(season: Season) -> None:
    line_ids = season.approved_lines(1)
    answer = season.plan(line_ids, unit_id=OTHER_COMMUNE)
    assert refused(answer, 422, "line-of-another-unit") == {"line_id": str(line_ids[0])}


@pytest.mark.parametrize("others", [(), (UUID(int=36),)])
def test_a_successor_hands_out_for_the_commune_before_it(
    season: Season, others: tuple[UUID, ...]
) -> None:
    """Alone or with others: of a commune that was split, either part may hand out."""
    line_ids = season.approved_lines(1)
    season.succeeded(COMMUNE, OTHER_COMMUNE, *others)
    accepted(season.plan(line_ids, unit_id=OTHER_COMMUNE))


def test_a_delivery_belongs_to_one_programme(season: Season) -> None:
    lots = [season.received(), season.received(number=2, programme_id=UUID(int=60))]
    needs = [season.need(), season.need(OTHER_NEED, programme_id=UUID(int=60))]
    for number, (need_id, lot_id) in enumerate(zip(needs, lots, strict=True), 1):
        accepted(season.propose_by_hand(lot_id, need_id, number))
        accepted(season.approve(number))
    refused(season.plan([line_id(1), line_id(2)]), 422, "lines-of-two-programmes")


def test_only_a_coordinator_of_the_unit_plans(season: Season) -> None:
    line_ids = season.approved_lines(1)
    body = {"unit_id": COMMUNE, "activity": "x", "planned_for": "2024-10-12", "line_ids": line_ids}
    path = f"/deliveries/{delivery_id(1)}"
    refused(season.put(path, by=OFFICER, **body), 403, "not-allowed")
    local = season.house.grant(UUID(int=99), "coordinator", OTHER_COMMUNE)
    refused(season.put(path, by=local, **body), 403, "outside-your-unit")


# --- on the way ---


def test_it_leaves_with_a_waybill_and_is_taken_over(season: Season) -> None:
    accepted(season.plan(season.approved_lines(1)))
    refused(
        season.step("handover", by=STOREKEEPER, handed_to=HOLDER), 409, "delivery-not-dispatched"
    )
    accepted(season.step("dispatch", by=STOREKEEPER, waybill="XK-1"))
    accepted(season.step("dispatch", by=STOREKEEPER, waybill="XK-1"))
    answer = season.step("dispatch", by=STOREKEEPER, waybill="XK-2")
    refused(answer, 409, "delivery-dispatched-otherwise")
    refused(season.sign(line_id(1)), 409, "delivery-not-handed-over")
    accepted(season.step("handover", by=STOREKEEPER, handed_to=HOLDER))
    accepted(season.step("handover", by=STOREKEEPER, handed_to=HOLDER))
    answer = season.step("handover", by=STOREKEEPER, handed_to=RECORDER)
    refused(answer, 409, "delivery-handed-over-otherwise")
    shown_now = shown(season.get(f"/deliveries/{delivery_id(1)}", by=AUDITOR))
    assert (shown_now["status"], shown_now["waybill"]) == ("handed-over", "XK-1")


def test_a_delivery_that_was_not_planned(season: Season) -> None:
    for step, by, body in (
        ("dispatch", STOREKEEPER, {"waybill": "XK-1"}),
        ("handover", STOREKEEPER, {"handed_to": OFFICER}),
        ("signatures", OFFICER, {"lines": [{"line_id": NEED, "signed_as": "guardian"}]}),
        ("absences", OFFICER, {"lines": [{"line_id": NEED, "kept_until": "2024-12-31"}]}),
    ):
        refused(season.step(step, by=by, **body), 404, "delivery-not-planned")
    refused(season.get(f"/deliveries/{delivery_id(1)}", by=AUDITOR), 404, "delivery-not-planned")


# --- signing ---


def test_each_signature_draws_from_the_lot_and_the_last_one_completes(season: Season) -> None:
    first, second = season.handed_over(2)
    since = len(season.house.events())
    accepted(season.sign(first))
    accepted(season.sign(first, second))
    assert [type(event) for event in season.house.events(since)] == [
        DeliveryLineSigned,
        LotDrawn,
        SupportDelivered,
        DeliveryLineSigned,
        GiftsArrived,
        DeliveryCompleted,
        LotDrawn,
        SupportDelivered,
    ]
    (gift,) = season.house.events(since)[4].gifts
    assert (gift.quantity, gift.children) == (2, 2)
    answer = shown(season.get(f"/deliveries/{delivery_id(1)}", by=OFFICER))
    assert (answer["status"], answer["signed_count"]) == ("completed", 2)
    (lot,) = shown(season.get("/lots", by=STOREKEEPER))["items"]
    assert (lot["quantity_free"], lot["quantity_kept"], lot["quantity_drawn"]) == (0, 0, 2)


def test_a_proxy_is_named_and_the_name_is_sealed(season: Season) -> None:
    (line,) = season.handed_over(1)
    proxy: dict[str, Any] = {
        "signed_as": "proxy",
        "signatory_name": "Bùi Thị Nhận Thay",
        "signatory_relation": "bà nội",
    }
    accepted(season.sign(line, **proxy))
    accepted(season.sign(line, **proxy))
    signed = next(e for e in season.house.events() if isinstance(e, DeliveryLineSigned))
    assert signed.signatory is not None
    assert "Nhận Thay" not in repr(season.house.events())
    refused(season.sign(line), 409, "line-signed-otherwise")


@pytest.mark.parametrize(
    "said",
    [
        {"signed_as": "proxy"},
        {"signed_as": "proxy", "signatory_name": "Bùi Thị Nhận Thay"},
        {"signed_as": "guardian", "signatory_name": "x", "signatory_relation": "y"},
        {"signed_as": "somebody"},
    ],
)
def test_a_proxy_and_nobody_else_is_named(season: Season, said: dict[str, Any]) -> None:
    (line,) = season.handed_over(1)
    answer = season.sign(line, **said)
    refused(answer, 422, "request-not-valid")
    assert "Nhận Thay" not in answer.text


def test_who_recorded_the_need_does_not_acknowledge(season: Season) -> None:
    (line,) = season.handed_over(1)
    answer = season.sign(line, by=RECORDER)
    fields = refused(answer, 403, "involved-cannot-acknowledge")
    assert fields == {"line_id": str(line), "role": "recorded"}


def test_who_approved_it_does_not_send_it_off(season: Season) -> None:
    accepted(season.plan(season.approved_lines(1)))
    season.house.grant(APPROVER, "storekeeper", CITY)
    fields = refused(season.step("dispatch", by=APPROVER, waybill="XK-1"), 403, DISPATCH)
    assert fields == {"role": "approved"}
    accepted(season.step("dispatch", by=STOREKEEPER, waybill="XK-1"))
    fields = refused(season.step("handover", by=APPROVER, handed_to=HOLDER), 403, HAND_OVER)
    assert fields == {"role": "approved"}


def test_nobody_hands_it_over_to_themselves_or_to_a_stranger(season: Season) -> None:
    accepted(season.plan(season.approved_lines(1)))
    accepted(season.step("dispatch", by=STOREKEEPER, waybill="XK-1"))
    itself = season.step("handover", by=OFFICER, handed_to=OFFICER)
    assert refused(itself, 403, TAKE_OVER) == {"role": "handed-over"}
    for stranger in (UUID(int=999), OTHER_OFFICER):
        answer = season.step("handover", by=STOREKEEPER, handed_to=stranger)
        refused(answer, 422, "recipient-works-elsewhere")
    accepted(season.step("handover", by=STOREKEEPER, handed_to=HOLDER))


def test_an_officer_of_another_commune_does_not_acknowledge(season: Season) -> None:
    (line,) = season.handed_over(1)
    refused(season.sign(line, by=OTHER_OFFICER), 403, "outside-your-unit")
    refused(season.sign(line, by=STOREKEEPER), 403, "not-allowed")


def test_a_line_of_another_delivery_is_not_signed_here(season: Season) -> None:
    season.handed_over(1)
    refused(season.sign(NEED), 422, "line-not-in-the-delivery")
    refused(absent(season, NEED), 422, "line-not-in-the-delivery")


# --- absent ---


def absent(season: Season, line: UUID, kept_until: str = "2024-12-31") -> Any:
    lines = [{"line_id": line, "kept_until": kept_until}]
    return season.step("absences", by=OFFICER, lines=lines)


def test_an_absent_child_s_line_is_kept_and_signed_later(season: Season) -> None:
    first, second = season.handed_over(2)
    accepted(season.sign(second))
    accepted(absent(season, first))
    accepted(absent(season, first))
    noted = [event for event in season.house.events() if isinstance(event, DeliveryLineAbsent)]
    assert [event.kept_until for event in noted] == [date(2024, 12, 31)]
    answer = shown(season.get(f"/deliveries/{delivery_id(1)}", by=COORDINATOR))
    waiting = [line["line_id"] for line in answer["lines"] if line["status"] == "absent"]
    assert waiting == [str(first)]
    accepted(season.sign(first))
    assert isinstance(season.house.events()[-3], DeliveryCompleted)


def test_nobody_is_absent_whose_line_is_signed(season: Season) -> None:
    first, _ = season.handed_over(2)
    accepted(season.sign(first))
    refused(absent(season, first), 409, "line-signed-already")


def test_nobody_is_absent_before_the_gift_day(season: Season) -> None:
    line_ids = season.approved_lines(1)
    accepted(season.plan(line_ids))
    refused(absent(season, line_ids[0]), 409, "delivery-not-handed-over")


def test_a_partner_says_who_was_absent_where_they_took_the_goods_over(season: Season) -> None:
    """And sees that delivery; one that another took over is not theirs."""
    partner, teacher = UUID(int=97), UUID(int=98)
    season.house.grant(partner, "partner", COMMUNE)
    season.house.grant(teacher, "teacher", COMMUNE)
    path = f"/deliveries/{delivery_id(1)}"
    (line,) = season.approved_lines(1)
    accepted(season.plan([line]))
    accepted(season.step("dispatch", by=STOREKEEPER, waybill="XK-1"))
    lines = [{"line_id": line, "kept_until": "2024-12-31"}]
    refused(season.step("absences", by=partner, lines=lines), 403, "not-allowed")
    refused(season.get(path, by=partner), 404, "delivery-not-planned")
    accepted(season.step("handover", by=STOREKEEPER, handed_to=partner))
    refused(season.step("absences", by=teacher, lines=lines), 403, "not-allowed")
    accepted(season.step("absences", by=partner, lines=lines))
    assert len(shown(season.get("/deliveries/own", by=partner))["items"]) == 1
    assert shown(season.get("/deliveries/own", by=teacher))["items"] == []
    assert len(shown(season.get(path, by=partner))["lines"]) == 1
    refused(season.get(path, by=teacher), 404, "delivery-not-planned")
    shown(season.get(path, by=AUDITOR))


# --- seeing ---


def test_one_sees_the_deliveries_of_one_s_own_area(season: Season) -> None:
    season.handed_over(1)
    assert len(shown(season.get("/deliveries?status=handed-over", by=OFFICER))["items"]) == 1
    assert shown(season.get("/deliveries", by=OTHER_OFFICER))["items"] == []
    path = f"/deliveries?unit_id={COMMUNE}"
    assert len(shown(season.get(path, by=COORDINATOR))["items"]) == 1
    refused(season.get(path, by=OTHER_OFFICER), 403, "outside-your-unit")
    one = season.get(f"/deliveries/{delivery_id(1)}", by=OTHER_OFFICER)
    refused(one, 403, "outside-your-unit")


# --- what does not happen ---


def close(season: Season, *lines: UUID, by: UUID = OFFICER, reason: str = "child-left") -> Any:
    return season.step("closings", by=by, line_ids=list(lines), reason=reason)


def free(season: Season) -> Any:
    (lot,) = shown(season.get("/lots", by=STOREKEEPER))["items"]
    return lot["quantity_free"], lot["quantity_kept"]


def test_what_is_closed_goes_back_to_the_store_and_may_be_given_to_others(season: Season) -> None:
    first, second = season.handed_over(2)
    unknown = close(season, UUID(int=5))
    refused(unknown, 422, "line-not-in-the-delivery")
    accepted(season.sign(second))
    refused(close(season, second), 409, "signed-line-is-not-closed")
    accepted(close(season, first))
    refused(close(season, first, reason="not-collected"), 409, "line-is-closed")
    refused(season.sign(first), 409, "line-is-closed")
    refused(absent(season, first), 409, "line-is-closed")
    answer = shown(season.get(f"/deliveries/{delivery_id(1)}", by=OFFICER))
    assert answer["status"] == "completed"
    assert {(line["status"], line["closed_because"]) for line in answer["lines"]} == {
        ("signed", None),
        ("closed", "child-left"),
    }
    assert free(season) == (0, 1)
    refused(season.step("returns", by=STOREKEEPER, line_ids=[second]), 409, "line-not-closed")
    season.house.grant(HOLDER, "storekeeper", COMMUNE)
    took_over = season.step("returns", by=HOLDER, line_ids=[first])
    assert refused(took_over, 403, "involved-cannot-take-back")["role"] == "taken-over"
    accepted(season.step("returns", by=STOREKEEPER, line_ids=[first]))
    assert free(season) == (1, 0)


def test_a_delivery_that_does_not_take_place_gives_all_back(season: Season) -> None:
    refused(close(season, UUID(int=5)), 404, "delivery-not-planned")
    nothing = season.step("returns", by=STOREKEEPER, line_ids=[UUID(int=5)])
    refused(nothing, 404, "delivery-not-planned")
    lines = season.approved_lines(2)
    accepted(season.plan(lines))
    accepted(close(season, *lines, by=COORDINATOR, reason="delivery-cancelled"))
    assert free(season) == (2, 0)
    gone = season.step("dispatch", by=STOREKEEPER, waybill="XK-1")
    refused(gone, 409, "every-line-is-closed")


def test_of_a_withdrawn_need_nothing_is_kept_wherever_its_line_is(season: Season) -> None:
    first, second = season.approved_lines(2)
    accepted(season.plan([second]))
    needs = [event.need_id for event in season.house.events() if isinstance(event, NeedCovered)]
    for need_id in needs:
        season.withdrawn(need_id)
    assert free(season) == (2, 0)
    again = season.plan([first], 2)
    refused(again, 409, "line-not-approved")
