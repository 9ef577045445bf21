"""What is written down in the register: households, children, needs, and what becomes of them."""

from typing import Any

from contracts.languages import Words
from contracts.vocabulary import VOCABULARY
from services.portal.desks import choices
from services.portal.desks.column import Column
from services.portal.desks.form import WHEN, Ask, Command, Form
from services.portal.desks.registry import choices as own
from services.portal.desks.registry import words

OFFICER, VERIFIER = ("commune-officer",), ("verifier",)
BOTH = (*OFFICER, *VERIFIER)
ASSESSES = (*OFFICER, "child-protection-officer")
HOUSEHOLDS = "/so-dang-ky/ho"
CHILDREN = "/so-dang-ky/tre-em"
GROUPS = "/so-dang-ky/nhom"
NEEDS = "/so-dang-ky/nhu-cau"
UNIT = "/so-dang-ky/don-vi/{unit_id}"

HOUSEHOLD_SHOWN = (
    Column(name="head", label=words.HEAD),
    Column(name="village", label=words.VILLAGE),
    Column(name="unit_id", label=words.UNIT, kind="unit"),
    Column(name="status", label=words.HOUSEHOLD_STATUS, words=VOCABULARY["household-status"]),
    Column(name="left_on", label=words.LEFT_ON, kind="day"),
)
CHILD_SHOWN = (
    Column(name="name", label=words.NAME),
    Column(name="birth_date", label=words.BIRTH_DATE, kind="day"),
    Column(name="birth_precision", label=words.PRECISION, words=VOCABULARY["birth-precision"]),
    Column(name="guardian", label=words.GUARDIAN),
    Column(name="village", label=words.VILLAGE),
    Column(
        name="household_status",
        label=words.HOUSEHOLD_STATUS,
        words=VOCABULARY["household-status"],
    ),
    Column(name="height_label", label=words.SIZE),
    Column(name="measured_on", label=words.MEASURED_ON, kind="day"),
    Column(name="school_year", label=words.SCHOOL_YEAR),
    Column(name="grade", label=words.GRADE),
    Column(name="left_on", label=words.LEFT_ON, kind="day"),
)
NEED_SHOWN = (
    Column(name="child.name", label=words.NAME),
    Column(name="child.birth_date", label=words.BIRTH_DATE, kind="day"),
    Column(name="child.guardian", label=words.GUARDIAN),
    Column(name="group.description", label=words.GROUPS),
    Column(name="unit_id", label=words.UNIT, kind="unit"),
    Column(name="category", label=words.CATEGORY, pack="category"),
    Column(name="specification", label=words.SPECIFICATION, kind="specification"),
    Column(name="quantity", label=words.QUANTITY, kind="number"),
    Column(name="measure", label=words.MEASURE_UNIT, pack="measure"),
    Column(name="children", label=words.HOW_MANY, kind="number"),
    Column(name="needed_by", label=words.NEEDED_BY, kind="day"),
    Column(name="sealed.detail", label=words.DETAIL),
    Column(name="sealed.reason", label=words.REASON),
    Column(name="status", label=words.STATUS, words=VOCABULARY["need-status"]),
)
BESIDE_NEED = {
    "child": "/children/{child_id}",
    "group": "/groups/{group_id}",
    "sealed": "/needs/{need_id}/explanation",
}

TERRITORY = Ask(
    name="territory_id",
    label=Words("Địa bàn", "On the land of"),
    help=Words(
        "Chỉ khi xã đã tiếp nhận xã khác: xã cũ hoặc thôn nào.",
        "Where the commune took others over: which former commune, or which village.",
    ),
    options=own.territories,
)

REGISTER_HOUSEHOLD = Form(
    name="register-household",
    path=UNIT + "/ho/moi",
    title=words.REGISTER_HOUSEHOLD,
    button=Words("Ghi hộ", "Register"),
    command=Command(service="registry", method="PUT", path="/households/{household_id}"),
    leads_to=HOUSEHOLDS,
    who=OFFICER,
    fresh=("household_id",),
    carries=("unit_id",),
    asks=(
        Ask(name="head", label=words.HEAD, help=words.SEALED),
        Ask(name="village", label=words.VILLAGE),
        TERRITORY,
        WHEN,
    ),
)

