"""The contract gate: what was published stays readable, and its schema stays as it was.

`python -m console.contracts` checks. `generate` writes schemas, the AsyncAPI document and the
changelog again and adds what is new; it changes nothing that was published. `relock`, until 1.0,
takes the contracts as they are now for the published ones.
"""

import hashlib
import importlib
import json
import sys
import tomllib
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import NAMESPACE_URL, UUID, uuid5

from console import asyncapi, node
from console.contract_lock import (
    Change,
    Lock,
    breaks,
    changelog,
    changes,
    lock_text,
    meaning,
    read_lock,
)
from console.schemas import UnsaidField, document_of
from contracts.event import Declaration, declared, upcasters
from contracts.field_types import FieldType
from contracts.sealed import Sealed
from eventing.record import (
    Older,
    UndecodableRecord,
    Why,
    decode_envelope,
    decode_event,
    encode,
)

PROJECT = Path(__file__).parents[1]
CONTRACTS = PROJECT / "contracts"
MODULES = ("registry", "donations", "allocation", "notifications", "every_service")
SERVICES = ("registry", "donations", "allocation", "notifications")

for module in MODULES:
    importlib.import_module(f"contracts.{module}")


def ours() -> list[Declaration]:
    """What the services declare; a program may have declared more, as tests do."""
    found = [each for each in declared.values() if each.service in (*SERVICES, None)]
    return sorted(found, key=lambda each: each.name)


def faults(folder: Path = CONTRACTS) -> Iterator[str]:
    """Everything that is wrong with the contracts, in words."""
    yield from _unreadable(folder / "golden")
    yield from _not_upcast()
    try:
        yield from _unlocked(folder)
        for path, text in generated(folder):
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                yield f"{path.name} is not what the contracts say: make contracts"
    except (UnsaidField, ValueError) as error:
        yield str(error)


def _unlocked(folder: Path) -> Iterator[str]:
    """Where schemas are not those that were published. Raises UnsaidField, ValueError."""
    before, now = read_lock(folder / "fields.lock"), locked_now(folder)
    for change in changes(before, now):
        yield f"{change.version} {change}: {_way_out(change, now)}"


def _way_out(change: Change, now: Lock) -> str:
    if not breaks(change, now):
        return "make contracts"
    return "it was published, so it needs a new version (until 1.0: make contracts RELOCK=1)"


def locked_now(folder: Path) -> Lock:
    """What each event version means now: the newest by its class, older ones by their schemas."""
    return {
        **{
            each.stem: meaning(json.loads(each.read_bytes())) for each in _older(folder / "schemas")
        },
        **{f"{each.name}.v{each.version}": meaning(document_of(each)) for each in ours()},
    }


def _unreadable(golden: Path) -> Iterator[str]:
    published = _published(golden)
    for declaration in ours():
        path = golden / _golden_name(declaration.name, declaration.version)
        if path.name not in published:
            yield f"{path.name} is missing: make contracts"
    for name, sha256 in published.items():
        path = golden / name
        if not path.exists():
            yield f"{name} was published and is gone"
            continue
        record = path.read_bytes().rstrip(b"\n")
        if hashlib.sha256(record).hexdigest() != sha256:
            yield f"{name} was published and has changed"
            continue
        yield from _unreadable_record(name, record)


def _unreadable_record(name: str, record: bytes) -> Iterator[str]:
    try:
        envelope = decode_envelope(record)
        event = decode_event(envelope)
    except UndecodableRecord as error:
        yield f"{name} can no longer be read: {error}"
        return
    declaration = declared[envelope.type]
    if envelope.typeversion != declaration.version:
        return
    # A field may be added with a default; any other change is a new version.
    again = json.loads(_encoded(declaration, event))["data"]
    kept = json.loads(bytes(envelope.data))
    lost = [field for field in kept if field not in again or again[field] != kept[field]]
    if lost:
        yield f"{name}: {lost} changed, so the event needs a new version and an upcaster"


def _not_upcast() -> Iterator[str]:
    for declaration in ours():
        for version in range(1, declaration.version):
            if (declaration.name, version) not in upcasters:
                yield f"{declaration.name} v{version} has no upcaster"


def _published(golden: Path) -> dict[str, str]:
    """From file name to SHA-256 of the record; lines are only ever added."""
    lock = golden / "published.lock"
    if not lock.exists():
        return {}
    lines = lock.read_text(encoding="utf-8").splitlines()
    return {name: sha256 for sha256, name in (line.split("  ", 1) for line in lines)}


def _golden_name(name: str, version: int) -> str:
    return f"{name}.v{version}.json"


def add_golden(golden: Path) -> list[str]:
    """Write a golden file for each event version that has none; return their names."""
    golden.mkdir(exist_ok=True)
    published = _published(golden)
    added = []
    for declaration in ours():
        name = _golden_name(declaration.name, declaration.version)
        path = golden / name
        if name in published:
            continue
        if not path.exists():
            path.write_bytes(
                _encoded(declaration, sample(declaration.cls, declaration.name)) + b"\n"
            )
        added.append(name)
    for path in sorted(golden.glob("*.v*.json")):
        record = path.read_bytes().rstrip(b"\n")
        published.setdefault(path.name, hashlib.sha256(record).hexdigest())
    lines = [f"{sha256}  {name}\n" for name, sha256 in sorted(published.items())]
    (golden / "published.lock").write_text("".join(lines), encoding="utf-8")
    return added


def _encoded(declaration: Declaration, event: Any) -> bytes:
    when = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    identity = uuid5(NAMESPACE_URL, f"urn:vongtay:golden:{declaration.name}")
    service = declaration.service or "registry"
    return encode(
        service, "golden-1", 1, identity, event, when, Why(actor=identity, causation=identity)
    ).record


