"""Before a process begins: is it told what it needs, and is its log its own and the newest?

A web process that went on with an older log would give positions that are taken to other records.
Whatever is found wrong is told in a line each, with its cure.
"""

import asyncio

from aiokafka.errors import KafkaError

from edge import faults
from edge.connected import Connected
from edge.fault import Fault
from edge.faulty_files import files, signing
from edge.logs import log
from edge.readiness import Process
from edge.settings import Settings
from eventing import able_database, identity
from eventing.able_database import see_that_it_can_serve
from eventing.compared import (
    WillNotStart,
    close,
    compare,
    is_there,
    see_that_it_is_open,
)
from eventing.lasting_connection import FAILURES, LastingConnection
from eventing.topics import topic_of

COMPARED_WITHIN_S = 10.0


def see_that_the_files_are_there(settings: Settings, process: Process) -> None:
    """Raises WillNotStart for a key without which nothing can be written; tells of the others."""
    found = [*files(settings), *signing(settings, process)]
    for fault in found:
        if not fault.lasting:
            _tell(fault)
    if lasting := [str(fault) for fault in found if fault.lasting]:
        raise WillNotStart("\n".join(lasting))


async def see_that_the_log_is_the_newest(it: Connected) -> None:
    """Raises WillNotStart.

    Where Kafka or the database is away, the process begins all the same: a relay compares before
    it publishes, and then closes the log.
    """
    await _see_that_the_databases_are_ours(it)
    service, kafka = it.settings.service, it.settings.kafka_access
    try:
        async with asyncio.timeout(COMPARED_WITHIN_S):
            await see_that_it_is_open(it.pool)
            if await is_there(kafka, topic_of(service)):
                await compare(service, it.pool, kafka)
    except WillNotStart as why:
        await close(it.pool, why)
        raise
    except (KafkaError, TimeoutError, *FAILURES) as why:
        log.warning("log not compared with Kafka yet", why=type(why).__name__)
        for fault in await faults.kafka(it.settings):
            _tell(fault)


async def _see_that_the_databases_are_ours(it: Connected) -> None:
    """Before anything is written, even that a log is closed: it may be somebody else's."""
    settings = it.settings
    keys = LastingConnection(settings.keys_database_url, "vongtay start")
    try:
        for variable, dsn, needed in (
            ("VONGTAY_DATABASE_URL", settings.database_url, able_database.LOG),
            ("VONGTAY_KEYS_DATABASE_URL", settings.keys_database_url, able_database.KEYS),
        ):
            try:
                async with asyncio.timeout(COMPARED_WITHIN_S):
                    await see_that_it_can_serve(dsn, needed)
                    if needed is able_database.LOG:
                        await faults.see_the_log_is_ours(it.pool, settings)
                    else:
                        await faults.see_the_keys_are_ours(await keys.open(), settings)
            except (TimeoutError, *FAILURES) as why:
                _tell(faults.of_database(variable, dsn, why))
        try:
            async with asyncio.timeout(COMPARED_WITHIN_S):
                await identity.keep_the_secrets(it.pool, faults.secrets_of(settings))
        except (TimeoutError, *FAILURES):
            return  # told already
    finally:
        await keys.close()


def _tell(fault: Fault) -> None:
    log.error("not well", why=str(fault))
