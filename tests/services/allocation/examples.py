"""A lot of jackets, a need, a line between them: what the tests of allocation are made of."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from contracts.allocation import (
    AllocationApproved,
    AllocationLine,
    AllocationProposed,
    ApprovedLines,
    LotDrawn,
    LotOpened,
    LotReleased,
    LotReserved,
    NeedCovered,
    NeedCoverOpened,
    NeedUncovered,
)
from contracts.donations import Earmark
from contracts.registry import Specification
from contracts.rules_in_force import RulesInForce

RULES = RulesInForce(pack="hanoi-3874", version=1, digest="ab" * 32)

LOT, NEED, LINE, ALLOCATION, DELIVERY = (UUID(int=n) for n in range(1, 6))
OTHER_LOT, OTHER_NEED, OTHER_LINE, OTHER_ALLOCATION, OTHER_DELIVERY = (
    UUID(int=n) for n in range(11, 16)
)
PROGRAMME, CAMPAIGN, FUND, CONTRIBUTION, CONTRIBUTION_LINE, SPONSOR = (
    UUID(int=n) for n in range(21, 27)
)
CHILD, OTHER_CHILD, COMMUNE, OTHER_COMMUNE, CITY = (UUID(int=n) for n in range(31, 36))
COORDINATOR, APPROVER, RECORDER, VERIFIER, RECEIVER, OFFICER, STOREKEEPER = (
    UUID(int=n) for n in range(41, 48)
)
REGISTRAR, INSPECTOR, ACCEPTER, HOLDER, OTHER_COORDINATOR = (UUID(int=n) for n in range(91, 96))
MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
TUESDAY = datetime(2024, 10, 8, 2, tzinfo=UTC)

JACKET: Specification = {"size": "H120", "gender": "female"}

opened = LotOpened(
    lot_id=LOT,
    programme_id=PROGRAMME,
    campaign_id=CAMPAIGN,
    fund_id=FUND,
    contribution_id=CONTRIBUTION,
    contribution_line_id=CONTRIBUTION_LINE,
    sponsor_id=SPONSOR,
    kind="goods",
    category="warm-clothes",
    specification=JACKET,
    quantity=10,
    measure="piece",
    earmark=Earmark(),
    received_by=RECEIVER,
    inspected_by=(INSPECTOR,),
    accepted_by=ACCEPTER,
    happened_at=MONDAY,
)

cover_opened = NeedCoverOpened(
    need_id=NEED,
    programme_id=PROGRAMME,
    child_id=CHILD,
    group_id=None,
    children=1,
    unit_id=COMMUNE,
    category="warm-clothes",
    specification=JACKET,
    quantity=1,
    measure="piece",
    needed_by=date(2024, 12, 1),
    priority_band=2,
    lapses_on=date(2025, 4, 7),
    registered_by=REGISTRAR,
    recorded_by=RECORDER,
    verified_by=VERIFIER,
    happened_at=MONDAY,
)

line = AllocationLine(
    line_id=LINE,
    allocation_id=ALLOCATION,
    lot_id=LOT,
    need_id=NEED,
    child_id=CHILD,
    group_id=None,
    children=1,
    unit_id=COMMUNE,
    category="warm-clothes",
    quantity=1,
    measure="piece",
    campaign_id=CAMPAIGN,
    fund_id=FUND,
    contribution_id=CONTRIBUTION,
    sponsor_id=SPONSOR,
    reasons=("size-exact",),
    registered_by=REGISTRAR,
    recorded_by=RECORDER,
    verified_by=VERIFIER,
    received_by=RECEIVER,
    inspected_by=(INSPECTOR,),
    accepted_by=ACCEPTER,
)
other_line = replace(line, line_id=OTHER_LINE, need_id=OTHER_NEED, child_id=OTHER_CHILD)

approved = AllocationApproved(
    allocation_id=ALLOCATION, programme_id=PROGRAMME, approved_by=APPROVER, happened_at=MONDAY
)


approved_lines = ApprovedLines(
    allocation_id=ALLOCATION, matched_by=None, proposed_by=COORDINATOR, approved_by=APPROVER
)


def proposed(*lines: AllocationLine) -> AllocationProposed:
    return AllocationProposed(
        allocation_id=ALLOCATION,
        programme_id=PROGRAMME,
        run_id=None,
        lines=lines or (line,),
        rules=RULES,
        matched_by=None,
        proposed_by=COORDINATOR,
        happened_at=MONDAY,
    )


def reserved(
    quantity: int = 1,
    line_id: UUID = LINE,
    *,
    lot_id: UUID = LOT,
    need_id: UUID = NEED,
    allocation_id: UUID = ALLOCATION,
    kept_before: int = 0,
) -> LotReserved:
    """Of the lot that is opened above."""
    kept = kept_before + quantity
    return LotReserved(
        lot_id=lot_id,
        programme_id=PROGRAMME,
        allocation_id=allocation_id,
        line_id=line_id,
        need_id=need_id,
        quantity=quantity,
        quantity_free=opened.quantity - kept,
        quantity_kept=kept,
        quantity_drawn=0,
        happened_at=MONDAY,
    )


def released(quantity: int = 1, line_id: UUID = LINE) -> LotReleased:
    """It was all that was kept of the lot."""
    return LotReleased(
        lot_id=LOT,
        programme_id=PROGRAMME,
        line_id=line_id,
        quantity=quantity,
        quantity_free=opened.quantity,
        quantity_kept=0,
        quantity_drawn=0,
        happened_at=MONDAY,
    )


def drawn(quantity: int = 1, line_id: UUID = LINE) -> LotDrawn:
    """It was all that was kept of the lot."""
    return LotDrawn(
        lot_id=LOT,
        programme_id=PROGRAMME,
        line_id=line_id,
        quantity=quantity,
        quantity_free=opened.quantity - quantity,
        quantity_kept=0,
        quantity_drawn=quantity,
        happened_at=MONDAY,
    )


def covered(
    quantity: int = 1,
    line_id: UUID = LINE,
    *,
    need_id: UUID = NEED,
    asked: int = 1,
    before: int = 0,
) -> NeedCovered:
    return NeedCovered(
        need_id=need_id,
        programme_id=PROGRAMME,
        allocation_id=ALLOCATION,
        line_id=line_id,
        quantity=quantity,
        quantity_covered=before + quantity,
        quantity_open=asked - before - quantity,
        happened_at=MONDAY,
    )


def uncovered(quantity: int = 1, line_id: UUID = LINE) -> NeedUncovered:
    """It was all that covered the need."""
    return NeedUncovered(
        need_id=NEED,
        programme_id=PROGRAMME,
        line_id=line_id,
        quantity=quantity,
        quantity_covered=0,
        quantity_open=quantity,
        happened_at=MONDAY,
    )


def facts(event: Any) -> dict[str, Any]:
    """The fields of an event, for a command that has the same ones; parts stay what they are."""
    return {name: getattr(event, name) for name in event.__slots__}
