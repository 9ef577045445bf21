"""A client of an app in this process: no thread and no socket, so that a question costs a third."""

import asyncio
from collections.abc import Coroutine
from functools import cache, cached_property, partialmethod
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient

BASE = "http://testserver"


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


class InProcess:
    """Asks as `httpx.Client` does, and raises what the app does not answer.

    A test that is a coroutine has this thread's loop already: its questions go by a thread, as
    FastAPI's own test client sends all of them.
    """

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        transport = httpx.ASGITransport(app, client=("testclient", 50_000))
        self._here = httpx.AsyncClient(transport=transport, base_url=BASE, follow_redirects=True)

    def request(self, method: str, path: str, **options: Any) -> Any:
        if asyncio._get_running_loop() is not None:
            return self._by_a_thread.request(method, path, **options)
        asking: Coroutine[Any, Any, httpx.Response] = self._here.request(method, path, **options)
        return _loop().run_until_complete(asking)

    @cached_property
    def _by_a_thread(self) -> TestClient:
        return TestClient(self.app)

    get = partialmethod(request, "GET")
    put = partialmethod(request, "PUT")
    post = partialmethod(request, "POST")
    delete = partialmethod(request, "DELETE")
    head = partialmethod(request, "HEAD")
    options = partialmethod(request, "OPTIONS")
