"""A signed-in person at a desk: who they are, the language they read, and what they may ask."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request

from contracts.languages import Language
from edge.door import QueryDoor
from edge.permission import May
from services.portal.desks.services import Answer, Asker, Query, Services, filled
from services.portal.pages import Writer, writer
from services.portal.sign_in.browser import authorization


class NotAnswered(Exception):
    """A service refused what a page needs; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"answered {answer.status} {answer.code}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Visit:
    request: Request
    door: QueryDoor
    write: Writer
    services: Services
    asker: Asker

    @property
    def person(self) -> UUID:
        return self.door.person

    @property
    def language(self) -> Language:
        return self.write.language

    async def may(self, may: May) -> bool:
        """Does the person hold what it takes, anywhere? Where, the services judge."""
        if not may.roles:
            return True
        directory, now = self.door.house.directory, self.door.now
        return bool(await directory.held(self.person, may.roles, now, time.monotonic()))

    async def ask(
        self, service: str, path: str, query: Query | None = None, *, body: Any = None
    ) -> Any:
        """What a service answers, after what the person wrote last. Raises Silent, NotAnswered."""
        written = self.door.min_position.get(service)
        asked = dict(query or {})
        if written is not None:
            asked["min_position"] = f"{service}:{written}"
        answer = await self.services.ask(service, path, self.asker, asked, body=body)
        if not answer.ok:
            raise NotAnswered(answer)
        return answer.body


async def beside(
    at: Visit, service: str, queries: Mapping[str, str], read: Mapping[str, Any]
) -> dict[str, Any]:
    """What was read with further answers, each under its name: empty where there is none.

    Queries name ids of the address, or of what was read.
    """
    ids = {name: value for name, value in read.items() if isinstance(value, str)}
    found = dict(read)
    for name, query in queries.items():
        try:
            found[name] = await at.ask(service, filled(query, ids | at.request.path_params))
        except (KeyError, NotAnswered):
            found[name] = {}
    return found


def visit(request: Request, door: QueryDoor) -> Visit:
    write = writer(request, door)
    asker = Asker(authorization(request), write.language)
    return Visit(request, door, write, request.app.state.services, asker)
