"""The topics that have a house's own names: one stack has them once, so each test leaves none."""

import asyncio
from collections.abc import Iterator

import pytest

from console.addresses import SERVICES
from eventing.kafka_access import KafkaAccess
from eventing.topics import topic_of
from notary.checkpoint_topic import TOPIC as CHECKPOINTS
from tests.support.stack import Stack

OWN_TOPICS = {*map(topic_of, SERVICES), CHECKPOINTS}
GONE_WITHIN_S = 20.0


@pytest.fixture(scope="module")
def own_topics(stack: Stack) -> Iterator[None]:
    """None of them is there before the module's tests, nor afterwards; such tests are `alone`."""
    asyncio.run(delete_own_topics(stack.kafka))
    yield
    asyncio.run(delete_own_topics(stack.kafka))


async def delete_own_topics(kafka: KafkaAccess) -> None:
    admin = kafka.admin()
    await admin.start()
    try:
        async with asyncio.timeout(GONE_WITHIN_S):
            while there := [name for name in await admin.list_topics() if name in OWN_TOPICS]:
                await admin.delete_topics(there)
                await asyncio.sleep(1)
    finally:
        await admin.close()
