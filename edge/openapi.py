"""What OpenAPI says of a route: its headers, and each refusal with its status, code and words."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal

from fastapi import FastAPI

from contracts.languages import Words
from contracts.vocabulary import table_of
from edge import refusals, words
from edge.listing import CURSOR_CHARACTERS_MAX, LIMIT_DEFAULT, LIMIT_MAX
from edge.openapi_examples import give_examples
from edge.openings import NOBODYS, Opens
from edge.permission import May
from edge.problems import FAILURES, MEDIA_TYPE, status_of
from edge.roles_heard import RolesNotHeard
from eventing.decider import Rejection
from eventing.event_store import Busy, KeyUsedDifferently, OutcomeUnknown
from eventing.execute import ChangedSince
from eventing.record import UnknownType
from eventing.rows import NotYetVisible
from eventing.sealing import KeyDestroyed

Kind = Literal["command", "query", "list"]

_COMMAND_FAILURES: tuple[type[Exception], ...] = (
    KeyUsedDifferently,
    KeyDestroyed,
    Busy,
    OutcomeUnknown,
    UnknownType,
)
_OPENING_FAILURES: tuple[type[Exception], ...] = (KeyUsedDifferently, Busy, OutcomeUnknown)
"""What is opened is recorded first."""

PROBLEM = {
    "title": "Problem",
    "description": "Problem details (RFC 9457). `code` is stable; `detail` is for people.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "fields"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "format": "int64"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri", "description": "The correlation id."},
        "code": {"type": "string"},
        "fields": {"type": "object", "description": "The values that `detail` speaks of."},
        "problems": {
            "type": "array",
            "description": "With `request-not-valid`: what is wrong where.",
            "items": {
                "type": "object",
                "required": ["field", "problem"],
                "properties": {"field": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
    },
}

_Parameter = tuple[str, str, bool, dict[str, Any], str]

ETAG_OF_A_VERSION = '^"(0|[1-9][0-9]{0,17})([.][A-Za-z0-9_-]{1,40})?"$'
"""A stream's version, and then which answer showed it; the version alone will do."""
_UUID = {"type": "string", "format": "uuid"}
_EVERY: list[_Parameter] = [
    ("header", "Accept-Language", False, {"type": "string"}, "`vi` (else assumed) or `en`."),
    (
        "header",
        "Correlation-Id",
        False,
        {"type": "string"},
        "A UUID, kept in the records; made up when missing or malformed.",
    ),
    ("header", "traceparent", False, {"type": "string"}, "W3C Trace Context; kept likewise."),
]
_COMMAND: list[_Parameter] = [
    (
        "header",
        "Idempotency-Key",
        True,
        _UUID,
        "One per command; the same when it is repeated. Version 7 is kindest to a long log.",
    ),
]
_QUERY: list[_Parameter] = [
    (
        "query",
        "min_position",
        False,
        {
            "type": "array",
            "maxItems": 8,
            "items": {"type": "string", "pattern": "^[a-z]{1,40}:[0-9]{1,18}$"},
        },
        "Wait until the answer holds at least this, as `registry:812`.",
    ),
]
_LIST: list[_Parameter] = [
    (
        "query",
        "limit",
        False,
        {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
        "How many at most.",
    ),
    (
        "query",
        "cursor",
        False,
        {"type": "string", "maxLength": CURSOR_CHARACTERS_MAX},
        "`next` of the page before.",
    ),
    (
        "query",
        "count",
        False,
        {"type": "boolean", "default": False},
        "Whether to count what is on all pages.",
    ),
]
_PARAMETERS: dict[Kind, list[_Parameter]] = {
    "command": _COMMAND,
    "query": _QUERY,
    "list": _QUERY + _LIST,
}


def asked_of(kind: Kind, *, waits: bool = True) -> list[str]:
    """The parameters of an address that the door of this kind reads."""
    return [name for where, name, *_ in _parameters_of(kind, waits=waits) if where == "query"]


def _parameters_of(kind: Kind, *, waits: bool) -> list[_Parameter]:
    return [one for one in _PARAMETERS[kind] if waits or one not in _QUERY]


def operation(
    kind: Kind,
    may: May,
    judges: str | None = None,
    *,
    begins: bool = False,
    waits: bool = True,
) -> dict[str, Any]:
    """What a route's operation has beside what FastAPI finds by itself."""
    of_kind = _parameters_of(kind, waits=waits) + (
        _if_match(judges, begins=begins) if kind == "command" else []
    )
    parameters = [
        {"in": where, "name": name, "required": required, "schema": schema, "description": said}
        for where, name, required, schema, said in of_kind + _EVERY
    ]
    security: list[dict[str, list[str]]] = [{"token": []}]
    if may.roles is None:
        security.append({})
    return {"parameters": parameters, "security": security}


def _if_match(judges: str | None, *, begins: bool) -> list[_Parameter]:
    """A command that judges a reading says which one it rests on."""
    if judges is None:
        said = "The ETag of what the caller saw, where they wish to be told of a change."
    elif begins:
        said = f"The ETag of `GET {judges}`; without it the caller says that nothing is there yet."
    else:
        said = f"The ETag of `GET {judges}`: what the caller saw and judges."
    schema = {"type": "string", "pattern": ETAG_OF_A_VERSION}
    return [("header", "If-Match", judges is not None and not begins, schema, said)]


def responses(
    kind: Kind,
    refuses: Iterable[type[Rejection]],
    *,
    opens: Opens | None = None,
    waits: bool = True,
) -> dict[int | str, dict[str, Any]]:
    """Each status that the route may answer, with its codes as examples.

    Raises TypeError for a rejection without words.
    """
    found: dict[int, dict[str, Words]] = defaultdict(dict)
    for rejection in refuses:
        found[status_of(rejection)][rejection.code] = words.words_of(rejection)
    # Even a command may come before the first build of who may where.
    kinds: list[type[Exception]] = [
        *((NotYetVisible,) if waits or kind == "command" else ()),
        RolesNotHeard,
        *(_COMMAND_FAILURES if kind == "command" else ()),
        *(_OPENING_FAILURES if opens not in (None, NOBODYS) else ()),
    ]
    failures = [
        *(FAILURES[failure] for failure in kinds),
        (422, "request-not-valid"),
        (413, "body-too-large"),
        (503, "unavailable"),
        (504, "took-too-long"),
        (500, "unexpected"),
    ]
    for status, code in failures:
        found[status][code] = words.OTHERS[code]
    return {
        status: {
            "description": words.TITLES[status].en,
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {
                        code: _example(status, code, told) for code, told in sorted(codes.items())
                    },
                }
            },
        }
        for status, codes in sorted(found.items())
    }


