"""What a keeper of the organisation writes down."""

from contracts.languages import Words
from services.portal.desks.column import Column
from services.portal.desks.form import Ask, Command, Form
from services.portal.desks.keeper import choices, words

UNIT_SHOWN = (
    Column(name="name", label=words.NAME),
    Column(name="code", label=Words("Mã", "Code"), kind="code"),
    Column(name="valid_from", label=words.SINCE, kind="day"),
)

ESTABLISH_UNIT = Form(
    name="establish-unit",
    path="/to-chuc/don-vi/moi",
    title=words.ADD_UNIT,
    button=words.ADD_UNIT,
    command=Command(service="registry", method="PUT", path="/units/{unit_id}"),
    leads_to="/to-chuc/don-vi",
    who=words.WHO,
    fresh=("unit_id",),
    asks=(
        Ask(
            name="code",
            label=Words("Mã đơn vị", "Unit code"),
            help=Words("Theo danh mục hành chính, ví dụ 09703.", "Of the official list: 09703."),
        ),
        Ask(name="name", label=words.NAME),
        Ask(name="kind", label=words.KIND),
        Ask(name="parent_id", label=Words("Thuộc", "Within"), options=choices.units),
        Ask(
            name="district_name",
            label=Words("Huyện cũ", "Former district"),
            help=Words("Tên huyện trước năm 2025, nếu có.", "Its name before 2025, if any."),
        ),
        Ask(name="priority", label=Words("Xã ưu tiên của kế hoạch", "A priority commune")),
        Ask(name="valid_from", label=Words("Có hiệu lực từ", "In force from")),
    ),
)

DECLARE_FIGURE = Form(
    name="declare-figure",
    path="/to-chuc/don-vi/{unit_id}/so-lieu",
    title=words.FIGURE,
    button=Words("Khai số liệu", "Declare"),
    command=Command(service="registry", method="POST", path="/units/{unit_id}/figures"),
    leads_to="/to-chuc/don-vi",
    who=words.WHO,
    reads="/units/{unit_id}",
    shows=UNIT_SHOWN,
    asks=(
        Ask(name="as_of", label=Words("Tính đến ngày", "As of")),
        Ask(
            name="children",
            label=Words("Số trẻ em", "Children"),
            help=Words("Tất cả trẻ em dưới 16 tuổi sống ở đó.", "All under 16 who live there."),
            unit=Words("trẻ em", "children"),
        ),
        Ask(name="source", label=Words("Nguồn", "Source")),
    ),
)

SUCCEED_UNIT = Form(
    name="succeed-unit",
    path="/to-chuc/don-vi/{unit_id}/sap-xep",
    title=words.SUCCEED,
    button=Words("Ghi việc sắp xếp", "Record it"),
    command=Command(service="registry", method="POST", path="/units/{unit_id}/succession"),
    leads_to="/to-chuc/don-vi",
    who=words.WHO,
    reads="/units/{unit_id}",
    shows=UNIT_SHOWN,
    asks=(
        Ask(
            name="successor_ids",
            label=Words("Đơn vị thay thế", "Succeeded by"),
            options=choices.units,
        ),
        Ask(
            name="ended_on",
            label=Words("Thôi hoạt động từ ngày", "No more from"),
            help=Words("Ngày đầu tiên không còn đơn vị này.", "The first day without this unit."),
        ),
        Ask(
            name="decision",
            label=Words("Số quyết định", "Number of the decision"),
            help=Words("Ví dụ 1656/NQ-UBTVQH15.", "Such as 1656/NQ-UBTVQH15."),
        ),
    ),
)

REGISTER_PERSON = Form(
    name="register-person",
    path="/to-chuc/nguoi/moi",
    title=words.ADD_PERSON,
    button=words.ADD_PERSON,
    command=Command(service="registry", method="PUT", path="/persons/{person_id}"),
    leads_to="/to-chuc/nguoi",
    who=words.WHO,
    fresh=("person_id",),
    asks=(
        Ask(name="name", label=Words("Họ và tên", "Full name")),
        Ask(name="kind", label=words.KIND),
    ),
)

