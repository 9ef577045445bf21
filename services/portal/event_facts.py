"""Which events anyone may see, and which facts of an event.

What is not named here is not shown: a new event or field stays unseen until somebody adds it.
"""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from contracts import allocation, donations, every_service, registry
from contracts.allocation import (
    AllocationProposed,
    DeliveryPlanned,
    DirectGiftRecorded,
    MatchingRunMade,
)
from contracts.donations import ReceiptCancelled, ReceiptIssued
from contracts.ids import PERSONS

Facts = dict[str, str | int | bool]

REFERENCES = frozenset(
    {
        "allocation_id",
        "campaign_id",
        "contribution_id",
        "contribution_line_id",
        "delivery_id",
        "direct_gift_id",
        "entry_id",
        "fund_id",
        "line_id",
        "lot_id",
        "pledge_id",
        "programme_id",
        "report_id",
        "result_id",
        "run_id",
        "sponsor_id",
    }
)
"""What leads from one thing to another; of an event about one child's need, no more is shown."""

OPEN_FIELDS = REFERENCES | {
    "addressee_id",
    "as_of",
    "book",
    "category",
    "cause_event_id",
    "cause_position",
    "cause_service",
    "children",
    "code",
    "consumer",
    "decision",
    "district_name",
    "due_on",
    "ended_on",
    "ends_on",
    "form",
    "illustrative",
    "issue",
    "kind",
    "measure",
    "name",
    "number",
    "paper",
    "parent_id",
    "parked_stream",
    "period_from",
    "period_to",
    "planned_for",
    "priority",
    "public_name",
    "quantity",
    "quantity_met",
    "reaction",
    "rule",
    "source",
    "source_service",
    "starts_on",
    "target",
    "target_stream",
    "title",
    "unit_id",
    "up_to_position",
    "valid_from",
    "valid_until",
    "waybill",
    "year",
}

FOR_ALL: tuple[type, ...] = (
    registry.ProgrammeStarted,
    registry.UnitEstablished,
    registry.UnitSucceeded,
    registry.UnitFigureDeclared,
    registry.ReportDrafted,
    registry.ReportSigned,
    registry.ReportSent,
    registry.ReportReturned,
    registry.ReportAccepted,
    registry.ReportReissued,
    donations.SponsorRegistered,
    donations.FundOpened,
    donations.FundEntryBooked,
    donations.CampaignOpened,
    donations.PledgeMade,
    donations.PledgeFulfilled,
    donations.ContributionAnnounced,
    donations.ContributionReceived,
    donations.ContributionCounted,
    donations.ContributionLineInspected,
    donations.ContributionAccepted,
    donations.ContributionRefused,
    donations.ContributionCorrectionProposed,
    donations.ContributionCorrected,
    donations.ContributionCorrectionRefused,
    donations.ContributionReceipted,
    donations.ContributionReceiptCancelled,
    donations.ReceiptIssued,
    donations.ReceiptCancelled,
    donations.PublishedResultRecorded,
    allocation.LotOpened,
    allocation.LotHeldApart,
    allocation.LotCorrected,
)
"""What anyone may read one by one. All others are told to auditors alone: that such an event exists
says something of one person or child, or does so when it is counted, or followed to its gift."""

OF_GIFTS_ALONE = frozenset({"bank", "cash", "contributions"})
"""Accounts of what comes in. A booking of another one pays for a child."""


def facts_of(event: Any) -> Facts:
    """The open facts, by field."""
    names = {field.name for field in fields(event)}
    about_one_child = bool(names & {"child_id", "need_id"})
    shown = REFERENCES if about_one_child else OPEN_FIELDS
    facts = {
        name: told
        for name in sorted(names & shown)
        if (told := _told(getattr(event, name))) is not None
    }
    if isinstance(
        event, AllocationProposed | DeliveryPlanned | DirectGiftRecorded | MatchingRunMade
    ):
        facts["lines"] = len(event.lines)
    if isinstance(event, registry.DisclosureGranted | registry.NamesOpened):
        facts["purpose"] = event.purpose
        facts["child_ids"] = ", ".join(map(str, event.child_ids))
    if isinstance(event, every_service.PersonalDataOpened):
        facts["purpose"] = event.purpose
        facts["subjects"] = event.subjects
    if isinstance(event, every_service.ListExported):
        facts["query"] = event.query
        facts["reason"] = event.reason
    if isinstance(event, registry.DisclosureGranted):
        facts["ground"] = event.ground
        facts["person_id"] = str(event.person_id)
    if isinstance(event, registry.ReportDrafted | registry.ReportReissued):
        facts["figures"] = len(event.figures)
    if isinstance(event, registry.ReportReissued):
        facts["changed_figures"] = len(event.changes)
    if isinstance(event, ReceiptCancelled | registry.ReportReturned | registry.ReportReissued):
        facts["reason"] = event.reason
    if isinstance(event, ReceiptIssued) and event.replaces is not None:
        replaced = event.replaces
        facts["replaces"] = f"{replaced.book}/{replaced.year} {replaced.number}"
    return facts


def _told(value: object) -> str | int | bool | None:
    match value:
        case bool() | int() | str():
            return value
        case UUID() | date():
            return str(value)
        case _:
            return None


def unit_of(event: Any) -> UUID | None:
    """The unit by which events may be looked for."""
    unit_id = getattr(event, "unit_id", None)
    return unit_id if isinstance(unit_id, UUID) else None


def is_of_a_person(fact: str) -> bool:
    """Does it name a person, or a giver, who may be one? Then it is a fact for auditors."""
    return fact in PERSONS or fact.removesuffix("s") in PERSONS


def is_for_all(event: Any) -> bool:
    """May anyone read that this has happened?"""
    if isinstance(event, donations.SponsorRegistered):
        return event.kind != "individual"
    if isinstance(event, donations.FundEntryBooked):
        return is_of_gifts_alone(event.lines)
    return isinstance(event, FOR_ALL)


def is_of_gifts_alone(lines: Iterable[donations.EntryLine]) -> bool:
    """A booking of what came in, which pays for no child."""
    return all(line.account in OF_GIFTS_ALONE for line in lines)
