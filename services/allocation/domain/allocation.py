"""An allocation: parts of lots meant for needs, line by line.

Stream `allocation-{allocation_id}`. Who proposed it, or had a hand in any line, never approves it.
Proposing claims each line's id in the same append. Approving reserves each line's lot and covers
its need in the same append; a line that cannot be kept is refused alone. A line is taken up by one
delivery at most.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.allocation import (
    AllocationApproved,
    AllocationLine,
    AllocationLineGivenUp,
    AllocationLineRefused,
    AllocationLineReleased,
    AllocationLinesPlanned,
    AllocationProposed,
    ApprovedLines,
)
from contracts.rules_in_force import RulesInForce
from contracts.two_persons import part_against
from eventing.decider import CommandFor, Decider, Rejection, Together
from services.allocation.domain.line_claim import ClaimLine, line_claim
from services.allocation.domain.line_claim import stream as line_stream
from services.allocation.domain.lot import ReleaseLot, ReserveLot, lot
from services.allocation.domain.lot import stream as lot_stream
from services.allocation.domain.need_cover import CoverNeed, UncoverNeed, need_cover
from services.allocation.domain.need_cover import stream as need_cover_stream
from services.allocation.domain.parts import in_proposal

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeAllocation:
    allocation_id: UUID
    programme_id: UUID
    run_id: UUID | None
    lines: tuple[AllocationLine, ...]
    rules: RulesInForce
    matched_by: UUID | None
    proposed_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAllocation:
    approved_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLines:
    line_ids: tuple[UUID, ...]
    released_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUpLine:
    """Given by a reaction: the need of the line was withdrawn."""

    line_id: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLines:
    """Given by a delivery that takes these lines up."""

    delivery_id: UUID
    lines: tuple[AllocationLine, ...]
    approval: ApprovedLines
    happened_at: datetime


Command = ProposeAllocation | ApproveAllocation | ReleaseLines | GiveUpLine | PlanLines
Event = (
    AllocationProposed
    | AllocationApproved
    | AllocationLineRefused
    | AllocationLineReleased
    | AllocationLineGivenUp
    | AllocationLinesPlanned
)

# --- State ---


@dataclass(frozen=True, slots=True)
class NotProposed:
    pass


@dataclass(frozen=True, slots=True)
class Proposed:
    proposal: AllocationProposed


@dataclass(frozen=True, slots=True)
class Approved:
    """`planned`: the delivery that took each line up, and is to close those that are `given_up`."""

    proposal: AllocationProposed
    approval: AllocationApproved
    refused: frozenset[UUID] = frozenset()
    released: frozenset[UUID] = frozenset()
    planned: Mapping[UUID, UUID] = field(default_factory=dict)
    given_up: frozenset[UUID] = frozenset()

    @property
    def approved_by(self) -> UUID:
        return self.approval.approved_by

    @property
    def approved_lines(self) -> ApprovedLines:
        return ApprovedLines(
            allocation_id=self.proposal.allocation_id,
            matched_by=self.proposal.matched_by,
            proposed_by=self.proposal.proposed_by,
            approved_by=self.approved_by,
            on_behalf_of=self.approval.on_behalf_of,
        )

    def lines_kept(self) -> dict[UUID, AllocationLine]:
        gone = self.refused | self.released
        return {line.line_id: line for line in self.proposal.lines if line.line_id not in gone}


State = NotProposed | Proposed | Approved

# --- Rejections ---


class AllocationNotProposed(Rejection):
    code = "allocation-not-proposed"
    kind = "absent"
    vi = "Chưa có danh sách phân bổ này."
    en = "This allocation was not proposed."


class AllocationProposedOtherwise(Rejection):
    code = "allocation-proposed-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho một danh sách phân bổ khác."
    en = "Another allocation was proposed under this id."


class SameLineTwice(Rejection):
    code = "same-line-twice"
    vi = "Dòng {line_id} có hai lần."
    en = "Line {line_id} stands twice."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class AllocationApprovedOtherwise(Rejection):
    code = "allocation-approved-otherwise"
    kind = "conflict"
    vi = "Người khác đã duyệt danh sách này."
    en = "Somebody else approved this allocation."


class InvolvedCannotApprove(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-approve"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được duyệt danh sách này."
    en = "Who had a part in it ({role}) cannot approve this allocation."

    def __init__(self, role: str) -> None:
        self.role = role


class AllocationNotApproved(Rejection):
    code = "allocation-not-approved"
    kind = "conflict"
    vi = "Danh sách phân bổ này chưa được duyệt."
    en = "This allocation is not approved yet."


class LineNotApproved(Rejection):
    """The line was refused or released, or never was in this allocation."""

    code = "line-not-approved"
    kind = "conflict"
    vi = "Dòng {line_id} không ở trong danh sách đã duyệt."
    en = "Line {line_id} is not among the approved ones."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class LineInADelivery(Rejection):
    code = "line-in-a-delivery"
    kind = "conflict"
    vi = "Dòng {line_id} đã nằm trong đợt trao {delivery_id}."
    en = "Line {line_id} is in delivery {delivery_id} already."

    def __init__(self, line_id: UUID, delivery_id: UUID) -> None:
        self.line_id = line_id
        self.delivery_id = delivery_id


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case ProposeAllocation():
            return propose(command, state)
        case ApproveAllocation():
            return approve(command, state)
        case ReleaseLines():
            return release(command, state)
        case GiveUpLine():
            return give_up(command, state)
        case PlanLines():
            return plan(command, state)
        case _:
            assert_never(command)


def propose(command: ProposeAllocation, state: State) -> list[Event]:
    proposal = AllocationProposed(
        allocation_id=command.allocation_id,
        programme_id=command.programme_id,
        run_id=command.run_id,
        lines=command.lines,
        rules=command.rules,
        matched_by=command.matched_by,
        proposed_by=command.proposed_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotProposed):
        ids = [line.line_id for line in command.lines]
        if twice := next((line_id for line_id in ids if ids.count(line_id) > 1), None):
            raise SameLineTwice(twice)
        return [proposal]
    before = state.proposal
    if replace(proposal, happened_at=before.happened_at, rules=before.rules) == before:
        return []
    raise AllocationProposedOtherwise


def approve(command: ApproveAllocation, state: State) -> list[Event]:
    match state:
        case NotProposed():
            raise AllocationNotProposed
        case Approved():
            if command.approved_by != state.approved_by:
                raise AllocationApprovedOtherwise
            return []
        case Proposed(proposal):
            before_it = in_proposal(proposal.matched_by, proposal.proposed_by, proposal.lines)
            if role := part_against(command.approved_by, "approved", before_it):
                raise InvolvedCannotApprove(role)
            return [
                AllocationApproved(
                    allocation_id=proposal.allocation_id,
                    programme_id=proposal.programme_id,
                    approved_by=command.approved_by,
                    happened_at=command.happened_at,
                )
            ]
        case _:
            assert_never(state)


def release(command: ReleaseLines, state: State) -> list[Event]:
    approved = _approved(state)
    kept = approved.lines_kept()
    released: list[Event] = []
    for line_id in dict.fromkeys(command.line_ids):
        if line_id in approved.released:
            continue
        if line_id not in kept:
            raise LineNotApproved(line_id)
        if line_id in approved.planned:
            raise LineInADelivery(line_id, approved.planned[line_id])
        released.append(
            line_released(kept[line_id], approved, command.released_by, command.happened_at)
        )
    return released


def line_released(
    line: AllocationLine, approved: Approved, released_by: UUID | None, happened_at: datetime
) -> AllocationLineReleased:
    return AllocationLineReleased(
        allocation_id=approved.proposal.allocation_id,
        programme_id=approved.proposal.programme_id,
        line_id=line.line_id,
        lot_id=line.lot_id,
        need_id=line.need_id,
        quantity=line.quantity,
        released_by=released_by,
        happened_at=happened_at,
    )


def give_up(command: GiveUpLine, state: State) -> list[Event]:
    """What is in no delivery is given back at once; what is in one, that one closes."""
    approved = _approved(state)
    line = approved.lines_kept().get(command.line_id)
    if line is None or command.line_id in approved.given_up:
        return []
    delivery_id = approved.planned.get(command.line_id)
    if delivery_id is None:
        return [line_released(line, approved, None, command.happened_at)]
    return [
        AllocationLineGivenUp(
            allocation_id=approved.proposal.allocation_id,
            programme_id=approved.proposal.programme_id,
            delivery_id=delivery_id,
            line_id=line.line_id,
            need_id=line.need_id,
            happened_at=command.happened_at,
        )
    ]


def plan(command: PlanLines, state: State) -> list[Event]:
    approved = _approved(state)
    if command.approval != approved.approved_lines:
        raise AllocationApprovedOtherwise
    kept = approved.lines_kept()
    new: list[UUID] = []
    for line in command.lines:
        if kept.get(line.line_id) != line:
            raise LineNotApproved(line.line_id)
        delivery_id = approved.planned.get(line.line_id)
        if delivery_id is None:
            new.append(line.line_id)
        elif delivery_id != command.delivery_id:
            raise LineInADelivery(line.line_id, delivery_id)
    if not new:
        return []
    return [
        AllocationLinesPlanned(
            allocation_id=approved.proposal.allocation_id,
            programme_id=approved.proposal.programme_id,
            delivery_id=command.delivery_id,
            line_ids=tuple(new),
            happened_at=command.happened_at,
        )
    ]


def _approved(state: State) -> Approved:
    match state:
        case NotProposed():
            raise AllocationNotProposed
        case Proposed():
            raise AllocationNotApproved
        case Approved():
            return state
        case _:
            assert_never(state)


def also(
    command: Command, state: State, events: Sequence[object]
) -> Iterator[CommandFor | Together]:
    del command
    for event in events:
        match event, state:
            case AllocationProposed(), _:
                for line in event.lines:
                    yield claim(event, line)
            case AllocationApproved(), Proposed(proposal):
                for line in proposal.lines:
                    yield keep(proposal, line, event.happened_at)
            case AllocationLineReleased(), _:
                yield from release_line(event)


def claim(proposal: AllocationProposed, line: AllocationLine) -> CommandFor:
    command = ClaimLine(
        line_id=line.line_id,
        programme_id=proposal.programme_id,
        allocation_id=proposal.allocation_id,
        happened_at=proposal.happened_at,
    )
    return CommandFor(line_claim, line_stream(line.line_id), command)


def keep(proposal: AllocationProposed, line: AllocationLine, happened_at: datetime) -> Together:
    reserve = ReserveLot(
        programme_id=proposal.programme_id,
        allocation_id=proposal.allocation_id,
        line_id=line.line_id,
        need_id=line.need_id,
        quantity=line.quantity,
        happened_at=happened_at,
    )
    cover = CoverNeed(
        programme_id=proposal.programme_id,
        allocation_id=proposal.allocation_id,
        line_id=line.line_id,
        quantity=line.quantity,
        happened_at=happened_at,
    )

    def refused(rejection: Rejection) -> AllocationLineRefused:
        return AllocationLineRefused(
            allocation_id=proposal.allocation_id,
            programme_id=proposal.programme_id,
            line_id=line.line_id,
            need_id=line.need_id,
            code=rejection.code,
            happened_at=happened_at,
        )

    return Together(
        (
            CommandFor(lot, lot_stream(line.lot_id), reserve),
            CommandFor(need_cover, need_cover_stream(line.need_id), cover),
        ),
        refused,
    )


def release_line(released: AllocationLineReleased) -> Iterator[CommandFor]:
    line_id, happened_at = released.line_id, released.happened_at
    free = ReleaseLot(line_id=line_id, happened_at=happened_at)
    uncover = UncoverNeed(line_id=line_id, happened_at=happened_at)
    yield CommandFor(lot, lot_stream(released.lot_id), free)
    yield CommandFor(need_cover, need_cover_stream(released.need_id), uncover)


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    if isinstance(event, AllocationProposed):
        return Proposed(event)
    if isinstance(event, AllocationApproved):
        assert isinstance(state, Proposed), "only a proposal is approved"
        return Approved(state.proposal, event)
    assert isinstance(state, Approved), "only approved lines are refused, released or planned"
    match event:
        case AllocationLineRefused():
            return replace(state, refused=state.refused | {event.line_id})
        case AllocationLineReleased():
            return replace(state, released=state.released | {event.line_id})
        case AllocationLineGivenUp():
            return replace(state, given_up=state.given_up | {event.line_id})
        case AllocationLinesPlanned():
            taken_up = dict.fromkeys(event.line_ids, event.delivery_id)
            return replace(state, planned={**state.planned, **taken_up})
        case _:
            assert_never(event)


allocation: Decider[Command, State, Event] = Decider(NotProposed(), decide, evolve, also)


def stream(allocation_id: UUID) -> str:
    return f"allocation-{allocation_id}"
