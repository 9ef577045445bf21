"""What is written down from the lot to the child: matched, proposed, approved, delivered."""

from collections.abc import Mapping
from typing import Any

from contracts.languages import Words
from contracts.vocabulary import VOCABULARY
from services.portal.desks import choices
from services.portal.desks.allocation import choices as own
from services.portal.desks.allocation import words
from services.portal.desks.column import Column
from services.portal.desks.form import WHEN, Ask, Command, Form
from services.portal.desks.table import Table

COORDINATOR, APPROVER = ("coordinator",), ("approver",)
STOREKEEPER, OFFICER = ("storekeeper",), ("commune-officer",)
TAKES_OVER = (*OFFICER, "teacher", "partner")
FRONT = "/phan-bo"
RUN = FRONT + "/phuong-an/{run_id}"
ALLOCATIONS = FRONT + "/danh-sach"
ALLOCATION = ALLOCATIONS + "/{allocation_id}"
DELIVERIES = FRONT + "/dot-trao"
DELIVERY = DELIVERIES + "/{delivery_id}"
DIRECT_GIFTS = FRONT + "/trao-truc-tiep"
DIRECT_GIFT = DIRECT_GIFTS + "/{direct_gift_id}"

LINE_SHOWN = (
    Column(name="code", label=words.CODE, kind="code"),
    Column(name="child_id", label=words.CHILD, kind="child"),
    Column(name="unit_id", label=words.UNIT, kind="unit"),
    Column(name="category", label=words.CATEGORY, pack="category"),
    Column(name="quantity", label=words.QUANTITY, kind="number"),
    Column(name="measure", label=words.MEASURE, pack="measure"),
    Column(name="children", label=words.CHILDREN, kind="number"),
    Column(name="status", label=words.STATUS, words=VOCABULARY["line-status"]),
)
LINES = Table(title=words.LINES, name="lines", columns=LINE_SHOWN)
ALLOCATION_SHOWN = (
    Column(name="programme_id", label=words.PROGRAMME, kind="programme"),
    Column(name="line_count", label=words.LINE_COUNT, kind="number"),
    Column(name="refused_count", label=words.REFUSED_COUNT, kind="number"),
    Column(name="status", label=words.STATUS, words=VOCABULARY["allocation-status"]),
)
DELIVERY_SHOWN = (
    Column(name="activity", label=words.ACTIVITY),
    Column(name="unit_id", label=words.UNIT, kind="unit"),
    Column(name="planned_for", label=words.PLANNED_FOR, kind="day"),
    Column(name="line_count", label=words.LINE_COUNT, kind="number"),
    Column(name="signed_count", label=words.SIGNED, kind="number"),
    Column(name="waybill", label=words.WAYBILL),
    Column(name="list_closes_on", label=words.CLOSES_ON, kind="day"),
    Column(name="status", label=words.STATUS, words=VOCABULARY["delivery-status"]),
)
DIRECT_GIFT_SHOWN = (
    Column(name="sponsor_id", label=words.SPONSOR, kind="sponsor"),
    Column(name="unit_id", label=words.UNIT, kind="unit"),
    Column(name="handed_over_at", label=Words("Trao lúc", "Handed over at"), kind="moment"),
    Column(name="minutes", label=words.MINUTES),
    Column(name="reason", label=words.REASON),
    Column(name="status", label=words.STATUS, words=VOCABULARY["direct-gift-status"]),
)
GIFT_LINES = Table(
    title=words.LINES,
    name="lines",
    columns=tuple(each for each in LINE_SHOWN if each.name not in {"code", "status"}),
)


def waits(line: Mapping[str, Any]) -> bool:
    """For a signature."""
    return line["status"] in {"planned", "absent"}


