"""A fault counts when it struck; whoever dies otherwise than told is a surprise."""

import asyncio
import random
import sys
from types import SimpleNamespace

import pytest

from console.supervisor import Process
from tests.chaos import faults, run
from tests.chaos.faults import WEIGHTS, Place
from tests.chaos.fleet import Fleet
from tests.chaos.run import Asked, Outcome

WAITS = "import time; time.sleep(60)"
DIES_AS_TOLD = "import os, time; 'VONGTAY_FAIL_AT' in os.environ and os.kill(os.getpid(), 9);"
CRASHES_LATER = "import os, sys; 'VONGTAY_FAIL_AT' in os.environ and sys.exit(3);"


@pytest.fixture
def fleet():
    fleet = Fleet()
    yield fleet
    for each in fleet.kept.values():
        each.child.stop([])


def process(folder, code, name="donations-worker"):
    return Process(
        name=name,
        command=[sys.executable, "-c", code],
        environment={},
        log=folder / f"{name}.log",
        answers_at="http://127.0.0.1:9/healthz",
    )


def place(fleet, folder, **more):
    more = {"stack": None, "season": None, "addresses": None, "disk": None} | more
    log = folder / "postgres.log"
    log.touch()
    chance = random.Random(1)  # noqa: S311 - no secret
    return Place(fleet=fleet, chance=chance, frozen_s=1.0, postgres_log=log, **more)


async def told_to_fail(fleet):
    keeping = asyncio.create_task(fleet.keep_running())
    try:
        met = await fleet.fail_at("donations-worker", "relay:here", 1, 5.0)
        await asyncio.sleep(0.3)
        return met
    finally:
        keeping.cancel()


async def test_a_fail_point_that_is_met_is_told_by_name(fleet, tmp_path):
    fleet.start([process(tmp_path, DIES_AS_TOLD + WAITS)])
    assert await told_to_fail(fleet)
    assert (fleet.met, fleet.surprises) == ({"relay:here": 1}, [])
    assert fleet.names("-worker") == ["donations-worker"]


async def test_a_crash_of_one_that_was_told_to_die_elsewhere_is_a_surprise(fleet, tmp_path):
    fleet.start([process(tmp_path, CRASHES_LATER + WAITS)])
    assert not await told_to_fail(fleet)
    assert not fleet.met
    assert fleet.surprises == ["donations-worker ended by itself with 3"]


async def test_a_fail_point_that_was_not_met_is_forgotten_with_the_process(fleet, tmp_path):
    fleet.start([process(tmp_path, WAITS)])
    assert not await fleet.fail_at("donations-worker", "relay:here", 1, 0.2)
    fleet.kill("donations-worker")
    fleet.kept["donations-worker"].child.stop([])
    keeping = asyncio.create_task(fleet.keep_running())
    await asyncio.sleep(0.3)
    keeping.cancel()
    assert (fleet.met, fleet.surprises) == ({}, [])


async def test_what_did_nothing_does_not_count(fleet, tmp_path):
    at, outcome = place(fleet, tmp_path), Outcome(1)
    for fault in (faults.kill_web, faults.fail_point, faults.frozen_leader, faults.full_disk):
        await run._strike(fault, outcome, at, "2024-10-07")
    assert len(outcome.faults) == 4
    assert at.struck.total() == 0
    fleet.start([process(tmp_path, WAITS)])
    for _ in range(2):
        await run._strike(faults.two_of_each, outcome, at, "2024-10-07")
    await run._strike(faults.kill_worker, outcome, at, "2024-10-07")
    assert at.struck == {
        "kill_web": 0,
        "fail_point": 0,
        "frozen_leader": 0,
        "full_disk": 0,
        "two_of_each": 1,
        "kill_worker": 1,
    }


@pytest.mark.parametrize(
    ("said", "struck"),
    [("LOG: checkpoint", False), ("ERROR: could not extend: No space left on device", True)],
)
async def test_a_full_disk_strikes_when_a_write_failed(fleet, tmp_path, monkeypatch, said, struck):
    monkeypatch.setattr(faults, "DISK_FULL_S", 0.0)
    monkeypatch.setattr(faults, "_fill", lambda ballast: ballast.write_bytes(b"0"))
    log = tmp_path / "postgres.log"

    def died():
        with log.open("a") as file:
            file.write(said)

    log.write_text("an earlier one: No space left on device")
    stack = SimpleNamespace(
        died=died,
        start_again=lambda _: None,
        wait_until_it_answers=lambda _: None,
        postgres="postgresql://127.0.0.1:1/nothing",
    )
    at = place(fleet, tmp_path, stack=stack, disk=tmp_path)
    assert (await faults.full_disk(at)).struck is struck


def test_all_fail_points_are_drawn():
    """Each that the code comes by, and no other."""
    found = set()
    for folder in ("eventing", "notary"):
        for path in (run.PROJECT / folder).glob("*.py"):
            parts = path.read_text().split('come_by("')[1:]
            found |= {part.partition('"')[0] for part in parts}
    assert found == {*faults.OF_WEB, *faults.OF_WORKER}
    assert faults.fail_point in WEIGHTS


def test_what_fails_before_it_began_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "FAILURES", tmp_path)

    async def prepare(*_):
        raise TimeoutError

    monkeypatch.setattr(run, "prepare", prepare)
    monkeypatch.setattr(run, "EmbeddedStack", FakeStack)
    outcome = run.run(Asked(7, with_disk=False))
    (wrong,) = outcome.wrong
    assert "raise TimeoutError" in wrong
    assert "in prepare" in wrong
    assert (tmp_path / "seed-7" / "outcome.json").exists()


class FakeStack:
    def __init__(self, *_, **__):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        raise OSError("a server would not end")


def test_what_fails_at_the_end_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "FAILURES", tmp_path)

    async def nothing(*_):
        pass

    monkeypatch.setattr(run, "_run", nothing)
    monkeypatch.setattr(run, "EmbeddedStack", FakeStack)
    outcome = run.run(Asked(8, with_disk=False))
    assert "a server would not end" in outcome.wrong[0]
    assert (tmp_path / "seed-8" / "outcome.json").exists()
