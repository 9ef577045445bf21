"""A service as it runs: donations' own processes, on a new log, with people who may command."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from pathlib import Path
from uuid import UUID, uuid4

from joserfc.jwk import OKPKey

from bench.ground import Ground, pool, running, until
from bench.material import MAC, MADE_AT, PERSON, PROGRAMME, SERVICE, WHY
from console.databases import Databases
from console.development_issuer import ISSUER, public, sign_for
from console.notary_key import public_beside
from console.run_folder import PROJECT
from contracts.registry import AccountLinked, RoleGranted, UnitEstablished
from contracts.sealed import Sealed
from deploy.embedded.leash import Child, Program
from deploy.embedded.ports import LOOPBACK, choose
from edge.accounts import accounts
from edge.tokens import Identity
from edge.who_may_where import roles_held, units
from eventing.event_store import Append, Key
from eventing.installation import DEVELOPMENT_ORIGIN
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.postgres_store import PostgresStore
from eventing.read_model_runner import ReadModelRunner
from eventing.record import encode
from eventing.sources import Source
from eventing.topics import ensure
from notary.checkpoint_topic import LOGS, TOPIC
from notary.keys import make as make_key

CITY = UUID(int=6)
PERSONS = [UUID(int=1_000 + number) for number in range(64)]
ROLES = ("accountant", "coordinator")
ANSWERS_WITHIN_S = 60.0
STOP_SIGNALS = [(15, 15.0)]


@dataclass(frozen=True, slots=True)
class House:
    """`tokens` are those of PERSONS, who take turns for ever. `signing` is for the worker alone."""

    log: Databases
    tokens: Iterator[str]
    signing: dict[str, str]
    environment: dict[str, str]


async def make(ground: Ground) -> House:
    """A log of donations in which each of PERSONS holds every role that the trials need."""
    log, registry = await ground.new_log(SERVICE), await ground.new_log("registry")
    await _grant_roles(registry)
    await _know_roles(log, registry)
    # Where there is a notary, web processes find its topic: here also before a worker has begun.
    await ensure(ground.stack.kafka, TOPIC, len(LOGS), 1)
    folder = ground.run.path
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    (folder / "issuer-jwks.json").write_text(json.dumps(public(key)))
    private = ground.run.notary_key(SERVICE)
    if not private.exists():
        make_key(private, public_beside(private), f"{DEVELOPMENT_ORIGIN}/{SERVICE}")
    environment = {
        **{name: value for name, value in os.environ.items() if "VONGTAY_" not in name},
        "PYTHONPATH": str(PROJECT),
        "VONGTAY_MODE": "development",
        # Roles are read once, before; nothing follows them here.
        "VONGTAY_ROLES_HEARD_WITHIN_S": "3600",
        "VONGTAY_HOST": LOOPBACK,
        "VONGTAY_KAFKA": ground.stack.kafka.brokers,
        "VONGTAY_KAFKA_USER": ground.stack.kafka.user,
        "VONGTAY_KAFKA_PASSWORD": ground.stack.kafka.password,
        "VONGTAY_KAFKA_MECHANISM": ground.stack.kafka.mechanism,
        "VONGTAY_ISSUER_JWKS": str(folder / "issuer-jwks.json"),
        "VONGTAY_DATABASE_URL": log.log,
        "VONGTAY_KEYS_DATABASE_URL": log.keys,
        "VONGTAY_LOG_KEYS_FILE": str(public_beside(private)),
        "VONGTAY_MAC_KEY_FILE": str(ground.run.key_file("bench-mac")),
        "VONGTAY_CODE_KEY_FILE": str(ground.run.key_file("codes")),
        "VONGTAY_KEY_ENCRYPTION_KEY_FILE": str(ground.run.key_file("bench-key-encryption")),
    }
    return House(
        log,
        cycle([sign_for(key, person, "bench") for person in PERSONS]),
        {"VONGTAY_NOTARY_KEY_FILE": str(private)},
        environment,
    )


async def _grant_roles(registry: Databases) -> None:
    city = UnitEstablished(
        unit_id=CITY,
        code="01",
        name="Hà Nội",
        kind="city",
        parent_id=None,
        district_name=None,
        priority=False,
        valid_from=date(2008, 8, 1),
        happened_at=MADE_AT,
    )
    grants = [
        RoleGranted(
            grant_id=uuid4(),
            person_id=person,
            role=role,
            unit_id=CITY,
            valid_from=date(2024, 1, 1),
            valid_until=None,
            rules=None,
            granted_by=PERSON,
            happened_at=MADE_AT,
        )
        for person in PERSONS
        for role in ROLES
    ]
    links = [
        AccountLinked(
            account_id=Identity(ISSUER, str(person)).account_id,
            person_id=person,
            identity=Sealed(uuid4(), "sealed"),
            linked_by=PERSON,
            happened_at=MADE_AT,
        )
        for person in PERSONS
    ]
    async with PostgresStore("registry", registry.log) as store:
        for event in (city, *grants, *links):
            stream = f"made-for-trials-{uuid4()}"
            new = encode("registry", stream, 1, uuid4(), event, MADE_AT, WHY)
            await store.append([Append(stream, 0, [new])], Key(PERSON, uuid4(), MAC))


async def _know_roles(log: Databases, registry: Databases) -> None:
    """Keep the read models that the door asks, once, from the registry's log itself."""
    leadership = Leadership(log.log)
    async with (
        PostgresStore("registry", registry.log) as store,
        pool(log.log) as connections,
    ):

        def source(_service: str) -> Source:
            return LogSource(store)

        runner = ReadModelRunner(
            "donations", [roles_held, accounts, units], connections, leadership, source
        )

        async def known() -> bool:
            return bool(
                await connections.fetchval(
                    "SELECT count(*) = 3 FROM consumers WHERE position = $1 AND status = 'live'",
                    1 + len(PERSONS) * (len(ROLES) + 1),
                )
            )

        async with running(runner.run()):
            await until(known)
    await leadership.close()