MAKE_RUN = Form(
    name="make-matching-run",
    path=FRONT + "/phuong-an/moi",
    title=words.MAKE_RUN,
    button=Words("Lập phương án", "Make it"),
    command=Command(service="allocation", method="PUT", path="/matching-runs/{run_id}"),
    leads_to=RUN,
    back=FRONT,
    who=COORDINATOR,
    fresh=("run_id",),
    intro=Words(
        "Phương án chỉ đề xuất, chưa giữ hàng. Người khác sẽ duyệt danh sách.",
        "A run proposes and keeps nothing yet. Another person approves the list.",
    ),
    asks=(
        Ask(name="programme_id", label=words.PROGRAMME, options=choices.programmes_running),
        Ask(name="category", label=words.CATEGORY, options=choices.kinds_of_gifts),
        Ask(
            name="unit_ids",
            label=Words("Chỉ cho các xã", "For these communes alone"),
            options=own.own_communes,
        ),
    ),
)

PROPOSE = Form(
    name="propose-allocation",
    path=RUN + "/de-xuat",
    title=words.PROPOSE,
    button=Words("Đề xuất", "Propose"),
    command=Command(service="allocation", method="PUT", path="/allocations/{allocation_id}"),
    leads_to=ALLOCATION,
    back=RUN,
    who=COORDINATOR,
    fresh=("allocation_id",),
    carries=("run_id",),
    asks=(
        Ask(
            name="line_ids",
            label=Words("Chỉ các dòng", "These lines alone"),
            help=Words("Không chọn dòng nào thì lấy tất cả.", "Choose none to take all."),
            options=own.lines_of_run,
        ),
    ),
)

APPROVE = Form(
    name="approve-allocation",
    path=ALLOCATION + "/duyet",
    title=words.APPROVE,
    button=Words("Duyệt", "Approve"),
    command=Command(
        service="allocation", method="POST", path="/allocations/{allocation_id}/approval"
    ),
    leads_to=ALLOCATION,
    who=APPROVER,
    reads="/allocations/{allocation_id}",
    shows=ALLOCATION_SHOWN,
    tables=(LINES,),
    asks=(WHEN,),
)

RELEASE = Form(
    name="release-allocation-lines",
    path=ALLOCATION + "/tra-lai",
    title=words.RELEASE,
    button=Words("Trả lại", "Release"),
    command=Command(
        service="allocation", method="POST", path="/allocations/{allocation_id}/release"
    ),
    leads_to=ALLOCATION,
    who=COORDINATOR,
    reads="/allocations/{allocation_id}",
    shows=ALLOCATION_SHOWN,
    asks=(Ask(name="line_ids", label=words.LINES, options=own.approved_lines), WHEN),
)

PLAN = Form(
    name="plan-delivery",
    path=ALLOCATION + "/xa/{unit_id}/dot-trao/moi",
    title=words.PLAN,
    button=Words("Lên lịch", "Plan"),
    command=Command(service="allocation", method="PUT", path="/deliveries/{delivery_id}"),
    leads_to=DELIVERY,
    back=ALLOCATION,
    who=COORDINATOR,
    fresh=("delivery_id",),
    carries=("unit_id",),
    asks=(
        Ask(
            name="activity",
            label=words.ACTIVITY,
            help=Words("Được niêm phong.", "It is sealed."),
        ),
        Ask(name="planned_for", label=words.PLANNED_FOR),
        Ask(
            name="line_ids", label=words.LINES, options=own.approved_lines_of_unit, all_chosen=True
        ),
    ),
)

DISPATCH = Form(
    name="dispatch-delivery",
    path=DELIVERY + "/xuat-kho",
    title=words.DISPATCH,
    button=Words("Đã xuất kho", "Dispatched"),
    command=Command(service="allocation", method="POST", path="/deliveries/{delivery_id}/dispatch"),
    leads_to=DELIVERY,
    who=STOREKEEPER,
    reads="/deliveries/{delivery_id}",
    shows=DELIVERY_SHOWN,
    tables=(LINES,),
    asks=(Ask(name="waybill", label=words.WAYBILL), WHEN),
)

