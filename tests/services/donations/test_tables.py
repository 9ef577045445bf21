"""The read models as PostgreSQL keeps them: the same rows as in memory, and totals by SQL."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from uuid import UUID

from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.memory_store import MemoryStore
from eventing.postgres_rows import PostgresRows
from eventing.postgres_store import PostgresStore
from eventing.read_model_runner import ReadModelRunner
from eventing.record import decode
from services.donations.read_models import READ_MODELS
from services.donations.read_models.campaigns import TOTALS
from services.donations.read_models.contributions import contributions
from services.donations.read_models.pledges import pledges
from tests.eventing.readers import Writer, database
from tests.services.donations.examples import (
    CAMPAIGN,
    OTHER_CONTRIBUTION,
    OTHER_PROGRAMME,
    PLEDGE,
    announced,
    dong,
    pledge_made,
)
from tests.services.donations.test_read_models import IN_ORDER, counted, folded

__all__ = ["database"]

OTHER_PLEDGE = UUID(int=71)


@asynccontextmanager
async def kept_level(database, store):
    leadership = Leadership(database.dsn)
    registry = MemoryStore("registry")
    sources = {"donations": store, "registry": registry}
    runner = ReadModelRunner(
        "donations", READ_MODELS, database.pool, leadership, lambda name: LogSource(sources[name])
    )
    task = asyncio.create_task(runner.run())
    try:
        yield PostgresRows(database.pool)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await leadership.close()


async def test_tables_hold_the_rows_that_memory_holds(database):
    async with PostgresStore("donations", database.dsn) as store:
        facts = [recorded.event for recorded in IN_ORDER]
        position = await Writer(store).write(*facts, stream="story")
        log = [decode(stored) for stored in await store.log(0, 1000)]
        async with kept_level(database, store) as rows:
            for model in READ_MODELS:
                await rows.reached(model, {"donations": position}, 20)
                kept = await rows.where(model, limit=1000)
                assert list(kept) == sorted(folded(model, log).values(), key=model.key_of)


async def test_totals_of_a_campaign_are_by_measure_and_never_below_nothing(database):
    async with PostgresStore("donations", database.dsn) as store:
        position = await Writer(store).write(
            pledge_made,
            replace(pledge_made, pledge_id=OTHER_PLEDGE, quantity=10),
            replace(counted, pledge_id=OTHER_PLEDGE, quantity=25, quantity_counted=25),
            replace(counted, pledge_id=PLEDGE, quantity=950),
            replace(
                announced,
                contribution_id=OTHER_CONTRIBUTION,
                kind="money",
                lines=(dong,),
                quantity=dong.quantity,
                measure="dong",
            ),
            replace(pledge_made, pledge_id=OTHER_PROGRAMME, campaign_id=OTHER_PROGRAMME),
            *(recorded.event for recorded in IN_ORDER if recorded.stream == "story-0"),
            stream="story",
        )
        async with kept_level(database, store) as rows:
            await rows.reached(pledges, {"donations": position}, 20)
            await rows.reached(contributions, {"donations": position}, 20)
            found = [dict(row) for row in await rows.query(TOTALS, CAMPAIGN)]
    assert found == [
        {
            "measure": "dong",
            "pledged": 0,
            "outstanding": 0,
            "announced": 2_000_000,
            "accepted": 0,
        },
        {
            "measure": "piece",
            "pledged": 1010,
            "outstanding": 50,
            "announced": 1000,
            "accepted": 850,
        },
    ]
