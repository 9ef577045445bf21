"""What is looked up in the register, in the units of who asks."""

from contracts.languages import Words
from contracts.vocabulary import VOCABULARY
from services.portal.desks import choices
from services.portal.desks.card import Card
from services.portal.desks.column import Column
from services.portal.desks.listing import Filter, Listing, Search
from services.portal.desks.places import communes_of
from services.portal.desks.registry import forms, words
from services.portal.desks.table import Table

SEES_HOUSEHOLDS = forms.BOTH
SEES_CHILDREN = (*forms.BOTH, "child-protection-officer")
VERIFIABLE, LIVES = {"recorded"}, {"open", "reserved", "partly-met", "lapsed"}
ENDED = {"met", "withdrawn"}

OWN_COMMUNE = Filter(
    name="unit_id",
    label=words.UNIT,
    kind="choice",
    options=communes_of(*SEES_CHILDREN),
    needed=True,
)

NEED_ACTIONS = (
    forms.VERIFY_NEED.act(unless=lambda need: need["status"] not in VERIFIABLE),
    forms.RETURN_NEED.act(unless=lambda need: need["status"] not in VERIFIABLE),
    forms.RECONFIRM_NEED.act(unless=lambda need: need["status"] not in LIVES),
    forms.WITHDRAW_NEED.act(unless=lambda need: need["status"] in ENDED),
)
NEED_COLUMNS = (
    Column(name="category", label=words.CATEGORY, pack="category"),
    Column(name="specification", label=words.SPECIFICATION, kind="specification"),
    Column(name="quantity", label=words.QUANTITY, kind="number"),
    Column(name="measure", label=words.MEASURE_UNIT, pack="measure"),
    Column(name="needed_by", label=words.NEEDED_BY, kind="day"),
    Column(name="priority_band", label=words.BAND, kind="number"),
    Column(name="status", label=words.STATUS, words=VOCABULARY["need-status"]),
)

NEED = Card(
    name="need",
    path=forms.NEEDS + "/{need_id}",
    title=words.NEED,
    service="registry",
    query="/needs/{need_id}",
    beside=forms.BESIDE_NEED,
    facts=(
        *forms.NEED_SHOWN,
        Column(name="met", label=Words("Đã nhận", "Arrived"), kind="number"),
        Column(name="priority_band", label=words.BAND, kind="number"),
        Column(name="lapses_on", label=words.LAPSES_ON, kind="day"),
    ),
    who=forms.BOTH,
    back=forms.NEEDS,
    actions=NEED_ACTIONS,
)

CHILD = Card(
    name="child",
    path=forms.CHILDREN + "/{child_id}",
    title=words.CHILD,
    service="registry",
    query="/children/{child_id}",
    facts=(
        *forms.CHILD_SHOWN,
        Column(name="ethnicity", label=words.ETHNICITY),
        Column(name="unit_id", label=words.UNIT, kind="unit"),
    ),
    who=SEES_CHILDREN,
    back=forms.CHILDREN,
    tables=(
        Table(
            title=words.NEEDS,
            service="registry",
            query="/needs",
            asks={"child_id": "{child_id}"},
            columns=NEED_COLUMNS,
            actions=(NEED.opened, *NEED_ACTIONS),
            who=forms.BOTH,
        ),
    ),
    actions=(
        forms.RECORD_NEED.act(),
        forms.MEASURE_CHILD.act(),
        forms.ENROL_CHILD.act(),
        forms.ASSESS_CIRCUMSTANCE.act(),
    ),
)

