"""The events that registry publishes, on `vongtay.registry.events`, keyed by stream.

Outside, a child is a pseudonymous id with the few facts that matching needs; all else is sealed.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.event import Data, event, upcast
from contracts.field_types import (
    BirthMonth,
    CategoryCode,
    DocumentNumber,
    MeasureCode,
    OfficialName,
    ProgrammeCode,
    RoleCode,
    RuleName,
    SchoolYear,
    SizeLabel,
    StandardCode,
    UnitCode,
)
from contracts.rules_in_force import RulesInForce
from contracts.sealed import Sealed

UnitKind = Literal["city", "department", "commune", "village", "school"]
PersonKind = Literal["human", "program"]
KeeperPlace = Literal["first", "second"]
Gender = Literal["female", "male"]
DisclosurePurpose = Literal["visit", "sponsorship", "signed-list", "inspection"]
DisclosureGround = Literal["guardian-consent", "guardian-and-own-consent", "law"]
ReportSource = Literal["registry", "donations", "allocation", "notifications"]
ReturnReason = Literal["figure-wrong", "figure-missing", "does-not-add-up"]
ReissueReason = Literal["returned", "late-fact", "corrected-fact", "counted-wrongly"]
ChildField = Literal["household", "name", "birth-date", "gender", "guardian", "ethnicity"]
HouseholdField = Literal["territory", "head", "village"]
RegisterCorrectionReason = Literal[
    "mistyped", "told-otherwise", "paper-says-otherwise", "of-another"
]
Specification = dict[str, str | int]
"""What the category's schema in the programme's pack asks for: its open fields, codes and numbers.
What is sealed of a specification, and every text, is in a `Sealed` field beside it."""

# --- programme, units ---


@event("programme-started", vi="Bắt đầu chương trình", en="Programme started")
class ProgrammeStarted:
    """A programme owns plans, needs, campaigns, funds and lots, which all carry its id."""

    programme_id: UUID
    code: ProgrammeCode
    name: OfficialName
    starts_on: date
    ends_on: date
    unit_ids: tuple[UUID, ...]
    happened_at: datetime


@event("unit-established", vi="Lập đơn vị", en="Unit established", version=2, programme=False)
class UnitEstablished:
    """A unit of area or organisation. `code` identifies it only together with its validity.

    `priority` is a fact of the plan, apart from the legal region class.
    """

    unit_id: UUID
    code: UnitCode
    name: OfficialName
    kind: UnitKind
    parent_id: UUID | None
    district_name: OfficialName | None
    priority: bool
    valid_from: date
    happened_at: datetime


@upcast("unit-established", from_version=1)
def unit_without_region(data: Data) -> Data:
    """Version 1 copied the plan's table: `region` "II" there meant a priority commune."""
    v2 = {key: value for key, value in data.items() if key not in ("region", "district")}
    return v2 | {"district_name": data["district"], "priority": data["region"] == "II"}


@event("unit-succeeded", vi="Sắp xếp đơn vị", en="Unit succeeded", programme=False)
class UnitSucceeded:
    """A reorganisation ended the unit. With several successors a person places each household."""

    unit_id: UUID
    successor_ids: tuple[UUID, ...]
    ended_on: date
    decision: DocumentNumber
    happened_at: datetime


@event("unit-figure-declared", vi="Khai số liệu đơn vị", en="Figure declared", programme=False)
class UnitFigureDeclared:
    """The unit's own total of children under 16: the denominator of every share."""

    unit_id: UUID
    as_of: date
    children: int
    source: OfficialName
    happened_at: datetime


# --- persons, roles ---


@event("person-registered", vi="Ghi tên người dùng", en="Person registered", programme=False)
class PersonRegistered:
    """Somebody, or a program, who may hold roles."""

    person_id: UUID
    kind: PersonKind
    name: Sealed
    happened_at: datetime


@event("role-granted", vi="Giao vai trò", en="Role granted", programme=False)
class RoleGranted:
    """The role is held in the unit and all below it; `valid_until` is the first day without it.

    `rules` say which roles exclude each other; the first keeper was appointed without any.
    """

    grant_id: UUID
    person_id: UUID
    role: RoleCode
    unit_id: UUID
    valid_from: date
    valid_until: date | None
    rules: RulesInForce | None
    granted_by: UUID
    happened_at: datetime


