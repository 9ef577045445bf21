"""Payments: prepared by one, authorised by another, made by a third; advances are settled."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.donations import (
    PaidIn,
    PaymentDue,
    PaymentFailure,
    PaymentPurpose,
    PaymentStatus,
)
from contracts.field_types import DocumentNumber
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Count, Dated, Day, Quantity, Text
from edge.door import Accepted, CommandDoor, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.programmes import NoRulesInForce, ProgrammeNotKnown, programme_rules
from edge.routes import Routes
from services.donations.domain.fund import (
    FundNotOpened,
    FundOfAnotherProgramme,
    NotEnoughInTheFund,
    OpenedFund,
    fund,
)
from services.donations.domain.fund import stream as fund_stream
from services.donations.domain.payment import (
    AuthorisePayment,
    FailPayment,
    InvolvedInPayment,
    MakePayment,
    NoAdvance,
    PayeeDoesNotFit,
    PaymentNotPrepared,
    PaymentNotThere,
    PaymentPreparedOtherwise,
    Prepared,
    PreparePayment,
    ReturnedMoreThanAdvanced,
    SettleAdvance,
    WayOfReturnNotSaid,
    payment,
    stream,
)
from services.donations.read_models.payments import PaymentRow, payments
from services.donations.routes.keeping import asked_within, is_kept_by, kept_funds, of_fund

PAYMENTS, PARTNER = "payments", "partner"
"""For what, and as which field, the name of who is paid is sealed."""

routes = Routes(tag="payments")


class PaymentToPrepare(Dated):
    """In đồng. An advance names `person_id`, who hands it out; else `partner` says who is paid."""

    fund_id: UUID
    purpose: PaymentPurpose
    amount: Quantity
    person_id: UUID | None = None
    partner: Text | None = None
    due_on: Day


class Payment(Dated):
    """`reference` is the bank's, or the number of the cash voucher."""

    paid_in: PaidIn
    reference: DocumentNumber


class Failure(Dated):
    reason: PaymentFailure


class Settlement(Dated):
    """`returned` came back of what was advanced, in đồng; the rest was signed for."""

    returned: Count
    returned_in: PaidIn | None = None


class PaymentShown(BaseModel):
    """In đồng. `settle_by`: the last day on which an advance that is not settled yet is."""

    model_config = ConfigDict(from_attributes=True)

    payment_id: UUID
    fund_id: UUID
    purpose: PaymentPurpose
    amount: int
    person_id: UUID | None
    due_on: date
    status: PaymentStatus
    paid_in: PaidIn | None
    reference: str | None
    settle_by: date | None
    failure: PaymentFailure | None
    handed_out: int | None
    returned: int | None
    version: int


class PaymentRead(PaymentShown):
    """With who is paid, once somebody looks at one."""

    partner: str | None


