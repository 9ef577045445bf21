"""What no command takes and no query is asked: tried on every route of every service."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone
from functools import cache
from unicodedata import normalize
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from edge.bodies import FIRST_INSTANT, LAST_INSTANT, Dated, Instant
from edge.command_route import BodiedRoute, CommandRoute, QueryRoute, QuestionRoute
from edge.openapi_examples import example_of
from tests.support.house import HouseForTests
from tests.support.services import SERVICES

FIRST, LAST = (at.replace(tzinfo=None) for at in (FIRST_INSTANT, LAST_INSTANT))
CITY, EVERYBODY = UUID(int=1), UUID(int=2)
NOT_AN_INSTANT = (
    1_700_000_000,
    "1700000000",
    "2024-10-07",
    "2024-10-07T10:00:00",
    "2024-10-07 10:00:00Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "1999-12-31T23:59:59Z",
    "2200-01-01T00:00:01Z",
    "9999-12-31T23:59:59-12:00",
)
NOT_A_DAY = (19_000, "19000", "2024-10-07T00:00:00Z", "0001-01-01", "1899-12-31", "9999-12-31")
HIDDEN = "a\u202eb"
NOT_OF_THE_KIND: dict[str, tuple[object, ...]] = {
    "date-time": NOT_AN_INSTANT,
    "date": NOT_A_DAY,
    "uuid": (5, True, "one"),
    "integer": (True, "5", 5.5, 10**30, [5]),
    "boolean": (1, 0, "true", "yes"),
    "string": (5, True, ["a"], HIDDEN),
    "array": ({}, "a", 5),
    "object": ([], "a", 5),
}


@dataclass(frozen=True)
class Asked:
    service: str
    route: QueryRoute

    def __str__(self):
        return f"{self.service} {' '.join(self.route.methods)} {self.route.path}"


@cache
def house(service):
    one = HouseForTests(service, SERVICES[service])
    one.unit(CITY)
    for role in {role for entry in one.house.permissions.values() for role in entry.roles or ()}:
        one.grant(EVERYBODY, role, CITY)
    # What only PostgreSQL can answer fails in memory: that is no answer of the door's.
    one.be_lenient()
    return one


def routes(kind):
    return [
        Asked(service, route)
        for service in SERVICES
        for route in house(service).client.app.routes
        if type(route) is kind
    ]


COMMANDS = routes(CommandRoute)
QUESTIONS = routes(QuestionRoute)
QUERIES = routes(QueryRoute) + QUESTIONS


def address(route):
    """Each place of the path filled with what it may hold."""
    given = {
        "issue": "1",
        "version": "1",
        "level": "0",
        "position": "1",
        "tile": "000",
        "service": "registry",
    }
    path = route.path.replace(":path", "")
    while "{" in path:
        before, _, rest = path.partition("{")
        name, _, after = rest.partition("}")
        path = before + given.get(name, str(uuid4())) + after
    return path


def call(asked, query="", **options):
    method = next(iter(asked.route.methods))
    headers = {"Authorization": f"Bearer {EVERYBODY}"} | options.pop("headers", {})
    if type(asked.route) is CommandRoute:
        headers["Idempotency-Key"] = str(uuid4())
        if asked.route.judges is not None:
            headers["If-Match"] = '"1"'
    return house(asked.service).client.request(
        options.pop("method", method), address(asked.route) + query, headers=headers, **options
    )


def refused_fields(answer):
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "request-not-valid", answer.text
    return [problem["field"] for problem in answer.json()["problems"]]


# --- bodies ---


def body_of(asked):
    return asked.route._body.shape


def places(schema, whole, path=()):
    """Each place of a body that has a kind of its own, as a path with its schema."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        for one in schema["anyOf"]:
            if one.get("type") != "null" and len(schema["anyOf"]) == 2:
                yield from places(one, whole, path)
        return
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from places(inner, whole, (*path, name))
    if isinstance(inner := schema.get("items"), dict):
        yield from places(inner, whole, (*path, 0))


def put(body, path, value):
    """The body with a value at a place, whatever it holds elsewhere."""
    if not path:
        return value
    step, *rest = path
    if step == 0:
        return [put(body[0] if body else None, rest, value)]
    return (body or {}) | {step: put((body or {}).get(step), rest, value)}


