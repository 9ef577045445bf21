"""A set that a state may carry though it grows for years: adding copies little and changes nothing.

Members lie in frozensets of falling size, merged as they fill: `add` copies O(log n) on average,
where adding to one frozenset copies all of it each time.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Member = TypeVar("Member", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Known(Generic[Member]):
    layers: tuple[frozenset[Member], ...] = ()

    def __contains__(self, member: object) -> bool:
        return any(member in layer for layer in self.layers)

    def add(self, member: Member) -> "Known[Member]":
        layers, top = list(self.layers), frozenset((member,))
        while layers and len(layers[-1]) <= len(top):
            top |= layers.pop()
        return Known((*layers, top))
