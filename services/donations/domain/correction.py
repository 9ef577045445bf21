"""A correction of what was accepted: proposed by one person, confirmed by another.

The acceptance stays as it was; the correction says what had been right. Only what has no standing
receipt is corrected: a paper that says the wrong amount is cancelled first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.donations import (
    Account,
    ContributionAccepted,
    ContributionAnnounced,
    ContributionCorrected,
    ContributionCorrectionProposed,
    ContributionCorrectionRefused,
    CorrectionReason,
    EntryLine,
    InspectedLine,
    PaidIn,
)
from contracts.two_persons import Played, part_against
from eventing.decider import Rejection
from eventing.ids import beside, mark
from services.donations.domain.fund import BookEntry
from services.donations.domain.inspection import (
    LineFound,
    LineNotAnnounced,
    MoneyIsAllGood,
    check_listed_once,
)
from services.donations.domain.kinds import check_way_of_payment

Gift = ContributionAccepted | ContributionCorrected
"""What was accepted, as the last correction says it, or the acceptance where there is none."""

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCorrection:
    """`lines` are those that were wrong; `paid_in` None: as it was."""

    lines: tuple[LineFound, ...]
    paid_in: PaidIn | None
    reason: CorrectionReason
    proposed_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmCorrection:
    """`number` is that of the correction as whoever confirms saw it."""

    number: int
    confirmed_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseCorrection:
    number: int
    refused_by: UUID
    happened_at: datetime


Correcting = ProposeCorrection | ConfirmCorrection | RefuseCorrection
Corrects = ContributionCorrectionProposed | ContributionCorrected | ContributionCorrectionRefused

# --- State ---


@dataclass(frozen=True, slots=True)
class Corrections:
    """All of one contribution, in the order of their numbers, which count from 1."""

    proposed: tuple[ContributionCorrectionProposed, ...] = ()
    judged: tuple[ContributionCorrected | ContributionCorrectionRefused, ...] = ()

    @property
    def waiting(self) -> ContributionCorrectionProposed | None:
        return self.proposed[-1] if len(self.proposed) > len(self.judged) else None


# --- Rejections ---


class NothingIsCorrected(Rejection):
    code = "nothing-is-corrected"
    kind = "conflict"
    vi = "Số đề nghị đúng bằng số đã ghi: không có gì để điều chỉnh."
    en = "What is proposed is what is recorded: there is nothing to correct."


class AnotherCorrectionWaits(Rejection):
    """It is confirmed or refused before the next is proposed."""

    code = "another-correction-waits"
    kind = "conflict"
    vi = "Đề nghị điều chỉnh số {number} đang chờ người khác xác nhận."
    en = "Correction number {number} waits for somebody to confirm it."

    def __init__(self, number: int) -> None:
        self.number = number


class CorrectionNotProposed(Rejection):
    code = "correction-not-proposed"
    kind = "absent"
    vi = "Khoản này không có đề nghị điều chỉnh số {number}."
    en = "No correction number {number} of this was proposed."

    def __init__(self, number: int) -> None:
        self.number = number


class CorrectionJudgedOtherwise(Rejection):
    code = "correction-judged-otherwise"
    kind = "conflict"
    vi = "Đề nghị điều chỉnh này đã được người khác xác nhận hoặc từ chối."
    en = "This correction was confirmed or refused by somebody else."


class InvolvedCannotProposeCorrection(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-propose-correction"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được đề nghị điều chỉnh khoản này."
    en = "Who had a part in it ({role}) cannot propose this correction."

    def __init__(self, role: str) -> None:
        self.role = role


class InvolvedCannotConfirmCorrection(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-confirm-correction"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được xác nhận điều chỉnh khoản này."
    en = "Who had a part in it ({role}) cannot confirm this correction."

    def __init__(self, role: str) -> None:
        self.role = role


# --- Decide ---


def correct(
    command: Correcting, announced: ContributionAnnounced, gift: Gift, corrections: Corrections
) -> list[Corrects]:
    match command:
        case ProposeCorrection():
            return propose(command, announced, gift, corrections)
        case ConfirmCorrection() | RefuseCorrection():
            return judge(command, announced, gift, corrections)
        case _:
            assert_never(command)


def propose(
    command: ProposeCorrection,
    announced: ContributionAnnounced,
    gift: Gift,
    corrections: Corrections,
) -> list[Corrects]:
    lines = corrected_lines(command.lines, gift)
    paid_in = command.paid_in or gift.paid_in
    check_way_of_payment(gift.kind, paid_in)
    number = len(corrections.proposed) + 1
    if (waiting := corrections.waiting) is not None:
        said = (lines, paid_in, command.reason, command.proposed_by)
        if said == (waiting.lines, waiting.paid_in, waiting.reason, waiting.proposed_by):
            return []
        raise AnotherCorrectionWaits(waiting.number)
    if (lines, paid_in) == (gift.lines, gift.paid_in):
        raise NothingIsCorrected
    before_it, added = in_gift(announced, gift), announced.two_persons
    if role := part_against(command.proposed_by, "correction-proposed", before_it, added):
        raise InvolvedCannotProposeCorrection(role)
    return [
        ContributionCorrectionProposed(
            contribution_id=gift.contribution_id,
            programme_id=gift.programme_id,
            number=number,
            lines=lines,
            paid_in=paid_in,
            measure=gift.measure,
            **in_all(lines),
            reason=command.reason,
            proposed_by=command.proposed_by,
            happened_at=command.happened_at,
        )
    ]


def corrected_lines(found: Sequence[LineFound], gift: Gift) -> tuple[InspectedLine, ...]:
    """Raises LineListedTwice, LineNotAnnounced, MoneyIsAllGood."""
    check_listed_once([line.line_id for line in found])
    rightly = {line.line_id: line for line in found}
    for line_id in rightly:
        if line_id not in {line.line_id for line in gift.lines}:
            raise LineNotAnnounced(line_id)
    for line in found:
        if gift.kind == "money" and line.good != line.quantity:
            raise MoneyIsAllGood(line.line_id)
    return tuple(
        line if (right := rightly.get(line.line_id)) is None else right.of(line)
        for line in gift.lines
    )


def judge(
    command: ConfirmCorrection | RefuseCorrection,
    announced: ContributionAnnounced,
    gift: Gift,
    corrections: Corrections,
) -> list[Corrects]:
    number = command.number
    if not 0 < number <= len(corrections.proposed):
        raise CorrectionNotProposed(number)
    if number <= len(corrections.judged):
        if judged_so(command, corrections.judged[number - 1]):
            return []
        raise CorrectionJudgedOtherwise
    proposed = corrections.proposed[number - 1]
    if isinstance(command, RefuseCorrection):
        return [
            ContributionCorrectionRefused(
                contribution_id=gift.contribution_id,
                programme_id=gift.programme_id,
                number=number,
                refused_by=command.refused_by,
                happened_at=command.happened_at,
            )
        ]
    before_it: list[Played] = [
        ("correction-proposed", proposed.proposed_by),
        *in_gift(announced, gift),
    ]
    added = announced.two_persons
    if role := part_against(command.confirmed_by, "correction-confirmed", before_it, added):
        raise InvolvedCannotConfirmCorrection(role)
    return [
        ContributionCorrected(
            contribution_id=gift.contribution_id,
            programme_id=gift.programme_id,
            campaign_id=gift.campaign_id,
            fund_id=gift.fund_id,
            sponsor_id=gift.sponsor_id,
            pledge_id=gift.pledge_id,
            number=number,
            kind=gift.kind,
            paid_in=proposed.paid_in,
            lines_before=gift.lines,
            lines=proposed.lines,
            measure=gift.measure,
            good=proposed.good,
            mendable=proposed.mendable,
            refused=proposed.refused,
            earmark=gift.earmark,
            reason=proposed.reason,
            received_by=gift.received_by,
            inspected_by=gift.inspected_by,
            accepted_by=gift.accepted_by,
            proposed_by=proposed.proposed_by,
            confirmed_by=command.confirmed_by,
            happened_at=command.happened_at,
        )
    ]


def judged_so(
    command: ConfirmCorrection | RefuseCorrection,
    judged: ContributionCorrected | ContributionCorrectionRefused,
) -> bool:
    match command, judged:
        case ConfirmCorrection(), ContributionCorrected():
            return command.confirmed_by == judged.confirmed_by
        case RefuseCorrection(), ContributionCorrectionRefused():
            return command.refused_by == judged.refused_by
        case _:
            return False


def in_gift(announced: ContributionAnnounced, gift: Gift) -> Iterator[Played]:
    """Who brought it from its announcement to its acceptance."""
    yield "received", gift.received_by
    for person in gift.inspected_by:
        yield "inspected", person
    yield "announced", announced.announced_by
    yield "accepted", gift.accepted_by


def in_all(lines: Sequence[InspectedLine]) -> dict[str, int]:
    return {
        "good": sum(line.good for line in lines),
        "mendable": sum(line.mendable for line in lines),
        "refused": sum(line.refused for line in lines),
    }


def quantity_accepted(gift: Gift) -> int:
    """Good and mendable: the mendable part was kept, only not yet available."""
    return gift.good + gift.mendable


# --- What is booked ---


def account_of(paid_in: PaidIn | None) -> Account:
    """Where money lies that came, or goes, in this way."""
    assert paid_in is not None, "money comes and goes in some way"
    return "cash" if paid_in == "cash" else "bank"


def counter_entry(before: Gift, corrected: ContributionCorrected) -> BookEntry:
    """What was booked is taken back, and what had been right is booked, in one entry."""
    was, right = quantity_accepted(before), quantity_accepted(corrected)
    sides = (
        EntryLine(account="contributions", debit=was, credit=0),
        EntryLine(account=account_of(before.paid_in), debit=0, credit=was),
        EntryLine(account=account_of(corrected.paid_in), debit=right, credit=0),
        EntryLine(account="contributions", debit=0, credit=right),
    )
    contribution_id, number = corrected.contribution_id, corrected.number
    return BookEntry(
        entry_id=beside(
            contribution_id, mark(b"corrected", contribution_id.bytes, str(number).encode())
        ),
        lines=tuple(side for side in sides if side.debit or side.credit),
        paper=f"{contribution_id}/{number}",
        happened_at=corrected.happened_at,
    )
