"""A service that reads another one, in two editions of its code, as real processes.

The older edition knows one type of the source's events. The newer one knows a second type, the
first in its second version, and has more reactions. `EDITION` and `SOURCE` say which and of what:
`python -m tests.edge.editions worker` works, `… compare` compares what is served with a replay.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import asyncpg
from msgspec import Struct

from contracts.donations import FundEntryBooked, FundOpened
from contracts.event import declarations, declared, upcast
from edge import settings
from edge.worker import Work, work
from eventing import postgres_rows
from eventing.decider import CommandFor, Decider
from eventing.kafka_source import KafkaSource
from eventing.log_source import LogSource
from eventing.postgres_store import PostgresStore
from eventing.reactions import Reaction
from eventing.read_model import ReadModel, keyed
from eventing.record import Recorded
from eventing.replay import replay
from eventing.sources import Source

SOURCE = os.environ.get("SOURCE", "source")
IS_NEWER = os.environ.get("EDITION") == "newer"


def trim_the_contract() -> None:
    """Leave of what is declared only what this edition's contract declares."""
    known: dict[type, int] = {FundOpened: 2, FundEntryBooked: 1} if IS_NEWER else {FundOpened: 1}
    for cls, declaration in list(declarations.items()):
        if cls in known:
            of_source = replace(declaration, service=SOURCE, version=known[cls])
            declared[declaration.name] = declarations[cls] = of_source
        elif declaration.service is not None:
            del declared[declaration.name], declarations[cls]
    if IS_NEWER:
        upcast("fund-opened", from_version=1)(lambda data: data)


class Settings(settings.Settings):
    service: ClassVar[str] = os.environ.get("NOTEBOOK", "notebook")


class HeardRow(Struct, frozen=True):
    service: str
    position: int
    type: str
    stream: str


@dataclass(frozen=True, slots=True)
class Hear:
    event: Any


def _hear(command: Hear, _: None) -> list[Any]:
    """Told twice, it would be written twice."""
    return [command.event]


inside: Decider[Hear, None, Any] = Decider(None, _hear, lambda _, __: None)
outside: Decider[Hear, None, Any] = replace(inside, leads_outside=True)


def _heard(_: HeardRow | None, key: tuple[str, int], of: Recorded) -> HeardRow:
    return HeardRow(*key, declarations[type(of.event)].name, of.stream)


def heard() -> ReadModel[tuple[str, int], HeardRow]:
    """Everything that this edition knows of, as the portal's log of events does."""
    return ReadModel(
        name="heard",
        row=HeardRow,
        key=("service", "position"),
        handlers=tuple(
            keyed(event, _heard, keys=lambda of: [(of.service, of.position)])
            for event in declarations
        ),
    )


def reactions() -> list[Reaction]:
    def to(name: str, decider: Decider[Hear, None, Any]) -> Any:
        def give(event: Any, cause: Recorded) -> Iterator[CommandFor]:
            yield CommandFor(decider, f"{name}-{cause.position}", Hear(event))

        return give

    older = [Reaction("opened", FundOpened, to("opened", inside), begins="first")]
    newer = [
        Reaction("booked", FundEntryBooked, to("booked", inside), begins="first"),
        Reaction("again", FundOpened, to("again", inside), begins="first"),
        Reaction("from-now", FundOpened, to("from-now", inside), begins="now"),
        Reaction("letter", FundOpened, to("letter", outside), begins="first"),
    ]
    return [*older, *newer] if IS_NEWER else older


async def compare() -> None:
    """Print the digest that is served, and that of a replay to the same positions."""
    given, model = Settings(), heard()
    async with (
        PostgresStore(given.service, given.database_url) as store,
        asyncpg.create_pool(given.database_url, min_size=1, max_size=2) as pool,
    ):

        def source(service: str) -> Source:
            own = service == given.service
            return LogSource(store) if own else KafkaSource(service, given.kafka_access)

        served, positions = await postgres_rows.digest(pool, model)
        replayed = await replay(given.service, [model], source, {model.name: positions})
    told = {"served": served, "replayed": replayed[model.name].digest, "positions": positions}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    trim_the_contract()
    if sys.argv[1] == "compare":
        asyncio.run(compare())
    else:
        work(Settings(), Work(read_models=[heard()], reactions=reactions()))
