"""`/healthz`, `/readyz` and `/metrics`: the same in every process, outside the door."""

import msgspec
from fastapi import FastAPI, Request, Response

from edge import metrics
from edge.metrics import Metrics
from edge.readiness import Look


def answer_health(app: FastAPI, look: Look, measured: Metrics) -> None:
    async def alive(_: Request) -> Response:
        return _json({"alive": True}, 200)

    async def ready(_: Request) -> Response:
        now = await look()
        return _json(now, 200 if now.ready else 503)

    async def figures(_: Request) -> Response:
        now = await look()
        return Response(measured.text(now), media_type=metrics.MEDIA_TYPE)

    app.add_route("/healthz", alive, include_in_schema=False)
    app.add_route("/readyz", ready, include_in_schema=False)
    app.add_route("/metrics", figures, include_in_schema=False)


def _json(body: object, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
