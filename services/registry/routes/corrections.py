"""What was recorded wrongly, corrected by somebody of the commune; what it said stays told."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Path
from pydantic import Field, model_validator

from contracts.field_types import StandardCode
from contracts.registry import Gender, RegisterCorrectionReason
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import NUMBER_IN_ADDRESS, Dated, Day, LongText, Text
from edge.door import Accepted, CommandDoor, Door
from edge.permission import may
from edge.programmes import NoRulesInForce, register_rules
from edge.routes import Routes
from programmes.days import Birth, BirthPrecision
from services.registry.domain.child import (
    AssessedInTheFuture,
    ChildChangedMeanwhile,
    ChildIsMerged,
    ChildNotRegistered,
    CircumstanceNotKnown,
    CorrectChild,
    CorrectCircumstance,
    CorrectEnrolment,
    CorrectMeasure,
    HeightOutsideTheTable,
    HouseholdNotPoorEnough,
    MeasuredInTheFuture,
    NotYetBorn,
    RetractFact,
    SpecialExcludesAtRisk,
    child,
)
from services.registry.domain.child import Registered as Child
from services.registry.domain.child import stream as child_stream
from services.registry.domain.household import (
    CorrectHousehold,
    CorrectStatus,
    HouseholdChangedMeanwhile,
    HouseholdNotRegistered,
    HouseholdToBePlaced,
    RetractStatus,
    StandardNotInForce,
    StandardNotKnown,
    StatusEndsBeforeItBegins,
    StatusOutlivesItsStandard,
    household,
)
from services.registry.domain.household import Registered as Household
from services.registry.domain.household import stream as household_stream
from services.registry.domain.standing import (
    Circumstance,
    CircumstanceKind,
    History,
    HouseholdStatus,
)
from services.registry.domain.told import FactDoesNotStand, NothingIsCorrected
from services.registry.domain.unit import NotOfItsTerritory, UnitNotEstablished
from services.registry.opening import HOUSEHOLD, PROFILE, known, open_circumstance, open_status
from services.registry.routes.children import (
    HEIGHT_CM_MAX,
    SchoolYear,
    of_ones_unit,
)
from services.registry.routes.seeing import home_of, territory_of, unit_of

VERSIONS_MAX = 10**9

routes = Routes(tag="corrections")

Version = Annotated[int, NUMBER_IN_ADDRESS, Path(ge=1, le=VERSIONS_MAX)]
"""Of the event that says it now, as the history of the child or household shows it."""


class Correction(Dated):
    """`note` says in words why; it is sealed."""

    reason: RegisterCorrectionReason
    note: LongText


class ChildToCorrect(Correction):
    """What is left out stays as it is."""

    household_id: UUID | None = None
    name: Text | None = None
    birth_date: Day | None = None
    birth_precision: BirthPrecision | None = None
    gender: Gender | None = None
    guardian: Text | None = None
    ethnicity: Text | None = None

    @model_validator(mode="after")
    def _is_precise_about_a_day(self) -> Self:
        if self.birth_precision is not None and self.birth_date is None:
            raise ValueError("a precision is said of a birth date")
        return self


class MeasureToCorrect(Correction):
    height_cm: Annotated[int, Field(gt=0, le=HEIGHT_CM_MAX)]
    measured_on: Day


class EnrolmentToCorrect(Correction):
    school_year: SchoolYear
    grade: Annotated[int, Field(ge=1, le=12)]


class CircumstanceToCorrect(Correction):
    """`assessed_on` is the day from which on it is so."""

    kind: CircumstanceKind
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]*$", max_length=60)] = ""
    assessed_on: Day


class HouseholdToCorrect(Correction):
    """What is left out stays as it is."""

    territory_id: UUID | None = None
    head: Text | None = None
    village: Text | None = None


class StatusToCorrect(Correction):
    """Without `valid_until` it holds as long as its standard."""

    status: HouseholdStatus
    standard: StandardCode
    decision: Text
    valid_from: Day
    valid_until: Day | None = None


OF_A_CHILD = [
    ChildNotRegistered,
    HouseholdToBePlaced,
    UnitNotEstablished,
    ChildIsMerged,
    FactDoesNotStand,
]
OF_A_HOUSEHOLD = [
    HouseholdNotRegistered,
    HouseholdToBePlaced,
    UnitNotEstablished,
    FactDoesNotStand,
]
OFFICER, PROTECTS = "commune-officer", "child-protection-officer"


@routes.command(
    "POST",
    "/children/{child_id}/correction",
    judges="/children/{child_id}",
    may=may("correct-child", OFFICER),
    refuses=[
        *OF_A_CHILD,
        HouseholdNotRegistered,
        HouseholdChangedMeanwhile,
        NothingIsCorrected,
        NotYetBorn,
    ],
)
async def correct_child(child_id: UUID, body: ChildToCorrect, door: Door) -> Accepted:
    """Into another household, if it was registered in a wrong one: of one's own units too."""
    happened_at = door.happened(body.happened_at)
    on = vietnamese_day(happened_at)
    seen, _ = await of_ones_unit(child_id, door, on)
    home, unit_id = None, seen.now.unit_id
    if body.household_id is not None:
        home = await home_of(door, body.household_id)
        unit_id = (await unit_of(door, home, on)).unit_id
        await door.within(unit_id)

    async def right(field: str, said: str | None, stands: Sealed) -> Sealed:
        return stands if said is None else await door.seal(child_id, PROFILE, field, said)

    now = seen.now
    born = None
    if body.birth_date is not None:
        born = Birth.of(body.birth_date, body.birth_precision or "day")
    command = CorrectChild(
        child_id=child_id,
        corrects=seen.profile.version,
        home=home,
        unit_id=unit_id,
        born=born,
        gender=body.gender or now.gender,
        name=await right("name", body.name, now.name),
        birth_date=await right("birth_date", born.text if born else None, now.birth_date),
        guardian=await right("guardian", body.guardian, now.guardian),
        ethnicity=await right("ethnicity", body.ethnicity, now.ethnicity),
        reason=body.reason,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        corrected_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, child_stream(child_id), command)


