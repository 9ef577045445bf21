import asyncio

import pytest

from eventing.coalesced import BATCH_MAX, Coalesced
from eventing.event_store import Busy


class Slow:
    """Answers when it is let, and remembers what came together."""

    def __init__(self):
        self.calls = []
        self.let = asyncio.Event()

    async def __call__(self, questions):
        self.calls.append(list(questions))
        await self.let.wait()
        if "bad" in questions:
            raise KeyError("bad")
        return [question * 2 for question in questions]


async def ask_all(asked, questions):
    return await asyncio.gather(*(asked.ask(one) for one in questions), return_exceptions=True)


async def test_what_is_asked_while_a_call_runs_goes_together_into_the_next():
    slow = Slow()
    asked = Coalesced(slow)
    first = asyncio.create_task(asked.ask(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = asyncio.create_task(ask_all(asked, [2, 3, 2]))
    await asyncio.sleep(0)
    slow.let.set()
    assert (await first, await others) == (2, [4, 6, 4])
    assert slow.calls == [[1], [2, 3, 2]]


async def test_a_call_has_a_bound():
    slow = Slow()
    slow.let.set()
    await ask_all(Coalesced(slow), range(BATCH_MAX + 1))
    assert [len(call) for call in slow.calls] == [BATCH_MAX, 1]


async def test_all_of_a_call_get_its_error_and_the_next_call_works():
    slow = Slow()
    slow.let.set()
    asked = Coalesced(slow)
    answers = await ask_all(asked, ["a", "bad"])
    assert [type(answer) for answer in answers] == [KeyError, KeyError]
    assert await asked.ask("a") == "aa"


async def test_one_who_gives_up_takes_nothing_with_them():
    slow = Slow()
    asked = Coalesced(slow)
    leaving, staying = (asyncio.create_task(asked.ask(one)) for one in "ab")
    await asyncio.sleep(0.01)
    leaving.cancel()
    slow.let.set()
    assert await staying == "bb"


async def test_nobody_waits_for_ever_when_the_call_is_cancelled():
    slow = Slow()
    asked = Coalesced(slow)
    first, second = asyncio.create_task(asked.ask("a")), None
    await asyncio.sleep(0.01)
    second = asyncio.create_task(asked.ask("b"))
    await asyncio.sleep(0)
    asked._caller.cancel()
    for waiting in (first, second):
        with pytest.raises(Busy):
            await asyncio.wait_for(waiting, 1)
