"""What is looked up of gifts and money."""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.languages import Words
from contracts.vocabulary import VOCABULARY
from services.portal.desks import choices
from services.portal.desks.card import Card
from services.portal.desks.column import Column
from services.portal.desks.donations import choices as own
from services.portal.desks.donations import forms, words
from services.portal.desks.listing import Filter, Listing

SEES_GIFTS = ("coordinator", "storekeeper", "cashier", "accountant", "leader", "auditor")
SEES_PAYMENTS = ("accountant", "cashier", "approver", "leader", "auditor")
WORKS_HERE = tuple(sorted({*SEES_GIFTS, *SEES_PAYMENTS}))


def unless_in(*statuses: str, also: Callable[[Mapping[str, Any]], bool] = lambda _: True) -> Any:
    """Nothing is to be done about it unless it stands so."""
    return lambda item: item["status"] not in statuses or not also(item)


def waits_to_be_corrected(gift: Mapping[str, Any]) -> bool:
    return gift["correction"] is not None


GIFT_ACTIONS = (
    forms.RECEIVE_GOODS.act(unless=unless_in("announced", also=lambda it: it["kind"] == "goods")),
    forms.RECEIVE_MONEY.act(unless=unless_in("announced", also=lambda it: it["kind"] == "money")),
    forms.INSPECT.act(
        unless=unless_in("received", also=lambda it: any(map(forms.not_inspected, it["lines"])))
    ),
    forms.ACCEPT.act(
        unless=unless_in("received", also=lambda it: not any(map(forms.not_inspected, it["lines"])))
    ),
    forms.REFUSE.act(unless=unless_in("announced", "received")),
    forms.ISSUE_RECEIPT.act(
        unless=unless_in("accepted", also=lambda it: it["cancelled_receipt"] is None)
    ),
    forms.REPLACE_RECEIPT.act(
        unless=unless_in("accepted", also=lambda it: it["cancelled_receipt"] is not None)
    ),
    forms.CANCEL_RECEIPT.act(unless=unless_in("receipted")),
    forms.PROPOSE_CORRECTION.act(
        unless=unless_in("accepted", also=lambda it: not waits_to_be_corrected(it))
    ),
    forms.CONFIRM_CORRECTION.act(
        unless=lambda it: not waits_to_be_corrected(it), ids={"number": "correction.number"}
    ),
    forms.REFUSE_CORRECTION.act(
        unless=lambda it: not waits_to_be_corrected(it), ids={"number": "correction.number"}
    ),
)

PAPER = Card(
    name="receipt-paper",
    path=forms.GIFT + "/phieu/in",
    title=words.PAPER,
    service="donations",
    query="/contributions/{contribution_id}/receipt/paper",
    facts=(
        Column(name="receipt.title", label=Words("Tên phiếu", "Title")),
        Column(name="receipt.number.book", label=words.BOOK),
        Column(name="receipt.number.year", label=words.YEAR, kind="year"),
        Column(name="receipt.number.number", label=words.NUMBER),
        Column(name="receipt.issued_on", label=Words("Ngày lập", "Issued on"), kind="day"),
        Column(name="receipt.maker.name", label=Words("Nơi lập", "Issued by")),
        Column(name="receipt.giver.name", label=words.SPONSOR),
        Column(name="receipt.content", label=Words("Nội dung", "Content")),
        Column(name="receipt.quantity", label=words.QUANTITY, kind="number"),
        Column(name="receipt.measure", label=words.MEASURE, pack="measure"),
        Column(name="receipt.total_in_digits", label=words.AMOUNT),
        Column(name="receipt.total_in_words", label=Words("Bằng chữ", "In words")),
        Column(name="code", label=Words("Mã tra cứu của người cho", "The giver's code")),
    ),
    who=forms.ACCOUNTANT,
    back=forms.GIFT,
)

GIFT = Card(
    name="contribution",
    path=forms.GIFT,
    title=words.CONTRIBUTION,
    service="donations",
    query="/contributions/{contribution_id}",
    facts=(
        *forms.GIFT_SHOWN,
        *forms.FOUND_SHOWN,
        Column(name="paid_in", label=words.PAID_IN, words=VOCABULARY["paid-in"]),
        Column(name="variance", label=Words("Chênh lệch", "Variance"), kind="number"),
        Column(name="refusal", label=words.REASON, words=VOCABULARY["refusal-reason"]),
        Column(name="receipt.book", label=Words("Phiếu: quyển", "Receipt: book")),
        Column(name="receipt.number", label=Words("Phiếu: số", "Receipt: number")),
    ),
    who=SEES_GIFTS,
    back=forms.GIFTS,
    tables=(forms.LINES,),
    actions=(*GIFT_ACTIONS, PAPER.act(unless=unless_in("receipted"))),
)

