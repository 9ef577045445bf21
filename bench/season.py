"""As many seasons at once as wished: throughput, lag and memory, from start to end.

`python -m bench.season --scale 100` plays those of a hundred programmes, and plays on where it was
interrupted, unless `--fresh`.
"""

import argparse
import asyncio
import sys
import time
from collections import defaultdict
from pathlib import Path

import httpx
import msgspec
import psutil

from bench.figures import quantile
from bench.machine import load
from bench.plots import Line, lines
from console.addresses import Addresses
from console.demo import begin
from console.run_folder import PROJECT, RunFolder
from console.season.play import STARTS_ON, morning, play
from console.up import everything, say
from deploy.embedded.stack import EmbeddedStack

FOLDER = PROJECT / ".run" / "season"
RESULTS = PROJECT / "bench" / "results"
LOOK_INTERVAL_S = 5.0
ASK_WITHIN_S = 3.0
CALLERS = 64
LAGS = {
    "lag_own": "to be seen where they were recorded",
    "lag_others": "to be seen by other services, through Kafka",
}
STEADY_FROM = 0.5


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """`events`: the heads of all logs, added up.

    The furthest that anything is behind, in events: of its own service's log (`lag_own`), of
    another's, which it reads from Kafka (`lag_others`).
    """

    seconds: float
    events: int
    unpublished: int
    lag_own: int
    lag_others: int
    mib: dict[str, float]


class Season(msgspec.Struct, kw_only=True):
    scale: int
    callers: int
    commands: int = 0
    load_before: str = ""
    load_after: str = ""
    looks: list[Look] = msgspec.field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.season", description=__doc__)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--callers", type=int, default=CALLERS)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    with EmbeddedStack(FOLDER, fresh=asked.fresh, wanted_ports=(0, 0)) as stack:
        season = asyncio.run(_play(RunFolder(FOLDER), stack, asked.scale, asked.callers))
    write(season, asked.results)


async def _play(run: RunFolder, stack: EmbeddedStack, scale: int, callers: int) -> Season:
    season = Season(scale=scale, callers=callers, load_before=load())
    looked = run.path / "looks.ndjson"
    if looked.exists():
        season.looks = msgspec.json.Decoder(Look).decode_lines(looked.read_bytes())
    async with everything(run, stack, clock_starts_at=morning(STARTS_ON)) as addresses:
        await begin(run, stack, addresses)
        looking = asyncio.create_task(_look_on(season, addresses, looked))
        try:
            client = await play(addresses, run.season, scale=scale, calls_at_once=callers)
        finally:
            looking.cancel()
            await asyncio.wait([looking])
        season.commands = client.commands
        await client.close()
    season.load_after = load()
    return season


async def _look_on(season: Season, addresses: Addresses, kept_in: Path) -> None:
    """Looks are kept as they are taken: a season that was interrupted goes on, and so do they."""
    began = time.monotonic() - (season.looks[-1].seconds if season.looks else 0.0)
    async with httpx.AsyncClient(timeout=ASK_WITHIN_S) as client:
        while True:
            await asyncio.sleep(LOOK_INTERVAL_S)
            answers = await asyncio.gather(
                *(client.get(f"{url}/readyz") for url in addresses.workers.values()),
                return_exceptions=True,
            )
            said = [answer.json() for answer in answers if isinstance(answer, httpx.Response)]
            if len(said) < len(answers):
                say("a worker did not say in time how far it is: this look is left out")
                continue
            season.looks.append(_look(time.monotonic() - began, said))
            with kept_in.open("ab") as file:
                file.write(msgspec.json.encode(season.looks[-1]) + b"\n")


def _look(seconds: float, said: list[dict[str, object]]) -> Look:
    known = [msgspec.convert(each, _Told, strict=False) for each in said]
    heads = {each.service: each.head for each in known}
    own, others = [0], [0]
    for each in known:
        for one in each.consumers:
            # Asked at once, not at one moment: a head may have been told before a position was.
            behind = max(0, heads[one.source] - one.position)
            (own if one.source == each.service else others).append(behind)
    return Look(
        seconds=seconds,
        events=sum(heads.values()),
        unpublished=max(each.head - each.published for each in known),
        lag_own=max(own),
        lag_others=max(others),
        mib=_memory(),
    )


