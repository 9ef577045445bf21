"""One season of the programme, from nothing to its report, through the public HTTP doors only."""

import asyncio
import sys
from contextlib import suppress

from console.addresses import Addresses
from console.databases import databases_of
from console.founding import Keeper, Registry, found
from console.run_folder import RunFolder
from console.season.pack import Pack
from console.season.people import KEEPER, SECOND_KEEPER
from console.season.play import STARTS_ON, morning
from console.up import Servers, everything, say, show
from console.whole_season import whole_season
from deploy.embedded.stack import EmbeddedStack
from edge.settings import DEVELOPMENT_ISSUER
from edge.tokens import Identity
from eventing.clock import SettableClock

FIRST = "Người quản trị thứ nhất (minh hoạ)"
SECOND = "Người quản trị thứ hai (minh hoạ)"


async def begin(run: RunFolder, stack: Servers, addresses: Addresses) -> None:
    """What an operator does once, with `vongtay take-over` and `vongtay keeper`."""
    pack = Pack()
    made = databases_of(stack.postgres, "registry", run)
    registry = Registry(
        made.log,
        made.keys,
        run.key_file("registry-key-encryption"),
        run.installation(addresses.services["portal"]),
    )
    await found(
        registry,
        pack.path / "history" / "registry.ndjson",
        [
            Keeper("first", KEEPER, FIRST, pack.city_id, Identity(DEVELOPMENT_ISSUER, str(KEEPER))),
            Keeper(
                "second",
                SECOND_KEEPER,
                SECOND,
                pack.city_id,
                Identity(DEVELOPMENT_ISSUER, str(SECOND_KEEPER)),
            ),
        ],
        SettableClock(run.clock),
    )


async def demo(run: RunFolder, stack: EmbeddedStack) -> bool:
    """Play what is left of the season and report; on a terminal, stay up until cancelled.

    Return whether every read model is what the stream says, and no reaction was refused.

    Raises StepFailed, NotSettled, OtherSeason, and what `everything` raises.
    """
    async with everything(run, stack, clock_starts_at=morning(STARTS_ON)) as addresses:
        await begin(run, stack, addresses)
        succeeded = await whole_season(addresses, run.season)
        show(addresses)
        if sys.stdout.isatty():
            say("\nCtrl-C để dừng · Ctrl-C stops it")
            # The season is over: to be stopped now is no failure.
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        return succeeded
