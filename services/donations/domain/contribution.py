"""A contribution: what a sponsor gives, from the announcement to the numbered receipt.

Stream `contribution-{contribution_id}`. Who announces, receives or inspects it never judges it;
what came, more or less than was announced, is accounted for piece by piece before. Accepted money
is booked in the same append, as it came: cash, or at the bank. Of what nothing is taken in, it is
refused. A cancelled receipt leaves it accepted: the next one names what it replaces, and where the
amount was wrong waits for a correction (correction.py), which two persons make.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.donations import (
    CancellationReason,
    ContributionAccepted,
    ContributionAnnounced,
    ContributionCorrected,
    ContributionCorrectionProposed,
    ContributionCorrectionRefused,
    ContributionLine,
    ContributionLineInspected,
    ContributionReceiptCancelled,
    ContributionReceipted,
    ContributionReceived,
    ContributionRefused,
    Earmark,
    EntryLine,
    InspectedLine,
    Kind,
    NumberedReceipt,
    PaidIn,
    RefusalReason,
)
from contracts.two_persons import Played, as_added, part_against
from eventing.decider import CommandFor, Decider, Rejection
from eventing.ids import beside, mark
from programmes.rules import Rules
from services.donations.domain.campaign import CheckCampaignReceives, CheckCampaignRunning, campaign
from services.donations.domain.campaign import stream as campaign_stream
from services.donations.domain.correction import (
    AnotherCorrectionWaits,
    ConfirmCorrection,
    Correcting,
    Corrections,
    Corrects,
    Gift,
    ProposeCorrection,
    RefuseCorrection,
    account_of,
    correct,
    counter_entry,
    in_all,
    quantity_accepted,
)
from services.donations.domain.fund import BookEntry, fund
from services.donations.domain.fund import stream as fund_stream
from services.donations.domain.inspection import (
    LineFound,
    LineNotAnnounced,
    check_listed_once,
    inspected_line,
)
from services.donations.domain.kinds import check_lines, check_way_of_payment
from services.donations.domain.pledge import CheckPledgeAwaits, pledge
from services.donations.domain.pledge import stream as pledge_stream
from services.donations.domain.sponsor import CheckSponsorRegistered, sponsor
from services.donations.domain.sponsor import stream as sponsor_stream

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceContribution:
    """`programme_id` and `fund_id` are those of the campaign."""

    contribution_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None
    kind: Kind
    lines: tuple[ContributionLine, ...]
    earmark: Earmark
    rules: Rules
    announced_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveContribution:
    """`paid_in` is for money, and only for it."""

    paid_in: PaidIn | None
    received_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectContribution:
    """All lines at once, or some now and others later."""

    lines: tuple[LineFound, ...]
    inspected_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptContribution:
    accepted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseContribution:
    reason: RefusalReason
    refused_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReceipted:
    """Given by a receipt book in the append that issues the number."""

    book: str
    year: int
    number: int
    quantity: int
    code_hash: str
    replaces: NumberedReceipt | None = None
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReceiptCancelled:
    """Given by a receipt book in the append that cancels the number."""

    receipt: NumberedReceipt
    reason: CancellationReason
    happened_at: datetime


Command = (
    AnnounceContribution
    | ReceiveContribution
    | InspectContribution
    | AcceptContribution
    | RefuseContribution
    | Correcting
    | MarkReceipted
    | MarkReceiptCancelled
)
Event = (
    ContributionAnnounced
    | ContributionReceived
    | ContributionLineInspected
    | ContributionAccepted
    | ContributionRefused
    | Corrects
    | ContributionReceipted
    | ContributionReceiptCancelled
)

# --- State ---

NO_CORRECTIONS = Corrections()


@dataclass(frozen=True, slots=True)
class NotAnnounced:
    pass


@dataclass(frozen=True, slots=True)
class Announced:
    announcement: ContributionAnnounced


@dataclass(frozen=True, slots=True)
class Received:
    announcement: ContributionAnnounced
    reception: ContributionReceived
    inspected: tuple[InspectedLine, ...] = ()
    inspected_by: tuple[UUID, ...] = ()

    @property
    def received_by(self) -> UUID:
        return self.reception.received_by

    @property
    def paid_in(self) -> PaidIn | None:
        return self.reception.paid_in


@dataclass(frozen=True, slots=True)
class Accepted:
    """`cancelled` is the last of its receipts that was cancelled: the next replaces it.

    `gift` is what was accepted, as it was last corrected; `amount_wrong`, if a receipt said so and
    no correction came since.
    """

    announcement: ContributionAnnounced
    acceptance: ContributionAccepted
    gift: Gift
    cancelled: NumberedReceipt | None = field(default=None, kw_only=True)
    amount_wrong: bool = field(default=False, kw_only=True)
    corrections: Corrections = field(default=NO_CORRECTIONS, kw_only=True)

    @property
    def received_by(self) -> UUID:
        return self.acceptance.received_by

    @property
    def paid_in(self) -> PaidIn | None:
        return self.acceptance.paid_in

    @property
    def inspected(self) -> tuple[InspectedLine, ...]:
        return self.acceptance.lines


@dataclass(frozen=True, slots=True)
class Receipted(Accepted):
    """`cancelled` is what its receipt replaces."""

    receipt: ContributionReceipted


@dataclass(frozen=True, slots=True)
class Refused:
    """`before` is how far it had come."""

    before: Announced | Received
    refusal: ContributionRefused

    @property
    def announcement(self) -> ContributionAnnounced:
        return self.before.announcement


State = NotAnnounced | Announced | Received | Accepted | Receipted | Refused

# --- Rejections ---


class ContributionNotAnnounced(Rejection):
    code = "contribution-not-announced"
    kind = "absent"
    vi = "Chưa có khoản tiếp nhận này."
    en = "This contribution was not announced."


class ContributionAnnouncedOtherwise(Rejection):
    code = "contribution-announced-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng để ghi một khoản tiếp nhận khác."
    en = "Another contribution was announced under this id."


class LinesInDifferentMeasures(Rejection):
    """One receipt states one total."""

    code = "lines-in-different-measures"
    vi = "Các dòng của một khoản phải cùng đơn vị tính."
    en = "The lines of one contribution are counted in one measure."


class ContributionNotReceived(Rejection):
    code = "contribution-not-received"
    kind = "conflict"
    vi = "Khoản này chưa được tiếp nhận."
    en = "This has not been received yet."


class ContributionReceivedOtherwise(Rejection):
    code = "contribution-received-otherwise"
    kind = "conflict"
    vi = "Khoản này đã được người khác tiếp nhận, hoặc tiếp nhận theo cách khác."
    en = "Somebody else received this, or in another way."


class InvolvedCannotReceive(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-receive"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được tiếp nhận khoản này."
    en = "Who had a part in it ({role}) cannot receive this contribution."

    def __init__(self, role: str) -> None:
        self.role = role


class InvolvedCannotInspect(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-inspect"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được kiểm nhận khoản này."
    en = "Who had a part in it ({role}) cannot inspect this contribution."

    def __init__(self, role: str) -> None:
        self.role = role


class LineInspectedOtherwise(Rejection):
    code = "line-inspected-otherwise"
    kind = "conflict"
    vi = "Dòng {line_id} đã được kiểm nhận với kết quả khác."
    en = "Line {line_id} was inspected with another result."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class InspectionNotComplete(Rejection):
    code = "inspection-not-complete"
    kind = "conflict"
    vi = "Còn dòng chưa kiểm nhận."
    en = "Some lines have not been inspected yet."

    def __init__(self, line_ids: tuple[UUID, ...]) -> None:
        self.line_ids = line_ids


class InvolvedCannotAccept(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-accept"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được duyệt tiếp nhận khoản này."
    en = "Who had a part in it ({role}) cannot accept this contribution."

    def __init__(self, role: str) -> None:
        self.role = role


class ContributionAcceptedOtherwise(Rejection):
    code = "contribution-accepted-otherwise"
    kind = "conflict"
    vi = "Người khác đã duyệt khoản này."
    en = "Somebody else accepted this."


class NothingToAccept(Rejection):
    """Nothing that came is good or mendable: such a gift is refused, and gets no receipt."""

    code = "nothing-to-accept"
    kind = "conflict"
    vi = "Không có phần nào dùng được: khoản này chỉ có thể từ chối tiếp nhận."
    en = "Nothing of it can be used: it can only be refused."


class ContributionIsRefused(Rejection):
    code = "contribution-is-refused"
    kind = "conflict"
    vi = "Khoản này đã bị từ chối tiếp nhận."
    en = "This contribution was refused."


class ContributionRefusedOtherwise(Rejection):
    code = "contribution-refused-otherwise"
    kind = "conflict"
    vi = "Khoản này đã bị từ chối vì lý do khác hoặc bởi người khác."
    en = "This was refused for another reason, or by somebody else."


class ContributionIsAccepted(Rejection):
    code = "contribution-is-accepted"
    kind = "conflict"
    vi = "Khoản này đã được duyệt tiếp nhận."
    en = "This contribution was accepted."


class ReasonDoesNotFit(Rejection):
    """What came never came; or what is said to be unusable was not all looked at, or some is."""

    code = "reason-does-not-fit"
    kind = "conflict"
    vi = "Lý do {reason} không khớp với kết quả kiểm nhận."
    en = "The reason {reason} is not what the inspection says."

    def __init__(self, reason: RefusalReason) -> None:
        self.reason = reason


class ContributionNotAccepted(Rejection):
    code = "contribution-not-accepted"
    kind = "conflict"
    vi = "Khoản này chưa được duyệt tiếp nhận."
    en = "This has not been accepted yet."


class ContributionReceiptedAlready(Rejection):
    """The number that it has."""

    code = "contribution-receipted-already"
    kind = "conflict"
    vi = "Khoản này đã có phiếu số {number} quyển {book} năm {year}."
    en = "This has receipt number {number} in book {book} of {year}."

    def __init__(self, book: str, year: int, number: int) -> None:
        self.book = book
        self.year = year
        self.number = number


class CancelledReceiptNotNamed(Rejection):
    """The one that the next receipt of this contribution has to name."""

    code = "cancelled-receipt-not-named"
    kind = "conflict"
    vi = "Phiếu số {number} quyển {book} năm {year} đã bị hủy: phiếu mới phải ghi là thay phiếu đó."
    en = (
        "Receipt number {number} in book {book} of {year} was cancelled: the new one has to "
        "name it."
    )

    def __init__(self, book: str, year: int, number: int) -> None:
        self.book = book
        self.year = year
        self.number = number


class ReceiptNotCancelled(Rejection):
    """Only a cancelled receipt is replaced."""

    code = "receipt-not-cancelled"
    kind = "conflict"
    vi = "Khoản này không có phiếu số {number} quyển {book} năm {year} nào đã bị hủy."
    en = "This has no cancelled receipt number {number} in book {book} of {year}."

    def __init__(self, book: str, year: int, number: int) -> None:
        self.book = book
        self.year = year
        self.number = number


class AmountNotCorrected(Rejection):
    """Its last receipt was cancelled because of the amount: another would say the same."""

    code = "amount-not-corrected"
    kind = "conflict"
    vi = "Phiếu trước bị huỷ vì sai số lượng: phải điều chỉnh khoản này trước khi lập phiếu mới."
    en = "The last receipt was cancelled for its amount: it has to be corrected before the next."


class AmountIsAnother(Rejection):
    """It was corrected since whoever asks for the receipt looked."""

    code = "amount-is-another"
    kind = "conflict"
    vi = "Khoản này vừa được điều chỉnh: nay là {quantity}."
    en = "It was corrected meanwhile: it is {quantity} now."

    def __init__(self, quantity: int) -> None:
        self.quantity = quantity


class NothingToReceipt(Rejection):
    """By its correction nothing was accepted."""

    code = "nothing-to-receipt"
    kind = "conflict"
    vi = "Sau điều chỉnh không còn gì được tiếp nhận: không lập phiếu."
    en = "After its correction nothing was accepted: there is no receipt for nothing."


class ReceiptStands(Rejection):
    """It says the amount as it is: it is cancelled before that is corrected."""

    code = "receipt-stands"
    kind = "conflict"
    vi = "Phiếu số {number} quyển {book} năm {year} còn hiệu lực: phải huỷ phiếu trước."
    en = "Receipt number {number} in book {book} of {year} stands: it has to be cancelled first."

    def __init__(self, book: str, year: int, number: int) -> None:
        self.book = book
        self.year = year
        self.number = number


class ReceiptNotIssued(Rejection):
    """Not for this contribution, at least."""

    code = "receipt-not-issued"
    kind = "absent"
    vi = "Khoản này không có phiếu số {number} quyển {book} năm {year}."
    en = "This has no receipt number {number} in book {book} of {year}."

    def __init__(self, book: str, year: int, number: int) -> None:
        self.book = book
        self.year = year
        self.number = number


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case AnnounceContribution():
            return announce(command, state)
        case ReceiveContribution():
            return receive(command, state)
        case InspectContribution():
            return inspect(command, state)
        case AcceptContribution():
            return accept(command, state)
        case RefuseContribution():
            return refuse(command, state)
        case _:
            return after_acceptance(command, state)


def after_acceptance(
    command: Correcting | MarkReceipted | MarkReceiptCancelled, state: State
) -> list[Event]:
    match command:
        case MarkReceipted():
            return mark_receipted(command, state)
        case MarkReceiptCancelled():
            return mark_receipt_cancelled(command, state)
        case ProposeCorrection() | ConfirmCorrection() | RefuseCorrection():
            return [*correct_gift(command, state)]
        case _:
            assert_never(command)


def announce(command: AnnounceContribution, state: State) -> list[Event]:
    announcement = ContributionAnnounced(
        contribution_id=command.contribution_id,
        programme_id=command.programme_id,
        campaign_id=command.campaign_id,
        fund_id=command.fund_id,
        sponsor_id=command.sponsor_id,
        pledge_id=command.pledge_id,
        kind=command.kind,
        lines=command.lines,
        quantity=sum(line.quantity for line in command.lines),
        measure=command.lines[0].measure,
        earmark=command.earmark,
        rules=command.rules.named,
        two_persons=as_added(command.rules.two_persons),
        announced_by=command.announced_by,
        happened_at=command.happened_at,
    )
    if not isinstance(state, NotAnnounced):
        before = state.announcement
        same = replace(
            announcement,
            happened_at=before.happened_at,
            rules=before.rules,
            two_persons=before.two_persons,
        )
        if same == before:
            return []
        raise ContributionAnnouncedOtherwise
    check_listed_once([line.line_id for line in command.lines])
    check_lines(command.rules, command.kind, command.lines)
    if len({line.measure for line in command.lines}) > 1:
        raise LinesInDifferentMeasures
    return [announcement]


def receive(command: ReceiveContribution, state: State) -> list[Event]:
    match state:
        case NotAnnounced():
            raise ContributionNotAnnounced
        case Refused():
            raise ContributionIsRefused
        case Announced(announcement):
            check_way_of_payment(announcement.kind, command.paid_in)
            before_it: list[Played] = [("announced", announcement.announced_by)]
            added = announcement.two_persons
            if role := part_against(command.received_by, "received", before_it, added):
                raise InvolvedCannotReceive(role)
            return [
                ContributionReceived(
                    contribution_id=announcement.contribution_id,
                    programme_id=announcement.programme_id,
                    paid_in=command.paid_in,
                    received_by=command.received_by,
                    happened_at=command.happened_at,
                )
            ]
        case Received() | Accepted():
            if (command.received_by, command.paid_in) == (state.received_by, state.paid_in):
                return []
            raise ContributionReceivedOtherwise
        case _:
            assert_never(state)


def inspect(command: InspectContribution, state: State) -> list[Event]:
    received = received_of(state)
    check_listed_once([found.line_id for found in command.lines])
    announced = {line.line_id: line for line in received.announcement.lines}
    inspected = {line.line_id: line for line in received.inspected}
    events: list[Event] = []
    for found in command.lines:
        line = announced.get(found.line_id)
        if line is None:
            raise LineNotAnnounced(found.line_id)
        result = inspected_line(line, found, received.announcement.kind)
        if found.line_id not in inspected:
            inspected[found.line_id] = result
            events.append(
                ContributionLineInspected(
                    contribution_id=received.announcement.contribution_id,
                    programme_id=received.announcement.programme_id,
                    line=result,
                    **in_all(tuple(inspected.values())),
                    inspected_by=command.inspected_by,
                    happened_at=command.happened_at,
                )
            )
        elif inspected[found.line_id] != result:
            raise LineInspectedOtherwise(found.line_id)
    before_it: list[Played] = [
        ("announced", received.announcement.announced_by),
        ("received", received.received_by),
    ]
    added = received.announcement.two_persons
    if events and (role := part_against(command.inspected_by, "inspected", before_it, added)):
        raise InvolvedCannotInspect(role)
    return events


def accept(command: AcceptContribution, state: State) -> list[Event]:
    received = received_of(state)
    if isinstance(received, Accepted):
        if command.accepted_by == received.acceptance.accepted_by:
            return []
        raise ContributionAcceptedOtherwise
    announcement = received.announcement
    before_it, added = before_acceptance(received), announcement.two_persons
    if role := part_against(command.accepted_by, "accepted", before_it, added):
        raise InvolvedCannotAccept(role)
    inspected = {line.line_id: line for line in received.inspected}
    missing = tuple(line.line_id for line in announcement.lines if line.line_id not in inspected)
    if missing:
        raise InspectionNotComplete(missing)
    found = in_all(tuple(inspected.values()))
    if not found["good"] + found["mendable"]:
        raise NothingToAccept
    return [
        ContributionAccepted(
            contribution_id=announcement.contribution_id,
            programme_id=announcement.programme_id,
            campaign_id=announcement.campaign_id,
            fund_id=announcement.fund_id,
            sponsor_id=announcement.sponsor_id,
            pledge_id=announcement.pledge_id,
            kind=announcement.kind,
            paid_in=received.paid_in,
            lines=tuple(inspected[line.line_id] for line in announcement.lines),
            measure=announcement.measure,
            **found,
            earmark=announcement.earmark,
            announced_by=announcement.announced_by,
            received_by=received.received_by,
            inspected_by=received.inspected_by,
            accepted_by=command.accepted_by,
            happened_at=command.happened_at,
        )
    ]


def before_acceptance(judged: Announced | Received) -> Iterator[Played]:
    if isinstance(judged, Received):
        yield "received", judged.received_by
        for person in judged.inspected_by:
            yield "inspected", person
    yield "announced", judged.announcement.announced_by


def refuse(command: RefuseContribution, state: State) -> list[Event]:
    """What it takes to accept a gift it takes to refuse one: goods do not vanish by one hand."""
    match state:
        case NotAnnounced():
            raise ContributionNotAnnounced
        case Accepted():
            raise ContributionIsAccepted
        case Refused(_, refusal):
            if (command.refused_by, command.reason) == (refusal.refused_by, refusal.reason):
                return []
            raise ContributionRefusedOtherwise
        case Announced() | Received():
            before_it, added = before_acceptance(state), state.announcement.two_persons
            if role := part_against(command.refused_by, "accepted", before_it, added):
                raise InvolvedCannotAccept(role)
            return [refused(command, state)]
        case _:
            assert_never(state)


def refused(command: RefuseContribution, judged: Announced | Received) -> ContributionRefused:
    """Raises ReasonDoesNotFit."""
    announcement = judged.announcement
    lines = judged.inspected if isinstance(judged, Received) else ()
    found = in_all(lines)
    usable, came = found["good"] + found["mendable"], sum(found.values())
    looked_at = len(lines) == len(announcement.lines)
    match command.reason:
        case "never-came":
            fits = not came
        case "nothing-usable":
            fits = looked_at and came > usable == 0
        case "not-suitable" | "withdrawn-by-giver":
            fits = True
        case _:
            assert_never(command.reason)
    if not fits:
        raise ReasonDoesNotFit(command.reason)
    return ContributionRefused(
        contribution_id=announcement.contribution_id,
        programme_id=announcement.programme_id,
        campaign_id=announcement.campaign_id,
        sponsor_id=announcement.sponsor_id,
        pledge_id=announcement.pledge_id,
        kind=announcement.kind,
        lines=lines,
        measure=announcement.measure,
        refused=came,
        reason=command.reason,
        refused_by=command.refused_by,
        happened_at=command.happened_at,
    )


def correct_gift(command: Correcting, state: State) -> list[Corrects]:
    accepted = accepted_of(state)
    if isinstance(accepted, Receipted):
        receipt = accepted.receipt
        raise ReceiptStands(receipt.book, receipt.year, receipt.number)
    return correct(command, accepted.announcement, accepted.gift, accepted.corrections)


def mark_receipted(command: MarkReceipted, state: State) -> list[Event]:
    accepted = accepted_of(state)
    if isinstance(state, Receipted):
        known = state.receipt
        if (known.book, known.year, known.number) == (command.book, command.year, command.number):
            return []
        raise ContributionReceiptedAlready(known.book, known.year, known.number)
    check_replaces(command.replaces, cancelled_receipt_of(state))
    check_amount(command.quantity, accepted)
    return [
        ContributionReceipted(
            contribution_id=accepted.gift.contribution_id,
            programme_id=accepted.gift.programme_id,
            book=command.book,
            year=command.year,
            number=command.number,
            code_hash=command.code_hash,
            happened_at=command.happened_at,
        )
    ]


def check_amount(quantity: int, accepted: Accepted) -> None:
    """Raises AmountNotCorrected, AnotherCorrectionWaits, AmountIsAnother, NothingToReceipt."""
    right = quantity_accepted(accepted.gift)
    if accepted.amount_wrong:
        raise AmountNotCorrected
    if (waiting := accepted.corrections.waiting) is not None:
        raise AnotherCorrectionWaits(waiting.number)
    if not right:
        raise NothingToReceipt
    if quantity != right:
        raise AmountIsAnother(right)


def check_replaces(named: NumberedReceipt | None, cancelled: NumberedReceipt | None) -> None:
    """Raises CancelledReceiptNotNamed, ReceiptNotCancelled.

    Who asks again for a receipt that was cancelled meanwhile does not get another by that.
    """
    if named == cancelled:
        return
    if cancelled is not None:
        raise CancelledReceiptNotNamed(cancelled.book, cancelled.year, cancelled.number)
    if named is not None:
        raise ReceiptNotCancelled(named.book, named.year, named.number)


def mark_receipt_cancelled(command: MarkReceiptCancelled, state: State) -> list[Event]:
    announcement = announcement_of(state)
    receipt = command.receipt
    if cancelled_receipt_of(state) == receipt:
        return []
    if receipt_of(state) != receipt:
        raise ReceiptNotIssued(receipt.book, receipt.year, receipt.number)
    return [
        ContributionReceiptCancelled(
            contribution_id=announcement.contribution_id,
            programme_id=announcement.programme_id,
            book=receipt.book,
            year=receipt.year,
            number=receipt.number,
            reason=command.reason,
            happened_at=command.happened_at,
        )
    ]


def receipt_of(state: State) -> NumberedReceipt | None:
    """The number that it has; None: none, or none any more."""
    return numbered(state.receipt) if isinstance(state, Receipted) else None


def cancelled_receipt_of(state: State) -> NumberedReceipt | None:
    """The last of its receipts that was cancelled."""
    return state.cancelled if isinstance(state, Accepted) else None


def numbered(event: ContributionReceipted | ContributionReceiptCancelled) -> NumberedReceipt:
    return NumberedReceipt(book=event.book, year=event.year, number=event.number)


def announcement_of(state: State) -> ContributionAnnounced:
    """Raises ContributionNotAnnounced."""
    if isinstance(state, NotAnnounced):
        raise ContributionNotAnnounced
    return state.announcement


def received_of(state: State) -> Received | Accepted:
    """Raises ContributionNotAnnounced, ContributionNotReceived, ContributionIsRefused."""
    match state:
        case NotAnnounced():
            raise ContributionNotAnnounced
        case Refused():
            raise ContributionIsRefused
        case Announced():
            raise ContributionNotReceived
        case Received() | Accepted():
            return state
        case _:
            assert_never(state)


def accepted_of(state: State) -> Accepted:
    """Raises ContributionNotAnnounced, ContributionNotAccepted, ContributionIsRefused."""
    match state:
        case NotAnnounced():
            raise ContributionNotAnnounced
        case Refused():
            raise ContributionIsRefused
        case Announced() | Received():
            raise ContributionNotAccepted
        case Accepted():
            return state
        case _:
            assert_never(state)


# --- Also ---


def also(command: Command, state: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if not events:
        return
    match command, state:
        case AnnounceContribution(), _:
            yield from announcement_rests_on(command)
        case ReceiveContribution(), Announced(announcement):
            receives = CheckCampaignReceives(happened_at=command.happened_at)
            yield CommandFor(campaign, campaign_stream(announcement.campaign_id), receives)
    for event in events:
        match event:
            case ContributionAccepted(kind="money"):
                yield CommandFor(fund, fund_stream(event.fund_id), booking_of(event))
            case ContributionCorrected(kind="money"):
                entry = counter_entry(accepted_of(state).gift, event)
                yield CommandFor(fund, fund_stream(event.fund_id), entry)


def announcement_rests_on(command: AnnounceContribution) -> Iterator[CommandFor]:
    running = CheckCampaignRunning(
        categories=frozenset(line.category for line in command.lines),
        happened_at=command.happened_at,
    )
    yield CommandFor(campaign, campaign_stream(command.campaign_id), running)
    yield CommandFor(sponsor, sponsor_stream(command.sponsor_id), CheckSponsorRegistered())
    if command.pledge_id is not None:
        awaits = CheckPledgeAwaits(
            campaign_id=command.campaign_id,
            sponsor_id=command.sponsor_id,
            kind=command.kind,
            measure=command.lines[0].measure,
            earmark=command.earmark,
        )
        yield CommandFor(pledge, pledge_stream(command.pledge_id), awaits)


def booking_of(acceptance: ContributionAccepted) -> BookEntry:
    amount, contribution_id = quantity_accepted(acceptance), acceptance.contribution_id
    return BookEntry(
        entry_id=beside(contribution_id, mark(b"accepted", contribution_id.bytes)),
        lines=(
            EntryLine(account=account_of(acceptance.paid_in), debit=amount, credit=0),
            EntryLine(account="contributions", debit=0, credit=amount),
        ),
        paper=str(acceptance.contribution_id),
        happened_at=acceptance.happened_at,
    )


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    match event:
        case ContributionAnnounced():
            return Announced(event)
        case ContributionReceived():
            assert isinstance(state, Announced), "only what was announced is received"
            return Received(state.announcement, event)
        case ContributionLineInspected():
            assert isinstance(state, Received), "only what was received is inspected"
            inspectors = tuple(dict.fromkeys((*state.inspected_by, event.inspected_by)))
            lines = (*state.inspected, event.line)
            return replace(state, inspected=lines, inspected_by=inspectors)
        case ContributionAccepted():
            assert isinstance(state, Received), "only what was received is accepted"
            return Accepted(state.announcement, event, event)
        case ContributionRefused():
            assert isinstance(state, Announced | Received), "what was accepted is not refused"
            return Refused(state, event)
        case _:
            assert isinstance(state, Accepted), "only what was accepted is corrected or receipted"
            return evolve_accepted(state, event)


def evolve_accepted(
    state: Accepted, event: Corrects | ContributionReceipted | ContributionReceiptCancelled
) -> Accepted:
    known = state.corrections
    match event:
        case ContributionCorrectionProposed():
            return replace(state, corrections=replace(known, proposed=(*known.proposed, event)))
        case ContributionCorrectionRefused():
            return replace(state, corrections=replace(known, judged=(*known.judged, event)))
        case ContributionCorrected():
            corrections = replace(known, judged=(*known.judged, event))
            return replace(state, gift=event, amount_wrong=False, corrections=corrections)
        case ContributionReceipted():
            return Receipted(
                state.announcement,
                state.acceptance,
                state.gift,
                event,
                cancelled=state.cancelled,
                corrections=known,
            )
        case ContributionReceiptCancelled():
            return Accepted(
                state.announcement,
                state.acceptance,
                state.gift,
                cancelled=numbered(event),
                amount_wrong=event.reason == "wrong-amount",
                corrections=known,
            )
        case _:
            assert_never(event)


contribution: Decider[Command, State, Event] = Decider(NotAnnounced(), decide, evolve, also)


def stream(contribution_id: UUID) -> str:
    return f"contribution-{contribution_id}"
