"""The newest checkpoint of a log, as answers carry it: who keeps a paper keeps proof with it."""

import base64
from datetime import datetime

from pydantic import BaseModel

from edge.door import House
from notary.checkpoint_topic import LOGS
from notary.newest import Published


class CheckpointShown(BaseModel):
    """`size` is how many records the log had, `root` their tree's, base64; `note` is signed.

    `forked`: two of this size were published, so the log has two histories.
    """

    service: str
    origin: str
    size: int
    root: str
    published_at: datetime
    forked: bool
    note: str


def newest_of(house: House, service: str) -> CheckpointShown | None:
    """None: nothing of this log was signed yet, or we have not heard of it."""
    known = house.checkpoints.of(service)
    return None if known is None else _shown(known)


def newest(house: House) -> list[CheckpointShown]:
    """Of every log that has one, in the order in which the logs are always named."""
    found = (newest_of(house, service) for service in LOGS)
    return [each for each in found if each is not None]


def _shown(known: Published) -> CheckpointShown:
    return CheckpointShown(
        service=known.service,
        origin=known.origin,
        size=known.size,
        root=base64.b64encode(known.root).decode(),
        published_at=known.published_at,
        forked=known.forked,
        note=known.note,
    )
