"""What a command is compared with: a FastAPI endpoint that inserts and no more, and an echo.

`python -m bench.plain_app PORT`, with DATABASE_URL set.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel

from bench.appends import INSERT, POOL
from deploy.embedded.ports import LOOPBACK


class FundToOpen(BaseModel):
    programme_id: UUID
    name: str


class Accepted(BaseModel):
    positions: dict[str, int]


def make_app(dsn: str) -> FastAPI:
    @asynccontextmanager
    async def connected(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=connected)

    @app.put("/inserted/{fund_id}")
    async def insert(fund_id: UUID, asked: FundToOpen, request: Request) -> Accepted:
        position = await request.app.state.pool.fetchval(
            f"{INSERT} RETURNING position",
            uuid4(),
            f"fund-{fund_id}",
            1,
            "fund-opened",
            asked.model_dump_json().encode(),
            datetime.now(UTC),
        )
        return Accepted(positions={"plain": position})

    @app.put("/echoed/{fund_id}")
    async def echo(fund_id: UUID, asked: FundToOpen) -> FundToOpen:
        del fund_id
        return asked

    return app


if __name__ == "__main__":
    uvicorn.run(
        make_app(os.environ["DATABASE_URL"]),
        host=LOOPBACK,
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
    )