HOUSEHOLDS = Listing(
    path=forms.HOUSEHOLDS,
    title=words.HOUSEHOLDS,
    service="registry",
    query="/households",
    whole=True,
    columns=(
        Column(name="head", label=words.HEAD),
        Column(name="village", label=words.VILLAGE),
        Column(name="status", label=words.HOUSEHOLD_STATUS, words=VOCABULARY["household-status"]),
    ),
    who=SEES_HOUSEHOLDS,
    empty=Words("Chưa có hộ nào. Hãy ghi hộ đầu tiên.", "No household yet: register one."),
    filters=(OWN_COMMUNE,),
    above=(
        forms.REGISTER_HOUSEHOLD.act(),
        forms.RECORD_UNIT_NEED.act(),
        forms.DECLARE_OWN_FIGURE.act(),
    ),
    actions=(forms.REGISTER_CHILD.act(), forms.RECORD_STATUS.act()),
)

CHILDREN = Listing(
    path=forms.CHILDREN,
    title=words.CHILDREN,
    service="registry",
    query="/children",
    whole=True,
    columns=(
        Column(name="name", label=words.NAME),
        Column(name="birth_date", label=words.BIRTH_DATE, kind="day"),
        Column(name="village", label=words.VILLAGE),
        Column(name="height_label", label=words.SIZE),
        Column(name="grade", label=words.GRADE, kind="number"),
    ),
    who=SEES_CHILDREN,
    empty=Words(
        "Chưa có trẻ em nào. Hãy chọn một hộ rồi ghi trẻ em vào sổ.",
        "No child yet: choose a household and register one.",
    ),
    filters=(OWN_COMMUNE,),
    search=Search(question="/children/search", name="name", label=Words("Tên có chữ", "Name has")),
    actions=(CHILD.opened, forms.RECORD_NEED.act(), forms.MEASURE_CHILD.act()),
)

GROUPS = Listing(
    path=forms.GROUPS,
    title=words.GROUPS,
    service="registry",
    query="/groups",
    columns=(
        Column(name="unit_id", label=words.UNIT, kind="unit"),
        Column(name="children", label=words.HOW_MANY, kind="number"),
    ),
    who=forms.BOTH,
    empty=Words("Chưa có nhóm nào.", "No group yet."),
    filters=(OWN_COMMUNE,),
    above=(forms.REGISTER_GROUP.act(),),
    actions=(forms.RECORD_GROUP_NEED.act(), forms.COUNT_GROUP.act()),
)

NEEDS = Listing(
    path=forms.NEEDS,
    title=words.NEEDS,
    service="registry",
    query="/needs",
    columns=(Column(name="child_id", label=words.NAME, kind="child"), *NEED_COLUMNS),
    who=forms.BOTH,
    empty=Words(
        "Chưa có nhu cầu nào. Hãy chọn một trẻ em rồi ghi nhu cầu.",
        "No need yet: choose a child and record one.",
    ),
    filters=(
        Filter(
            name="unit_id",
            label=words.UNIT,
            kind="choice",
            options=communes_of(*forms.BOTH),
        ),
        Filter(
            name="category", label=words.CATEGORY, kind="choice", options=choices.kinds_of_gifts
        ),
        Filter(
            name="status",
            label=words.STATUS,
            kind="choice",
            options=choices.of_vocabulary("need-status"),
        ),
    ),
    actions=(NEED.opened, *NEED_ACTIONS),
)

LAPSING = Listing(
    path="/so-dang-ky/can-xac-nhan-lai",
    title=words.LAPSING,
    service="registry",
    query="/needs/to-reconfirm",
    columns=(
        Column(name="child_id", label=words.NAME, kind="child"),
        *NEED_COLUMNS,
        Column(name="lapses_on", label=words.LAPSES_ON, kind="day"),
    ),
    who=forms.BOTH,
    empty=Words("Không nhu cầu nào sắp hết hạn.", "No need is about to lapse."),
    filters=(Filter(name="by", label=Words("Hết hạn trước", "Lapsing by"), kind="day"),),
    actions=(NEED.opened, *NEED_ACTIONS),
)

LISTS = (HOUSEHOLDS, CHILDREN, GROUPS, NEEDS, LAPSING)
CARDS = (CHILD, NEED)
