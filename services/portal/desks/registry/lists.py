"""What is looked up in the register, in the units of who asks."""

from contracts.languages import Words
from contracts.vocabulary import VOCABULARY
from programmes import packs
from services.portal.desks import choices
from services.portal.desks.action import Action, Item
from services.portal.desks.card import Card
from services.portal.desks.column import Column
from services.portal.desks.form import Form
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

CIRCUMSTANCES_CALLED = {
    each.code: Words(each.vi, each.en)
    for rules in packs.installed().of_the_register.versions
    for each in (*rules.groups, *rules.at_risk)
}
MEASURES = {"child-measured", "child-measure-corrected"}
GRADES = {"child-enrolled", "child-enrolment-corrected"}
CIRCUMSTANCES = {"circumstance-assessed", "circumstance-corrected"}
LIVED = {"child-moved", "child-left", "child-returned"}
STATUSES = {"household-status-recorded", "household-status-corrected"}


def _standing(form: Form, facts: set[str]) -> Action:
    """The link to the form that corrects a fact of these kinds, while it stands."""
    return form.act(unless=lambda fact: not fact["stands"] or fact["fact"] not in facts)


def _has_left(item: Item) -> bool:
    return item["left_on"] is not None


SAYS = Column(
    name="says",
    label=words.SAID,
    parts=(
        Column(name="name", label=words.NAME),
        Column(name="birth_date", label=words.BIRTH_DATE, kind="day"),
        Column(name="birth_precision", label=words.PRECISION, words=VOCABULARY["birth-precision"]),
        Column(name="gender", label=words.GENDER, words=VOCABULARY["gender"]),
        Column(name="guardian", label=words.GUARDIAN),
        Column(name="ethnicity", label=words.ETHNICITY),
        Column(name="height_cm", label=words.HEIGHT, kind="number"),
        Column(name="height_label", label=words.SIZE),
        Column(name="measured_on", label=words.MEASURED_ON, kind="day"),
        Column(name="school_year", label=words.SCHOOL_YEAR),
        Column(name="grade", label=words.GRADE, kind="number"),
        Column(name="circumstance", label=words.CIRCUMSTANCE, words=VOCABULARY["circumstance"]),
        Column(name="code", label=words.GROUP_OR_REASON, words=CIRCUMSTANCES_CALLED),
        Column(name="head", label=words.HEAD),
        Column(name="village", label=words.VILLAGE),
        Column(
            name="household_status",
            label=words.HOUSEHOLD_STATUS,
            words=VOCABULARY["household-status"],
        ),
        Column(name="merged_into", label=words.MERGED_INTO, kind="short"),
        Column(name="how", label=words.HOW, words=VOCABULARY["leaving"]),
        Column(name="standard", label=words.STANDARD),
        Column(name="decision", label=words.DECISION),
        Column(name="since", label=words.SINCE, kind="day"),
        Column(name="valid_until", label=words.UNTIL, kind="day"),
    ),
)
HISTORY_COLUMNS = (
    Column(name="version", label=Words("Số", "No"), kind="number"),
    Column(name="fact", label=words.WHAT, pack="event"),
    SAYS,
    Column(name="happened_at", label=words.HAPPENED, kind="moment"),
    Column(name="recorded_at", label=words.RECORDED, kind="moment"),
    Column(name="by", label=Words("Người ghi", "By"), kind="short"),
    Column(name="corrects", label=Words("Đính chính số", "Corrects No"), kind="number"),
    Column(
        name="reason",
        label=words.WHY_WRONG,
        words=VOCABULARY["register-correction-reason"],
    ),
    Column(name="note", label=words.NOTE),
    Column(name="stands", label=words.STANDS),
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
        Column(name="merged_into", label=words.MERGED_INTO, kind="short"),
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
        Table(
            title=words.MERGED,
            service="registry",
            query="/children/{child_id}/merged",
            columns=(
                Column(name="name", label=words.NAME),
                Column(name="birth_date", label=words.BIRTH_DATE, kind="day"),
                Column(name="guardian", label=words.GUARDIAN),
            ),
            whole=True,
            actions=(forms.UNMERGE.act(),),
            who=forms.BOTH,
        ),
        Table(
            title=words.HISTORY,
            service="registry",
            query="/children/{child_id}/history",
            columns=HISTORY_COLUMNS,
            whole=True,
            actions=(
                _standing(forms.CORRECT_MEASURE, MEASURES),
                _standing(forms.CORRECT_ENROLMENT, GRADES),
                _standing(forms.CORRECT_CIRCUMSTANCE, CIRCUMSTANCES),
                _standing(forms.RETRACT_FACT, MEASURES | GRADES | CIRCUMSTANCES | LIVED),
            ),
        ),
    ),
    actions=(
        forms.RECORD_NEED.act(),
        forms.MEASURE_CHILD.act(),
        forms.ENROL_CHILD.act(),
        forms.ASSESS_CIRCUMSTANCE.act(),
        forms.CORRECT_CHILD.act(),
        forms.MOVE_CHILD.act(unless=_has_left),
        forms.CHILD_LEFT.act(unless=_has_left),
        forms.CHILD_RETURNED.act(unless=lambda child: not _has_left(child)),
        forms.UNMERGE.act(unless=lambda child: child["merged_into"] is None),
    ),
)

