import asyncio
from typing import Any

import pytest

from eventing.export_file import ExportSource, NotAnExport, write
from eventing.log_source import LogSource
from eventing.memory_store import MemoryStore
from eventing.record import StoredRecord, leaf_hash
from eventing.sources import HoleInTheLog
from tests.eventing.readers import Writer, booked, opened, recorded


def an_export(tmp_path, log):
    path = tmp_path / "donations.ndjson"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        write(log, file)
    return path


async def all_of(source, after, limit):
    await source.start(after)
    found = []
    while records := await source.next(limit, 0.01):
        found += records
    await source.stop()
    return found


@pytest.mark.parametrize("after", [0, 1, 399, 400])
@pytest.mark.parametrize("limit", [1, 37, 1_000])
async def test_an_export_gives_back_the_very_bytes(tmp_path, after, limit):
    facts: list[Any] = [opened(number) for number in range(200)]
    facts += [booked(number, 'Giấy "1"\n\\ \u2028') for number in range(200)]
    log = recorded("donations", facts)
    found = await all_of(ExportSource("donations", an_export(tmp_path, log)), after, limit)
    assert found == log[after:]
    assert [leaf_hash(one.record) for one in found] == [
        leaf_hash(one.record) for one in log[after:]
    ]


async def test_an_export_with_a_line_missing_has_a_hole(tmp_path):
    log = recorded("donations", [opened(number) for number in range(9)])
    source = ExportSource("donations", an_export(tmp_path, log[:4] + log[5:]))
    await source.start(0)
    with pytest.raises(HoleInTheLog, match="position 5"):
        await source.next(10, 0)
    await source.stop()


async def test_what_is_no_export_is_refused(tmp_path):
    path = tmp_path / "x"
    path.write_text('{"position": 1}\n')
    source = ExportSource("donations", path)
    await source.start(0)
    with pytest.raises(NotAnExport, match="after position 0"):
        await source.next(10, 0)
    await source.stop()


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
