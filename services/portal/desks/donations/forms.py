"""What is written down of gifts and money: promised, announced, received, accepted, paid."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contracts.languages import Words
from contracts.vocabulary import VOCABULARY
from programmes import packs
from services.portal.answers import today
from services.portal.desks import choices
from services.portal.desks.column import Column
from services.portal.desks.donations import choices as own
from services.portal.desks.donations import words
from services.portal.desks.form import WHEN, Ask, Command, Form
from services.portal.desks.table import Table
from services.portal.desks.visit import Visit

COORDINATOR, ACCOUNTANT = ("coordinator",), ("accountant",)
STOREKEEPER, CASHIER = ("storekeeper",), ("cashier",)
JUDGE = (*ACCOUNTANT, *COORDINATOR)
CORRECTS = (*JUDGE, *STOREKEEPER, *CASHIER)
CAMPAIGNS = "/tiep-nhan/dot-van-dong"
PLEDGES = "/tiep-nhan/dang-ky"
GIFTS = "/tiep-nhan/khoan"
GIFT = GIFTS + "/{contribution_id}"
PAYMENTS = "/tiep-nhan/chi"
PAYMENT = PAYMENTS + "/{payment_id}"

GIFT_SHOWN = (
    Column(name="sponsor_id", label=words.SPONSOR, kind="sponsor"),
    Column(name="campaign_id", label=words.CAMPAIGN, kind="campaign"),
    Column(name="kind", label=words.KIND, words=VOCABULARY["gift-kind"]),
    Column(name="announced", label=words.ANNOUNCED, kind="number"),
    Column(name="measure", label=words.MEASURE, pack="measure"),
    Column(name="status", label=words.STATUS, words=VOCABULARY["contribution-status"]),
    Column(name="earmark.unit_id", label=words.FOR_UNIT, kind="unit"),
)
LINE_SHOWN = (
    Column(name="category", label=words.CATEGORY, pack="category"),
    Column(name="specification", label=words.SPECIFICATION, kind="specification"),
    Column(name="announced", label=words.ANNOUNCED, kind="number"),
)
FOUND_SHOWN = (
    Column(name="good", label=words.GOOD, kind="number"),
    Column(name="mendable", label=words.MENDABLE, kind="number"),
    Column(name="refused", label=words.REFUSED, kind="number"),
)
LINES = Table(title=words.LINES, name="lines", columns=(*LINE_SHOWN, *FOUND_SHOWN))
FOUND_ASKED = (
    Ask(name="good", label=words.GOOD),
    Ask(name="mendable", label=words.MENDABLE),
    Ask(name="refused", label=words.REFUSED),
)
PAYMENT_SHOWN = (
    Column(name="purpose", label=words.PURPOSE, words=VOCABULARY["payment-purpose"]),
    Column(name="partner", label=words.PARTNER),
    Column(name="amount", label=words.AMOUNT, kind="number"),
    Column(name="due_on", label=words.DUE_ON, kind="day"),
    Column(name="status", label=words.STATUS, words=VOCABULARY["payment-status"]),
)
CAMPAIGN_SHOWN = (
    Column(name="name", label=words.CAMPAIGN),
    Column(name="category", label=words.CATEGORY, pack="category"),
    Column(name="starts_on", label=words.STARTS_ON, kind="day"),
    Column(name="ends_on", label=words.ENDS_ON, kind="day"),
)

REGISTER_SPONSOR = Form(
    name="register-sponsor",
    path="/tiep-nhan/nha-hao-tam/moi",
    title=words.REGISTER_SPONSOR,
    button=Words("Ghi tên", "Register"),
    command=Command(service="donations", method="PUT", path="/sponsors/{sponsor_id}"),
    leads_to=CAMPAIGNS,
    who=COORDINATOR,
    fresh=("sponsor_id",),
    asks=(
        Ask(name="kind", label=words.KIND),
        Ask(
            name="name",
            label=words.NAME,
            help=Words("Được niêm phong; dùng khi viết thư.", "Sealed; used to write to them."),
        ),
        Ask(
            name="public_name",
            label=Words("Tên công khai", "Public name"),
            help=Words("Chỉ của tổ chức, doanh nghiệp.", "Of organisations alone."),
        ),
        Ask(
            name="address",
            label=Words("Địa chỉ", "Address"),
            help=Words("Được niêm phong; in trên phiếu.", "Sealed; printed on the receipt."),
        ),
        Ask(name="email", label=Words("Thư điện tử", "Email")),
        Ask(name="language", label=Words("Ngôn ngữ thư", "Language of letters")),
    ),
)

OPEN_CAMPAIGN = Form(
    name="open-campaign",
    path=CAMPAIGNS + "/moi",
    title=words.OPEN_CAMPAIGN,
    button=Words("Mở đợt", "Open"),
    command=Command(service="donations", method="PUT", path="/campaigns/{campaign_id}"),
    leads_to=CAMPAIGNS,
    who=COORDINATOR,
    fresh=("campaign_id",),
    asks=(
        Ask(name="programme_id", label=words.PROGRAMME, options=choices.programmes_running),
        Ask(name="fund_id", label=words.FUND, options=choices.funds_known),
        Ask(name="name", label=words.NAME),
        Ask(name="category", label=words.CATEGORY, options=choices.kinds_of_gifts),
        Ask(name="target", label=Words("Mục tiêu", "Target")),
        Ask(name="measure", label=words.MEASURE, options=choices.measures_of_packs),
        Ask(name="starts_on", label=words.STARTS_ON),
        Ask(name="ends_on", label=words.ENDS_ON),
        Ask(name="illustrative", label=Words("Số liệu minh họa", "Illustrative figures")),
    ),
)


async def of_the_campaign(form: Form, at: Visit) -> Form:
    """The category is the campaign's, and so are the fields by which its goods are told apart."""
    campaign = await at.ask("donations", f"/campaigns/{at.request.path_params['campaign_id']}")
    category = packs.installed().category(campaign["category"])
    on = today(at.door)
    further = () if category is None else choices.specification_asks([category], on, gives=True)
    asks = tuple(
        replace(ask, rows=(*ask.rows, *further)) if ask.name == "lines" else ask
        for ask in form.asks
    )
    return replace(form, asks=asks)


