"""A service's topic in Kafka: made once, kept for ever, never with other settings than these."""

import asyncio
import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from eventing.kafka_access import KafkaAccess

PARTITIONS = 12
CONTENT_TYPE = b"application/cloudevents+json; charset=UTF-8"
STREAMS_REMEMBERED = 65_536
REQUEST_TIMEOUT_MS = 10_000
KNOWN_TRIES_MAX, KNOWN_PAUSE_S = 100, 0.1

SETTINGS: Mapping[str, str] = {
    # The topic is the published log: nothing in it ever ends, nothing replaces anything.
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
}


class WrongTopicSettings(Exception):
    """The topic exists with settings under which facts could be lost or lose their order."""


def topic_of(service: str) -> str:
    return f"vongtay.{service}.events"


async def ensure_topic(kafka: KafkaAccess, service: str, replication: int) -> None:
    """Make the service's topic if it is not there. Raises WrongTopicSettings, KafkaError."""
    await ensure(kafka, topic_of(service), PARTITIONS, replication)


async def ensure(kafka: KafkaAccess, topic: str, partitions: int, replication: int) -> None:
    """Make a topic that is kept for ever if it is not there.

    Raises WrongTopicSettings, KafkaError.
    """
    settings = {**SETTINGS, "min.insync.replicas": str(min(2, replication))}
    admin = kafka.admin(request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        made = await admin.create_topics([NewTopic(topic, partitions, replication, None, settings)])
        for _, code, message in made.topic_errors:
            if code not in (0, TopicAlreadyExistsError.errno):
                raise for_code(code)(message)
        await _check(admin, topic, partitions, replication)
    finally:
        await admin.close()


async def _check(admin: AIOKafkaAdminClient, topic: str, partitions: int, replication: int) -> None:
    described = await _described(admin, topic)
    wrong: list[str] = []
    if (count := len(described["partitions"])) != partitions:
        # Another count would send a stream's next event to another partition than its last.
        wrong.append(f"{count} partitions instead of {partitions}")
    if (copies := min(len(part["replicas"]) for part in described["partitions"])) < replication:
        wrong.append(f"{copies} replicas instead of {replication}")
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    for code, message, _, _, entries in (res for answer in answers for res in answer.resources):
        if code:
            raise for_code(code)(message)
        actual = {entry[0]: entry[1] for entry in entries}
        wrong += [
            f"{name}={actual.get(name)} instead of {value}"
            for name, value in SETTINGS.items()
            if actual.get(name) != value
        ]
    if wrong:
        raise WrongTopicSettings(f"topic {topic} has {', '.join(wrong)}")


async def _described(admin: AIOKafkaAdminClient, topic: str) -> dict[str, Any]:
    """A topic that was just made is known to a broker a little later, and has its leaders then."""
    for _ in range(KNOWN_TRIES_MAX):
        (described,) = await admin.describe_topics([topic])
        code = described["error_code"] or max(
            part["error_code"] for part in described["partitions"]
        )
        if not code:
            return dict(described)
        await asyncio.sleep(KNOWN_PAUSE_S)
    raise for_code(code)(topic)


def headers_of(position: int, event_type: str) -> list[tuple[str, bytes]]:
    """What stands beside a record in its message, for those who do not want to decode it.

    `content-type` is what CloudEvents' Kafka binding asks for in structured mode.
    """
    return [
        ("content-type", CONTENT_TYPE),
        ("position", b"%d" % position),
        ("type", event_type.encode()),
    ]


@lru_cache(STREAMS_REMEMBERED)
def partition_of(key: bytes, partitions: int = PARTITIONS) -> int:
    """Kafka's own default: murmur2 of the key, its sign dropped, modulo the partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """MurmurHash2 with Kafka's seed, unsigned 32 bits, as org.apache.kafka.common.utils has it."""
    length = len(data)
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ length
    words = length >> 2
    for k in struct.unpack_from(f"<{words}I", data):
        mixed = (k * m) & mask
        h = ((h * m) & mask) ^ (((mixed ^ (mixed >> 24)) * m) & mask)
    if tail := data[words << 2 :]:
        h = ((h ^ int.from_bytes(tail, "little")) * m) & mask
    h = ((h ^ (h >> 13)) * m) & mask
    return h ^ (h >> 15)