class _Consumer(msgspec.Struct):
    source: str
    position: int


class _Told(msgspec.Struct):
    """What is wanted here of what a worker's `/readyz` tells."""

    service: str
    head: int = 0
    published: int = 0
    consumers: list[_Consumer] = msgspec.field(default_factory=list)


def _memory() -> dict[str, float]:
    """MiB by what runs: our own processes by module, the servers together with their children."""
    found: defaultdict[str, float] = defaultdict(float)
    for process in psutil.Process().children(recursive=True):
        try:
            name = _name(process)
            if name is not None:
                found[name] += _bytes(process) / 2**20
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return dict(found)


def _name(process: psutil.Process) -> str | None:
    if process.name() == "postgres":
        return "postgres"
    command = process.cmdline()
    for part in command:
        if part.startswith("services."):
            return part.removeprefix("services.").replace(".", " ")
    return "kafka" if any(part.endswith("java") for part in command[:1]) else None


def _bytes(process: psutil.Process) -> int:
    """Resident; of what processes share, each one's part, where the system tells it."""
    known = process.memory_full_info()
    return int(getattr(known, "pss", 0) or known.rss)


def write(season: Season, folder: Path) -> None:
    if len(season.looks) < 2:
        sys.stderr.write("the season was over before it was looked at twice\n")
        return
    folder.mkdir(parents=True, exist_ok=True)
    as_json = msgspec.json.encode(season) + b"\n"
    (folder / "season.json").write_bytes(as_json)
    names = sorted({name for look in season.looks for name in look.mib})
    plots = {
        "season-memory.svg": lines(
            f"Memory while a season of scale {season.scale} is played, MiB",
            "s",
            [
                Line(name, [(look.seconds, look.mib.get(name, 0.0)) for look in season.looks])
                for name in names
            ],
        ),
        "season-events.svg": lines(
            "Events recorded, per second",
            "s",
            [Line("all services", _speeds(season))],
        ),
        "season-lag.svg": lines(
            "Events waiting",
            "s",
            [
                Line(
                    "to be published", [(look.seconds, look.unpublished) for look in season.looks]
                ),
                *(
                    Line(name, [(look.seconds, getattr(look, which)) for look in season.looks])
                    for which, name in LAGS.items()
                ),
            ],
        ),
    }
    for file, plot in plots.items():
        (folder / file).write_text(plot, encoding="utf-8")
    (folder / "season.md").write_text("\n".join(_said(season, names)) + "\n", encoding="utf-8")


def _speeds(season: Season) -> list[tuple[float, float]]:
    pairs = zip(season.looks, season.looks[1:], strict=False)
    return [
        (after.seconds, (after.events - before.events) / (after.seconds - before.seconds))
        for before, after in pairs
    ]


def _said(season: Season, names: list[str]) -> list[str]:
    first, last = season.looks[0], season.looks[-1]
    seconds = last.seconds - first.seconds
    speeds = [speed for _, speed in _speeds(season)]
    steady = season.looks[round(len(season.looks) * STEADY_FROM)]
    return [
        f"# A season of scale {season.scale}",
        "",
        (
            f"{last.events:,} events in {seconds:,.0f} s, {season.callers} callers;"
            f" {season.commands:,} commands since it was last begun."
            f" Load before {season.load_before}, after {season.load_after}."
        ),
        "",
        (
            f"- events per second: {(last.events - first.events) / seconds:,.0f} on the whole,"
            f" {quantile(speeds, 0.9):,.0f} in the busiest tenth"
        ),
        f"- waiting to be published: at most {max(look.unpublished for look in season.looks):,}",
        *(
            f"- {name}: at most {max(getattr(look, which) for look in season.looks):,}"
            for which, name in LAGS.items()
        ),
        "",
        "| MiB | first | half-way | end | most |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {name} | {first.mib.get(name, 0):.0f} | {steady.mib.get(name, 0):.0f}"
            f" | {last.mib.get(name, 0):.0f}"
            f" | {max(look.mib.get(name, 0) for look in season.looks):.0f} |"
            for name in names
        ),
    ]


if __name__ == "__main__":
    main()
