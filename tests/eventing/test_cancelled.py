import asyncio

import pytest

from eventing.cancelled import pass_on_cancellation
from eventing.kafka_source import KafkaSource
from eventing.topics import ensure_topic
from tests.eventing.readers import service

__all__ = ["service"]


async def test_who_was_not_asked_to_end_goes_on():
    pass_on_cancellation()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1)
    pass_on_cancellation()


@pytest.mark.parametrize("steps", range(8))
async def test_a_reader_that_is_closing_still_ends_when_asked(stack, service, steps):
    """At each step of its closing, since any of them may be the one that waits for another task."""
    await ensure_topic(stack.kafka, service, 1)
    source = KafkaSource(service, stack.kafka)
    await source.start(0)
    went_on = False

    async def close_and_go_on():
        nonlocal went_on
        await source.stop()
        went_on = True
        await asyncio.sleep(3600)

    task = asyncio.create_task(close_and_go_on())
    for _ in range(steps):
        await asyncio.sleep(0)
    asked_in_time = not went_on
    task.cancel()
    _, waiting = await asyncio.wait([task], timeout=10)
    assert not waiting
    assert not (went_on and asked_in_time)