CAMPAIGNS = Listing(
    path=forms.CAMPAIGNS,
    title=words.CAMPAIGNS,
    service="donations",
    query="/campaigns",
    columns=(
        Column(name="name", label=words.NAME),
        Column(name="category", label=words.CATEGORY, pack="category"),
        Column(name="target", label=Words("Mục tiêu", "Target"), kind="number"),
        Column(name="measure", label=words.MEASURE, pack="measure"),
        Column(name="starts_on", label=words.STARTS_ON, kind="day"),
        Column(name="ends_on", label=words.ENDS_ON, kind="day"),
    ),
    who=SEES_GIFTS,
    empty=Words("Chưa có đợt nào. Hãy mở đợt đầu tiên.", "No campaign yet: open one."),
    above=(forms.OPEN_CAMPAIGN.act(), forms.REGISTER_SPONSOR.act()),
    actions=(forms.MAKE_PLEDGE.act(), forms.ANNOUNCE.act()),
)

OF_CAMPAIGN = Filter(
    name="campaign_id", label=words.CAMPAIGN, kind="choice", options=own.campaigns_known
)

PLEDGES = Listing(
    path=forms.PLEDGES,
    title=words.PLEDGES,
    service="donations",
    query="/pledges",
    columns=(
        Column(name="sponsor_id", label=words.SPONSOR, kind="sponsor"),
        Column(name="campaign_id", label=words.CAMPAIGN, kind="campaign"),
        Column(name="category", label=words.CATEGORY, pack="category"),
        Column(name="quantity", label=words.QUANTITY, kind="number"),
        Column(name="measure", label=words.MEASURE, pack="measure"),
        Column(name="quantity_counted", label=words.COUNTED, kind="number"),
        Column(name="quantity_outstanding", label=words.OUTSTANDING, kind="number"),
    ),
    who=("coordinator", "leader", "auditor"),
    empty=Words(
        "Chưa có đăng ký nào. Hãy chọn một đợt vận động rồi ghi.",
        "No pledge yet: choose a campaign and record one.",
    ),
    filters=(OF_CAMPAIGN,),
    actions=(forms.ANNOUNCE.act(unless=lambda pledge: pledge["fulfilled"]),),
)

GIFTS = Listing(
    path=forms.GIFTS,
    title=words.CONTRIBUTIONS,
    service="donations",
    query="/contributions",
    columns=(
        Column(name="sponsor_id", label=words.SPONSOR, kind="sponsor"),
        Column(name="campaign_id", label=words.CAMPAIGN, kind="campaign"),
        Column(name="announced", label=words.ANNOUNCED, kind="number"),
        Column(name="measure", label=words.MEASURE, pack="measure"),
        Column(name="announced_at", label=Words("Báo lúc", "Announced at"), kind="moment"),
        Column(name="status", label=words.STATUS, words=VOCABULARY["contribution-status"]),
    ),
    who=SEES_GIFTS,
    empty=Words(
        "Chưa có khoản nào. Hãy chọn một đợt vận động rồi báo khoản sắp đến.",
        "No contribution yet: choose a campaign and announce one.",
    ),
    filters=(
        OF_CAMPAIGN,
        Filter(
            name="status",
            label=words.STATUS,
            kind="choice",
            options=choices.of_vocabulary("contribution-status"),
        ),
    ),
    actions=(GIFT.opened, *GIFT_ACTIONS),
)

PAYMENTS = Listing(
    path=forms.PAYMENTS,
    title=words.PAYMENTS,
    service="donations",
    query="/payments",
    columns=(
        *(column for column in forms.PAYMENT_SHOWN if column.name != "partner"),
        Column(name="reference", label=Words("Số chứng từ", "Reference")),
    ),
    who=SEES_PAYMENTS,
    empty=Words("Chưa có khoản chi nào.", "No payment yet."),
    filters=(
        Filter(name="fund_id", label=words.FUND, kind="choice", options=choices.funds_known),
        Filter(
            name="status",
            label=words.STATUS,
            kind="choice",
            options=choices.of_vocabulary("payment-status"),
        ),
    ),
    above=(forms.PREPARE_PAYMENT.act(),),
    actions=(
        forms.AUTHORISE_PAYMENT.act(unless=unless_in("due")),
        forms.MAKE_PAYMENT.act(unless=unless_in("authorised")),
        forms.FAIL_PAYMENT.act(unless=unless_in("due", "authorised", "paid")),
        forms.SETTLE_ADVANCE.act(
            unless=unless_in("paid", also=lambda it: it["purpose"] == "advance")
        ),
    ),
)

LISTS = (CAMPAIGNS, PLEDGES, GIFTS, PAYMENTS)
CARDS = (PAPER, GIFT)
