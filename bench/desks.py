"""The desks as people have them: a first page among fifty, and what a session and a role cost.

`python -m bench.desks` plays the season, then fifty persons sign in by the development provider's
cards and open their first page again and again, each after some seconds' thought. Then one of them
asks for one page in turns with the session's cookie and with the token behind it, and sends a form.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from statistics import median
from uuid import uuid4

import httpx
import psutil

from bench.figures import quantile
from bench.machine import load
from console.addresses import Addresses
from console.demo import begin
from console.run_folder import PROJECT, RunFolder
from console.season.cards import Card, cards
from console.season.play import STARTS_ON, morning, play
from console.season.visitor import FIRST_PAGE, WITHIN_S, Visitor, card_of, sign_in
from console.up import everything
from deploy.embedded.stack import EmbeddedStack

FOLDER = PROJECT / ".run" / "desks"
PERSONS = 50
THINK_S, SECONDS = 5.0, 60.0
PAGE_WITHIN_MS = 150.0
SESSION_AT_MOST = 0.05
ROUNDS, TIMES = 5, 200


def main() -> None:
    with EmbeddedStack(FOLDER, fresh=True, wanted_ports=(0, 0)) as stack:
        asyncio.run(_measure(RunFolder(FOLDER), stack))


async def _measure(run: RunFolder, stack: EmbeddedStack) -> None:
    async with everything(run, stack, clock_starts_at=morning(STARTS_ON)) as addresses:
        await begin(run, stack, addresses)
        await (await play(addresses, run.season)).close()
        print(f"load before: {load()}")
        people = [await sign_in(addresses, card) for card in islice(cycle(cards()), PERSONS)]
        try:
            await _first_pages(people)
            card = card_of("organisation-keeper")
            keeper = await sign_in(addresses, card)
            await _costs(keeper, await _token_of(addresses, card))
            await keeper.close()
        finally:
            for person in people:
                await person.close()
        print(f"load after: {load()}")


async def _first_pages(people: list[Visitor]) -> None:
    """Open loop but for who still waits: nobody opens a page before the last one is there."""
    latencies: list[float] = []
    until = time.monotonic() + SECONDS
    chance = random.Random(3874)  # noqa: S311 - the same pauses each time

    async def one(browser: Visitor) -> None:
        await asyncio.sleep(chance.random() * THINK_S)
        while time.monotonic() < until:
            began = time.perf_counter()
            await browser.page(FIRST_PAGE)
            latencies.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(chance.expovariate(1 / THINK_S))

    await asyncio.gather(*map(one, people))
    shown = {f"p{share * 100:.0f}": quantile(latencies, share) for share in (0.5, 0.95, 0.99)}
    said = ", ".join(f"{name} {value:.0f} ms" for name, value in shown.items())
    print(f"first page, {len(people)} persons: {len(latencies) / SECONDS:.1f} pages/s, {said}")
    _goal("first page, p95", shown["p95"], PAGE_WITHIN_MS, "ms")


async def _costs(keeper: Visitor, token: dict[str, str]) -> None:
    """CPU of all our processes and of PostgreSQL and Kafka, for one request each, in turns."""
    anonymous = Visitor(
        httpx.AsyncClient(base_url=keeper.client.base_url, headers=token, timeout=WITHIN_S)
    )
    try:
        trials: dict[str, Callable[[], Awaitable[None]]] = {
            "a page by the session's cookie": lambda: _page(keeper),
            "the same page by the token": lambda: _page(anonymous),
            "a command sent by a form": lambda: _command(keeper),
        }
        spent: dict[str, list[float]] = {name: [] for name in trials}
        for trial in trials.values():
            await trial()
        for _ in range(ROUNDS):
            for name, trial in trials.items():
                with _cpu() as took:
                    for _ in range(TIMES):
                        await trial()
                spent[name].append(took[0] / TIMES * 1000)
    finally:
        await anonymous.close()
    for name, each in spent.items():
        print(f"{name}: {median(each):.2f} ms CPU ({min(each):.2f} to {max(each):.2f})")
    session, bare, command = (median(each) for each in spent.values())
    _goal("session, of a command", (session - bare) / command, SESSION_AT_MOST, "×")


async def _page(browser: Visitor) -> None:
    await browser.page("/toi")


async def _command(browser: Visitor) -> None:
    """A person is registered: the form is drawn, filled in, sent, and the list is shown."""
    await browser.send("/to-chuc/nguoi/moi", {"name": f"Người {uuid4().hex[:8]}"})


async def _token_of(addresses: Addresses, card: Card) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=addresses.issuer) as issuer:
        asked = {"person": str(card.person), "program": "bench"}
        answer = await issuer.post("/token-for-anybody", json=asked)
        answer.raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@contextmanager
def _cpu() -> Iterator[list[float]]:
    """Seconds of all processes below this one, those that end meanwhile left out."""
    took: list[float] = []
    before = _spent()
    yield took
    took.append(_spent() - before)


def _spent() -> float:
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def _goal(what: str, reached: float, at_most: float, unit: str) -> None:
    mark = "met" if reached <= at_most else "MISSED"
    print(f"{what}: {reached:.3g} {unit}, wanted ≤ {at_most:g} {unit}: {mark}", flush=True)


if __name__ == "__main__":
    main()