RECORD_STATUS = Form(
    name="record-household-status",
    path=HOUSEHOLDS + "/{household_id}/dien-ho",
    title=words.RECORD_STATUS,
    button=Words("Ghi diện hộ", "Record it"),
    command=Command(service="registry", method="POST", path="/households/{household_id}/status"),
    leads_to=HOUSEHOLDS,
    who=OFFICER,
    reads="/households/{household_id}",
    shows=HOUSEHOLD_SHOWN,
    asks=(
        Ask(name="status", label=words.HOUSEHOLD_STATUS),
        Ask(
            name="standard",
            label=Words("Theo chuẩn nghèo", "By the standard"),
            options=own.standards,
        ),
        Ask(name="decision", label=words.DECISION, help=words.SEALED),
        Ask(name="valid_from", label=Words("Từ ngày", "From")),
        Ask(
            name="valid_until",
            label=Words("Đến trước ngày", "Until before"),
            help=Words("Ngày đầu tiên không còn diện này.", "The first day without it."),
        ),
    ),
)

REGISTER_CHILD = Form(
    name="register-child",
    path=HOUSEHOLDS + "/{household_id}/tre-em/moi",
    title=words.REGISTER_CHILD,
    button=Words("Ghi vào sổ", "Register"),
    command=Command(service="registry", method="PUT", path="/children/{child_id}"),
    leads_to=CHILDREN + "/{child_id}",
    back=HOUSEHOLDS,
    who=OFFICER,
    fresh=("child_id",),
    carries=("household_id",),
    reads="/households/{household_id}",
    shows=HOUSEHOLD_SHOWN,
    asks=(
        Ask(name="name", label=words.NAME, help=words.SEALED),
        Ask(name="birth_date", label=words.BIRTH_DATE, help=words.ANY_DAY),
        Ask(name="birth_precision", label=words.PRECISION),
        Ask(name="gender", label=words.GENDER),
        Ask(name="guardian", label=words.GUARDIAN),
        Ask(name="ethnicity", label=words.ETHNICITY),
        WHEN,
    ),
)

MEASURE_CHILD = Form(
    name="measure-child",
    path=CHILDREN + "/{child_id}/so-do",
    title=words.MEASURE,
    button=Words("Ghi số đo", "Record"),
    command=Command(service="registry", method="POST", path="/children/{child_id}/measures"),
    leads_to=CHILDREN + "/{child_id}",
    who=OFFICER,
    reads="/children/{child_id}",
    shows=CHILD_SHOWN,
    asks=(
        Ask(
            name="height_cm",
            label=Words("Chiều cao", "Height"),
            unit=Words("cm", "cm"),
            help=Words("Làm tròn đến cm; cỡ quần áo được tính từ đó.", "In whole cm."),
        ),
        Ask(name="measured_on", label=words.MEASURED_ON),
    ),
)

ENROL_CHILD = Form(
    name="enrol-child",
    path=CHILDREN + "/{child_id}/lop",
    title=words.ENROL,
    button=Words("Ghi lớp", "Record"),
    command=Command(service="registry", method="POST", path="/children/{child_id}/enrolments"),
    leads_to=CHILDREN + "/{child_id}",
    who=OFFICER,
    reads="/children/{child_id}",
    shows=CHILD_SHOWN,
    asks=(
        Ask(name="school_year", label=words.SCHOOL_YEAR, options=own.school_years),
        Ask(name="grade", label=words.GRADE, help=Words("Từ 1 đến 12.", "From 1 to 12.")),
    ),
)

ASSESS_CIRCUMSTANCE = Form(
    name="assess-circumstance",
    path=CHILDREN + "/{child_id}/hoan-canh",
    title=words.ASSESS,
    button=Words("Ghi hoàn cảnh", "Record"),
    command=Command(service="registry", method="POST", path="/children/{child_id}/circumstances"),
    leads_to=CHILDREN + "/{child_id}",
    who=ASSESSES,
    reads="/children/{child_id}",
    shows=CHILD_SHOWN,
    intro=Words(
        "Chỉ cán bộ của xã xem được. Nhóm nhạy cảm chỉ cán bộ bảo vệ trẻ em xem được.",
        "Seen by the commune's officers alone; some groups by child-protection officers alone.",
    ),
    asks=(
        Ask(name="kind", label=Words("Diện", "Kind")),
        Ask(
            name="code",
            label=Words("Nhóm hoặc nguy cơ", "Group or reason"),
            options=own.circumstances,
        ),
    ),
)

