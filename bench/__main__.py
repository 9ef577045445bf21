"""`python -m bench`: measure all parts, or those named, and write what came out."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from bench import (
    appends,
    commands,
    compressing,
    costs,
    following,
    growing,
    proving,
    publishing,
    rebuilding,
    visible,
)
from bench.figures import Measured
from bench.ground import Ground
from bench.machine import facts, load
from bench.results import show_in, write
from console.run_folder import PROJECT, RunFolder
from deploy.embedded.stack import EmbeddedStack
from edge.serving import collect_rarely

RESULTS = PROJECT / "bench" / "results"
DOCUMENT = PROJECT / "docs" / "performance.md"
FOLDER = PROJECT / ".run" / "bench"
OF_A_PART = PROJECT / ".run" / "bench-results"

Part = Callable[[Ground, Measured], Awaitable[None]]
PARTS: dict[str, Part] = {
    "a": appends.measure,
    "b": commands.measure,
    "c": publishing.measure,
    "d": following.measure,
    "e": rebuilding.measure,
    "f": visible.measure,
    "h": costs.measure,
    "g": growing.measure,
    "i": proving.measure,
    "j": compressing.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="see that it runs; the figures are no good"
    )
    parser.add_argument("--parts", default="".join(PARTS), help="letters, as in `abc`")
    parser.add_argument("--results", type=Path, help="the folder to write to")
    asked = parser.parse_args()
    whole = not asked.quick and asked.parts == "".join(PARTS)
    with (
        EmbeddedStack(FOLDER, fresh=True, wanted_ports=(0, 0)) as stack,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        collect_rarely()
        ground = Ground(stack, RunFolder(FOLDER), asked.quick)
        measured = runner.run(_measure(ground, asked.parts))
    results = asked.results or (RESULTS if whole else OF_A_PART)
    write(measured, results)
    if whole:
        show_in(DOCUMENT, measured, results)


async def _measure(ground: Ground, parts: str) -> Measured:
    measured = Measured(
        began_at=datetime.now(UTC).isoformat(timespec="seconds"),
        quick=ground.quick,
        machine=await facts(ground.stack.postgres, ground.run.path),
    )
    began = time.monotonic()
    for name in parts:
        print(f"({name}) … after {time.monotonic() - began:,.0f} s", flush=True)
        begin = len(measured.figures), len(measured.goals)
        await PARTS[name](ground, measured)
        for figure in measured.figures[begin[0] :]:
            print(f"  {figure.name:<44} {figure.median:>14,.1f} {figure.unit}")
        for goal in measured.goals[begin[1] :]:
            mark = "met" if goal.met else "MISSED"
            print(f"  {goal.what:<44} {goal.reached:>14,.2f} {goal.wanted} {mark}", flush=True)
        await ground.forget_logs()
    measured.machine["load after"] = load()
    measured.minutes = (time.monotonic() - began) / 60
    return measured


if __name__ == "__main__":
    main()
