"""Whatever the order across services, and however cut into batches, the rows are the same."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.donations import NumberedReceipt
from contracts.event import declarations
from eventing.read_model import ReadModel
from eventing.record import Recorded
from services.portal.read_models import READ_MODELS
from services.portal.read_models.gifts import gift_lines, gifts
from services.portal.read_models.lines import lines
from services.portal.read_models.needs import needs
from services.portal.read_models.pledges import pledges
from services.portal.read_models.published import receipts
from tests.services.portal.story import BA_VI, CODE, DELIVERY, JACKETS, VOID_CODE, hashed, named
from tests.services.portal.winter import a_winter
from tests.support.interleaving import interleavings

WINTER = a_winter().told


def by_service(told: list[Recorded]) -> list[list[Recorded]]:
    services: defaultdict[str, list[Recorded]] = defaultdict(list)
    for recorded in told:
        services[recorded.service].append(recorded)
    return list(services.values())


def folded(
    model: ReadModel[Any, Any], log: list[Recorded], batch_size: int = 1000
) -> dict[Any, Any]:
    rows: dict[Any, Any] = {}
    log = [recorded for recorded in log if type(recorded.event) in model.events]
    for start in range(0, len(log), batch_size):
        rows |= model.fold(rows, log[start : start + batch_size])
        rows = {key: row for key, row in rows.items() if row is not None}
    return rows


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda model: str(model.name))
def test_the_winter_leaves_rows(model: ReadModel[Any, Any]) -> None:
    assert folded(model, WINTER)


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda model: str(model.name))
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_order_across_services_and_batches_do_not_matter(
    model: ReadModel[Any, Any], data: st.DataObject
) -> None:
    followed = [recorded for recorded in WINTER if type(recorded.event) in model.events][-60:]
    log = data.draw(interleavings(by_service(followed)))
    batch_size = data.draw(st.integers(1, 7))
    assert folded(model, log, batch_size) == folded(model, followed)


def test_each_column_comes_from_one_service() -> None:
    """A model over several services has one row for each record, so no two of them meet."""
    several = {
        model.name
        for model in READ_MODELS
        if len({declarations[event].service for event in model.events}) > 1
    }
    assert several == {"events_seen", "exceptions"}


def test_a_need_is_reserved_and_then_met() -> None:
    row = folded(needs, WINTER)[named("need", "09703", "warm-clothes", 1)]
    assert (row.unit_id, row.verified, row.quantity) == (BA_VI, True, 1)
    assert (row.quantity_reserved, row.quantity_met) == (0, 1)
    absent = folded(needs, WINTER)[named("need", "09703", "warm-clothes", 8)]
    assert (absent.quantity_reserved, absent.quantity_met) == (1, 0)


def test_a_line_goes_from_proposal_to_signature() -> None:
    row = folded(lines, WINTER)[named("allocated", "09703", 1)]
    assert (row.status, row.delivery_id, row.signed_as) == ("signed", DELIVERY, "guardian")
    assert row.reserved_at is not None
    assert folded(lines, WINTER)[named("allocated", "09703", 8)].status == "absent"


def test_a_gift_is_counted_line_by_line() -> None:
    rows = folded(gift_lines, WINTER)
    of_gift = [row for (gift, _), row in rows.items() if gift == JACKETS]
    found = [sum(getattr(row, name) for row in of_gift) for name in ("good", "mendable", "refused")]
    assert found == [800, 150, 50]
    assert all(row.accepted for row in of_gift)


def test_a_line_that_went_to_another_child_is_theirs() -> None:
    row = folded(lines, WINTER)[named("allocated", "09712", 3)]
    assert row.status == "signed"
    assert row.need_id == named("need", "09712", "warm-clothes", 4)
    assert row.child_id == named("child", "09712", 4)
    kept = folded(needs, WINTER)
    assert (kept[row.need_id].quantity_reserved, kept[row.need_id].quantity_met) == (0, 1)
    let_go = kept[named("need", "09712", "warm-clothes", 3)]
    assert (let_go.quantity_reserved, let_go.quantity_met) == (0, 0)


def test_a_gift_keeps_each_step_and_of_the_inspected_lines_the_last() -> None:
    row = folded(gifts, WINTER)[JACKETS]
    names = [step.event for step in row.steps]
    assert names == [
        "contribution-announced",
        "contribution-received",
        "contribution-line-inspected",
        "contribution-accepted",
        "contribution-receipted",
        "contribution-receipt-cancelled",
        "contribution-receipted",
    ]


def test_a_cancelled_receipt_stays_under_its_code_with_when_and_why() -> None:
    rows = folded(receipts, WINTER)
    void, stands = rows[hashed(VOID_CODE)], rows[hashed(CODE)]
    assert (void.number, void.reason) == (6, "wrong-giver")
    assert void.cancelled is not None
    assert void.cancelled.event == "receipt-cancelled"
    assert (stands.number, stands.cancelled, stands.reason) == (7, None, None)
    assert stands.replaces == NumberedReceipt(book="A", year=2024, number=6)


def test_what_comes_is_counted_for_its_pledge() -> None:
    (row,) = folded(pledges, WINTER).values()
    assert (row.quantity, row.quantity_come, row.fulfilled) == (1000, 800, False)


def test_no_row_holds_a_sealed_field() -> None:
    """The portal stores no personal data, not even sealed."""
    for model in READ_MODELS:
        for row in folded(model, WINTER).values():
            assert "ciphertext" not in repr(row)
