"""A notary that dies between any two steps leaves nothing that its successor cannot go on from."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.stack import as_told

PROJECT = Path(__file__).parents[2]


async def killed_at(log, point):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.notary.notary_process"),
        *(log.database.dsn, log.kafka.brokers, log.topic, str(log.folder)),
        env=os.environ
        | as_told(log.kafka)
        | {"VONGTAY_MODE": "development", "VONGTAY_FAIL_AT": f"{point}:1"},
        cwd=PROJECT,
    )
    try:
        assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()


@pytest.mark.parametrize(
    ("point", "durable", "released"),
    [
        ("notary:before-commit", [300], [300]),
        ("notary:after-commit-before-release", [300, 400], [300]),
        ("notary:after-release-before-checkpoint", [300, 400], [300, 400]),
    ],
)
async def test_killed_there_it_goes_on(log, point, durable, released):
    await log.write(300)
    async with log.notary() as task:
        await log.signed(300, task)
    await log.write(100)
    await killed_at(log, point)
    assert [each.size for each in await log.tables.notes(0, 10)] == durable
    assert [each.size for each in await log.published()] == released
    assert await log.one("SELECT released FROM notary") == 300
    end = await log.write(100)
    async with log.notary() as task:
        await log.signed(end, task)
    await log.check_tree(end)
    kept = await log.tables.notes(0, 10)
    # Each checkpoint that is durable was published, once each: none twice with another root.
    assert [each.size for each in await log.published()] == [each.size for each in kept]
    assert {each.size: each.root for each in await log.published()} == {
        each.size: each.root for each in kept
    }
