"""What is wrong with what a process is told: each setting tried, each fault a line with its cure.

Asked by `vongtay check` before a start, and by each process at its start.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg
from aiokafka.errors import KafkaError
from pydantic import ValidationError
from pydantic_settings import SettingsError

from contracts.languages import Words
from edge.fault import Fault, as_said, variable_of
from edge.faulty_files import files, signing
from edge.readiness import Process
from edge.settings import Settings
from eventing import able_database, identity
from eventing.able_database import Needed, see_that_it_can_serve
from eventing.cancelled import let_go
from eventing.compared import WillNotStart, see_whose_it_is
from eventing.lasting_connection import CONNECT_TIMEOUT_S, FAILURES

OPENS_WITHIN_S = 3.0
KAFKA_WITHIN_S = 10.0
DATABASE_WITHIN_S = 10.0
PORTS = {"smtp": 25, "smtps": 465, "http": 80, "https": 443}

S = TypeVar("S", bound=Settings)


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
        says = Words(vi="không phải JSON", en="is no JSON")
        fault = Fault(variable_of(name), says, _meaning(kind, name), lasting=True)
        raise WrongSettings([fault]) from None


async def faults_of(settings: Settings, process: Process) -> list[Fault]:
    """All of them: of files, databases, Kafka, and other servers. Nothing is written."""
    found = [*files(settings), *signing(settings, process)]
    for each in await asyncio.gather(
        _database(settings, "database_url", able_database.LOG),
        _database(settings, "keys_database_url", able_database.KEYS),
        kafka(settings),
        settings.faults_beside(process),
        *(_server(variable, url) for variable, url in settings.other_servers.items()),
    ):
        found += each
    return found


def of_database(  # noqa: PLR0911 - one for each kind of error
    variable: str, url: str, error: BaseException
) -> Fault:
    """A fault from what connecting or asking has failed with."""
    try:
        where = urlsplit(url)
        host, place = where.hostname, f"{where.hostname} port {where.port or 5432}"
    except ValueError:
        host, place = None, "the address"
    match error:
        case WillNotStart():
            return Fault(
                variable, Words(vi=f"{error.vi} ({error})", en=str(error)), _MEND, lasting=True
            )
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            says = Words(
                vi=f"{place} từ chối vai trò và mật khẩu này",
                en=f"{place} refuses this role and password",
            )
            return Fault(variable, says, _MIGRATE, lasting=True)
        case asyncpg.InvalidCatalogNameError():
            says = Words(
                vi=f"{place} không có cơ sở dữ liệu tên này",
                en=f"{place} has no database of this name",
            )
            return Fault(variable, says, _MIGRATE, lasting=True)
        case socket.gaierror():
            return Fault(variable, _no_host(str(host)), _CORRECT_OR_START)
        case asyncpg.InterfaceError() | ValueError():
            says = Words(vi="không phải địa chỉ cơ sở dữ liệu", en="is no address of a database")
            return Fault(variable, says, _AN_ADDRESS, lasting=True)
        case asyncpg.PostgresError():
            return Fault(variable, as_said(f"{place}: {type(error).__name__}"), _ITS_OWN_LOG)
        case _:
            return Fault(variable, _no_answer(place), _CORRECT_OR_START)


_MEND = Words(vi="khắc phục, hoặc sửa lại biến này", en="mend it, or correct this variable")
_MIGRATE = Words(
    vi="`vongtay migrate` tạo ra nó; hoặc sửa lại biến này",
    en="`vongtay migrate` makes it; or correct this variable",
)
_AN_ADDRESS = Words(
    vi="có dạng postgresql://vai-trò:mật-khẩu@máy:5432/tên",
    en="it looks like postgresql://role:password@host:5432/database",
)
_ITS_OWN_LOG = Words(vi="xem nhật ký của PostgreSQL", en="see PostgreSQL's own log")
_CORRECT_OR_START = Words(
    vi="sửa lại biến này, hoặc khởi động máy chủ đó",
    en="correct this variable, or start that server",
)


def _no_host(host: str) -> Words:
    return Words(vi=f"không có máy nào tên {host}", en=f"no host is called {host}")


def _no_answer(place: str) -> Words:
    return Words(vi=f"không có trả lời tại {place}", en=f"nothing answers at {place}")


async def kafka(settings: Settings) -> list[Fault]:
    opens = [await _opens(*_host_and_port(each)) for each in settings.kafka.split(",")]
    if all(said is not None for said in opens):
        return [
            Fault("VONGTAY_KAFKA", said, _CORRECT_OR_START) for said in opens if said is not None
        ]
    try:
        consumer = settings.kafka_access.consumer()
    except (OSError, ssl.SSLError):
        return []  # told as a file that cannot be used
    try:
        async with asyncio.timeout(KAFKA_WITHIN_S):
            await consumer.start()
    except (KafkaError, OSError, TimeoutError):
        user = settings.kafka_access.user
        says = Words(
            vi=f"Kafka trả lời tại {settings.kafka} nhưng không cho {user} vào",
            en=f"Kafka answers at {settings.kafka} and does not let {user} in",
        )
        cure = Words(
            vi="`vongtay migrate` cấp tài khoản và mật khẩu cho từng dịch vụ",
            en="`vongtay migrate` gives each service its user and password",
        )
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
                    await identity.see_that_the_secrets_are(connection, secrets_of(settings))
                else:
                    await see_the_keys_are_ours(connection, settings)
            finally:
                await connection.close()
    except (WillNotStart, TimeoutError, ValueError, *FAILURES) as error:
        if isinstance(error, FileNotFoundError):
            return []  # told as a file that cannot be read
        return [of_database(variable_of(name), url, error)]
    return []


def secrets_of(settings: Settings) -> identity.Secrets:
    return {"mac-key": settings.mac_key, "code-key": settings.code_key}


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
    said = await _opens(where.hostname or "", where.port or PORTS.get(where.scheme, 25))
    return [] if said is None else [Fault(variable, said, _CORRECT_OR_START)]


async def _opens(host: str, port: int) -> Words | None:
    """None when somebody takes a connection there; else why not."""
    try:
        async with asyncio.timeout(OPENS_WITHIN_S):
            _, writer = await asyncio.open_connection(host, port)
    except socket.gaierror:
        return _no_host(host)
    except (OSError, TimeoutError):
        return _no_answer(f"{host} port {port}")
    writer.close()
    return None


def _host_and_port(broker: str) -> tuple[str, int]:
    host, _, port = broker.strip().rpartition(":")
    return host.strip("[]"), int(port)


def _as_fault(kind: type[Settings], error: object) -> Fault:
    assert isinstance(error, dict)
    name = str(error["loc"][0]) if error["loc"] else ""
    said = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "missing":
        cure = _meaning(kind, name)
        if kind.model_fields[name].annotation is str:
            cure = Words(
                vi=f"{cure.vi}; hoặc đặt tệp vongtay_{name} trong thư mục VONGTAY_SECRETS",
                en=f"{cure.en}; or a file vongtay_{name} in the folder that VONGTAY_SECRETS names",
            )
        says = Words(vi="chưa đặt", en="is not set")
        return Fault(variable_of(name), says, cure, lasting=True)
    says = Words(vi=f"giá trị không hợp lệ ({said})", en=said)
    if not name:
        cure = Words(vi="xem docs/operate.md, Configure", en="see docs/operate.md, Configure")
        return Fault("VONGTAY_*", says, cure, lasting=True)
    return Fault(variable_of(name), says, _meaning(kind, name), lasting=True)


def _meaning(kind: type[Settings], name: str) -> Words:
    field = kind.model_fields.get(name)
    said = " ".join(((field.description if field else "") or "").split()).rstrip(".")
    return Words(vi="ý nghĩa của biến có trong docs/operate.md", en=f"it is: {said}")
