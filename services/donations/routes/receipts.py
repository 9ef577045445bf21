"""Receipts: numbered without gap, cancelled but kept, and read by whoever has the paper's code."""

import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field, StringConstraints

from contracts.donations import CancellationReason, NumberedReceipt
from contracts.languages import Language, Words
from contracts.vietnamese_day import vietnamese_day
from contracts.vocabulary import called
from edge.bodies import Strict, Text
from edge.checkpoints import CheckpointShown, newest_of
from edge.door import Accepted, Door, ReadDoor
from edge.guessing import Guesses
from edge.paper_codes import WRITTEN_CHARACTERS_MAX, hash_of, new_code
from edge.permission import anyone, may
from edge.refusals import NotFound, TooManyWrongCodes
from edge.routes import Routes
from programmes import packs
from services.donations.amount_in_words import amount_in_words
from services.donations.domain.contribution import (
    AmountIsAnother,
    AmountNotCorrected,
    CancelledReceiptNotNamed,
    ContributionIsRefused,
    ContributionNotAccepted,
    ContributionNotAnnounced,
    ContributionReceiptedAlready,
    NothingToReceipt,
    Receipted,
    ReceiptNotCancelled,
    ReceiptNotIssued,
    accepted_of,
    announcement_of,
)
from services.donations.domain.contribution import stream as contribution_stream
from services.donations.domain.correction import AnotherCorrectionWaits
from services.donations.domain.receipt_book import (
    CancelReceipt,
    InvolvedCannotIssueReceipt,
    IssueReceipt,
    ReceiptCancelledOtherwise,
    receipt_book,
    stream,
    stream_of_year,
)
from services.donations.read_models.campaigns import Campaign, campaigns
from services.donations.read_models.contributions import contributions
from services.donations.read_models.receipts import Receipt, ReceiptStatus, receipts
from services.donations.read_models.sponsors import Sponsor, sponsors
from services.donations.routes.keeping import is_kept_by, of_contribution
from services.donations.routes.shown import CODE, RECEIPT, ReceiptNumber
from services.donations.routes.sponsors import CONTACT

UNTITLED = Words(vi="Phiếu tiếp nhận", en="Receipt")
UNNAMED = Words(vi="Nhà hảo tâm không nêu tên", en="A giver who is not named")
RECEIVED_FOR = Words(vi="Tiếp nhận ủng hộ: {name}", en="Received for: {name}")
RENDERING = Words(
    vi="Bản thể hiện, không thay cho bản có chữ ký.",
    en="A rendering; it does not replace the signed paper.",
)
CANCELLED = Words(
    vi="Phiếu này đã bị hủy ngày {day}: {reason}. Số phiếu được giữ lại, không cấp lại.",
    en="This receipt was cancelled on {day}: {reason}. Its number is kept and never given again.",
)
ISSUER = Words(vi="người lập phiếu", en="who made the receipt")
RECEIVER = Words(vi="người nhận", en="who received it")
ACCEPTER = Words(vi="người chấp nhận", en="who accepted it")
SIGNATORIES = "signatories"
RECEIPTS_OF_A_GIFT_MAX = 100
"""A gift that was receipted more often is not told which number came next."""

routes = Routes(tag="receipts")


BookName = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,20}$")]


class ReceiptNamed(Strict):
    book: BookName
    year: Annotated[int, Field(ge=2000, le=9999)]
    number: Annotated[int, Field(gt=0, le=10**9)]

    def receipt(self) -> NumberedReceipt:
        return NumberedReceipt(book=self.book, year=self.year, number=self.number)


class ReceiptToIssue(Strict):
    """A receipt is dated on the day it is issued, so it takes no other time.

    Who signs the paper is said by full name and office: `issuer` makes it, `receiver` received the
    gift, `accepter` accepted it. Where one of the contribution's receipts was cancelled, `replaces`
    names the last of them.
    """

    book: BookName
    issuer: Text
    receiver: Text
    accepter: Text
    replaces: ReceiptNamed | None = None


class ReceiptToCancel(ReceiptNamed):
    """Dated on the day it is done, as a receipt is. The reason is for anyone to read: a code."""

    reason: CancellationReason


@routes.command(
    "POST",
    "/contributions/{contribution_id}/receipt",
    judges="/contributions/{contribution_id}",
    may=may("issue-receipt", "accountant"),
    refuses=[
        ContributionNotAnnounced,
        ContributionNotAccepted,
        ContributionIsRefused,
        ContributionReceiptedAlready,
        CancelledReceiptNotNamed,
        ReceiptNotCancelled,
        AmountNotCorrected,
        AmountIsAnother,
        AnotherCorrectionWaits,
        NothingToReceipt,
        InvolvedCannotIssueReceipt,
    ],
)
async def issue(contribution_id: UUID, body: ReceiptToIssue, door: Door) -> Accepted:
    state = await of_contribution(contribution_id, door)
    gift, code = accepted_of(state).gift, new_code()
    announced = announcement_of(state)
    code_hash = hash_of(door.house.code_key, code)
    assert code_hash is not None, "a new code looks like one"
    command = IssueReceipt(
        book=body.book,
        announced=announced,
        gift=gift,
        receipt=state.receipt if isinstance(state, Receipted) else None,
        replaces=body.replaces.receipt() if body.replaces else None,
        code=await door.seal(gift.sponsor_id, RECEIPT, CODE, code),
        code_hash=code_hash,
        signatories=await door.seal(
            contribution_id,
            RECEIPT,
            SIGNATORIES,
            f"{body.issuer}\n{body.receiver}\n{body.accepter}",
        ),
        issued_by=door.person,
        happened_at=door.now,
    )
    book = stream(body.book, door.now)
    return await door.execute(
        receipt_book, book, command, judged=contribution_stream(contribution_id)
    )


