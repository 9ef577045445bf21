"""Which records may be of one child: proposed with what speaks for it; a person decides.

A birth date of 1 January is what is written where none is known, so it adds no more than its year.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from services.registry.names import search_key
from services.registry.read_models.children_by_name import NamedChild

PROPOSED_FROM = 60
ALIKE_MAX = 40
"""So many of one name are compared with each other; a name that more have tells nobody apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """The weight of each thing that speaks for it; None: it does not speak for it."""

    name: int | None
    birth: int | None
    guardian: int | None
    household: int | None
    gender: int | None

    @property
    def weight(self) -> int:
        parts = (self.name, self.birth, self.guardian, self.household, self.gender)
        return sum(part or 0 for part in parts)


def loosely(name: str | None) -> str:
    """Without tones, and with i for y: Lý and Lí, Mỹ and Mĩ are written for one name."""
    return search_key(name or "").replace("y", "i")


def likeness(one: NamedChild, other: NamedChild) -> Likeness:
    return Likeness(
        name=_name(one, other),
        birth=_birth(one, other),
        guardian=20
        if _said(one.guardian) and _said(one.guardian) == _said(other.guardian)
        else None,
        household=10 if one.household_id == other.household_id else None,
        gender=5 if one.gender == other.gender else -20,
    )


def _said(name: str | None) -> str:
    return loosely(name)


def _name(one: NamedChild, other: NamedChild) -> int | None:
    if one.name_key and one.name_key == other.name_key:
        return 40
    return 35 if loosely(one.name) and loosely(one.name) == loosely(other.name) else None


def _birth(one: NamedChild, other: NamedChild) -> int | None:
    mine, theirs = one.born, other.born
    if mine is None or theirs is None:
        return None
    known = mine.precision == theirs.precision == "day" and (mine.day.month, mine.day.day) != (1, 1)
    if known and mine.day == theirs.day:
        return 30
    may_be_one = mine.earliest <= theirs.latest and theirs.earliest <= mine.latest
    return 10 if may_be_one or mine.day.year == theirs.day.year else None


def proposed(children: Iterable[NamedChild]) -> Iterator[tuple[NamedChild, NamedChild, Likeness]]:
    """The later record first, with the one that was there before. The most alike come first."""
    by_name: defaultdict[str, list[NamedChild]] = defaultdict(list)
    for child in children:
        if child.merged_into() is None and (key := loosely(child.name)):
            by_name[key].append(child)
    found = []
    for alike in by_name.values():
        alike.sort(key=lambda child: (child.recorded_on, child.child_id))
        for before, after in combinations(alike[:ALIKE_MAX], 2):
            if before.child_id in after.apart or after.child_id in before.apart:
                continue
            how = likeness(after, before)
            if how.weight >= PROPOSED_FROM:
                found.append((after, before, how))
    found.sort(key=lambda pair: (-pair[2].weight, pair[0].child_id, pair[1].child_id))
    yield from found
