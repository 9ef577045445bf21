"""`make chaos`: plays small seasons while faults happen, and lets the checker look afterwards.

A run has a seed; with the same one the same faults are chosen, though machines differ in timing.
What a run with violations leaves behind is kept in .run/chaos-failures.
"""

import argparse
import asyncio
import contextlib
import json
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import asyncpg
from aiokafka.errors import KafkaError

from console.addresses import SERVICES
from console.demo import begin
from console.proof import compare
from console.run_folder import PROJECT, RunFolder
from console.season.journal import Journal
from console.season.play import STARTS_ON, morning
from console.up import WANTED_PORTS, Plan, prepare
from deploy.embedded.stack import EmbeddedStack
from tests.chaos.checker import violations
from tests.chaos.disk import small_disk
from tests.chaos.faults import Fault, Place, frozen_leader, next_fault, two_of_each
from tests.chaos.fleet import Fleet
from tests.chaos.ports import own
from tests.chaos.season import ManyClients, Season
from tests.chaos.world import collect

FAILURES = PROJECT / ".run" / "chaos-failures"
FAULTS_A_DAY = 3
PAUSE_S = (0.1, 1.2)
FROZEN_S = 60.0
WITHIN_S = 3600.0
CHECK_WITHIN_S = 900.0


@dataclass(frozen=True, slots=True)
class Asked:
    """`days_max` days are played at most; `frozen_s` bounds how long a broker is away.

    `within_s` bounds the run; then there is still time for the checker.
    """

    seed: int
    days_max: int = 100
    faults_a_day: int = FAULTS_A_DAY
    frozen_s: float = FROZEN_S
    with_disk: bool = True
    within_s: float = WITHIN_S


@dataclass(slots=True)
class Outcome:
    """`wrong`: what the checker found, and what should not have happened meanwhile.

    `kinds` counts the faults that struck, `met` the fail points among them.
    """

    seed: int
    faults: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    days: int = 0
    commands: int = 0
    repeated: int = 0
    events: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        verdict = "nothing wrong" if not self.wrong else f"{len(self.wrong)} WRONG"
        return (
            f"seed {self.seed}: {self.kinds.total()} of {len(self.faults)} faults struck"
            f" in {self.seconds:.0f} s,"
            f" {self.days} days, {self.commands} commands ({self.repeated} sent again),"
            f" {self.events} events: {verdict}"
        )


