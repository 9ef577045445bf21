"""A whole season on servers of the stack, with processes of its own, and all it left behind."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from console.addresses import Addresses
from console.audit_options import told
from console.demo import begin
from console.facts import facts, published
from console.notary_key import public_beside
from console.proof import Compared, compare
from console.run_folder import RunFolder
from console.season.cards import Card, cards
from console.season.client import Client
from console.season.pack import Pack
from console.season.people import People
from console.season.play import STARTS_ON, morning, play
from console.season.visitor import FIRST_PAGE, card_of, sign_in
from console.settled import Settled, settled
from console.taking_home import over_http
from console.up import everything
from contracts.event import declarations
from eventing.record import StoredRecord, decode
from tests.support.own_topics import delete_own_topics
from tests.support.stack import Stack

LOGS = ("registry", "donations", "allocation", "notifications")
PAGES = ("/", "/su-kien", "/tra-cuu")


class Servers:
    """The stack of the tests as `vongtay up` wants it: others look after its health."""

    def __init__(self, stack: Stack) -> None:
        self.postgres = stack.postgres
        self.kafka = stack.kafka

    def died(self) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class Season:
    """`pages`: what the public sees at some addresses of the portal.

    `first_pages`: what each person of the development's cards sees after signing in, by role;
    `registered`: the page to which a form leads that the keeper sent. `home` is what an auditor
    took home over HTTP, `log_keys` are the logs' public keys.
    """

    report: dict[str, Any]
    compared: Sequence[Compared]
    records: list[StoredRecord]
    still: Settled
    mails: list[str]
    pages: dict[str, str]
    home: Path
    log_keys: list[str]
    first_pages: dict[str, str]
    registered: str

    @property
    def facts(self) -> list[str]:
        return facts(self.records)

    def events(self, kind: type) -> list[Any]:
        """All events of a type, oldest first."""
        name = declarations[kind].name.encode()
        may_be = [stored for stored in self.records if name in stored.record]
        recorded = [decode(stored) for stored in may_be]
        return [each.event for each in recorded if type(each.event) is kind]


def play_a_season(stack: Stack, folder: Path) -> Season:
    return asyncio.run(_played(Servers(stack), RunFolder(folder)))


async def _played(servers: Servers, run: RunFolder) -> Season:
    await _drop_databases(servers)
    await delete_own_topics(servers.kafka)
    async with everything(run, servers, clock_starts_at=morning(STARTS_ON)) as addresses:
        await begin(run, servers, addresses)
        await settled(addresses)
        client = await play(addresses, run.season)
        try:
            return await _what_is_left(client, addresses, run)
        finally:
            await client.close()


async def _what_is_left(client: Client, addresses: Addresses, run: RunFolder) -> Season:
    pack = Pack()
    auditor = People(pack, client.seed)["auditor"]
    still = await settled(addresses)
    records = await published(addresses.kafka.access, still.positions)
    return Season(
        await client.query(
            "portal", "/api/report", by=auditor, programme_id=str(pack.programme_id)
        ),
        await compare(client, auditor),
        records,
        still,
        [mail.read_text(encoding="utf-8") for mail in sorted(run.mail.glob("*.eml"))],
        {path: await client.page(path) for path in PAGES},
        await _taken_home(addresses, await client.token(auditor), run.path / "home"),
        [
            line
            for service in LOGS
            for line in public_beside(run.notary_key(service)).read_text().splitlines()
        ],
        # Last, since it is recorded too who was shown what.
        {card.roles[0]: await _first_page(addresses, card) for card in cards()},
        await _registered(addresses),
    )


async def _first_page(addresses: Addresses, card: Card) -> str:
    visitor = await sign_in(addresses, card)
    try:
        return await visitor.page(FIRST_PAGE)
    finally:
        await visitor.close()


async def _registered(addresses: Addresses) -> str:
    keeper = await sign_in(addresses, card_of("organisation-keeper"))
    try:
        return await keeper.send("/to-chuc/nguoi/moi", {"name": "Bùi Thị Ghi Bằng Biểu Mẫu"})
    finally:
        await keeper.close()


async def _taken_home(addresses: Addresses, token: str, path: Path) -> Path:
    urls = {service: addresses.services[service] for service in LOGS}
    with told({}) as tell:
        await asyncio.to_thread(over_http, path, urls, token, None, tell, compressed=False)
    return path


async def _drop_databases(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.postgres)
    try:
        for name in await connection.fetch(
            "SELECT datname FROM pg_database WHERE datname LIKE 'vt\\_%'"
        ):
            await connection.execute(f'DROP DATABASE "{name["datname"]}" WITH (FORCE)')
    finally:
        await connection.close()
