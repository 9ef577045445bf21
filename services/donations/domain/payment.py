"""Money that leaves a fund: to a partner for what it did, or advanced to who hands it out.

Stream `payment-{payment_id}`. Rules: who prepares, authorises, pays and is entrusted with it are
different persons; what is paid is booked in the same append, and no more than is there. An advance
is settled once, and what is left of it comes back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.donations import (
    Account,
    AdvanceSettled,
    EntryLine,
    PaidIn,
    PaymentAuthorised,
    PaymentDue,
    PaymentFailed,
    PaymentFailure,
    PaymentMade,
    PaymentPurpose,
    PaymentStatus,
)
from contracts.sealed import Sealed
from contracts.two_persons import Part, Played, part_against
from eventing.decider import CommandFor, Decider, Rejection
from eventing.ids import beside, mark
from services.donations.domain.correction import account_of
from services.donations.domain.fund import BookEntry, CheckFundOpen, fund
from services.donations.domain.fund import stream as fund_stream

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparePayment:
    """In đồng. `person_id` is who is entrusted with an advance; a partner is named, sealed."""

    payment_id: UUID
    programme_id: UUID
    fund_id: UUID
    purpose: PaymentPurpose
    amount: int
    person_id: UUID | None
    partner: Sealed | None
    due_on: date
    prepared_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisePayment:
    authorised_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePayment:
    """`reference` is the bank's, or the number of the cash voucher.

    `settle_by`: up to when it is settled, if it is an advance, as the rules in force say.
    """

    paid_in: PaidIn
    reference: str
    settle_by: date
    paid_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FailPayment:
    """Before it is made, or when the bank returns it: then it is booked back."""

    reason: PaymentFailure
    failed_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleAdvance:
    """`returned`: what was not signed for and came back, in đồng."""

    returned: int
    returned_in: PaidIn | None
    settled_by: UUID
    happened_at: datetime


Step = AuthorisePayment | MakePayment | FailPayment | SettleAdvance
Command = PreparePayment | Step
Event = PaymentDue | PaymentAuthorised | PaymentMade | PaymentFailed | AdvanceSettled

# --- State ---


@dataclass(frozen=True, slots=True)
class NotPrepared:
    pass


@dataclass(frozen=True, slots=True)
class Prepared:
    due: PaymentDue
    status: PaymentStatus = "due"
    authorised: PaymentAuthorised | None = None
    made: PaymentMade | None = None
    failed: PaymentFailed | None = None
    settled: AdvanceSettled | None = None


State = NotPrepared | Prepared

# --- Rejections ---


class PaymentNotPrepared(Rejection):
    code = "payment-not-prepared"
    kind = "absent"
    vi = "Chưa có khoản chi này."
    en = "This payment was not prepared."


class PaymentPreparedOtherwise(Rejection):
    code = "payment-prepared-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho một khoản chi khác."
    en = "Another payment was prepared under this id."


class PayeeDoesNotFit(Rejection):
    code = "payee-does-not-fit"
    vi = "Tạm ứng thì phải nêu người nhận tạm ứng; trả cho đơn vị thì phải nêu tên đơn vị."
    en = "An advance names the person who gets it, a payment to a partner names the partner."


class PaymentNotThere(Rejection):
    """`status` is how far it has come."""

    code = "payment-not-there"
    kind = "conflict"
    vi = "Khoản chi đang ở bước {status}, nên chưa thể hoặc không thể làm việc này nữa."
    en = "The payment is {status}, so this cannot be done yet, or not any more."

    def __init__(self, status: PaymentStatus) -> None:
        self.status = status


class InvolvedInPayment(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-in-payment"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được làm bước này của cùng khoản chi."
    en = "Who had a part in it ({role}) cannot do this step of the same payment."

    def __init__(self, role: str) -> None:
        self.role = role


class ReturnedMoreThanAdvanced(Rejection):
    """In đồng."""

    code = "returned-more-than-advanced"
    vi = "Số hoàn lại {returned} đồng lớn hơn số đã tạm ứng {advanced} đồng."
    en = "{returned} đồng came back of an advance of {advanced}."

    def __init__(self, returned: int, advanced: int) -> None:
        self.returned = returned
        self.advanced = advanced


class WayOfReturnNotSaid(Rejection):
    code = "way-of-return-not-said"
    vi = "Có tiền hoàn lại thì phải nói hoàn bằng tiền mặt hay chuyển khoản, và chỉ khi đó."
    en = "Whether what came back is cash or a transfer is said if something came back, and only so."


class NoAdvance(Rejection):
    code = "no-advance"
    vi = "Khoản chi này không phải tạm ứng, nên không có gì để thanh toán."
    en = "This payment is no advance, so there is nothing to settle."


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case PreparePayment():
            return prepare(command, state)
        case _ if isinstance(state, NotPrepared):
            raise PaymentNotPrepared
        case AuthorisePayment():
            return authorise(command, state)
        case MakePayment():
            return make(command, state)
        case FailPayment():
            return fail(command, state)
        case SettleAdvance():
            return settle(command, state)
        case _:
            assert_never(command)


def prepare(command: PreparePayment, state: State) -> list[Event]:
    is_advance = command.purpose == "advance"
    if is_advance != (command.person_id is not None) or is_advance == (command.partner is not None):
        raise PayeeDoesNotFit
    due = PaymentDue(
        payment_id=command.payment_id,
        programme_id=command.programme_id,
        fund_id=command.fund_id,
        purpose=command.purpose,
        amount=command.amount,
        person_id=command.person_id,
        partner=command.partner,
        due_on=command.due_on,
        prepared_by=command.prepared_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, Prepared):
        known = state.due
        if replace(due, happened_at=known.happened_at) == known:
            return []
        raise PaymentPreparedOtherwise
    check_apart(command.prepared_by, "prepared", [("entrusted", command.person_id)])
    return [due]


def authorise(command: AuthorisePayment, state: Prepared) -> list[Event]:
    if state.authorised and state.authorised.authorised_by == command.authorised_by:
        return []
    check_is(state, "due")
    check_apart(command.authorised_by, "authorised", parts_in(state))
    return [
        PaymentAuthorised(
            payment_id=state.due.payment_id,
            programme_id=state.due.programme_id,
            authorised_by=command.authorised_by,
            happened_at=command.happened_at,
        )
    ]


def make(command: MakePayment, state: Prepared) -> list[Event]:
    made = PaymentMade(
        payment_id=state.due.payment_id,
        programme_id=state.due.programme_id,
        fund_id=state.due.fund_id,
        purpose=state.due.purpose,
        amount=state.due.amount,
        paid_in=command.paid_in,
        reference=command.reference,
        settle_by=command.settle_by if state.due.purpose == "advance" else None,
        paid_by=command.paid_by,
        happened_at=command.happened_at,
    )
    known = state.made
    if known and known == replace(made, happened_at=known.happened_at, settle_by=known.settle_by):
        return []
    check_is(state, "authorised")
    check_apart(command.paid_by, "paid", parts_in(state))
    return [made]


def fail(command: FailPayment, state: Prepared) -> list[Event]:
    if state.failed and state.failed.reason == command.reason:
        return []
    check_is(state, "due", "authorised", "paid")
    return [
        PaymentFailed(
            payment_id=state.due.payment_id,
            programme_id=state.due.programme_id,
            reason=command.reason,
            booked_back=state.made is not None,
            failed_by=command.failed_by,
            happened_at=command.happened_at,
        )
    ]


def settle(command: SettleAdvance, state: Prepared) -> list[Event]:
    due = state.due
    if due.purpose != "advance":
        raise NoAdvance
    if command.returned > due.amount:
        raise ReturnedMoreThanAdvanced(command.returned, due.amount)
    if (command.returned > 0) != (command.returned_in is not None):
        raise WayOfReturnNotSaid
    settled = AdvanceSettled(
        payment_id=due.payment_id,
        programme_id=due.programme_id,
        fund_id=due.fund_id,
        handed_out=due.amount - command.returned,
        returned=command.returned,
        returned_in=command.returned_in,
        settled_by=command.settled_by,
        happened_at=command.happened_at,
    )
    if state.settled and replace(settled, happened_at=state.settled.happened_at) == state.settled:
        return []
    check_is(state, "paid")
    check_apart(command.settled_by, "settled", parts_in(state))
    return [settled]


def check_is(state: Prepared, *statuses: PaymentStatus) -> None:
    if state.status not in statuses:
        raise PaymentNotThere(state.status)


def check_apart(person: UUID, part: Part, played: Sequence[Played]) -> None:
    if role := part_against(person, part, played):
        raise InvolvedInPayment(role)


def parts_in(state: Prepared) -> list[Played]:
    due, authorised, made = state.due, state.authorised, state.made
    return [
        ("prepared", due.prepared_by),
        ("entrusted", due.person_id),
        ("authorised", authorised.authorised_by if authorised else None),
        ("paid", made.paid_by if made else None),
    ]


def also(command: Command, state: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if isinstance(command, PreparePayment) and events:
        open_fund = CheckFundOpen(programme_id=command.programme_id)
        yield CommandFor(fund, fund_stream(command.fund_id), open_fund)
    for event in events:
        match event, state:
            case PaymentMade(), _:
                entry = entry_of(event, "paid", event.happened_at)
                yield CommandFor(fund, fund_stream(event.fund_id), entry)
            case PaymentFailed(booked_back=True), Prepared(made=PaymentMade() as made):
                entry = entry_of(made, "failed", event.happened_at)
                lines = tuple(
                    EntryLine(account=line.account, debit=line.credit, credit=line.debit)
                    for line in entry.lines
                )
                back = replace(entry, lines=lines)
                yield CommandFor(fund, fund_stream(made.fund_id), back)
            case AdvanceSettled(returned_in=paid_in, returned=returned), _ if paid_in is not None:
                entry = BookEntry(
                    entry_id=entry_id(event.payment_id, "settled"),
                    lines=(
                        EntryLine(account=account_of(paid_in), debit=returned, credit=0),
                        EntryLine(account="advances", debit=0, credit=returned),
                    ),
                    paper=f"{event.payment_id}/settled",
                    happened_at=event.happened_at,
                )
                yield CommandFor(fund, fund_stream(event.fund_id), entry)


def entry_of(made: PaymentMade, step: str, happened_at: datetime) -> BookEntry:
    """What is signed for is booked against the advance, or against what a partner is to get."""
    against: Account = "advances" if made.purpose == "advance" else "partners"
    return BookEntry(
        entry_id=entry_id(made.payment_id, step),
        lines=(
            EntryLine(account=against, debit=made.amount, credit=0),
            EntryLine(account=account_of(made.paid_in), debit=0, credit=made.amount),
        ),
        paper=f"{made.payment_id}/{step}",
        happened_at=happened_at,
        pays=step == "paid",
    )


def entry_id(payment_id: UUID, step: str) -> UUID:
    return beside(payment_id, mark(step.encode(), payment_id.bytes))


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    if isinstance(event, PaymentDue):
        return Prepared(event)
    assert isinstance(state, Prepared), "only what was prepared goes on"
    match event:
        case PaymentAuthorised():
            return replace(state, status="authorised", authorised=event)
        case PaymentMade():
            return replace(state, status="paid", made=event)
        case PaymentFailed():
            return replace(state, status="failed", failed=event)
        case AdvanceSettled():
            return replace(state, status="settled", settled=event)
        case _:
            assert_never(event)


payment: Decider[Command, State, Event] = Decider(NotPrepared(), decide, evolve, also)


def stream(payment_id: UUID) -> str:
    return f"payment-{payment_id}"
