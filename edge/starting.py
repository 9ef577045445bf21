"""Before a process begins: is its log the newest there is, or an older one, restored?

A web process that went on with an older log would give positions that are taken to other records.
"""

import asyncio

from aiokafka.errors import KafkaError

from edge.connected import Connected
from edge.logs import log
from eventing import able_database
from eventing.able_database import see_that_it_can_serve
from eventing.compared import (
    AnotherInstallations,
    WillNotStart,
    close,
    compare,
    is_there,
    see_that_it_is_open,
    see_whose_it_is,
)
from eventing.lasting_connection import FAILURES
from eventing.topics import topic_of

COMPARED_WITHIN_S = 10.0


async def see_that_the_log_is_the_newest(it: Connected) -> None:
    """Raises WillNotStart.

    Where Kafka or the database is away, the process begins all the same: a relay compares before
    it publishes, and then closes the log.
    """
    await _see_that_the_databases_can_serve(it)
    service, kafka = it.settings.service, it.settings.kafka_access
    try:
        async with asyncio.timeout(COMPARED_WITHIN_S):
            await see_whose_it_is(it.pool, it.settings.installation.source_of(service))
            await see_that_it_is_open(it.pool)
            if await is_there(kafka, topic_of(service)):
                await compare(service, it.pool, kafka)
    except AnotherInstallations:
        raise
    except WillNotStart as why:
        await close(it.pool, why)
        raise
    except (KafkaError, TimeoutError, *FAILURES) as why:
        log.warning("log not compared with Kafka yet", why=type(why).__name__)


async def _see_that_the_databases_can_serve(it: Connected) -> None:
    for dsn, needed in (
        (it.settings.database_url, able_database.LOG),
        (it.settings.keys_database_url, able_database.KEYS),
    ):
        try:
            async with asyncio.timeout(COMPARED_WITHIN_S):
                await see_that_it_can_serve(dsn, needed)
        except (TimeoutError, *FAILURES) as why:
            log.warning("database not looked at yet", why=type(why).__name__)
