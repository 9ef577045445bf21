"""What allocation does when something has happened elsewhere: it opens lots and covers."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from contracts.allocation import AllocationLineGivenUp, NeedCoverClosed
from contracts.donations import ContributionAccepted, ContributionCorrected, InspectedLine
from contracts.registry import NeedLapsed, NeedOpened, NeedReconfirmed, NeedWithdrawn
from eventing.decider import CommandFor
from eventing.ids import beside, mark
from eventing.reactions import Reaction
from eventing.record import Recorded
from services.allocation.domain import allocation as allocations
from services.allocation.domain import delivery as deliveries
from services.allocation.domain import lot as lots
from services.allocation.domain import need_cover as covers
from services.allocation.domain.allocation import GiveUpLine, allocation
from services.allocation.domain.delivery import delivery
from services.allocation.domain.ending import CloseLines
from services.allocation.domain.lot import CorrectLot, HoldApart, OpenLot, lot
from services.allocation.domain.need_cover import (
    CloseCover,
    LapseCover,
    OpenCover,
    RenewCover,
    need_cover,
)

Gift = ContributionAccepted | ContributionCorrected


def open_lots(accepted: ContributionAccepted, _: Recorded) -> Iterator[CommandFor]:
    """A lot for the good part of each line, and one held apart for what is to be mended."""
    for line in accepted.lines:
        for stock in (good_part(accepted, line), mendable_part(accepted, line)):
            if stock.quantity:
                yield CommandFor(lot, lots.stream(stock.lot_id), stock)


def correct_lots(corrected: ContributionCorrected, _: Recorded) -> Iterator[CommandFor]:
    """Each part that is not as it was said; one that had nothing has no lot yet."""
    before = {line.line_id: line for line in corrected.lines_before}
    for line in corrected.lines:
        was = before[line.line_id]
        for stock, quantity in (
            (good_part(corrected, line), was.good),
            (mendable_part(corrected, line), was.mendable),
        ):
            if stock.quantity != quantity:
                command = CorrectLot(
                    stock=stock,
                    opens=not quantity,
                    correction=corrected.number,
                    happened_at=corrected.happened_at,
                )
                yield CommandFor(lot, lots.stream(stock.lot_id), command)


def good_part(gift: Gift, line: InspectedLine) -> OpenLot:
    lot_id = lot_of(gift.contribution_id, "lot", line)
    return OpenLot(lot_id=lot_id, quantity=line.good, **facts(gift, line))


def mendable_part(gift: Gift, line: InspectedLine) -> HoldApart:
    lot_id = lot_of(gift.contribution_id, "apart", line)
    return HoldApart(lot_id=lot_id, quantity=line.mendable, **facts(gift, line))


def lot_of(contribution_id: UUID, part: str, line: InspectedLine) -> UUID:
    """The same for the acceptance and for each correction."""
    return beside(contribution_id, mark(part.encode(), contribution_id.bytes, line.line_id.bytes))


def facts(accepted: Gift, line: InspectedLine) -> dict[str, Any]:
    return {
        "programme_id": accepted.programme_id,
        "campaign_id": accepted.campaign_id,
        "fund_id": accepted.fund_id,
        "contribution_id": accepted.contribution_id,
        "contribution_line_id": line.line_id,
        "sponsor_id": accepted.sponsor_id,
        "kind": accepted.kind,
        "category": line.category,
        "specification": line.specification,
        "measure": line.measure,
        "earmark": accepted.earmark,
        "received_by": accepted.received_by,
        "inspected_by": accepted.inspected_by,
        "accepted_by": accepted.accepted_by,
        "happened_at": accepted.happened_at,
    }


def open_cover(need: NeedOpened, _: Recorded) -> Iterator[CommandFor]:
    opened = OpenCover(
        need_id=need.need_id,
        programme_id=need.programme_id,
        child_id=need.child_id,
        group_id=need.group_id,
        children=need.children,
        unit_id=need.unit_id,
        category=need.category,
        specification=need.specification,
        quantity=need.quantity,
        measure=need.measure,
        needed_by=need.needed_by,
        priority_band=need.priority_band,
        lapses_on=need.lapses_on,
        registered_by=need.registered_by,
        recorded_by=need.recorded_by,
        verified_by=need.verified_by,
        happened_at=need.happened_at,
    )
    yield CommandFor(need_cover, covers.stream(need.need_id), opened)


def close_cover(withdrawn: NeedWithdrawn, _: Recorded) -> Iterator[CommandFor]:
    closed = CloseCover(happened_at=withdrawn.happened_at)
    yield CommandFor(need_cover, covers.stream(withdrawn.need_id), closed)


def lapse_cover(lapsed: NeedLapsed, _: Recorded) -> Iterator[CommandFor]:
    command = LapseCover(lapsed_on=lapsed.lapsed_on, happened_at=lapsed.happened_at)
    yield CommandFor(need_cover, covers.stream(lapsed.need_id), command)


def renew_cover(reconfirmed: NeedReconfirmed, _: Recorded) -> Iterator[CommandFor]:
    command = RenewCover(lapses_on=reconfirmed.lapses_on, happened_at=reconfirmed.happened_at)
    yield CommandFor(need_cover, covers.stream(reconfirmed.need_id), command)


def give_up_what_covered(closed: NeedCoverClosed, _: Recorded) -> Iterator[CommandFor]:
    """Of a withdrawn need: what is kept for it, and has not arrived."""
    for line in closed.left:
        command = GiveUpLine(line_id=line.line_id, happened_at=closed.happened_at)
        yield CommandFor(allocation, allocations.stream(line.allocation_id), command)


def close_its_line(given_up: AllocationLineGivenUp, _: Recorded) -> Iterator[CommandFor]:
    command = CloseLines(
        line_ids=(given_up.line_id,),
        reason="need-withdrawn",
        closed_by=None,
        happened_at=given_up.happened_at,
    )
    yield CommandFor(delivery, deliveries.stream(given_up.delivery_id), command)


REACTIONS = [
    Reaction("open-lots", ContributionAccepted, open_lots, begins="first"),
    Reaction("correct-lots", ContributionCorrected, correct_lots, begins="first"),
    Reaction("open-cover", NeedOpened, open_cover, begins="first"),
    Reaction("close-cover", NeedWithdrawn, close_cover, begins="first"),
    Reaction("give-up-what-covered", NeedCoverClosed, give_up_what_covered, begins="first"),
    Reaction("close-its-line", AllocationLineGivenUp, close_its_line, begins="first"),
    Reaction("lapse-cover", NeedLapsed, lapse_cover, begins="first"),
    Reaction("renew-cover", NeedReconfirmed, renew_cover, begins="first"),
]
