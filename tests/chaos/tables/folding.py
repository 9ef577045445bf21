"""What the folds of all services are made with: what happened to each thing, laid out in order."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from tests.chaos.looked_at import World

VIETNAM = timezone(timedelta(hours=7))

Data = dict[str, Any]
Key = tuple[str, ...]
Expected = dict[Key, Data]
Fold = Callable[[World], Expected]
Tables = dict[str, tuple[Key, Fold]]
"""By name: the columns of the key, and what gives the other columns of each row."""

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Event:
    """An event with its place, as its record tells it. `said` is the record but for its data."""

    service: str
    position: int
    type: str
    version: int
    said: Data
    data: Data

    @property
    def step(self) -> Data:
        """As the portal tells it."""
        return {
            "event": self.type,
            "service": self.service,
            "position": self.position,
            "happened_at": self.said["time"],
            "recorded_at": self.said["recordedtime"],
        }


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to one thing since it began, first things first."""

    events: list[Event]

    @property
    def began(self) -> Data:
        return self.events[0].data

    @property
    def version(self) -> int:
        return self.events[-1].version

    def all(self, *types: str) -> list[Data]:
        return [event.data for event in self.events if event.type in types]

    def last(self, *types: str) -> Data:
        """Empty if there is none."""
        found = self.all(*types)
        return found[-1] if found else {}

    def has(self, *types: str) -> bool:
        return bool(self.all(*types))

    def says(self, words: Mapping[str, str]) -> str:
        """What the last event makes of it, of those that make something of it; empty if none."""
        return next((words[each.type] for each in reversed(self.events) if each.type in words), "")


def events(world: World, service: str, *types: str) -> Iterator[Event]:
    """All of a service's, in log order, or those of some types."""
    for row in world.logs.get(service, []):
        if not types or row.type in types:
            said = json.loads(row.record)
            data = said.pop("data")
            yield Event(service, row.position, row.type, row.version, said, data)


def stories(
    world: World,
    service: str,
    by: str | Key | Callable[[Data], Iterable[Key]],
    begins: str | Key,
    *goes_on: str,
) -> dict[Key, Story]:
    """By key. What begins again is another thing; what goes on without having begun is nothing."""
    beginnings = (begins,) if isinstance(begins, str) else begins
    found: dict[Key, Story] = {}
    for event in events(world, service, *beginnings, *goes_on):
        for key in _keys(by, event.data):
            if event.type in beginnings:
                found[key] = Story([event])
            elif key in found:
                found[key].events.append(event)
    return found


def _keys(by: str | Key | Callable[[Data], Iterable[Key]], data: Data) -> Iterable[Key]:
    if callable(by):
        return by(data)
    return [tuple(str(data[field]) for field in ((by,) if isinstance(by, str) else by))]


def copies(service: str, type_: str, by: str, *columns: str) -> tuple[Key, Fold]:
    """A table that says what one type of event says, and nothing else."""

    def fold(world: World) -> Expected:
        return {
            key: copied(story.began, *columns)
            for key, story in stories(world, service, by, type_).items()
        }

    return (by,), fold


def copied(data: Data, *columns: str) -> Data:
    return {column: data[column] for column in columns}


def by_key(world: World, service: str, by: str, *types: str) -> defaultdict[str, Data]:
    """The last event of some types for each thing; empty where there is none."""
    found: defaultdict[str, Data] = defaultdict(dict)
    found.update((data[by], data) for _, data in world.facts(service, *types))
    return found


def day_in_vietnam(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(VIETNAM).date().isoformat()


def plain(value: Any) -> Any:
    """The same for the same value, from wherever it came: a record, a column, a column's JSON."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case str() if INSTANT.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC).isoformat()
        case list() | tuple():
            return [plain(each) for each in value]
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case _:
            return value
