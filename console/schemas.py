"""JSON Schemas of events, from their declarations; the types that an event may have are here.

`x-openness` says of each field whether it is open, pseudonymous or sealed.
"""

import types
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from contracts.event import Declaration
from contracts.field_types import FieldType
from contracts.ids import openness_of_id
from contracts.sealed import Sealed

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = {"type": "string", "format": "uuid"}
INSTANT = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}
INTEGER = {"type": "integer", "format": "int64"}


class UnsaidField(Exception):
    """A field whose type or openness no schema can say."""


def schema_of(declaration: Declaration, refs: str = "#/$defs/") -> tuple[Schema, dict[str, Schema]]:
    """The schema of an event's data, and those of its parts by name. Raises UnsaidField."""
    parts: dict[str, Schema] = {}
    return _object(declaration.cls, declaration.name, parts, refs), parts


def document_of(declaration: Declaration) -> Schema:
    """The same as one document. Raises UnsaidField."""
    schema, parts = schema_of(declaration)
    return {
        "$schema": DIALECT,
        "$id": f"urn:vongtay:event:{declaration.name}:{declaration.version}",
        **schema,
        **({"$defs": dict(sorted(parts.items()))} if parts else {}),
    }


def _object(cls: type, place: str, parts: dict[str, Schema], refs: str) -> Schema:
    hints = get_type_hints(cls, include_extras=True)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for field in fields(cls):
        where = f"{place}.{field.name}"
        properties[field.name] = _of(hints[field.name], field.name, where, parts, refs)
        if field.default is MISSING and field.default_factory is MISSING:
            required.append(field.name)
        elif field.default is not MISSING:
            properties[field.name]["default"] = field.default
    return {
        "title": cls.__name__,
        "description": " ".join((cls.__doc__ or "").split()),
        "type": "object",
        "properties": properties,
        "required": required,
    }


def _of(annotation: Any, name: str, where: str, parts: dict[str, Schema], refs: str) -> Schema:
    meant: FieldType | None = None
    if get_origin(annotation) is Annotated:
        annotation, *said = get_args(annotation)
        meant = next((each for each in said if isinstance(each, FieldType)), None)
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        arms = [arm for arm in get_args(annotation) if arm is not type(None)]
        if len(arms) != 1:
            raise UnsaidField(f"{where}: it is of one type, or null")
        arm = _of(arms[0], name, where, parts, refs)
        openness = {"x-openness": arm.pop("x-openness")} if "x-openness" in arm else {}
        return {"anyOf": [arm, {"type": "null"}], **openness}
    if origin is tuple:
        item = _of(get_args(annotation)[0], name, where, parts, refs)
        openness = {"x-openness": item.pop("x-openness")} if "x-openness" in item else {}
        return {"type": "array", "items": item, **openness}
    if is_dataclass(annotation) and isinstance(annotation, type):
        title = annotation.__name__
        if annotation is Sealed:
            parts[title] = _sealed(annotation)
            return {"$ref": refs + title, "x-openness": "sealed"}
        parts[title] = _object(annotation, where, parts, refs)
        return {"$ref": refs + title}
    return _plain(annotation, meant, name, where)


def _sealed(cls: type) -> Schema:
    return {
        "title": cls.__name__,
        "description": " ".join((cls.__doc__ or "").split()),
        "type": "object",
        "properties": {
            "key_id": {**ID},
            "ciphertext": {"type": "string", "contentEncoding": "base64"},
        },
        "required": ["key_id", "ciphertext"],
    }


def _plain(annotation: Any, meant: FieldType | None, name: str, where: str) -> Schema:
    if annotation is UUID:
        try:
            return {**ID, "x-openness": meant.openness if meant else openness_of_id(name)}
        except ValueError as error:
            raise UnsaidField(f"{where}: {error}") from None
    if get_origin(annotation) is Literal:
        return {"enum": sorted(get_args(annotation)), "x-openness": "open"}
    if get_origin(annotation) is dict:
        # A category's specification: its schema is the programme's, not ours.
        value = {"anyOf": [{"type": "string"}, {**INTEGER}]}
        return {"type": "object", "additionalProperties": value, "x-openness": "open"}
    if annotation is str and meant is None:
        raise UnsaidField(f"{where}: text has a named type, of contracts/field_types.py")
    known: dict[Any, Schema] = {
        str: {"type": "string"},
        int: {**INTEGER},
        bool: {"type": "boolean"},
        date: {**DAY},
        datetime: {**INSTANT},
    }
    if annotation not in known:
        raise UnsaidField(f"{where}: an event has no fields of type {annotation}")
    return {**known[annotation], **dict(_meant(meant))}


def _meant(meant: FieldType | None) -> Iterator[tuple[str, Any]]:
    if meant is None:
        yield "x-openness", "open"
        return
    if meant.description:
        yield "description", meant.description
    if meant.pattern is not None:
        yield "pattern", meant.pattern
    if meant.max_length is not None:
        yield "maxLength", meant.max_length
    if meant.minimum is not None:
        yield "minimum", meant.minimum
    if meant.maximum is not None:
        yield "maximum", meant.maximum
    if meant.examples:
        yield "examples", list(meant.examples)
    yield "x-openness", meant.openness
