"""Each code that an event or an answer may carry has its words in both languages, said once."""

import ast
import re
import typing
from collections import defaultdict
from dataclasses import is_dataclass
from pathlib import Path

import pytest

from contracts import vocabulary
from contracts.event import declarations
from contracts.vocabulary import PARTS, VOCABULARY, table_of
from tests.support.house import HouseForTests
from tests.support.services import SERVICES

ROOT = Path(__file__).parents[2]
OURS = ("contracts", "edge", "eventing", "notary", "programmes", "services", "console", "audit")
FREE = {"reason", "refusal", "service"}
"""A reason is a code in one place, and somebody's own words, sealed, in another; which services
there are is said by the settings."""


def literals(kind, seen):
    """The values of each Literal that a type may hold, by the field that has it."""
    for name, hint in typing.get_type_hints(kind).items():
        waiting = [hint]
        while waiting:
            one = waiting.pop()
            if typing.get_origin(one) is typing.Literal:
                yield f"{kind.__name__}.{name}", frozenset(typing.get_args(one))
            waiting += typing.get_args(one)
            if is_dataclass(one) and one not in seen:
                seen.add(one)
                yield from literals(one, seen)


def in_events():
    return [each for event in declarations for each in literals(event, set())]


def schemas(of, path):
    """Each schema in an OpenAPI document, with the way to it."""
    if isinstance(of, dict):
        yield path, of
        for name, inner in of.items():
            yield from schemas(inner, (*path, name))
    elif isinstance(of, list):
        for inner in of:
            name = inner.get("name") if isinstance(inner, dict) else None
            yield from schemas(inner, (*path, name) if name else path)


def in_answers(service):
    return schemas(HouseForTests(service, SERVICES[service]).client.app.openapi(), (service,))


def field_of(path):
    """The name of the field that a schema is for."""
    structure = {"anyOf", "items", "schema", "additionalProperties"}
    return next(name for name in reversed(path) if name not in structure)


def codes_of(schema):
    if isinstance(codes := schema.get("enum"), list):
        return frozenset(codes)
    return frozenset({schema["const"]}) if isinstance(schema.get("const"), str) else None


def test_what_an_event_may_carry_has_words():
    found = in_events()
    assert len(found) > 20
    assert [where for where, codes in found if table_of(codes) is None] == []


@pytest.mark.parametrize("service", SERVICES)
def test_what_an_answer_may_carry_has_words(service):
    found = [(path, schema) for path, schema in in_answers(service) if codes_of(schema)]
    assert found
    assert ["/".join(path) for path, schema in found if not schema.get("x-words")] == []


def test_a_field_that_is_a_code_somewhere_is_a_code_everywhere():
    """As `status: str` would hide what it may say."""
    coded = {where.rpartition(".")[2] for where, _ in in_events()}
    said = defaultdict(list)
    for service in SERVICES:
        for path, schema in in_answers(service):
            if codes_of(schema):
                coded.add(field_of(path))
            elif schema.get("type") == "string" and "properties" in path:
                said[field_of(path)].append("/".join(path))
    assert {"status", "kind", "signed_as"} <= coded
    assert {name: said[name] for name in (coded - FREE) & said.keys()} == {}


def test_no_table_is_for_nothing():
    used = {id(table_of(codes) and whole(codes)) for _, codes in in_events()}
    for service in SERVICES:
        used |= {
            id(whole(codes)) for _, schema in in_answers(service) if (codes := codes_of(schema))
        }
    assert [name for name, table in VOCABULARY.items() if id(table) not in used] == []


def whole(codes):
    wanted = frozenset(codes)
    if wanted in PARTS:
        return VOCABULARY[PARTS[wanted]]
    return next(table for table in VOCABULARY.values() if table.keys() == wanted)


def test_a_table_is_found_by_what_is_in_it():
    keys = [frozenset(table) for table in VOCABULARY.values()]
    assert len(set(keys)) == len(keys)
    assert not PARTS.keys() & set(keys)
    assert all(part < VOCABULARY[name].keys() for part, name in PARTS.items())


def test_words_are_there_and_are_not_the_code():
    tables = [*VOCABULARY.values(), {one.name: one.called for one in declarations.values()}]
    for table in tables:
        for code, words in table.items():
            assert words.vi.strip(), code
            assert words.en.strip(), code
            assert words.vi != words.en, code


def test_pages_ask_for_words_that_there_are():
    templates = [*(ROOT / "services").rglob("templates/*.html")]
    asked = {
        kind for file in templates for kind in re.findall(r"say\(['\"]([a-z-]+)", file.read_text())
    }
    assert {"event", "category", "service"} <= asked
    assert asked - VOCABULARY.keys() == {"event", "category", "measure", "role"}


# --- said once ---


def modules():
    for folder in OURS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield file.relative_to(ROOT), ast.parse(file.read_text())


def test_what_a_field_may_be_is_said_once():
    """A Literal of the same values in a second place is a second truth."""
    found = defaultdict(list)
    for file, tree in modules():
        for node in ast.walk(tree):
            match node:
                case ast.Subscript(value=ast.Name("Literal"), slice=ast.Tuple(elts=values)):
                    found[frozenset(ast.unparse(value) for value in values)].append(str(file))
    assert len(found) > 20
    assert {tuple(codes): files for codes, files in found.items() if len(files) > 1} == {}


def test_words_are_said_once():
    """Whoever says the words of a table beside it would say others after a while."""
    codes = [frozenset(table) for table in VOCABULARY.values() if len(table) > 1]
    home = Path(vocabulary.__file__).relative_to(ROOT)
    found = []
    for file, tree in modules():
        for node in ast.walk(tree):
            if file == home or not isinstance(node, ast.Dict):
                continue
            keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
            worded = all(isinstance(value, ast.Call | ast.Tuple) for value in node.values)
            if worded and keys in codes:
                found.append(f"{file}:{node.lineno}")
    assert found == []