MAKE_PLEDGE = Form(
    name="make-pledge",
    path=CAMPAIGNS + "/{campaign_id}/dang-ky/moi",
    title=words.PLEDGE,
    button=Words("Ghi đăng ký", "Record"),
    command=Command(service="donations", method="PUT", path="/pledges/{pledge_id}"),
    leads_to=PLEDGES,
    who=COORDINATOR,
    fresh=("pledge_id",),
    carries=("campaign_id",),
    reads="/campaigns/{campaign_id}",
    shows=CAMPAIGN_SHOWN,
    asks=(
        Ask(name="sponsor_id", label=words.SPONSOR, options=choices.sponsors_known),
        Ask(name="kind", label=words.KIND),
        Ask(name="category", label=words.CATEGORY, options=own.category_of_campaign),
        Ask(name="quantity", label=words.QUANTITY),
        Ask(name="measure", label=words.MEASURE, options=choices.measures_of_packs),
        Ask(name="earmark.unit_id", label=words.FOR_UNIT, options=choices.units_in_force),
        WHEN,
    ),
)

ANNOUNCE = Form(
    name="announce-contribution",
    path=CAMPAIGNS + "/{campaign_id}/khoan/moi",
    title=words.ANNOUNCE,
    button=Words("Ghi khoản", "Announce"),
    command=Command(service="donations", method="PUT", path="/contributions/{contribution_id}"),
    leads_to=GIFT,
    back=CAMPAIGNS,
    who=COORDINATOR,
    fresh=("contribution_id",),
    carries=("campaign_id",),
    reads="/campaigns/{campaign_id}",
    shows=CAMPAIGN_SHOWN,
    asks=(
        Ask(name="sponsor_id", label=words.SPONSOR, options=choices.sponsors_known),
        Ask(
            name="pledge_id",
            label=Words("Theo đăng ký", "Of the pledge"),
            options=own.pledges_of_campaign,
        ),
        Ask(name="kind", label=words.KIND),
        Ask(
            name="lines",
            label=words.LINES,
            row_id="line_id",
            rows=(
                Ask(name="category", label=words.CATEGORY, options=own.category_of_campaign),
                Ask(name="quantity", label=words.QUANTITY),
                Ask(name="measure", label=words.MEASURE, options=choices.measures_of_packs),
            ),
        ),
        Ask(name="earmark.unit_id", label=words.FOR_UNIT, options=choices.units_in_force),
        WHEN,
    ),
    adapted=of_the_campaign,
)

RECEIVES = Command(
    service="donations", method="POST", path="/contributions/{contribution_id}/reception"
)

