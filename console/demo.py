"""One season of the programme, from nothing to its report, through the public HTTP doors only."""

import asyncio
import sys
from contextlib import suppress
from datetime import datetime

from console.run_folder import RunFolder
from console.season.play import play
from console.up import everything, say, show
from deploy.embedded.stack import EmbeddedStack

SEASON_STARTS = datetime.fromisoformat("2024-09-01T00:00:00+07:00")


async def demo(run: RunFolder, stack: EmbeddedStack) -> bool:
    """Return whether every step succeeded. On a terminal, stay up until cancelled."""
    async with everything(run, stack, clock_starts_at=SEASON_STARTS) as addresses:
        report = await play(addresses)
        say(str(report))
        show(addresses)
        if sys.stdout.isatty():
            say("\nCtrl-C để dừng · Ctrl-C stops it")
            # The season is over: to be stopped now is no failure.
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        return report.succeeded
