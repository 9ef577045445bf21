"""All services behind their real doors in one process: what one publishes, the others are told.

There is no Kafka and no PostgreSQL: stores and rows are in memory, and `settle` hands on what is
new and carries out what the reactions give for it, as the workers would.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI

from edge.door import House
from eventing.event_store import Key
from eventing.execute import CommandContext
from eventing.reactions import Reaction, keyed, principal_of
from eventing.record import Recorded, Why, decode
from eventing.timers import Timers
from services.allocation.app import make_app as allocation
from services.allocation.reactions import REACTIONS as ALLOCATION
from services.donations.app import make_app as donations
from services.donations.reactions import REACTIONS as DONATIONS
from services.notifications.app import make_app as notifications
from services.notifications.reactions import REACTIONS as NOTIFICATIONS
from services.portal.app import make_app as portal
from services.portal.publications import MemoryPublications
from services.registry.app import make_app as registry
from services.registry.reactions import REACTIONS as REGISTRY
from tests.support.house import HouseForTests

APPS: Mapping[str, Callable[[House], FastAPI]] = {
    "registry": registry,
    "donations": donations,
    "allocation": allocation,
    "notifications": notifications,
    "portal": lambda house: portal(house, publications=MemoryPublications()),
}
REACTIONS: Mapping[str, Sequence[Reaction]] = {
    "registry": REGISTRY,
    "donations": DONATIONS,
    "allocation": ALLOCATION,
    "notifications": NOTIFICATIONS,
}
ROUNDS_MAX = 20


class AllServices:
    """`told` is all that was published, in an order in which it may have happened."""

    def __init__(self) -> None:
        self.houses = {service: HouseForTests(service, app) for service, app in APPS.items()}
        self.told: list[Recorded] = []
        self._told_up_to = dict.fromkeys(self.houses, 0)

    def grant(self, person: UUID, role: str, unit: UUID) -> UUID:
        for house in self.houses.values():
            house.grant(person, role, unit)
        return person

    def done(self, service: str, method: str, path: str, body: Any = None, *, by: UUID) -> Any:
        """A command that is accepted; then everybody hears what followed."""
        answer = self.houses[service].call(method, path, body, by=by)
        assert answer.status_code == 200, f"{method} {path}: {answer.text}"
        self.settle()
        return answer.json()

    def seen(self, service: str, path: str, *, by: UUID | None, **headers: str) -> Any:
        answer = self.houses[service].get(path, by=by, **headers)
        assert answer.status_code == 200, f"GET {path}: {answer.text}"
        return answer

    def settle(self) -> None:
        """Raises whatever rejection a reaction meets: in a season without a fault there is none."""
        for _ in range(ROUNDS_MAX):
            new = [recorded for service in self.houses for recorded in self._published(service)]
            if not new:
                return
            self.told += new
            for service, house in self.houses.items():
                house.rows.feed(recorded for recorded in new if recorded.service != service)
            for recorded in new:
                self._react(recorded)
        raise AssertionError(f"after {ROUNDS_MAX} rounds something still follows")

    def fire(self, service: str, timers: Timers) -> None:
        """As if the time of each timer that runs in a service had come."""
        own = [recorded for recorded in self.told if recorded.service == service]
        heard = [each for each in own if type(each.event) in timers.due_list.events]
        running = [row for row in timers.due_list.fold({}, heard).values() if row]
        for row in running:
            cause = own[row.position - 1]
            for give in timers.by_name[row.timer].give(cause.event, cause):
                by = principal_of(service)
                asked = CommandContext(Key(by, uuid4(), b""), Why(actor=by))
                executor = self.houses[service].executor
                _run(executor.execute(give.decider, give.stream, give.command, asked))
        self.settle()

    def _published(self, service: str) -> list[Recorded]:
        log = self.houses[service].store._log
        new = [decode(stored) for stored in log[self._told_up_to[service] :]]
        self._told_up_to[service] = len(log)
        return new

    def _react(self, recorded: Recorded) -> None:
        for service, reactions in REACTIONS.items():
            for _, give, key in keyed(service, reactions, recorded):
                asked = CommandContext(key, Why(actor=principal_of(service)))
                executor = self.houses[service].executor
                _run(executor.execute(give.decider, give.stream, give.command, asked))


def _run(carrying_out: Coroutine[Any, Any, Any]) -> None:
    """A test that is a coroutine has this thread's loop already: then in a thread of its own."""
    if asyncio._get_running_loop() is None:
        asyncio.run(carrying_out)
    else:
        with ThreadPoolExecutor(1) as beside:
            beside.submit(asyncio.run, carrying_out).result()