RECEIVE_GOODS = Form(
    name="receive-goods",
    path=GIFT + "/nhan",
    title=words.RECEIVE,
    button=Words("Đã nhận", "Received"),
    command=RECEIVES,
    leads_to=GIFT,
    who=STOREKEEPER,
    reads="/contributions/{contribution_id}",
    shows=GIFT_SHOWN,
    tables=(LINES,),
    asks=(WHEN,),
)

RECEIVE_MONEY = Form(
    name="receive-money",
    path=GIFT + "/thu",
    title=words.RECEIVE_MONEY,
    button=Words("Đã nhận", "Received"),
    command=RECEIVES,
    leads_to=GIFT,
    who=CASHIER,
    reads="/contributions/{contribution_id}",
    shows=GIFT_SHOWN,
    tables=(LINES,),
    asks=(Ask(name="paid_in", label=words.PAID_IN), WHEN),
)


def not_inspected(line: Mapping[str, Any]) -> bool:
    return line["good"] is None


INSPECT = Form(
    name="inspect-contribution",
    path=GIFT + "/kiem",
    title=words.INSPECT,
    button=Words("Ghi kết quả", "Record"),
    command=Command(
        service="donations", method="POST", path="/contributions/{contribution_id}/inspection"
    ),
    leads_to=GIFT,
    who=(*STOREKEEPER, *CASHIER),
    reads="/contributions/{contribution_id}",
    shows=GIFT_SHOWN,
    intro=Words(
        "Ghi đúng số đếm được, dù nhiều hay ít hơn số báo gửi. Dòng để trống được kiểm sau.",
        "Write what was counted, more or less than announced. A line left blank comes later.",
    ),
    asks=(
        Ask(
            name="lines",
            label=words.LINES,
            row_id="line_id",
            each_of="lines",
            only=not_inspected,
            told=LINE_SHOWN,
            rows=FOUND_ASKED,
        ),
        WHEN,
    ),
)

ACCEPT = Form(
    name="accept-contribution",
    path=GIFT + "/duyet",
    title=words.ACCEPT,
    button=Words("Duyệt", "Accept"),
    command=Command(
        service="donations", method="POST", path="/contributions/{contribution_id}/acceptance"
    ),
    leads_to=GIFT,
    who=JUDGE,
    reads="/contributions/{contribution_id}",
    shows=GIFT_SHOWN,
    tables=(LINES,),
)

REFUSE = Form(
    name="refuse-contribution",
    path=GIFT + "/tu-choi",
    title=words.REFUSE,
    button=words.REFUSE,
    command=Command(
        service="donations", method="POST", path="/contributions/{contribution_id}/refusal"
    ),
    leads_to=GIFT,
    who=JUDGE,
    reads="/contributions/{contribution_id}",
    shows=GIFT_SHOWN,
    tables=(LINES,),
    asks=(Ask(name="reason", label=words.REASON), WHEN),
)

ISSUE_RECEIPT = Form(
    name="issue-receipt",
    path=GIFT + "/phieu",
    title=words.ISSUE,
    button=words.ISSUE,
    command=Command(
        service="donations", method="POST", path="/contributions/{contribution_id}/receipt"
    ),
    leads_to=GIFT,
    who=ACCOUNTANT,
    reads="/contributions/{contribution_id}",
    shows=(
        *GIFT_SHOWN,
        Column(name="good", label=words.GOOD, kind="number"),
        Column(name="mendable", label=words.MENDABLE, kind="number"),
    ),
    asks=(
        Ask(
            name="book",
            label=words.BOOK,
            help=Words("Ký hiệu quyển phiếu, ví dụ TH.", "The book's mark, such as TH."),
        ),
        Ask(name="issuer", label=Words("Người lập phiếu", "Who makes it"), help=words.ON_PAPER),
        Ask(name="receiver", label=Words("Người nhận", "Who received it"), help=words.ON_PAPER),
        Ask(name="accepter", label=Words("Người duyệt", "Who accepted it"), help=words.ON_PAPER),
    ),
)

REPLACE_RECEIPT = replace(
    ISSUE_RECEIPT,
    name="replace-receipt",
    path=GIFT + "/phieu-thay",
    title=Words("Lập phiếu thay", "Issue the next receipt"),
    shows=(
        *ISSUE_RECEIPT.shows,
        Column(name="cancelled_receipt.book", label=Words("Quyển đã hủy", "Cancelled: book")),
        Column(
            name="cancelled_receipt.year", label=Words("Năm đã hủy", "Cancelled: year"), kind="year"
        ),
        Column(name="cancelled_receipt.number", label=Words("Số đã hủy", "Cancelled: number")),
    ),
    asks=(
        *ISSUE_RECEIPT.asks,
        Ask(name="replaces.book", label=Words("Thay phiếu quyển", "Replaces: book")),
        Ask(name="replaces.year", label=Words("Thay phiếu năm", "Replaces: year")),
        Ask(name="replaces.number", label=Words("Thay phiếu số", "Replaces: number")),
    ),
)

