"""Everything of Vòng Tay on one machine: databases, broker, issuer, mail sink, five services.

What it starts ends with it, however it ends.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from console import databases
from console.addresses import SERVICES, Addresses, KafkaLogin
from console.kafka_users import KafkaUsers, password_name
from console.notary_key import public_beside
from console.run_folder import PROJECT, RunFolder
from console.supervisor import GaveUp, Process, Supervisor
from deploy.embedded.ports import LOOPBACK, choose
from deploy.embedded.stack import EmbeddedStack
from eventing.installation import Installation
from eventing.kafka_access import KafkaAccess
from notary.checkpoint_topic import LOGS
from notary.keys import make

WANTED_PORTS = {
    "portal": 8100,
    "registry": 8101,
    "donations": 8102,
    "allocation": 8103,
    "notifications": 8104,
    "issuer": 8110,
    "mail": 8111,
    "smtp": 8125,
    "portal-worker": 8200,
    "registry-worker": 8201,
    "donations-worker": 8202,
    "allocation-worker": 8203,
    "notifications-worker": 8204,
}
WATCH_INTERVAL_S = 0.5
READER = "reader"
"""A subscriber to everything, for whoever tries it on this machine."""


def say(text: str) -> None:
    print(text, flush=True)


class Servers(Protocol):
    """A superuser's DSN, Kafka as its administrator, and the name of one that died, if any."""

    @property
    def postgres(self) -> str: ...

    @property
    def kafka(self) -> KafkaAccess: ...

    def died(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to run, and where. The services need their surroundings first."""

    addresses: Addresses
    surroundings: list[Process]
    services: list[Process]


async def prepare(run: RunFolder, stack: Servers, clock_starts_at: datetime | None) -> Plan:
    """Make the databases. Raises DidNotMigrate."""
    ports = _ports()
    if clock_starts_at is not None and not run.clock.exists():
        run.clock.write_text(clock_starts_at.isoformat())
    say("Chuẩn bị cơ sở dữ liệu · preparing the databases")
    made = await databases.prepare(stack.postgres, SERVICES, run)
    users = KafkaUsers(stack.kafka)
    await asyncio.to_thread(users.prepare, SERVICES, run)
    await asyncio.to_thread(users.put, READER, run.password(READER), SERVICES)
    addresses = Addresses(
        services={name: _url(ports[name]) for name in SERVICES},
        workers={name: _url(ports[f"{name}-worker"]) for name in SERVICES},
        issuer=_url(ports["issuer"]),
        kafka=KafkaLogin(stack.kafka.brokers, READER, str(run.password_file(READER))),
        mail=_url(ports["mail"]),
    )
    # It serves the schemas; without it, as where only the servers are started, nobody does.
    installation = run.installation(addresses.services.get("portal", addresses.issuer))
    common = _common_environment(
        run, addresses, ports, installation, with_clock=clock_starts_at is not None
    )
    services: list[Process] = []
    for name in SERVICES:
        environment = common | _service_environment(name, run, made[name])
        public, private = _log_keys(name, run, installation)
        services.append(_web(name, run, environment | public, ports[name]))
        environment |= public | private
        services.append(_worker(name, run, environment, ports[f"{name}-worker"]))
    return Plan(addresses, [_issuer(run, common, ports), _mail_sink(run, common, ports)], services)


@asynccontextmanager
async def everything(
    run: RunFolder, stack: Servers, clock_starts_at: datetime | None = None
) -> AsyncIterator[Addresses]:
    """Start all of it; inside the block it is kept running, and the addresses hold.

    With `clock_starts_at` the clock stands where it is set, at first there.
    Raises GaveUp (out of the block too, when something cannot be kept running), DidNotMigrate.
    """
    plan = await prepare(run, stack, clock_starts_at)
    supervisor = Supervisor(say)
    try:
        supervisor.start(plan.surroundings)
        await supervisor.until_all_answer()
        say("Khởi động các dịch vụ · starting the services")
        supervisor.start(plan.services)
        await supervisor.until_all_answer()
        plan.addresses.save(run.addresses)
        async with _kept_running(supervisor, stack):
            yield plan.addresses
    finally:
        run.addresses.unlink(missing_ok=True)
        supervisor.stop()


@asynccontextmanager
async def _kept_running(supervisor: Supervisor, stack: Servers) -> AsyncIterator[None]:
    """Raise in the block what ends a watch, as itself and not as a group."""
    try:
        async with asyncio.TaskGroup() as tasks:
            watches = [tasks.create_task(each) for each in (supervisor.watch(), _watch(stack))]
            yield
            for watch in watches:
                watch.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


async def _watch(stack: Servers) -> None:
    while True:
        if (name := stack.died()) is not None:
            raise GaveUp(f"{name} has ended by itself: see its log")
        await asyncio.sleep(WATCH_INTERVAL_S)


def _ports() -> dict[str, int]:
    chosen: dict[str, int] = {}
    for name, wanted in WANTED_PORTS.items():
        port = choose(wanted)
        if port != wanted:
            say(f"Cổng {wanted} bận, {name} dùng {port} · port {wanted} is taken, using {port}")
        chosen[name] = port
    return chosen


def _url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def _common_environment(
    run: RunFolder,
    addresses: Addresses,
    ports: dict[str, int],
    installation: Installation,
    *,
    with_clock: bool,
) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if "VONGTAY_" not in name}
    return {
        **inherited,
        "PYTHONPATH": str(PROJECT),
        "PYTHONUNBUFFERED": "1",
        "VONGTAY_MODE": "development",
        "VONGTAY_HOST": LOOPBACK,
        "VONGTAY_ORIGIN": installation.origin,
        "VONGTAY_SCHEMAS_URL": installation.schemas,
        "VONGTAY_KAFKA": addresses.kafka.brokers,
        "VONGTAY_TOPIC_REPLICATION": "1",
        "VONGTAY_ISSUER_JWKS": str(run.issuer_jwks),
        "VONGTAY_LOG_KEYS": str(run.log_keys),
        # A laptop has the time, and whoever plays a season waits for each proof.
        "VONGTAY_NOTARY_INTERVAL_S": "0.25",
        "VONGTAY_SMTP_URL": f"smtp://{LOOPBACK}:{ports['smtp']}",
        "VONGTAY_PORTAL_URL": _url(ports["portal"]),
        "VONGTAY_PROVIDER_URL": addresses.issuer,
        "VONGTAY_PUBLIC_URLS": json.dumps(addresses.services),
        "VONGTAY_LOG_LEVEL": os.environ.get("VONGTAY_LOG_LEVEL", "info"),
        **({"VONGTAY_CLOCK_FILE": str(run.clock)} if with_clock else {}),
    }


def _service_environment(name: str, run: RunFolder, made: databases.Databases) -> dict[str, str]:
    return {
        "VONGTAY_DATABASE_URL": made.log,
        "VONGTAY_KEYS_DATABASE_URL": made.keys,
        "VONGTAY_KAFKA_PASSWORD": run.password(password_name(name)),
        "VONGTAY_MAC_KEY_FILE": str(run.key_file(f"{name}-mac")),
        "VONGTAY_CODE_KEY_FILE": str(run.key_file("codes")),
        "VONGTAY_KEY_ENCRYPTION_KEY_FILE": str(run.key_file(f"{name}-key-encryption")),
    }


def _log_keys(
    name: str, run: RunFolder, installation: Installation
) -> tuple[dict[str, str], dict[str, str]]:
    """Variables for both processes, and for the worker alone; the key is made at the first run."""
    if name not in LOGS:
        return {}, {}
    private = run.notary_key(name)
    public = public_beside(private)
    if not private.exists():
        make(private, public, f"{installation.origin}/{name}")
    # Each process is given the keys of all logs, and takes them from nowhere else.
    shown = run.log_keys / f"{name}.pub"
    shown.write_text(public.read_text())
    return {"VONGTAY_LOG_KEYS_FILE": str(public)}, {"VONGTAY_NOTARY_KEY_FILE": str(private)}


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _web(name: str, run: RunFolder, environment: dict[str, str], port: int) -> Process:
    return Process(
        name=f"{name}-web",
        command=_python(f"services.{name}.app"),
        environment=environment | {"VONGTAY_PORT": str(port)},
        log=run.log(f"{name}-web"),
        answers_at=f"{_url(port)}/healthz",
    )


def _worker(name: str, run: RunFolder, environment: dict[str, str], port: int) -> Process:
    return Process(
        name=f"{name}-worker",
        command=_python(f"services.{name}.worker"),
        environment=environment | {"VONGTAY_HEALTH_PORT": str(port)},
        log=run.log(f"{name}-worker"),
        answers_at=f"{_url(port)}/healthz",
    )


def _issuer(run: RunFolder, environment: dict[str, str], ports: dict[str, int]) -> Process:
    return Process(
        name="development-issuer",
        command=_python("console.development_issuer"),
        environment=environment
        | {
            "VONGTAY_PORT": str(ports["issuer"]),
            "VONGTAY_ISSUER_KEY_FILE": str(run.issuer_key),
        },
        log=run.log("development-issuer"),
        answers_at=f"{_url(ports['issuer'])}/healthz",
    )


def _mail_sink(run: RunFolder, environment: dict[str, str], ports: dict[str, int]) -> Process:
    return Process(
        name="mail-sink",
        command=_python("console.mail_sink"),
        environment=environment
        | {
            "VONGTAY_PORT": str(ports["mail"]),
            "VONGTAY_SMTP_PORT": str(ports["smtp"]),
            "VONGTAY_MAIL_FOLDER": str(run.mail),
        },
        log=run.log("mail-sink"),
        answers_at=f"{_url(ports['mail'])}/healthz",
    )


def embedded(run: RunFolder, *, fresh: bool) -> EmbeddedStack:
    """Raises what EmbeddedStack raises, when entered."""
    say("Khởi động PostgreSQL và Kafka · starting PostgreSQL and Kafka")
    return EmbeddedStack(run.path, fresh=fresh)


def show(addresses: Addresses) -> None:
    say("\nĐang chạy · running:")
    rows = addresses.services | {"issuer": addresses.issuer, "mail": addresses.mail}
    for name, url in rows.items():
        say(f"  {name:<14} {url}")
    kafka = addresses.kafka
    say(f"  {'kafka':<14} {kafka.brokers} ({kafka.user}, {kafka.password_file})")
    if "portal" in addresses.services:
        there = f"{addresses.services['portal']}/viec-hom-nay"
        say(f"\nĐăng nhập tại {there}: chọn một người của mùa này, không cần mật khẩu.")
        say(f"Sign in at {there}: choose a person of the season, without a password.")


async def stay(run: RunFolder, stack: EmbeddedStack) -> None:
    """Run until cancelled."""
    async with everything(run, stack) as addresses:
        show(addresses)
        say("\nCtrl-C để dừng · Ctrl-C stops it")
        await asyncio.Event().wait()
