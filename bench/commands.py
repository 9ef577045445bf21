"""(b) A whole HTTP command beside an endpoint that only inserts, and one that only echoes.

One process of each, alike in everything that is not measured; 64 connections.
"""

from collections import defaultdict
from functools import partial

import asyncpg

from bench.appends import TABLE
from bench.figures import Measured, quantile
from bench.ground import Cpu, Ground, Trial, cpu_of, cpu_used
from bench.house import fund_to_open, make, plain, plain_fund, sponsor_to_register, web
from bench.requests import MakeRequest, load
from deploy.embedded.leash import Child

PART = "b"
CALLERS = 64
Served = tuple[Child, int]
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
    measured.ratio(PART, OURS, NAIVE, at_least=1.0)
    measured.ratio(PART, OURS, ECHO, at_least=0.6)
