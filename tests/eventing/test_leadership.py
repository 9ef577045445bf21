import asyncio
from contextlib import suppress

import asyncpg
import pytest

from eventing.event_store import Busy
from tests.eventing.readers import database, leadership

__all__ = ["database", "leadership"]

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    "failure",
    [
        OSError(),
        Busy(),
        asyncpg.InterfaceError("closed"),
        # A connection that the server ended while it was idle says this when it is used next.
        asyncpg.InternalClientError("unexpected"),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_what_passes_by_waiting_is_waited_for(leadership, failure):
    tries = 0

    async def work():
        nonlocal tries
        tries += 1
        if tries == 1:
            raise failure
        await asyncio.Event().wait()

    leading = asyncio.ensure_future(leadership.lead("a part", work))
    try:
        async with asyncio.timeout(10):
            while tries < 2 and not leading.done():
                await asyncio.sleep(0.01)
        assert not leading.done()
    finally:
        leading.cancel()
        await asyncio.gather(leading, return_exceptions=True)


async def test_any_other_error_is_told(leadership):
    async def work():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(10):
            await leadership.lead("a part", work)


async def test_work_that_swallows_a_cancellation_is_ended_all_the_same(leadership, monkeypatch):
    monkeypatch.setattr("eventing.leadership.CANCEL_AGAIN_S", 0.1)
    begun = asyncio.Event()

    async def swallows_one():
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)

    leading = asyncio.ensure_future(leadership.lead("a part", swallows_one))
    await asyncio.wait_for(begun.wait(), 10)
    leading.cancel()
    await asyncio.wait([leading], timeout=5)
    assert leading.cancelled()
