"""What is looked up of lots, allocations and deliveries."""

from contracts.languages import Words
from contracts.vocabulary import VOCABULARY
from services.portal.desks import choices
from services.portal.desks.allocation import forms, words
from services.portal.desks.card import Card
from services.portal.desks.column import Column
from services.portal.desks.listing import Filter, Listing
from services.portal.desks.places import communes_of
from services.portal.desks.table import Table

SEES_LOTS = ("coordinator", "storekeeper", "accountant", "approver", "leader", "auditor")
SEES_NEEDS = ("coordinator", "approver", "commune-officer", "auditor")
SEES_ALLOCATIONS = ("coordinator", "approver", "storekeeper", "auditor")
SEES_DELIVERIES = ("coordinator", "storekeeper", "commune-officer", "approver", "auditor")
WORKS_HERE = tuple(
    sorted({*SEES_LOTS, *SEES_NEEDS, *SEES_ALLOCATIONS, *SEES_DELIVERIES, *forms.TAKES_OVER})
)
OF_PROGRAMME = Filter(
    name="programme_id",
    label=words.PROGRAMME,
    kind="choice",
    options=choices.programmes_running,
)
OF_CATEGORY = Filter(
    name="category", label=words.CATEGORY, kind="choice", options=choices.kinds_of_gifts
)
KIND = (
    Column(name="category", label=words.CATEGORY, pack="category"),
    Column(name="specification", label=words.SPECIFICATION, kind="specification"),
)

LOTS = Listing(
    path="/phan-bo/lo",
    title=words.LOTS,
    service="allocation",
    query="/lots",
    columns=(
        *KIND,
        Column(name="quantity_free", label=words.FREE, kind="number"),
        Column(name="quantity_kept", label=words.KEPT, kind="number"),
        Column(name="quantity_drawn", label=words.DRAWN, kind="number"),
        Column(name="measure", label=words.MEASURE, pack="measure"),
        Column(name="sponsor_id", label=words.SPONSOR, kind="sponsor"),
        Column(name="held_apart", label=Words("Chờ sửa", "To be mended")),
    ),
    who=SEES_LOTS,
    empty=Words(
        "Chưa có lô nào: lô được lập khi một khoản ủng hộ được duyệt.",
        "No lot yet: one is opened when a contribution is accepted.",
    ),
    filters=(OF_PROGRAMME, OF_CATEGORY),
    above=(forms.MAKE_RUN.act(),),
)

OPEN_NEEDS = Listing(
    path="/phan-bo/nhu-cau",
    title=words.OPEN_NEEDS,
    service="allocation",
    query="/open-needs",
    columns=(
        Column(name="unit_id", label=words.UNIT, kind="unit"),
        *KIND,
        Column(name="quantity_open", label=words.QUANTITY, kind="number"),
        Column(name="measure", label=words.MEASURE, pack="measure"),
        Column(name="priority_band", label=words.BAND, kind="number"),
        Column(name="needed_by", label=words.NEEDED_BY, kind="day"),
    ),
    who=SEES_NEEDS,
    empty=Words("Không nhu cầu nào chờ hỗ trợ.", "No need waits for support."),
    filters=(
        OF_PROGRAMME,
        OF_CATEGORY,
        Filter(
            name="unit_id",
            label=words.UNIT,
            kind="choice",
            options=communes_of(*SEES_NEEDS),
        ),
    ),
    above=(forms.MAKE_RUN.act(),),
    actions=(forms.RECORD_DIRECT_GIFT.act(),),
)

RUN = Card(
    name="matching-run",
    path=forms.RUN,
    title=words.RUN,
    service="allocation",
    query="/matching-runs/{run_id}",
    facts=(
        Column(name="programme_id", label=words.PROGRAMME, kind="programme"),
        Column(name="category", label=words.CATEGORY, pack="category"),
        Column(name="made_at", label=Words("Lập lúc", "Made at"), kind="moment"),
        Column(name="lines", label=Words("Dòng xếp được", "Lines matched"), kind="number"),
        Column(name="unmatched", label=Words("Chưa xếp được", "Not matched"), kind="number"),
        Column(name="left_out", label=Words("Chưa xét đến", "Left out"), kind="number"),
    ),
    who=("coordinator", "approver", "auditor"),
    back="/phan-bo",
    tables=(
        Table(
            title=Words("Đề xuất", "Proposed"),
            name="lines",
            columns=(
                Column(name="need_id", label=Words("Nhu cầu", "Need"), kind="short"),
                Column(name="lot_id", label=Words("Lô", "Lot"), kind="short"),
                Column(name="quantity", label=words.QUANTITY, kind="number"),
            ),
        ),
        Table(
            title=Words("Chưa xếp được", "Not matched"),
            name="unmatched",
            columns=(
                Column(name="need_id", label=Words("Nhu cầu", "Need"), kind="short"),
                Column(name="reason", label=words.REASON, words=VOCABULARY["unmatched-reason"]),
            ),
        ),
    ),
    actions=(forms.PROPOSE.act(unless=lambda run: not run["lines"]),),
)