@event("role-revoked", vi="Thôi vai trò", en="Role revoked", programme=False)
class RoleRevoked:
    """The grant ends at `happened_at`."""

    grant_id: UUID
    person_id: UUID
    revoked_by: UUID
    happened_at: datetime


@event("role-held-in-unit", vi="Ghi vai trò ở đơn vị", en="Role held in a unit", programme=False)
class RoleHeldInUnit:
    """The unit's own note of a grant there, so that its successor takes it over."""

    unit_id: UUID
    grant_id: UUID
    person_id: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantOfPerson:
    """A grant is named by both: an id said of another person is another grant."""

    grant_id: UUID
    person_id: UUID


@event(
    "unit-roles-passed",
    vi="Chuyển các vai trò của đơn vị",
    en="Roles of a unit passed on",
    programme=False,
)
class UnitRolesPassed:
    """One unit alone took this one over, and with it the roles that are held here.

    A succession may be several such events, and a role that comes later one more.
    """

    unit_id: UUID
    successor_id: UUID
    passed_on: date
    grants: tuple[GrantOfPerson, ...]
    happened_at: datetime


@event("role-passed", vi="Chuyển vai trò", en="Role passed on", programme=False)
class RolePassed:
    """From the day `passed_on` the role is held in `unit_id`, which alone took over `from_unit_id`.

    Its days stay as they were granted.
    """

    grant_id: UUID
    person_id: UUID
    role: RoleCode
    from_unit_id: UUID
    unit_id: UUID
    valid_from: date
    valid_until: date | None
    passed_on: date
    happened_at: datetime


@event(
    "founding-keeper-appointed",
    vi="Chỉ định người quản trị ban đầu",
    en="Founding keeper appointed",
    programme=False,
)
class FoundingKeeperAppointed:
    """An operator appointed one of the two keepers with whom the organisation begins.

    Appointed again for the same place, the one before was a mistake, and had not acted.
    """

    place: KeeperPlace
    person_id: UUID
    unit_id: UUID
    grant_id: UUID
    account_id: UUID
    happened_at: datetime


# --- accounts ---


@event("account-proposed", vi="Đề nghị gắn tài khoản", en="Account proposed", programme=False)
class AccountProposed:
    """Somebody whom nobody here knows yet signed in, and says who they are.

    `account_id` is a hash of the provider's name and of what it calls them; both are in `identity`,
    sealed. `said` is what they call themselves.
    """

    account_id: UUID
    identity: Sealed
    said: Sealed
    happened_at: datetime


@event("account-refused", vi="Từ chối tài khoản", en="Account refused", programme=False)
class AccountRefused:
    """A keeper knows nobody behind the account. It may be proposed again."""

    account_id: UUID
    refused_by: UUID
    happened_at: datetime


@event(
    "account-linked", vi="Gắn tài khoản với người", en="Account linked to a person", programme=False
)
class AccountLinked:
    """From now on whoever signs in with the account is the person."""

    account_id: UUID
    person_id: UUID
    identity: Sealed
    linked_by: UUID
    happened_at: datetime


@event("account-unlinked", vi="Gỡ tài khoản", en="Account unlinked", programme=False)
class AccountUnlinked:
    """Whoever signs in with the account is nobody any more."""

    account_id: UUID
    person_id: UUID
    unlinked_by: UUID
    happened_at: datetime


@event("sign-in-given", vi="Cho đăng nhập", en="Sign-in given", programme=False)
class SignInGiven:
    """The same of the person: with which account they sign in, and who gave it."""

    person_id: UUID
    account_id: UUID
    given_by: UUID
    happened_at: datetime


@event("sign-in-taken", vi="Thôi cho đăng nhập", en="Sign-in taken", programme=False)
class SignInTaken:
    """The person has no account any more."""

    person_id: UUID
    account_id: UUID
    taken_by: UUID
    happened_at: datetime


