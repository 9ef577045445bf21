"""Takes over the units that an earlier register kept: older events, in their own versions, once."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventing.clock import Clock
from eventing.event_store import Answered, Append, EventStore, Key, event_id_of
from eventing.installation import Installation
from eventing.record import NewRecord, Older, Why, encode

EARLIER_REGISTER = uuid5(NAMESPACE_URL, "urn:vongtay:program:earlier-register")


async def take_over(
    store: EventStore, history: Path, clock: Clock, installation: Installation
) -> int:
    """Append every line of the file to the log, all or none; return how many events it holds.

    A line has `stream`, `type`, `version` and `data`. A second time changes nothing.
    """
    lines = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
    key = Key(EARLIER_REGISTER, uuid5(EARLIER_REGISTER, history.name), b"")
    if isinstance(await store.read("nothing", key), Answered):
        return len(lines)
    now = clock()
    ids = [event_id_of(key, number, now) for number in range(len(lines))]
    await store.append(
        [
            Append(line["stream"], 0, [_record(store.service, line, id_, now, installation)])
            for line, id_ in zip(lines, ids, strict=True)
        ],
        key,
    )
    return len(lines)


def _record(
    service: str, line: dict[str, Any], event_id: UUID, now: datetime, installation: Installation
) -> NewRecord:
    older = Older(line["type"], line["version"], line["data"])
    why = Why(actor=EARLIER_REGISTER)
    return encode(service, line["stream"], 1, event_id, older, now, why, installation)