REGISTER_GROUP = Form(
    name="register-group",
    path=UNIT + "/nhom/moi",
    title=words.REGISTER_GROUP,
    button=Words("Ghi nhóm", "Register"),
    command=Command(service="registry", method="PUT", path="/groups/{group_id}"),
    leads_to=GROUPS,
    who=OFFICER,
    fresh=("group_id",),
    carries=("unit_id",),
    asks=(
        Ask(
            name="description",
            label=Words("Nhóm nào", "Which group"),
            help=Words(
                "Ví dụ: Lớp 3A, Trường Tiểu học. Được niêm phong.", "Such as a class; sealed."
            ),
        ),
        Ask(
            name="children",
            label=words.HOW_MANY,
            help=Words("Từ năm trẻ em trở lên.", "Five or more."),
        ),
        TERRITORY,
    ),
)

COUNT_GROUP = Form(
    name="count-group",
    path=GROUPS + "/{group_id}/dem-lai",
    title=words.COUNT_GROUP,
    button=Words("Ghi số mới", "Record"),
    command=Command(service="registry", method="POST", path="/groups/{group_id}/counts"),
    leads_to=GROUPS,
    who=OFFICER,
    reads="/groups/{group_id}",
    shows=(
        Column(name="description", label=words.GROUPS),
        Column(name="children", label=words.HOW_MANY, kind="number"),
    ),
    asks=(Ask(name="children", label=words.HOW_MANY), WHEN),
)

NEED_ASKS = (
    Ask(name="programme_id", label=words.PROGRAMME, options=choices.programmes_running),
    Ask(name="category", label=words.CATEGORY, options=choices.kinds_of_support),
    Ask(name="quantity", label=words.QUANTITY),
    Ask(name="measure", label=words.MEASURE_UNIT, options=choices.measures_of_packs),
    Ask(name="needed_by", label=words.NEEDED_BY),
    Ask(name="detail", label=words.DETAIL, help=words.SEALED),
    WHEN,
)
RECORDS_NEED = Command(service="registry", method="PUT", path="/needs/{need_id}")

RECORD_NEED = Form(
    name="record-need",
    path=CHILDREN + "/{child_id}/nhu-cau/moi",
    title=words.RECORD_NEED,
    button=Words("Ghi nhu cầu", "Record"),
    command=RECORDS_NEED,
    leads_to=CHILDREN + "/{child_id}",
    who=OFFICER,
    fresh=("need_id",),
    carries=("child_id",),
    reads="/children/{child_id}",
    shows=CHILD_SHOWN,
    asks=NEED_ASKS,
    adapted=choices.with_specification,
)

RECORD_GROUP_NEED = Form(
    name="record-group-need",
    path=GROUPS + "/{group_id}/nhu-cau/moi",
    title=words.RECORD_NEED,
    button=Words("Ghi nhu cầu", "Record"),
    command=RECORDS_NEED,
    leads_to=NEEDS,
    back=GROUPS,
    who=OFFICER,
    fresh=("need_id",),
    carries=("group_id",),
    reads="/groups/{group_id}",
    shows=COUNT_GROUP.shows,
    asks=NEED_ASKS,
    adapted=choices.with_specification,
)

RECORD_UNIT_NEED = Form(
    name="record-unit-need",
    path=UNIT + "/nhu-cau/moi",
    title=words.RECORD_UNIT_NEED,
    button=Words("Ghi nhu cầu", "Record"),
    command=RECORDS_NEED,
    leads_to=NEEDS,
    who=OFFICER,
    fresh=("need_id",),
    carries=("unit_id",),
    asks=NEED_ASKS,
    adapted=choices.with_specification,
)

VERIFY_NEED = Form(
    name="verify-need",
    path=NEEDS + "/{need_id}/xac-minh",
    title=words.VERIFY,
    button=Words("Xác minh", "Verify"),
    command=Command(service="registry", method="POST", path="/needs/{need_id}/verification"),
    leads_to=NEEDS,
    who=VERIFIER,
    reads="/needs/{need_id}",
    beside=BESIDE_NEED,
    shows=NEED_SHOWN,
    asks=(WHEN,),
)

RETURN_NEED = Form(
    name="return-need",
    path=NEEDS + "/{need_id}/tra-lai",
    title=words.RETURN,
    button=Words("Trả lại", "Return"),
    command=Command(service="registry", method="POST", path="/needs/{need_id}/return"),
    leads_to=NEEDS,
    who=VERIFIER,
    reads="/needs/{need_id}",
    beside=BESIDE_NEED,
    shows=NEED_SHOWN,
    asks=(Ask(name="reason", label=Words("Cần bổ sung điều gì", "What is missing")),),
)

