import asyncio
import contextlib

import pytest

from edge.readiness import Part
from edge.supervision import Supervisor, Task
from eventing.sources import HoleInTheLog

CHILD = "Nguyễn Thị Hoa Mai"


class Crashing:
    def __init__(self, error, times):
        self.error, self.times, self.runs = error, times, 0

    async def __call__(self):
        self.runs += 1
        if self.runs <= self.times:
            raise self.error
        await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def supervised(*tasks, **pauses):
    restarted: list[str] = []
    supervisor = Supervisor(tasks, restarted.append, **({"pause_s_min": 0} | pauses))
    running = asyncio.ensure_future(supervisor.run())
    try:
        yield supervisor, restarted
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_a_part_that_crashes_starts_again_and_the_others_go_on():
    crashing, steady = Crashing(ZeroDivisionError(), 3), Crashing(None, 0)
    async with supervised(Task("crashing", crashing), Task("steady", steady)) as (it, restarted):
        await until(lambda: crashing.runs == 4)
        assert it.parts() == (Part("crashing", "running", 3), Part("steady", "running", 0))
        assert restarted == ["crashing"] * 3
    assert steady.runs == 1


async def test_a_part_that_ends_by_itself_starts_again():
    ends = []

    async def end():
        ends.append(1)

    async with supervised(Task("ends", end)):
        await until(lambda: len(ends) > 2)


async def test_between_starts_it_shows_as_failing_without_its_message():
    crashing = Crashing(ValueError(CHILD), 1)
    async with supervised(Task("crashing", crashing), pause_s_min=60, pause_s_max=60) as (it, _):
        await until(lambda: crashing.runs == 1)
        assert it.parts() == (Part("crashing", "failing", 1, "ValueError"),)


async def test_what_an_operator_must_know_is_told_in_full():
    crashing = Crashing(HoleInTheLog("registry", 7), 1)
    async with supervised(Task("crashing", crashing), pause_s_min=60, pause_s_max=60) as (it, _):
        await until(lambda: crashing.runs == 1)
        assert "7" in it.parts()[0].error


async def test_pauses_double_up_to_a_bound(monkeypatch):
    pauses = []
    sleep = asyncio.sleep

    async def noted(seconds):
        if seconds > 0.001:
            pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    crashing = Crashing(ValueError(), 6)
    async with supervised(Task("crashing", crashing), pause_s_min=1, pause_s_max=10):
        await until(lambda: crashing.runs == 7)
    longest = [1, 2, 4, 8, 10, 10]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))


async def test_ending_ends_all_parts():
    ended = []

    async def part():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    async with supervised(Task("a", part), Task("b", part)):
        await asyncio.sleep(0.01)
    assert ended == [1, 1]


def test_two_parts_have_two_names():
    with pytest.raises(ValueError, match="one name"):
        Supervisor([Task("a", Crashing(None, 0))] * 2, print)
