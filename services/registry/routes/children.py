"""Children: registered, measured, enrolled, assessed; seen by name in their own unit alone."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.registry import Gender
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Dated, Day, Text
from edge.door import Accepted, Door, ReadDoor
from edge.permission import may
from edge.programmes import NoRulesInForce, register_rules
from edge.routes import Routes
from programmes.days import Birth, BirthPrecision
from services.registry.domain.child import (
    AgedOut,
    AssessCircumstance,
    ChildIsMerged,
    ChildNotRegistered,
    ChildRegisteredOtherwise,
    CircumstanceNotKnown,
    EnrolChild,
    HeightOutsideTheTable,
    HouseholdNotPoorEnough,
    MeasureChild,
    MeasuredInTheFuture,
    NotYetBorn,
    RegisterChild,
    SpecialExcludesAtRisk,
    child,
    stream,
)
from services.registry.domain.child import Registered as Child
from services.registry.domain.household import (
    HouseholdChangedMeanwhile,
    HouseholdNotRegistered,
    HouseholdToBePlaced,
)
from services.registry.domain.household import Registered as Household
from services.registry.domain.standing import Circumstance, CircumstanceKind
from services.registry.domain.unit import UnitNotEstablished, UnitNotInForce
from services.registry.opening import PROFILE, open_history
from services.registry.routes.seeing import (
    PROPOSERS,
    child_of,
    home_of,
    see_that_they_may_propose,
    unit_of,
)

HEIGHT_CM_MAX = 250

routes = Routes(tag="children")

SchoolYear = Annotated[str, StringConstraints(pattern=r"^20\d\d-20\d\d$")]


class ChildToRegister(Dated):
    """Of a birth date that is known to the month or year alone, any day of it is said."""

    household_id: UUID
    name: Text
    birth_date: Day
    birth_precision: BirthPrecision = "day"
    gender: Gender
    guardian: Text
    ethnicity: Text


class MeasureToTake(Dated):
    height_cm: Annotated[int, Field(gt=0, le=HEIGHT_CM_MAX)]
    measured_on: Day


class Enrolment(Dated):
    school_year: SchoolYear
    grade: Annotated[int, Field(ge=1, le=12)]


class Assessment(Dated):
    """A group of Children Law art. 10, a reason of being at risk, or none (without a code)."""

    kind: CircumstanceKind
    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]*$", max_length=60)] = ""


@routes.command(
    "PUT",
    "/children/{child_id}",
    may=may("register-child", "commune-officer"),
    refuses=[
        NoRulesInForce,
        HouseholdNotRegistered,
        HouseholdToBePlaced,
        HouseholdChangedMeanwhile,
        UnitNotEstablished,
        UnitNotInForce,
        ChildRegisteredOtherwise,
        AgedOut,
        NotYetBorn,
    ],
)
async def register(child_id: UUID, body: ChildToRegister, door: Door) -> Accepted:
    happened_at = door.happened(body.happened_at)
    home = await home_of(door, body.household_id)
    unit = await unit_of(door, home, vietnamese_day(happened_at))
    await door.within(unit.unit_id)
    born = Birth.of(body.birth_date, body.birth_precision)
    command = RegisterChild(
        child_id=child_id,
        home=home,
        unit_id=unit.unit_id,
        born=born,
        gender=body.gender,
        name=await door.seal(child_id, PROFILE, "name", body.name),
        birth_date=await door.seal(child_id, PROFILE, "birth_date", born.text),
        guardian=await door.seal(child_id, PROFILE, "guardian", body.guardian),
        ethnicity=await door.seal(child_id, PROFILE, "ethnicity", body.ethnicity),
        rules=register_rules(vietnamese_day(happened_at)),
        registered_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, stream(child_id), command)


async def of_ones_unit(child_id: UUID, door: Door | ReadDoor, on: date) -> tuple[Child, Household]:
    """The child and its household, if they belong to a unit of the person who asks."""
    found = await child_of(door, child_id)
    home = await home_of(door, found.household_id)
    await door.within((await unit_of(door, home, on)).unit_id)
    return found, home


async def of_a_commune_they_propose_for(child_id: UUID, door: Door, on: date) -> None:
    """Raises ChildNotRegistered, HouseholdToBePlaced, OutsideYourUnit."""
    found = await child_of(door, child_id)
    home = await home_of(door, found.household_id)
    await see_that_they_may_propose(door, (await unit_of(door, home, on)).unit_id)


@routes.command(
    "POST",
    "/children/{child_id}/measures",
    judges=None,
    may=may("measure-child", "commune-officer", *PROPOSERS),
    refuses=[
        NoRulesInForce,
        ChildNotRegistered,
        ChildIsMerged,
        HouseholdToBePlaced,
        MeasuredInTheFuture,
        HeightOutsideTheTable,
    ],
)
async def measure(child_id: UUID, body: MeasureToTake, door: Door) -> Accepted:
    happened_at = door.happened(body.happened_at)
    await of_a_commune_they_propose_for(child_id, door, vietnamese_day(happened_at))
    command = MeasureChild(
        child_id=child_id,
        height_cm=body.height_cm,
        height=await door.seal(child_id, PROFILE, "height", str(body.height_cm)),
        measured_on=body.measured_on,
        rules=register_rules(vietnamese_day(happened_at)),
        measured_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, stream(child_id), command)


@routes.command(
    "POST",
    "/children/{child_id}/enrolments",
    judges=None,
    may=may("enrol-child", "commune-officer", "teacher"),
    refuses=[ChildNotRegistered, ChildIsMerged, HouseholdToBePlaced],
)
async def enrol(child_id: UUID, body: Enrolment, door: Door) -> Accepted:
    happened_at = door.happened(body.happened_at)
    await of_a_commune_they_propose_for(child_id, door, vietnamese_day(happened_at))
    command = EnrolChild(
        child_id=child_id,
        school_year=body.school_year,
        grade=body.grade,
        happened_at=happened_at,
    )
    return await door.execute(child, stream(child_id), command)


@routes.command(
    "POST",
    "/children/{child_id}/circumstances",
    judges="/children/{child_id}",
    may=may("assess-circumstance", "commune-officer", "child-protection-officer"),
    refuses=[
        NoRulesInForce,
        ChildNotRegistered,
        ChildIsMerged,
        HouseholdToBePlaced,
        HouseholdChangedMeanwhile,
        CircumstanceNotKnown,
        SpecialExcludesAtRisk,
        HouseholdNotPoorEnough,
    ],
)
async def assess(child_id: UUID, body: Assessment, door: Door) -> Accepted:
    happened_at = door.happened(body.happened_at)
    on, rules = vietnamese_day(happened_at), register_rules(vietnamese_day(happened_at))
    seen, home = await of_ones_unit(child_id, door, on)
    assessed = Circumstance(body.kind, body.code, on)
    command = AssessCircumstance(
        child_id=child_id,
        circumstance=await door.seal(child_id, PROFILE, "circumstance", assessed.text),
        assessed=assessed,
        told=await open_history(door, seen, home),
        seen=seen,
        home=home,
        rules=rules,
        assessed_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, stream(child_id), command)
