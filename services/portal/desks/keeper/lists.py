"""What a keeper of the organisation looks up."""

from contracts.languages import Words
from contracts.vocabulary import VOCABULARY
from services.portal.desks.action import Action
from services.portal.desks.column import Column
from services.portal.desks.keeper import choices, forms, words
from services.portal.desks.listing import Filter, Listing, Search

STATUSES = VOCABULARY["account-status"]

UNITS = Listing(
    path="/to-chuc/don-vi",
    title=words.UNITS,
    service="registry",
    query="/units",
    columns=(
        Column(name="name", label=words.NAME),
        Column(name="code", label=Words("Mã", "Code"), kind="code"),
        Column(name="kind", label=words.KIND, words=VOCABULARY["unit-kind"]),
        Column(name="valid_from", label=words.SINCE, kind="day"),
        Column(name="ended_on", label=words.UNTIL, kind="day"),
        Column(name="children", label=Words("Trẻ em đã khai", "Children declared"), kind="number"),
    ),
    who=words.WHO,
    empty=Words("Chưa có đơn vị nào. Hãy lập đơn vị đầu tiên.", "No unit yet: establish one."),
    above=(forms.ESTABLISH_UNIT.act(),),
    actions=(
        forms.DECLARE_FIGURE.act(),
        forms.SUCCEED_UNIT.act(unless=lambda unit: unit["ended_on"] is not None),
    ),
)

PERSONS = Listing(
    path="/to-chuc/nguoi",
    title=words.PERSONS,
    service="registry",
    query="/persons",
    columns=(
        Column(name="name", label=words.NAME),
        Column(name="kind", label=words.KIND, words=VOCABULARY["person-kind"]),
    ),
    who=words.WHO,
    empty=Words("Chưa ghi tên ai. Hãy ghi tên người đầu tiên.", "Nobody yet: register somebody."),
    search=Search(question="/persons/search", name="name", label=Words("Tên có chữ", "Name has")),
    orders=VOCABULARY["order-of-persons"],
    above=(forms.REGISTER_PERSON.act(),),
    actions=(forms.GRANT_ROLE.act(),),
)

ROLES = Listing(
    path="/to-chuc/vai-tro",
    title=words.ROLES,
    service="registry",
    query="/roles",
    columns=(
        Column(name="person", label=words.NAME),
        Column(name="role", label=words.ROLE, pack="role"),
        Column(name="unit", label=words.UNIT),
        Column(name="valid_from", label=words.SINCE, kind="day"),
        Column(name="ends_on", label=words.UNTIL, kind="day"),
    ),
    who=words.WHO,
    empty=Words(
        "Hôm nay chưa ai giữ vai trò nào. Hãy chọn một người rồi giao vai trò.",
        "Nobody holds a role today. Choose a person and give them one.",
    ),
    filters=(
        Filter(name="on", label=Words("Vào ngày", "On the day"), kind="day"),
        Filter(name="role", label=words.ROLE, kind="choice", options=choices.roles),
        Filter(name="unit_id", label=words.UNIT, kind="choice", options=choices.units),
        Filter(name="ending_by", label=Words("Hết hạn trước", "Ending by"), kind="day"),
    ),
    orders=VOCABULARY["order-of-roles"],
    above=(Action(label=words.GRANT, path="/to-chuc/nguoi"),),
    actions=(forms.REVOKE_ROLE.act(unless=lambda role: bool(role["revoked"])),),
)

ACCOUNTS = Listing(
    path="/to-chuc/tai-khoan",
    title=words.ACCOUNTS,
    service="registry",
    query="/accounts",
    columns=(
        Column(name="said", label=Words("Tự xưng là", "Says to be")),
        Column(name="status", label=Words("Trạng thái", "Status"), words=STATUSES),
        Column(name="issuer", label=Words("Nơi đăng nhập", "Signs in at")),
    ),
    who=words.WHO,
    empty=Words("Không tài khoản nào chờ xác nhận.", "No account waits to be confirmed."),
    filters=(
        Filter(
            name="status",
            label=Words("Trạng thái", "Status"),
            kind="choice",
            options=choices.account_statuses,
        ),
    ),
    actions=(
        forms.LINK_ACCOUNT.act(unless=lambda account: account["status"] != "proposed"),
        forms.REFUSE_ACCOUNT.act(unless=lambda account: account["status"] != "proposed"),
        forms.UNLINK_ACCOUNT.act(unless=lambda account: account["status"] != "linked"),
    ),
)

LISTS = (UNITS, PERSONS, ROLES, ACCOUNTS)
