"""A child's file and a household's as a line of events: who, when, what, and what was corrected."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from contracts.event import declarations
from contracts.registry import (
    ChildCorrected,
    ChildEnrolled,
    ChildEnrolmentCorrected,
    ChildLeft,
    ChildMeasureCorrected,
    ChildMeasured,
    ChildMerged,
    ChildMoved,
    ChildRegistered,
    ChildrenToldApart,
    CircumstanceAssessed,
    CircumstanceCorrected,
    Gender,
    HouseholdCorrected,
    HouseholdLeft,
    HouseholdMoved,
    HouseholdPlaced,
    HouseholdRegistered,
    HouseholdStatusCorrected,
    HouseholdStatusRecorded,
    RegisterCorrectionReason,
)
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from edge.door import QueryDoor, ReadDoor
from edge.permission import may
from edge.programmes import NoRulesInForce, register_rules
from edge.routes import Routes
from eventing.execute import Happened
from programmes.days import BirthPrecision
from programmes.rules import Rules
from services.registry.domain.child import ChildNotRegistered, day_of
from services.registry.domain.child import stream as child_stream
from services.registry.domain.household import HouseholdNotRegistered, HouseholdToBePlaced
from services.registry.domain.household import stream as household_stream
from services.registry.domain.standing import CircumstanceKind, HouseholdStatus, Leaving
from services.registry.domain.unit import UnitNotEstablished
from services.registry.opening import HOUSEHOLD, PROFILE, open_birth_date, open_circumstance
from services.registry.read_models.children import children
from services.registry.read_models.households import households
from services.registry.routes.children import of_ones_unit
from services.registry.routes.children_seen import PROTECTS, protects
from services.registry.routes.seeing import home_of, unit_of

routes = Routes(tag="histories")


class Said(BaseModel):
    """What an event said; null where it says nothing of it, and where that was erased.

    Of a circumstance that child-protection officers alone are told of, the code is null.
    """

    household_id: UUID | None = None
    name: str | None = None
    birth_date: date | None = None
    birth_precision: BirthPrecision | None = None
    gender: Gender | None = None
    guardian: str | None = None
    ethnicity: str | None = None
    height_cm: int | None = None
    height_label: str | None = None
    measured_on: date | None = None
    school_year: str | None = None
    grade: int | None = None
    circumstance: CircumstanceKind | None = None
    code: str | None = None
    since: date | None = None
    head: str | None = None
    village: str | None = None
    unit_id: UUID | None = None
    household_status: HouseholdStatus | None = None
    standard: str | None = None
    decision: str | None = None
    valid_until: date | None = None
    how: Leaving | None = None
    merged_into: UUID | None = None
    told_apart_from: UUID | None = None


class FactShown(BaseModel):
    """`fact` is the event's type. `corrects` is the version that it corrected.

    `stands`: nothing corrected it, or took it back, since.
    """

    version: int
    fact: str
    happened_at: datetime
    recorded_at: datetime
    by: UUID
    says: Said
    corrects: int | None
    reason: RegisterCorrectionReason | None
    note: str | None
    stands: bool


class FileShown(BaseModel):
    """Newest first."""

    items: list[FactShown]


@routes.query(
    "/children/{child_id}/history",
    may=may("see-child-history", "commune-officer", "verifier", PROTECTS, opens="keep-register"),
    refuses=[
        NoRulesInForce,
        ChildNotRegistered,
        HouseholdNotRegistered,
        HouseholdToBePlaced,
        UnitNotEstablished,
    ],
)
async def of_child(child_id: UUID, door: ReadDoor) -> FileShown:
    """The whole file, as it is in the log: who said what, when it was so, when it was told."""
    await door.fresh(children)
    today = vietnamese_day(door.now)
    _, home = await of_ones_unit(child_id, door, today)
    protecting = await protects(door, (await unit_of(door, home, today)).unit_id)
    told = await door.told(child_stream(child_id))
    rules = None if protecting else register_rules(today)
    return await _shown(door, told, child_id, PROFILE, rules)


@routes.query(
    "/households/{household_id}/history",
    may=may("see-household-history", "commune-officer", "verifier", opens="keep-register"),
    refuses=[HouseholdNotRegistered, HouseholdToBePlaced, UnitNotEstablished],
)
async def of_household(household_id: UUID, door: ReadDoor) -> FileShown:
    await door.fresh(households)
    home = await home_of(door, household_id)
    await door.within((await unit_of(door, home, vietnamese_day(door.now))).unit_id)
    told = await door.told(household_stream(household_id))
    return await _shown(door, told, household_id, HOUSEHOLD, None)


async def _shown(
    door: QueryDoor, told: list[Happened], person: UUID, purpose: str, hides: Rules | None
) -> FileShown:
    gone = {getattr(each.event, "corrects", None) for each in told}
    items: list[FactShown] = []
    for each in told:
        note = getattr(each.event, "note", None)
        items.append(
            FactShown(
                version=each.version,
                fact=declarations[type(each.event)].name,
                happened_at=each.event.happened_at,
                recorded_at=each.recorded_at,
                by=each.actor,
                says=await _said(door, each.event, person, purpose, hides),
                corrects=getattr(each.event, "corrects", None),
                reason=getattr(each.event, "reason", None),
                note=None if note is None else await door.open(person, purpose, "note", note),
                stands=each.version not in gone,
            )
        )
    return FileShown(items=items[::-1])


Opened = Callable[[str, Sealed], Awaitable[str | None]]


async def _said(
    door: QueryDoor, event: Any, person: UUID, purpose: str, hides: Rules | None
) -> Said:
    async def opened(field: str, sealed: Sealed) -> str | None:
        return await door.open(person, purpose, field, sealed)

    said = Said()
    match event:
        case ChildRegistered() | ChildCorrected():
            born = await open_birth_date(door, person, event.birth_date)
            said = Said(
                household_id=event.household_id,
                name=await opened("name", event.name),
                birth_date=born.day if born else None,
                birth_precision=born.precision if born else None,
                gender=event.gender,
                guardian=await opened("guardian", event.guardian),
                ethnicity=await opened("ethnicity", event.ethnicity),
            )
        case ChildMeasured() | ChildMeasureCorrected():
            height = await opened("height", event.height)
            said = Said(
                height_cm=None if height is None else int(height),
                height_label=event.height_label,
                measured_on=event.measured_on,
            )
        case ChildEnrolled() | ChildEnrolmentCorrected():
            said = Said(school_year=event.school_year, grade=event.grade)
        case CircumstanceAssessed() | CircumstanceCorrected():
            told = await open_circumstance(door, event)
            since = day_of(event)
            hidden = told is None or (hides is not None and hides.is_restricted(told.code))
            code = None if told is None or hidden else told.code or None
            said = Said(circumstance=told.kind if told else None, code=code, since=since)
        case ChildMerged():
            said = Said(merged_into=event.into_child_id)
        case ChildrenToldApart():
            said = Said(told_apart_from=event.other_child_id)
        case ChildMoved():
            said = Said(household_id=event.household_id, unit_id=event.unit_id)
        case ChildLeft():
            said = Said.model_validate({"how": await opened("how", event.how)})
        case _:
            return await _said_of_household(event, opened)
    return said


async def _said_of_household(event: Any, opened: Opened) -> Said:
    said = Said()
    match event:
        case HouseholdRegistered() | HouseholdCorrected():
            said = Said(
                head=await opened("head", event.head),
                village=await opened("village", event.village) or None,
            )
        case HouseholdStatusRecorded() | HouseholdStatusCorrected():
            said = Said.model_validate(
                {
                    "household_status": await opened("status", event.status),
                    "standard": event.standard,
                    "decision": await opened("decision", event.decision),
                    "since": event.valid_from,
                    "valid_until": event.valid_until,
                }
            )
        case HouseholdMoved():
            village = await opened("village", event.village) or None
            said = Said(unit_id=event.unit_id, village=village)
        case HouseholdLeft():
            said = Said(unit_id=event.unit_id)
        case HouseholdPlaced():
            decision = await opened("decision", event.decision)
            said = Said(unit_id=event.unit_id, decision=decision)
    return said
