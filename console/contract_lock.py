"""What schemas mean, line by line: the lock that no published schema may leave, and the changelog.

`contracts/fields.lock` holds a line for each field of each event version ever published. Words
(titles, descriptions, examples) are no part of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
Fields = dict[str, str]
"""From a field's path to its meaning, of one event version."""

WORDS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "x-openness"})
BOUNDS = {
    "pattern": "matching {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} long",
    "maxLength": "at most {} long",
    "contentEncoding": "in {}",
    "default": "by default {!r}",
}


def meaning(document: Schema) -> Fields:
    """Each field of a schema with what it may be. Raises ValueError at a keyword not known here.

    Not one keyword is passed over, or a change of it would pass too.
    """
    found: Fields = {}
    _object(document, document.get("$defs", {}), "", found)
    return found


def _object(schema: Schema, parts: Mapping[str, Schema], path: str, found: Fields) -> None:
    _only(schema, {"type", "properties", "required"}, path)
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        below = f"{path}{name}"
        text = _text(field, parts, below, found)
        openness = f", {field['x-openness']}" if "x-openness" in field else ""
        found[below] = f"{text}{openness}{'' if name in required else ', may be left out'}"


def _text(  # noqa: PLR0911  (one line for each form of schema)
    schema: Schema, parts: Mapping[str, Schema], path: str, found: Fields
) -> str:
    bounds = "".join(
        f", {words.format(schema[keyword])}"
        for keyword, words in BOUNDS.items()
        if keyword in schema
    )
    if "$ref" in schema:
        _only(schema, {"$ref", "default"}, path)
        name = schema["$ref"].rpartition("/")[2]
        if name == "Sealed":
            # Said each time: no line of its own would show that all of them changed.
            inner: Fields = {}
            _object(parts[name], parts, "", inner)
            return f"Sealed ({'; '.join(f'{key}: {text}' for key, text in inner.items())}){bounds}"
        _object(parts[name], parts, f"{path}.", found)
        return f"object{bounds}"
    if "anyOf" in schema:
        _only(schema, {"anyOf", "default"}, path)
        return " or ".join(_text(arm, parts, path, found) for arm in schema["anyOf"]) + bounds
    if "enum" in schema:
        _only(schema, {"enum", "default"}, path)
        return "one of " + ", ".join(map(str, schema["enum"])) + bounds
    kind = schema.get("type")
    if kind == "array":
        _only(schema, {"type", "items", "default"}, path)
        return f"list of {_text(schema['items'], parts, f'{path}[]', found)}{bounds}"
    if kind == "object":
        _only(schema, {"type", "additionalProperties"}, path)
        return f"map to {_text(schema['additionalProperties'], parts, f'{path}{{}}', found)}"
    _only(schema, {"type", "format", *BOUNDS}, path)
    if not isinstance(kind, str):
        raise ValueError(f"{path}: a schema of no type is not known here")  # noqa: TRY004
    return str(schema.get("format", "text" if kind == "string" else kind)) + bounds


def _only(schema: Schema, keywords: Iterable[str], path: str) -> None:
    if unknown := schema.keys() - WORDS - set(keywords):
        raise ValueError(f"{path or 'schema'}: {sorted(unknown)} is not known to the lock")


# --- the lock ---

Lock = dict[str, Fields]
"""From an event version, as `need-met.v1`, to its fields."""


def read_lock(path: Path) -> Lock:
    lock: Lock = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, field, text = line.split(" ", 2)
            lock.setdefault(name, {})[field] = text
    return lock


def lock_text(lock: Lock) -> str:
    return "".join(
        f"{name} {field} {text}\n" for name in sorted(lock) for field, text in lock[name].items()
    )


@dataclass(frozen=True, slots=True)
class Change:
    """Of one field, or of a whole event version (`field` is empty). None: it is not there."""

    version: str
    field: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if not self.field:
            return "is new" if self.before is None else "is gone"
        if self.before is None:
            return f"`{self.field}` is new: {self.after}"
        if self.after is None:
            return f"`{self.field}` is gone: {self.before}"
        return f"`{self.field}`: {self.after} (was: {self.before})"


def changes(before: Lock, after: Lock) -> Iterator[Change]:
    """What is otherwise in a later lock, in the order of the events' names."""
    for version in sorted(before.keys() | after.keys()):
        if version not in before:
            yield Change(version, "", None, "new")
        elif version not in after:
            yield Change(version, "", "known", None)
        else:
            old, new = before[version], after[version]
            for field in [*new, *(each for each in old if each not in new)]:
                if old.get(field) != new.get(field):
                    yield Change(version, field, old.get(field), new.get(field))


def breaks(change: Change, after: Lock) -> bool:
    """May a published version not change like that? Only a field that may be left out is added."""
    if not change.field:
        return change.before is not None
    if change.before is not None or change.after is None:
        return True
    fields = after[change.version]
    ways = [change.field[:at] for at, sign in enumerate(change.field) if sign == "."]
    return not any(
        fields.get(way.removesuffix("[]"), "").endswith("may be left out")
        for way in (*ways, change.field)
    )


# --- the changelog ---


def changelog(released: Mapping[str, Lock], now: Lock, being_made: str) -> str:
    """Markdown: what each release, and what is being made, changed against the one before it."""
    locks = [*sorted(released.items(), key=lambda item: _number(item[0])), (being_made, now)]
    text = [
        "# What changed in the contracts\n",
        "`make contracts` writes this page from `released/` and `fields.lock`. A field's line says",
        "what it may be, whether it is open, pseudonymous or sealed, and what it was.\n",
    ]
    for (before, old), (after, new) in reversed(list(pairwise(locks))):
        title = f"{after}, not yet released," if after == being_made else after
        text.append(f"## {title} against {before}\n")
        by_version: dict[str, list[Change]] = {}
        for change in changes(old, new):
            by_version.setdefault(change.version, []).append(change)
        text += [_event(version, found, new) for version, found in by_version.items()]
        if not by_version:
            text.append("Nothing.\n")
    return "\n".join(text)


def _event(version: str, found: list[Change], now: Lock) -> str:
    if [change.field for change in found] == [""]:
        if found[0].before is not None:
            return f"### {version} is gone\n"
        lines = [f"- `{field}`: {text}" for field, text in now[version].items()]
        return "\n".join([f"### {version} is new\n", *lines, ""])
    return "\n".join([f"### {version}\n", *(f"- {change}" for change in found), ""])


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
