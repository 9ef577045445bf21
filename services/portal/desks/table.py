"""A table beside a form or a card: a list within what was read, or one that is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.languages import Words
from edge.permission import May, may
from services.portal.desks.action import Action, Item, allowed, links
from services.portal.desks.column import Column, told
from services.portal.desks.services import filled
from services.portal.desks.visit import Visit

ROWS_MAX = "200"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`name`: the list within the answer. Or `service` and `query`, with what `asks` adds.

    What `asks` says may name the address's `{ids}`. `who` are the roles that see it, if not all.
    """

    title: Words
    columns: tuple[Column, ...]
    name: str = "items"
    service: str = ""
    query: str = ""
    asks: Mapping[str, str] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    who: tuple[str, ...] = ()
    whole: bool = False
    """The service gives all of it, and takes no `limit`."""

    @property
    def may(self) -> May | None:
        return may("see-table", *self.who, anywhere=True) if self.who else None


@dataclass(frozen=True, slots=True)
class Row:
    cells: Sequence[tuple[Column, str]]
    actions: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TableShown:
    """`more`: there are others that it does not show."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    acts: bool
    more: bool


async def tables_shown(
    tables: Sequence[Table], at: Visit, reading: Mapping[str, Any]
) -> list[TableShown]:
    """Raises Silent, NotAnswered."""
    shown = []
    for table in tables:
        if table.may is not None and not await at.may(table.may):
            continue
        answer = reading
        if table.query:
            asks = {name: filled(said, at.request.path_params) for name, said in table.asks.items()}
            path = filled(table.query, at.request.path_params)
            answer = await at.ask(
                table.service, path, asks if table.whole else asks | {"limit": ROWS_MAX}
            )
        items: Sequence[Item] = answer.get(table.name) or ()
        acts = await allowed(table.actions, at)
        rows = await rows_of(table.columns, acts, at, items)
        more = bool(answer.get("next"))
        shown.append(
            TableShown(table.title.in_(at.language), table.columns, rows, bool(acts), more)
        )
    return shown


async def rows_of(
    columns: Sequence[Column], actions: Sequence[Action], at: Visit, items: Sequence[Item]
) -> list[Row]:
    cells = await told(columns, at, items)
    return [
        Row(list(zip(columns, said, strict=True)), links(actions, at, item))
        for said, item in zip(cells, items, strict=True)
    ]
