"""What differs between two states of a stream, field by field: told to who saw the older one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from contracts.sealed import Sealed

DIFFERENCES_TOLD_MAX = 20
SEALED = "sealed"
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` is where in the state; null: it was, or is, not there. What is sealed stays so."""

    field: str
    seen: Any
    now: Any


def differences(seen: Any, now: Any) -> tuple[Difference, ...]:
    """The first of them, in the order of the fields; at most DIFFERENCES_TOLD_MAX."""
    before, after = dict(_leaves(seen, ())), dict(_leaves(now, ()))
    told = [
        Difference(".".join(path), _told(before.get(path)), _told(after.get(path)))
        for path in dict.fromkeys([*before, *after])
        if before.get(path, _ABSENT) != after.get(path, _ABSENT)
    ]
    return tuple(told[:DIFFERENCES_TOLD_MAX])


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    match value:
        case Sealed():
            yield path, value
        case Mapping():
            for key, each in value.items():
                yield from _leaves(each, (*path, str(key)))
        case list() | tuple():
            for at, each in enumerate(value):
                yield from _leaves(each, (*path, str(at)))
        case set() | frozenset():
            yield path, sorted(map(str, value))
        case _ if is_dataclass(value) and not isinstance(value, type):
            for field in fields(value):
                yield from _leaves(getattr(value, field.name), (*path, field.name))
        case _ if value is not None:
            yield path, value


def _told(value: Any) -> Any:
    return SEALED if isinstance(value, Sealed) else value
