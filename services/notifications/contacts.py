"""Where a sponsor is reached: asked from donations at the moment of sending, and not kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

import httpx

from edge.program_token import GiveToken, NoToken

TIMEOUT_S = 10.0


class ContactOutOfReach(Exception):
    """Donations did not say; it may later."""


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """`email` is None when there is none, or when the sponsor was erased."""

    name: str | None
    email: str | None


AskContact = Callable[[UUID], Awaitable[Contact]]
"""Raises ContactOutOfReach."""


class DonationsContacts:
    """Asks over HTTP with the program's own token, which `token` gives afresh each time."""

    def __init__(self, client: httpx.AsyncClient, donations: str, token: GiveToken) -> None:
        self._client = client
        self._donations = donations
        self._token = token

    async def __call__(self, sponsor_id: UUID) -> Contact:
        """Raises ContactOutOfReach."""
        try:
            answer = await self._client.get(
                f"{self._donations}/sponsors/{sponsor_id}/contact",
                headers={"Authorization": f"Bearer {await self._token()}"},
                timeout=TIMEOUT_S,
            )
            if answer.status_code != HTTPStatus.OK:
                raise ContactOutOfReach
            said = answer.json()
            return Contact(name=said.get("name"), email=said.get("email"))
        except (httpx.HTTPError, NoToken, ValueError) as error:
            raise ContactOutOfReach from error