def sample(annotation: Any, name: str) -> Any:  # noqa: PLR0911  (one line for each kind of type)
    """A value of a type: the same each time, and another for another name."""
    origin = get_origin(annotation)
    if origin is Annotated:
        annotation, *said = get_args(annotation)
        examples = [one for each in said if isinstance(each, FieldType) for one in each.examples]
        return examples[0] if examples else sample(annotation, name)
    if is_dataclass(annotation) and isinstance(annotation, type):
        if annotation is Sealed:
            return Sealed(uuid5(NAMESPACE_URL, name), "c2VhbGVkIGJ5dGVzIG9mIG9uZSBmaWVsZA==")
        hints = get_type_hints(annotation, include_extras=True)
        return annotation(
            **{
                field.name: sample(hints[field.name], f"{name}.{field.name}")
                for field in fields(annotation)
            }
        )
    if origin is Literal:
        return get_args(annotation)[0]
    if origin in (Union, types.UnionType):
        return sample(next(arm for arm in get_args(annotation) if arm is not type(None)), name)
    if origin is tuple:
        return (sample(get_args(annotation)[0], f"{name}.item"),)
    if origin is dict:
        return {"size": "H120", "count": 2}
    return _plain(annotation, name)


def _plain(annotation: Any, name: str) -> Any:
    plain: dict[Any, Any] = {
        UUID: uuid5(NAMESPACE_URL, name),
        str: f"{name.rpartition('.')[2]} ấ",
        int: 3,
        bool: True,
        date: date(2025, 1, 2),
        datetime: datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
    }
    if annotation not in plain:
        raise TypeError(f"{name}: an event has no fields of type {annotation}")
    return plain[annotation]


def generated(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each generated file with its text. Raises UnsaidField."""
    schemas = {path.stem: json.loads(path.read_bytes()) for path in _older(folder / "schemas")}
    for declaration in ours():
        name = _golden_name(declaration.name, declaration.version)
        path = folder / "schemas" / name
        schemas[path.stem] = document_of(declaration)
        yield path, _text(schemas[path.stem])
    examples = {
        f"{each.name}.v{each.version}": _encoded(each, sample(each.cls, each.name))
        for each in ours()
    }
    examples |= {path.stem: path.read_bytes() for path in _older(folder / "golden")}
    yield (
        folder / "asyncapi.json",
        _text(asyncapi.document(ours(), dict(sorted(schemas.items())), examples)),
    )
    released = {path.stem: read_lock(path) for path in (folder / "released").glob("*.lock")}
    yield folder / "CHANGELOG.md", changelog(released, locked_now(folder), _project_version())


def _older(files: Path) -> Iterator[Path]:
    """The files of versions before an event's newest: they are kept, never generated."""
    for path in sorted(files.glob("*.v*.json")):
        name, _, version = path.stem.rpartition(".v")
        if name in declared and int(version) < declared[name].version:
            yield path


def _project_version() -> str:
    said = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(said["project"]["version"])


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


class Published(Exception):
    """What was published would be changed; only a new version may differ from it."""


def generate(folder: Path = CONTRACTS) -> list[str]:
    """Write what is generated, add golden files that are missing; return what is new.

    Raises Published, UnsaidField.
    """
    lock = folder / "fields.lock"
    now = locked_now(folder)
    broken = [change for change in changes(read_lock(lock), now) if breaks(change, now)]
    if broken:
        raise Published("\n".join(f"{change.version} {change}" for change in broken))
    return _write(folder, now)


def relock(folder: Path = CONTRACTS) -> list[str]:
    """Take the contracts as they are for the published ones: golden files too are made anew.

    Older versions that still have an upcaster keep their data and schema; only the record round
    the data is made anew. Raises Published from version 1.0 on.
    """
    if int(_project_version().partition(".")[0]) >= 1:
        raise Published("from 1.0 on what was published stays; raise the event's version")
    now = locked_now(folder)
    golden, schemas = folder / "golden", folder / "schemas"
    again = {path: _again(path) for path in _older(golden)}
    kept = {*again, *_older(schemas)}
    for path in {*golden.glob("*.json"), *schemas.glob("*.json")} - kept:
        path.unlink()
    for path, record in again.items():
        path.write_bytes(record)
    (golden / "published.lock").unlink(missing_ok=True)
    return _write(folder, now)


def _again(path: Path) -> bytes:
    # The record's own format may be what changed.
    said = json.loads(path.read_bytes())
    older = Older(said["type"], said["typeversion"], said["data"])
    return _encoded(declared[older.name], older) + b"\n"


def _write(folder: Path, now: Lock) -> list[str]:
    (folder / "fields.lock").write_text(lock_text(now), encoding="utf-8")
    for path, text in generated(folder):
        path.write_text(text, encoding="utf-8")
    return add_golden(folder / "golden")


def official_parser_accepts(document: Path) -> bool:
    """Read an AsyncAPI document with the official parser."""
    read = node.run(CONTRACTS / "asyncapi-check" / "check.mjs", str(document))
    sys.stdout.write(read.stdout.decode())
    return read.returncode == 0


def main(arguments: list[str]) -> int:
    if arguments in (["generate"], ["relock"]):
        try:
            added = generate() if arguments == ["generate"] else relock()
        except Published as why:
            print(f"{why}\nA new version, or until 1.0: make contracts RELOCK=1", file=sys.stderr)
            return 1
        except UnsaidField as why:
            print(why, file=sys.stderr)
            return 1
        print(f"golden files: {len(added)} written")
        return 0
    found = list(faults())
    for fault in found:
        print(fault, file=sys.stderr)
    return int(bool(found) or not official_parser_accepts(CONTRACTS / "asyncapi.json"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