def run(asked: Asked) -> Outcome:
    """One run, from an empty folder to what the checker says. Whatever fails is in the outcome."""
    outcome = Outcome(asked.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vongtay-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # PostgreSQL never runs as root: whoever it runs as must get at its own folder.
        folder.chmod(0o711)
        with _told(outcome), _servers(folder, asked) as (stack, disk):
            asyncio.run(_run(asked, outcome, RunFolder(folder / "run"), stack, disk))
        outcome.seconds = time.monotonic() - began
        if outcome.wrong:
            keep(outcome, folder / "run")
    return outcome


@contextmanager
def _told(outcome: Outcome) -> Iterator[None]:
    """What fails here is kept with its seed, and where it failed."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - a fault may lead to anything
        outcome.wrong.append("".join(traceback.format_exception(error)))


@contextmanager
def _servers(folder: Path, asked: Asked) -> Iterator[tuple[EmbeddedStack, Path | None]]:
    with ExitStack() as opened:
        disk = None
        if asked.with_disk:
            place = folder / "run" / "postgres"
            disk = opened.enter_context(small_disk(folder / "disk", place))
        postgres, kafka = own(2)
        stack = opened.enter_context(EmbeddedStack(folder / "run", wanted_ports=(postgres, kafka)))
        yield stack, disk


async def _run(
    asked: Asked, outcome: Outcome, run: RunFolder, stack: EmbeddedStack, disk: Path | None
) -> None:
    deadline = asyncio.get_running_loop().time() + asked.within_s
    ports = dict(zip(WANTED_PORTS, own(len(WANTED_PORTS)), strict=True))
    async with asyncio.timeout_at(deadline):
        with patch.dict(WANTED_PORTS, ports):
            plan = await prepare(run, stack, morning(STARTS_ON))
    # Apart, so that which faults come depends on the seed alone and not on what runs meanwhile.
    kinds, victims, repeats = (
        random.Random(f"{asked.seed} {of}")  # noqa: S311 - which fault is next is no secret
        for of in ("kinds", "victims", "repeats")
    )
    journal = Journal(run.path / "journal.ndjson")
    async with _fleet(plan) as fleet:
        async with asyncio.timeout_at(deadline):
            await begin(run, stack, plan.addresses)
        client = ManyClients(plan.addresses, journal, repeats)
        season = Season(client, fleet.second_workers)
        frozen_s, postgres_log = asked.frozen_s, run.path / "logs" / "postgres.log"
        place = Place(stack, fleet, season, plan.addresses, victims, frozen_s, disk, postgres_log)
        try:
            with _told(outcome):
                async with asyncio.timeout_at(deadline):
                    await season.settle()
                    await _play(asked, outcome, season, place, kinds)
            outcome.commands = client.commands + sum(each.commands for each in client.others)
            outcome.repeated = client.repeated
            with _told(outcome):
                async with asyncio.timeout(CHECK_WITHIN_S):
                    await _check(outcome, season, place, run)
        finally:
            await client.close()
            journal.close()
            outcome.wrong += fleet.surprises
            outcome.faults += place.notes
            outcome.met = fleet.met
            outcome.kinds = place.struck + Counter(fail_point=fleet.met.total())
        sys.stderr.write("".join(f"{note}\n" for note in place.notes))


@asynccontextmanager
async def _fleet(plan: Plan) -> AsyncIterator[Fleet]:
    fleet = Fleet()
    keeping: asyncio.Task[None] | None = None
    try:
        fleet.start(plan.surroundings)
        await fleet.until_all_answer()
        fleet.start(plan.services)
        await fleet.until_all_answer()
        keeping = asyncio.create_task(fleet.keep_running())
        yield fleet
    finally:
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        fleet.stop()


async def _play(
    asked: Asked, outcome: Outcome, season: Season, place: Place, kinds: random.Random
) -> None:
    """Each day's commands and its faults together; then, left in peace, all of it settles.

    On one of the days, and from then on, each service has two workers.
    """
    days = season.days[: asked.days_max]
    of_two = random.Random(f"{asked.seed} of two").randrange(len(days))  # noqa: S311 - no secret
    for number, day in enumerate(days):
        playing = asyncio.create_task(season.play(day))
        try:
            if number == of_two:
                await _strike(two_of_each, outcome, place, f"{day.on}")
            for _ in range(asked.faults_a_day):
                await asyncio.sleep(kinds.uniform(*PAUSE_S))
                fault = next_fault(kinds, with_disk=place.disk is not None)
                await _strike(fault, outcome, place, f"{day.on}")
            await playing
        finally:
            playing.cancel()
            await asyncio.gather(playing, *place.background, return_exceptions=True)
        await season.settle(day)
        outcome.days += 1


async def _strike(fault: Fault, outcome: Outcome, place: Place, day: str) -> None:
    try:
        did = await fault(place)
    except (OSError, TimeoutError, KafkaError, asyncpg.PostgresError) as error:
        # A fault may meet another one that is under way.
        says = f"{fault.__name__} could not: {type(error).__name__}"
    else:
        says = did.says
        place.struck[fault.__name__] += did.struck
    outcome.faults.append(f"{time.strftime('%H:%M:%S')} {day} {says}")
    sys.stderr.write(f"{outcome.faults[-1]}\n")


async def _check(outcome: Outcome, season: Season, place: Place, run: RunFolder) -> None:
    """What did not come to rest is a violation; what is certain even so is looked at as well."""
    settled = False
    with _told(outcome):
        await place.fleet.until_all_answer()
        await season.settle()
        settled = True
    journal = run.path / "journal.ndjson"
    world = await collect(SERVICES, place.stack.postgres, place.stack.kafka, journal, run.mail)
    world.settled = settled
    outcome.events = sum(len(log) for log in world.logs.values())
    outcome.wrong += violations(world)
    if settled:
        await _ask_the_services(outcome, season)


async def _ask_the_services(outcome: Outcome, season: Season) -> None:
    auditor = season.stage.people["auditor"]
    outcome.wrong += [
        f"{each.service}.{each.name} is not what a replay of the stream gives"
        for each in await compare(season.client, auditor)
        if not each.same
    ]
    for service in SERVICES:
        outcome.wrong += [
            f"{service} refused {each['reaction']}: {each['code']}"
            for each in await season.client.query(service, "/refused", by=auditor)
        ]


def keep(outcome: Outcome, folder: Path) -> None:
    kept = FAILURES / f"seed-{outcome.seed}"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    said = {name: getattr(outcome, name) for name in Outcome.__dataclass_fields__}
    text = json.dumps(said, indent=1, ensure_ascii=False)
    (kept / "outcome.json").write_text(text, encoding="utf-8")
    with suppress(OSError):
        shutil.copytree(folder / "logs", kept / "logs")
    with suppress(OSError):
        shutil.copy(folder / "journal.ndjson", kept)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _run_apart(asked: Asked) -> Outcome:
    """In a process of its own, whose standard output is for nothing."""
    with contextlib.redirect_stdout(sys.stderr):
        return run(asked)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--runs", type=int, default=1)
    given.add_argument("--seed", type=int, default=None, help="that of the first run")
    given.add_argument("--faults-a-day", type=int, default=FAULTS_A_DAY)
    given.add_argument("--days", type=int, default=100)
    given.add_argument(
        "--frozen-s", type=float, default=FROZEN_S, help="a broker's longest absence"
    )
    given.add_argument("--within-s", type=float, default=WITHIN_S, help="that a run may take")
    given.add_argument("--at-once", type=int, default=1, help="runs side by side")
    options = given.parse_args()
    first = int(time.time()) if options.seed is None else options.seed
    kinds: Counter[str] = Counter()
    met: Counter[str] = Counter()
    failed: list[int] = []
    every = [
        Asked(
            seed,
            options.days,
            options.faults_a_day,
            options.frozen_s,
            within_s=options.within_s,
        )
        for seed in range(first, first + options.runs)
    ]
    with ProcessPoolExecutor(options.at_once, mp_context=get_context("spawn")) as processes:
        for outcome in processes.map(_run_apart, every):
            _say(str(outcome), *(f"  {wrong}" for wrong in outcome.wrong))
            kinds += outcome.kinds
            met += outcome.met
            failed += [outcome.seed] if outcome.wrong else []
    _say(f"{kinds.total()} faults struck: {_counted(kinds)}")
    _say(f"fail points met: {_counted(met)}")
    _say(f"leaders frozen until another led: {kinds[frozen_leader.__name__]}")
    if failed:
        _say(f"Seeds with violations: {failed}; what they left is in {FAILURES}")
        raise SystemExit(1)


def _counted(what: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in what.most_common()) or "none"


if __name__ == "__main__":
    main()
