"""Deliveries: planned, dispatched, handed over, and signed for line by line."""

import json
from dataclasses import replace
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from contracts.allocation import (
    AllocationLine,
    ApprovedLines,
    ClosingReason,
    DeliveryPlanned,
    SignedAs,
)
from contracts.field_types import WaybillNumber
from contracts.sealed import Sealed
from contracts.subjects import sealed_under
from contracts.two_persons import as_added
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Dated, Day, Strict, Text
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.programmes import NoRulesInForce, ProgrammeNotKnown, programme_rules
from edge.refusals import NotAllowed
from edge.routes import Routes
from eventing.all_rows import all_rows
from eventing.decider import Rejection
from services.allocation.domain.allocation import (
    AllocationApprovedOtherwise,
    AllocationNotApproved,
    Approved,
    LineInADelivery,
    LineNotApproved,
    allocation,
)
from services.allocation.domain.allocation import stream as allocation_stream
from services.allocation.domain.delivery import (
    Absence,
    DeliveryDispatchedOtherwise,
    DeliveryHandedOverOtherwise,
    DeliveryNotDispatched,
    DeliveryNotHandedOver,
    DeliveryNotPlanned,
    DeliveryPlannedOtherwise,
    DispatchDelivery,
    HandedOver,
    HandOver,
    InvolvedCannotAcknowledge,
    InvolvedCannotDispatch,
    InvolvedCannotHandOver,
    InvolvedCannotTakeOver,
    LineNotInTheDelivery,
    LineOfAnotherUnit,
    LineSignedAlready,
    LineSignedOtherwise,
    NoteAbsences,
    NotPlanned,
    PlanDelivery,
    Signature,
    SignLines,
    delivery,
    stream,
)
from services.allocation.domain.ending import (
    CloseLines,
    EveryLineIsClosed,
    InvolvedCannotTakeBack,
    LineIsClosed,
    LineNotClosed,
    ReturnLines,
    SignedLineIsNotClosed,
)
from services.allocation.domain.line import LinesOfTwoProgrammes
from services.allocation.domain.recipients import ChildrenCountedOtherwise, SignatoryDoesNotFit
from services.allocation.read_models.allocation_lines import allocation_lines
from services.allocation.read_models.deliveries import DeliveryStatus, deliveries
from services.allocation.routes.lines import CHILDREN_MAX, LINES_MAX, LineIds
from services.allocation.routes.rule import hands_out_for
from services.allocation.routes.shown import DeliveryListed, DeliveryShown, LineShown

PURPOSE = "delivery"
SIGNED_LIST = "signed-list"
"""The purpose under which a signatory is sealed: a signed list is kept longer than a file."""
NAMED: tuple[SignedAs, ...] = ("proxy", "responsible")
"""Who signs for somebody else."""


TAKES_OVER = ("commune-officer", "teacher", "partner")
"""Goods are handed to somebody who holds one of these roles where the delivery goes."""


class RecipientWorksElsewhere(Rejection):
    code = "recipient-works-elsewhere"
    vi = "Người nhận bàn giao không giữ vai trò nào ở đơn vị của đợt trao này."
    en = "Who is to take it over holds no role in the unit of this delivery."


routes = Routes(tag="deliveries")


class DeliveryToPlan(Dated):
    unit_id: UUID
    activity: Text
    planned_for: Day
    line_ids: LineIds


class Waybill(Dated):
    waybill: WaybillNumber


class HandingOver(Dated):
    handed_to: UUID


class LineToSign(Strict):
    """A proxy gives their name, and what they are to the child; so does who is responsible.

    Who is responsible signs for a group or a unit; of a group they say how many `children` got it.
    """

    line_id: UUID
    signed_as: Annotated[SignedAs, Field(examples=["proxy"])]
    signatory_name: Text | None = None
    signatory_relation: Text | None = None

    @model_validator(mode="after")
    def _who_signs_for_another_is_named(self) -> Self:
        named = (self.signatory_name is not None, self.signatory_relation is not None)
        if named != ((self.signed_as in NAMED),) * 2:
            raise ValueError(
                "a proxy or who is responsible, and nobody else, has signatory_name and"
                " signatory_relation"
            )
        return self


class LineToAcknowledge(LineToSign):
    children: Annotated[int, Field(ge=1, le=CHILDREN_MAX)] | None = None


class Signatures(Dated):
    lines: Annotated[list[LineToAcknowledge], Field(min_length=1, max_length=LINES_MAX)]


class LineAbsent(Strict):
    line_id: UUID
    kept_until: Day


class Closing(Dated):
    line_ids: LineIds
    reason: ClosingReason


class Return(Dated):
    line_ids: LineIds


class Absences(Dated):
    lines: Annotated[list[LineAbsent], Field(min_length=1, max_length=LINES_MAX)]


