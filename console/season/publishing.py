"""The last day of the season: what came of it is published."""

import asyncio
import time
from datetime import datetime

from console.season.stage import Stage
from contracts.vietnamese_day import vietnamese_day

WITHIN_S = 60.0
ASK_EVERY_S = 0.2


class NotPublished(Exception):
    """The portal's worker published nothing on the day on which it was due."""


async def published(stage: Stage) -> None:
    """Wait until the portal has published what was settled the day before. Raises NotPublished."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        told = await stage.client.query(
            "portal", "/api/publications", programme_id=str(stage.pack.programme_id)
        )
        if vietnamese_day(datetime.fromisoformat(told["made_at"])) >= stage.today:
            return
        await asyncio.sleep(ASK_EVERY_S)
    raise NotPublished(f"{stage.today}: nothing after {WITHIN_S:.0f} s")
