"""Matching runs: what the rule proposes for the needs and lots of this moment."""

import asyncio
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.field_types import CategoryCode
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Dated
from edge.door import Accepted, Door, ReadDoor
from edge.permission import may
from edge.programmes import NoRulesInForce, ProgrammeNotKnown, ProgrammeNotRunning, check_running
from edge.routes import Routes
from eventing.all_rows import all_rows
from eventing.decider import Rejection
from programmes.rules import DAY
from services.allocation.domain.matching import match_up
from services.allocation.domain.matching_run import (
    MakeRun,
    RunMadeOtherwise,
    RunNotMade,
    matching_run,
    stream,
)
from services.allocation.read_models.lots import lots
from services.allocation.read_models.matching_runs import matching_runs
from services.allocation.read_models.open_needs import open_needs
from services.allocation.routes.keeping import kept_funds
from services.allocation.routes.rule import rule_of
from services.allocation.routes.shown import RunShown

NEEDS_READ_MAX = 20_000
UNITS_ASKED_MAX = 1_000


class TooManyNeedsForOneRun(Rejection):
    code = "too-many-needs-for-one-run"
    vi = "Quá {at_most} nhu cầu: hãy lập phương án cho từng nhóm đơn vị."
    en = "More than {at_most} needs: make a run for some units at a time."

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most


routes = Routes(tag="matching runs")


class RunToMake(Dated):
    """Without `unit_ids`: all units in which the person coordinates.

    What is given is of funds that are kept where they do.
    """

    programme_id: UUID
    category: CategoryCode
    unit_ids: Annotated[list[UUID], Field(default_factory=list, max_length=UNITS_ASKED_MAX)]


@routes.command(
    "PUT",
    "/matching-runs/{run_id}",
    may=may("make-matching-run", "coordinator"),
    refuses=[
        RunMadeOtherwise,
        TooManyNeedsForOneRun,
        ProgrammeNotKnown,
        ProgrammeNotRunning,
        NoRulesInForce,
    ],
)
async def make(run_id: UUID, body: RunToMake, door: Door) -> Accepted:
    unit_ids = sorted(set(body.unit_ids))
    for unit_id in unit_ids:
        await door.within(unit_id)
    happened_at = door.happened(body.happened_at)
    on = vietnamese_day(happened_at)
    await check_running(door.rows, body.programme_id, on)
    rule = await rule_of(door.rows, body.programme_id, on)
    looked_at = frozenset(await door.area()).intersection(
        *[frozenset().union(*(rule.areas.get(unit, ()) for unit in unit_ids))] if unit_ids else []
    )
    needs = await door.rows.where(
        open_needs,
        programme_id=body.programme_id,
        category=body.category,
        open=True,
        unit_id=sorted(looked_at),
        at_least={"lapses_on": on + DAY},
        limit=NEEDS_READ_MAX + 1,
    )
    if len(needs) > NEEDS_READ_MAX:
        raise TooManyNeedsForOneRun(NEEDS_READ_MAX)
    free = await all_rows(
        door.rows,
        lots,
        programme_id=body.programme_id,
        category=body.category,
        available=True,
        fund_id=await kept_funds(door),
    )
    # Beside the loop: a large run computes for seconds, and other requests must not wait for it.
    matching = await asyncio.to_thread(match_up, run_id, happened_at, needs, free, rule)
    command = MakeRun(
        run_id=run_id,
        programme_id=body.programme_id,
        category=body.category,
        unit_ids=tuple(unit_ids or sorted(set(door.held_in))),
        matching=matching,
        rules=rule.rules.named,
        made_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(matching_run, stream(run_id), command)


@routes.query(
    "/matching-runs/{run_id}",
    may=may("see-matching-run", "coordinator", "approver", "auditor"),
    refuses=[RunNotMade],
)
async def see(run_id: UUID, door: ReadDoor) -> RunShown:
    """One of another unit is not found."""
    await door.fresh(matching_runs)
    row = await door.rows.get(matching_runs, run_id)
    if row is None or not (await door.area()).issuperset(row.unit_ids):
        raise RunNotMade
    return RunShown.of(row)