def not_of_the_kind(asked):
    """Bodies that are wrong at many places at once, each with those places."""
    whole = body_of(asked).model_json_schema()
    found = [
        (path, schema.get("format", schema.get("type")), "properties" in schema)
        for path, schema in places(whole, whole)
    ]
    for path, kind, _ in found:
        if kind in {"array", "object"}:
            for wrong in NOT_OF_THE_KIND[kind]:
                yield put(None, path, wrong), {path: wrong}
    members = {(*path, "no-such-member"): 1 for path, _, is_model in found if is_model}
    for nth in range(max(map(len, NOT_OF_THE_KIND.values()))):
        wrongs = members | {
            path: NOT_OF_THE_KIND[kind][nth]
            for path, kind, _ in found
            if kind not in {"array", "object"} and nth < len(NOT_OF_THE_KIND.get(kind, ()))
        }
        body = None
        for path, wrong in wrongs.items():
            body = put(body, path, wrong)
        yield body, wrongs


@pytest.mark.parametrize("asked", COMMANDS + QUESTIONS, ids=str)
def test_a_body_is_taken_for_nothing_that_it_is_not(asked):
    tried = list(not_of_the_kind(asked))
    assert tried
    if asked in QUESTIONS:
        # What hides a letter is looked for in vain, and stays nowhere.
        tried = [(body, wrongs) for body, wrongs in tried if HIDDEN not in wrongs.values()]
    for body, wrongs in tried:
        told = refused_fields(call(asked, json=body))
        for path, wrong in wrongs.items():
            field = ".".join(map(str, ("body", *path)))
            assert any(one.startswith(field) for one in told), (path, wrong)


def test_that_is_tried_at_every_instant_and_day():
    tried = [
        path[-1]
        for asked in COMMANDS
        for _, wrongs in not_of_the_kind(asked)
        for path, wrong in wrongs.items()
        if wrong in ("1700000000", "19000")
    ]
    dated = [asked for asked in COMMANDS if issubclass(body_of(asked), Dated)]
    assert tried.count("happened_at") == len(dated) > 40
    assert len(tried) - len(dated) > 15


def written(at, offset, letter):
    text = at.astimezone(timezone(timedelta(minutes=offset))).isoformat()
    return text.replace("T", letter).replace("+00:00", "Z" if offset % 2 else "z")


INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
DATED = [asked for asked in COMMANDS if issubclass(body_of(asked), Dated)]


@given(st.sampled_from(DATED), INSTANTS, st.integers(-14 * 60, 14 * 60), st.sampled_from("Tt"))
@settings(deadline=None)
def test_no_answer_depends_on_how_an_instant_is_written(asked, at, offset, letter):
    """A route sees one value, in UTC: it could not answer otherwise if it wanted to."""
    read = [
        read_by(asked, {"happened_at": text})
        for text in (written(at, 0, "T"), written(at, offset, letter))
    ]
    assert read[0] == read[1]
    assert "happened_at" not in str(read) or "tzinfo=datetime.timezone.utc" in str(read)


def read_by(asked, body):
    try:
        return repr(body_of(asked).model_validate_json(json.dumps(body)))
    except ValidationError as error:
        return [problem["loc"] for problem in error.errors()]


@given(
    INSTANTS,
    st.integers(-23 * 60, 23 * 60),
)
def test_an_instant_is_in_utc_however_it_was_written(at, offset):
    read = TypeAdapter(Instant).validate_python(written(at, offset, "T"))
    assert (read, read.tzinfo) == (at, UTC)


# --- one command, however it is written ---

ANY_TEXT = "Trường tiểu học Ba Vì"
SAID = {"date": "2024-10-07", "email": "giver@example.org", "boolean": True}
OF_PATTERN = ("TM2024", "warm-clothes", "2024-2025", "12/QĐ-2024", "09694", "/needs")
LEFT_OUT = {
    "AllocationToPropose": {"run_id", "line_ids"},
    "LineToAcknowledge": {"signatory_name", "signatory_relation"},
    "LineToSubstitute": {"signatory_name", "signatory_relation"},
    "NeedToRecord": {"group_id", "unit_id"},
}
"""What may not be said beside other fields of the same body."""


