"""Fields of an answer as people read them: in a list's columns, or beside a form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.languages import Words
from contracts.vietnamese_day import in_vietnam
from edge.permission import may
from edge.programmes import programmes
from edge.who_may_where import units
from eventing.all_rows import all_rows
from eventing.read_model import ReadModel
from services.portal.desks.action import Item, within
from services.portal.desks.specification import specification_told
from services.portal.desks.visit import NotAnswered, Visit
from services.portal.desks.workbook import Cell
from services.portal.neighbours import Silent
from services.portal.pages import Writer
from services.portal.read_models.named import campaigns, sponsors

NOTHING = "—"
UNITS_OPENED_MAX = 3
"""Names are opened for a page of a few communes, not to look through a department."""
SEES_NAMES = may("see-children", "commune-officer", "verifier", "child-protection-officer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`name` is the answer's field, `a.b` one within; `kind` says how it is told.

    `unit`, `programme`, `campaign` and `sponsor` are ids, told by their public names; a `child` by
    name to the officers of its unit, else by the end of its pseudonym. `words` are those of its
    codes.
    """

    name: str
    label: Words
    kind: str = "text"
    words: Mapping[str, Words] = field(default_factory=dict)
    pack: str = ""
    """The pack's kind of code that it is: `role`, `category`; or `event`."""
    parts: tuple["Column", ...] = ()
    """What is told in it, each after its label, of what is there."""


@dataclass(frozen=True, slots=True)
class _Names:
    """Where the portal knows what an id is called."""

    model: ReadModel[Any, Any]
    key: str
    name: Callable[[Any], str | None]


NAMES: Mapping[str, _Names] = {
    "unit": _Names(units, "unit_id", lambda row: row.name),
    "programme": _Names(programmes, "programme_id", lambda row: row.name),
    "campaign": _Names(campaigns, "campaign_id", lambda row: row.name),
    "sponsor": _Names(sponsors, "sponsor_id", lambda row: row.public_name),
}


async def told(columns: Sequence[Column], at: Visit, items: Sequence[Item]) -> list[list[str]]:
    """What each item says in each column, in words."""
    called: dict[str, Mapping[str, str | None]] = {}
    if any(column.kind == "child" for column in columns):
        called["child"] = await children_called(at, items)
    for kind in {column.kind for column in columns} & NAMES.keys():
        ids = {
            str(id_)
            for column in columns
            if column.kind == kind
            for item in items
            if (id_ := within(item, column.name)) is not None
        }
        called[kind] = await _called(NAMES[kind], at, sorted(ids))
    return [[_told(column, at, item, called) for column in columns] for item in items]


async def told_for_a_sheet(
    columns: Sequence[Column], at: Visit, items: Sequence[Item]
) -> list[list[Cell]]:
    """The same for a sheet, where a day is a day and a number a number; nothing is no cell."""
    texts = await told(columns, at, items)
    return [
        [
            _in_a_sheet(column, within(item, column.name), text)
            for column, text in zip(columns, said, strict=True)
        ]
        for item, said in zip(items, texts, strict=True)
    ]


def _in_a_sheet(column: Column, value: Any, text: str) -> Cell:
    if value in (None, "", []):
        return None
    if column.kind == "day":
        return date.fromisoformat(value)
    if column.kind == "moment":
        return in_vietnam(datetime.fromisoformat(value)).replace(tzinfo=None)
    if column.kind == "number" and isinstance(value, int):
        return value
    return text


async def _called(names: _Names, at: Visit, ids: Sequence[str]) -> Mapping[str, str | None]:
    asked: dict[str, Any] = {names.key: [UUID(id_) for id_ in ids]}
    rows = await all_rows(at.door.rows, names.model, **asked) if ids else []
    return {str(getattr(row, names.key)): names.name(row) for row in rows}


async def children_called(at: Visit, items: Sequence[Item]) -> dict[str, str | None]:
    """Empty where the person may not know, or nobody answers."""
    of_units = {str(each["unit_id"]) for each in items if each.get("child_id")}
    if not of_units or len(of_units) > UNITS_OPENED_MAX or not await at.may(SEES_NAMES):
        return {}
    found: dict[str, str | None] = {}
    for unit_id in sorted(of_units):
        try:
            answer = await at.ask("registry", "/children", {"unit_id": unit_id})
        except (Silent, NotAnswered):
            continue
        found |= {each["child_id"]: each["name"] for each in answer["items"]}
    return found


def _told(
    column: Column, at: Visit, item: Item, called: Mapping[str, Mapping[str, str | None]]
) -> str:
    value = within(item, column.name)
    if value in (None, "", []):
        return NOTHING
    if column.kind in called:
        return called[column.kind].get(str(value)) or _uncalled(column.kind, at, str(value))
    if column.kind == "specification":
        return specification_told(item.get("category", ""), value, at.language) or NOTHING
    if column.pack:
        return at.write.say(column.pack, str(value))
    if (said := column.words.get(str(value))) is not None:
        return said.in_(at.language)
    within_it = _of_parts(column, at, value, called) if column.parts else None
    return _written(column.kind, at, value) if within_it is None else within_it or NOTHING


def _of_parts(
    column: Column, at: Visit, value: Item, called: Mapping[str, Mapping[str, str | None]]
) -> str:
    parts = ((part, _told(part, at, value, called)) for part in column.parts)
    return "; ".join(
        f"{part.label.in_(at.language)}: {text}" for part, text in parts if text != NOTHING
    )


def _uncalled(kind: str, at: Visit, id_: str) -> str:
    match kind:
        case "child":
            return id_[-6:]
        case "sponsor":
            return at.write.t("nhà hảo tâm không nêu tên", "a giver who is not named")
    return NOTHING


def _written(kind: str, at: Visit, value: Any) -> str:
    write = at.write
    if (of_kind := WRITTEN.get(kind)) is not None:
        return of_kind(write, value)
    match value:
        case bool():
            return write.t("có", "yes") if value else write.t("không", "no")
        case list():
            return write.n(len(value))
        case int():
            return write.n(value)
    return str(value)


WRITTEN: Mapping[str, Callable[[Writer, Any], str]] = {
    "day": lambda write, value: write.day(date.fromisoformat(value)),
    "moment": lambda write, value: write.moment(datetime.fromisoformat(value))[: -len(":00")],
    "short": lambda _, value: str(value)[-6:],
    "year": lambda _, value: str(value),
}
