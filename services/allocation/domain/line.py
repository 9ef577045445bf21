"""A line: part of a lot for a need, with the facts of both frozen into it."""

from dataclasses import replace
from uuid import UUID

from contracts.allocation import AllocationLine, MatchedLine
from eventing.decider import Rejection
from services.allocation.domain.matching import FreeLot, Misfit, OpenNeed, Rule, fit_of


class LinesOfTwoProgrammes(Rejection):
    """Each allocation, and each delivery, belongs to one programme."""

    code = "lines-of-two-programmes"
    vi = "Các dòng phải cùng một chương trình."
    en = "The lines belong to two programmes."


class LineProposedAlready(Rejection):
    """The id of a line belongs to the allocation that used it first."""

    code = "line-proposed-already"
    kind = "conflict"
    vi = "Dòng {line_id} đã thuộc danh sách phân bổ {allocation_id}."
    en = "Line {line_id} belongs to allocation {allocation_id}."

    def __init__(self, line_id: UUID, allocation_id: UUID) -> None:
        self.line_id = line_id
        self.allocation_id = allocation_id


class LotDoesNotFitTheNeed(Rejection):
    """`reason` is a code: "size-smaller", "earmarked-for-another-unit" and the like."""

    code = "lot-does-not-fit-the-need"
    vi = "Dòng {line_id}: lô hàng không phù hợp với nhu cầu ({reason})."
    en = "Line {line_id}: the lot does not fit the need ({reason})."

    def __init__(self, line_id: UUID, reason: str) -> None:
        self.line_id = line_id
        self.reason = reason


def as_matched(
    allocation_id: UUID, matched: MatchedLine, need: OpenNeed, lot: FreeLot
) -> AllocationLine:
    return AllocationLine(
        line_id=matched.line_id,
        allocation_id=allocation_id,
        lot_id=lot.lot_id,
        need_id=need.need_id,
        child_id=need.child_id,
        group_id=need.group_id,
        children=need.children,
        unit_id=need.unit_id,
        category=need.category,
        quantity=matched.quantity,
        measure=need.measure,
        campaign_id=lot.campaign_id,
        fund_id=lot.fund_id,
        contribution_id=lot.contribution_id,
        sponsor_id=lot.sponsor_id,
        reasons=matched.reasons,
        registered_by=need.registered_by,
        recorded_by=need.recorded_by,
        verified_by=need.verified_by,
        received_by=lot.received_by,
        inspected_by=lot.inspected_by,
        accepted_by=lot.accepted_by,
    )


def chosen_by_hand(
    line_id: UUID, quantity: int, need: OpenNeed, lot: FreeLot, rule: Rule
) -> MatchedLine:
    """A person may choose among what fits; sizes and the giver's conditions bind them too.

    Raises LotDoesNotFitTheNeed.
    """
    fit = fit_of(need, lot, rule)
    if isinstance(fit, Misfit):
        raise LotDoesNotFitTheNeed(line_id, fit.reason)
    return MatchedLine(
        line_id=line_id,
        need_id=need.need_id,
        lot_id=lot.lot_id,
        quantity=quantity,
        reasons=("chosen-by-hand", *fit.reasons),
        runner_up_need_id=None,
    )


def given_instead(line: AllocationLine, need: OpenNeed, lot: FreeLot, rule: Rule) -> AllocationLine:
    """The same part of the lot for another need, which it must fit like any other.

    Raises LotDoesNotFitTheNeed.
    """
    chosen = chosen_by_hand(line.line_id, line.quantity, need, lot, rule)
    return replace(
        line,
        need_id=need.need_id,
        child_id=need.child_id,
        group_id=need.group_id,
        children=need.children,
        unit_id=need.unit_id,
        reasons=chosen.reasons,
        registered_by=need.registered_by,
        recorded_by=need.recorded_by,
        verified_by=need.verified_by,
    )