def example(schema, whole, at, offset=None):
    """What a schema allows, with nearly all that may be left out; with an offset: spelt anew."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
        return example(schema, whole, at, offset)
    kind = schema.get("format", schema.get("type"))
    if kind == "object":
        members = schema.get("properties") or {"size": schema.get("additionalProperties")}
        if names := schema.get("propertyNames", {}).get("enum"):
            members = {names[0]: schema["additionalProperties"]}
        told = [name for name in members if name not in LEFT_OUT.get(schema.get("title"), ())]
        order = told if offset is None else reversed(told)
        return {name: example(members[name], whole, at, offset) for name in order}
    if kind == "array":
        return [example(schema["items"], whole, at, offset)] * schema.get("minItems", 1)
    if kind == "date-time":
        return written(at, 0, "T") if offset is None else written(at, offset, "t")
    if kind == "integer":
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    return text(schema, kind, spelt=offset is not None)


def text(schema, kind, *, spelt):
    if kind == "uuid":
        return str(UUID(int=0xABCDEF)).upper() if spelt else str(UUID(int=0xABCDEF))
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    if "pattern" in schema:
        return next(one for one in OF_PATTERN if re.search(schema["pattern"], one))
    return SAID.get(kind, f" {normalize('NFD', ANY_TEXT)} " if spelt else ANY_TEXT)


def one_form(asked, body, path_id):
    route = asked.route
    named = {name: "1" if name in {"issue", "version"} else str(path_id) for name in route._path}
    given = {name: shape.validate_python(named[name]) for name, shape in route._path.items()}
    if route._takes is not None:
        given[route._takes] = route._body._reader.validate_json(json.dumps(body))
    return route._as_one_form(given)


BODIED = [asked for asked in COMMANDS if asked.route._takes is not None]


@pytest.mark.parametrize("asked", BODIED, ids=str)
def test_a_command_is_the_same_however_it_is_written(asked):
    """A repeat by a client that writes otherwise is answered as a repeat."""
    schema = body_of(asked).model_json_schema()

    @given(
        INSTANTS.filter(lambda at: at < LAST_INSTANT), st.integers(-14 * 60, 14 * 60), st.uuids()
    )
    @settings(deadline=None, max_examples=10)
    def holds(at, offset, path_id):
        first = example(schema, schema, at)
        form = one_form(asked, first, path_id)
        assert one_form(asked, example(schema, schema, at, offset), str(path_id).upper()) == form
        later = example(schema, schema, at.replace(microsecond=at.microsecond ^ 1))
        assert (one_form(asked, later, path_id) == form) is (later == first)

    holds()


# --- addresses ---


@pytest.mark.parametrize("asked", COMMANDS + QUERIES, ids=str)
def test_an_address_asks_nothing_in_vain(asked):
    bodied = isinstance(asked.route, BodiedRoute)
    answer = call(asked, "?no-such-filter=1", **({"json": {}} if bodied else {}))
    if asked.route.include_in_schema:
        assert refused_fields(answer) == ["query.no-such-filter"]
    else:
        assert answer.status_code != 422


WRONG_IN_ADDRESS = {
    "integer": ("+1", "01", "1.0", "1_0", "%201", "true", "1e3"),
    "boolean": ("1", "yes", "on", "True"),
    "date": ("0001-01-01", "9999-12-31", "1700000000", "2024-10-07T00:00:00"),
    "uuid": ("1",),
}


def filters():
    for asked in QUERIES:
        described = house(asked.service).client.app.openapi()["paths"].get(asked.route.path, {})
        for parameter in described.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query":
                schemas = parameter["schema"].get("anyOf", [parameter["schema"]])
                yield asked, parameter["name"], schemas[0].get("format", schemas[0].get("type"))


@pytest.mark.parametrize(("asked", "name", "kind"), [*filters()], ids=str)
def test_a_filter_is_taken_for_nothing_that_it_is_not(asked, name, kind):
    for wrong in WRONG_IN_ADDRESS.get(kind, ()):
        assert call(asked, f"?{name}={wrong}").status_code == 422, wrong
    twice = call(asked, f"?{name}=1&{name}=1")
    assert name == "min_position" or twice.status_code == 422


def described(asked):
    item = house(asked.service).client.app.openapi()["paths"].get(asked.route.path, {})
    return item.get(next(iter(asked.route.methods)).lower())


def rightly_asked(asked):
    """Address and body with an example of whatever must be said."""
    operation = described(asked)
    must = [
        f"{each['name']}={example_of(each['schema'], {})}"
        for each in operation["parameters"]
        if each["in"] == "query" and each["required"]
    ]
    # A list's example is one member of it.
    query = "&".join(each.replace("['", "").replace("']", "") for each in must)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return query, {} if body is None else {"json": body["example"]}


@pytest.mark.parametrize("asked", [asked for asked in QUERIES if described(asked)], ids=str)
def test_who_waits_for_what_they_wrote_is_not_answered_before(asked):
    """`min_position` is honoured by every query that declares it, and asked of no other."""
    query, said = rightly_asked(asked)
    far = f"?min_position={asked.service}:999999&{query}"
    declared = "min_position" in [each["name"] for each in described(asked)["parameters"]]
    answer = call(asked, far, **said)
    if declared:
        # Another's inbox is refused before it is looked into.
        assert answer.json()["code"] in {"not-yet-visible", "not-yours"}, answer.text
    else:
        assert refused_fields(answer) == ["query.min_position"]


@pytest.mark.parametrize(
    "asked", [asked for asked in QUERIES if "GET" in asked.route.methods], ids=str
)
def test_head_is_answered_where_get_is_without_the_content(asked):
    get, head = call(asked), call(asked, method="HEAD")
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
