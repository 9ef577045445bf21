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
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import asyncpg
from aiokafka.errors import KafkaError

from console.addresses import SERVICES
from console.demo import begin
from console.proof import compare
from console.run_folder import PROJECT, RunFolder
from console.season.client import StepFailed
from console.season.journal import Journal
from console.season.play import STARTS_ON, morning
from console.settled import NotSettled
from console.up import WANTED_PORTS, Plan, prepare
from deploy.embedded.stack import EmbeddedStack
from tests.chaos.checker import violations
from tests.chaos.disk import small_disk
from tests.chaos.faults import Place, next_fault
from tests.chaos.fleet import Fleet
from tests.chaos.ports import own
from tests.chaos.season import ManyClients, Season
from tests.chaos.world import collect

FAILURES = PROJECT / ".run" / "chaos-failures"
FAULTS_A_DAY = 3
PAUSE_S = (0.1, 1.2)


@dataclass(frozen=True, slots=True)
class Asked:
    """`days_max` days are played at most; `frozen_s` bounds how long a broker is away."""

    seed: int
    days_max: int = 100
    faults_a_day: int = FAULTS_A_DAY
    frozen_s: float = 60.0
    with_disk: bool = True


@dataclass(slots=True)
class Outcome:
    """`wrong`: what the checker found, and what should not have happened meanwhile."""

    seed: int
    faults: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    days: int = 0
    commands: int = 0
    repeated: int = 0
    events: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        verdict = "nothing wrong" if not self.wrong else f"{len(self.wrong)} WRONG"
        return (
            f"seed {self.seed}: {sum(self.kinds.values())} faults in {self.seconds:.0f} s,"
            f" {self.days} days, {self.commands} commands ({self.repeated} sent again),"
            f" {self.events} events: {verdict}"
        )


def run(asked: Asked) -> Outcome:
    """One run, from an empty folder to what the checker says."""
    outcome = Outcome(asked.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vongtay-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # PostgreSQL never runs as root: whoever it runs as must get at its own folder.
        folder.chmod(0o711)
        with _servers(folder, asked) as (stack, disk):
            asyncio.run(_run(asked, outcome, RunFolder(folder / "run"), stack, disk))
        outcome.seconds = time.monotonic() - began
        if outcome.wrong:
            keep(outcome, folder / "run")
    return outcome


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
    ports = dict(zip(WANTED_PORTS, own(len(WANTED_PORTS)), strict=True))
    with patch.dict(WANTED_PORTS, ports):
        plan = await prepare(run, stack, morning(STARTS_ON))
    # Apart, so that which faults come depends on the seed alone and not on what runs meanwhile.
    kinds, victims, repeats = (
        random.Random(f"{asked.seed} {of}")  # noqa: S311 - which fault is next is no secret
        for of in ("kinds", "victims", "repeats")
    )
    journal_file = run.path / "journal.ndjson"
    journal = Journal(journal_file)
    async with _fleet(plan) as fleet:
        await begin(run, stack)
        client = ManyClients(plan.addresses, journal, repeats)
        season = Season(client)
        place = Place(stack, fleet, season, plan.addresses, victims, asked.frozen_s, disk)
        try:
            await season.settle()
            await _play(asked, outcome, season, place, kinds)
            outcome.commands = client.commands + sum(each.commands for each in client.others)
            outcome.repeated = client.repeated
            await _check(outcome, season, place, journal_file, run)
        except (StepFailed, NotSettled, TimeoutError) as error:
            outcome.wrong.append(f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 - what a fault led to is kept with its seed
            outcome.wrong += traceback.format_exception(error)
        finally:
            await client.close()
            journal.close()
        outcome.wrong += fleet.surprises
        outcome.faults += place.notes
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
    """Each day's commands and its faults together; then, left in peace, all of it settles."""
    for day in season.days[: asked.days_max]:
        playing = asyncio.create_task(season.play(day))
        try:
            await _faults(asked, outcome, place, kinds, f"{day.on}")
            await playing
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
        if place.background:
            await asyncio.wait(place.background)
        await season.settle(day)
        outcome.days += 1


async def _faults(
    asked: Asked, outcome: Outcome, place: Place, kinds: random.Random, day: str
) -> None:
    for _ in range(asked.faults_a_day):
        await asyncio.sleep(kinds.uniform(*PAUSE_S))
        fault = next_fault(kinds, with_disk=place.disk is not None)
        try:
            did = await fault(place)
        except (OSError, TimeoutError, KafkaError, asyncpg.PostgresError) as error:
            # A fault may meet another one that is under way.
            did = f"{fault.__name__} could not: {type(error).__name__}"
        else:
            outcome.kinds[fault.__name__] += 1
        outcome.faults.append(f"{time.strftime('%H:%M:%S')} {day} {did}")
        sys.stderr.write(f"{outcome.faults[-1]}\n")


async def _check(
    outcome: Outcome, season: Season, place: Place, journal: Path, run: RunFolder
) -> None:
    await place.fleet.until_all_answer()
    await season.settle()
    world = await collect(SERVICES, place.stack.postgres, place.stack.kafka, journal, run.mail)
    outcome.events = sum(len(log) for log in world.logs.values())
    outcome.wrong += violations(world)
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
        shutil.copy(folder / "journal.ndjson", kept)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--runs", type=int, default=1)
    given.add_argument("--seed", type=int, default=None, help="that of the first run")
    given.add_argument("--faults-a-day", type=int, default=FAULTS_A_DAY)
    given.add_argument("--days", type=int, default=100)
    given.add_argument("--frozen-s", type=float, default=20.0)
    options = given.parse_args()
    first = int(time.time()) if options.seed is None else options.seed
    kinds: Counter[str] = Counter()
    failed: list[int] = []
    for seed in range(first, first + options.runs):
        asked = Asked(seed, options.days, options.faults_a_day, options.frozen_s)
        with contextlib.redirect_stdout(sys.stderr):
            outcome = run(asked)
        _say(str(outcome), *(f"  {wrong}" for wrong in outcome.wrong))
        kinds += outcome.kinds
        failed += [seed] if outcome.wrong else []
    by_kind = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    _say(f"{sum(kinds.values())} faults: {by_kind}")
    if failed:
        _say(f"Seeds with violations: {failed}; what they left is in {FAILURES}")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