ALLOCATION = Card(
    name="allocation",
    path=forms.ALLOCATION,
    title=words.ALLOCATION,
    service="allocation",
    query="/allocations/{allocation_id}",
    facts=forms.ALLOCATION_SHOWN,
    who=SEES_ALLOCATIONS,
    back=forms.ALLOCATIONS,
    tables=(
        Table(
            title=words.LINES,
            name="lines",
            columns=forms.LINE_SHOWN,
            actions=(forms.PLAN.act(unless=lambda line: line["status"] != "approved"),),
        ),
    ),
    actions=(
        forms.APPROVE.act(unless=lambda it: it["status"] != "proposed"),
        forms.RELEASE.act(unless=lambda it: it["status"] != "approved"),
    ),
)

ALLOCATIONS = Listing(
    path=forms.ALLOCATIONS,
    title=words.ALLOCATIONS,
    service="allocation",
    query="/allocations",
    columns=(
        Column(name="proposed_at", label=Words("Đề xuất lúc", "Proposed at"), kind="moment"),
        *forms.ALLOCATION_SHOWN,
    ),
    who=SEES_ALLOCATIONS,
    empty=Words(
        "Chưa có danh sách nào. Hãy lập một phương án rồi đề xuất.",
        "No allocation yet: make a run and propose it.",
    ),
    filters=(
        Filter(
            name="status",
            label=words.STATUS,
            kind="choice",
            options=choices.of_vocabulary("allocation-status"),
        ),
    ),
    above=(forms.MAKE_RUN.act(),),
    actions=(ALLOCATION.opened, *ALLOCATION.actions),
)

GOING = {"handed-over"}
DELIVERY = Card(
    name="delivery",
    path=forms.DELIVERY,
    title=words.DELIVERY,
    service="allocation",
    query="/deliveries/{delivery_id}",
    facts=forms.DELIVERY_SHOWN,
    who=tuple(sorted({*SEES_DELIVERIES, *forms.TAKES_OVER})),
    back="/phan-bo",
    tables=(forms.LINES,),
    actions=(
        forms.DISPATCH.act(unless=lambda it: it["status"] != "planned"),
        forms.HAND_OVER.act(unless=lambda it: it["status"] != "dispatched"),
        forms.SIGN.act(unless=lambda it: it["status"] not in GOING),
        forms.NOTE_ABSENCES.act(unless=lambda it: it["status"] not in GOING),
        forms.CLOSE_LINES.act(unless=lambda it: it["status"] == "completed"),
        forms.TAKE_BACK.act(unless=lambda it: not it["out"]),
    ),
)

DELIVERIES = Listing(
    path=forms.DELIVERIES,
    title=words.DELIVERIES,
    service="allocation",
    query="/deliveries",
    columns=tuple(column for column in forms.DELIVERY_SHOWN if column.name != "activity"),
    who=SEES_DELIVERIES,
    empty=Words(
        "Chưa có đợt trao nào. Hãy mở một danh sách đã duyệt rồi lên lịch.",
        "No delivery yet: open an approved allocation and plan one.",
    ),
    filters=(
        Filter(
            name="unit_id",
            label=words.UNIT,
            kind="choice",
            options=communes_of(*SEES_DELIVERIES),
        ),
        Filter(
            name="status",
            label=words.STATUS,
            kind="choice",
            options=choices.of_vocabulary("delivery-status"),
        ),
    ),
    actions=(DELIVERY.opened, *DELIVERY.actions),
)

TAKEN_OVER = Listing(
    path="/phan-bo/da-nhan",
    title=words.TAKEN_OVER,
    service="allocation",
    query="/deliveries/own",
    columns=DELIVERIES.columns,
    who=forms.TAKES_OVER,
    empty=Words("Chưa có đợt trao nào được bàn giao cho bạn.", "None was handed over to you."),
    actions=(DELIVERY.opened, *DELIVERY.actions),
)

DIRECT_GIFT = Card(
    name="direct-gift",
    path=forms.DIRECT_GIFT,
    title=words.DIRECT_GIFT,
    service="allocation",
    query="/direct-gifts/{direct_gift_id}",
    facts=forms.DIRECT_GIFT_SHOWN,
    who=("commune-officer", "coordinator", "approver"),
    back=forms.DIRECT_GIFTS,
    tables=(forms.GIFT_LINES,),
    actions=(
        forms.RATIFY.act(unless=lambda it: it["status"] != "recorded"),
        forms.REFUSE_DIRECT_GIFT.act(unless=lambda it: it["status"] != "recorded"),
        forms.WITHDRAW_DIRECT_GIFT.act(unless=lambda it: it["status"] != "recorded"),
    ),
)

DIRECT_GIFTS = Listing(
    path=forms.DIRECT_GIFTS,
    title=words.DIRECT_GIFTS,
    service="allocation",
    query="/direct-gifts",
    columns=tuple(
        column for column in forms.DIRECT_GIFT_SHOWN if column.name not in {"minutes", "reason"}
    ),
    who=SEES_NEEDS,
    empty=Words(
        "Chưa có lần trao trực tiếp nào. Hãy chọn một nhu cầu chờ hỗ trợ của xã rồi ghi.",
        "No direct gift yet: choose an open need of the commune and record one.",
    ),
    filters=(
        Filter(
            name="status",
            label=words.STATUS,
            kind="choice",
            options=choices.of_vocabulary("direct-gift-status"),
        ),
    ),
    actions=(DIRECT_GIFT.opened, *DIRECT_GIFT.actions),
)

LISTS = (OPEN_NEEDS, LOTS, ALLOCATIONS, DELIVERIES, TAKEN_OVER, DIRECT_GIFTS)
CARDS = (RUN, ALLOCATION, DELIVERY, DIRECT_GIFT)