# --- households, children ---


@event("household-registered", vi="Lập hồ sơ hộ", en="Household registered", programme=False)
class HouseholdRegistered:
    """A household of a commune. Its village (empty: not known) and head are sealed.

    `territory` seals on whose land it lives, as a unit's id: the commune itself, a former commune
    that it took over, or a village of one. That stays what it is, whatever unit comes after.
    """

    household_id: UUID
    unit_id: UUID
    territory: Sealed
    head: Sealed
    village: Sealed
    registered_by: UUID
    happened_at: datetime


@event(
    "household-status-recorded", vi="Ghi diện hộ", en="Household status recorded", programme=False
)
class HouseholdStatusRecorded:
    """The commune's decision on poverty, recorded and never computed.

    `status` is sealed: poor, near-poor, escaped-recently or none; so is what `decision` is called.
    `valid_until` is the first day without it, at the latest that without its standard.
    """

    household_id: UUID
    status: Sealed
    standard: StandardCode
    decision: Sealed
    valid_from: date
    valid_until: date
    rules: RulesInForce
    recorded_by: UUID
    happened_at: datetime


@event("household-placed", vi="Xếp hộ về đơn vị mới", en="Household placed", programme=False)
class HouseholdPlaced:
    """After a split of its commune a person decided which successor the household belongs to."""

    household_id: UUID
    from_unit_id: UUID
    unit_id: UUID
    decision: Sealed
    placed_by: UUID
    happened_at: datetime


@event("child-registered", vi="Lập hồ sơ trẻ", en="Child registered", programme=False)
class ChildRegistered:
    """A child on the register. `birth_month` is "2015-03"; the day is sealed with the names.

    It is "2015" where the month is not known. How precisely it is known is sealed with the day.
    """

    child_id: UUID
    household_id: UUID
    unit_id: UUID
    birth_month: BirthMonth
    gender: Gender
    name: Sealed
    birth_date: Sealed
    guardian: Sealed
    ethnicity: Sealed
    rules: RulesInForce
    registered_by: UUID
    happened_at: datetime


@event("child-measured", vi="Đo chiều cao", en="Child measured", programme=False)
class ChildMeasured:
    """`height_label` is the canonical clothes size ("H120"); the height in cm is sealed."""

    child_id: UUID
    height_label: SizeLabel
    height: Sealed
    measured_on: date
    rules: RulesInForce
    measured_by: UUID
    happened_at: datetime


@event("child-enrolled", vi="Ghi lớp học", en="Child enrolled", programme=False)
class ChildEnrolled:
    """The grade (1 to 12) in one school year, "2024-2025"."""

    child_id: UUID
    school_year: SchoolYear
    grade: int
    happened_at: datetime


@event(
    "circumstance-assessed", vi="Đánh giá hoàn cảnh", en="Circumstance assessed", programme=False
)
class CircumstanceAssessed:
    """`circumstance` is sealed: an art. 10 group, an at-risk reason, or none."""

    child_id: UUID
    circumstance: Sealed
    rules: RulesInForce
    assessed_by: UUID
    happened_at: datetime


# --- where a child and a household live ---
# The day in Vietnam of `happened_at` is the first on which it is so. `note` seals in words what is
# to be known of it; `lets_go` are the needs that end with it.


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedLetGo:
    """A need that nobody need answer any more; `reason` is sealed under whom it was for."""

    need_id: UUID
    reason: Sealed


@event("child-moved", vi="Trẻ chuyển sang hộ khác", en="Child moved", programme=False)
class ChildMoved:
    """The child lives in another household from that day on, as where a household parts."""

    child_id: UUID
    from_household_id: UUID
    household_id: UUID
    unit_id: UUID
    note: Sealed
    lets_go: tuple[NeedLetGo, ...]
    moved_by: UUID
    happened_at: datetime


@event("child-left", vi="Trẻ không còn ở địa bàn", en="Child left", programme=False)
class ChildLeft:
    """The child is no longer here. `how` is sealed: outside nobody learns whether it died."""

    child_id: UUID
    household_id: UUID
    how: Sealed
    note: Sealed
    lets_go: tuple[NeedLetGo, ...]
    recorded_by: UUID
    happened_at: datetime


