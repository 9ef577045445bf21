"""What is wrong with what a process is told: each setting tried, each fault a line with its cure.

Asked by `vongtay check` before a start, and by each process at its start.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

import asyncpg
from aiokafka.errors import KafkaError
from pydantic import ValidationError
from pydantic_settings import SettingsError

from edge.settings import SECRET_BYTES_MIN, Settings
from edge.tokens import JwksFile
from eventing import able_database, identity
from eventing.able_database import Needed, see_that_it_can_serve
from eventing.cancelled import let_go
from eventing.compared import WillNotStart, see_whose_it_is
from eventing.lasting_connection import CONNECT_TIMEOUT_S, FAILURES
from eventing.sealing import KEY_BYTES
from notary.checkpoint_topic import LOGS
from notary.keys import LogKeys, NotTheLogsKeys

OPENS_WITHIN_S = 3.0
KAFKA_WITHIN_S = 10.0
DATABASE_WITHIN_S = 10.0

Kind = Literal["web", "worker"]
S = TypeVar("S", bound=Settings)

CURES = {
    "mac_key_file": "deploy/compose/prepare makes it; if the log is older, bring back the old one",
    "key_encryption_key_file": "deploy/compose/prepare makes it; if keys are stored, bring it back",
    "issuer_jwks": "put your provider's JSON Web Key Set there",
    "program_token_file": "put this program's access token there",
    "notary_key_file": "`vongtay notary-key new` makes it",
    "log_keys_file": "`vongtay notary-key new` writes it beside the private one",
    "kafka_ca_file": "put the certificates of the brokers' authority there, as PEM",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`lasting`: no waiting mends it, and a process does not start with it."""

    where: str
    says: str
    cure: str
    lasting: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.says}. {self.cure[:1].upper()}{self.cure[1:]}."


