"""A cancellation that a library dropped, raised again; and one that was never ours, kept off."""

import asyncio

from aiokafka import AIOKafkaConsumer

LET_GO_WITHIN_S = 5.0


async def let_go(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, or leave it: its brokers may be gone.

    As it closes it cancels its own tasks and waits for them, and so may end as one that was
    cancelled itself: a reader that took this for its own end would be gone without a word.
    """
    closing = asyncio.ensure_future(consumer.stop())
    done, _ = await asyncio.wait([closing], timeout=LET_GO_WITHIN_S)
    if not done:
        closing.cancel()
    elif closing.cancelled() or closing.exception() is not None:
        # Its connections would go on trying.
        left = asyncio.ensure_future(consumer._client.close())  # noqa: SLF001
        await asyncio.wait([left], timeout=LET_GO_WITHIN_S)


def pass_on_cancellation() -> None:
    """Raise CancelledError when this task was asked to end and goes on all the same.

    aiokafka waits for its own tasks to be cancelled as it closes, and takes a cancellation of ours
    for theirs. A reader that goes on then keeps the group of its leader open for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
