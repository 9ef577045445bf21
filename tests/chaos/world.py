"""Collects the world that the checker looks at: databases, topics, the client's journal, letters.

With a superuser's connection and a plain consumer: nothing of what is checked helps to look at it.
"""

import asyncio
import email
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from eventing.kafka_access import KafkaAccess
from tests.chaos.looked_at import Cursor, Message, Row, Sent, World

PARTITIONS = 12
READ_WITHIN_S = 120.0
FETCH_MS = 500


async def collect(
    services: Sequence[str], postgres: str, kafka: KafkaAccess, journal: Path, letters: Path
) -> World:
    """Raises what asyncpg and aiokafka raise, TimeoutError."""
    world = World(logs={}, topics={}, answers={}, all_have_events=True)
    for service in services:
        connection = await asyncpg.connect(database_of(postgres, f"vt_{service}"))
        try:
            await connection.set_type_codec(
                "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
            )
            # One moment for all tables of a database.
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await _look_into(world, service, connection)
        finally:
            await connection.close()
        world.topics[service] = await _messages(kafka, f"vongtay.{service}.events")
    world.journal = [_sent(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    world.letters = [_letter(path) for path in sorted(letters.glob("*.eml"))]
    return world


def database_of(superuser: str, name: str) -> str:
    return urlunsplit(urlsplit(superuser)._replace(path=f"/{name}"))


async def _look_into(world: World, service: str, connection: Any) -> None:
    world.logs[service] = [
        Row(**row)
        for row in await connection.fetch(
            "SELECT position, event_id, stream, version, type, record, leaf"
            " FROM events ORDER BY position"
        )
    ]
    world.answers[service] = {
        (row["principal"], row["idempotency_key"]): row["position"]
        for row in await connection.fetch(
            "SELECT principal, idempotency_key, position FROM commands"
        )
    }
    world.cursors[service] = [
        Cursor(**row)
        for row in await connection.fetch(
            "SELECT name AS consumer, source, position, status FROM consumers"
        )
    ]
    world.parked[service] = await connection.fetchval(
        "SELECT count(*) FROM parked WHERE fate IS DISTINCT FROM 'skipped'"
    )
    views = await connection.fetch(
        "SELECT viewname FROM pg_views WHERE schemaname = 'read_models' ORDER BY viewname"
    )
    world.tables[service] = {
        view["viewname"]: [
            {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}
            for row in await connection.fetch(f'SELECT * FROM read_models."{view["viewname"]}"')  # noqa: S608 - a name from the catalogue
        ]
        for view in views
    }


async def _messages(kafka: KafkaAccess, topic: str) -> list[Message]:
    """All messages of a topic, each partition in its order; none if there is no such topic."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.brokers,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism=kafka.mechanism,
        sasl_plain_username=kafka.user,
        sasl_plain_password=kafka.password,
        enable_auto_commit=False,
        auto_offset_reset="none",
    )
    found: list[Message] = []
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            await consumer.start()
            if topic not in await consumer.topics():
                return []
            partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
            consumer.assign(partitions)
            end = await consumer.end_offsets(partitions)
            for partition in partitions:
                consumer.seek(partition, 0)
            unread = {partition for partition in partitions if end[partition]}
            while unread:
                got = await consumer.getmany(*unread, timeout_ms=FETCH_MS)
                for partition, messages in got.items():
                    found += [_message(each) for each in messages]
                    if messages[-1].offset + 1 >= end[partition]:
                        unread.discard(partition)
    finally:
        await consumer.stop()
    return found


def _message(message: Any) -> Message:
    position = int(dict(message.headers)["position"])
    return Message(message.partition, message.offset, position, message.key.decode(), message.value)


def _sent(line: str) -> Sent:
    said = json.loads(line)
    return Sent(
        **(said | {"principal": UUID(said["principal"]), "key": UUID(said["key"])}),
    )


def _letter(path: Path) -> UUID:
    """The message that a letter is about: its Message-ID begins with it."""
    said = email.message_from_bytes(path.read_bytes())["Message-ID"]
    return UUID(said.strip().removeprefix("<").partition("@")[0])
