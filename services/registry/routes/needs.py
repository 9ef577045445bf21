"""Needs: recorded, verified by another person, returned, withdrawn."""

import json
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, model_validator

from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import NeedRecorded
from contracts.subjects import sealed_under
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import NOW, Dated, Day, LongText, Quantity, Specification
from edge.door import Accepted, Door
from edge.permission import may
from edge.programmes import NoRulesInForce
from edge.routes import Routes
from services.registry.domain.child import (
    AgeDependsOnTheDay,
    AgedOut,
    ChildChangedMeanwhile,
    ChildHasLeft,
    ChildIsMerged,
    ChildNotRegistered,
)
from services.registry.domain.child_share import ChildHasItsShare
from services.registry.domain.group import GroupChangedMeanwhile, GroupNotRegistered
from services.registry.domain.household import (
    HouseholdChangedMeanwhile,
    HouseholdHasLeft,
    HouseholdNotRegistered,
    HouseholdToBePlaced,
)
from services.registry.domain.need import (
    NeedConfirmedSince,
    NeedMetAlready,
    NeedNotOpened,
    NeedNotRecorded,
    NeedRecordedOtherwise,
    NeedReturnedFirst,
    NeedReturnedOtherwise,
    NeedVerifiedAlready,
    NeedWithdrawnAlready,
    NotRecorded,
    OnlyTheRecorderCompletes,
    ReconfirmNeed,
    RecorderCannotVerify,
    RecordNeed,
    ReturnNeed,
    VerifyNeed,
    WithdrawNeed,
    need,
    stream,
)
from services.registry.domain.need_detail import Detail, detail_of
from services.registry.domain.need_facts import NotEligible, OutsideTheProgramme, TurnsOfAge
from services.registry.domain.need_specification import (
    CategoryNotInThePack,
    DetailMissing,
    MeasureIsStale,
    MeasureNotOfTheCategory,
    NotEnrolled,
    NotMeasured,
    SpecificationMissing,
    SpecificationNoLongerSo,
    SpecificationNotOfTheCategory,
    category_of,
)
from services.registry.domain.programme import ProgrammeNotStarted
from services.registry.domain.unit import UnitNotEstablished, UnitNotInForce
from services.registry.opening import NEED, Erased
from services.registry.routes.seeing import (
    PROPOSERS,
    Whom,
    facts_of,
    see_that_they_may_propose,
)

routes = Routes(tag="needs")


class Reason(Dated):
    reason: LongText


