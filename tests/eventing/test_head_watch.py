import asyncio

import pytest

from eventing.head_watch import LOOK_INTERVAL_S_MAX, HeadWatch

SOON_S = LOOK_INTERVAL_S_MAX * 3


class Head:
    def __init__(self):
        self.position = 5
        self.asked = 0

    async def __call__(self):
        self.asked += 1
        if self.position is None:
            raise OSError("away")
        return self.position


@pytest.fixture
def head():
    return Head()


def waiting(watch, position, wait_s=5.0):
    return asyncio.create_task(watch.wait_beyond(position, wait_s))


async def test_all_who_wait_are_told_by_one_look(head):
    watch = HeadWatch(head)
    many = [waiting(watch, 5) for _ in range(50)]
    await asyncio.sleep(0.1)
    head.position = 6
    await asyncio.wait_for(asyncio.gather(*many), SOON_S)
    assert head.asked < 20


async def test_only_those_are_told_for_whom_there_is_something(head):
    watch = HeadWatch(head)
    behind, level = waiting(watch, 4), waiting(watch, 5)
    await asyncio.wait_for(behind, SOON_S)
    assert not level.done()
    level.cancel()


async def test_a_log_that_was_set_back_is_told_too(head):
    watch = HeadWatch(head)
    await asyncio.wait_for(watch.wait_beyond(9, 5.0), SOON_S)


async def test_it_returns_when_the_time_is_over_and_looks_no_more(head):
    watch = HeadWatch(head)
    began = asyncio.get_running_loop().time()
    await watch.wait_beyond(5, 0.05)
    assert 0.04 < asyncio.get_running_loop().time() - began < 0.5
    await asyncio.sleep(SOON_S)
    asked = head.asked
    await asyncio.sleep(SOON_S)
    assert head.asked == asked


async def test_it_looks_more_and_more_seldom_while_nothing_comes(head):
    watch = HeadWatch(head)
    await watch.wait_beyond(5, 1.0)
    assert head.asked < 50


async def test_a_failure_is_told_to_all_and_those_who_come_later_look_again(head):
    watch = HeadWatch(head)
    head.position = None
    told = await asyncio.gather(waiting(watch, 5), waiting(watch, 5), return_exceptions=True)
    assert [type(error) for error in told] == [OSError, OSError]
    head.position = 6
    await asyncio.wait_for(watch.wait_beyond(5, 5.0), SOON_S)
