"""PostgreSQL and Kafka in containers, as operators run them, for tests: STACK=containers.

testcontainers' own reaper removes what a killed run leaves; TESTCONTAINERS_RYUK_DISABLED=true does
without it where its image cannot be had.
"""

import asyncio
import secrets
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError
from testcontainers.core.container import DockerContainer

from deploy.embedded.kafka import GUARDED, logins
from deploy.embedded.ports import choose
from eventing.kafka_access import KafkaAccess

START_WAIT_S = 120.0
POLL_INTERVAL_S = 0.3
LOOPBACK = "127.0.0.1"


class DidNotStart(Exception):
    """A container did not answer in time. The message ends with its last words."""


@contextmanager
def containers() -> Iterator[tuple[str, KafkaAccess]]:
    """Give a superuser's DSN, and Kafka as its administrator. Raises DidNotStart."""
    with ExitStack() as running:
        password, port = secrets.token_hex(16), choose()
        postgres = running.enter_context(_postgres(password))
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="vongtay-")))
        kafka = running.enter_context(_kafka(port, folder, password))
        dsn = f"postgresql://postgres:{password}@{LOOPBACK}:{postgres.get_exposed_port(5432)}/postgres"
        broker = KafkaAccess.administrator(f"{LOOPBACK}:{port}", password)
        _until(lambda: _postgres_answers(dsn), postgres)
        _until(lambda: _kafka_answers(broker), kafka)
        yield dsn, broker


def _postgres(password: str) -> DockerContainer:
    return (
        DockerContainer("postgres:18")
        .with_env("POSTGRES_PASSWORD", password)
        .with_env(
            "POSTGRES_INITDB_ARGS",
            "--locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C --no-sync",
        )
        .with_command("postgres -c max_connections=200 -c timezone=UTC -c fsync=off")
        .with_exposed_ports(5432)
    )


def _kafka(port: int, folder: Path, password: str) -> DockerContainer:
    """The same port inside and out: the address that the broker tells holds for both."""
    folder.chmod(0o755)
    (folder / "logins.conf").write_text(logins(broker=password, administrator=password))
    container = (
        DockerContainer("apache/kafka:4.3.1")
        .with_bind_ports(port, port)
        .with_volume_mapping(str(folder), "/run/secrets")
        .with_env("KAFKA_OPTS", "-Djava.security.auth.login.config=/run/secrets/logins.conf")
    )
    settings = {as_variable(name): value for name, value in GUARDED.items()} | {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:29093",
        "LISTENERS": f"CLIENTS://:{port},CONTROLLER://localhost:29093",
        "ADVERTISED_LISTENERS": f"CLIENTS://{LOOPBACK}:{port}",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
    }
    for name, value in settings.items():
        container = container.with_env(f"KAFKA_{name}", value)
    return container


def _until(answers: Callable[[], Coroutine[Any, Any, bool]], container: DockerContainer) -> None:
    deadline = time.monotonic() + START_WAIT_S
    while not asyncio.run(answers()):
        if time.monotonic() > deadline:
            said = b"\n".join(container.get_logs())[-2_000:].decode(errors="replace")
            raise DidNotStart(f"{container.image} did not answer:\n{said}")
        time.sleep(POLL_INTERVAL_S)


async def _postgres_answers(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True


def as_variable(setting: str) -> str:
    """As the image's own launcher reads it, without the first word."""
    return setting.upper().replace("-", "___").replace(".", "_")


async def _kafka_answers(broker: KafkaAccess) -> bool:
    client = broker.admin(request_timeout_ms=5_000)
    try:
        await client.start()
        return bool((await client.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()
