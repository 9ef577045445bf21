"""A service over HTTP: its routes behind the one door, and the process that serves them."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fastapi import FastAPI
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp

from edge import schema_routes
from edge.connected import Connected, connected
from edge.door import House
from edge.doorstep import Doorstep
from edge.exports import export_routes
from edge.health import answer_health
from edge.log_routes import log_routes
from edge.openapi import describe
from edge.operator_routes import operator_routes
from edge.permission import May
from edge.problems import answer_problems
from edge.routes import Routes
from edge.serving import listen, run
from edge.settings import Settings
from edge.starting import see_that_the_files_are_there, see_that_the_log_is_the_newest
from edge.watch import Watch
from eventing.decider import Rejection
from eventing.read_model import ReadModel
from notary.newest import follow

VERSION = "0.1.0"
END_WITHIN_S = 3.0


def web(house: House, routes: Sequence[Routes], *, title: str) -> FastAPI:
    """Raises TypeError when two rejections have one code."""
    operating = [] if house.operations is None else [operator_routes(house, house.operations)]
    proving = [] if house.log is None else [log_routes(house.log)]
    everything = [
        *routes,
        export_routes(_queries(routes)),
        *operating,
        *proving,
        schema_routes.routes,
    ]
    app = FastAPI(
        title=title,
        version=VERSION,
        # The pages that FastAPI offers load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Its own telemetry may keep bodies.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.house = house
    app.state.refuses = {}
    for one in everything:
        one.include_in(app)
        house.permissions |= one.permissions
        app.state.refuses |= one.refuses
    _check_codes({one for refused in app.state.refuses.values() for one in refused})
    answer_problems(app)
    describe(app)
    app.add_middleware(Doorstep, metrics=house.metrics, strict=house.strict)
    return app


def _queries(routes: Sequence[Routes]) -> dict[str, May]:
    """By path. Pages are none."""
    return {
        route.path: one.permissions[route.endpoint]
        for one in routes
        for route in one.declared
        if "GET" in (route.methods or ()) and route.include_in_schema
    }


def behind(app: ASGIApp, trusted_proxies: str) -> ASGIApp:
    """Where requests come from is what the proxies say, if they are ours."""
    if not trusted_proxies:
        return app
    within: ASGIApp = wrap_asgi_with_proxy_headers(app, trusted_proxies)
    return within


def serve(
    settings: Settings,
    make_app: Callable[[Connected], FastAPI],
    read_models: Sequence[ReadModel[Any, Any]],
) -> None:
    """The web process of a service, until it is asked to end."""

    async def main() -> None:
        see_that_the_files_are_there(settings, "web")
        async with connected(settings, read_models) as it:
            await see_that_the_log_is_the_newest(it)
            app = make_app(it)
            within = behind(app, settings.trusted_proxies)
            watch = Watch(it, "web", it.house.files)
            answer_health(app, watch, it.house.metrics)
            following = asyncio.ensure_future(follow(settings.kafka_access, it.house.checkpoints))
            try:
                await listen(within, settings.host, settings.port)
            finally:
                following.cancel()
                await asyncio.wait([following], timeout=END_WITHIN_S)

    run(settings, "web", main)


def _check_codes(rejections: Iterable[type[Rejection]]) -> None:
    by_code: dict[str, type[Rejection]] = {}
    for rejection in rejections:
        if by_code.setdefault(rejection.code, rejection) is not rejection:
            raise TypeError(f"{rejection.code} is the code of two rejections")
