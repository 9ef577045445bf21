"""A restored log brought up to what Kafka knows; a lost Kafka made ready to be filled again."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from eventing.bring_back import BroughtBack, bring_back
from eventing.compared import TAIL_RECORDS, is_there
from eventing.kafka_access import KafkaAccess
from eventing.kafka_tail import tails
from eventing.topics import topic_of
from notary.bring_back import bring_back_checkpoints
from notary.checkpoint_topic import CheckpointTopic
from notary.keys import LogKeys

CONNECT_WITHIN_S = 10.0


class StillRunning(Exception):
    """Processes of the service are connected to its database. They must be stopped first."""


class KafkaIsNotEmpty(Exception):
    """The topic has records: nothing is to be filled again."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`signed`: up to here the log was held against its newest checkpoint; 0: nobody signed it."""

    records: BroughtBack
    signed: int


async def restore(
    service: str,
    log_owner: str,
    kafka: KafkaAccess,
    checkpoints: CheckpointTopic | None,
    keys: LogKeys | None,
    log_source: str,
) -> Restored:
    """Bring the log at the owner's DSN up to what Kafka knows, verify it, and open it.

    It stays closed when anything is wrong. `checkpoints` None: a service that has no notary.
    Raises StillRunning, and what `bring_back` and `bring_back_checkpoints` raise.
    """
    async with _alone(service, log_owner) as owner:
        await owner.execute(
            "UPDATE head SET closed = $1 WHERE closed IS NULL",
            f"the log is being restored; if that was cut short: vongtay restore {service}",
        )
        records = await bring_back(service, owner, kafka, log_source)
        signed = 0
        if checkpoints is not None:
            signed = await bring_back_checkpoints(owner, checkpoints, keys)
        await owner.execute("UPDATE relay SET trouble = NULL")
        await owner.execute("UPDATE head SET closed = NULL")
    return Restored(records, signed)


async def refill_kafka(service: str, log_owners: Mapping[str, str], kafka: KafkaAccess) -> int:
    """Let the relay publish the whole log again, to an empty topic; return how many records.

    `log_owners`: DSNs of all services' logs. Readers begin to look for their place anew: the
    topic's offsets are not what they were. Raises KafkaIsNotEmpty, StillRunning, KafkaError.
    """
    topic = topic_of(service)
    if await is_there(kafka, topic):
        ends = await tails(kafka, topic, TAIL_RECORDS)
        if any(end.leaves for end in ends.values()):
            raise KafkaIsNotEmpty(f"topic {topic} has records: it is not filled again")
    for name, dsn in log_owners.items():
        async with _alone(name, dsn) as owner:
            await owner.execute("UPDATE consumers SET hint = NULL WHERE source = $1", service)
    async with _alone(service, log_owners[service]) as owner:
        await owner.execute("UPDATE relay SET published = 0, trouble = NULL")
        count: int = await owner.fetchval("SELECT position FROM head")
        return count


@asynccontextmanager
async def _alone(service: str, dsn: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    owner = await asyncpg.connect(dsn, timeout=CONNECT_WITHIN_S)
    try:
        others = await owner.fetch(
            "SELECT DISTINCT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            # Of the server's own tasks, such as autovacuum, none has a user.
            " AND usename IS NOT NULL"
        )
        if others:
            raise StillRunning(
                f"stop {service} first: {_listed(row['application_name'] for row in others)}"
                " connected to its database"
            )
        yield owner
    finally:
        await owner.close()


def _listed(names: Iterable[str]) -> str:
    found = sorted({name or "somebody" for name in names})
    return f"{', '.join(found)} {'is' if len(found) == 1 else 'are'}"
