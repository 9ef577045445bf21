import pytest
from rich.progress import Progress

from audit.export import Export
from audit.verify import verify
from console.audit_options import Bars
from console.taking_home import from_kafka
from eventing.topics import ensure_topic, topic_of
from tests.audit.planted import a_log
from tests.eventing.readers import service
from tests.support.own_topics import own_topics

__all__ = ["own_topics", "service"]

# It reads the topic of checkpoints, which all logs share.
pytestmark = [pytest.mark.alone, pytest.mark.usefixtures("own_topics")]


async def publish(kafka, name, log, start=1):
    """As a relay does, in one partition for each of the log's two streams."""
    async with kafka.producer() as producer:
        for position, record in enumerate(log, start):
            await producer.send(
                topic_of(name),
                record,
                key=f"grant-{position % 2}".encode(),
                headers=[("position", str(position).encode())],
            )


async def test_a_log_is_taken_from_kafka_and_gone_on_with(stack, service, tmp_path):
    log = [each.replace(b".example/registry", f".example/{service}".encode()) for each in a_log()]
    kafka = stack.kafka
    await ensure_topic(kafka, service, 1)
    progress = Progress(disable=True)

    async def take_home():
        await from_kafka(
            tmp_path, kafka, "vongtay.example", [], {}, Bars(progress),
            compressed=True, services=(service, "never-published"),
        )  # fmt: skip
        return Export(tmp_path)

    await publish(kafka, service, log[:15])
    assert (await take_home()).log(service).size == 15
    # What a relay repeats after a crash is no new record.
    await publish(kafka, service, log[9:], 10)
    export = await take_home()
    assert list(export.records(service)) == list(enumerate(log, 1))
    assert export.log("never-published").size == 0
    assert verify(tmp_path).holds
    bars = [(task.completed, task.total) for task in progress.tasks if task.description == service]
    assert bars == [(15, 15), (22, 22)]