@routes.command(
    "POST",
    "/children/{child_id}/measures/{version}/correction",
    judges="/children/{child_id}",
    may=may("correct-measure", OFFICER),
    refuses=[
        NoRulesInForce,
        *OF_A_CHILD,
        NothingIsCorrected,
        MeasuredInTheFuture,
        HeightOutsideTheTable,
    ],
)
async def correct_measure(
    child_id: UUID, version: Version, body: MeasureToCorrect, door: Door
) -> Accepted:
    happened_at = door.happened(body.happened_at)
    await of_ones_unit(child_id, door, vietnamese_day(happened_at))
    command = CorrectMeasure(
        child_id=child_id,
        corrects=version,
        height_cm=body.height_cm,
        height=await door.seal(child_id, PROFILE, "height", str(body.height_cm)),
        measured_on=body.measured_on,
        rules=register_rules(vietnamese_day(happened_at)),
        reason=body.reason,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        corrected_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, child_stream(child_id), command)


@routes.command(
    "POST",
    "/children/{child_id}/enrolments/{version}/correction",
    judges="/children/{child_id}",
    may=may("correct-enrolment", OFFICER),
    refuses=[*OF_A_CHILD, NothingIsCorrected],
)
async def correct_enrolment(
    child_id: UUID, version: Version, body: EnrolmentToCorrect, door: Door
) -> Accepted:
    happened_at = door.happened(body.happened_at)
    await of_ones_unit(child_id, door, vietnamese_day(happened_at))
    command = CorrectEnrolment(
        child_id=child_id,
        corrects=version,
        school_year=body.school_year,
        grade=body.grade,
        reason=body.reason,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        corrected_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, child_stream(child_id), command)


@routes.command(
    "POST",
    "/children/{child_id}/circumstances/{version}/correction",
    judges="/children/{child_id}",
    may=may("correct-circumstance", OFFICER, PROTECTS),
    refuses=[
        NoRulesInForce,
        *OF_A_CHILD,
        ChildChangedMeanwhile,
        HouseholdChangedMeanwhile,
        NothingIsCorrected,
        AssessedInTheFuture,
        CircumstanceNotKnown,
        SpecialExcludesAtRisk,
        HouseholdNotPoorEnough,
    ],
)
async def correct_circumstance(
    child_id: UUID, version: Version, body: CircumstanceToCorrect, door: Door
) -> Accepted:
    happened_at = door.happened(body.happened_at)
    on = vietnamese_day(happened_at)
    seen, home = await of_ones_unit(child_id, door, on)
    assessed = Circumstance(body.kind, body.code, body.assessed_on)
    told, then = await _histories(door, seen, home, version, assessed)
    command = CorrectCircumstance(
        child_id=child_id,
        corrects=version,
        circumstance=await door.seal(child_id, PROFILE, "circumstance", assessed.text),
        assessed=assessed,
        told=told,
        then=then,
        seen=seen,
        home=home,
        rules=register_rules(on),
        reason=body.reason,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        corrected_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, child_stream(child_id), command)


