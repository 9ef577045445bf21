"""A notary as a process of its own, to be killed: `python -m tests.notary.notary_process …`."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg

from eventing.kafka_access import KafkaAccess
from eventing.leadership import Leadership
from notary.checkpoint_topic import CheckpointTopic
from notary.keys import LogKeys
from notary.notary import Notary
from notary.tables import Tables
from tests.notary.notarized import LOGS, ORIGIN, SERVICE, SOON_S


async def main(dsn: str, brokers: str, topic: str, folder: str) -> None:
    kafka = KafkaAccess.administrator(brokers, os.environ["VONGTAY_KAFKA_PASSWORD"])
    keys = LogKeys.of(ORIGIN, Path(folder, "notary.key"), Path(folder, "notary.pub"))
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        await Notary(
            SERVICE,
            Tables(pool),
            CheckpointTopic(SERVICE, kafka, topic=topic, logs=LOGS),
            keys,
            Leadership(dsn),
            interval_s=SOON_S,
        ).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