class NeedToRecord(Dated):
    """For one child, one group of children, or a unit itself: one of the three is named.

    What `specification` leaves out is taken from the child's record. `detail` is sealed. A category
    that would tell of the child's health is sealed too; events name its neutral code.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "programme_id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
                    "child_id": "0192f3a4-5b6c-7d8e-9f00-112233445567",
                    "category": "warm-clothes",
                    "quantity": 1,
                    "measure": "piece",
                    "needed_by": "2024-12-15",
                }
            ]
        }
    )

    programme_id: UUID
    child_id: UUID | None = None
    group_id: UUID | None = None
    unit_id: UUID | None = None
    category: CategoryCode
    specification: Specification
    detail: LongText | None = None
    quantity: Quantity
    measure: MeasureCode
    needed_by: Day

    @model_validator(mode="after")
    def _is_for_one(self) -> Self:
        named = [each for each in (self.child_id, self.group_id, self.unit_id) if each is not None]
        if len(named) != 1:
            raise ValueError("one of child_id, group_id and unit_id says whom it is for")
        return self


RESTS_ON = [
    ProgrammeNotStarted,
    NoRulesInForce,
    CategoryNotInThePack,
    OutsideTheProgramme,
    ChildNotRegistered,
    ChildChangedMeanwhile,
    HouseholdNotRegistered,
    HouseholdChangedMeanwhile,
    GroupNotRegistered,
    GroupChangedMeanwhile,
    UnitNotEstablished,
    Erased,
    AgedOut,
    AgeDependsOnTheDay,
    ChildIsMerged,
    ChildHasLeft,
    HouseholdHasLeft,
    NotEligible,
]
STILL_SO = [TurnsOfAge, MeasureIsStale, SpecificationNoLongerSo]


@routes.command(
    "PUT",
    "/needs/{need_id}",
    may=may("record-need", "commune-officer", *PROPOSERS),
    refuses=[
        *RESTS_ON,
        HouseholdToBePlaced,
        UnitNotInForce,
        NeedRecordedOtherwise,
        OnlyTheRecorderCompletes,
        TurnsOfAge,
        SpecificationNotOfTheCategory,
        SpecificationMissing,
        MeasureNotOfTheCategory,
        DetailMissing,
        NotMeasured,
        MeasureIsStale,
        NotEnrolled,
    ],
)
async def record(need_id: UUID, body: NeedToRecord, door: Door) -> Accepted:
    """Again, with changes, while it is returned: then its recorder completes it."""
    happened_at = door.happened(body.happened_at)
    whom = Whom(child_id=body.child_id, group_id=body.group_id, unit_id=body.unit_id)
    facts = await facts_of(door, body.programme_id, whom, vietnamese_day(happened_at))
    await see_that_they_may_propose(door, facts.unit.unit_id)
    category = category_of(facts.rules, body.category)
    told = detail_of(category, body.specification, body.detail)
    command = RecordNeed(
        need_id=need_id,
        told=told,
        specification=body.specification,
        detail=await door.seal(facts.sealed_under, NEED, "detail", told.written()),
        quantity=body.quantity,
        measure=body.measure,
        needed_by=body.needed_by,
        facts=facts,
        recorded_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(need, stream(need_id), command)


async def opened_detail(before: NeedRecorded, door: Door) -> Detail:
    """What the need really is. Raises Erased."""
    text = await door.open(sealed_under(before), NEED, "detail", before.detail)
    if text is None:
        raise Erased
    return Detail.read(text)


async def recorded(need_id: UUID, door: Door) -> NeedRecorded:
    """The need as recorded, if it lies in a unit of the person who asks."""
    state = await door.state(need, stream(need_id))
    if isinstance(state, NotRecorded):
        raise NeedNotRecorded
    record: NeedRecorded = state.record
    await door.within(record.unit_id)
    return record


@routes.command(
    "POST",
    "/needs/{need_id}/verification",
    judges="/needs/{need_id}",
    may=may("verify-need", "verifier"),
    refuses=[
        *RESTS_ON,
        NeedNotRecorded,
        *STILL_SO,
        RecorderCannotVerify,
        ChildHasItsShare,
        NeedReturnedFirst,
        NeedVerifiedAlready,
        NeedWithdrawnAlready,
    ],
)
async def verify(need_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    """From then on it is open, with the priority that the programme's rule gives it that day."""
    happened_at = door.happened(body.happened_at)
    before, on = await recorded(need_id, door), vietnamese_day(happened_at)
    facts = await facts_of(door, before.programme_id, Whom.of(before), on)
    told = await opened_detail(before, door)
    priority = facts.priority(told.category, before.needed_by, on)
    reasons = json.dumps(dict(priority.reasons), sort_keys=True)
    command = VerifyNeed(
        told=told,
        facts=facts,
        priority_reasons=await door.seal(sealed_under(before), NEED, "priority_reasons", reasons),
        verified_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(need, stream(need_id), command)


@routes.command(
    "POST",
    "/needs/{need_id}/reconfirmation",
    judges="/needs/{need_id}",
    may=may("reconfirm-need", "commune-officer", "verifier"),
    refuses=[
        *RESTS_ON,
        NeedNotRecorded,
        *STILL_SO,
        NeedNotOpened,
        NeedConfirmedSince,
        NeedWithdrawnAlready,
        NeedMetAlready,
    ],
)
async def reconfirm(need_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    """Seen anew, at another visit: it is offered until the next day that the rules give.

    If it had lapsed, it is offered again.
    """
    happened_at = door.happened(body.happened_at)
    before, on = await recorded(need_id, door), vietnamese_day(happened_at)
    command = ReconfirmNeed(
        told=await opened_detail(before, door),
        facts=await facts_of(door, before.programme_id, Whom.of(before), on),
        reconfirmed_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(need, stream(need_id), command)


@routes.command(
    "POST",
    "/needs/{need_id}/return",
    judges="/needs/{need_id}",
    may=may("return-need", "verifier"),
    refuses=[NeedNotRecorded, NeedReturnedOtherwise, NeedVerifiedAlready, NeedWithdrawnAlready],
)
async def return_need(need_id: UUID, body: Reason, door: Door) -> Accepted:
    before = await recorded(need_id, door)
    command = ReturnNeed(
        reason=await door.seal(sealed_under(before), NEED, "reason", body.reason),
        returned_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(need, stream(need_id), command)


@routes.command(
    "POST",
    "/needs/{need_id}/withdrawal",
    judges="/needs/{need_id}",
    may=may("withdraw-need", "commune-officer", "verifier"),
    refuses=[NeedNotRecorded, NeedWithdrawnAlready, NeedMetAlready],
)
async def withdraw(need_id: UUID, body: Reason, door: Door) -> Accepted:
    before = await recorded(need_id, door)
    command = WithdrawNeed(
        reason=await door.seal(sealed_under(before), NEED, "reason", body.reason),
        withdrawn_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(need, stream(need_id), command)
