"""How a route finds that it is meant, and how what is said in a body is read and answered.

FastAPI declares and describes all kinds, and serves what is asked by an address. A command is what
this system is about, and of a fixed shape, so its way from bytes to bytes is here, and is short; a
question's as well, since its JSON is read as a command's is.
"""

from collections.abc import Awaitable, Callable, Iterable
from inspect import Parameter, signature
from string import Formatter
from typing import Any, get_type_hints

import msgspec
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from edge.bodies import Dated, Strict
from edge.reading_answered import ReadingAnswered, asks_whether_it_may_read
from edge.refusals import NotYetHappened

Problems = list[dict[str, Any]]

MAY_REPEAT = frozenset({"min_position"})


class QueryRoute(APIRoute):
    """`asked`: what the door reads from the address, beside what the endpoint does.

    `public`: whether it is for everybody, signed in or not.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        asked: Iterable[str],
        public: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(path, endpoint, **options)
        reads = "GET" in (self.methods or ())
        self.is_public_reading = public and reads
        if reads:
            self.app = ReadingAnswered(self.app, public=public)
        self._literal = path.partition("{")[0]
        declared = (self.dependant, *self.dependant.dependencies)
        self._known = {*asked, *(field.alias for one in declared for field in one.query_params)}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        # Routes are asked one after the other; most of them can tell without their pattern.
        if scope["type"] != "http" or self._literal not in scope["path"]:
            return Match.NONE, {}
        if self.is_public_reading and asks_whether_it_may_read(scope):
            scope = {**scope, "method": "GET"}
        return super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.is_public_reading and asks_whether_it_may_read(scope):
            await self.app(scope, receive, send)
        else:
            await super().handle(scope, receive, send)

    def check_asked(self, request: Request) -> None:
        """Raises RequestValidationError for what an address asks in vain, or twice.

        A page is another matter: a link that people pass on is given marks by whoever carries it.
        """
        if not request.scope["query_string"] or not self.include_in_schema:
            return
        given = request.query_params.multi_items()
        names = [name for name, _ in given]
        problems = [
            {
                "type": "extra_forbidden" if name not in self._known else "said_twice",
                "loc": ("query", name),
            }
            for name in dict.fromkeys(names)
            if name not in self._known or (names.count(name) > 1 and name not in MAY_REPEAT)
        ]
        if problems:
            raise RequestValidationError(problems)


class BodiedRoute(QueryRoute):
    """Takes a door, what its path names, and at most one JSON body. Raises TypeError otherwise."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        door: str,
        open_door: Callable[..., Awaitable[Any]],
        **options: Any,
    ) -> None:
        super().__init__(path, endpoint, **options)
        self._door, self._open_door = door, open_door
        named = {name for _, name, _, _ in Formatter().parse(path) if name}
        hints = get_type_hints(endpoint, include_extras=True)
        self._answer = TypeAdapter[Any](hints["return"])
        self._path = {name: TypeAdapter[Any](hints[name]) for name in sorted(named)}
        self._whole = [name for name, hint in hints.items() if hint is Request]
        bodies = [
            parameter
            for name, parameter in signature(endpoint).parameters.items()
            if name not in named | {door, *self._whole}
        ]
        if len(bodies) > 1:
            raise TypeError(f"{path}: there is one body, not {[body.name for body in bodies]}")
        self._takes = bodies[0].name if bodies else None
        self._body = _Body(bodies[0], hints) if bodies else _NO_BODY

    async def _given(self, request: Request) -> dict[str, Any]:
        """What the endpoint takes beside its door. Raises RequestValidationError."""
        given: dict[str, Any] = dict.fromkeys(self._whole, request)
        problems: Problems = []
        for name, shape in self._path.items():
            try:
                given[name] = shape.validate_python(request.scope["path_params"][name])
            except ValidationError as error:
                problems += _problems(error, "path", name)
        try:
            body = self._body.read(await request.body(), request)
            if self._takes is not None:
                given[self._takes] = body
        except ValidationError as error:
            problems += _problems(error, "body")
        except RequestValidationError as error:
            problems += error.errors()
        if problems:
            raise RequestValidationError(problems)
        return given


class QuestionRoute(BodiedRoute):
    """A query that is asked with a body."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.app = self._question

    async def _question(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, beside = Request(scope, receive), Response()
        del beside.headers["Content-Length"]
        door = await self._open_door(request, beside)
        answer = await self.endpoint(**await self._given(request), **{self._door: door})
        response = Response(self._answer.dump_json(answer), media_type="application/json")
        response.headers.raw.extend(beside.headers.raw)
        await response(scope, receive, send)


class CommandRoute(BodiedRoute):
    """`judges`: the query whose ETag it asks for; `begins`: only once the thing is there."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        judges: str | None = None,
        begins: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(path, endpoint, **options)
        self.judges, self._begins = judges, begins
        self.app = self._command

    async def _command(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        open_to = await self._open_door(request)
        given = await self._given(request)
        door = open_to(self._as_one_form(given))
        if self.judges is not None:
            door.rests_on(None if self._begins else self.judges)
        body = given.get(self._takes or "")
        if isinstance(body, Dated) and body.happened_at and body.happened_at > door.now:
            raise NotYetHappened
        answer = await self.endpoint(**given, **{self._door: door})
        response = Response(self._answer.dump_json(answer), media_type="application/json")
        await response(scope, receive, send)

    def _as_one_form(self, given: dict[str, Any]) -> bytes:
        """What is asked for as it was understood: the same, however its JSON was written."""
        body = given.get(self._takes or "")
        said = {
            "path": self.path.format(**{name: given[name] for name in self._path}),
            # A field that came later changes nothing for those who do not say it.
            "body": body and body.model_dump(mode="json", exclude_defaults=True),
        }
        return msgspec.json.encode(said, order="deterministic")


class _Body:
    def __init__(self, parameter: Parameter, hints: dict[str, Any]) -> None:
        shape = hints[parameter.name]
        if not (isinstance(shape, type) and issubclass(shape, Strict)):
            raise TypeError(f"{parameter.name}: a body is `Strict`, not {shape}")
        self.shape = shape
        self._reader = TypeAdapter[Any](shape)
        self._default = parameter.default

    def read(self, sent: bytes, request: Request) -> Any:
        """Raises ValidationError, RequestValidationError."""
        if b"\\u0000" in sent:
            # PostgreSQL's text takes no NUL: accepted here, it would stop a read model later.
            raise RequestValidationError([{"type": "not_storable", "loc": ("body",)}])
        if not sent:
            if self._default is Parameter.empty:
                raise RequestValidationError([{"type": "missing", "loc": ("body",)}])
            return self._default
        if not _is_json(request.headers.get("content-type", "")):
            # A page elsewhere may send a form unasked, but JSON only where it was let.
            raise RequestValidationError([{"type": "model_attributes_type", "loc": ("body",)}])
        return self._reader.validate_json(sent)


_NO_BODY = _Body(Parameter("_", Parameter.KEYWORD_ONLY, default=None), {"_": Strict})
"""Of a command that takes none: whoever says more must not believe that it was heard."""


def _problems(error: ValidationError, *where: str) -> Problems:
    return [
        {**one, "loc": (*where, *one["loc"])}
        for one in error.errors(include_url=False, include_input=False)
    ]


def _is_json(content_type: str) -> bool:
    kind, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))
