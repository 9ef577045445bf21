"""Older code reads what newer code wrote, is upgraded, rolled back, and upgraded again."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from eventing.record import Older, StoredRecord, Why, encode
from eventing.topics import ensure_topic
from tests.edge.test_processes import PROJECT, environment, running
from tests.eventing.readers import KEEPER, a_service, booked, opened, service
from tests.eventing.test_kafka_source import Topic

__all__ = ["environment", "service"]

PROGRAM = "tests.edge.editions"


class Upgraded:
    """The source's topic, written by hand, and the reading service in one edition or the other."""

    def __init__(self, topic, environment, folder):
        self.topic, self.folder = topic, folder
        self.environment = environment | {"SOURCE": topic.service}
        self.funds = 0
        # The source's own log, by type and version, and when each was recorded.
        self.log = []

    async def publish(self, *, opened_in=(), entries=0, recorded_at=None):
        """Funds opened, in the given versions of the event, and entries booked in the last one."""
        facts = []
        for version in opened_in:
            self.funds += 1
            facts.append(("fund-opened", version, opened(self.funds)))
        facts += [("fund-entry-booked", 1, booked(self.funds)) for _ in range(entries)]
        records = []
        for name, version, fact in facts:
            at = recorded_at or datetime.now(UTC)
            data = {one.name: msgspec.to_builtins(getattr(fact, one.name)) for one in fields(fact)}
            stream = f"fund-{fact.fund_id}"
            new = encode(
                self.topic.service,
                stream,
                1 + sum(stream == before[3] for before in self.log),
                uuid4(),
                Older(name, version, data),
                at,
                Why(actor=KEEPER),
            )
            self.log.append((name, version, at, stream))
            records.append(StoredRecord(self.topic.service, len(self.log), new.record))
        await self.topic.publish(*records)

    @asynccontextmanager
    async def worker(self, edition):
        environment = self.environment | {"EDITION": edition}
        async with running("worker", environment, self.folder, PROGRAM) as worker:
            yield worker
            assert await worker.end() == 0

    async def level(self, worker):
        """What a worker says when it has read all, and nothing is being built or parked."""
        return await worker.ready(
            lambda said: (
                said["ready"]
                and said["consumers"]
                and all(one["status"] == "live" for one in said["consumers"])
                and all(one["position"] == self.head(one, said) for one in said["consumers"])
            )
        )

    def head(self, consumer, said):
        return len(self.log) if consumer["source"] == self.topic.service else said["head"]

    async def compare(self, edition):
        """Raises AssertionError when what is served is not what a replay gives."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", PROGRAM, "compare"],
            env=self.environment | {"EDITION": edition},
            cwd=PROJECT,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        told = json.loads(done.stdout)
        assert told["positions"][self.topic.service] == len(self.log)
        assert told["served"] == told["replayed"]

    async def effects(self):
        """By reaction, the positions of the causes of what is in the reading service's own log."""
        connection = await asyncpg.connect(self.environment["VONGTAY_DATABASE_URL"])
        streams = await connection.fetch("SELECT stream FROM events ORDER BY position")
        await connection.close()
        found = Counter(row["stream"] for row in streams)
        assert set(found.values()) == {1}, found
        by_reaction = {}
        for stream in found:
            reaction, _, position = stream.rpartition("-")
            by_reaction.setdefault(reaction, set()).add(int(position))
        return by_reaction

    def positions(self, name, since):
        return {
            position
            for position, (type_name, _, at, _) in enumerate(self.log, 1)
            if type_name == name and at >= since
        }


@pytest.fixture
async def upgraded(stack, environment, tmp_path):
    async with a_service(stack.kafka) as source:
        await ensure_topic(stack.kafka, source, 1)
        async with stack.kafka.producer() as producer:
            yield Upgraded(Topic(stack.kafka, source, producer), environment, tmp_path)


def unknown(said):
    return {(one["type"], one["version"]): one["records"] for one in said["unknown"]}


async def test_nothing_is_lost_and_nothing_happens_twice(upgraded):
    last_year = datetime.now(UTC) - timedelta(days=365)
    await upgraded.publish(opened_in=[1, 1, 1], recorded_at=last_year)
    await upgraded.publish(opened_in=[1, 1, 1])
    async with upgraded.worker("older") as worker:
        assert (await upgraded.level(worker))["unknown"] == []
        # The source is upgraded first; who reads it, later.
        await upgraded.publish(opened_in=[1, 2, 2], entries=4)
        said = await upgraded.level(worker)
        assert {one["source"] for one in said["unknown"]} == {upgraded.topic.service}
        assert unknown(said) == {("fund-opened", 2): 2, ("fund-entry-booked", 1): 4}
        metrics = (await worker.client.get("/metrics")).text
        assert f'vongtay_unknown_events{{source="{upgraded.topic.service}"}} 6.0' in metrics
    await upgraded.compare("older")

    newer_began = datetime.now(UTC)
    async with upgraded.worker("newer") as worker:
        await worker.ready(lambda said: said["ready"] and not said["parked"])
        assert (await upgraded.level(worker))["unknown"] == []
        await upgraded.publish(opened_in=[2, 2], entries=2)
        await upgraded.level(worker)
        await upgraded.compare("newer")

    async with upgraded.worker("older") as worker:
        await upgraded.publish(opened_in=[1, 2], entries=3)
        said = await upgraded.level(worker)
        assert unknown(said).keys() >= {("fund-opened", 2), ("fund-entry-booked", 1)}
    await upgraded.compare("older")

    async with upgraded.worker("newer") as worker:
        await worker.ready(lambda said: said["ready"] and not said["parked"])
        await upgraded.publish(opened_in=[2], entries=1)
        assert (await upgraded.level(worker))["unknown"] == []
        await upgraded.compare("newer")

    all_opened = upgraded.positions("fund-opened", last_year)
    assert await upgraded.effects() == {
        "opened": all_opened,
        "booked": upgraded.positions("fund-entry-booked", last_year),
        # A reaction that is new to an old type has its past; one that begins now has none.
        "again": all_opened,
        "from-now": upgraded.positions("fund-opened", newer_began),
        # And nothing goes out of the house for what was last year.
        "letter": upgraded.positions("fund-opened", last_year + timedelta(days=1)),
    }
