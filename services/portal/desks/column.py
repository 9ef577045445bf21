"""A field of an answer as people read it: in a list's column, or beside a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.languages import Words
from services.portal.desks.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`name` is the answer's field; `kind` says how it is told; `words` are those of its codes."""

    name: str
    label: Words
    kind: str = "text"
    words: Mapping[str, Words] = field(default_factory=dict)
    pack: str = ""
    """The pack's kind of code that it is: `role`, `category`."""


def told(column: Column, at: Visit, item: Mapping[str, Any]) -> str:
    """What the item says in the column, in words."""
    write, value = at.write, item.get(column.name)
    match column.kind, value:
        case _, None | "":
            return "—"
        case _, bool():
            return write.t("có", "yes") if value else write.t("không", "no")
        case "day", str():
            return write.day(date.fromisoformat(value))
        case _, int():
            return write.n(value)
    if column.pack:
        return write.say(column.pack, str(value))
    said = column.words.get(str(value))
    return str(value) if said is None else said.in_(at.language)