RECONFIRM_NEED = Form(
    name="reconfirm-need",
    path=NEEDS + "/{need_id}/xac-nhan-lai",
    title=words.RECONFIRM,
    button=Words("Vẫn cần", "Still needed"),
    command=Command(service="registry", method="POST", path="/needs/{need_id}/reconfirmation"),
    leads_to=NEEDS,
    who=BOTH,
    reads="/needs/{need_id}",
    beside=BESIDE_NEED,
    shows=NEED_SHOWN,
    asks=(WHEN,),
)

WITHDRAW_NEED = Form(
    name="withdraw-need",
    path=NEEDS + "/{need_id}/rut",
    title=words.WITHDRAW,
    button=Words("Rút nhu cầu", "Withdraw"),
    command=Command(service="registry", method="POST", path="/needs/{need_id}/withdrawal"),
    leads_to=NEEDS,
    who=BOTH,
    reads="/needs/{need_id}",
    beside=BESIDE_NEED,
    shows=NEED_SHOWN,
    asks=(Ask(name="reason", label=words.REASON, help=words.SEALED),),
)

DECLARE_OWN_FIGURE = Form(
    name="declare-own-figure",
    path=UNIT + "/so-lieu",
    title=words.DECLARE,
    button=Words("Khai số liệu", "Declare"),
    command=Command(service="registry", method="POST", path="/units/{unit_id}/figures"),
    leads_to=HOUSEHOLDS,
    who=OFFICER,
    reads="/units/{unit_id}",
    shows=(
        Column(name="name", label=words.UNIT),
        Column(name="children", label=Words("Đã khai", "Declared"), kind="number"),
    ),
    asks=(
        Ask(name="as_of", label=Words("Tính đến ngày", "As of")),
        Ask(
            name="children",
            label=words.HOW_MANY,
            help=Words("Tất cả trẻ em dưới 16 tuổi sống ở đó.", "All under 16 who live there."),
        ),
        Ask(name="source", label=Words("Nguồn", "Source")),
    ),
)

WHY = (
    Ask(name="reason", label=words.WHY_WRONG),
    Ask(name="note", label=words.NOTE, help=words.SEALED),
)
FACT = CHILDREN + "/{child_id}/{version}"
OF_A_CHILD: dict[str, Any] = {
    "leads_to": CHILDREN + "/{child_id}",
    "reads": "/children/{child_id}",
    "shows": CHILD_SHOWN,
    "intro": words.WHAT_FOLLOWS,
}

CORRECT_CHILD = Form(
    name="correct-child",
    path=CHILDREN + "/{child_id}/dinh-chinh",
    title=words.CORRECT_CHILD,
    button=words.CORRECT_FACT,
    command=Command(service="registry", method="POST", path="/children/{child_id}/correction"),
    who=OFFICER,
    **OF_A_CHILD,
    asks=(
        Ask(name="name", label=words.NAME, help=words.AS_IT_IS),
        Ask(name="birth_date", label=words.BIRTH_DATE, help=words.AS_IT_IS),
        Ask(name="birth_precision", label=words.PRECISION, help=words.ANY_DAY),
        Ask(name="gender", label=words.GENDER, help=words.AS_IT_IS),
        Ask(name="guardian", label=words.GUARDIAN, help=words.AS_IT_IS),
        Ask(name="ethnicity", label=words.ETHNICITY, help=words.AS_IT_IS),
        Ask(
            name="household_id",
            label=words.HOUSEHOLD,
            help=Words(
                "Chỉ khi ghi nhầm hộ ngay từ đầu; chuyển hộ là việc khác.",
                "Only if it was the wrong one from the beginning.",
            ),
            options=own.households_of_the_commune,
        ),
        *WHY,
    ),
)

CORRECT_MEASURE = Form(
    name="correct-measure",
    path=FACT + "/so-do/dinh-chinh",
    title=words.CORRECT_FACT,
    button=words.CORRECT_FACT,
    command=Command(
        service="registry", method="POST", path="/children/{child_id}/measures/{version}/correction"
    ),
    who=OFFICER,
    **OF_A_CHILD,
    asks=(*MEASURE_CHILD.asks, *WHY),
)

