"""A restored log brought up to what Kafka knows; a lost Kafka made ready to be filled again.

Where both were lost, what others had read of a log may be nowhere: their readers are set back.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from eventing.bring_back import BroughtBack, bring_back
from eventing.compared import is_there
from eventing.kafka_access import KafkaAccess
from eventing.kafka_tail import TAIL_RECORDS, tails
from eventing.record import decode_envelope
from eventing.set_back import set_back
from eventing.topics import topic_of
from notary.bring_back import bring_back_checkpoints
from notary.checkpoint_topic import CheckpointTopic
from notary.keys import LogKeys
from notary.proven_source import without_offsets
from notary.same_past import past_of

CONNECT_WITHIN_S = 10.0
GOES_WITHIN_S = 3
LOOKED_AT_MAX = 50_000
OTHERS = """
SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
    -- Of the server's own tasks, such as autovacuum, none has a user.
    AND usename IS NOT NULL
"""


class StillRunning(Exception):
    """Processes of the service are connected to its database. They must be stopped first."""


class KafkaIsNotEmpty(Exception):
    """The topic has records: nothing is to be filled again."""


class KafkaIsLost(Exception):
    """The topic is empty, and nobody has said that Kafka was lost as well."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`signed`: up to here the log was held against its newest checkpoint; 0: nobody signed it."""

    records: BroughtBack
    signed: int


@dataclass(frozen=True, slots=True)
class SetBack:
    """Readers of one service that had read more of a log than it has; now they are at `to`."""

    service: str
    source: str
    to: int
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RestsOnNothing:
    """A record whose cause is in no log any more: a person looks whether it may stand."""

    service: str
    position: int
    type: str


@dataclass(frozen=True, slots=True)
class WhatToRestore:
    """One service's log: `owner` is its DSN. `checkpoints` None: a service without a notary."""

    owner: str
    checkpoints: CheckpointTopic | None
    keys: LogKeys | None
    log_source: str


@dataclass(frozen=True, slots=True)
class Machine:
    """`lost`: services whose topic is to be filled again. `restored` are all."""

    restored: Mapping[str, Restored]
    lost: Sequence[str]
    set_back: Sequence[SetBack]
    rests_on_nothing: Sequence[RestsOnNothing]


async def restore_machine(
    logs: Mapping[str, WhatToRestore], kafka: KafkaAccess, *, kafka_is_lost: bool
) -> Machine:
    """Bring all logs up to what Kafka knows, or make an empty Kafka ready to be filled from them.

    The logs may be of different moments. All stay closed until everything is done; ended in the
    middle, it goes on when it is run again.
    Raises KafkaIsLost, StillRunning, and what `bring_back` and `bring_back_checkpoints` raise.
    """
    restored: dict[str, Restored] = {}
    lost: list[str] = []
    for service, log in logs.items():
        async with _alone(service, log.owner) as owner:
            await _close(service, owner)
            if await _is_empty(service, kafka):
                lost.append(service)
            restored[service] = await _held_against_what_is_there(
                service, log, owner, kafka, is_lost=service in lost
            )
    holding = [service for service in lost if restored[service].records.after]
    if holding and not kafka_is_lost:
        raise KafkaIsLost(
            f"Kafka has nothing of {', '.join(holding)}: is this the right Kafka? If it was lost as"
            " well: --kafka-is-lost"
        )
    owners = {service: log.owner for service, log in logs.items()}
    back = [each for service in lost for each in await _let_be_filled(service, owners, exact=True)]
    rests = await resting_on_nothing(owners) if back else []
    for service, log in logs.items():
        async with _alone(service, log.owner) as owner:
            await _open(owner)
    return Machine(restored, lost, back, rests)


async def _held_against_what_is_there(
    service: str,
    log: WhatToRestore,
    owner: "asyncpg.Connection[Any]",
    kafka: KafkaAccess,
    *,
    is_lost: bool,
) -> Restored:
    if is_lost:
        head = await owner.fetchval("SELECT position FROM head")
        records = BroughtBack(head, head)
    else:
        records = await bring_back(service, owner, kafka, log.log_source)
    signed = 0
    if log.checkpoints is not None:
        signed = await bring_back_checkpoints(owner, log.checkpoints, log.keys)
    return Restored(records, signed)


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
        await _close(service, owner)
        records = await bring_back(service, owner, kafka, log_source)
        signed = 0
        if checkpoints is not None:
            signed = await bring_back_checkpoints(owner, checkpoints, keys)
        await _open(owner)
    return Restored(records, signed)


async def _close(service: str, owner: "asyncpg.Connection[Any]") -> None:
    await owner.execute(
        "UPDATE head SET closed = $1 WHERE closed IS NULL",
        f"the log is being restored; if that was cut short: vongtay restore {service}, or"
        " restore-machine, again",
    )


