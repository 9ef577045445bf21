"""Allocations: proposed from a run or by hand, approved by somebody who had no part in them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from contracts.allocation import AllocationLine, MatchedLine
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import NOW, Dated, Quantity, Strict
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.programmes import NoRulesInForce, ProgrammeNotKnown, ProgrammeNotRunning, check_running
from edge.routes import Routes
from eventing.all_rows import all_rows
from eventing.decider import Rejection
from services.allocation.domain.allocation import (
    AllocationApprovedOtherwise,
    AllocationNotApproved,
    AllocationNotProposed,
    AllocationProposedOtherwise,
    ApproveAllocation,
    InvolvedCannotApprove,
    LineInADelivery,
    LineNotApproved,
    NotProposed,
    ProposeAllocation,
    ReleaseLines,
    SameLineTwice,
    allocation,
    stream,
)
from services.allocation.domain.line import (
    LineProposedAlready,
    LinesOfTwoProgrammes,
    LotDoesNotFitTheNeed,
    as_matched,
    chosen_by_hand,
)
from services.allocation.domain.lot import (
    LotIsHeldApart,
    LotNotOpened,
    LotOfAnotherProgramme,
    MoreThanTheLotHolds,
)
from services.allocation.domain.matching_run import (
    LineNotInTheRun,
    NothingInTheRun,
    NotMade,
    RunNotMade,
    matching_run,
)
from services.allocation.domain.matching_run import stream as run_stream
from services.allocation.domain.need_cover import (
    NeedCoveredAlready,
    NeedCoveredOtherwise,
    NeedHasLapsed,
    NeedIsWithdrawn,
    NeedNotOpen,
    NeedOfAnotherProgramme,
)
from services.allocation.read_models.allocation_lines import allocation_lines
from services.allocation.read_models.allocations import AllocationStatus, allocations
from services.allocation.read_models.lots import Lot, lots
from services.allocation.read_models.open_needs import Need, open_needs
from services.allocation.routes.keeping import see_that_funds_are_kept
from services.allocation.routes.lines import LINES_MAX, LineIds
from services.allocation.routes.rule import rule_of
from services.allocation.routes.shown import AllocationListed, AllocationShown, LineShown


class TooManyLinesForOneAllocation(Rejection):
    code = "too-many-lines-for-one-allocation"
    vi = "Quá {at_most} dòng: hãy chia thành nhiều danh sách."
    en = "More than {at_most} lines: make several allocations of them."

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most


routes = Routes(tag="allocations")


class LineByHand(Strict):
    line_id: UUID
    need_id: UUID
    lot_id: UUID
    quantity: Quantity


class AllocationToPropose(Dated):
    """Lines of a run (all of them when none is named), or lines chosen by hand."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"run_id": "0192f3a4-5b6c-7d8e-9f00-112233445566"}]}
    )

    run_id: UUID | None = None
    line_ids: LineIds | None = None
    lines: Annotated[list[LineByHand], Field(min_length=1, max_length=LINES_MAX)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_hand = self.lines is not None
        if by_hand == (self.run_id is not None) or (by_hand and self.line_ids is not None):
            raise ValueError("either run_id, with line_ids or without, or lines")
        return self


class LinesToRelease(Dated):
    line_ids: LineIds


@routes.command(
    "PUT",
    "/allocations/{allocation_id}",
    may=may("propose-allocation", "coordinator"),
    refuses=[
        ProgrammeNotKnown,
        ProgrammeNotRunning,
        NoRulesInForce,
        AllocationProposedOtherwise,
        SameLineTwice,
        RunNotMade,
        NothingInTheRun,
        LineNotInTheRun,
        TooManyLinesForOneAllocation,
        LineProposedAlready,
        LinesOfTwoProgrammes,
        LotDoesNotFitTheNeed,
        LotNotOpened,
        LotIsHeldApart,
        NeedNotOpen,
        NeedHasLapsed,
    ],
)
async def propose(allocation_id: UUID, body: AllocationToPropose, door: Door) -> Accepted:
    """All facts of a line are frozen from our own tables, never taken from the caller."""
    matched_by, of_run = None, list[MatchedLine]()
    if body.run_id is not None:
        matched_by, of_run = await run_lines(body.run_id, body.line_ids, door)
    by_hand = body.lines or []
    needs, stock = await needs_and_lots([*of_run, *by_hand], door)
    programmes = {lot.programme_id for lot in stock.values()}
    programmes |= {need.programme_id for need in needs.values()}
    if len(programmes) > 1:
        raise LinesOfTwoProgrammes
    programme_id, happened_at = programmes.pop(), door.happened(body.happened_at)
    on = vietnamese_day(happened_at)
    await check_running(door.rows, programme_id, on)
    check_offered(needs.values(), on)
    rule = await rule_of(door.rows, programme_id, on)
    matched = of_run + [
        chosen_by_hand(one.line_id, one.quantity, needs[one.need_id], stock[one.lot_id], rule)
        for one in by_hand
    ]
    lines = tuple(
        as_matched(allocation_id, one, needs[one.need_id], stock[one.lot_id]) for one in matched
    )
    await see_that_all_are_ones_own(lines, door)
    command = ProposeAllocation(
        allocation_id=allocation_id,
        programme_id=programme_id,
        run_id=body.run_id,
        lines=lines,
        rules=rule.rules.named,
        matched_by=matched_by,
        proposed_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(allocation, stream(allocation_id), command)


async def run_lines(
    run_id: UUID, line_ids: list[UUID] | None, door: Door
) -> tuple[UUID, list[MatchedLine]]:
    """Who made the run, and those of its lines."""
    run = await door.state(matching_run, run_stream(run_id))
    if isinstance(run, NotMade):
        raise RunNotMade
    lines: list[MatchedLine] = run.choose(tuple(line_ids or ()))
    if not lines:
        raise NothingInTheRun
    if len(lines) > LINES_MAX:
        raise TooManyLinesForOneAllocation(LINES_MAX)
    return run.run.made_by, lines


async def needs_and_lots(
    lines: Sequence[MatchedLine | LineByHand], door: Door
) -> tuple[Mapping[UUID, Need], Mapping[UUID, Lot]]:
    """Raises NeedNotOpen, LotNotOpened, LotIsHeldApart."""
    need_ids = sorted({line.need_id for line in lines})
    lot_ids = sorted({line.lot_id for line in lines})
    needs = await door.rows.where(open_needs, need_id=need_ids, limit=LINES_MAX)
    stock = await door.rows.where(lots, lot_id=lot_ids, limit=LINES_MAX)
    if len(needs) < len(need_ids):
        raise NeedNotOpen
    if len(stock) < len(lot_ids):
        raise LotNotOpened
    if any(lot.held_apart for lot in stock):
        raise LotIsHeldApart
    return {need.need_id: need for need in needs}, {lot.lot_id: lot for lot in stock}


def check_offered(needs: Iterable[Need], on: date) -> None:
    """Raises NeedHasLapsed."""
    for need in needs:
        if need.lapsed or need.lapses_on <= on:
            raise NeedHasLapsed(need.need_id, need.lapses_on)


async def see_that_all_are_ones_own(lines: Sequence[AllocationLine], door: Door) -> None:
    """Whom it is for, and what it is taken from. Raises OutsideYourUnit."""
    for unit_id in sorted({line.unit_id for line in lines}):
        await door.within(unit_id)
    await see_that_funds_are_kept(door, {line.fund_id for line in lines})


async def proposed(allocation_id: UUID, door: Door) -> UUID:
    """Its programme. Raises AllocationNotProposed, OutsideYourUnit."""
    state = await door.state(allocation, stream(allocation_id))
    if isinstance(state, NotProposed):
        raise AllocationNotProposed
    await see_that_all_are_ones_own(state.proposal.lines, door)
    programme_id: UUID = state.proposal.programme_id
    return programme_id


@routes.command(
    "POST",
    "/allocations/{allocation_id}/approval",
    judges="/allocations/{allocation_id}",
    may=may("approve-allocation", "approver"),
    refuses=[
        AllocationNotProposed,
        ProgrammeNotKnown,
        ProgrammeNotRunning,
        InvolvedCannotApprove,
        AllocationApprovedOtherwise,
        LotOfAnotherProgramme,
        MoreThanTheLotHolds,
        NeedOfAnotherProgramme,
        NeedCoveredAlready,
        NeedCoveredOtherwise,
        NeedIsWithdrawn,
        NeedHasLapsed,
    ],
)
async def approve(allocation_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    """A line that cannot be kept is refused alone; with nothing to keep the approval is refused."""
    programme_id, happened_at = await proposed(allocation_id, door), door.happened(body.happened_at)
    await check_running(door.rows, programme_id, vietnamese_day(happened_at))
    command = ApproveAllocation(approved_by=door.person, happened_at=happened_at)
    return await door.execute(allocation, stream(allocation_id), command)


@routes.command(
    "POST",
    "/allocations/{allocation_id}/release",
    judges="/allocations/{allocation_id}",
    may=may("release-allocation-lines", "coordinator"),
    refuses=[AllocationNotProposed, AllocationNotApproved, LineNotApproved, LineInADelivery],
)
async def release(allocation_id: UUID, body: LinesToRelease, door: Door) -> Accepted:
    """Give approved lines back that no delivery has taken up."""
    await proposed(allocation_id, door)
    command = ReleaseLines(
        line_ids=tuple(body.line_ids),
        released_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(allocation, stream(allocation_id), command)


SEE = may("see-allocations", "coordinator", "approver", "storekeeper", "auditor")


@routes.query("/allocations", may=SEE)
async def listed(door: ListDoor, status: AllocationStatus | None = None) -> Page[AllocationListed]:
    """Those with a line for one's own unit, or below."""
    wanted: dict[str, Any] = {} if status is None else {"status": status}
    own = {"unit_ids": await door.area()}
    return await door.page(allocations, AllocationListed.of, any_of=own, **wanted)


@routes.query("/allocations/{allocation_id}", may=SEE, refuses=[AllocationNotProposed])
async def see(allocation_id: UUID, door: ReadDoor) -> AllocationShown:
    """With its lines for one's own unit, or below; without any such it is not found."""
    await door.fresh(allocations)
    await door.fresh(allocation_lines)
    area = await door.area()
    row = await door.rows.get(allocations, allocation_id)
    if row is None or area.isdisjoint(row.unit_ids):
        raise AllocationNotProposed
    door.version(row.version)
    await door.as_new(allocation_lines, as_=allocations)
    lines = await all_rows(door.rows, allocation_lines, allocation_id=allocation_id)
    listed = AllocationListed.of(row)
    own = [LineShown.of(each) for each in lines if each.line.unit_id in area]
    return AllocationShown(**listed.model_dump(), lines=own)
