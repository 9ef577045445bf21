"""A small commune to test with: units, persons, a household, a child, and their facts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from contracts.registry import (
    ChildEnrolled,
    ChildMeasured,
    ChildRegistered,
    CircumstanceAssessed,
    HouseholdRegistered,
    HouseholdStatusRecorded,
    ProgrammeStarted,
    UnitEstablished,
    UnitSucceeded,
)
from contracts.sealed import Sealed
from programmes import packs
from services.registry.domain.child import child
from services.registry.domain.household import household
from services.registry.domain.standing import Circumstance

CITY, COMMUNE, OTHER_COMMUNE, SUCCESSOR, OTHER_SUCCESSOR = (UUID(int=n) for n in range(1, 6))
PROGRAMME, HOUSEHOLD, CHILD, NEED, LINE, OTHER_LINE = (UUID(int=n) for n in range(11, 17))
KEEPER, OFFICER, OTHER_OFFICER, VERIFIER, COORDINATOR = (UUID(int=n) for n in range(21, 26))
PRIVACY_OFFICER, SPONSOR, AUDITOR = (UUID(int=n) for n in range(27, 30))
GRANT, OTHER_GRANT = UUID(int=31), UUID(int=32)
OTHER_CHILD = UUID(int=112)

PROGRAMME_CODE = "3874/KH-LĐTB&XH"
PACK = packs.installed().of_the_register
RULES = PACK.versions[0]

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
TUESDAY = datetime(2024, 10, 8, 2, tzinfo=UTC)
TODAY = date(2024, 10, 7)
BORN_ON = date(2015, 3, 9)


def sealed(text):
    return Sealed(UUID(int=99), text)


city = UnitEstablished(
    unit_id=CITY,
    code="01",
    name="Hà Nội",
    kind="city",
    parent_id=None,
    district_name=None,
    priority=False,
    valid_from=date(2008, 8, 1),
    happened_at=MONDAY,
)
commune = UnitEstablished(
    unit_id=COMMUNE,
    code="09703",
    name="Ba Vì",
    kind="commune",
    parent_id=CITY,
    district_name="Ba Vì",
    priority=True,
    valid_from=date(2008, 8, 1),
    happened_at=MONDAY,
)


def succeeded(*successor_ids, unit_id=COMMUNE, ended_on=date(2025, 7, 1)):
    return UnitSucceeded(
        unit_id=unit_id,
        successor_ids=successor_ids,
        ended_on=ended_on,
        decision="1656/NQ-UBTVQH15",
        happened_at=MONDAY,
    )


programme_started = ProgrammeStarted(
    programme_id=PROGRAMME,
    code=PROGRAMME_CODE,
    name="Kế hoạch 3874",
    starts_on=date(2019, 9, 1),
    ends_on=date(2025, 12, 31),
    unit_ids=(COMMUNE,),
    happened_at=MONDAY,
)
home_registered = HouseholdRegistered(
    household_id=HOUSEHOLD,
    unit_id=COMMUNE,
    territory=sealed(str(COMMUNE)),
    head=sealed("Triệu Văn Sơn"),
    village=sealed("Yên Sơn"),
    registered_by=OFFICER,
    happened_at=MONDAY,
)
near_poor = HouseholdStatusRecorded(
    household_id=HOUSEHOLD,
    status=sealed("near-poor"),
    standard="2022-2025",
    decision=sealed("12/QĐ-UBND"),
    valid_from=date(2024, 1, 1),
    valid_until=date(2025, 1, 1),
    rules=RULES.named,
    recorded_by=OFFICER,
    happened_at=MONDAY,
)
child_registered = ChildRegistered(
    child_id=CHILD,
    household_id=HOUSEHOLD,
    unit_id=COMMUNE,
    birth_month="2015-03",
    gender="female",
    name=sealed("Triệu Thị Hoà"),
    birth_date=sealed("2015-03-09"),
    guardian=sealed("Triệu Văn Sơn"),
    ethnicity=sealed("Dao"),
    rules=RULES.named,
    registered_by=OFFICER,
    happened_at=MONDAY,
)
child_measured = ChildMeasured(
    child_id=CHILD,
    height_label="H120",
    height=sealed("118"),
    measured_on=date(2024, 9, 20),
    rules=RULES.named,
    measured_by=OFFICER,
    happened_at=MONDAY,
)
child_enrolled = ChildEnrolled(child_id=CHILD, school_year="2024-2025", grade=4, happened_at=MONDAY)


def assessed(kind, code):
    return CircumstanceAssessed(
        child_id=CHILD,
        circumstance=sealed(f"{kind}:{code}"),
        rules=RULES.named,
        assessed_by=OFFICER,
        happened_at=MONDAY,
    )


def circumstance(kind, code, on=TODAY):
    return Circumstance(kind, code, on)


def home(*more, home_of_unit=COMMUNE):
    return household.fold([replace(home_registered, unit_id=home_of_unit), *more])


def pupil(*more):
    return child.fold([child_registered, *more])
