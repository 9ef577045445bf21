"""One season of the programme, from nothing to its report, through the public HTTP doors only."""

import asyncio
import sys
from contextlib import suppress

from console.run_folder import RunFolder
from console.season.play import STARTS_ON, morning, play
from console.up import everything, say, show
from deploy.embedded.stack import EmbeddedStack


async def demo(run: RunFolder, stack: EmbeddedStack) -> None:
    """Play what is left of the season; on a terminal, stay up until cancelled.

    Raises StepFailed, NotSettled, OtherSeason, and what `everything` raises.
    """
    async with everything(run, stack, clock_starts_at=morning(STARTS_ON)) as addresses:
        client = await play(addresses, run.season)
        try:
            say(f"Đã gửi {client.commands} lệnh · {client.commands} commands were accepted")
        finally:
            await client.close()
        show(addresses)
        if sys.stdout.isatty():
            say("\nCtrl-C để dừng · Ctrl-C stops it")
            # The season is over: to be stopped now is no failure.
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
