"""Opens a house from its settings: connections, log, keys, rows, who asks; and closes it after."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg

from edge.accounts import Accounts, KnownByAccount
from edge.door import House
from edge.metrics import Metrics
from edge.operations import PostgresOperations
from edge.provider_keys import DiscoveredKeys
from edge.roles_heard import RolesHeard
from edge.settings import Settings
from edge.tokens import JwksFile, Keys, TokenVerifier
from edge.who_may_where import Directory
from eventing.clock import Clock, SettableClock, system_clock
from eventing.execute import Executor
from eventing.false_records import FalseRecords
from eventing.kept_file import KeptFile
from eventing.key_database import KeyDatabase
from eventing.passed_over import PassedOver
from eventing.postgres_rows import PostgresRows
from eventing.postgres_store import PostgresStore
from eventing.read_model import ReadModel
from eventing.vouched import VouchedFor
from notary.checkpoint_topic import LOGS
from notary.keys import LogKeys
from notary.newest import NewestCheckpoints
from notary.published_log import PublishedLog

REGISTRY = "registry"
"""Whose log says who may what."""
CONNECTIONS_MAX = 8
CONNECT_WITHIN_S = 3.0
STATEMENT_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Connected:
    """`pool` is for everything but the log and the keys, which have connections of their own.

    `files` are those that parts of a worker read again while they run.
    """

    settings: Settings
    house: House
    pool: "asyncpg.Pool[Any]"
    who_asks: KnownByAccount
    vouched: VouchedFor
    false_records: FalseRecords
    passed_over: PassedOver = field(default_factory=PassedOver)
    files: list[KeptFile[Any]] = field(default_factory=list)


@asynccontextmanager
async def connected(
    settings: Settings, read_models: Sequence[ReadModel[Any, Any]]
) -> AsyncIterator[Connected]:
    """Connects when first needed: a database that is away makes it unready, not dead.

    Raises OSError or ValueError for a secret that cannot be read.
    """
    clock = clock_of(settings)
    metrics = Metrics()
    async with AsyncExitStack() as closing:
        pool = await closing.enter_async_context(
            asyncpg.create_pool(
                settings.database_url,
                min_size=0,
                max_size=CONNECTIONS_MAX,
                timeout=CONNECT_WITHIN_S,
                command_timeout=STATEMENT_WITHIN_S,
                reset=_nothing_to_reset,
                server_settings={"application_name": f"vongtay {settings.service} rows"},
            )
        )
        store = await closing.enter_async_context(
            PostgresStore(settings.service, settings.database_url, committed=metrics.appended)
        )
        sealer = KeyDatabase(settings.keys_database_url, settings.key_encryption_key)
        closing.push_async_callback(sealer.close)
        rows = PostgresRows(pool)
        issuer_keys = _issuer_keys(settings)
        verifier = TokenVerifier(issuer_keys, issuer=settings.issuer, audience=settings.audience)
        log = PublishedLog(settings.service, pool, settings.log_keys_file)
        checkpoints = NewestCheckpoints(log_keys(settings))
        vouched = VouchedFor(pool)
        by_others = settings.service != REGISTRY and checkpoints.vouches_for(REGISTRY)
        registry_vouched = partial(vouched.of, REGISTRY) if by_others else None
        who_asks = KnownByAccount(verifier, Accounts(rows, registry_vouched))
        executor = Executor(store, clock, settings.installation)
        house = House(
            service=settings.service,
            executor=executor,
            rows=rows,
            clock=clock,
            who_asks=who_asks,
            sealer=sealer,
            mac_key=settings.mac_key,
            code_key=settings.code_key,
            directory=Directory(rows, registry_vouched),
            checkpoints=checkpoints,
            read_models=read_models,
            metrics=metrics,
            operations=PostgresOperations(settings.service, pool, executor),
            log=log,
            roles_heard=RolesHeard(pool, REGISTRY, settings.roles_heard_within_s),
            read_from_elsewhere=settings.read_from_elsewhere,
            files=[one for one in (issuer_keys, log.keys_file) if isinstance(one, KeptFile)],
        )
        yield Connected(settings, house, pool, who_asks, vouched, FalseRecords(pool))


def _issuer_keys(settings: Settings) -> Keys:
    if settings.issuer_jwks is not None:
        return JwksFile(settings.issuer_jwks)
    assert settings.asks_provider_at is not None, "settings ask for one of the two"
    return DiscoveredKeys(settings.issuer, settings.asks_provider_at)


def log_keys(settings: Settings) -> Mapping[str, LogKeys] | None:
    """Of every log that somebody signs. Raises OSError, NotTheLogsKeys for a file that is none."""
    if settings.log_keys is None:
        return None
    return {
        service: LogKeys.known(f"{settings.origin}/{service}", settings.log_keys / f"{service}.pub")
        for service in LOGS
    }


async def _nothing_to_reset(_connection: object) -> None:
    """Nobody sets a pooled connection for longer than a transaction; asyncpg ends those itself.

    Its own reset would be one more round trip for each use.
    """


def clock_of(settings: Settings) -> Clock:
    """The settable clock is for development alone: settings refuse it in production."""
    return system_clock if settings.clock_file is None else SettableClock(settings.clock_file)