HAND_OVER = Form(
    name="hand-delivery-over",
    path=DELIVERY + "/ban-giao",
    title=words.HAND_OVER,
    button=Words("Đã bàn giao", "Handed over"),
    command=Command(service="allocation", method="POST", path="/deliveries/{delivery_id}/handover"),
    leads_to=DELIVERY,
    who=(*STOREKEEPER, *COORDINATOR, *OFFICER),
    reads="/deliveries/{delivery_id}",
    shows=DELIVERY_SHOWN,
    asks=(
        Ask(
            name="handed_to",
            label=Words("Người nhận bàn giao", "Who takes it over"),
            options=own.who_takes_over,
        ),
        WHEN,
    ),
)

SIGN = Form(
    name="sign-lines",
    path=DELIVERY + "/ky-nhan",
    title=words.SIGN,
    button=Words("Ghi ký nhận", "Record"),
    command=Command(
        service="allocation", method="POST", path="/deliveries/{delivery_id}/signatures"
    ),
    leads_to=DELIVERY,
    who=OFFICER,
    reads="/deliveries/{delivery_id}",
    shows=DELIVERY_SHOWN,
    intro=Words(
        "Chỉ ghi dòng đã ký trên giấy; dòng để trống được ghi sau. Người lập nhu cầu không ghi.",
        "Record the lines signed on paper; one left blank comes later. Never your own needs.",
    ),
    asks=(
        Ask(
            name="lines",
            label=words.LINES,
            row_id="line_id",
            each_of="lines",
            only=waits,
            told=tuple(each for each in LINE_SHOWN if each.name not in {"unit_id", "status"}),
            rows=(
                Ask(name="signed_as", label=Words("Ai ký", "Signed by")),
                Ask(
                    name="signatory_name",
                    label=Words("Họ tên người nhận thay, người phụ trách", "Name, if for another"),
                ),
                Ask(
                    name="signatory_relation",
                    label=Words("Quan hệ, chức vụ", "Relation or office"),
                ),
                Ask(
                    name="children",
                    label=Words("Số trẻ em nhận (của nhóm)", "Children who got it (of a group)"),
                ),
            ),
        ),
        WHEN,
    ),
)

NOTE_ABSENCES = Form(
    name="note-absences",
    path=DELIVERY + "/vang-mat",
    title=words.ABSENT,
    button=Words("Ghi vắng mặt", "Record"),
    command=Command(service="allocation", method="POST", path="/deliveries/{delivery_id}/absences"),
    leads_to=DELIVERY,
    who=TAKES_OVER,
    reads="/deliveries/{delivery_id}",
    shows=DELIVERY_SHOWN,
    asks=(
        Ask(
            name="lines",
            label=words.LINES,
            row_id="line_id",
            each_of="lines",
            only=waits,
            told=tuple(each for each in LINE_SHOWN if each.name not in {"unit_id", "status"}),
            rows=(Ask(name="kept_until", label=Words("Giữ lại đến ngày", "Kept until")),),
        ),
        WHEN,
    ),
)

CLOSE_LINES = Form(
    name="close-delivery-lines",
    path=DELIVERY + "/dong-dong",
    title=words.CLOSE,
    button=Words("Đóng dòng", "Close"),
    command=Command(service="allocation", method="POST", path="/deliveries/{delivery_id}/closings"),
    leads_to=DELIVERY,
    who=(*COORDINATOR, *OFFICER),
    reads="/deliveries/{delivery_id}",
    shows=DELIVERY_SHOWN,
    intro=Words(
        "Dòng không đến được tay ai: nhu cầu được chờ hỗ trợ lại.",
        "Lines that reach nobody: the need waits for support again.",
    ),
    asks=(
        Ask(name="line_ids", label=words.LINES, options=own.waiting_lines),
        Ask(name="reason", label=words.REASON),
        WHEN,
    ),
)

TAKE_BACK = Form(
    name="take-goods-back",
    path=DELIVERY + "/nhap-lai",
    title=words.TAKE_BACK,
    button=Words("Đã nhập lại kho", "They are back"),
    command=Command(service="allocation", method="POST", path="/deliveries/{delivery_id}/returns"),
    leads_to=DELIVERY,
    who=STOREKEEPER,
    reads="/deliveries/{delivery_id}",
    shows=DELIVERY_SHOWN,
    asks=(Ask(name="line_ids", label=words.LINES, options=own.lines_out, all_chosen=True), WHEN),
)