async def _histories(
    door: CommandDoor, seen: Child, home: Household, version: int, right: Circumstance | None
) -> tuple[History, History]:
    """What was told so far, and the same with the correction; None: it is taken back."""
    told = {each.version: await open_circumstance(door, each.event) for each in seen.assessed}
    periods = known([await open_status(door, each) for each in home.statuses])
    then = {at: right if at == version else circumstance for at, circumstance in told.items()}
    return (
        History(known([*told.values()]), periods),
        History(known([*then.values()]), periods),
    )


@routes.command(
    "POST",
    "/children/{child_id}/facts/{version}/retraction",
    judges="/children/{child_id}",
    may=may("retract-fact", OFFICER, PROTECTS),
    refuses=[
        NoRulesInForce,
        *OF_A_CHILD,
        ChildChangedMeanwhile,
        HouseholdChangedMeanwhile,
        SpecialExcludesAtRisk,
    ],
)
async def retract(child_id: UUID, version: Version, body: Correction, door: Door) -> Accepted:
    """A measure, a grade or a circumstance that should not have been recorded at all."""
    happened_at = door.happened(body.happened_at)
    on = vietnamese_day(happened_at)
    seen, home = await of_ones_unit(child_id, door, on)
    told, then = await _histories(door, seen, home, version, None)
    command = RetractFact(
        child_id=child_id,
        corrects=version,
        told=told,
        then=then,
        seen=seen,
        home=home,
        rules=register_rules(on),
        reason=body.reason,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        retracted_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, child_stream(child_id), command)


@routes.command(
    "POST",
    "/households/{household_id}/correction",
    judges="/households/{household_id}",
    may=may("correct-household", OFFICER),
    refuses=[*OF_A_HOUSEHOLD, NothingIsCorrected, NotOfItsTerritory],
)
async def correct_household(household_id: UUID, body: HouseholdToCorrect, door: Door) -> Accepted:
    happened_at = door.happened(body.happened_at)
    home = await home_of(door, household_id)
    unit_id = (await unit_of(door, home, vietnamese_day(happened_at))).unit_id
    await door.within(unit_id)
    lives_on = body.territory_id
    if lives_on is not None:
        lives_on = await territory_of(door, unit_id, lives_on)

    async def right(field: str, said: object, stands: Sealed) -> Sealed:
        return (
            stands if said is None else await door.seal(household_id, HOUSEHOLD, field, f"{said}")
        )

    command = CorrectHousehold(
        household_id=household_id,
        corrects=home.profile.version,
        territory=await right("territory", lives_on, home.now.territory),
        head=await right("head", body.head, home.now.head),
        village=await right("village", body.village, home.now.village),
        reason=body.reason,
        note=await door.seal(household_id, HOUSEHOLD, "note", body.note),
        corrected_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(household, household_stream(household_id), command)


@routes.command(
    "POST",
    "/households/{household_id}/status/{version}/correction",
    judges="/households/{household_id}",
    may=may("correct-household-status", OFFICER),
    refuses=[
        NoRulesInForce,
        *OF_A_HOUSEHOLD,
        NothingIsCorrected,
        StandardNotKnown,
        StandardNotInForce,
        StatusEndsBeforeItBegins,
        StatusOutlivesItsStandard,
    ],
)
async def correct_status(
    household_id: UUID, version: Version, body: StatusToCorrect, door: Door
) -> Accepted:
    happened_at = door.happened(body.happened_at)
    home = await home_of(door, household_id)
    await door.within((await unit_of(door, home, vietnamese_day(happened_at))).unit_id)
    command = CorrectStatus(
        household_id=household_id,
        corrects=version,
        status=await door.seal(household_id, HOUSEHOLD, "status", body.status),
        standard=body.standard,
        decision=await door.seal(household_id, HOUSEHOLD, "decision", body.decision),
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        rules=register_rules(vietnamese_day(happened_at)),
        reason=body.reason,
        note=await door.seal(household_id, HOUSEHOLD, "note", body.note),
        corrected_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(household, household_stream(household_id), command)


@routes.command(
    "POST",
    "/households/{household_id}/status/{version}/retraction",
    judges="/households/{household_id}",
    may=may("retract-household-status", OFFICER),
    refuses=OF_A_HOUSEHOLD,
)
async def retract_status(
    household_id: UUID, version: Version, body: Correction, door: Door
) -> Accepted:
    """There is no such decision."""
    happened_at = door.happened(body.happened_at)
    home = await home_of(door, household_id)
    await door.within((await unit_of(door, home, vietnamese_day(happened_at))).unit_id)
    command = RetractStatus(
        household_id=household_id,
        corrects=version,
        reason=body.reason,
        note=await door.seal(household_id, HOUSEHOLD, "note", body.note),
        retracted_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(household, household_stream(household_id), command)
