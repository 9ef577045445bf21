"""A broker that comes back elsewhere, behind the name that it was reached by, is found again."""

import asyncio
import signal
from contextlib import asynccontextmanager

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.kafka_jars import CACHE, class_path
from deploy.embedded.ports import LOOPBACK, is_free
from eventing.following import Cursor, Follow
from eventing.hearing import Hearing, KafkaIsSilent
from eventing.kafka_access import KafkaAccess
from eventing.kafka_source import KafkaSource
from eventing.topics import ensure_topic
from tests.eventing.test_kafka_source import Topic, a_log

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

SERVICE = "moving"
SILENT_WITHIN_S = 3.0
FOUND_WITHIN_S = 60
ANSWERS_WITHIN_S = 60


class Name:
    """Where the broker is called by: leads to it wherever it is."""

    def __init__(self):
        self.port = 0
        self.leads_to = 0
        self._lines = set()

    @asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for line in self._lines:
                line.cancel()

    async def _accept(self, reader, writer):
        try:
            from_broker, to_broker = await asyncio.open_connection(LOOPBACK, self.leads_to)
        except OSError:
            writer.close()
            return
        for pair in ((reader, to_broker), (from_broker, writer)):
            line = asyncio.ensure_future(self._pass(*pair))
            self._lines.add(line)
            line.add_done_callback(self._lines.discard)

    async def _pass(self, reader, writer):
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


class Broker:
    def __init__(self, folder, log, name):
        self.server = Kafka(folder, log, class_path(CACHE))
        self.name = name
        self.child = None

    @property
    def access(self):
        return self.server.access(f"{LOOPBACK}:{self.name.port}")

    async def start(self):
        self.child, port = self.server.start(0)
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            while is_free(port) or not await self.server.answers(f"{LOOPBACK}:{port}"):
                await asyncio.sleep(0.2)
        self.name.leads_to = port

    async def stop(self):
        await asyncio.to_thread(self.child.stop, [(signal.SIGTERM, 10.0)])


@pytest.fixture
async def broker(tmp_path):
    async with Name().listening() as name:
        with (tmp_path / "log").open("ab") as log:
            it = Broker(tmp_path, log, name)
            await it.start()
            yield it
            await it.stop()


async def publish(access: KafkaAccess, log):
    async with access.producer() as producer:
        await Topic(access, SERVICE, producer).publish(*log)


async def test_a_reader_finds_a_broker_that_moved(broker):
    log = a_log(SERVICE, 60)
    await ensure_topic(broker.access, SERVICE, 1)
    await publish(broker.access, log[:30])
    read, troubles, cursor = [], [], Cursor(0, None)

    async def take(records, hint):
        read.extend(records)
        cursor.position, cursor.hint = records[-1].position, hint

    async def trouble(what):
        troubles.append(what)

    follow = Follow(
        service=SERVICE,
        make_source=lambda service: KafkaSource(
            service, broker.access, silent_within_s=SILENT_WITHIN_S
        ),
        cursor=lambda: cursor,
        take=take,
        trouble=trouble,
        limit=lambda: 100,
    )
    following = asyncio.ensure_future(follow.run())
    try:
        async with asyncio.timeout(FOUND_WITHIN_S):
            while len(read) < 30:
                await asyncio.sleep(0.1)
        # With nothing new for longer than that a reader that is answered is not silent.
        await asyncio.sleep(SILENT_WITHIN_S + 2)
        assert troubles == []
        before = broker.name.leads_to
        await broker.stop()
        await broker.start()
        assert broker.name.leads_to != before
        await publish(broker.access, log[30:])
        async with asyncio.timeout(FOUND_WITHIN_S):
            while len(read) < 60:
                await asyncio.sleep(0.1)
    finally:
        following.cancel()
        await asyncio.wait([following])
    assert read == log
    assert "silent: KafkaIsSilent" in troubles
    assert troubles[-1] is None


def test_silence_is_told_from_a_lack_of_news(monkeypatch):
    answered = {"a": 1, "b": None}

    class Consumer:
        def last_poll_timestamp(self, partition):
            return answered[partition]

    now = [0.0]
    monkeypatch.setattr("eventing.hearing.time.monotonic", lambda: now[0])
    hearing = Hearing(Consumer(), 30.0)
    for second in range(20, 200, 20):
        now[0], answered["b"] = float(second), second
        hearing.check(["a", "b"])
    now[0] += 29.0
    hearing.check(["a", "b"])
    now[0] += 2.0
    with pytest.raises(KafkaIsSilent, match="30 s"):
        hearing.check(["a", "b"])
