"""The events that donations publishes, on `vongtay.donations.events`, keyed by stream.

Money is in whole đồng: the đồng has no minor unit.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.event import event
from contracts.field_types import (
    BookName,
    CategoryCode,
    CodeHash,
    DocumentNumber,
    MeasureCode,
    OfficialName,
    PaperId,
)
from contracts.languages import Language
from contracts.registry import Specification
from contracts.rules_in_force import RulesInForce
from contracts.sealed import Sealed
from contracts.two_persons import TwoPersons

Kind = Literal["money", "goods"]
SponsorKind = Literal["agency", "party-body", "organisation", "enterprise", "fund", "individual"]
PaidIn = Literal["cash", "transfer"]
"""How money came to us: into a cashier's hand, or onto the bank account."""
RefusalReason = Literal["never-came", "nothing-usable", "not-suitable", "withdrawn-by-giver"]
Account = Literal["advances", "bank", "cash", "contributions", "partners", "support-delivered"]
PaymentPurpose = Literal["advance", "partner"]
PaymentStatus = Literal["due", "authorised", "paid", "failed", "settled"]
PaymentFailure = Literal["returned-by-bank", "wrong-payee", "not-needed"]
CorrectionReason = Literal["miscounted", "misread", "mistyped"]
CancellationReason = Literal["wrong-amount", "wrong-giver", "wrong-content", "wrong-book", "spoilt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earmark:
    """What the giver wants it used for; enforced when allocating. Nothing set: anything."""

    unit_id: UUID | None = None
    need_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionLine:
    """Goods of one kind, in `measure`; for money one line in đồng."""

    line_id: UUID
    category: CategoryCode
    specification: Specification
    quantity: int
    measure: MeasureCode


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedLine:
    """How one line was found: good + mendable + refused is what came, whatever was announced."""

    line_id: UUID
    category: CategoryCode
    specification: Specification
    measure: MeasureCode
    announced: int
    good: int
    mendable: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One side of a booking: exactly one of debit and credit is above zero, in đồng."""

    account: Account
    debit: int
    credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """All that was ever booked on each side of an account, in đồng."""

    account: Account
    debit: int
    credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedReceipt:
    """A number is given once in its book and year, whatever becomes of the receipt."""

    book: BookName
    year: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptedLine:
    """What a receipt says of one line: good and mendable, in the receipt's measure."""

    category: CategoryCode
    specification: Specification
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLine:
    """One line of a result that somebody else published: đồng and child-times (lượt trẻ em)."""

    label: OfficialName
    amount: int
    child_times: int


@event(
    "publicity-agreed",
    vi="Đồng ý công khai tên",
    en="Agreed to be named",
    programme=False,
)
class PublicityAgreed:
    """An individual agreed to be named in public, until they withdraw it; the name is sealed."""

    sponsor_id: UUID
    public_name: Sealed
    recorded_by: UUID
    happened_at: datetime


@event(
    "publicity-withdrawn",
    vi="Rút đồng ý công khai tên",
    en="Agreement to be named withdrawn",
    programme=False,
)
class PublicityWithdrawn:
    """From here on nobody is told the name any more."""

    sponsor_id: UUID
    recorded_by: UUID
    happened_at: datetime


@event("sponsor-registered", vi="Ghi tên nhà tài trợ", en="Sponsor registered", programme=False)
class SponsorRegistered:
    """`public_name` is what an organisation is called; an individual's name is sealed, always.

    `person_id` is who may see the sponsor's own gifts after signing in; `language` is the one in
    which the sponsor is written to; `address` the one that receipts name.
    """

    sponsor_id: UUID
    person_id: UUID | None
    kind: SponsorKind
    public_name: OfficialName | None
    name: Sealed
    address: Sealed | None = None
    email: Sealed | None
    language: Language = "vi"
    illustrative: bool
    registered_by: UUID
    happened_at: datetime


@event("fund-opened", vi="Mở nguồn vận động", en="Fund opened")
class FundOpened:
    """A separate fund in double entry, one bank account per campaign.

    It belongs to a unit: its people, or those of a unit above, keep it and what is given to it.
    """

    fund_id: UUID
    programme_id: UUID
    unit_id: UUID
    name: OfficialName
    opened_by: UUID
    happened_at: datetime


@event("payment-due", vi="Lập khoản chi", en="Payment due")
class PaymentDue:
    """Money is to leave a fund, in đồng: advanced to a person, or to a partner for what it did.

    `person_id` is who is entrusted with an advance; `partner` who is paid else.
    """

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


@event("payment-authorised", vi="Duyệt chi", en="Payment authorised")
class PaymentAuthorised:
    """By another person than who prepared it."""

    payment_id: UUID
    programme_id: UUID
    authorised_by: UUID
    happened_at: datetime


@event("payment-made", vi="Đã chi", en="Payment made")
class PaymentMade:
    """By a third one. `reference` is the bank's, or the number of the cash voucher.

    `settle_by`: the last day on which an advance is settled; None for a partner.
    """

    payment_id: UUID
    programme_id: UUID
    fund_id: UUID
    purpose: PaymentPurpose
    amount: int
    paid_in: PaidIn
    reference: DocumentNumber
    settle_by: date | None
    paid_by: UUID
    happened_at: datetime


@event("payment-failed", vi="Không chi được", en="Payment failed")
class PaymentFailed:
    """It is not paid. `booked_back`: it had been, and the bank returned it."""

    payment_id: UUID
    programme_id: UUID
    reason: PaymentFailure
    booked_back: bool
    failed_by: UUID
    happened_at: datetime


@event("advance-settled", vi="Thanh toán tạm ứng", en="Advance settled")
class AdvanceSettled:
    """`handed_out` was signed for, and `returned` came back, in đồng."""

    payment_id: UUID
    programme_id: UUID
    fund_id: UUID
    handed_out: int
    returned: int
    returned_in: PaidIn | None
    settled_by: UUID
    happened_at: datetime


@event("fund-entry-booked", vi="Ghi sổ", en="Fund entry booked")
class FundEntryBooked:
    """A balanced booking. `paper` is the id of what it rests on: a contribution, a signed line.

    `balances` are those of the accounts that it touches, after it.
    """

    fund_id: UUID
    programme_id: UUID
    entry_id: UUID
    lines: tuple[EntryLine, ...]
    balances: tuple[AccountBalance, ...]
    paper: PaperId
    happened_at: datetime


@event("campaign-opened", vi="Mở đợt vận động", en="Campaign opened")
class CampaignOpened:
    """A drive for one category. `ends_on` is the last day on which something is received for it."""

    campaign_id: UUID
    programme_id: UUID
    fund_id: UUID
    name: OfficialName
    category: CategoryCode
    target: int
    measure: MeasureCode
    starts_on: date
    ends_on: date
    illustrative: bool
    rules: RulesInForce
    opened_by: UUID
    happened_at: datetime


@event("pledge-made", vi="Đăng ký ủng hộ", en="Pledge made")
class PledgeMade:
    """A sponsor promised money or goods."""

    pledge_id: UUID
    programme_id: UUID
    campaign_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    earmark: Earmark
    rules: RulesInForce
    made_by: UUID
    happened_at: datetime


@event("contribution-counted", vi="Tính vào đăng ký ủng hộ", en="Contribution counted")
class ContributionCounted:
    """What was accepted, good and mendable, counts towards the pledge; it may exceed it.

    After the correction with this number another quantity counts instead (0: as it was accepted).
    `quantity_counted` is all that then counts.
    """

    pledge_id: UUID
    programme_id: UUID
    contribution_id: UUID
    correction: int
    quantity: int
    quantity_counted: int
    happened_at: datetime


@event("pledge-fulfilled", vi="Đủ số đã đăng ký", en="Pledge fulfilled")
class PledgeFulfilled:
    """All that was promised has arrived and been accepted."""

    pledge_id: UUID
    programme_id: UUID
    happened_at: datetime


@event("pledge-open-again", vi="Chưa đủ số đã đăng ký", en="Pledge open again")
class PledgeOpenAgain:
    """It had been taken for fulfilled: less had come than was recorded."""

    pledge_id: UUID
    programme_id: UUID
    happened_at: datetime


@event("contribution-announced", vi="Báo gửi", en="Announced")
class ContributionAnnounced:
    """Something is on its way: `quantity` in all its lines, in `measure`.

    `two_persons` are pairs of parts that the programme's pack adds to those that are two persons
    always; they hold for the whole way of the gift.
    """

    contribution_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None
    kind: Kind
    lines: tuple[ContributionLine, ...]
    quantity: int
    measure: MeasureCode
    earmark: Earmark
    rules: RulesInForce
    two_persons: tuple[TwoPersons, ...]
    announced_by: UUID
    happened_at: datetime


@event("contribution-received", vi="Đã nhận", en="Received")
class ContributionReceived:
    """It is here; nobody has looked at it yet. `paid_in` is None for goods."""

    contribution_id: UUID
    programme_id: UUID
    paid_in: PaidIn | None
    received_by: UUID
    on_behalf_of: UUID | None = None
    entered_by: UUID | None = None
    happened_at: datetime


@event("contribution-line-inspected", vi="Kiểm nhận", en="Inspected")
class ContributionLineInspected:
    """One line was looked at piece by piece.

    `good`, `mendable` and `refused` are those of all lines that were looked at up to now.
    """

    contribution_id: UUID
    programme_id: UUID
    line: InspectedLine
    good: int
    mendable: int
    refused: int
    inspected_by: UUID
    happened_at: datetime


@event("contribution-accepted", vi="Tiếp nhận", en="Accepted")
class ContributionAccepted:
    """Inspection is complete; the good part is available, the mendable part is held apart.

    `good`, `mendable` and `refused` are those of all its lines, in `measure`; some of it is good or
    mendable. `paid_in` is None for goods.
    """

    contribution_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None
    kind: Kind
    paid_in: PaidIn | None
    lines: tuple[InspectedLine, ...]
    measure: MeasureCode
    good: int
    mendable: int
    refused: int
    earmark: Earmark
    announced_by: UUID
    received_by: UUID
    inspected_by: tuple[UUID, ...]
    accepted_by: UUID
    happened_at: datetime


@event("contribution-refused", vi="Từ chối tiếp nhận", en="Refused")
class ContributionRefused:
    """Nothing of it is taken in: it never came, or what came stays the giver's.

    `lines` are those that were looked at, `refused` is what came of them, in `measure`; all zero
    where nobody looked.
    """

    contribution_id: UUID
    programme_id: UUID
    campaign_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None
    kind: Kind
    lines: tuple[InspectedLine, ...]
    measure: MeasureCode
    refused: int
    reason: RefusalReason
    refused_by: UUID
    happened_at: datetime


@event("contribution-correction-proposed", vi="Đề nghị điều chỉnh", en="Correction proposed")
class ContributionCorrectionProposed:
    """Somebody says what had been right; another person must confirm it.

    `number` counts the corrections of a contribution from 1. `lines` are all of them, as they would
    be, and `good`, `mendable` and `refused` those of all, in `measure`.
    """

    contribution_id: UUID
    programme_id: UUID
    number: int
    lines: tuple[InspectedLine, ...]
    paid_in: PaidIn | None
    measure: MeasureCode
    good: int
    mendable: int
    refused: int
    reason: CorrectionReason
    proposed_by: UUID
    happened_at: datetime


@event("contribution-corrected", vi="Điều chỉnh số đã tiếp nhận", en="Corrected")
class ContributionCorrected:
    """What was accepted had been recorded wrongly: from here on it is what this says.

    `number` is that of the proposal. `lines_before` is what was said until then.
    """

    contribution_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None
    number: int
    kind: Kind
    paid_in: PaidIn | None
    lines_before: tuple[InspectedLine, ...]
    lines: tuple[InspectedLine, ...]
    measure: MeasureCode
    good: int
    mendable: int
    refused: int
    earmark: Earmark
    reason: CorrectionReason
    received_by: UUID
    inspected_by: tuple[UUID, ...]
    accepted_by: UUID
    proposed_by: UUID
    confirmed_by: UUID
    happened_at: datetime


@event("contribution-correction-refused", vi="Không điều chỉnh", en="Correction refused")
class ContributionCorrectionRefused:
    """The proposed correction was not right: it stays as it was recorded."""

    contribution_id: UUID
    programme_id: UUID
    number: int
    refused_by: UUID
    happened_at: datetime


@event("contribution-receipted", vi="Đã có phiếu", en="Receipted")
class ContributionReceipted:
    """The giver has a numbered paper for what was accepted."""

    contribution_id: UUID
    programme_id: UUID
    book: BookName
    year: int
    number: int
    code_hash: CodeHash
    happened_at: datetime


@event(
    "contribution-receipt-cancelled",
    vi="Phiếu bị hủy, chờ phiếu khác",
    en="Its receipt was cancelled",
)
class ContributionReceiptCancelled:
    """The giver's paper is void; what was accepted stays accepted and waits for another number.

    Where the amount was wrong (`reason`) it waits for its correction before.
    """

    contribution_id: UUID
    programme_id: UUID
    book: BookName
    year: int
    number: int
    reason: CancellationReason
    happened_at: datetime


@event("receipt-issued", vi="Cấp phiếu", en="Receipt issued")
class ReceiptIssued:
    """Numbers of a book and year run without gap from 1. `code`, sealed, is on the giver's paper.

    Whoever has it looks the receipt up; its hash tells nobody what it is.

    `lines` and `quantity` are what was accepted, good and mendable. `replaces` is the receipt of
    the contribution that was cancelled, if there was one. `signatories`, sealed for the
    contribution, are the full names and offices on the paper, a line each: of who made it, who
    received the gift, and who accepted it.
    """

    book: BookName
    year: int
    number: int
    programme_id: UUID
    contribution_id: UUID
    sponsor_id: UUID
    kind: Kind
    lines: tuple[ReceiptedLine, ...]
    quantity: int
    measure: MeasureCode
    code: Sealed
    code_hash: CodeHash
    signatories: Sealed
    replaces: NumberedReceipt | None = None
    issued_by: UUID
    happened_at: datetime


@event("receipt-cancelled", vi="Hủy phiếu", en="Receipt cancelled")
class ReceiptCancelled:
    """The paper alone is void, not the gift. Its number stays and is never given again.

    `reason` is a code: anyone may read it, so it holds no words of anybody's.
    """

    book: BookName
    year: int
    number: int
    programme_id: UUID
    contribution_id: UUID
    code_hash: CodeHash
    reason: CancellationReason
    cancelled_by: UUID
    happened_at: datetime


@event(
    "published-result-recorded",
    vi="Ghi kết quả đã công bố",
    en="Published result recorded",
    programme=False,
)
class PublishedResultRecorded:
    """Totals that another body published, kept apart from everything of ours.

    `amount` in đồng and `child_times` are the sums of its lines. `unit_id` is whose accountant
    recorded it.
    """

    result_id: UUID
    unit_id: UUID
    title: OfficialName
    source: OfficialName
    as_of: date
    lines: tuple[ResultLine, ...]
    amount: int
    child_times: int
    recorded_by: UUID
    happened_at: datetime
