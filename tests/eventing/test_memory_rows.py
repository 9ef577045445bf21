import pytest

from eventing.memory_rows import MemoryRows
from tests.eventing.rows_suite import RowsSuite, held, work


@pytest.fixture
def hold():
    async def made(rows):
        kept = MemoryRows()
        (await kept._caught_up(work)).update(held(rows))
        return kept

    return made


class TestMemoryRows(RowsSuite):
    pass