@event("child-returned", vi="Trẻ trở về địa bàn", en="Child returned", programme=False)
class ChildReturned:
    """A child that had left lives in its household again."""

    child_id: UUID
    household_id: UUID
    note: Sealed
    recorded_by: UUID
    happened_at: datetime


@event("household-moved", vi="Hộ chuyển nơi ở", en="Household moved", programme=False)
class HouseholdMoved:
    """All of it lives elsewhere from that day on: in another commune, or another village of one."""

    household_id: UUID
    from_unit_id: UUID
    unit_id: UUID
    territory: Sealed
    village: Sealed
    note: Sealed
    lets_go: tuple[NeedLetGo, ...]
    moved_by: UUID
    happened_at: datetime


@event("household-left", vi="Hộ không còn ở địa bàn", en="Household left", programme=False)
class HouseholdLeft:
    """It lives where the register does not reach."""

    household_id: UUID
    unit_id: UUID
    note: Sealed
    lets_go: tuple[NeedLetGo, ...]
    recorded_by: UUID
    happened_at: datetime


@event("household-returned", vi="Hộ trở về địa bàn", en="Household returned", programme=False)
class HouseholdReturned:
    """A household that had left lives where it was again."""

    household_id: UUID
    unit_id: UUID
    note: Sealed
    recorded_by: UUID
    happened_at: datetime


# --- one child that was recorded twice ---


@event("child-merged", vi="Gộp hồ sơ trùng", en="Child merged", programme=False)
class ChildMerged:
    """Both records are of one child: `into_child_id` owns what comes later, this one rests.

    Nothing of either is lost: unmerged, both are what they were.
    """

    child_id: UUID
    into_child_id: UUID
    note: Sealed
    merged_by: UUID
    happened_at: datetime


@event("child-unmerged", vi="Bỏ gộp hồ sơ", en="Child unmerged", programme=False)
class ChildUnmerged:
    """They are two children after all: this one's record is its own again."""

    child_id: UUID
    from_child_id: UUID
    note: Sealed
    unmerged_by: UUID
    happened_at: datetime


@event("children-told-apart", vi="Xác nhận là hai trẻ", en="Children told apart", programme=False)
class ChildrenToldApart:
    """They look like one and are two: nobody is asked about them again."""

    child_id: UUID
    other_child_id: UUID
    note: Sealed
    told_by: UUID
    happened_at: datetime


# --- what was recorded wrongly ---
# `corrects` is the version of the event, in the same stream, that said it until then: what it said
# stays in the history, and what the correction says holds as if it had been said there. `reason` is
# a code, `note` seals in words why.


@event("child-corrected", vi="Đính chính hồ sơ trẻ", en="Child corrected", programme=False)
class ChildCorrected:
    """Something that identifies the child was recorded wrongly: the whole, as it is right.

    `corrected` names what is another now.
    """

    child_id: UUID
    corrects: int
    corrected: tuple[ChildField, ...]
    household_id: UUID
    unit_id: UUID
    birth_month: BirthMonth
    gender: Gender
    name: Sealed
    birth_date: Sealed
    guardian: Sealed
    ethnicity: Sealed
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@event("child-measure-corrected", vi="Đính chính số đo", en="Measure corrected", programme=False)
class ChildMeasureCorrected:
    """A measure was recorded wrongly: as it was really taken."""

    child_id: UUID
    corrects: int
    height_label: SizeLabel
    height: Sealed
    measured_on: date
    rules: RulesInForce
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@event("child-enrolment-corrected", vi="Đính chính lớp học", en="Grade corrected", programme=False)
class ChildEnrolmentCorrected:
    """A grade was recorded wrongly."""

    child_id: UUID
    corrects: int
    school_year: SchoolYear
    grade: int
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@event(
    "circumstance-corrected",
    vi="Đính chính hoàn cảnh",
    en="Circumstance corrected",
    programme=False,
)
class CircumstanceCorrected:
    """A circumstance was recorded wrongly; `assessed_on` is the day from which on it is so."""

    child_id: UUID
    corrects: int
    circumstance: Sealed
    assessed_on: date
    rules: RulesInForce
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@event("child-fact-retracted", vi="Bỏ điều ghi nhầm", en="Fact retracted", programme=False)
class ChildFactRetracted:
    """A measure, a grade or a circumstance that should not have been recorded at all."""

    child_id: UUID
    corrects: int
    reason: RegisterCorrectionReason
    note: Sealed
    retracted_by: UUID
    happened_at: datetime


