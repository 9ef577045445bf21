"""One season of the programme, from nothing to its report, through the public HTTP doors only."""

import asyncio
import sys
from contextlib import suppress

from rich.console import Console

from console.databases import databases_of
from console.founding import Registry, found
from console.proof import compare, show_proof
from console.report import show_report
from console.run_folder import RunFolder
from console.season.client import Client
from console.season.pack import Pack
from console.season.people import KEEPER, People
from console.season.play import STARTS_ON, morning, play
from console.settled import settled
from console.up import everything, say, show
from deploy.embedded.stack import EmbeddedStack
from eventing.clock import SettableClock

REPORT_WIDTH = 140


async def _found(run: RunFolder, stack: EmbeddedStack) -> None:
    """What an operator does once on a real installation, with `vongtay found`."""
    pack = Pack()
    made = databases_of(stack.postgres, "registry", run)
    registry = Registry(made.log, made.keys, run.key_file("registry-key-encryption"))
    await found(
        registry,
        pack.path / "history" / "registry.ndjson",
        KEEPER,
        "Người quản trị đầu tiên (minh hoạ)",
        pack.city_id,
        SettableClock(run.clock),
    )


async def _report(client: Client) -> bool:
    """Print what the season came to; return whether all is proven and nothing was refused."""
    console = Console(width=None if sys.stdout.isatty() else REPORT_WIDTH)
    pack = Pack()
    auditor = People(pack, client.seed)["auditor"]
    report = await client.query(
        "portal", "/api/report", by=auditor, programme_id=str(pack.programme_id)
    )
    show_report(report, console)
    compared = await compare(client, auditor)
    show_proof(compared, console)
    refused = {
        service: await client.query(service, "/refused", by=auditor)
        for service in client.addresses.services
    }
    for service, reactions in refused.items():
        for reaction in reactions:
            console.print(f"{service} từ chối · refused: {reaction['reaction']} {reaction['code']}")
    return all(each.same for each in compared) and not any(refused.values())


async def demo(run: RunFolder, stack: EmbeddedStack) -> bool:
    """Play what is left of the season and report; on a terminal, stay up until cancelled.

    Return whether every read model is what the stream says, and no reaction was refused.

    Raises StepFailed, NotSettled, OtherSeason, and what `everything` raises.
    """
    async with everything(run, stack, clock_starts_at=morning(STARTS_ON)) as addresses:
        await _found(run, stack)
        await settled(addresses)
        client = await play(addresses, run.season)
        try:
            succeeded = await _report(client)
        finally:
            await client.close()
        show(addresses)
        if sys.stdout.isatty():
            say("\nCtrl-C để dừng · Ctrl-C stops it")
            # The season is over: to be stopped now is no failure.
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        return succeeded
