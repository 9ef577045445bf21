"""One example for each body and each answer in OpenAPI, made of what their schemas allow."""

import re
from typing import Any

JSON = "application/json"
DEPTH_MAX = 12
A_UUID = "0192f3a4-5b6c-7d8e-9f00-112233445566"
BY_FORMAT = {
    "uuid": A_UUID,
    "date": "2024-10-07",
    "date-time": "2024-10-07T02:30:00Z",
    "uri": "https://vongtay.example/",
    "email": "lien-he@vongtay.example",
    "binary": "",
}
OF_A_PATTERN = (
    "warm-clothes",
    "12/QĐ-UBND-2024",
    "TM2024",
    "2024-2025",
    "09703",
    "registry:812",
    "/needs",
)
"""Codes of the pack, numbers of papers, a school year, a unit's code, a position, an address."""
A_TEXT = "Trường Tiểu học Ba Vì"


def give_examples(document: dict[str, Any]) -> None:
    """Raises ValueError for a schema of which no example is known."""
    schemas = document.get("components", {}).get("schemas", {})
    for path in document["paths"].values():
        for operation in path.values():
            answers = [
                answer for status, answer in operation["responses"].items() if status[0] == "2"
            ]
            for said in (operation.get("requestBody", {}), *answers):
                content = said.get("content", {}).get(JSON)
                if content is not None and content.get("schema"):
                    content.setdefault("example", example_of(content["schema"], schemas))


def example_of(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Any:
    """What the schema allows, with all its members. Raises ValueError."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if depth > DEPTH_MAX:
        return None
    said = schema.get("examples") or schema.get("enum") or [schema.get("const")]
    if said[0] is not None:
        return said[0]
    either = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if either:
        chosen = next(one for one in either if one.get("type") != "null")
        return example_of(chosen, schemas, depth + 1)
    if schema.get("type") == "object":
        return _members(schema, schemas, depth)
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), schemas, depth + 1)]
    return _value(schema)


def _members(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> dict[str, Any]:
    members = schema.get("properties", {})
    if members:
        return {name: example_of(one, schemas, depth + 1) for name, one in members.items()}
    of_each = schema.get("additionalProperties")
    if not isinstance(of_each, dict):
        return {}
    names = schema.get("propertyNames", {})
    if "$ref" in names:
        names = schemas[names["$ref"].rpartition("/")[2]]
    return {(names.get("enum") or ["size"])[0]: example_of(of_each, schemas, depth + 1)}


def _value(schema: dict[str, Any]) -> Any:
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    match schema.get("type"):
        case "integer":
            return int(least)
        case "number":
            return least
        case "boolean":
            return False
        case "string":
            return _text(schema)
    return None


def _text(schema: dict[str, Any]) -> str:
    if "pattern" in schema:
        fits = re.compile(schema["pattern"])
        found = next((one for one in OF_A_PATTERN if fits.search(one)), None)
        if found is None:
            raise ValueError(f"no example of {schema['pattern']}")
        return found
    text = BY_FORMAT.get(schema.get("format", ""), A_TEXT)
    return text[: schema.get("maxLength")]
