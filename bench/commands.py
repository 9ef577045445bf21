"""(b) A whole HTTP command beside an endpoint that only inserts, and one that only echoes.

One process of each, alike in everything that is not measured; 64 connections.
"""

import time
from collections import defaultdict
from functools import partial
from itertools import cycle
from statistics import median

import asyncpg

from bench.appends import TABLE
from bench.figures import Goal, Measured, quantile
from bench.ground import Cpu, Ground, Trial, cpu_of, cpu_used, pool
from bench.house import (
    CITY,
    PERSONS,
    House,
    fund_to_open,
    make,
    plain,
    plain_fund,
    sponsor_to_register,
    web,
)
from bench.requests import MakeRequest, load
from deploy.embedded.leash import Child
from edge.who_may_where import Directory
from eventing.clock import system_clock
from eventing.postgres_rows import PostgresRows

PART = "b"
CALLERS = 64
Served = tuple[Child, int]
PERMISSION = "of which its permission"
OURS, SEALED = "our command", "our command that makes a key and seals"
NAIVE, ECHO = "naive insert", "echo"


async def measure(ground: Ground, measured: Measured) -> None:
    house = await make(ground)
    connection = await asyncpg.connect(house.log.log_owner)
    await connection.execute(TABLE)
    await connection.close()
    latencies: dict[str, list[list[float]]] = defaultdict(list)
    spent: dict[str, list[Cpu]] = defaultdict(list)

    async def trial(name: str, served: Served, request: MakeRequest) -> float:
        child, port = served
        before = cpu_of(child.pid)
        with cpu_used(ground) as cpu:
            came = await load(port, CALLERS, ground.seconds, request)
        cpu.ours = cpu_of(child.pid) - before
        answered = len(came.latencies)
        spent[name].append(Cpu(cpu.ours / answered, cpu.postgres / answered))
        latencies[name].append(came.latencies)
        return came.per_second

    async with web(ground, house) as ours, plain(ground, house.log.log) as theirs:
        trials: dict[str, Trial] = {
            OURS: partial(trial, OURS, ours, partial(fund_to_open, house)),
            SEALED: partial(trial, SEALED, ours, partial(sponsor_to_register, house)),
            NAIVE: partial(trial, NAIVE, theirs, partial(plain_fund, "inserted")),
            ECHO: partial(trial, ECHO, theirs, partial(plain_fund, "echoed")),
        }
        for warming in trials.values():
            await warming()
        latencies.clear()
        spent.clear()
        measured.add(PART, "requests/s", await ground.interleaved(trials))
    for name, each in spent.items():
        processes = {f"{name}: web process": [cpu.ours * 1e6 for cpu in each]}
        if name != ECHO:
            processes[f"{name}: postgres"] = [cpu.postgres * 1e6 for cpu in each]
        measured.add("h", "µs CPU/request", processes, "part (b)")
    for share in (0.5, 0.99):
        measured.add(
            PART,
            "ms",
            {
                f"{name}, p{share * 100:.0f}": [quantile(each, share) * 1000 for each in rounds]
                for name, rounds in latencies.items()
            },
        )
    permission = [await _permission(house, ground.seconds) for _ in range(ground.rounds)]
    measured.add("h", "µs CPU/request", {PERMISSION: permission}, "part (b)")
    command = next(each for each in measured.figures if each.name == f"{OURS}: web process")
    share = median(permission) / command.median
    measured.goals.append(
        Goal(part=PART, what="permission, of a command", reached=share, unit="×", at_most=0.05)
    )
    measured.ratio(PART, OURS, NAIVE, at_least=1.0)
    measured.ratio(PART, OURS, ECHO, at_least=0.6)


async def _permission(house: House, seconds: float) -> float:
    """µs CPU to find that a person may there: each of PERSONS in turn, looked up each second."""
    checks, roles = 0, frozenset({"accountant"})
    async with pool(house.log.log) as connections:
        directory = Directory(PostgresRows(connections))
        now, until = system_clock(), time.monotonic() + seconds
        began = time.process_time()
        for person in cycle(PERSONS):
            tick = time.monotonic()
            if tick >= until:
                break
            held = await directory.held(person, roles, now, tick)
            if not await directory.covers(held, CITY, now, tick):
                raise AssertionError("each of them may")
            checks += 1
    return (time.process_time() - began) / checks * 1e6
