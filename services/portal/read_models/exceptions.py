"""What would an auditor look at first? One row for each event and each reason to look at it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from msgspec import Struct

from contracts.allocation import (
    DeliveryLineSigned,
    DeliveryLineSubstituted,
    DeliveryLineSubstitutionRefused,
)
from contracts.donations import ReceiptCancelled
from contracts.event import declarations
from contracts.every_service import ParkedStreamSkipped, ReactionRefused
from contracts.registry import NamesOpened, ReportReissued
from eventing.read_model import ReadModel, keyed
from eventing.record import Recorded
from services.portal.read_models.events_seen import events_seen

Kind = Literal[
    "recorded-late",
    "signed-by-proxy",
    "substituted",
    "receipt-cancelled",
    "report-reissued",
    "names-opened",
    "reaction-refused",
    "stream-skipped",
]

KEPT_FROM = timedelta(days=1)
"""Nothing is called late below it. From when on each type is, programmes say: read when asked."""


class ExceptionRow(Struct, frozen=True):
    """`delay_s` is how long after it happened the event was recorded."""

    service: str
    position: int
    kind: Kind
    type: str
    delay_s: int


Key = tuple[str, int, Kind]


def _keys(recorded: Recorded) -> Iterator[Key]:
    for kind in _kinds(recorded):
        yield recorded.service, recorded.position, kind


def _kinds(recorded: Recorded) -> Iterator[Kind]:
    if recorded.recorded_at - recorded.event.happened_at >= KEPT_FROM:
        yield "recorded-late"
    match recorded.event:
        case DeliveryLineSigned(signed_as="proxy"):
            yield "signed-by-proxy"
        case DeliveryLineSubstituted() | DeliveryLineSubstitutionRefused():
            yield "substituted"
        case ReceiptCancelled():
            yield "receipt-cancelled"
        case ReportReissued():
            yield "report-reissued"
        case NamesOpened():
            yield "names-opened"
        case ReactionRefused():
            yield "reaction-refused"
        case ParkedStreamSkipped():
            yield "stream-skipped"


def _excepted(_row: ExceptionRow | None, key: Key, recorded: Recorded) -> ExceptionRow:
    service, position, kind = key
    delay = recorded.recorded_at - recorded.event.happened_at
    return ExceptionRow(
        service=service,
        position=position,
        kind=kind,
        type=declarations[type(recorded.event)].name,
        delay_s=delay // timedelta(seconds=1),
    )


exceptions: ReadModel[Key, ExceptionRow] = ReadModel(
    name="exceptions",
    row=ExceptionRow,
    key=("service", "position", "kind"),
    handlers=tuple(keyed(event, _excepted, keys=_keys) for event in events_seen.events),
    indexes=(("kind", "service", "position"),),
)