@asynccontextmanager
async def process(
    ground: Ground, name: str, command: list[str], environment: dict[str, str], port: int
) -> AsyncIterator[Child]:
    """A process that answers at its port inside the block. Raises TimeoutError."""
    path = ground.run.log(name)
    with path.open("ab") as log:
        child = Child(Program([sys.executable, "-m", *command]), log, environment)
    try:
        await _answers(child, port, path)
        yield child
    finally:
        await asyncio.to_thread(child.stop, STOP_SIGNALS)


async def _answers(child: Child, port: int, log: Path) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while True:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            if child.exit_code() is not None or time.monotonic() > deadline:
                raise TimeoutError(f"no answer; see {log.name}") from None
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


@asynccontextmanager
async def web(ground: Ground, house: House) -> AsyncIterator[tuple[Child, int]]:
    port = choose()
    environment = house.environment | {"VONGTAY_PORT": str(port), "VONGTAY_LOG_LEVEL": "info"}
    command = ["services.donations.app"]
    async with process(ground, "donations-web", command, environment, port) as child:
        yield child, port


@asynccontextmanager
async def worker(
    ground: Ground, house: House, service: str = "donations", **changes: str
) -> AsyncIterator[Child]:
    port = choose()
    signing = house.signing if service == SERVICE else {}
    environment = house.environment | signing | changes | {"VONGTAY_HEALTH_PORT": str(port)}
    command = [f"services.{service}.worker"]
    async with process(ground, f"{service}-worker", command, environment, port) as child:
        yield child


@asynccontextmanager
async def plain(ground: Ground, dsn: str) -> AsyncIterator[tuple[Child, int]]:
    port = choose()
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "DATABASE_URL": dsn}
    async with process(ground, "plain", ["bench.plain_app", str(port)], environment, port) as child:
        yield child, port


def fund_to_open(house: House) -> bytes:
    """A command with one event on a stream of its own, as it goes over the wire."""
    return _put(f"/funds/{uuid4()}", _FUND, next(house.tokens))


def sponsor_to_register(house: House) -> bytes:
    """The same with two sealed fields, under a key that has to be made first."""
    body = (
        '{"kind":"individual","name":"Một người minh hoạ",'
        '"email":"minh-hoa@example.org","illustrative":true}'
    )
    return _put(f"/sponsors/{uuid4()}", body.encode(), next(house.tokens))


def plain_fund(path: str) -> bytes:
    return _put(f"/{path}/{uuid4()}", _FUND, None)


_FUND = (
    f'{{"programme_id":"{PROGRAMME}","unit_id":"{CITY}","name":"Nguồn vận động mùa đông"}}'.encode()
)


def _put(path: str, body: bytes, token: str | None) -> bytes:
    lines = [
        f"PUT {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    if token is not None:
        lines += [f"Authorization: Bearer {token}", f'Idempotency-Key: "{uuid4()}"']
    return "\r\n".join([*lines, "", ""]).encode() + body