@event("household-corrected", vi="Đính chính hồ sơ hộ", en="Household corrected", programme=False)
class HouseholdCorrected:
    """Something of the household was recorded wrongly: the whole, as it is right."""

    household_id: UUID
    corrects: int
    corrected: tuple[HouseholdField, ...]
    territory: Sealed
    head: Sealed
    village: Sealed
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@event(
    "household-status-corrected",
    vi="Đính chính diện hộ",
    en="Household status corrected",
    programme=False,
)
class HouseholdStatusCorrected:
    """A decision on the household's status was recorded wrongly: as it was really taken."""

    household_id: UUID
    corrects: int
    status: Sealed
    standard: StandardCode
    decision: Sealed
    valid_from: date
    valid_until: date
    rules: RulesInForce
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@event(
    "household-status-retracted",
    vi="Bỏ diện hộ ghi nhầm",
    en="Household status retracted",
    programme=False,
)
class HouseholdStatusRetracted:
    """A status that should not have been recorded at all: no such decision was taken."""

    household_id: UUID
    corrects: int
    reason: RegisterCorrectionReason
    note: Sealed
    retracted_by: UUID
    happened_at: datetime


# --- groups ---


@event("group-registered", vi="Lập nhóm trẻ em", en="Group registered", programme=False)
class GroupRegistered:
    """Children who are helped together and not one by one, as a class. Nobody in it is named.

    `description` seals what the group is called; `children` is its head-count, at least five.
    `territory` seals on whose land it is, as a household's does.
    """

    group_id: UUID
    unit_id: UUID
    territory: Sealed
    children: int
    description: Sealed
    registered_by: UUID
    happened_at: datetime


@event("group-counted", vi="Đếm lại nhóm trẻ em", en="Group counted anew", programme=False)
class GroupCounted:
    """The group was counted anew. Needs that were recorded before keep their count."""

    group_id: UUID
    unit_id: UUID
    children: int
    counted_by: UUID
    happened_at: datetime


# --- names disclosed ---


@event("disclosure-granted", vi="Cho phép xem tên", en="Disclosure granted", programme=False)
class DisclosureGranted:
    """A person may open the names of these children, and of no others, for one purpose.

    `paper` is the number of the consents' file or of the legal provision. `valid_until` is the
    first day without it.
    """

    grant_id: UUID
    person_id: UUID
    child_ids: tuple[UUID, ...]
    purpose: DisclosurePurpose
    ground: DisclosureGround
    paper: DocumentNumber
    valid_until: date
    granted_by: UUID
    happened_at: datetime


@event("disclosure-revoked", vi="Thu hồi phép xem tên", en="Disclosure revoked", programme=False)
class DisclosureRevoked:
    """The grant ends, as when a consent is withdrawn. What was seen before stays told."""

    grant_id: UUID
    revoked_by: UUID
    happened_at: datetime


@event("names-opened", vi="Mở xem tên", en="Names opened", programme=False)
class NamesOpened:
    """The grantee asked to see the names. Recorded before they were shown; one for each asking.

    `children` counts `child_ids`, erased ones too: the names themselves stand nowhere. `openings`
    counts how often they were opened under this grant, up to now.
    """

    grant_id: UUID
    purpose: DisclosurePurpose
    child_ids: tuple[UUID, ...]
    children: int
    openings: int
    opened_by: UUID
    happened_at: datetime


# --- needs ---


