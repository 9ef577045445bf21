"""A small season, played by several clients at once that send again what they have sent before."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import UUID

from console.addresses import Addresses
from console.season.client import Client, StepFailed
from console.season.days import Day, days_of
from console.season.journal import Journal
from console.season.pack import Commune, Figures, Pack
from console.season.play import morning
from console.season.stage import Stage
from console.settled import NotSettled, settled

# Khánh Thượng with its eventful gift day, a commune that was split, and one that was not.
CHILDREN = {"09712": 44, "09700": 14, "09703": 14}
JACKETS_OF_A_KIND = {"good": 2, "mendable": 1, "refused": 1}
SEED = "chaos"
"""Always the same season; what differs between runs is what is done to it."""
CLIENTS = 3
TRIES_MAX = 40
DAY_TRIES_MAX = 6
SETTLE_WITHIN_S = 240.0
AT_ONCE_TWICE, AGAIN_LATER = 0.1, 0.1


class SmallPack(Pack):
    """The programme with three communes; fewer jackets than children, as in the real season."""

    def __init__(self) -> None:
        super().__init__()
        self.season["winter"]["jackets"] = [
            line | JACKETS_OF_A_KIND for line in self.season["winter"]["jackets"]
        ]
        self.season["scholarships"]["needs"] = 6
        self.season["books"]["sets"] = {
            grade: 1 + (grade == "1") * self.season["books"]["refused"]
            for grade in self.season["books"]["sets"]
        }

    @cached_property
    def communes(self) -> list[Commune]:
        every = {commune.code: commune for commune in super().communes}
        return [every[code] for code in CHILDREN]

    @cached_property
    def figures(self) -> dict[str, Figures]:
        every = super().figures
        return {code: replace(every[code], registered=count) for code, count in CHILDREN.items()}


class ManyClients(Client):
    """Each command goes out by one client of several; some by two at once, some again later."""

    def __init__(self, addresses: Addresses, journal: Journal, chance: random.Random) -> None:
        super().__init__(addresses, SEED, journal=journal, tries_max=TRIES_MAX)
        self.others = [
            Client(addresses, SEED, journal=journal, tries_max=TRIES_MAX)
            for _ in range(CLIENTS - 1)
        ]
        self.repeated = 0
        self._chance = chance
        self._later: list[Callable[[], Awaitable[Any]]] = []

    async def close(self) -> None:
        await asyncio.gather(super().close(), *(other.close() for other in self.others))

    async def command(
        self,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: UUID,
        seen: int | None = None,
    ) -> dict[str, int]:
        async def send(client: Client) -> dict[str, int]:
            positions = await Client.command(client, service, method, path, body, by=by, seen=seen)
            self.wrote(positions)
            return positions

        first, second = self._chance.sample([self, *self.others], 2)
        if self._chance.random() < AGAIN_LATER:
            self._later.append(lambda: send(second))
        if self._chance.random() >= AT_ONCE_TWICE:
            return await send(first)
        self.repeated += 1
        answer, _ = await asyncio.gather(send(first), send(second))
        return answer

    async def repeat_some(self) -> None:
        """Send again what was accepted before. What comes of it is in the journal."""
        again, self._later = self._later, []
        self.repeated += len(again)
        await asyncio.gather(*(send() for send in again))


class Season:
    """Plays day by day, however often it has to begin a day again."""

    def __init__(self, client: ManyClients, second_workers: Callable[[], list[str]]) -> None:
        self.client = client
        self._second_workers = second_workers
        self.stage = Stage(client, SmallPack())
        self.days = days_of(self.stage)

    async def play(self, day: Day) -> None:
        """A day's commands; whatever a lagging read model refused is tried again when it is level.

        Raises StepFailed, NotSettled.
        """
        self.stage.today = day.on
        await self.client.set_clock(morning(day.on))
        for last in (False,) * (DAY_TRIES_MAX - 1) + (True,):
            try:
                await day.step()
                await self.client.repeat_some()
            except StepFailed:
                if last:
                    raise
                await self.client.set_clock(morning(day.on))
                await asyncio.sleep(1)
            else:
                return

    async def settle(self, day: Day | None = None) -> None:
        """Raises NotSettled when something is still under way after a long while."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_WITHIN_S
        at_least = None
        if day is not None:
            at_least = morning(day.on)
            await self.client.set_clock(at_least)
        while True:
            try:
                await settled(
                    self.client.addresses,
                    second_workers=self._second_workers(),
                    clock_at_least=at_least,
                    wait_s=30.0,
                )
            except NotSettled:
                if loop.time() > deadline:
                    raise
                # A reader that met a broker which was away may have said that it misses something.
                await asyncio.sleep(1)
            else:
                return
