"""A step on the way of a thing: what happened, when, and at which position its event stands."""

from dataclasses import dataclass
from datetime import datetime

from contracts.event import declarations
from eventing.record import Recorded


@dataclass(frozen=True, slots=True)
class Step:
    """`event` is the wire name; service and position lead to the record itself."""

    event: str
    service: str
    position: int
    happened_at: datetime
    recorded_at: datetime


def step(recorded: Recorded) -> Step:
    event = recorded.event
    return Step(
        declarations[type(event)].name,
        recorded.service,
        recorded.position,
        event.happened_at,
        recorded.recorded_at,
    )
