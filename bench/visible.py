"""(f) From a command to its place in a read model, open loop, a thousand events per second.

The commands are executed here (read, decide, append; no HTTP); the workers of donations and of the
portal, whole and as they run, keep the read models: one from the own log, one through Kafka.
Each command makes a pledge, which stands on a campaign and a sponsor: three streams. How many of
them one campaign can take, at 64 callers, is measured beside.
"""

import asyncio
import time
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from bench.appends import rate
from bench.figures import Goal, Measured, quantile
from bench.ground import Ground, cpu_of, cpu_used, memory_of, program, until
from bench.house import House, make, web, worker
from bench.material import MAC, MADE_AT, PERSON, PROGRAMME, SPONSOR, WHY
from contracts.donations import CampaignOpened, Earmark, SponsorRegistered
from contracts.sealed import Sealed
from eventing.clock import system_clock
from eventing.event_store import Append, Key
from eventing.execute import CommandContext, Executor
from eventing.postgres_store import PostgresStore
from eventing.record import encode
from programmes import packs
from services.donations.domain import campaign, pledge, sponsor

RULES = packs.installed().of_the_register.versions[0]

PART = "f"
PER_SECOND = 1_000
WANTED_MS = 100.0
LOOK_INTERVAL_S = 0.002
TICK_S = 0.005
ROUND_TRIALS = 2
RUN_WITHIN_S = 600.0
IDLE_FOR_S = 5.0
CALLERS = 64
CAMPAIGNS = [UUID(int=100 + number) for number in range(50)]
WARM_UP_SHARE = 0.2
OWN, OTHERS = "own log", "through Kafka"
WORKERS = {
    "worker": "whole: relay, notary, all read models, reactions",
    "portal's worker": "whole: all its read models, through Kafka",
}
SERVERS = {
    "postgres": "all databases: appends, relay, notary, both workers' read models",
    "kafka": "one broker",
}
READERS = {OWN: "donations", OTHERS: "portal"}


async def measure(ground: Ground, measured: Measured) -> None:
    house, portal = await make(ground), await ground.new_log("portal")
    await _prepare(house)
    hot = [await _to_one_campaign(house, ground.seconds) for _ in range(ground.rounds)]
    measured.add(PART, "commands/s", {f"pledges to one campaign, {CALLERS} callers": hot})
    changes = {
        "VONGTAY_DATABASE_URL": portal.log,
        "VONGTAY_KEYS_DATABASE_URL": portal.keys,
    }
    async with (
        web(ground, house) as (served, _),
        worker(ground, house) as donations,
        worker(ground, house, "portal", **changes) as reader,
    ):
        dsns = {OWN: house.log.log, OTHERS: portal.log}
        async with PostgresStore("donations", house.log.log) as store:
            head = await store.head()
        for dsn in dsns.values():
            await _is_following(dsn, head)
        processes = {"web": served, "worker": donations, "portal's worker": reader}
        workers = {name: processes[name].pid for name in ("worker", "portal's worker")}
        spent: dict[str, list[float]] = {name: [] for name in (*workers, *SERVERS)}
        waited: dict[str, list[list[float]]] = {name: [] for name in READERS}
        commands = round(PER_SECOND * ROUND_TRIALS * ground.seconds)
        for _ in range(ground.rounds):
            before = {name: cpu_of(pid) for name, pid in workers.items()}
            with cpu_used(ground) as cpu:
                for name, each in (await _run(house, dsns, commands)).items():
                    waited[name].append(each)
            for name, pid in workers.items():
                spent[name].append((cpu_of(pid) - before[name]) / commands * 1e6)
            for name in SERVERS:
                spent[name].append(getattr(cpu, name) / commands * 1e6)
        for name, whole in (WORKERS | SERVERS).items():
            used = {f"at {PER_SECOND:,} events/s: {name}": spent[name]}
            measured.add("h", "µs CPU/event", used, whole)
        measured.add(
            "h",
            "MiB",
            {f"memory: {name}": [_resident_mib(each.pid)] for name, each in processes.items()},
        )
        servers = {f"memory: {name}": [memory_of(ground, name) / 2**20] for name in SERVERS}
        measured.add("h", "MiB", servers, "with its children; what they share, once")
        measured.add(
            "h",
            "% of a core",
            {f"idle: {name}": [await _idle(each.pid)] for name, each in processes.items()},
        )
    for share in (0.5, 0.99):
        measured.add(
            PART,
            "ms",
            {
                f"{name}, p{share * 100:.0f}": [quantile(each, share) * 1000 for each in rounds]
                for name, rounds in waited.items()
            },
            f"{PER_SECOND:,}/s, {len(waited[OWN][0]):,} commands timed in each round",
        )
    for name in READERS:
        what = f"{name}, p99"
        reached = measured.figure(PART, what).median
        measured.goals.append(
            Goal(part=PART, what=what, reached=reached, unit="ms", at_most=WANTED_MS)
        )


