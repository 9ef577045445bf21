"""Reads records of events in their newest version, envelope and data at once, for speed alone.

What it reads, `eventing.record` reads too. What it refuses must be asked of `eventing.record`: it
may be of an older version, have members that are not known, or be no record at all.
"""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

import contracts.allocation
import contracts.donations
import contracts.every_service
import contracts.notifications
import contracts.registry  # noqa: F401 - what is imported here is declared
from audit.strict_json import Number
from contracts.event import declared
from eventing.record import FORMAT

Instant = Annotated[datetime, msgspec.Meta(tz=True)]

ENVELOPE: dict[str, Any] = {
    "specversion": Literal["1.0"],
    "recordformat": Literal[FORMAT],
    "id": UUID,
    "source": str,
    "typeversion": Number,
    "subject": str,
    "streamversion": Number,
    "time": Instant,
    "recordedtime": Instant,
    "actor": UUID,
    "onbehalfof": UUID | None,
    "causationid": UUID | None,
    "correlationid": UUID | None,
    "traceparent": str | None,
    "datacontenttype": Literal["application/json"],
    "dataschema": str,
}


def reader() -> Callable[[bytes], Any]:
    """A function from a record to a struct of its attributes; `newest` is the type's version.

    It raises what `audit.strict_json.UNREADABLE` lists.
    """
    kinds = [_record(name, each.version, each.cls) for name, each in declared.items()]
    return msgspec.json.Decoder(Union[tuple(kinds)]).decode  # noqa: UP007 - of a list


def _record(name: str, version: int, cls: type) -> type:
    optional = [(field, hint, None) for field, hint in ENVELOPE.items() if None in _kinds(hint)]
    required = [(field, hint) for field, hint in ENVELOPE.items() if None not in _kinds(hint)]
    return msgspec.defstruct(
        name,
        [*required, ("data", _struct(cls)), *optional],
        namespace={"newest": version},
        tag_field="type",
        tag=name,
        kw_only=True,
        gc=False,
        forbid_unknown_fields=True,
    )


def _kinds(hint: Any) -> tuple[Any, ...]:
    return tuple(None if kind is type(None) else kind for kind in get_args(hint))


@cache
def _struct(hint: Any) -> Any:
    """The same type with structs for dataclasses: these need no look from the collector."""
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return msgspec.defstruct(
            hint.__name__,  # type: ignore[union-attr]  # it is a class, no instance
            [_field(field, _struct(hints[field.name])) for field in dataclasses.fields(hint)],
            kw_only=True,
            gc=False,
            forbid_unknown_fields=True,
        )
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return reduce(or_, map(_struct, inner))
    if origin in (tuple, list, dict):
        return origin[tuple(each if each is ... else _struct(each) for each in inner)]
    return hint


def _field(field: "dataclasses.Field[Any]", hint: Any) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.name, hint, field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.name, hint, msgspec.field(default_factory=field.default_factory)
    return field.name, hint
