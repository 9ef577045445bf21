import pytest

from eventing.postgres_rows import PostgresRows
from eventing.row_tables import RowTable
from tests.eventing.rows_suite import RowsSuite, held, work


@pytest.fixture
async def hold(database):
    async def made(rows):
        table = RowTable(work, work.version, 1)
        async with database.pool.acquire() as connection:
            await table.create(connection)
            await table.write(connection, held(rows))
            await table.serve(connection)
        return PostgresRows(database.pool)

    return made


class TestPostgresRows(RowsSuite):
    pass
