"""`python -m tests.edge.echo_process PORT`: how long a body was, served as ours."""

import asyncio
import sys

from fastapi import FastAPI, Request

from edge.doorstep import Doorstep
from edge.metrics import Metrics
from edge.problems import answer_problems
from edge.serving import end, listen

SLOW_S, HEAD_WITHIN_S = 1.5, 2


def make_app() -> FastAPI:
    app = FastAPI()
    answer_problems(app)

    @app.post("/length")
    async def length(request: Request) -> dict[str, int]:
        return {"length": len(await request.body())}

    @app.post("/slow")
    async def slow() -> dict[str, bool]:
        await asyncio.sleep(SLOW_S)
        return {"slow": True}

    app.add_middleware(Doorstep, metrics=Metrics(), request_s_max=3.0)
    return app


if __name__ == "__main__":
    asyncio.run(listen(make_app(), "127.0.0.1", int(sys.argv[1]), head_within_s=HEAD_WITHIN_S))
    end(0)
