"""Which events a figure counts, and how much of it each of them is: their sum is the figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts.field_types import CategoryCode, MeasureCode
from contracts.vietnamese_day import VIETNAM
from eventing.rows import Rows
from services.portal.event_log import COLUMNS, Listed

OfGifts = Literal[
    "pledged",
    "announced",
    "received",
    "good",
    "mendable",
    "refused",
    "inspected_good",
    "inspected_mendable",
    "inspected_refused",
    "lots_good",
    "lots_held_apart",
    "debit",
    "credit",
    "children_declared",
    "amount_published",
    "child_times_published",
]
OfChildren = Literal[
    "needs_recorded",
    "needs_verified",
    "needs_reserved",
    "needs_met",
    "quantity_needed",
    "quantity_reserved",
    "lines_allocated",
    "quantity_allocated",
    "children_allocated",
    "child_times",
    "children_distinct",
    "quantity_delivered",
    "direct_gifts",
    "lines_planned",
    "lines_signed",
    "quantity_planned",
    "quantity_signed",
    "children_planned",
]
FigureName = Literal[OfGifts, OfChildren]
OF_CHILDREN: frozenset[str] = frozenset(get_args(OfChildren))
"""Their events tell of a child, a need, a portion or a delivery: auditors alone see them."""


class Place(BaseModel):
    """What a figure is about; None is all of them."""

    programme_id: UUID | None = None
    unit_id: UUID | None = None
    category: CategoryCode | None = None
    measure: MeasureCode | None = None
    contribution_id: UUID | None = None
    contribution_line_id: UUID | None = None
    delivery_id: UUID | None = None
    day: date | None = None
    signed_as: str | None = None
    fund_id: UUID | None = None
    account: str | None = None
    result_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """`found`: SQL that yields service, position, amount, and the columns that it is narrowed `by`.

    `of_each`: of one child or group the largest amount counts, and that once, at its first event.
    """

    found: str
    by: frozenset[str]
    of_each: bool = False


def _newest(of: str, *types: str, which: str = "true") -> str:
    """The newest event of the row's stream that is of one of these types; `of` says what id."""
    table, stream = of.split(".")
    among = ", ".join(f"'{one}'" for one in types)
    return f"""CROSS JOIN LATERAL (
        SELECT service, position FROM events_seen
        WHERE stream = '{stream}-' || {table}.{stream}_id AND type IN ({among})
            AND {which}
        ORDER BY position DESC LIMIT 1
    ) AS event"""  # noqa: S608 - as all SQL here, made of what stands in code alone


_KIND = frozenset({"programme_id", "category", "measure"})


def _needs(which: str, *types: str, amount: str = "1") -> Counts:
    found = f"""SELECT needs.*, event.service, event.position, {amount} AS amount
        FROM needs {_newest("needs.need", *types)} WHERE {which}"""  # noqa: S608
    return Counts(found, _KIND | {"unit_id"})


def _support(amount: str, which: str = "true", *, of_each: bool = False) -> Counts:
    found = f"""SELECT support.*, 'allocation' AS service, {amount} AS amount
        FROM support WHERE {which}"""  # noqa: S608
    return Counts(found, _KIND | {"unit_id", "contribution_id", "delivery_id"}, of_each)


def _allocated(amount: str, which: str, *, of_each: bool = False) -> Counts:
    found = f"""SELECT lines.*, 'allocation' AS service, reserved_position AS position,
            (reserved_at AT TIME ZONE INTERVAL '{VIETNAM.utcoffset(None)}')::date AS day,
            {amount} AS amount
        FROM lines WHERE reserved_position IS NOT NULL AND {which}"""  # noqa: S608
    return Counts(found, _KIND | {"unit_id", "contribution_id", "day"}, of_each)


def _on_the_list(amount: str, *, of_each: bool = False) -> Counts:
    found = f"""SELECT lines.*, event.service, event.position, {amount} AS amount
        FROM lines {_newest("lines.delivery", "delivery-planned")}"""  # noqa: S608
    return Counts(found, _KIND | {"contribution_id", "delivery_id"}, of_each)


