"""Plays the season day by day: sets the clock, does the day, waits until everything has settled."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from console.addresses import Addresses
from console.season.client import CALLS_AT_ONCE, Client
from console.season.days import days_of
from console.season.pack import Pack
from console.season.stage import Stage
from console.settled import settled

OPENS_AT = time(2, tzinfo=UTC)  # nine in the morning in Hanoi
STARTS_ON = date(2024, 9, 3)
SEED = "vong-tay"


class Played(msgspec.Struct):
    """How far a season has come; kept beside its data, so that it goes on or starts afresh."""

    seed: str
    scale: int
    days: int = 0


class OtherSeason(Exception):
    """The data hold a season of another seed or scale."""


def morning(day: date) -> datetime:
    return datetime.combine(day, OPENS_AT)


async def play(
    addresses: Addresses,
    kept_in: Path,
    *,
    seed: str = SEED,
    scale: int = 1,
    calls_at_once: int = CALLS_AT_ONCE,
) -> Client:
    """Play what is left of the season; return the client, with which to ask for its figures.

    `scale` is how many programmes of this kind have their season at once, in the same communes,
    each with its own people, children and gifts.
    Raises StepFailed, NotSettled, OtherSeason.
    """
    played = _played(kept_in, seed, scale)
    client = Client(addresses, seed, calls_at_once=calls_at_once)
    stages = [Stage(client, Pack())]
    stages += [Stage(client, Pack(copy=copy), f"{seed}/{copy}") for copy in range(1, scale)]
    # The same days for all, since all have their communes and drives from one plan.
    days = list(zip(*(days_of(stage) for stage in stages), strict=True))
    try:
        with _progress() as progress:
            task = progress.add_task("", total=len(days), completed=played.days)
            for same_day in days[played.days :]:
                day = same_day[0]
                progress.update(task, description=f"{day.on:%d/%m/%Y} {day.title}")
                for stage in stages:
                    stage.today = day.on
                await client.set_clock(morning(day.on))
                # What fell due since the day before comes before what is done today.
                await settled(addresses, clock_at_least=morning(day.on))
                await client.together(each.step() for each in same_day)
                await settled(addresses, clock_at_least=morning(day.on))
                played.days += 1
                _keep(kept_in, played)
                progress.advance(task)
    except BaseException:
        await client.close()
        raise
    return client


def _played(kept_in: Path, seed: str, scale: int) -> Played:
    if not kept_in.exists():
        return Played(seed, scale)
    played = msgspec.json.decode(kept_in.read_bytes(), type=Played)
    if (played.seed, played.scale) != (seed, scale):
        raise OtherSeason(f"seed {played.seed}, scale {played.scale}: start afresh with FRESH=1")
    return played


def _keep(kept_in: Path, played: Played) -> None:
    unfinished = kept_in.with_suffix(".unfinished")
    unfinished.write_bytes(msgspec.json.encode(played))
    unfinished.replace(kept_in)


def _progress() -> Progress:
    return Progress(
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