@routes.command(
    "POST",
    "/contributions/{contribution_id}/receipt/cancellation",
    judges=None,
    may=may("cancel-receipt", "accountant"),
    refuses=[ContributionNotAnnounced, ReceiptNotIssued, ReceiptCancelledOtherwise],
)
async def cancel(contribution_id: UUID, body: ReceiptToCancel, door: Door) -> Accepted:
    """The paper alone: what was accepted, booked and counted stays as it is.

    Where the amount was wrong, that is corrected before the next receipt.
    """
    state = await of_contribution(contribution_id, door)
    command = CancelReceipt(
        receipt=body.receipt(),
        programme_id=announcement_of(state).programme_id,
        contribution_id=contribution_id,
        standing=state.receipt if isinstance(state, Receipted) else None,
        reason=body.reason,
        cancelled_by=door.person,
        happened_at=door.now,
    )
    return await door.execute(receipt_book, stream_of_year(body.book, body.year), command)


class Party(BaseModel):
    name: str
    address: str | None


class ReceiptLine(BaseModel):
    """`unit_price` and `amount` in đồng; goods stand at 0 unless they were valued."""

    category: str
    specification: dict[str, str | int]
    quantity: int
    measure: str
    unit_price: int
    amount: int


class Cancellation(BaseModel):
    """`said` is for the reader, `reason` for programs."""

    said: str
    cancelled_at: datetime
    reason: CancellationReason
    replaced_by: ReceiptNumber | None


class Signatory(BaseModel):
    """`part` is what they did, `who` their full name and office. None: on the paper alone."""

    part: str
    who: str | None


class ReceiptShown(BaseModel):
    """The seven contents of a voucher (Accounting Law art. 16), for the public without persons.

    Who signed is said by what they did, and the giver as they may be told in public, without an
    address: `Paper` says all of it.
    `status` is issued or cancelled; a cancelled one is shown for ever, and what replaces it.

    `checkpoint` is the newest of the log that holds it: by it the giver proves, years later, that
    what was recorded up to then is still there.
    """

    title: str
    status: ReceiptStatus
    cancellation: Cancellation | None
    number: ReceiptNumber
    replaces: ReceiptNamed | None
    issued_on: date
    maker: Party | None
    giver: Party
    content: str
    lines: list[ReceiptLine]
    quantity: int
    measure: str
    total: int
    total_in_digits: str
    total_in_words: str
    signatories: list[Signatory]
    rendering: str
    contribution_id: UUID
    illustrative: bool
    checkpoint: CheckpointShown | None


class CodeSaid(Strict):
    """As it is on the paper, or as somebody wrote it down."""

    code: Annotated[str, StringConstraints(max_length=WRITTEN_CHARACTERS_MAX)]


class Paper(BaseModel):
    """What the giver gets, and nobody else: the receipt with its secret code. None: erased.

    It says by name and address who gave, and by name and office who signs, as they were when it
    was issued; where they were erased, as the public is told.
    """

    receipt: ReceiptShown
    code: str | None


@routes.question(
    "/receipts/look-up",
    may=anyone("look-up-receipt"),
    refuses=[NotFound, TooManyWrongCodes],
)
async def look_up(body: CodeSaid, request: Request, door: ReadDoor) -> ReceiptShown:
    """A wrong code tells nothing, not even whether it could be one."""
    await fresh(door)
    # Of what looks like no code: there is no row either.
    code_hash = hash_of(door.house.code_key, body.code) or ""
    receipt = await door.rows.get(receipts, code_hash)
    if receipt is None:
        guesses: Guesses = request.app.state.guesses
        address = request.client.host if request.client else ""
        raise TooManyWrongCodes if guesses.wrong(address, time.monotonic()) else NotFound
    return await whole(receipt, door)


@routes.query(
    "/contributions/{contribution_id}/receipt/paper",
    may=may("print-receipt", "accountant", opens="print-receipt"),
    refuses=[NotFound],
)
async def paper(contribution_id: UUID, door: ReadDoor) -> Paper:
    """For printing, and for handing over to the giver, where the gift is kept."""
    await fresh(door)
    given = await door.rows.get(contributions, contribution_id)
    of_gift = await door.rows.where(
        receipts, contribution_id=contribution_id, status="issued", limit=1
    )
    if given is None or given.receipt_code is None or not of_gift:
        raise NotFound
    if not await is_kept_by(door, given.fund_id):
        raise NotFound
    code = await door.open(given.sponsor_id, RECEIPT, CODE, given.receipt_code)
    return Paper(receipt=await _on_paper(of_gift[0], door), code=code)


