from dataclasses import fields, replace
from typing import Any
from uuid import UUID

import pytest

from contracts.donations import EntryLine, ReceiptIssued
from contracts.event import declarations
from services.portal.event_facts import FOR_ALL, OPEN_FIELDS, facts_of, is_for_all
from services.portal.read_models.events_seen import events_seen
from tests.services.portal.story import JACKETS
from tests.services.portal.winter import a_winter

WINTER = a_winter().told
CHILDS = ("child_id", "need_id", "birth_month", "gender", "specification", "household_id")


def of_type(name: str) -> Any:
    return next(one.event for one in WINTER if declarations[type(one.event)].name == name)


@pytest.mark.parametrize("name", ["need-recorded", "need-opened", "delivery-line-signed"])
def test_of_a_childs_need_only_what_leads_onwards_is_told(name: str) -> None:
    event = of_type(name)
    facts = facts_of(event)
    assert facts
    told = set(facts.values())
    for field in (*CHILDS, "unit_id", "category", "quantity"):
        if field in {one.name for one in fields(event)}:
            assert field not in facts
    assert str(event.unit_id) not in told


def test_nothing_that_is_about_a_child_is_ever_open() -> None:
    assert not OPEN_FIELDS & set(CHILDS)


def test_who_acted_is_not_among_the_facts() -> None:
    acted = {
        field.name
        for event in events_seen.events
        for field in fields(event)
        if field.name.endswith("_by") or field.name in ("person_id", "handed_to", "minutes")
    }
    assert not OPEN_FIELDS & acted


def test_a_gifts_facts_are_told() -> None:
    assert facts_of(of_type("pledge-made")) == {
        "campaign_id": str(of_type("pledge-made").campaign_id),
        "category": "warm-clothes",
        "kind": "goods",
        "measure": "piece",
        "pledge_id": str(of_type("pledge-made").pledge_id),
        "programme_id": str(of_type("pledge-made").programme_id),
        "quantity": 1000,
        "sponsor_id": str(of_type("pledge-made").sponsor_id),
    }


def test_a_cancelled_receipt_tells_its_number_and_why() -> None:
    assert facts_of(of_type("receipt-cancelled")) == {
        "book": "A",
        "contribution_id": str(JACKETS),
        "number": 6,
        "programme_id": str(of_type("pledge-made").programme_id),
        "reason": "wrong-giver",
        "year": 2024,
    }
    issued = [one.event for one in WINTER if isinstance(one.event, ReceiptIssued)]
    assert [facts_of(event).get("replaces") for event in issued] == [None, "A/2024 6"]


def test_whose_names_were_opened_and_what_for_is_told_to_auditors_under_pseudonyms() -> None:
    opened = of_type("names-opened")
    facts = facts_of(opened)
    assert (facts["children"], facts["purpose"]) == (2, "visit")
    assert facts["child_ids"] == ", ".join(map(str, opened.child_ids))
    granted = facts_of(of_type("disclosure-granted"))
    assert granted["ground"] == "guardian-and-own-consent"
    assert granted["person_id"] == str(opened.opened_by)
    assert not is_for_all(opened)
    assert not is_for_all(of_type("disclosure-granted"))


def test_a_reissued_report_tells_how_many_figures_changed_and_none_of_them() -> None:
    reissued = of_type("report-reissued")
    assert facts_of(reissued) == {
        "changed_figures": 2,
        "due_on": "2024-11-20",
        "figures": 2,
        "form": "Báo cáo tháng, biểu 02",
        "issue": 2,
        "period_from": "2024-10-15",
        "period_to": "2024-11-14",
        "programme_id": str(reissued.programme_id),
        "reason": "late-fact",
        "report_id": str(reissued.report_id),
        "unit_id": str(reissued.unit_id),
    }
    assert is_for_all(reissued)


def test_a_list_is_told_by_its_length() -> None:
    assert facts_of(of_type("delivery-planned"))["lines"] == 8


def test_only_what_tells_of_no_person_or_child_is_for_all() -> None:
    assert is_for_all(of_type("unit-established"))
    for name in ("role-granted", "need-recorded", "delivery-planned", "support-delivered"):
        assert not is_for_all(of_type(name))
    of_children = {"child_id", "need_id", "household_id", "group_id", "delivery_id"}
    for event in FOR_ALL:
        assert not {field.name for field in fields(event)} & of_children, event
    assert not [event for event in FOR_ALL if declarations[event].service == "notifications"]


def test_a_booking_that_pays_for_a_child_is_for_auditors() -> None:
    came = of_type("fund-entry-booked")
    assert is_for_all(came)
    paid = replace(
        came,
        lines=(
            EntryLine(account="support-delivered", debit=2_000_000, credit=0),
            EntryLine(account="advances", debit=0, credit=2_000_000),
        ),
    )
    assert not is_for_all(paid)


def test_every_event_of_every_service_is_followed() -> None:
    ours = {"registry", "donations", "allocation", "notifications", None}
    followed = {declarations[event].name for event in events_seen.events}
    assert followed == {one.name for one in declarations.values() if one.service in ours}


def test_no_value_is_composite() -> None:
    for one in WINTER:
        assert all(isinstance(value, str | int | bool) for value in facts_of(one.event).values())
        assert not any(isinstance(value, UUID) for value in facts_of(one.event).values())