GRANT_ROLE = Form(
    name="grant-role",
    path="/to-chuc/nguoi/{person_id}/giao-vai-tro",
    title=words.GRANT,
    button=words.GRANT,
    command=Command(service="registry", method="PUT", path="/persons/{person_id}/roles/{grant_id}"),
    leads_to="/to-chuc/vai-tro",
    who=words.WHO,
    fresh=("grant_id",),
    reads="/persons/{person_id}",
    shows=(Column(name="name", label=words.NAME),),
    asks=(
        Ask(name="role", label=words.ROLE, options=choices.roles),
        Ask(
            name="unit_id",
            label=words.UNIT,
            options=choices.units,
            help=Words("Vai trò có ở đó và mọi đơn vị bên dưới.", "There, and in all below."),
        ),
        Ask(name="valid_from", label=words.SINCE),
        Ask(name="valid_until", label=words.UNTIL),
    ),
    next_steps={
        "own-roles": Words(
            "Hãy nhờ một người quản trị khác của tổ chức.", "Ask another keeper to do it."
        ),
        "roles-exclude-each-other": Words(
            "Chọn vai trò khác, hoặc thôi vai trò đang giữ trước.",
            "Choose another role, or take away the one that is held first.",
        ),
    },
)

REVOKE_ROLE = Form(
    name="revoke-role",
    path="/to-chuc/nguoi/{person_id}/vai-tro/{grant_id}/thoi",
    title=words.REVOKE,
    button=words.REVOKE,
    command=Command(
        service="registry", method="POST", path="/persons/{person_id}/roles/{grant_id}/revocation"
    ),
    leads_to="/to-chuc/vai-tro",
    who=words.WHO,
    reads="/persons/{person_id}",
    shows=(Column(name="name", label=words.NAME),),
    intro=Words(
        "Người này thôi vai trò ngay. Những việc đã làm vẫn còn nguyên.",
        "The role ends at once. What was done with it stays as it is.",
    ),
    next_steps={"own-roles": GRANT_ROLE.next_steps["own-roles"]},
)

LINK_ACCOUNT = Form(
    name="link-account",
    path="/to-chuc/tai-khoan/{account_id}/xac-nhan",
    title=words.LINK,
    button=Words("Xác nhận", "Confirm"),
    command=Command(service="registry", method="POST", path="/accounts/{account_id}/acceptance"),
    leads_to="/to-chuc/tai-khoan",
    who=words.WHO,
    asks=(Ask(name="person_id", label=Words("Của", "Of"), options=choices.persons),),
    intro=Words(
        "Chỉ xác nhận khi bạn biết người đang đăng nhập là ai, ví dụ đã hỏi trực tiếp.",
        "Confirm only when you know who signs in with it, as from asking them in person.",
    ),
)

REFUSE_ACCOUNT = Form(
    name="refuse-account",
    path="/to-chuc/tai-khoan/{account_id}/tu-choi",
    title=words.REFUSE,
    button=words.REFUSE,
    command=Command(service="registry", method="POST", path="/accounts/{account_id}/refusal"),
    leads_to="/to-chuc/tai-khoan",
    who=words.WHO,
)

UNLINK_ACCOUNT = Form(
    name="unlink-account",
    path="/to-chuc/tai-khoan/{account_id}/go",
    title=words.UNLINK,
    button=words.UNLINK,
    command=Command(service="registry", method="POST", path="/accounts/{account_id}/unlinking"),
    leads_to="/to-chuc/tai-khoan",
    who=words.WHO,
)

FORMS = (
    LINK_ACCOUNT,
    REFUSE_ACCOUNT,
    UNLINK_ACCOUNT,
    ESTABLISH_UNIT,
    DECLARE_FIGURE,
    SUCCEED_UNIT,
    REGISTER_PERSON,
    GRANT_ROLE,
    REVOKE_ROLE,
)
