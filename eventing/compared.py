"""A log compared with its topic: whether the log is the newest there is of its records.

A log that is older than what Kafka knows must not go on: it would give positions that are taken
to other records.
"""

from collections import defaultdict
from typing import Any, ClassVar

import asyncpg

from eventing.cancelled import let_go
from eventing.kafka_access import KafkaAccess
from eventing.kafka_tail import TAIL_RECORDS, Tail, tails
from eventing.record import decode_envelope
from eventing.topics import topic_of


class WillNotStart(Exception):
    """This log is not one to go on with. The message says what to do; `vi` says of what kind."""

    vi: ClassVar[str] = "tiến trình không thể khởi động như vậy"


class KafkaIsAhead(WillNotStart):
    """Kafka has records that the log lacks: the database is an older one, restored."""

    vi = "nhật ký cũ hơn những gì Kafka đã có"


class KafkaDiffers(WillNotStart):
    """Kafka has another record than the log at the same position."""

    vi = "nhật ký và Kafka không giống nhau"


class KafkaIsEmpty(Exception):
    """Kafka has nothing of what was published: it was lost, or it is another one."""


async def is_there(kafka: KafkaAccess, topic: str) -> bool:
    """Asking a topic that nobody has made for its end would wait without a word.

    Raises KafkaError.
    """
    consumer = kafka.consumer()
    try:
        await consumer.start()
        return topic in await consumer.topics()
    finally:
        await let_go(consumer)


async def compare(service: str, pool: "asyncpg.Pool[Any]", kafka: KafkaAccess) -> dict[int, Tail]:
    """Return the last records of each partition, which the log has as well. The topic is there.

    Raises KafkaIsAhead, KafkaDiffers, KafkaError, TimeoutError.
    """
    topic = topic_of(service)
    # Kafka first: what is published meanwhile is in the log then.
    ends = await tails(kafka, topic, TAIL_RECORDS)
    seen: defaultdict[int, set[bytes]] = defaultdict(set)
    for end in ends.values():
        for position, leaves in end.leaves.items():
            seen[position] |= leaves
    head = await pool.fetchval("SELECT position FROM head")
    if seen and max(seen) > head:
        raise KafkaIsAhead(
            f"topic {topic} has position {max(seen)}, the log ends at {head}: bring the missing"
            f" records back before starting, with: vongtay restore {service}"
        )
    rows = await pool.fetch(
        "SELECT position, leaf FROM events WHERE position = ANY($1)", list(seen)
    )
    for row in rows:
        # Beside the true one somebody may have put another: readers find out which that is.
        if row["leaf"] not in seen[row["position"]]:
            raise KafkaDiffers(
                f"position {row['position']} of topic {topic} is another record than that of the"
                " log: one of them was changed or restored, and a person must find out which"
            )
    return ends


class AnotherInstallations(WillNotStart):
    """The log's records name another installation, or another service, as their source."""

    vi = "cơ sở dữ liệu này thuộc về dịch vụ khác hoặc hệ thống khác"


async def see_whose_it_is(pool: "asyncpg.Pool[Any] | asyncpg.Connection[Any]", source: str) -> None:
    """Raises AnotherInstallations. Nothing is written: it may be the log of somebody else."""
    first = await pool.fetchval("SELECT record FROM events WHERE position = 1")
    if first is not None and (said := decode_envelope(first).source) != source:
        raise AnotherInstallations(
            f"the log's records are of {said}, and this would write {source}: see VONGTAY_ORIGIN"
            " and VONGTAY_DATABASE_URL"
        )


async def see_that_it_is_open(pool: "asyncpg.Pool[Any]") -> None:
    """Raises WillNotStart when the log was closed."""
    if (why := await pool.fetchval("SELECT closed FROM head")) is not None:
        raise WillNotStart(why)


async def close(pool: "asyncpg.Pool[Any]", why: WillNotStart) -> None:
    """No process of the service appends from now on; only the log's owner opens it again."""
    await pool.execute("SELECT close_log($1)", str(why))
