"""How lots, needs, lines, allocations, deliveries and direct gifts are shown: never a name."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from contracts.allocation import ClosingReason, SignedAs, UnmatchedReason
from contracts.donations import Kind
from contracts.field_types import CategoryCode, MeasureCode
from services.allocation.read_models.allocation_lines import Line, LineStatus
from services.allocation.read_models.allocations import AllocationStatus
from services.allocation.read_models.deliveries import DeliveryStatus
from services.allocation.read_models.direct_gifts import DirectGiftStatus
from services.allocation.read_models.substitutions import SubstitutionStatus


class FromRow(BaseModel):
    @classmethod
    def of(cls, row: object) -> Self:
        return cls.model_validate(row, from_attributes=True)


class EarmarkShown(BaseModel):
    unit_id: UUID | None
    need_id: UUID | None


class LotShown(FromRow):
    """Quantities in `measure`: free + reserved + drawn is all of it, but of what is held apart."""

    lot_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    contribution_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: CategoryCode
    specification: dict[str, Any]
    measure: MeasureCode
    earmark: EarmarkShown
    quantity: int
    quantity_free: int
    quantity_kept: int
    quantity_drawn: int
    held_apart: bool
    opened_at: datetime


class OpenNeedShown(FromRow):
    need_id: UUID
    programme_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    specification: dict[str, Any]
    quantity: int
    quantity_open: int
    measure: MeasureCode
    needed_by: date
    priority_band: int
    lapses_on: date
    opened_at: datetime


class MatchedLineShown(BaseModel):
    line_id: UUID
    need_id: UUID
    lot_id: UUID
    quantity: int
    reasons: list[str]
    runner_up_need_id: UUID | None


class UnmatchedShown(BaseModel):
    need_id: UUID
    reason: UnmatchedReason


class RunShown(FromRow):
    run_id: UUID
    programme_id: UUID
    category: CategoryCode
    unit_ids: list[UUID]
    rule: str
    inputs_digest: str
    lines: list[MatchedLineShown]
    unmatched: list[UnmatchedShown]
    left_out: int
    made_by: UUID
    made_at: datetime


class LineShown(BaseModel):
    """`closed_because`: why it reaches nobody; `returned` is one of these, back in the store.

    `substitute_need_id`: another child's need that it was given for in the end.
    """

    line_id: UUID
    allocation_id: UUID
    lot_id: UUID
    need_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    contribution_id: UUID
    sponsor_id: UUID
    reasons: list[str]
    status: LineStatus
    code: str | None
    closed_because: ClosingReason | None
    delivery_id: UUID | None
    kept_until: date | None
    signed_as: SignedAs | None
    substitute_need_id: UUID | None

    @classmethod
    def of(cls, row: Line) -> Self:
        line = row.line
        return cls(
            line_id=row.line_id,
            allocation_id=row.allocation_id,
            lot_id=line.lot_id,
            need_id=line.need_id,
            child_id=line.child_id,
            group_id=line.group_id,
            children=line.children,
            unit_id=line.unit_id,
            category=line.category,
            quantity=line.quantity,
            measure=line.measure,
            contribution_id=line.contribution_id,
            sponsor_id=line.sponsor_id,
            reasons=list(line.reasons),
            status=row.status,
            closed_because=row.closed_because,
            code=row.code,
            delivery_id=row.delivery_id,
            kept_until=row.kept_until,
            signed_as=row.signed_as,
            substitute_need_id=row.substitute_need_id,
        )


class AllocationListed(FromRow):
    """`line_count` and `refused_count` count lines; those refused at approval are among both."""

    allocation_id: UUID
    programme_id: UUID
    run_id: UUID | None
    unit_ids: list[UUID]
    line_count: int
    refused_count: int
    status: AllocationStatus
    proposed_by: UUID
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    version: int


class AllocationShown(AllocationListed):
    lines: list[LineShown] = []


class DeliveryListed(FromRow):
    """`closed` are lines that reach nobody; `out` are those of them whose goods are to come back.

    `list_closes_on`: the last day on which it is signed.
    """

    delivery_id: UUID
    programme_id: UUID
    unit_id: UUID
    planned_for: date
    line_count: int
    signed_count: int
    closed: list[UUID]
    out: list[UUID]
    status: DeliveryStatus
    waybill: str | None
    dispatched_at: datetime | None
    handed_to: UUID | None
    handed_over_at: datetime | None
    list_closes_on: date | None
    completed_at: datetime | None
    version: int


class DeliveryShown(DeliveryListed):
    activity: str | None
    lines: list[LineShown] = []


class SubstitutionListed(FromRow):
    line_id: UUID
    delivery_id: UUID
    lot_id: UUID
    replaced_need_id: UUID
    replaced_child_id: UUID
    need_id: UUID
    child_id: UUID
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    signed_as: SignedAs | None
    substituted_by: UUID
    given_at: datetime
    status: SubstitutionStatus
    judged_by: UUID | None
    judged_at: datetime | None


class SubstitutionShown(SubstitutionListed):
    """Reasons are null when the child whose key they lie under was erased."""

    reason: str | None = None
    refusal: str | None = None


class DirectGiftLineShown(FromRow):
    line_id: UUID
    need_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode


class DirectGiftListed(FromRow):
    """`refused_lines` are the ids of lines that met no need. `ended_by`: who judged or withdrew."""

    direct_gift_id: UUID
    programme_id: UUID
    sponsor_id: UUID
    unit_id: UUID
    lines: list[DirectGiftLineShown]
    recorded_by: UUID
    handed_over_at: datetime
    status: DirectGiftStatus
    refused_lines: list[UUID]
    ended_by: UUID | None
    version: int


class DirectGiftShown(DirectGiftListed):
    """`reason`: why it was refused or withdrawn. Null: the minutes' key is gone."""

    minutes: str | None = None
    reason: str | None = None