CORRECT_ENROLMENT = Form(
    name="correct-enrolment",
    path=FACT + "/lop/dinh-chinh",
    title=words.CORRECT_FACT,
    button=words.CORRECT_FACT,
    command=Command(
        service="registry",
        method="POST",
        path="/children/{child_id}/enrolments/{version}/correction",
    ),
    who=OFFICER,
    **OF_A_CHILD,
    asks=(
        Ask(name="school_year", label=words.SCHOOL_YEAR, help=Words("2024-2025", "2024-2025")),
        Ask(name="grade", label=words.GRADE, help=Words("Từ 1 đến 12.", "From 1 to 12.")),
        *WHY,
    ),
)

CORRECT_CIRCUMSTANCE = Form(
    name="correct-circumstance",
    path=FACT + "/hoan-canh/dinh-chinh",
    title=words.CORRECT_FACT,
    button=words.CORRECT_FACT,
    command=Command(
        service="registry",
        method="POST",
        path="/children/{child_id}/circumstances/{version}/correction",
    ),
    who=ASSESSES,
    **OF_A_CHILD,
    asks=(*ASSESS_CIRCUMSTANCE.asks, Ask(name="assessed_on", label=words.SINCE), *WHY),
)

RETRACT_FACT = Form(
    name="retract-fact",
    path=FACT + "/bo",
    title=words.RETRACT,
    button=words.RETRACT,
    command=Command(
        service="registry", method="POST", path="/children/{child_id}/facts/{version}/retraction"
    ),
    who=ASSESSES,
    **OF_A_CHILD,
    asks=WHY,
)

OF_A_HOUSEHOLD: dict[str, Any] = {
    "leads_to": HOUSEHOLDS + "/{household_id}",
    "who": OFFICER,
    "reads": "/households/{household_id}",
    "shows": HOUSEHOLD_SHOWN,
    "intro": words.WHAT_FOLLOWS,
}

CORRECT_HOUSEHOLD = Form(
    name="correct-household",
    path=HOUSEHOLDS + "/{household_id}/dinh-chinh",
    title=words.CORRECT_HOUSEHOLD,
    button=words.CORRECT_FACT,
    command=Command(
        service="registry", method="POST", path="/households/{household_id}/correction"
    ),
    **OF_A_HOUSEHOLD,
    asks=(
        Ask(name="head", label=words.HEAD, help=words.AS_IT_IS),
        Ask(name="village", label=words.VILLAGE, help=words.AS_IT_IS),
        *WHY,
    ),
)

CORRECT_STATUS = Form(
    name="correct-household-status",
    path=HOUSEHOLDS + "/{household_id}/{version}/dien-ho/dinh-chinh",
    title=words.CORRECT_FACT,
    button=words.CORRECT_FACT,
    command=Command(
        service="registry",
        method="POST",
        path="/households/{household_id}/status/{version}/correction",
    ),
    **OF_A_HOUSEHOLD,
    asks=(*RECORD_STATUS.asks, *WHY),
)

RETRACT_STATUS = Form(
    name="retract-household-status",
    path=HOUSEHOLDS + "/{household_id}/{version}/bo",
    title=words.RETRACT,
    button=words.RETRACT,
    command=Command(
        service="registry",
        method="POST",
        path="/households/{household_id}/status/{version}/retraction",
    ),
    **OF_A_HOUSEHOLD,
    asks=WHY,
)

NOTED = (Ask(name="note", label=words.NOTE, help=words.SEALED), WHEN)
LIVES_OF_CHILD: dict[str, Any] = {**OF_A_CHILD, "intro": words.NEEDS_END, "who": OFFICER}
LIVES_OF_HOUSEHOLD: dict[str, Any] = {**OF_A_HOUSEHOLD, "intro": words.NEEDS_END}

MOVE_CHILD = Form(
    name="move-child",
    path=CHILDREN + "/{child_id}/chuyen-ho",
    title=words.MOVE_CHILD,
    button=Words("Chuyển", "Move"),
    command=Command(service="registry", method="POST", path="/children/{child_id}/move"),
    **LIVES_OF_CHILD,
    asks=(
        Ask(
            name="household_id",
            label=words.HOUSEHOLD,
            help=Words(
                "Tách hộ: ghi hộ mới trước rồi chuyển từng trẻ em sang.",
                "Where a household parts, register the new one first.",
            ),
            options=own.households_of_the_commune,
        ),
        *NOTED,
    ),
)

CHILD_LEFT = Form(
    name="record-child-left",
    path=CHILDREN + "/{child_id}/roi-dia-ban",
    title=words.CHILD_LEFT,
    button=Words("Ghi", "Record"),
    command=Command(service="registry", method="POST", path="/children/{child_id}/leaving"),
    **LIVES_OF_CHILD,
    asks=(Ask(name="how", label=words.HOW, help=words.SEALED), *NOTED),
)

