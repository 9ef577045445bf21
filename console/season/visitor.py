"""A browser without a screen, for a running installation: it signs in by the development cards."""

import re
from collections.abc import Mapping
from html import unescape

import httpx

from console.addresses import Addresses
from console.season.cards import Card, cards

FIRST_PAGE = "/viec-hom-nay"
WITHIN_S = 30.0
INPUT = re.compile(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"')


class NotSignedIn(Exception):
    """The provider or the portal did not take whom the card shows."""


class Visitor:
    """Somebody with a session; a page that is not there or refused raises httpx.HTTPError."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def page(self, path: str) -> str:
        answer = await self.client.get(path)
        answer.raise_for_status()
        return answer.text

    async def send(self, path: str, typed: Mapping[str, str]) -> str:
        """Draw a form, fill it in and send it; return the page to which it leads."""
        fields = fields_of(await self.page(path)) | dict(typed)
        answer = await self.client.post(path, data=fields)
        answer.raise_for_status()
        return answer.text

    async def close(self) -> None:
        await self.client.aclose()


async def sign_in(addresses: Addresses, card: Card) -> Visitor:
    """Raises NotSignedIn, httpx.HTTPError."""
    client = httpx.AsyncClient(
        base_url=addresses.services["portal"], follow_redirects=True, timeout=WITHIN_S
    )
    chooses = await client.get("/dang-nhap", params={"ve": FIRST_PAGE})
    fields = fields_of(chooses.text) | {"who": str(card.person)}
    there = await client.post(str(chooses.url.copy_with(query=None)), data=fields)
    if not there.is_success or there.url.path != FIRST_PAGE:
        await client.aclose()
        raise NotSignedIn(f"{card.roles}: {there.status_code} at {there.url.path}")
    return Visitor(client)


def card_of(role: str) -> Card:
    return next(card for card in cards() if role in card.roles)


def fields_of(page: str) -> dict[str, str]:
    """What the page's inputs hold, as a browser would send them."""
    return {unescape(name): unescape(value) for name, value in INPUT.findall(page)}
