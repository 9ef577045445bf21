import asyncio

import pytest

from eventing.log_source import LogSource
from eventing.memory_store import MemoryStore
from eventing.record import StoredRecord
from eventing.sources import HoleInTheLog
from tests.eventing.readers import Writer, opened


async def all_of(source, after, limit):
    await source.start(after)
    found = []
    while records := await source.next(limit, 0.01):
        found += records
    await source.stop()
    return found


@pytest.mark.parametrize("after", [0, 5])
async def test_a_log_is_its_own_source(after):
    store = MemoryStore("donations")
    await Writer(store).write(*(opened(number) for number in range(20)))
    assert await all_of(LogSource(store), after, 3) == list(await store.log(after, 99))


async def test_a_log_source_gives_what_is_written_while_it_waits():
    store = MemoryStore("donations")
    source = LogSource(store)
    await source.start(0)
    waiting = asyncio.ensure_future(source.next(10, 5.0))
    await asyncio.sleep(0.05)
    await Writer(store).write(opened(1))
    assert [one.position for one in await asyncio.wait_for(waiting, 1)] == [1]


async def test_a_log_that_lacks_a_position_is_never_read_over_it():
    class Tampered(MemoryStore):
        async def log(self, after, limit):
            del after, limit
            return [StoredRecord("donations", 1, b""), StoredRecord("donations", 3, b"")]

    source = LogSource(Tampered("donations"))
    await source.start(0)
    with pytest.raises(HoleInTheLog, match="position 2"):
        await source.next(10, 0)
