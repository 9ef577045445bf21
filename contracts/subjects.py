"""Whom a need is for: one child, a group of children, or a unit, as a play point for a commune.

An event says it in three fields: `child_id`, `group_id` (neither: the unit itself) and `children`,
how many children it stands for: 1, so many of the group, or 0, for nobody is counted in a unit.
"""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID


class ForSubject(Protocol):
    """Whatever says whom a need is for: an event, a line of one, a row."""

    @property
    def child_id(self) -> UUID | None: ...
    @property
    def group_id(self) -> UUID | None: ...
    @property
    def unit_id(self) -> UUID: ...


class ForChildren(Protocol):
    @property
    def child_id(self) -> UUID | None: ...
    @property
    def group_id(self) -> UUID | None: ...
    @property
    def children(self) -> int: ...


def sealed_under(of: ForSubject) -> UUID:
    """Whose key seals what is told of the subject."""
    return of.child_id or of.group_id or of.unit_id


def different_children(of: Iterable[ForChildren]) -> int:
    """How many there are: a child once, a group with the most of its children that one names."""
    known: set[UUID] = set()
    groups: dict[UUID, int] = {}
    for each in of:
        if each.child_id is not None:
            known.add(each.child_id)
        elif each.group_id is not None:
            groups[each.group_id] = max(each.children, groups.get(each.group_id, 0))
    return len(known) + sum(groups.values())