async def _prepare(house: House) -> None:
    """The campaigns and the sponsor that the pledges stand on."""
    async with PostgresStore("donations", house.log.log) as store:
        for campaign_id in CAMPAIGNS:
            await _add(store, campaign.stream(campaign_id), _opened(campaign_id))
        await _add(store, sponsor.stream(SPONSOR), _registered())


async def _add(store: PostgresStore, stream: str, event: object) -> None:
    new = encode("donations", stream, 1, uuid4(), event, MADE_AT, WHY)
    await store.append([Append(stream, 0, [new])], Key(PERSON, uuid4(), MAC))


def _opened(campaign_id: UUID) -> CampaignOpened:
    return CampaignOpened(
        campaign_id=campaign_id,
        programme_id=PROGRAMME,
        fund_id=UUID(int=8),
        name="Mùa đông",
        category="warm-clothes",
        target=10_000,
        measure="piece",
        starts_on=MADE_AT.date(),
        ends_on=MADE_AT.date().replace(year=2100),
        illustrative=True,
        rules=RULES.named,
        opened_by=PERSON,
        happened_at=MADE_AT,
    )


def _registered() -> SponsorRegistered:
    return SponsorRegistered(
        sponsor_id=SPONSOR,
        person_id=None,
        kind="enterprise",
        public_name="Một doanh nghiệp",
        name=Sealed(UUID(int=9), ""),
        email=None,
        language="vi",
        illustrative=True,
        registered_by=PERSON,
        happened_at=MADE_AT,
    )


async def _is_following(dsn: str, position: int) -> None:
    connection = await asyncpg.connect(dsn)

    async def there() -> bool:
        return await _position(connection) >= position

    await until(there)
    await connection.close()


async def _position(connection: Any) -> int:
    return int(
        await connection.fetchval(
            "SELECT coalesce(max(position), 0) FROM consumers"
            " WHERE name = 'pledges' AND status = 'live' AND source = 'donations'"
        )
    )


async def _run(house: House, dsns: dict[str, str], commands: int) -> dict[str, list[float]]:
    """Return how long each command waited for each reader, from when it was due, in seconds."""
    due_at: dict[int, float] = {}
    arrived: dict[str, list[float]] = {name: [] for name in dsns}
    finished = asyncio.Event()
    store = PostgresStore("donations", house.log.log)
    executor = Executor(store, system_clock)

    async def give(due: float) -> None:
        position = await _make_pledge(executor, CAMPAIGNS[len(given) % len(CAMPAIGNS)])
        due_at[position] = due

    async def watch(name: str, dsn: str) -> None:
        connection = await asyncpg.connect(dsn)
        seen = await _position(connection)
        while not (finished.is_set() and seen >= max(due_at, default=0)):
            position = await _position(connection)
            now = time.perf_counter()
            while seen < position:
                if seen + 1 not in due_at:
                    # Its append is answered, but the task that waited has not had its turn yet.
                    break
                seen += 1
                arrived[name].append(now - due_at[seen])
            await asyncio.sleep(LOOK_INTERVAL_S)
        await connection.close()

    given: list[asyncio.Task[None]] = []
    async with store, asyncio.timeout(RUN_WITHIN_S), asyncio.TaskGroup() as tasks:
        for name, dsn in dsns.items():
            tasks.create_task(watch(name, dsn))
        began = time.perf_counter()
        while len(given) < commands:
            passed = time.perf_counter() - began
            while len(given) < min(commands, passed * PER_SECOND):
                due = began + len(given) / PER_SECOND
                given.append(tasks.create_task(give(due)))
            await asyncio.sleep(TICK_S)
        await asyncio.gather(*given)
        finished.set()
    return {name: each[round(len(each) * WARM_UP_SHARE) :] for name, each in arrived.items()}


async def _make_pledge(executor: Executor, campaign_id: UUID) -> int:
    pledge_id = uuid4()
    wanted = pledge.MakePledge(
        pledge_id=pledge_id,
        programme_id=PROGRAMME,
        campaign_id=campaign_id,
        sponsor_id=SPONSOR,
        kind="goods",
        category="warm-clothes",
        quantity=1,
        measure="piece",
        earmark=Earmark(),
        rules=RULES,
        made_by=PERSON,
        happened_at=system_clock(),
    )
    context = CommandContext(Key(PERSON, uuid4(), MAC), WHY)
    return await executor.execute(pledge.pledge, pledge.stream(pledge_id), wanted, context)


async def _to_one_campaign(house: House, seconds: float) -> float:
    async with PostgresStore("donations", house.log.log) as store:
        executor = Executor(store, system_clock)

        async def one() -> None:
            await _make_pledge(executor, CAMPAIGNS[0])

        return await rate(one, CALLERS, seconds)


def _resident_mib(pid: int) -> float:
    return float(program(pid).memory_info().rss) / 2**20


async def _idle(pid: int) -> float:
    """What it uses when nothing is asked of it, in percent of one core."""
    before = cpu_of(pid)
    await asyncio.sleep(IDLE_FOR_S)
    return (cpu_of(pid) - before) / IDLE_FOR_S * 100
