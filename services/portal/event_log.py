"""The events of all services: which, when, by whom, because of what; and what anyone may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.vietnamese_day import VIETNAM
from eventing.read_model import fields_of
from eventing.rows import Rows
from services.portal.answers import Withheld
from services.portal.event_facts import Facts, is_of_a_person
from services.portal.read_models.events_seen import EventRow, events_seen

CAUSED_SHOWN = 100
COLUMNS = "service, position, event_id, type, stream, version, happened_at, recorded_at, actor"

NEWEST_FIRST = ("-recorded_at", "-service", "-position")

Place = tuple[datetime, str, int]
"""Where a page of the log ends: recorded when, in which service, at which position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """None: whatever it is. `since` and `until` are days in Hanoi on which it was recorded."""

    service: str | None = None
    type: str | None = None
    stream: str | None = None
    unit_id: UUID | None = None
    causation: UUID | None = None
    correlation: UUID | None = None
    since: date | None = None
    until: date | None = None


class Listed(BaseModel):
    """`version` and `actor` None: auditors alone are told.

    By the versions of a stream anybody could count those of its events that are withheld.
    """

    model_config = ConfigDict(from_attributes=True)

    service: str
    position: int
    event_id: UUID
    type: str
    stream: str
    version: int | None
    happened_at: datetime
    recorded_at: datetime
    actor: UUID | None

    def for_all(self) -> Self:
        """Who did it, and how many of its stream there were before, is left out."""
        return self.model_copy(update={"version": None, "actor": None})


class SeenEvent(Listed):
    """`because_of` is the event that caused it; `caused` are those that it caused."""

    on_behalf_of: UUID | None
    correlation: UUID | None
    causation: UUID | None
    facts: Facts
    because_of: Listed | None
    caused: list[Listed]
    as_of: dict[str, int]

    def for_all(self) -> Self:
        facts = {name: fact for name, fact in self.facts.items() if not is_of_a_person(name)}
        left_out = {"on_behalf_of": None, "facts": facts}
        return super().for_all().model_copy(update=left_out)


class EventsPage(BaseModel):
    """`next` continues it; `withheld`: events that tell of persons are not among them."""

    items: list[Listed]
    next: str | None
    withheld: bool
    positions: dict[str, int]


@dataclass(frozen=True, slots=True)
class Found:
    items: list[Listed]
    last: Place | None


async def find(
    rows: Rows, asked: Filter, *, after: Place | None, limit: int, auditor: bool
) -> Found:
    """The newest first; for others than auditors, those that are for all."""
    which = _which(asked, auditor=auditor)
    found = await rows.where(events_seen, limit=limit + 1, after=after, order=NEWEST_FIRST, **which)
    items = [_listed(row, auditor=auditor) for row in found[:limit]]
    more = len(found) > limit
    last = (items[-1].recorded_at, items[-1].service, items[-1].position) if more else None
    return Found(items, last)


def _which(asked: Filter, *, auditor: bool) -> dict[str, Any]:
    which: dict[str, Any] = {} if auditor else {"for_all": True}
    for column in ("service", "type", "stream", "unit_id", "causation", "correlation"):
        if (value := getattr(asked, column)) is not None:
            which[column] = value
    if asked.since is not None:
        which["at_least"] = {"recorded_at": _midnight(asked.since)}
    if asked.until is not None:
        ended = _midnight(asked.until + timedelta(days=1))
        which["at_most"] = {"recorded_at": ended - timedelta.resolution}
    return which


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


async def seen(rows: Rows, service: str, position: int, *, auditor: bool) -> SeenEvent | None:
    """None: there is no such event. Raises Withheld."""
    as_of = await rows.positions(events_seen)
    event = await rows.get(events_seen, (service, position))
    if event is None:
        return None
    if not (event.for_all or auditor):
        raise Withheld
    causes = (
        await rows.where(events_seen, event_id=event.causation, limit=1) if event.causation else ()
    )
    caused = await rows.where(events_seen, causation=event.event_id, limit=CAUSED_SHOWN)

    def told(row: EventRow) -> bool:
        return auditor or row.for_all

    found = SeenEvent(
        **_plain(event),
        because_of=next((_listed(row, auditor=auditor) for row in causes if told(row)), None),
        caused=[_listed(row, auditor=auditor) for row in caused if told(row)],
        as_of=dict(sorted(as_of.items())),
    )
    return found if auditor else found.for_all()


def _listed(row: EventRow, *, auditor: bool) -> Listed:
    listed = Listed.model_validate(row)
    return listed if auditor else listed.for_all()


_SHARED = SeenEvent.model_fields.keys() & set(fields_of(EventRow))


def _plain(event: EventRow) -> Mapping[str, Any]:
    return {name: getattr(event, name) for name in _SHARED}
