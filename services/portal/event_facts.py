"""Which facts of an event anyone may see, and which events are about a person and not for all.

What is not named here is not shown: a new field of an event stays unseen until somebody adds it.
"""

from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from contracts import every_service, notifications, registry
from contracts.allocation import (
    AllocationProposed,
    DeliveryPlanned,
    DirectGiftRecorded,
    MatchingRunMade,
)
from contracts.donations import ReceiptCancelled, ReceiptIssued

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

ABOUT_PERSONS: tuple[type, ...] = (
    registry.PersonRegistered,
    registry.RoleGranted,
    registry.RoleRevoked,
    registry.FoundingKeeperAppointed,
    registry.AccountProposed,
    registry.AccountRefused,
    registry.AccountLinked,
    registry.AccountUnlinked,
    registry.SignInGiven,
    registry.SignInTaken,
    registry.HouseholdRegistered,
    registry.HouseholdStatusRecorded,
    registry.HouseholdPlaced,
    registry.ChildRegistered,
    registry.ChildMeasured,
    registry.ChildEnrolled,
    registry.CircumstanceAssessed,
    registry.DisclosureGranted,
    registry.DisclosureRevoked,
    registry.NamesOpened,
    notifications.SubscriptionMade,
    notifications.SubscriptionEnded,
    notifications.CheckpointSubscriptionMade,
    notifications.CheckpointSubscriptionEnded,
    notifications.CheckpointMessageDue,
    notifications.MessageDue,
    notifications.MessageSending,
    notifications.MessageSent,
    notifications.MessageFailed,
    notifications.MessageOutcomeUnknown,
    notifications.MessageOutcomeDecided,
    notifications.MessageGivenUp,
    every_service.ReactionRefused,
    every_service.ParkedStreamRetried,
    every_service.ParkedStreamSkipped,
)
"""Told to auditors alone: that such an event exists says something of one person, or may: what a
service says of its own running names streams, which are persons' too."""


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


def about_a_person(event: Any) -> bool:
    return isinstance(event, ABOUT_PERSONS)
