"""What has happened anywhere, when, by whom, and because of what? One row for each event."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from contracts import allocation, donations, notifications, registry
from contracts.event import declarations
from eventing.read_model import ReadModel, keyed
from eventing.record import Recorded
from services.portal.event_facts import Facts, facts_of, is_for_all, unit_of

SERVICES = (
    *(
        module.__name__.rpartition(".")[2]
        for module in (registry, donations, allocation, notifications)
    ),
    "portal",
)
"""The portal has a log too: what it says of its own running."""


class EventRow(Struct, frozen=True):
    """`for_all`: anyone may see it, and of its data the `facts`. `actor` is a pseudonym."""

    service: str
    position: int
    event_id: UUID
    type: str
    stream: str
    version: int
    happened_at: datetime
    recorded_at: datetime
    actor: UUID
    on_behalf_of: UUID | None
    causation: UUID | None
    correlation: UUID | None
    unit_id: UUID | None
    for_all: bool
    facts: Facts


Key = tuple[str, int]


def _place(recorded: Recorded) -> Iterator[Key]:
    yield recorded.service, recorded.position


def _seen(_row: EventRow | None, key: Key, recorded: Recorded) -> EventRow:
    service, position = key
    return EventRow(
        service=service,
        position=position,
        event_id=recorded.event_id,
        type=declarations[type(recorded.event)].name,
        stream=recorded.stream,
        version=recorded.version,
        happened_at=recorded.event.happened_at,
        recorded_at=recorded.recorded_at,
        actor=recorded.why.actor,
        on_behalf_of=recorded.why.on_behalf_of,
        causation=recorded.why.causation,
        correlation=recorded.why.correlation,
        unit_id=unit_of(recorded.event),
        for_all=is_for_all(recorded.event),
        facts=facts_of(recorded.event),
    )


events_seen: ReadModel[Key, EventRow] = ReadModel(
    name="events_seen",
    version=4,
    row=EventRow,
    key=("service", "position"),
    handlers=tuple(
        keyed(event, _seen, keys=_place)
        for event, declaration in declarations.items()
        if declaration.service is None or declaration.service in SERVICES
    ),
    indexes=(
        ("event_id",),
        ("causation",),
        ("correlation",),
        ("stream", "service", "position"),
        ("type", "recorded_at"),
        ("unit_id", "recorded_at"),
        ("recorded_at", "service", "position"),
    ),
)