@routes.command(
    "PUT",
    "/deliveries/{delivery_id}",
    may=may("plan-delivery", "coordinator"),
    refuses=[
        ProgrammeNotKnown,
        NoRulesInForce,
        DeliveryPlannedOtherwise,
        LineNotApproved,
        AllocationNotApproved,
        AllocationApprovedOtherwise,
        LineInADelivery,
        LineOfAnotherUnit,
        LinesOfTwoProgrammes,
    ],
)
async def plan(delivery_id: UUID, body: DeliveryToPlan, door: Door) -> Accepted:
    await door.within(body.unit_id)
    wanted = sorted(set(body.line_ids))
    rows = await door.rows.where(allocation_lines, line_id=wanted, limit=LINES_MAX)
    if unknown := set(wanted) - {row.line_id for row in rows}:
        raise LineNotApproved(min(unknown))
    programmes = {row.programme_id for row in rows}
    if len(programmes) > 1:
        raise LinesOfTwoProgrammes
    (programme_id,) = programmes
    happened_at = door.happened(body.happened_at)
    rules = await programme_rules(door.rows, programme_id, vietnamese_day(happened_at))
    command = PlanDelivery(
        delivery_id=delivery_id,
        programme_id=programme_id,
        unit_id=body.unit_id,
        activity=await door.seal(delivery_id, PURPOSE, "activity", body.activity),
        planned_for=body.planned_for,
        lines=tuple(row.line for row in rows),
        approvals=await approvals_of({row.allocation_id for row in rows}, door),
        rules=rules.named,
        two_persons=as_added(rules.two_persons),
        hands_out_for=await hands_out_for(body.unit_id, door.rows, vietnamese_day(door.now)),
        planned_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(delivery, stream(delivery_id), command)


async def approvals_of(allocation_ids: set[UUID], door: Door) -> tuple[ApprovedLines, ...]:
    """Raises AllocationNotApproved."""
    approvals: list[ApprovedLines] = []
    for allocation_id in sorted(allocation_ids):
        state = await door.state(allocation, allocation_stream(allocation_id))
        if not isinstance(state, Approved):
            raise AllocationNotApproved
        approvals.append(state.approved_lines)
    return tuple(approvals)


async def planned(delivery_id: UUID, door: Door) -> DeliveryPlanned:
    """Raises DeliveryNotPlanned, OutsideYourUnit."""
    state = await door.state(delivery, stream(delivery_id))
    if isinstance(state, NotPlanned):
        raise DeliveryNotPlanned
    plan: DeliveryPlanned = state.plan
    await door.within(plan.unit_id)
    return plan


@routes.command(
    "POST",
    "/deliveries/{delivery_id}/dispatch",
    judges="/deliveries/{delivery_id}",
    may=may("dispatch-delivery", "storekeeper"),
    refuses=[
        DeliveryNotPlanned,
        DeliveryDispatchedOtherwise,
        InvolvedCannotDispatch,
        EveryLineIsClosed,
    ],
)
async def dispatch(delivery_id: UUID, body: Waybill, door: Door) -> Accepted:
    await planned(delivery_id, door)
    command = DispatchDelivery(
        waybill=body.waybill,
        dispatched_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(delivery, stream(delivery_id), command)


@routes.command(
    "POST",
    "/deliveries/{delivery_id}/handover",
    judges="/deliveries/{delivery_id}",
    may=may("hand-delivery-over", "storekeeper", "coordinator", "commune-officer"),
    refuses=[
        DeliveryNotPlanned,
        DeliveryNotDispatched,
        DeliveryHandedOverOtherwise,
        InvolvedCannotHandOver,
        InvolvedCannotTakeOver,
        EveryLineIsClosed,
        RecipientWorksElsewhere,
        ProgrammeNotKnown,
        NoRulesInForce,
    ],
)
async def hand_over(delivery_id: UUID, body: HandingOver, door: Door) -> Accepted:
    plan = await planned(delivery_id, door)
    if not await door.works_within(body.handed_to, plan.unit_id, *TAKES_OVER):
        raise RecipientWorksElsewhere
    happened_at = door.happened(body.happened_at)
    day = vietnamese_day(happened_at)
    rules = await programme_rules(door.rows, plan.programme_id, day)
    command = HandOver(
        handed_to=body.handed_to,
        handed_over_by=door.person,
        list_closes_on=rules.list_closes_on(day),
        happened_at=happened_at,
    )
    return await door.execute(delivery, stream(delivery_id), command)


@routes.command(
    "POST",
    "/deliveries/{delivery_id}/signatures",
    judges=None,
    may=may("acknowledge-delivery", "commune-officer"),
    refuses=[
        DeliveryNotPlanned,
        DeliveryNotHandedOver,
        LineNotInTheDelivery,
        LineSignedOtherwise,
        LineIsClosed,
        InvolvedCannotAcknowledge,
        SignatoryDoesNotFit,
        ChildrenCountedOtherwise,
    ],
)
async def sign(delivery_id: UUID, body: Signatures, door: Door) -> Accepted:
    plan = await planned(delivery_id, door)
    lines = {line.line_id: line for line in plan.lines}
    if unknown := {one.line_id for one in body.lines} - lines.keys():
        raise LineNotInTheDelivery(min(unknown))
    command = SignLines(
        signatures=tuple(
            [
                replace(await signature(one, lines[one.line_id], door), children=one.children)
                for one in body.lines
            ]
        ),
        acknowledged_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(delivery, stream(delivery_id), command)


async def signature(body: LineToSign, line: AllocationLine, door: Door) -> Signature:
    signatory: Sealed | None = None
    if body.signed_as in NAMED:
        named = {"name": body.signatory_name, "relation": body.signatory_relation}
        text = json.dumps(named, ensure_ascii=False)
        signatory = await door.seal(sealed_under(line), SIGNED_LIST, "signatory", text)
    return Signature(line_id=line.line_id, signed_as=body.signed_as, signatory=signatory)


@routes.command(
    "POST",
    "/deliveries/{delivery_id}/absences",
    judges=None,
    may=may("note-absences", *TAKES_OVER),
    refuses=[
        DeliveryNotPlanned,
        DeliveryNotHandedOver,
        LineNotInTheDelivery,
        LineSignedAlready,
        LineIsClosed,
    ],
)
async def note_absences(delivery_id: UUID, body: Absences, door: Door) -> Accepted:
    """By an officer there; or a teacher or partner to whom the goods were handed over."""
    plan = await planned(delivery_id, door)
    if not await door.works_within(door.person, plan.unit_id, "commune-officer"):
        state = await door.state(delivery, stream(delivery_id))
        if not isinstance(state, HandedOver) or state.handover.handed_to != door.person:
            raise NotAllowed(door.may.name)
    command = NoteAbsences(
        absences=tuple(
            Absence(line_id=one.line_id, kept_until=one.kept_until) for one in body.lines
        ),
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(delivery, stream(delivery_id), command)


@routes.command(
    "POST",
    "/deliveries/{delivery_id}/closings",
    judges="/deliveries/{delivery_id}",
    may=may("close-delivery-lines", "coordinator", "commune-officer"),
    refuses=[DeliveryNotPlanned, LineNotInTheDelivery, SignedLineIsNotClosed, LineIsClosed],
)
async def close_lines(delivery_id: UUID, body: Closing, door: Door) -> Accepted:
    """Lines that reach nobody: what has not left the store is free again at once."""
    await planned(delivery_id, door)
    command = CloseLines(
        line_ids=tuple(body.line_ids),
        reason=body.reason,
        closed_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(delivery, stream(delivery_id), command)


@routes.command(
    "POST",
    "/deliveries/{delivery_id}/returns",
    judges=None,
    may=may("take-goods-back", "storekeeper"),
    refuses=[DeliveryNotPlanned, LineNotClosed, InvolvedCannotTakeBack],
)
async def take_back(delivery_id: UUID, body: Return, door: Door) -> Accepted:
    """What was out for closed lines is back in the store, and free again."""
    await planned(delivery_id, door)
    command = ReturnLines(
        line_ids=tuple(body.line_ids),
        returned_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(delivery, stream(delivery_id), command)


SEEN_BY = ("coordinator", "storekeeper", "commune-officer", "approver", "auditor")
SEE = may("see-deliveries", *SEEN_BY)
"""All of their area; who only took goods over sees those deliveries."""


@routes.query("/deliveries", may=SEE)
async def listed(
    door: ListDoor,
    unit_id: UUID | None = None,
    status: DeliveryStatus | None = None,
) -> Page[DeliveryListed]:
    wanted: dict[str, Any] = {} if status is None else {"status": status}
    if unit_id is None:
        wanted["unit_id"] = sorted(await door.area())
    else:
        await door.within(unit_id)
        wanted["unit_id"] = unit_id
    return await door.page(deliveries, DeliveryListed.of, **wanted)


@routes.query("/deliveries/own", may=may("see-own-deliveries", *TAKES_OVER, anywhere=True))
async def own(door: ListDoor, status: DeliveryStatus | None = None) -> Page[DeliveryListed]:
    """Those that were handed over to whoever asks."""
    wanted: dict[str, Any] = {} if status is None else {"status": status}
    return await door.page(deliveries, DeliveryListed.of, handed_to=door.person, **wanted)


@routes.query(
    "/deliveries/{delivery_id}",
    may=may("see-delivery", *SEEN_BY, *TAKES_OVER, opens="carry-out-delivery"),
    refuses=[DeliveryNotPlanned],
)
async def see(delivery_id: UUID, door: ReadDoor) -> DeliveryShown:
    await door.fresh(deliveries)
    await door.fresh(allocation_lines)
    row = await door.rows.get(deliveries, delivery_id)
    if row is None:
        raise DeliveryNotPlanned
    await door.within(row.unit_id)
    if row.handed_to != door.person and not await door.works_within(
        door.person, row.unit_id, *(SEE.roles or ())
    ):
        raise DeliveryNotPlanned
    door.version(row.version)
    await door.as_new(allocation_lines, as_=deliveries)
    lines = await all_rows(door.rows, allocation_lines, delivery_id=delivery_id)
    listed = DeliveryListed.of(row)
    activity = await door.open(delivery_id, PURPOSE, "activity", row.activity)
    shown = [LineShown.of(line) for line in lines]
    return DeliveryShown(**listed.model_dump(), activity=activity, lines=shown)