def _signed(amount: str) -> Counts:
    own = "facts->>'line_id' = line_id::text"
    found = f"""SELECT lines.*, event.service, event.position, {amount} AS amount
        FROM lines {_newest("lines.delivery", "delivery-line-signed", which=own)}
        WHERE status = 'signed'"""  # noqa: S608
    return Counts(found, _KIND | {"contribution_id", "delivery_id", "signed_as"})


def _gift_lines(amount: str, *, accepted: bool) -> Counts:
    """What came of a line, as it was found; or of those gifts alone that were accepted."""
    found = f"""SELECT gift_lines.*, line_id AS contribution_line_id, 'donations' AS service,
            found_position AS position, {amount} AS amount
        FROM gift_lines WHERE inspected AND {amount} > 0 {"AND accepted" if accepted else ""}
    """  # noqa: S608
    return Counts(found, _KIND | {"contribution_id", "contribution_line_id"})


def _lots(*, held_apart: bool) -> Counts:
    told = ("lot-opened", "lot-held-apart", "lot-corrected")
    found = f"""SELECT contribution_id, event.service, event.position, quantity AS amount
        FROM lots {_newest("lots.lot", *told)} WHERE held_apart = {held_apart}"""  # noqa: S608
    return Counts(found, frozenset({"contribution_id"}))


def _booked(side: str) -> Counts:
    found = f"""SELECT fund_id, line->>'account' AS account, 'donations' AS service,
            (booked->>'position')::bigint AS position, (line->>'{side}')::bigint AS amount
        FROM fund_entries CROSS JOIN LATERAL jsonb_array_elements(lines) AS line
        WHERE (line->>'{side}')::bigint > 0"""  # noqa: S608
    return Counts(found, frozenset({"fund_id", "account"}))


def _published(amount: str) -> Counts:
    found = f"""SELECT result_id, 'donations' AS service,
            (recorded->>'position')::bigint AS position, {amount} AS amount
        FROM published_results"""  # noqa: S608
    return Counts(found, frozenset({"result_id"}))


_MOVED = ("need-reserved", "need-released", "need-partly-met", "need-met")
_KEPT = "status IN ('reserved', 'planned', 'absent', 'signed')"
_STANDS = "verified AND NOT withdrawn AND NOT lapsed"

_OF_CHILDREN: Mapping[FigureName, Counts] = {
    "needs_recorded": _needs("true", "need-recorded"),
    "needs_verified": _needs("verified", "need-verified"),
    "needs_reserved": _needs(f"{_STANDS} AND quantity_met = 0 AND quantity_reserved > 0", *_MOVED),
    "needs_met": _needs("verified AND quantity_met >= quantity", "need-met"),
    "quantity_needed": _needs(_STANDS, "need-recorded", "need-opened", amount="quantity"),
    "quantity_reserved": _needs("quantity_reserved > 0", *_MOVED, amount="quantity_reserved"),
    "lines_allocated": _allocated("1", "true"),
    "quantity_allocated": _allocated("quantity", _KEPT),
    "children_allocated": _allocated("children", _KEPT, of_each=True),
    "child_times": _support("children"),
    "children_distinct": _support("children", of_each=True),
    "quantity_delivered": _support("quantity"),
    "direct_gifts": _support("children", "way = 'direct-gift'"),
    "lines_planned": _on_the_list("1"),
    "quantity_planned": _on_the_list("quantity"),
    "children_planned": _on_the_list("children", of_each=True),
    "lines_signed": _signed("1"),
    "quantity_signed": _signed("quantity"),
}
_OF_GIFTS: Mapping[FigureName, Counts] = {
    "pledged": Counts(
        f"""SELECT pledges.*, event.service, event.position, quantity AS amount
        FROM pledges {_newest("pledges.pledge", "pledge-made")}""",  # noqa: S608
        _KIND,
    ),
    "announced": Counts(
        f"""SELECT gift_lines.*, line_id AS contribution_line_id,
            event.service, event.position, announced AS amount
        FROM gift_lines {_newest("gift_lines.contribution", "contribution-announced")}""",  # noqa: S608
        _KIND | {"contribution_id", "contribution_line_id"},
    ),
    "received": _gift_lines("good + mendable + refused", accepted=True),
    "good": _gift_lines("good", accepted=True),
    "mendable": _gift_lines("mendable", accepted=True),
    "refused": _gift_lines("refused", accepted=True),
    "inspected_good": _gift_lines("good", accepted=False),
    "inspected_mendable": _gift_lines("mendable", accepted=False),
    "inspected_refused": _gift_lines("refused", accepted=False),
    "lots_good": _lots(held_apart=False),
    "lots_held_apart": _lots(held_apart=True),
    "debit": _booked("debit"),
    "credit": _booked("credit"),
    "children_declared": Counts(
        f"""SELECT unit_id, event.service, event.position, children AS amount
        FROM units {
            _newest(
                "units.unit",
                "unit-figure-declared",
                which="facts->>'as_of' = children_as_of::text",
            )
        }""",  # noqa: S608
        frozenset({"unit_id"}),
    ),
    "amount_published": _published("amount"),
    "child_times_published": _published("child_times"),
}
FIGURES: Mapping[FigureName, Counts] = {**_OF_GIFTS, **_OF_CHILDREN}


