"""What a command is compared with: a FastAPI endpoint that inserts and no more, and an echo.

`python -m bench.plain_app PORT`, with DATABASE_URL set.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel

from bench.appends import INSERT, POOL
from deploy.embedded.ports import LOOPBACK
from edge.serving import collect_rarely, end, listen


class FundToOpen(BaseModel):
    programme_id: UUID
    name: str


class Accepted(BaseModel):
    positions: dict[str, int]


def make_app(pool: "asyncpg.Pool[Any]") -> FastAPI:
    app = FastAPI()

    @app.put("/inserted/{fund_id}")
    async def insert(fund_id: UUID, body: FundToOpen) -> Accepted:
        position = await pool.fetchval(
            f"{INSERT} RETURNING position",
            uuid4(),
            f"fund-{fund_id}",
            1,
            "fund-opened",
            body.model_dump_json().encode(),
            datetime.now(UTC),
        )
        return Accepted(positions={"plain": position})

    @app.put("/echoed/{fund_id}")
    async def echo(fund_id: UUID, body: FundToOpen) -> FundToOpen:
        del fund_id
        return body

    return app


async def main() -> None:
    dsn = os.environ["DATABASE_URL"]
    async with asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL) as pool:
        await listen(make_app(pool), LOOPBACK, int(sys.argv[1]))


if __name__ == "__main__":
    # As edge/serving.py runs our own processes, so that the application is all that differs.
    collect_rarely()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
    end(0)