@routes.command(
    "PUT",
    "/payments/{payment_id}",
    may=may("prepare-payment", "accountant"),
    refuses=[
        FundNotOpened,
        FundOfAnotherProgramme,
        PayeeDoesNotFit,
        PaymentPreparedOtherwise,
        InvolvedInPayment,
    ],
)
async def prepare(payment_id: UUID, body: PaymentToPrepare, door: Door) -> Accepted:
    await of_fund(body.fund_id, door)
    of = await door.state(fund, fund_stream(body.fund_id))
    assert isinstance(of, OpenedFund), "of_fund has looked"
    partner = body.partner and await door.seal(payment_id, PAYMENTS, PARTNER, body.partner)
    command = PreparePayment(
        payment_id=payment_id,
        programme_id=of.opening.programme_id,
        fund_id=body.fund_id,
        purpose=body.purpose,
        amount=body.amount,
        person_id=body.person_id,
        partner=partner or None,
        due_on=body.due_on,
        prepared_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(payment, stream(payment_id), command)


@routes.command(
    "POST",
    "/payments/{payment_id}/authorisation",
    judges="/payments/{payment_id}",
    may=may("authorise-payment", "approver", "leader"),
    refuses=[PaymentNotPrepared, PaymentNotThere, InvolvedInPayment],
)
async def authorise(payment_id: UUID, door: Door) -> Accepted:
    await _in_keeping(payment_id, door)
    command = AuthorisePayment(authorised_by=door.person, happened_at=door.now)
    return await door.execute(payment, stream(payment_id), command)


@routes.command(
    "POST",
    "/payments/{payment_id}/making",
    judges="/payments/{payment_id}",
    may=may("make-payment", "cashier"),
    refuses=[
        PaymentNotPrepared,
        PaymentNotThere,
        InvolvedInPayment,
        NotEnoughInTheFund,
        ProgrammeNotKnown,
        NoRulesInForce,
    ],
)
async def make(payment_id: UUID, body: Payment, door: Door) -> Accepted:
    """It is booked with it, and never more than is there."""
    due = await _in_keeping(payment_id, door)
    happened_at = door.happened(body.happened_at)
    day = vietnamese_day(happened_at)
    rules = await programme_rules(door.rows, due.programme_id, day)
    command = MakePayment(
        paid_in=body.paid_in,
        reference=body.reference,
        settle_by=rules.settle_by(day),
        paid_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(payment, stream(payment_id), command)


@routes.command(
    "POST",
    "/payments/{payment_id}/failure",
    judges="/payments/{payment_id}",
    may=may("fail-payment", "accountant", "cashier"),
    refuses=[PaymentNotPrepared, PaymentNotThere],
)
async def fail(payment_id: UUID, body: Failure, door: Door) -> Accepted:
    """It is not paid; what was booked is booked back."""
    await _in_keeping(payment_id, door)
    command = FailPayment(
        reason=body.reason,
        failed_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(payment, stream(payment_id), command)


@routes.command(
    "POST",
    "/payments/{payment_id}/settlement",
    judges="/payments/{payment_id}",
    may=may("settle-advance", "accountant"),
    refuses=[
        PaymentNotPrepared,
        PaymentNotThere,
        InvolvedInPayment,
        NoAdvance,
        ReturnedMoreThanAdvanced,
        WayOfReturnNotSaid,
    ],
)
async def settle(payment_id: UUID, body: Settlement, door: Door) -> Accepted:
    """What was signed for is settled, and the rest is back."""
    await _in_keeping(payment_id, door)
    command = SettleAdvance(
        returned=body.returned,
        returned_in=body.returned_in,
        settled_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(payment, stream(payment_id), command)


SEE = may("see-payments", "accountant", "cashier", "approver", "leader", "auditor")


@routes.query("/payments", may=SEE)
async def listed(
    door: ListDoor, fund_id: UUID | None = None, status: PaymentStatus | None = None
) -> Page[PaymentShown]:
    """Those from funds that are kept in one's own unit, or below."""
    wanted = {} if status is None else {"status": status}
    funds = asked_within(fund_id, await kept_funds(door))
    return await door.page(payments, PaymentShown.model_validate, fund_id=funds, **wanted)


@routes.query("/payments/to-settle", may=SEE)
async def to_settle(
    door: ListDoor, fund_id: UUID | None = None, by: Day | None = None
) -> Page[PaymentShown]:
    """Advances that are due to be settled by that day (today), the longest overdue first.

    Those from funds that are kept in one's own unit, or below.
    """
    last = by or vietnamese_day(door.now)
    funds = asked_within(fund_id, await kept_funds(door))
    return await door.page(
        payments,
        PaymentShown.model_validate,
        status="paid",
        purpose="advance",
        at_most={"settle_by": last},
        order=("settle_by",),
        fund_id=funds,
    )


@routes.query(
    "/payments/{payment_id}",
    may=may("see-payment", "accountant", "cashier", "approver", "leader", opens="make-payment"),
    refuses=[PaymentNotPrepared],
)
async def see(payment_id: UUID, door: ReadDoor) -> PaymentRead:
    await door.fresh(payments)
    row: PaymentRow | None = await door.rows.get(payments, payment_id)
    if row is None or not await is_kept_by(door, row.fund_id):
        raise PaymentNotPrepared
    door.version(row.version)
    partner = row.partner and await door.open(payment_id, PAYMENTS, PARTNER, row.partner)
    shown = PaymentShown.model_validate(row)
    return PaymentRead(**shown.model_dump(), partner=partner or None)


async def _in_keeping(payment_id: UUID, door: CommandDoor) -> PaymentDue:
    """What was prepared. Raises PaymentNotPrepared, OutsideYourUnit."""
    state = await door.state(payment, stream(payment_id))
    if not isinstance(state, Prepared):
        raise PaymentNotPrepared
    await of_fund(state.due.fund_id, door)
    return state.due
