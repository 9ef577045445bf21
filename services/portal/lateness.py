"""After how long a thing was recorded late: data of the programmes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from programmes import packs

DAY_S = int(timedelta(days=1).total_seconds())


@dataclass(frozen=True, slots=True)
class Lateness:
    """Seconds from which on an event of a type is late, and of any other type."""

    of: Mapping[str, int]
    other: int
    never: frozenset[str]


@cache
def lateness() -> Lateness:
    """Of several programmes the strictest holds."""
    said = [pack.lateness for pack in packs.installed().all if pack.lateness is not None]
    types = {name for each in said for name in each.days_of}
    return Lateness(
        of={
            name: DAY_S * min(each.days_of.get(name, each.days) for each in said) for name in types
        },
        other=DAY_S * min((each.days for each in said), default=1),
        never=frozenset.intersection(*(frozenset(each.not_late.types) for each in said))
        if said
        else frozenset(),
    )