async def _open(owner: "asyncpg.Connection[Any]") -> None:
    await owner.execute("UPDATE relay SET trouble = NULL")
    await owner.execute("UPDATE head SET closed = NULL")


async def refill_kafka(
    service: str, log_owners: Mapping[str, str], kafka: KafkaAccess
) -> tuple[int, list[SetBack]]:
    """Let the relay publish the whole log again, to an empty topic; return how many records.

    `log_owners`: DSNs of all services' logs. Readers begin to look for their place anew: the
    topic's offsets are not what they were. Raises KafkaIsNotEmpty, StillRunning, KafkaError.
    """
    if not await _is_empty(service, kafka):
        raise KafkaIsNotEmpty(f"topic {topic_of(service)} has records: it is not filled again")
    back = await _let_be_filled(service, log_owners, exact=False)
    async with _alone(service, log_owners[service]) as owner:
        return await owner.fetchval("SELECT position FROM head"), back


async def _is_empty(service: str, kafka: KafkaAccess) -> bool:
    topic = topic_of(service)
    if not await is_there(kafka, topic):
        return True
    ends = await tails(kafka, topic, TAIL_RECORDS)
    return not any(end.leaves for end in ends.values())


async def _let_be_filled(
    service: str, log_owners: Mapping[str, str], *, exact: bool
) -> list[SetBack]:
    back = await set_readers_back(service, log_owners, exact=exact)
    for name, dsn in log_owners.items():
        async with _alone(name, dsn) as owner, owner.transaction():
            for row in await owner.fetch(
                "SELECT name, generation, hint FROM consumers"
                " WHERE source = $1 AND hint IS NOT NULL",
                service,
            ):
                await owner.execute(
                    "UPDATE consumers SET hint = $4"
                    " WHERE name = $1 AND generation = $2 AND source = $3",
                    row["name"],
                    row["generation"],
                    service,
                    without_offsets(row["hint"]),
                )
    async with _alone(service, log_owners[service]) as owner:
        await owner.execute("UPDATE relay SET published = 0, trouble = NULL")
    return back


async def set_readers_back(
    source: str, log_owners: Mapping[str, str], *, exact: bool = False
) -> list[SetBack]:
    """Set those back who have read more of a log than it has, or another past of it.

    They go back to where their past is the log's for sure. `exact`: nothing was appended since the
    log was set back, so that is its end. Raises StillRunning, and what asyncpg raises.
    """
    found: list[SetBack] = []
    async with _alone(source, log_owners[source]) as log:
        head = await log.fetchval("SELECT position FROM head")
        for name, dsn in log_owners.items():
            if name == source:
                continue
            async with _alone(name, dsn) as owner, owner.transaction():
                pasts = [
                    await past_of(log, head, row["position"], row["hint"])
                    for row in await owner.fetch(
                        "SELECT DISTINCT position, hint FROM consumers"
                        " WHERE source = $1 AND status <> 'retired' AND position > 0",
                        source,
                    )
                ]
                if ahead := [past for past in pasts if past.is_ahead]:
                    to = head if exact else min(past.same for past in ahead)
                    names = await set_back(owner, source, to, end=head)
                    found.append(SetBack(name, source, to, tuple(names)))
    return found


async def resting_on_nothing(log_owners: Mapping[str, str]) -> list[RestsOnNothing]:
    """Of each log's newest records, those that came of a record which no log has any more.

    Raises what asyncpg raises.
    """
    async with AsyncExitStack() as opened:
        logs = {
            name: await opened.enter_async_context(_alone(name, dsn))
            for name, dsn in log_owners.items()
        }
        caused: dict[UUID, list[RestsOnNothing]] = {}
        for name, log in logs.items():
            rows = await log.fetch(
                "SELECT position, type, record FROM events"
                " WHERE position > (SELECT position FROM head) - $1 ORDER BY position",
                LOOKED_AT_MAX,
            )
            for row in rows:
                if (cause := decode_envelope(row["record"]).causationid) is not None:
                    rests = RestsOnNothing(name, row["position"], row["type"])
                    caused.setdefault(cause, []).append(rests)
        for log in logs.values():
            for row in await log.fetch(
                "SELECT event_id FROM events WHERE event_id = ANY($1)", list(caused)
            ):
                caused.pop(row["event_id"], None)
    return [each for of_one in caused.values() for each in of_one]


@asynccontextmanager
async def _alone(service: str, dsn: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    owner = await asyncpg.connect(dsn, timeout=CONNECT_WITHIN_S)
    try:
        for _ in range(GOES_WITHIN_S):
            others = await owner.fetch(OTHERS)
            if not others:
                break
            # Who has just let go may be seen a moment longer.
            await asyncio.sleep(1.0)
        else:
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
