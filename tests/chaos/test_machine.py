"""The state machine in memory, and on the real PostgreSQL and Kafka."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from eventing.hearing import Hearing
from eventing.kafka_source import KafkaSource
from eventing.leadership import Leadership
from eventing.memory_store import MemoryStore
from eventing.postgres_store import PostgresStore
from eventing.relay import Relay
from tests.chaos.machine import StoreMachine
from tests.chaos.topic_in_memory import Consumer, TopicInMemory
from tests.eventing.readers import a_copy

HOW_MANY = some.integers(1, 7)


class InMemory(StoreMachine):
    """The relay is one that may crash after each record and each checkpoint; the reader is ours."""

    def __init__(self):
        super().__init__()
        self.store = MemoryStore(self.service)
        self.topic = TopicInMemory()
        self.checkpoint = 0
        self.published = 0
        self.read_so_far: list[Any] = []
        self.hint: Any = None
        self.restart_the_reader(0)

    @rule(count=HOW_MANY, crashes=some.booleans())
    def publish(self, count, crashes):
        """A leader takes over at the checkpoint, and sends from there on."""
        self._send(self.checkpoint, count)
        if not crashes:
            self.checkpoint = min(self.checkpoint + count, len(self.log))

    @precondition(lambda self: self.published)
    @rule(at=some.integers(0, 1_000), count=HOW_MANY)
    def wake_too_late(self, at, count):
        """A leader that was frozen sends what its successor has sent long ago."""
        after = at % self.published
        self._send(after, min(count, self.published - after))

    def _send(self, after, count):
        for position in range(after + 1, min(after + count, len(self.log)) + 1):
            stream, record = self.log[position - 1]
            self.topic.publish(position, stream, record)
            self.published = max(self.published, position)

    @rule(begins_with=some.integers(0, 11))
    def restart_the_reader(self, begins_with):
        """It has its position and, as a hint, offsets that it kept with an earlier one."""
        self.source = KafkaSource(self.service, "nowhere")
        self.source._consumer = consumer = Consumer(self.topic, begins_with)
        self.source._hearing = Hearing(consumer)
        offsets = self.hint or dict.fromkeys(range(12), 0)
        self.source._reset(len(self.read_so_far), offsets)
        self.source._seek()

    @rule(limit=HOW_MANY)
    def read_from_the_topic(self, limit):
        taken = self.wait(self.source.next(limit, 0.002))
        self.read_so_far += taken
        if taken:
            self.hint = dict(self.source._resume)

    @invariant()
    def the_reader_gets_the_log(self):
        assert self.read_so_far == self.stored()[: len(self.read_so_far)]
        # What was seen does not wait here for ever.
        assert all(position > len(self.read_so_far) for position in self.source._waiting)

    def teardown(self):
        # Not from the checkpoint on: what was sent twice would hide what was not read.
        self._send(self.published, len(self.log))
        while taken := self.wait(self.source.next(100, 0.05)):
            self.read_so_far += taken
        assert self.read_so_far == self.stored()
        super().teardown()


def test_the_store_and_the_reader_in_memory():
    run_state_machine_as_test(
        InMemory, settings=settings(max_examples=60, stateful_step_count=40, deadline=None)
    )


class Crash(Exception):
    """Here the process would have died."""


class MortalRelay(Relay):
    """Dies after Kafka has a batch, before it says so, if told to."""

    dies = False

    async def _checkpoint(self, position):
        if self.dies:
            raise Crash
        await super()._checkpoint(position)


class OnServers(StoreMachine):
    """`stack` and `templates` are set in a subclass: hypothesis makes the machines by itself."""

    stack: Any
    templates: Any
    store: Any
    database: Any

    def __init__(self):
        super().__init__()
        self.service = f"s{uuid4().hex[:12]}"
        self.closing = AsyncExitStack()
        self.wait(self._open())

    async def _open(self):
        self.database = await self.closing.enter_async_context(a_copy(self.templates))
        self.store = await PostgresStore(self.service, self.database.dsn).__aenter__()

    @rule()
    def restart_the_process(self):
        self.wait(self.store.__aexit__(None, None, None))
        self.store = self.wait(PostgresStore(self.service, self.database.dsn).__aenter__())

    @rule()
    def lose_all_connections(self):
        self.wait(
            self.database.pool.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND application_name <> ''"
            )
        )

    @precondition(lambda self: self.log)
    @rule(dies=some.booleans())
    def relay(self, dies):
        self.wait(self._relay(dies=dies))

    async def _relay(self, *, dies):
        leadership = Leadership(self.database.dsn)
        relay = MortalRelay(self.service, self.database.pool, self.stack.kafka, leadership)
        relay.dies = dies
        running = asyncio.ensure_future(relay.run())
        try:
            async with asyncio.timeout(30):
                while relay.published < len(self.log) and not running.done():
                    await asyncio.sleep(0.01)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError, Crash):
                await running
            await leadership.close()
        assert dies or relay.published == len(self.log)

    async def _read(self):
        source = KafkaSource(self.service, self.stack.kafka)
        try:
            await source.start(0)
            found: list[Any] = []
            while len(found) < len(self.log) and (more := await source.next(1_000, 10.0)):
                found += more
            return [*found, *await source.next(1_000, 0.2)]
        finally:
            await source.stop()

    def teardown(self):
        try:
            if self.log:
                self.wait(self._relay(dies=False))
                assert self.wait(self._read()) == self.stored()
        finally:
            self.wait(self.store.__aexit__(None, None, None))
            self.wait(self.closing.aclose())
            super().teardown()


@pytest.mark.stack
@pytest.mark.timeout(300)
def test_the_store_and_the_relay_on_servers(stack, templates, monkeypatch):
    # So few that batches are full: the next is made ready while Kafka takes one.
    monkeypatch.setattr("eventing.relay.BATCH_RECORDS", 3)
    run_state_machine_as_test(
        type("OnTheStack", (OnServers,), {"stack": stack, "templates": templates}),
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