class EventCounted(Listed):
    """`amount` of the figure is this event's."""

    amount: int


class FigureEvents(BaseModel):
    """`value` is the sum of `amount` over all `events`, of which `items` are a page."""

    figure: FigureName
    value: int
    events: int
    items: list[EventCounted]
    next: str | None
    as_of: dict[str, int]


@dataclass(frozen=True, slots=True)
class Found:
    value: int
    events: int
    items: list[EventCounted]
    last: tuple[str, int] | None


def is_told_of(figure: FigureName, place: Place) -> bool:
    """Is there such a figure of such a place?"""
    return place.model_dump(exclude_none=True).keys() <= FIGURES[figure].by


async def events_of(
    rows: Rows,
    figure: FigureName,
    place: Place,
    *,
    after: tuple[str, int] | None,
    limit: int,
    auditor: bool,
) -> Found:
    """In the order of the logs; for others than auditors, those that are for all."""
    counts = FIGURES[figure]
    narrowed = place.model_dump(exclude_none=True)
    which = [f"{column} = ${at}" for at, column in enumerate(narrowed, 1)]
    found = f"""SELECT {_AMOUNT_OF_EACH if counts.of_each else _AMOUNT}
        FROM ({counts.found}) AS counted WHERE {" AND ".join(which) or "true"}"""  # noqa: S608
    if counts.of_each:
        found += " AND coalesce(child_id, group_id) IS NOT NULL"
        found += " ORDER BY coalesce(child_id, group_id), amount DESC, position"
    shown = f"""WITH counted AS ({found}), summed AS (
            SELECT service, position, sum(amount)::bigint AS amount
            FROM counted GROUP BY service, position
        ), shown AS (
            SELECT {COLUMNS}, amount FROM summed JOIN events_seen USING (service, position)
            WHERE {"true" if auditor else "for_all"}
        )"""  # noqa: S608
    at = len(narrowed) + 1
    sums = f"""{shown}
        SELECT coalesce(sum(amount), 0)::bigint AS value, count(*) AS events FROM shown"""  # noqa: S608
    listed = f"""{shown} SELECT * FROM shown
        WHERE ${at}::text IS NULL OR (service, position) > (${at}, ${at + 1}::bigint)
        ORDER BY service, position LIMIT ${at + 2}"""  # noqa: S608
    values = list(narrowed.values())
    (total,), page = await rows.query_together(
        [(sums, values), (listed, [*values, *(after or (None, None)), limit + 1])]
    )
    counted = [EventCounted(**one) for one in page[:limit]]
    items = counted if auditor else [one.for_all() for one in counted]
    more = len(page) > limit
    last = (items[-1].service, items[-1].position) if more else None
    return Found(total["value"], total["events"], items, last)


_AMOUNT = "service, position, amount"
_AMOUNT_OF_EACH = f"DISTINCT ON (coalesce(child_id, group_id)) {_AMOUNT}"
