"""What a command asks for, as the OpenAPI of its service says: the kind and bounds of each field.

A field is named by its path: `needed_by`, `earmark.category`, `lines.*.quantity` for those of rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from contracts.languages import Words

Kind = Literal["text", "long-text", "number", "flag", "choice", "day", "instant", "many", "rows"]

LONG_TEXT_FROM = 1_000
"""Characters that a text may have, from which on it is asked for in several lines."""
DEPTH_MAX = 6

Schema = Mapping[str, Any]


class NotInContract(Exception):
    """The service's contract has no such command, or no such field."""


@dataclass(frozen=True, slots=True)
class Shape:
    """`required`: the command is refused without it. `words` are those of the choices."""

    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    words: Mapping[str, Words] = field(default_factory=dict)
    longest: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class CommandSchema:
    """`takes_body` is False for a command that has nothing but its address.

    `judges`: who gives it says which reading of the thing it rests on. `begins`: it may be the
    first of what it is for.
    """

    shapes: Mapping[str, Shape]
    takes_body: bool
    judges: bool
    begins: bool = False

    def shape(self, field: str) -> Shape:
        """Raises NotInContract."""
        found = self.shapes.get(field) or self._of_a_map(field)
        if found is None:
            raise NotInContract(field)
        return found

    def required(self) -> frozenset[str]:
        """Fields without which there is no command; those of rows not, as a row may be left out."""
        return frozenset(
            name for name, shape in self.shapes.items() if shape.required and "*" not in name
        )

    def _of_a_map(self, field: str) -> Shape | None:
        """A field of an object that takes any name, as a need's specification."""
        return self.shapes.get(f"{field.rpartition('.')[0]}.?")


def command_schema(contract: Schema, method: str, path: str) -> CommandSchema:
    """Raises NotInContract."""
    operation = contract["paths"].get(path, {}).get(method.lower())
    if operation is None:
        raise NotInContract(f"{method} {path}")
    judges = any(
        each["name"] == "If-Match" and each.get("required") for each in operation["parameters"]
    )
    begins = method.upper() == "PUT"
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "schema" not in body:
        return CommandSchema({}, takes_body=False, judges=judges, begins=begins)
    named = contract.get("components", {}).get("schemas", {})
    shapes = dict(_fields(body["schema"], named, "", DEPTH_MAX))
    return CommandSchema(shapes, takes_body=True, judges=judges, begins=begins)


def _fields(
    schema: Schema, named: Schema, within: str, depth: int, *, required: bool = True
) -> Iterator[tuple[str, Shape]]:
    found, _ = _resolved(schema, named)
    if depth == 0:
        return
    needed = frozenset(found.get("required", ())) if required else frozenset()
    for name, one in found.get("properties", {}).items():
        yield from _field(one, named, f"{within}{name}", depth, required=name in needed)
    others = found.get("additionalProperties")
    if isinstance(others, Mapping):
        yield f"{within}?", Shape("text")


def _field(
    schema: Schema, named: Schema, name: str, depth: int, *, required: bool
) -> Iterator[tuple[str, Shape]]:
    found, may_be_none = _resolved(schema, named)
    required = required and not may_be_none
    if found.get("type") == "object":
        yield from _fields(found, named, f"{name}.", depth - 1, required=required)
    elif found.get("type") == "array":
        item, _ = _resolved(found.get("items", {}), named)
        if item.get("type") == "object":
            yield name, Shape("rows", required, most=found.get("maxItems"))
            yield from _fields(item, named, f"{name}.*.", depth - 1)
        else:
            one = _shape(item)
            yield name, replace(one, kind="many", required=required, most=found.get("maxItems"))
    else:
        yield name, replace(_shape(found), required=required)


def _resolved(schema: Schema, named: Schema) -> tuple[Schema, bool]:
    """The schema itself, and whether null may stand for it."""
    may_be_none = False
    for _ in range(DEPTH_MAX):
        if "$ref" in schema:
            schema = named[str(schema["$ref"]).rpartition("/")[2]]
        elif "anyOf" in schema or "oneOf" in schema:
            any_of = schema.get("anyOf") or schema["oneOf"]
            others = [one for one in any_of if one.get("type") != "null"]
            may_be_none = may_be_none or len(others) < len(any_of)
            if not others:
                break
            schema = others[0]
        else:
            break
    return schema, may_be_none


def _shape(schema: Schema) -> Shape:
    if choices := schema.get("enum") or [schema[one] for one in ("const",) if one in schema]:
        words = {code: Words(**said) for code, said in schema.get("x-words", {}).items()}
        return Shape("choice", choices=tuple(str(one) for one in choices), words=words)
    longest = schema.get("maxLength")
    kind: Kind = "long-text" if (longest or 0) >= LONG_TEXT_FROM else "text"
    match schema.get("type"), schema.get("format"):
        case "integer", _:
            return Shape("number", least=_whole(schema, "minimum"), most=_whole(schema, "maximum"))
        case "boolean", _:
            kind = "flag"
        case _, "date":
            kind = "day"
        case _, "date-time":
            kind = "instant"
    return Shape(kind, longest=longest)


def _whole(schema: Schema, name: str) -> int | None:
    return None if schema.get(name) is None else int(schema[name])
