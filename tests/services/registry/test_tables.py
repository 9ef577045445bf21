"""The read models as PostgreSQL keeps them, opened ones too: the same rows as in memory."""

import asyncio
from contextlib import asynccontextmanager, suppress

from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.postgres_rows import PostgresRows
from eventing.postgres_store import PostgresStore
from eventing.read_model_runner import ReadModelRunner
from eventing.record import decode
from services.registry.figures import figures_of
from services.registry.read_models import READ_MODELS
from services.registry.read_models.children_by_name import children_by_name
from tests.eventing.readers import Writer, database
from tests.services.registry.commune_house import ready_for_needs
from tests.services.registry.samples import RULES, TODAY
from tests.services.registry.test_door_of_reports import Reporting

__all__ = ["database"]


@asynccontextmanager
async def kept_level(database, store, sealer):
    leadership = Leadership(database.dsn)
    runner = ReadModelRunner(
        "registry", READ_MODELS, database.pool, leadership, lambda _: LogSource(store), sealer
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
    house = ready_for_needs().with_need().verified().with_names_opened()
    Reporting(house).drafted().signed().sent().reissued()
    log = [decode(stored) for stored in await house.store.log(0, 1000)]
    async with PostgresStore("registry", database.dsn) as store:
        writer = Writer(store)
        for one in log:
            position = await writer.write(one.event, stream=one.stream)
        async with kept_level(database, store, house.sealer) as rows:
            for model in READ_MODELS:
                await rows.reached(model, {"registry": position}, 20)
                mine = {model.key_of(row): row for row in await rows.where(model, limit=1000)}
                theirs = {
                    model.key_of(row): row for row in await house.rows.where(model, limit=1000)
                }
                # Roles were given to the test's house apart from its log.
                assert mine == ({} if model.name in {"roles_held", "grants"} else theirs)
            (child,) = await rows.where(children_by_name, limit=1000)
            assert child.name == "Triệu Thị Hoà"
            assert await figures_of(rows, RULES, TODAY) == await figures_of(
                house.rows, RULES, TODAY
            )