HOUSEHOLD = Card(
    name="household",
    path=forms.HOUSEHOLDS + "/{household_id}",
    title=words.HOUSEHOLD,
    service="registry",
    query="/households/{household_id}",
    facts=forms.HOUSEHOLD_SHOWN,
    who=SEES_HOUSEHOLDS,
    back=forms.HOUSEHOLDS,
    tables=(
        Table(
            title=words.HISTORY,
            service="registry",
            query="/households/{household_id}/history",
            columns=HISTORY_COLUMNS,
            whole=True,
            actions=(
                _standing(forms.CORRECT_STATUS, STATUSES),
                _standing(forms.RETRACT_STATUS, STATUSES),
            ),
        ),
    ),
    actions=(
        forms.REGISTER_CHILD.act(),
        forms.RECORD_STATUS.act(),
        forms.CORRECT_HOUSEHOLD.act(),
        forms.MOVE_HOUSEHOLD.act(unless=_has_left),
        forms.HOUSEHOLD_LEFT.act(unless=_has_left),
        forms.HOUSEHOLD_RETURNED.act(unless=lambda home: not _has_left(home)),
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
    actions=(HOUSEHOLD.opened, forms.REGISTER_CHILD.act(), forms.RECORD_STATUS.act()),
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

TO_LOOK_AT = Listing(
    path="/so-dang-ky/can-xem-lai",
    title=words.TO_LOOK_AT,
    service="registry",
    query="/needs/to-look-at",
    columns=(
        Column(name="child_id", label=words.NAME, kind="child"),
        *NEED_COLUMNS,
    ),
    who=forms.BOTH,
    empty=Words(
        "Không nhu cầu nào dựa trên điều đã đính chính.", "No need rests on what was corrected."
    ),
    actions=(NEED.opened, *NEED_ACTIONS),
)

DUPLICATES = Listing(
    path="/so-dang-ky/co-the-trung",
    title=words.DUPLICATES,
    service="registry",
    query="/children/duplicates",
    whole=True,
    columns=(
        Column(name="name", label=words.NAME),
        Column(name="village", label=words.VILLAGE),
        Column(name="guardian", label=words.GUARDIAN),
        Column(name="other_name", label=Words("Hồ sơ có trước", "The record before")),
        Column(name="other_village", label=words.VILLAGE),
        Column(name="other_guardian", label=words.GUARDIAN),
        Column(name="weight", label=Words("Điểm giống", "Weight"), kind="number"),
        Column(
            name="weights",
            label=Words("Vì sao", "Why"),
            parts=(
                Column(name="name", label=words.NAME, kind="number"),
                Column(name="birth", label=words.BIRTH_DATE, kind="number"),
                Column(name="guardian", label=words.GUARDIAN, kind="number"),
                Column(name="household", label=words.HOUSEHOLD, kind="number"),
                Column(name="gender", label=words.GENDER, kind="number"),
            ),
        ),
    ),
    who=forms.BOTH,
    empty=Words("Không có hồ sơ nào giống nhau.", "No two records are alike."),
    filters=(OWN_COMMUNE,),
    actions=(
        CHILD.opened,
        forms.MERGE.act(),
        forms.TELL_APART.act(ids={"other_child_id": "into_child_id"}),
    ),
)

UNSURE = Listing(
    path="/so-dang-ky/chua-ro-ngay-sinh",
    title=words.UNSURE,
    service="registry",
    query="/children/of-unsure-age",
    whole=True,
    columns=(
        Column(name="name", label=words.NAME),
        Column(name="birth_date", label=words.BIRTH_DATE, kind="day"),
        Column(name="birth_precision", label=words.PRECISION, words=VOCABULARY["birth-precision"]),
        Column(name="village", label=words.VILLAGE),
        Column(name="guardian", label=words.GUARDIAN),
    ),
    who=forms.BOTH,
    empty=Words("Không trẻ em nào.", "No child."),
    actions=(CHILD.opened, forms.CORRECT_CHILD.act()),
)

LISTS = (HOUSEHOLDS, CHILDREN, GROUPS, NEEDS, LAPSING, TO_LOOK_AT, UNSURE, DUPLICATES)
CARDS = (CHILD, HOUSEHOLD, NEED)
