"""A cancellation that a library dropped, raised again."""

import asyncio


def pass_on_cancellation() -> None:
    """Raise CancelledError when this task was asked to end and goes on all the same.

    aiokafka waits for its own tasks to be cancelled as it closes, and takes a cancellation of ours
    for theirs. A reader that goes on then keeps the group of its leader open for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
