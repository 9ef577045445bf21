"""`vongtay migrate`, `take-over`, `keeper`, `season`: what an operator does to an installation.

They read the same `VONGTAY_*` variables as the services: run them with those of the registry.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx
import typer
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from console.addresses import SERVICES, load
from console.databases import DidNotMigrate, databases_of, prepare
from console.founding import Keeper, Registry, appoint_keeper, take_over_units
from console.kafka_users import KafkaException, KafkaUsers, NoAnswer, password_name
from console.season.client import StepFailed
from console.season.play import OtherSeason
from console.settled import NotSettled
from console.whole_season import whole_season
from edge.connected import clock_of
from edge.settings import Mode, refuse_short, refuse_short_password
from edge.tokens import Identity
from eventing.decider import Rejection
from eventing.event_store import Busy, OutcomeUnknown
from eventing.kafka_access import KafkaAccess, brokers
from services.registry import settings as registry

EXPLAINED = (
    Busy,
    DidNotMigrate,
    KafkaException,
    NoAnswer,
    NotSettled,
    OSError,
    OtherSeason,
    StepFailed,
    ValueError,
    asyncpg.PostgresError,
    httpx.HTTPError,
)


class JobSettings(BaseSettings):
    """Read from `VONGTAY_*`, and from files of the folder that VONGTAY_SECRETS names."""

    model_config = SettingsConfigDict(
        env_prefix="VONGTAY_",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    def __init__(self, **given: Any) -> None:
        super().__init__(_secrets_dir=os.environ.get("VONGTAY_SECRETS"), **given)


class MigrationSettings(JobSettings):
    """What a job on the databases is told. Passwords of roles are files of the folder `secrets`."""

    mode: Mode = "production"
    """`production` refuses short passwords, as the services do."""
    superuser_url: Annotated[str, Field(repr=False)]
    """The database server's superuser, who makes what is missing: roles and databases."""
    secrets: Path
    """A folder. A file named like a variable, in small letters, is that variable's value."""


class KafkaAdministration(JobSettings):
    """What is needed to say who may do what in Kafka."""

    kafka: Annotated[str, AfterValidator(brokers)]
    """Brokers, `host:port`, separated by commas."""
    kafka_administrator_password: Annotated[str, Field(repr=False)]
    """Of the user `administrator`, as the broker's own file has it."""
    kafka_ca_file: Path | None = None
    """As the services are told it."""

    @property
    def kafka_access(self) -> KafkaAccess:
        return KafkaAccess.administrator(
            self.kafka, self.kafka_administrator_password, self.kafka_ca_file
        )


class InstallationSettings(MigrationSettings, KafkaAdministration):
    """What the migration job is told."""


@dataclass(frozen=True, slots=True)
class PasswordFiles:
    folder: Path

    def password(self, role: str) -> str:
        """Raises FileNotFoundError; ValueError when it could end the literal that holds it."""
        found = (self.folder / f"{role}.password").read_text().strip()
        if not found.isalnum():
            raise ValueError(f"{role}.password must consist of letters and digits")
        return found


def migrate() -> None:
    """Make what is missing: databases and roles, Kafka's users; bring all to this version."""
    with _explained():
        settings = InstallationSettings()
        passwords = PasswordFiles(settings.secrets)
        if settings.mode == "production":
            _refuse_short_passwords(settings, passwords)
        asyncio.run(prepare(settings.superuser_url, SERVICES, passwords))
        KafkaUsers(settings.kafka_access).prepare(SERVICES, passwords)
    typer.echo(f"Đã sẵn sàng · databases and Kafka's users are ready: {', '.join(SERVICES)}")


def take_over(
    history: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Events, one a line.")
    ],
) -> None:
    """Take over the units that an earlier register kept. A second time changes nothing."""
    with _explained():
        settings = registry.Settings()
        taken = asyncio.run(take_over_units(_registry(settings), history, clock_of(settings)))
    typer.echo(f"{taken} sự kiện đã có trong sổ · events are in the log")


def keeper(
    person_id: Annotated[UUID, typer.Argument(help="Who: any UUID.")],
    unit_id: Annotated[UUID, typer.Option("--unit", help="The unit at the top, such as a city.")],
    subject: Annotated[
        str, typer.Option(help="The `sub` of their tokens; else it is the person's id.")
    ] = "",
    *,
    second: Annotated[bool, typer.Option("--second", help="The second keeper.")] = False,
) -> None:
    """Appoint a founding keeper of the organisation; the name is asked for, or read from stdin.

    There are two: whoever links a person's account gives that person no role. A wrong person, unit
    or subject is put right by appointing again, as long as whoever was appointed has given no
    command.
    """
    # Not an option: a person's name has no place in a list of processes or a shell's history.
    name = _name()
    with _explained():
        settings = registry.Settings()
        try:
            appointed = Keeper(
                "second" if second else "first",
                person_id,
                name,
                unit_id,
                Identity(settings.issuer, subject or str(person_id)),
            )
            asyncio.run(appoint_keeper(_registry(settings), appointed, clock_of(settings)))
        except Rejection as refused:
            said = type(refused)
            sys.stderr.write(f"--unit {unit_id}, {person_id}: {said.vi} · {said.en}\n")
            raise typer.Exit(1) from None
    typer.echo("Đã chỉ định · appointed")


def season(addresses: Path, kept_in: Path) -> None:
    """Play the season on a development installation whose addresses a file holds, and report."""
    with _explained():
        proven = asyncio.run(whole_season(load(addresses), kept_in))
    if not proven:
        raise typer.Exit(1)


def _refuse_short_passwords(settings: InstallationSettings, passwords: PasswordFiles) -> None:
    """Raises ValueError before any role is given one."""
    refuse_short_password(settings.superuser_url)
    refuse_short(settings.kafka_administrator_password, "Kafka")
    for service in SERVICES:
        databases = databases_of(settings.superuser_url, service, passwords)
        refuse_short(passwords.password(password_name(service)), "Kafka")
        refuse_short_password(databases.log)
        refuse_short_password(databases.log_owner)


def _registry(settings: registry.Settings) -> Registry:
    return Registry(
        settings.database_url,
        settings.keys_database_url,
        settings.key_encryption_key_file,
        settings.installation,
    )


def _name() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Họ và tên · full name"))
    if name := sys.stdin.readline().strip():
        return name
    raise typer.BadParameter("the full name is expected on stdin")


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OutcomeUnknown:
        sys.stderr.write("Chưa rõ đã ghi hay chưa: chạy lại · outcome unknown: run it again\n")
        raise typer.Exit(1) from None
    except EXPLAINED as error:
        sys.stderr.write(f"{error or type(error).__name__}\n")
        raise typer.Exit(1) from None