def door_refuses(
    kind: Kind, may: May, path: str, *, judges: bool = False, waits: bool = True
) -> list[type[Rejection]]:
    """What the door itself may say no to, whatever the route does."""
    # A token that is not valid is refused even where none is needed.
    refuses: list[type[Rejection]] = [refusals.NotSignedIn]
    if may.roles is not None and not may.newcomers:
        refuses.append(refusals.AccountNotLinked)
    if may.roles:
        refuses.append(refusals.NotAllowed)
    if not may.anywhere:
        refuses.append(refusals.OutsideYourUnit)
    if judges:
        refuses.append(refusals.ReadingNotSaid)
    if "{" in path:
        refuses.append(refusals.NotFound)
    match kind:
        case "command":
            refuses += [
                refusals.KeyMissing,
                refusals.KeyNotValid,
                refusals.IfMatchNotValid,
                refusals.NotYetHappened,
                ChangedSince,
            ]
        case "list":
            refuses += [refusals.LimitNotValid, refusals.CursorNotValid]
        case "query":
            pass
    if kind != "command" and waits:
        refuses.append(refusals.MinPositionNotValid)
    return refuses


def _example(status: int, code: str, said: Words) -> dict[str, Any]:
    value = {
        "type": f"urn:vongtay:problem:{code}",
        "title": words.TITLES[status].vi,
        "status": status,
        "detail": said.vi,
        "instance": "urn:uuid:00000000-0000-4000-8000-000000000000",
        "code": code,
        "fields": {},
    }
    return {"summary": said.en, "value": value}


def describe(app: FastAPI) -> None:
    """Add to the app's OpenAPI what every route refers to, and what each reading carries."""
    as_found = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        schema = as_found()
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = PROBLEM
        components["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        components["headers"] = HEADERS
        schema["servers"] = [{"url": "/", "description": "Where this document was got."}]
        _say_words(schema)
        _say_width(schema)
        give_examples(schema)
        for path in schema["paths"].values():
            if "get" in path:
                _say_how_it_is_kept(path["get"], components["schemas"])
                path["head"] = _without_content(path["get"])
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


HEADERS = {
    "ETag": {
        "description": (
            "Names this answer. Where it shows a stream's version it begins with that, and is what "
            "`If-Match` asks for; otherwise it is weak."
        ),
        "schema": {"type": "string", "pattern": r'^(W/)?"[A-Za-z0-9._-]{1,60}"$'},
    }
}
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "ETags of answers that are kept: 304, without content, if it is still one.",
}


def _say_how_it_is_kept(get: dict[str, Any], schemas: dict[str, Any]) -> None:
    """What is for everybody has an ETag, and what shows a version."""
    answer = get["responses"]["200"]
    content = answer.get("content", {}).get("application/json", {}).get("schema", {})
    shown = schemas.get(content.get("$ref", "").rpartition("/")[2], {})
    if {} not in get["security"] and "version" not in shown.get("properties", {}):
        return
    etag = {"ETag": {"$ref": "#/components/headers/ETag"}}
    answer["headers"] = answer.get("headers", {}) | etag
    get["responses"]["304"] = {"description": "Not Modified", "headers": etag}
    get["parameters"].append(_IF_NONE_MATCH)


def _without_content(get: dict[str, Any]) -> dict[str, Any]:
    """Of an address that GET reads: the same status and headers (RFC 9110, section 9.3.2)."""
    head: dict[str, Any] = {name: get[name] for name in ("parameters", "security")}
    head |= {"tags": get["tags"]} if "tags" in get else {}
    head["summary"] = f"{get.get('summary', '')} (headers alone)".strip()
    head["operationId"] = get["operationId"].replace("get-", "head-", 1)
    head["responses"] = {
        status: {name: said for name, said in answer.items() if name != "content"}
        for status, answer in get["responses"].items()
    }
    return head


def _say_words(schema: Any) -> None:
    """Beside the codes that a field may have: what each is called in both languages."""
    if isinstance(schema, list):
        for each in schema:
            _say_words(each)
    if not isinstance(schema, dict):
        return
    for each in schema.values():
        _say_words(each)
    codes = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
    table = table_of(codes) if isinstance(codes, list) else None
    if table is not None:
        schema["x-words"] = {code: {"vi": said.vi, "en": said.en} for code, said in table.items()}


def _say_width(schema: Any) -> None:
    """Of each whole number that it needs 64 bits: 2,147,483,648 đồng are no rare sum.

    Without that a client made from this document counts in 32.
    """
    if isinstance(schema, list):
        for each in schema:
            _say_width(each)
    if isinstance(schema, dict):
        for each in schema.values():
            _say_width(each)
        if schema.get("type") == "integer":
            schema.setdefault("format", "int64")