@event("need-recorded", vi="Lập nhu cầu", en="Need recorded")
class NeedRecorded:
    """Somebody says that something is needed; another person must verify it.

    `child_id` or `group_id` says by whom, neither: by the unit; `children` how many they are, 0 for
    a unit. `detail` is always there: what the need really is where `category` is a neutral code,
    and what of the specification is sealed.
    """

    need_id: UUID
    programme_id: UUID
    child_id: UUID | None
    household_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    specification: Specification
    detail: Sealed
    quantity: int
    measure: MeasureCode
    needed_by: date
    eligible_under: RuleName
    rules: RulesInForce
    recorded_by: UUID
    happened_at: datetime


@event("need-verified", vi="Xác minh nhu cầu", en="Need verified")
class NeedVerified:
    """Another person saw that the need is so."""

    need_id: UUID
    programme_id: UUID
    verified_by: UUID
    happened_at: datetime


@event("need-opened", vi="Nhu cầu chờ hỗ trợ", en="Need opened")
class NeedOpened:
    """The need waits for support. Carries all that matching and segregation of duties need.

    `priority_band` is 1 (most pressing) to 5 by `priority_rule`; the reasons are sealed. It lapses
    on the day `lapses_on`, unless it is reconfirmed. Of a group or a unit no month of birth and no
    gender is told; a unit was registered by nobody.
    """

    need_id: UUID
    programme_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    specification: Specification
    quantity: int
    measure: MeasureCode
    needed_by: date
    birth_month: BirthMonth | None
    gender: Gender | None
    eligible_under: RuleName
    priority_band: int
    priority_rule: RuleName
    priority_reasons: Sealed
    rules: RulesInForce
    lapses_on: date
    registered_by: UUID | None
    recorded_by: UUID
    verified_by: UUID
    happened_at: datetime


@event("child-share-taken", vi="Tính vào phần của trẻ em", en="Share of a child taken")
class ChildShareTaken:
    """A need that opened counts towards what one child gets of one kind in one season.

    `season` is the year in which it began, on 1 July. `quantity_taken` is what needs then have
    taken, over all programmes.
    """

    child_id: UUID
    category: CategoryCode
    season: int
    need_id: UUID
    programme_id: UUID
    quantity: int
    quantity_taken: int
    happened_at: datetime


@event("child-share-freed", vi="Trả lại phần của trẻ em", en="Share of a child freed")
class ChildShareFreed:
    """What a withdrawn need had taken, and will never get, may be asked for again."""

    child_id: UUID
    category: CategoryCode
    season: int
    need_id: UUID
    programme_id: UUID
    quantity: int
    quantity_taken: int
    happened_at: datetime


@event("need-lapsed", vi="Nhu cầu hết hạn, cần xác nhận lại", en="Need lapsed")
class NeedLapsed:
    """Nobody saw in time that it is still so: it is offered no more until it is reconfirmed.

    What is kept for it stays. `happened_at` is when its day began.
    """

    need_id: UUID
    programme_id: UUID
    unit_id: UUID
    lapsed_on: date
    happened_at: datetime


@event("need-reconfirmed", vi="Xác nhận lại nhu cầu", en="Need reconfirmed")
class NeedReconfirmed:
    """Somebody saw anew that the need is still so; if it had lapsed, it is offered again."""

    need_id: UUID
    programme_id: UUID
    unit_id: UUID
    rules: RulesInForce
    lapses_on: date
    reconfirmed_by: UUID
    happened_at: datetime


@event("need-returned", vi="Trả lại bổ sung", en="Need returned")
class NeedReturned:
    """The verifier sent the record back to be completed."""

    need_id: UUID
    programme_id: UUID
    returned_by: UUID
    reason: Sealed
    happened_at: datetime


@event("need-withdrawn", vi="Rút nhu cầu", en="Need withdrawn")
class NeedWithdrawn:
    """Nobody need answer it any more."""

    need_id: UUID
    programme_id: UUID
    withdrawn_by: UUID
    reason: Sealed
    happened_at: datetime


@event("need-reserved", vi="Nhu cầu đã có nguồn", en="Need reserved")
class NeedReserved:
    """An approved allocation line has kept `quantity` for it.

    Like all that follows of support it says what then is kept for the need, and what has come.
    """

    need_id: UUID
    programme_id: UUID
    line_id: UUID
    quantity: int
    quantity_reserved: int
    quantity_met: int
    happened_at: datetime