CANCEL_RECEIPT = Form(
    name="cancel-receipt",
    path=GIFT + "/phieu/huy",
    title=words.CANCEL,
    button=words.CANCEL,
    command=Command(
        service="donations",
        method="POST",
        path="/contributions/{contribution_id}/receipt/cancellation",
    ),
    leads_to=GIFT,
    who=ACCOUNTANT,
    reads="/contributions/{contribution_id}",
    shows=(
        *GIFT_SHOWN,
        Column(name="receipt.book", label=words.BOOK),
        Column(name="receipt.year", label=words.YEAR, kind="year"),
        Column(name="receipt.number", label=words.NUMBER),
    ),
    intro=Words(
        "Số phiếu không được cấp lại. Sai số lượng thì điều chỉnh trước khi lập phiếu mới.",
        "Its number is never given again. A wrong amount is corrected before the next receipt.",
    ),
    asks=(
        Ask(name="book", label=words.BOOK),
        Ask(name="year", label=words.YEAR),
        Ask(name="number", label=words.NUMBER),
        Ask(name="reason", label=words.REASON),
    ),
)

PROPOSE_CORRECTION = Form(
    name="propose-correction",
    path=GIFT + "/dieu-chinh/moi",
    title=words.CORRECT,
    button=Words("Gửi đề nghị", "Propose"),
    command=Command(
        service="donations", method="POST", path="/contributions/{contribution_id}/corrections"
    ),
    leads_to=GIFT,
    who=CORRECTS,
    reads="/contributions/{contribution_id}",
    shows=GIFT_SHOWN,
    intro=Words(
        "Chỉ điền dòng ghi sai, theo số đúng. Người khác sẽ xác nhận.",
        "Fill in the lines that are wrong alone, as they are right. Another person confirms it.",
    ),
    asks=(
        Ask(
            name="lines",
            label=words.LINES,
            row_id="line_id",
            each_of="lines",
            told=(*LINE_SHOWN, *FOUND_SHOWN),
            rows=FOUND_ASKED,
        ),
        Ask(
            name="paid_in",
            label=words.PAID_IN,
            help=Words("Chỉ khi ghi nhầm cách nhận tiền.", "Only where that was mistaken."),
        ),
        Ask(name="reason", label=words.REASON),
        WHEN,
    ),
)

_CORRECTION_SHOWN = (
    *GIFT_SHOWN,
    Column(name="correction.reason", label=words.REASON, words=VOCABULARY["correction-reason"]),
    Column(name="good", label=Words("Tốt, đang ghi", "Good, recorded"), kind="number"),
    Column(name="correction.good", label=Words("Tốt, đề nghị", "Good, proposed"), kind="number"),
    Column(
        name="correction.mendable",
        label=Words("Sửa được, đề nghị", "Mendable, proposed"),
        kind="number",
    ),
    Column(
        name="correction.refused",
        label=Words("Không dùng được, đề nghị", "Refused, proposed"),
        kind="number",
    ),
)
_CORRECTION = "/contributions/{contribution_id}/corrections/{number}"

CONFIRM_CORRECTION = Form(
    name="confirm-correction",
    path=GIFT + "/dieu-chinh/{number}/xac-nhan",
    title=words.CONFIRM,
    button=Words("Xác nhận", "Confirm"),
    command=Command(service="donations", method="POST", path=_CORRECTION + "/confirmation"),
    leads_to=GIFT,
    who=JUDGE,
    reads="/contributions/{contribution_id}",
    shows=_CORRECTION_SHOWN,
)

REFUSE_CORRECTION = Form(
    name="refuse-correction",
    path=GIFT + "/dieu-chinh/{number}/tu-choi",
    title=words.REFUSE_CORRECTION,
    button=Words("Từ chối", "Refuse"),
    command=Command(service="donations", method="POST", path=_CORRECTION + "/refusal"),
    leads_to=GIFT,
    who=JUDGE,
    reads="/contributions/{contribution_id}",
    shows=_CORRECTION_SHOWN,
)