class WrongSettings(Exception):
    """Settings that cannot be read, or make no sense."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def told(kind: type[S]) -> S:
    """What the environment tells. Raises WrongSettings."""
    try:
        return kind()
    except ValidationError as error:
        raise WrongSettings([_as_fault(kind, each) for each in error.errors()]) from None
    except SettingsError as error:
        # It names the field between quotation marks, and shows nothing of the value.
        name = str(error).partition('"')[2].partition('"')[0]
        fault = Fault(_variable(name), "is no JSON", _meaning(kind, name), lasting=True)
        raise WrongSettings([fault]) from None


async def faults_of(settings: Settings, process: Kind) -> list[Fault]:
    """All of them: of files, databases, Kafka, and other servers. Nothing is written."""
    found = [*files(settings), *signing(settings, process)]
    for each in await asyncio.gather(
        _database(settings, "database_url", able_database.LOG),
        _database(settings, "keys_database_url", able_database.KEYS),
        kafka(settings),
        *(_server(variable, url) for variable, url in settings.other_servers.items()),
    ):
        found += each
    return found


def files(settings: Settings) -> list[Fault]:
    """Faults of the files whose names are told."""
    return [
        fault
        for name in type(settings).model_fields
        if isinstance(path := getattr(settings, name), Path) and name != "clock_file"
        if (fault := _file(name, path)) is not None
    ]


def signing(settings: Settings, process: Kind) -> list[Fault]:
    private, public = settings.notary_key_file, settings.log_keys_file
    if process == "web" or settings.service not in LOGS:
        return []
    if private is None:
        needs = settings.mode == "production"
        says, cure = "is not set: production signs its log", CURES["notary_key_file"]
        return [Fault("VONGTAY_NOTARY_KEY_FILE", says, cure, lasting=True)] if needs else []
    if public is None:
        says = "is not set, and VONGTAY_NOTARY_KEY_FILE is"
        return [Fault("VONGTAY_LOG_KEYS_FILE", says, CURES["log_keys_file"])]
    try:
        LogKeys.of(f"{settings.origin}/{settings.service}", private, public)
    except NotTheLogsKeys as error:
        cure = "VONGTAY_ORIGIN and both files belong together"
        return [Fault("VONGTAY_NOTARY_KEY_FILE", str(error), cure)]
    except OSError:
        return []  # told as a file that cannot be read
    return []


def of_database(variable: str, url: str, error: BaseException) -> Fault:
    """A fault from what connecting or asking has failed with."""
    try:
        where = urlsplit(url)
        place = f"{where.hostname} port {where.port or 5432}"
    except ValueError:
        place = "the address"
    says, cure, lasting = f"nothing answers at {place}", "is PostgreSQL running there?", False
    match error:
        case WillNotStart():
            says, cure, lasting = str(error), f"mend it, or correct {variable}", True
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            says, lasting = f"{place} refuses this role and password", True
            cure = "`vongtay migrate` makes the role; or correct the variable"
        case asyncpg.InvalidCatalogNameError():
            says, lasting = f"{place} has no database of this name", True
            cure = "`vongtay migrate` makes it; or correct the variable"
        case socket.gaierror():
            says, cure = f"no host is called {where.hostname}", "correct it, or start that server"
        case asyncpg.InterfaceError() | ValueError():
            says, lasting = "is no address of a database", True
            cure = "it looks like postgresql://role:password@host:5432/database"
        case asyncpg.PostgresError():
            says = f"{place} says {type(error).__name__}"
            cure = "see PostgreSQL's own log"
    return Fault(variable, says, cure, lasting)


async def kafka(settings: Settings) -> list[Fault]:
    opens = [await _opens(*_host_and_port(each)) for each in settings.kafka.split(",")]
    if all(said is not None for said in opens):
        cure = "correct it, or start Kafka there"
        return [Fault("VONGTAY_KAFKA", said, cure) for said in opens if said is not None]
    try:
        consumer = settings.kafka_access.consumer()
    except (OSError, ssl.SSLError):
        return []  # told as a file that cannot be used
    try:
        async with asyncio.timeout(KAFKA_WITHIN_S):
            await consumer.start()
    except (KafkaError, OSError, TimeoutError):
        user = settings.kafka_access.user
        says = f"Kafka answers at {settings.kafka} and does not let {user} in"
        cure = "`vongtay migrate` gives each service its user and password"
        return [Fault("VONGTAY_KAFKA_PASSWORD", says, cure)]
    finally:
        await let_go(consumer)
    return []


async def _database(settings: Settings, name: str, needed: Sequence[Needed]) -> list[Fault]:
    url = getattr(settings, name)
    try:
        async with asyncio.timeout(DATABASE_WITHIN_S):
            await see_that_it_can_serve(url, needed)
            connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
            try:
                if name == "database_url":
                    await see_the_log_is_ours(connection, settings)
                    await identity.see_that_the_mac_key_is(connection, settings.mac_key)
                else:
                    await see_the_keys_are_ours(connection, settings)
            finally:
                await connection.close()
    except (WillNotStart, TimeoutError, ValueError, *FAILURES) as error:
        if isinstance(error, FileNotFoundError):
            return []  # told as a file that cannot be read
        return [of_database(_variable(name), url, error)]
    return []


async def see_the_log_is_ours(connection: identity.Database, settings: Settings) -> None:
    """Raises WillNotStart. Nothing is written."""
    await identity.see_whose_database_it_is(connection, "log", settings.service)
    await see_whose_it_is(connection, settings.installation.source_of(settings.service))


async def see_the_keys_are_ours(connection: identity.Database, settings: Settings) -> None:
    """Raises WillNotStart. Nothing is written."""
    await identity.see_whose_database_it_is(connection, "keys", settings.service)
    await identity.see_that_the_keys_open(connection, settings.key_encryption_key)


async def _server(variable: str, url: str) -> list[Fault]:
    where = urlsplit(url)
    said = await _opens(where.hostname or "", where.port or 25)
    return [] if said is None else [Fault(variable, said, "correct it, or start that server")]


async def _opens(host: str, port: int) -> str | None:
    """None when somebody takes a connection there; else why not."""
    try:
        async with asyncio.timeout(OPENS_WITHIN_S):
            _, writer = await asyncio.open_connection(host, port)
    except socket.gaierror:
        return f"no host is called {host}"
    except (OSError, TimeoutError):
        return f"nothing answers at {host} port {port}"
    writer.close()
    return None


def _host_and_port(broker: str) -> tuple[str, int]:
    host, _, port = broker.strip().rpartition(":")
    return host.strip("[]"), int(port)


def _file(name: str, path: Path) -> Fault | None:
    cure = CURES.get(name, "put there what it is for")
    # By these a process writes what it could never read again.
    lasting = name in {"mac_key_file", "key_encryption_key_file", "kafka_ca_file"}
    try:
        content = path.read_bytes()
    except OSError as error:
        return Fault(_variable(name), f"{path}: {error.strerror}", cure, lasting)
    says = None
    if not content.strip():
        says = "is empty"
    elif name == "mac_key_file" and len(content) < SECRET_BYTES_MIN:
        says = f"holds fewer than {SECRET_BYTES_MIN} bytes"
    elif name == "key_encryption_key_file" and len(content) != KEY_BYTES:
        says = f"holds {len(content)} bytes, not {KEY_BYTES}"
    elif name == "issuer_jwks" and JwksFile(path).trouble() is not None:
        says = "is no JSON Web Key Set with keys"
    elif name == "kafka_ca_file":
        try:
            ssl.create_default_context(cafile=str(path))
        except (OSError, ssl.SSLError):
            says = "holds no certificates"
    return None if says is None else Fault(_variable(name), f"{path} {says}", cure, lasting)


def _as_fault(kind: type[Settings], error: object) -> Fault:
    assert isinstance(error, dict)
    name = str(error["loc"][0]) if error["loc"] else ""
    says = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "missing":
        says = "is not set"
        cure = f"it is: {_meaning(kind, name)}"
        if kind.model_fields[name].annotation is str:
            cure = f"{cure}; or a file vongtay_{name} in the folder that VONGTAY_SECRETS names"
        return Fault(_variable(name), says, cure, lasting=True)
    if not name:
        return Fault("VONGTAY_*", says, "see docs/operate.md, Configure", lasting=True)
    return Fault(_variable(name), says, f"it is: {_meaning(kind, name)}", lasting=True)


def _meaning(kind: type[Settings], name: str) -> str:
    field = kind.model_fields.get(name)
    return " ".join(((field.description if field else "") or "").split()).rstrip(".")


def _variable(name: str) -> str:
    return f"VONGTAY_{name.upper()}"
