"""What can go wrong, done on purpose: each fault says what it did, and whether it struck."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg

from console.addresses import Addresses
from console.season.client import Client
from console.season.play import morning
from deploy.embedded.stack import EmbeddedStack
from eventing.kafka_access import KafkaAccess
from eventing.leadership import LEASE_S
from eventing.relay import PUBLISH_WITHIN_S
from eventing.topics import partition_of, topic_of
from tests.chaos.fleet import Fleet
from tests.chaos.season import Season
from tests.chaos.world import database_of

OF_WEB = ("append:before-commit", "append:after-commit-before-answer")
OF_READER = ("read-models:before-commit", "read-models:after-commit")
"""What a worker comes by whose service has no log of its own."""
OF_WORKER = (
    "append:before-commit",
    "append:after-commit-before-answer",
    "relay:after-send-before-checkpoint",
    *OF_READER,
    "reactions:after-effect-before-cursor",
    "notary:before-commit",
    "notary:after-commit-before-release",
    "notary:after-release-before-checkpoint",
)
POINT_WITHIN_S = 4.0
BEYOND_THE_LEASE_S = 3.0
CLOCK_STEP_H = 5
REPEATED_MAX = 300
DISK_FULL_S = 4.0
WAL_FILES_MAX = 40
BALLAST_BYTES = 1 << 20
NO_ROOM = (b"No space left", b"53100")


@dataclass(slots=True)
class Place:
    """Where faults happen. `frozen_s` bounds how long a broker is away; `disk` may be filled.

    `notes` are what came of faults that went on in the background. `struck` counts the faults
    that did; those told to a process are counted by the fleet when they are met.
    """

    stack: EmbeddedStack
    fleet: Fleet
    season: Season
    addresses: Addresses
    chance: random.Random
    frozen_s: float
    disk: Path | None
    postgres_log: Path
    struck: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    background: set[asyncio.Task[None]] = field(default_factory=set)
    servers_turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def services(self) -> list[str]:
        """Those whose log grows."""
        return [name for name in self.addresses.services if name != "portal"]

    def meanwhile(self, work: Awaitable[None]) -> None:
        """Let it go on while other faults happen."""

        async def run() -> None:
            await work

        task = asyncio.create_task(run())
        self.background.add(task)
        task.add_done_callback(self.background.discard)


@dataclass(frozen=True, slots=True)
class Did:
    """`struck`: it did something by now. What it leads to later is counted when it does."""

    says: str
    struck: bool = True


Fault = Callable[[Place], Awaitable[Did]]


async def kill_web(at: Place) -> Did:
    return _end(at, "-web", at.fleet.kill)


async def kill_worker(at: Place) -> Did:
    return _end(at, at.chance.choice(("-worker", "-worker", "-second")), at.fleet.kill)


async def end_process(at: Place) -> Did:
    return _end(at, at.chance.choice(("-worker", "-web")), at.fleet.end)


def _end(at: Place, ending: str, how: Callable[[str], None]) -> Did:
    if not (names := at.fleet.names(ending)):
        names = at.fleet.names("-worker")
    if not names:
        return Did("nobody to end", struck=False)
    name = at.chance.choice(names)
    how(name)
    return Did(f"{name} {how.__name__}")


async def fail_point(at: Place) -> Did:
    """Counted by the fleet when it is met, at once or later."""
    ending = at.chance.choice(("-web", "-worker", "-worker"))
    if not (names := at.fleet.names(ending)):
        return Did("nobody to fail", struck=False)
    name = at.chance.choice(names)
    point = at.chance.choice(_points_of(name))
    times = at.chance.choice((1, 1, 2, 5))
    met = await at.fleet.fail_at(name, point, times, POINT_WITHIN_S)
    says = f"{name} dies at {point}:{times}{'' if met else ', which has not come yet'}"
    return Did(says, struck=False)


def _points_of(name: str) -> tuple[str, ...]:
    if name.endswith("-web"):
        return OF_WEB
    return OF_READER if name.startswith("portal-") else OF_WORKER


async def terminate_backends(at: Place) -> Did:
    share = at.chance.choice((0.2, 0.5, 1.0))
    connection = await asyncpg.connect(at.stack.postgres)
    try:
        rows = await connection.fetch(
            "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename LIKE 'vt\\_%' AND random() < $1",
            share,
        )
    finally:
        await connection.close()
    return Did(f"{len(rows)} backends terminated", struck=bool(rows))


async def postgres_immediate(at: Place) -> Did:
    async with at.servers_turn:
        await _restart(at, "postgres", signal.SIGQUIT)
    return Did("PostgreSQL stopped immediately and started again")


async def broker_restart(at: Place) -> Did:
    number = at.chance.choice((signal.SIGTERM, signal.SIGKILL))
    async with at.servers_turn:
        await _restart(at, "kafka", number)
    return Did(f"broker ended by {number.name} and started again")


async def _restart(at: Place, name: str, number: int) -> None:
    await asyncio.to_thread(at.stack.end, name, number)
    at.stack.start_again(name)
    await asyncio.to_thread(at.stack.wait_until_it_answers, name)


async def broker_frozen(at: Place) -> Did:
    async with at.servers_turn:
        pid = at.stack.process_ids["kafka"]
        seconds = at.chance.choice((3.0, PUBLISH_WITHIN_S + 5.0, at.frozen_s))
        seconds = min(seconds, at.frozen_s)
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)
    return Did(f"broker unreachable for {seconds:.0f} s")


async def frozen_leader(at: Place) -> Did:
    """Both workers lead in turn; the first wakes when the second has taken over.

    Counted when it wakes, if another leads by then.
    """
    names = [name for name in at.fleet.names("-worker") if not name.startswith("portal-")]
    if not names:
        return Did("nobody to freeze", struck=False)
    name = at.chance.choice(names)
    at.fleet.start_second(name)
    at.meanwhile(_freeze(at, name))
    says = f"{name} frozen for {LEASE_S + BEYOND_THE_LEASE_S:.0f} s beside a second"
    return Did(says, struck=False)


async def _freeze(at: Place, name: str) -> None:
    service = name.removesuffix("-worker")
    try:
        before = await _relay_epoch(at, service)
        at.fleet.freeze(name)
        await asyncio.sleep(LEASE_S + BEYOND_THE_LEASE_S)
        after = await _relay_epoch(at, service)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        at.notes.append(f"{name} frozen, the database was away too: {type(error).__name__}")
    else:
        took_over = after > before
        at.struck[frozen_leader.__name__] += took_over
        came = "another leads" if took_over else "it led nothing, or nobody took over"
        at.notes.append(f"{name} wakes: relay epoch {before}, now {after}: {came}")
    finally:
        at.fleet.thaw(name)


async def _relay_epoch(at: Place, service: str) -> int:
    connection = await asyncpg.connect(database_of(at.stack.postgres, f"vt_{service}"), timeout=5)
    try:
        epoch: int = await connection.fetchval("SELECT epoch FROM relay")
    finally:
        await connection.close()
    return epoch


async def two_leaders(at: Place) -> Did:
    worker = at.chance.choice(_workers(at))
    started = at.fleet.start_second(worker)
    return Did(f"a second {worker} {'is' if started else 'was'} there", struck=started)


async def two_of_each(at: Place) -> Did:
    """A second worker of every service, from now on."""
    started = [worker for worker in _workers(at) if at.fleet.start_second(worker)]
    return Did(f"second workers started: {', '.join(started) or 'none'}", struck=bool(started))


def _workers(at: Place) -> list[str]:
    return [name for name in at.fleet.kept if name.endswith("-worker")]


async def repeated_records(at: Place) -> Did:
    """What a relay does that woke too late: old records again, behind newer ones."""
    service = at.chance.choice(at.services)
    connection = await asyncpg.connect(database_of(at.stack.postgres, f"vt_{service}"))
    try:
        published = await connection.fetchval("SELECT published FROM relay")
        first = at.chance.randint(1, max(1, published))
        rows = await connection.fetch(
            "SELECT position, stream, type, record FROM events"
            " WHERE position BETWEEN $1 AND $2 ORDER BY position LIMIT $3",
            first,
            published,
            at.chance.randint(1, REPEATED_MAX),
        )
    finally:
        await connection.close()
    async with at.servers_turn:
        await _publish(at.stack.kafka, service, rows)
    says = f"{len(rows)} records of {service} from {first} on delivered again"
    return Did(says, struck=bool(rows))


async def _publish(kafka: KafkaAccess, service: str, rows: Any) -> None:
    producer = kafka.producer()
    try:
        async with asyncio.timeout(POINT_WITHIN_S * 3):
            await producer.start()
            for row in rows:
                await producer.send_and_wait(
                    topic_of(service),
                    key=row["stream"].encode(),
                    value=row["record"],
                    partition=partition_of(row["stream"].encode()),
                    headers=[
                        ("position", str(row["position"]).encode()),
                        ("type", row["type"].encode()),
                    ],
                )
    finally:
        await asyncio.wait_for(producer.stop(), POINT_WITHIN_S)


async def clock_step(at: Place) -> Did:
    """Forth or back within the same day in Hanoi."""
    hours = at.chance.randint(1, CLOCK_STEP_H) * at.chance.choice((-1, 1))
    now = morning(at.season.stage.today) + timedelta(hours=hours)
    await Client.set_clock(at.season.client, now)
    return Did(f"the clock steps to {hours:+d} h")


async def full_disk(at: Place) -> Did:
    """It strikes if PostgreSQL wanted to write meanwhile, and says that it could not."""
    if at.disk is None:
        return Did("no disk of its own to fill", struck=False)
    async with at.servers_turn:
        said_before = at.postgres_log.stat().st_size
        ballast = at.disk / "ballast"
        filled = await asyncio.to_thread(_fill, ballast)
        try:
            await asyncio.gather(asyncio.sleep(DISK_FULL_S), _ask_for_room(at.stack.postgres))
        finally:
            ballast.unlink(missing_ok=True)
        died = at.stack.died() == "postgres"
        at.stack.start_again("postgres")
        await asyncio.to_thread(at.stack.wait_until_it_answers, "postgres")
    said = await asyncio.to_thread(_since, at.postgres_log, said_before)
    failed = died or any(words in said for words in NO_ROOM)
    came = "PostgreSQL ended by it" if died else "a write failed" if failed else "no write failed"
    says = f"disk of PostgreSQL full for {DISK_FULL_S:.0f} s ({filled >> 20} MB): {came}"
    return Did(says, struck=failed)


async def _ask_for_room(postgres: str) -> None:
    """Have PostgreSQL want new files of its write-ahead log: it keeps some in reserve."""
    try:
        async with asyncio.timeout(DISK_FULL_S):
            connection = await asyncpg.connect(postgres)
            for _ in range(WAL_FILES_MAX):
                await connection.execute("SELECT pg_logical_emit_message(false, 'chaos', '')")
                await connection.execute("SELECT pg_switch_wal()")
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        # That it fails is what was wanted; the server's own log says why.
        return


def _since(log: Path, offset: int) -> bytes:
    with log.open("rb") as file:
        file.seek(offset)
        return file.read()


def _fill(ballast: Path) -> int:
    """Take all the room there is, to the last block."""
    written = 0
    with ballast.open("wb", buffering=0) as file:
        for size in (BALLAST_BYTES, 4096):
            try:
                while True:
                    written += file.write(b"\0" * size)
            except OSError:
                continue
    return written


WEIGHTS: dict[Fault, int] = {
    kill_web: 18,
    kill_worker: 22,
    end_process: 6,
    fail_point: 22,
    terminate_backends: 12,
    repeated_records: 10,
    clock_step: 8,
    two_leaders: 3,
    frozen_leader: 5,
    postgres_immediate: 5,
    broker_restart: 3,
    broker_frozen: 3,
    full_disk: 3,
}


def next_fault(chance: random.Random, *, with_disk: bool) -> Fault:
    kinds = [fault for fault in WEIGHTS if with_disk or fault is not full_disk]
    return chance.choices(kinds, [WEIGHTS[kind] for kind in kinds])[0]