PREPARE_PAYMENT = Form(
    name="prepare-payment",
    path=PAYMENTS + "/moi",
    title=words.PREPARE,
    button=Words("Lập khoản chi", "Prepare"),
    command=Command(service="donations", method="PUT", path="/payments/{payment_id}"),
    leads_to=PAYMENTS,
    who=ACCOUNTANT,
    fresh=("payment_id",),
    intro=Words(
        "Người lập, người duyệt, người chi và người nhận tạm ứng là bốn người khác nhau.",
        "Who prepares, authorises and pays it, and who gets the advance, are four persons.",
    ),
    asks=(
        Ask(name="fund_id", label=words.FUND, options=choices.funds_known),
        Ask(name="purpose", label=words.PURPOSE),
        Ask(name="amount", label=words.AMOUNT, unit=words.DONG),
        Ask(
            name="person_id",
            label=Words("Người nhận tạm ứng", "Who gets the advance"),
            help=Words("Mã người; chỉ khi là tạm ứng.", "The person's id; of an advance alone."),
        ),
        Ask(
            name="partner",
            label=words.PARTNER,
            help=Words("Được niêm phong; chỉ khi trả cho đơn vị.", "Sealed; of a partner alone."),
        ),
        Ask(name="due_on", label=words.DUE_ON),
    ),
)

AUTHORISE_PAYMENT = Form(
    name="authorise-payment",
    path=PAYMENT + "/duyet",
    title=words.AUTHORISE,
    button=words.AUTHORISE,
    command=Command(
        service="donations", method="POST", path="/payments/{payment_id}/authorisation"
    ),
    leads_to=PAYMENTS,
    who=("approver", "leader"),
    reads="/payments/{payment_id}",
    shows=PAYMENT_SHOWN,
)

MAKE_PAYMENT = Form(
    name="make-payment",
    path=PAYMENT + "/chi",
    title=words.PAY,
    button=Words("Đã chi", "Paid"),
    command=Command(service="donations", method="POST", path="/payments/{payment_id}/making"),
    leads_to=PAYMENTS,
    who=CASHIER,
    reads="/payments/{payment_id}",
    shows=PAYMENT_SHOWN,
    asks=(
        Ask(name="paid_in", label=words.PAID_IN),
        Ask(
            name="reference",
            label=Words("Số chứng từ", "Reference"),
            help=Words("Số của ngân hàng hoặc của phiếu chi.", "The bank's, or the voucher's."),
        ),
        WHEN,
    ),
)

FAIL_PAYMENT = Form(
    name="fail-payment",
    path=PAYMENT + "/khong-chi",
    title=words.FAIL,
    button=Words("Ghi không chi", "Record it"),
    command=Command(service="donations", method="POST", path="/payments/{payment_id}/failure"),
    leads_to=PAYMENTS,
    who=(*ACCOUNTANT, *CASHIER),
    reads="/payments/{payment_id}",
    shows=PAYMENT_SHOWN,
    asks=(Ask(name="reason", label=words.REASON), WHEN),
)

SETTLE_ADVANCE = Form(
    name="settle-advance",
    path=PAYMENT + "/thanh-toan",
    title=words.SETTLE,
    button=Words("Thanh toán", "Settle"),
    command=Command(service="donations", method="POST", path="/payments/{payment_id}/settlement"),
    leads_to=PAYMENTS,
    who=ACCOUNTANT,
    reads="/payments/{payment_id}",
    shows=PAYMENT_SHOWN,
    asks=(
        Ask(
            name="returned",
            label=Words("Hoàn lại", "Returned"),
            unit=words.DONG,
            help=Words("Ghi 0 nếu đã chi hết.", "0 if all of it was handed out."),
        ),
        Ask(name="returned_in", label=Words("Hoàn bằng", "Returned in")),
        WHEN,
    ),
)

FORMS = (
    REGISTER_SPONSOR,
    OPEN_CAMPAIGN,
    MAKE_PLEDGE,
    ANNOUNCE,
    RECEIVE_GOODS,
    RECEIVE_MONEY,
    INSPECT,
    ACCEPT,
    REFUSE,
    ISSUE_RECEIPT,
    REPLACE_RECEIPT,
    CANCEL_RECEIPT,
    PROPOSE_CORRECTION,
    CONFIRM_CORRECTION,
    REFUSE_CORRECTION,
    PREPARE_PAYMENT,
    AUTHORISE_PAYMENT,
    MAKE_PAYMENT,
    FAIL_PAYMENT,
    SETTLE_ADVANCE,
)
