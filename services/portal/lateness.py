"""After how long a thing was recorded late: data of the programmes, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files

import msgspec

LATENESS_FILE = "lateness.toml"
DAY_S = int(timedelta(days=1).total_seconds())


class NotLate(msgspec.Struct, frozen=True):
    types: tuple[str, ...]


class Pack(msgspec.Struct, frozen=True):
    """Days are whole: below one, nothing is called late."""

    days: int
    days_of: dict[str, int]
    not_late: NotLate

    def __post_init__(self) -> None:
        if min(self.days, *self.days_of.values()) < 1:
            raise ValueError(f"{LATENESS_FILE}: nothing is late within a day")


@dataclass(frozen=True, slots=True)
class Lateness:
    """Seconds from which on an event of a type is late, and of any other type."""

    of: Mapping[str, int]
    other: int
    never: frozenset[str]


@cache
def lateness() -> Lateness:
    """Of several programmes the strictest holds. Raises msgspec.MsgspecError."""
    packs = [
        msgspec.toml.decode(file.read_bytes(), type=Pack)
        for pack in sorted(files("programmes").iterdir(), key=lambda each: each.name)
        if (file := pack / LATENESS_FILE).is_file()
    ]
    types = {name for pack in packs for name in pack.days_of}
    return Lateness(
        of={
            name: DAY_S * min(pack.days_of.get(name, pack.days) for pack in packs) for name in types
        },
        other=DAY_S * min((pack.days for pack in packs), default=1),
        never=frozenset.intersection(*(frozenset(pack.not_late.types) for pack in packs))
        if packs
        else frozenset(),
    )
