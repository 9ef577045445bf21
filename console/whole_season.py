"""A season played on what runs somewhere, its report, and the proof that the report is true."""

import sys
from pathlib import Path

from rich.console import Console

from console.addresses import Addresses
from console.facts import facts_digest, published
from console.proof import compare, show_proof
from console.report import show_report
from console.season.client import Client
from console.season.pack import Pack
from console.season.people import People
from console.season.play import play
from console.settled import settled

REPORT_WIDTH = 140


async def whole_season(addresses: Addresses, kept_in: Path) -> bool:
    """Play what is left of the season and report.

    Return whether every read model is what the stream says, and no reaction was refused.
    Raises StepFailed, NotSettled, OtherSeason.
    """
    await settled(addresses)
    client = await play(addresses, kept_in)
    try:
        return await _report(client)
    finally:
        await client.close()


async def _report(client: Client) -> bool:
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
    heads = (await settled(client.addresses)).positions
    facts = facts_digest(await published(client.addresses.kafka.access, heads))
    # The same wherever the season is played, and whatever was killed meanwhile.
    console.print(f"Dữ kiện của mùa này · facts of this season: SHA-256 {facts}")
    return all(each.same for each in compared) and not any(refused.values())