RECORD_DIRECT_GIFT = Form(
    name="record-direct-gift",
    path=DIRECT_GIFTS + "/xa/{unit_id}/moi",
    title=words.RECORD_GIFT,
    button=Words("Ghi biên bản", "Record"),
    command=Command(service="allocation", method="PUT", path="/direct-gifts/{direct_gift_id}"),
    leads_to=DIRECT_GIFTS,
    who=(*OFFICER, *COORDINATOR),
    fresh=("direct_gift_id",),
    carries=("unit_id",),
    intro=Words(
        "Nhà hảo tâm đã trao tận tay. Việc trao chỉ được tính khi người khác xác nhận.",
        "The sponsor gave it by hand. It counts once another person ratifies it.",
    ),
    asks=(
        Ask(name="sponsor_id", label=words.SPONSOR, options=choices.sponsors_known),
        Ask(
            name="lines",
            label=words.LINES,
            rows=(
                Ask(
                    name="need_id",
                    label=Words("Nhu cầu", "Need"),
                    options=own.open_needs_of_unit,
                ),
                Ask(name="quantity", label=words.QUANTITY),
                Ask(
                    name="children",
                    label=Words("Số trẻ em nhận (của nhóm)", "Children who got it (of a group)"),
                ),
            ),
        ),
        Ask(
            name="minutes",
            label=words.MINUTES,
            help=Words("Được niêm phong.", "They are sealed."),
        ),
        WHEN,
    ),
)

RATIFY = Form(
    name="ratify-direct-gift",
    path=DIRECT_GIFT + "/xac-nhan",
    title=words.RATIFY,
    button=Words("Xác nhận", "Ratify"),
    command=Command(
        service="allocation", method="POST", path="/direct-gifts/{direct_gift_id}/ratification"
    ),
    leads_to=DIRECT_GIFTS,
    who=APPROVER,
    reads="/direct-gifts/{direct_gift_id}",
    shows=DIRECT_GIFT_SHOWN,
    tables=(GIFT_LINES,),
    asks=(WHEN,),
)

REFUSE_DIRECT_GIFT = Form(
    name="refuse-direct-gift",
    path=DIRECT_GIFT + "/tu-choi",
    title=words.REFUSE_GIFT,
    button=words.REFUSE_GIFT,
    command=Command(
        service="allocation", method="POST", path="/direct-gifts/{direct_gift_id}/refusal"
    ),
    leads_to=DIRECT_GIFTS,
    who=APPROVER,
    reads="/direct-gifts/{direct_gift_id}",
    shows=DIRECT_GIFT_SHOWN,
    tables=(GIFT_LINES,),
    asks=(Ask(name="reason", label=words.REASON),),
)

WITHDRAW_DIRECT_GIFT = Form(
    name="withdraw-direct-gift",
    path=DIRECT_GIFT + "/rut",
    title=words.WITHDRAW_GIFT,
    button=Words("Rút", "Withdraw"),
    command=Command(
        service="allocation", method="POST", path="/direct-gifts/{direct_gift_id}/withdrawal"
    ),
    leads_to=DIRECT_GIFTS,
    who=(*OFFICER, *COORDINATOR),
    reads="/direct-gifts/{direct_gift_id}",
    shows=DIRECT_GIFT_SHOWN,
    tables=(GIFT_LINES,),
    asks=(Ask(name="reason", label=words.REASON),),
)

FORMS = (
    MAKE_RUN,
    PROPOSE,
    APPROVE,
    RELEASE,
    PLAN,
    DISPATCH,
    HAND_OVER,
    SIGN,
    NOTE_ABSENCES,
    CLOSE_LINES,
    TAKE_BACK,
    RECORD_DIRECT_GIFT,
    RATIFY,
    REFUSE_DIRECT_GIFT,
    WITHDRAW_DIRECT_GIFT,
)