@event("need-released", vi="Nhu cầu mất nguồn", en="Need released")
class NeedReleased:
    """What a line had kept for the need is free again."""

    need_id: UUID
    programme_id: UUID
    line_id: UUID
    quantity: int
    quantity_reserved: int
    quantity_met: int
    happened_at: datetime


@event("need-partly-met", vi="Hỗ trợ một phần", en="Need partly met")
class NeedPartlyMet:
    """Support arrived, and not yet all that was asked for."""

    need_id: UUID
    programme_id: UUID
    line_id: UUID
    quantity: int
    quantity_reserved: int
    quantity_met: int
    happened_at: datetime


@event("need-met", vi="Đã hỗ trợ đủ", en="Need met")
class NeedMet:
    """Support arrived, and all that was asked for is there (or more)."""

    need_id: UUID
    programme_id: UUID
    line_id: UUID
    quantity: int
    quantity_reserved: int
    quantity_met: int
    happened_at: datetime


# --- reports ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a report. `child-time` (lượt) counts a child again each time."""

    name: OfficialName
    measure: MeasureCode
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChanged:
    """What a figure was in the issue before and is in this one; null: it is not in that issue."""

    name: OfficialName
    measure: MeasureCode
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUpTo:
    """The figures count what this service had recorded up to the position, and no more."""

    service: ReportSource
    position: int


@event("report-drafted", vi="Lập báo cáo", en="Report drafted")
class ReportDrafted:
    """The first issue of a report, not yet signed. Drafted again, it takes a signature away.

    `form` names the duty, as "Báo cáo 6 tháng, biểu 01". Both days of the period belong to it.
    """

    report_id: UUID
    programme_id: UUID
    form: OfficialName
    unit_id: UUID
    period_from: date
    period_to: date
    due_on: date
    issue: int
    figures: tuple[Figure, ...]
    taken_up_to: tuple[TakenUpTo, ...]
    drafted_by: UUID
    happened_at: datetime


@event("report-signed", vi="Ký báo cáo", en="Report signed")
class ReportSigned:
    """Somebody who drafted no issue of it stands for the issue."""

    report_id: UUID
    programme_id: UUID
    unit_id: UUID
    issue: int
    signed_by: UUID
    happened_at: datetime


@event("report-sent", vi="Gửi báo cáo", en="Report sent")
class ReportSent:
    """The signed issue went to `addressee_id`, a unit. It is never changed any more."""

    report_id: UUID
    programme_id: UUID
    unit_id: UUID
    issue: int
    addressee_id: UUID
    sent_by: UUID
    happened_at: datetime


@event("report-returned", vi="Trả lại báo cáo", en="Report returned")
class ReportReturned:
    """The addressee sent the issue back, with the reason."""

    report_id: UUID
    programme_id: UUID
    unit_id: UUID
    issue: int
    reason: ReturnReason
    returned_by: UUID
    happened_at: datetime


@event("report-accepted", vi="Nhận báo cáo", en="Report accepted")
class ReportAccepted:
    """The addressee took the issue as it is."""

    report_id: UUID
    programme_id: UUID
    unit_id: UUID
    issue: int
    accepted_by: UUID
    happened_at: datetime


@event("report-reissued", vi="Phát hành lại báo cáo", en="Report re-issued")
class ReportReissued:
    """Figures of a report that had been sent are others now: the next issue, not yet signed.

    `changes` lists each figure that is not what it was in the issue sent last, and no other.
    Re-issued again before it is sent, it keeps its number and takes a signature away.
    """

    report_id: UUID
    programme_id: UUID
    form: OfficialName
    unit_id: UUID
    period_from: date
    period_to: date
    due_on: date
    issue: int
    figures: tuple[Figure, ...]
    changes: tuple[FigureChanged, ...]
    taken_up_to: tuple[TakenUpTo, ...]
    reason: ReissueReason
    reissued_by: UUID
    happened_at: datetime
