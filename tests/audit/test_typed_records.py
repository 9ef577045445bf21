"""What is read for speed is what `eventing.record` reads: over every golden record."""

import json
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from audit.export import ExportWriter
from audit.typed_records import reader
from eventing.record import decode_envelope, decode_event
from tests.audit.planted import MONDAY, ORIGIN

GOLDEN = sorted((Path(__file__).parents[2] / "contracts" / "golden").glob("*.json"))
read = reader()


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    path = tmp_path_factory.mktemp("export")
    ExportWriter(path, ORIGIN, MONDAY).write_schemas()
    return path / "schemas"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_record_is_read_alike(path):
    record = path.read_bytes().rstrip(b"\n")
    envelope = decode_envelope(record)
    event = decode_event(envelope)
    try:
        fast = read(record)
    except msgspec.ValidationError:
        # Only an older version may be refused.
        assert envelope.typeversion < type(read(newest_of(envelope.type))).newest
        return
    for name in ("id", "source", "subject", "streamversion", "time", "actor", "causationid"):
        assert getattr(fast, name) == getattr(envelope, name)
    if fast.typeversion == fast.newest:
        assert msgspec.to_builtins(fast.data) == msgspec.to_builtins(event)


def newest_of(name):
    paths = [path for path in GOLDEN if path.name.startswith(f"{name}.v")]
    return max(paths, key=lambda path: int(path.suffixes[0][2:])).read_bytes().rstrip(b"\n")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_an_export_carries_the_schema_of_every_golden_record(schemas, path):
    event = json.loads(path.read_bytes())
    schema = schemas / f"{event['type']}.v{event['typeversion']}.json"
    validator = Draft202012Validator(
        json.loads(schema.read_bytes()), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(event["data"])


def test_every_event_is_among_them():
    assert len(GOLDEN) > 50
