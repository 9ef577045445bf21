"""Routes: none without its permission entry, each with the rejections it declares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI

from edge.permission import May
from eventing.decider import Rejection

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Words:
    """What a person is told, with `{field}`s of the rejection."""

    vi: str
    en: str


class Routes:
    """One file's routes. `words` says each of their rejections in both languages."""

    def __init__(self, words: dict[type[Rejection], Words] | None = None, tag: str = "") -> None:
        self.words = words or {}
        self.permissions: dict[Callable[..., Any], May] = {}
        self._router = APIRouter(tags=[tag] if tag else None)

    def command(
        self, method: str, path: str, *, may: May, refuses: Sequence[type[Rejection]] = ()
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a command. Each of `refuses` needs words here."""
        return self._declare(method, path, may, refuses)

    def query(
        self, path: str, *, may: May, refuses: Sequence[type[Rejection]] = (), **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a query (GET). `options` go to FastAPI, as `response_class` for a page."""
        return self._declare("GET", path, may, refuses, **options)

    def _declare(
        self,
        method: str,
        path: str,
        may: May,
        refuses: Sequence[type[Rejection]],
        **options: Any,
    ) -> Callable[[Endpoint], Endpoint]:
        if unsaid := [refusal.__name__ for refusal in refuses if refusal not in self.words]:
            raise TypeError(f"{method} {path} refuses without words: {unsaid}")

        def declare(endpoint: Endpoint) -> Endpoint:
            self.permissions[endpoint] = may
            self._router.add_api_route(path, endpoint, methods=[method], name=may.name, **options)
            return endpoint

        return declare

    def include_in(self, app: FastAPI) -> None:
        app.include_router(self._router)