async def _on_paper(receipt: Receipt, door: ReadDoor) -> ReceiptShown:
    """With whom it names. Raises NotFound."""
    public = await whole(receipt, door)
    sponsor = await door.rows.get(sponsors, receipt.sponsor_id)
    assert sponsor is not None, "without it there is no receipt to show"
    name = await door.open(sponsor.sponsor_id, CONTACT, "name", sponsor.name)
    address = sponsor.address and await door.open(
        sponsor.sponsor_id, CONTACT, "address", sponsor.address
    )
    signed = await door.open(receipt.contribution_id, RECEIPT, SIGNATORIES, receipt.signatories)
    named = dict(zip((ISSUER, RECEIVER, ACCEPTER), (signed or "").splitlines(), strict=False))
    return public.model_copy(
        update={
            "giver": Party(name=name or public.giver.name, address=address or None),
            "signatories": [
                Signatory(part=part.in_(door.language), who=named.get(part))
                for part in (ISSUER, RECEIVER, ACCEPTER)
            ],
        }
    )


async def fresh(door: ReadDoor) -> None:
    for model in (receipts, contributions, campaigns, sponsors):
        await door.fresh(model)


async def whole(receipt: Receipt, door: ReadDoor) -> ReceiptShown:
    """Raises NotFound: read models follow apart, and a number may be there before its gift."""
    given = await door.rows.get(contributions, receipt.contribution_id)
    if given is None:
        raise NotFound
    campaign = await door.rows.get(campaigns, given.campaign_id)
    sponsor = await door.rows.get(sponsors, receipt.sponsor_id)
    if campaign is None or sponsor is None:
        raise NotFound
    of_gift = await door.rows.where(
        receipts, contribution_id=receipt.contribution_id, limit=RECEIPTS_OF_A_GIFT_MAX
    )
    checkpoint = newest_of(door.house, door.house.service)
    return shown(receipt, of_gift, campaign, sponsor, checkpoint, door.language)


def shown(
    receipt: Receipt,
    of_gift: Sequence[Receipt],
    campaign: Campaign,
    sponsor: Sponsor,
    checkpoint: CheckpointShown | None,
    language: Language,
) -> ReceiptShown:
    form = packs.installed().receipt_of(campaign.programme_id)
    total = receipt.quantity if receipt.kind == "money" else 0
    return ReceiptShown(
        title=title_of(campaign.programme_id, receipt.kind, language),
        status=receipt.status,
        cancellation=cancellation_of(receipt, of_gift, language),
        number=number_of(receipt),
        replaces=(
            None
            if receipt.replaces is None
            else ReceiptNamed.model_validate(receipt.replaces, from_attributes=True)
        ),
        issued_on=vietnamese_day(receipt.issued_at),
        maker=form and Party(name=form.maker.name, address=form.maker.address),
        giver=Party(name=sponsor.public_name or UNNAMED.in_(language), address=None),
        content=RECEIVED_FOR.in_(language).format(name=campaign.name),
        lines=[
            ReceiptLine(
                category=line.category,
                specification=line.specification,
                quantity=line.quantity,
                measure=receipt.measure,
                unit_price=int(receipt.kind == "money"),
                amount=line.quantity if receipt.kind == "money" else 0,
            )
            for line in receipt.lines
        ],
        quantity=receipt.quantity,
        measure=receipt.measure,
        total=total,
        total_in_digits=f"{total:,} đồng".replace(",", "."),
        total_in_words=amount_in_words(total),
        signatories=[
            Signatory(part=part.in_(language), who=None) for part in (ISSUER, RECEIVER, ACCEPTER)
        ],
        rendering=RENDERING.in_(language),
        contribution_id=receipt.contribution_id,
        illustrative=campaign.illustrative or sponsor.illustrative,
        checkpoint=checkpoint,
    )


def cancellation_of(
    receipt: Receipt, of_gift: Sequence[Receipt], language: Language
) -> Cancellation | None:
    if receipt.cancelled_at is None or receipt.reason is None:
        return None
    said = CANCELLED.in_(language).format(
        day=f"{vietnamese_day(receipt.cancelled_at):%d/%m/%Y}",
        reason=called("cancellation-reason", receipt.reason, language),
    )
    named = NumberedReceipt(book=receipt.book, year=receipt.year, number=receipt.number)
    return Cancellation(
        said=said,
        cancelled_at=receipt.cancelled_at,
        reason=receipt.reason,
        replaced_by=next((number_of(one) for one in of_gift if one.replaces == named), None),
    )


def number_of(receipt: Receipt) -> ReceiptNumber:
    return ReceiptNumber(book=receipt.book, year=receipt.year, number=receipt.number)


def title_of(programme_id: UUID, kind: str, language: Language) -> str:
    form = packs.installed().receipt_of(programme_id)
    if form is None:
        return UNTITLED.in_(language)
    title = form.money if kind == "money" else form.goods
    return title.in_(language)