CHILD_RETURNED = Form(
    name="record-child-returned",
    path=CHILDREN + "/{child_id}/tro-ve",
    title=words.CHILD_RETURNED,
    button=Words("Ghi", "Record"),
    command=Command(service="registry", method="POST", path="/children/{child_id}/return"),
    **{**LIVES_OF_CHILD, "intro": None},
    asks=NOTED,
)

MOVE_HOUSEHOLD = Form(
    name="move-household",
    path=HOUSEHOLDS + "/{household_id}/chuyen-noi-o",
    title=words.MOVE_HOUSEHOLD,
    button=Words("Ghi", "Record"),
    command=Command(service="registry", method="POST", path="/households/{household_id}/move"),
    **{**LIVES_OF_HOUSEHOLD, "leads_to": HOUSEHOLDS},
    asks=(
        Ask(name="unit_id", label=words.UNIT, options=own.communes),
        Ask(name="village", label=words.VILLAGE),
        *NOTED,
    ),
)

HOUSEHOLD_LEFT = Form(
    name="record-household-left",
    path=HOUSEHOLDS + "/{household_id}/roi-dia-ban",
    title=words.HOUSEHOLD_LEFT,
    button=Words("Ghi", "Record"),
    command=Command(service="registry", method="POST", path="/households/{household_id}/leaving"),
    **LIVES_OF_HOUSEHOLD,
    asks=NOTED,
)

HOUSEHOLD_RETURNED = Form(
    name="record-household-returned",
    path=HOUSEHOLDS + "/{household_id}/tro-ve",
    title=words.HOUSEHOLD_RETURNED,
    button=Words("Ghi", "Record"),
    command=Command(service="registry", method="POST", path="/households/{household_id}/return"),
    **{**LIVES_OF_HOUSEHOLD, "intro": None},
    asks=NOTED,
)

MERGE = Form(
    name="merge-child",
    path=CHILDREN + "/{child_id}/gop/{into_child_id}",
    title=words.MERGE,
    button=words.MERGE,
    command=Command(service="registry", method="POST", path="/children/{child_id}/merging"),
    **{
        **LIVES_OF_CHILD,
        "leads_to": CHILDREN + "/{into_child_id}",
        "intro": words.RESTS,
        "carries": ("into_child_id",),
    },
    asks=NOTED,
)

TELL_APART = Form(
    name="tell-children-apart",
    path=CHILDREN + "/{child_id}/la-hai-tre/{other_child_id}",
    title=words.TELL_APART,
    button=words.TELL_APART,
    command=Command(service="registry", method="POST", path="/children/{child_id}/telling-apart"),
    **{**LIVES_OF_CHILD, "intro": None, "carries": ("other_child_id",)},
    asks=NOTED,
)

UNMERGE = Form(
    name="unmerge-child",
    path=CHILDREN + "/{child_id}/bo-gop",
    title=words.UNMERGE,
    button=words.UNMERGE,
    command=Command(service="registry", method="POST", path="/children/{child_id}/unmerging"),
    **{**LIVES_OF_CHILD, "intro": None},
    asks=NOTED,
)

FORMS = (
    MERGE,
    TELL_APART,
    UNMERGE,
    MOVE_CHILD,
    CHILD_LEFT,
    CHILD_RETURNED,
    MOVE_HOUSEHOLD,
    HOUSEHOLD_LEFT,
    HOUSEHOLD_RETURNED,
    CORRECT_CHILD,
    CORRECT_MEASURE,
    CORRECT_ENROLMENT,
    CORRECT_CIRCUMSTANCE,
    RETRACT_FACT,
    CORRECT_HOUSEHOLD,
    CORRECT_STATUS,
    RETRACT_STATUS,
    REGISTER_HOUSEHOLD,
    RECORD_STATUS,
    REGISTER_CHILD,
    MEASURE_CHILD,
    ENROL_CHILD,
    ASSESS_CIRCUMSTANCE,
    REGISTER_GROUP,
    COUNT_GROUP,
    RECORD_NEED,
    RECORD_GROUP_NEED,
    RECORD_UNIT_NEED,
    VERIFY_NEED,
    RETURN_NEED,
    RECONFIRM_NEED,
    WITHDRAW_NEED,
    DECLARE_OWN_FIGURE,
)
