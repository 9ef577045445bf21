"""What is read for speed is what `eventing.record` reads: over every golden record."""

from pathlib import Path

import msgspec
import pytest

from audit.typed_records import reader
from eventing.record import decode_envelope, decode_event

GOLDEN = sorted((Path(__file__).parents[2] / "contracts" / "golden").glob("*.json"))
read = reader()


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


def test_every_event_is_among_them():
    assert len(GOLDEN) > 50
