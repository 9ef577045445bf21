"""An export of a small log with its checkpoints and tiles, and ways to tamper with it."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from audit.checkpoint import Checkpoint
from audit.export import CHECKPOINTS, ExportWriter, line_of
from audit.merkle import root_of
from audit.note import ED25519, Signer
from audit.tiles import tile_path
from contracts.registry import RoleRevoked
from eventing.installation import Installation
from eventing.record import Why, encode, leaf_hash

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
KEEPER = UUID(int=1)
ORIGIN = "vongtay.example"
LOG_KEY = Signer(f"{ORIGIN}/registry", ED25519, b"\x01" * 32)
SIZES = (5, 10, 15, 20)
RECORDS = 22
"""Two more than were signed."""


def record(number, stream, version, *, event_id=None, causation=None, service="registry"):
    event = RoleRevoked(
        grant_id=UUID(int=number), person_id=KEEPER, revoked_by=KEEPER, happened_at=MONDAY
    )
    why = Why(actor=KEEPER, causation=causation and UUID(int=causation))
    event_id = UUID(int=event_id or 100 + number)
    here = Installation(ORIGIN)
    return encode(service, stream, version, event_id, event, MONDAY, why, here).record


CHANGED = record(7, "grant-1", 4, event_id=107, causation=105)
"""What could stand at position 7 as well."""


def changed(log, at, other):
    return [*log[: at - 1], other, *log[at:]]


def a_log(count=RECORDS):
    """Records of two streams in turns, each caused by the one before."""
    return [
        record(at, f"grant-{at % 2}", (at + 1) // 2, causation=99 + at if at > 1 else None)
        for at in range(1, count + 1)
    ]


def notes_of(log, sizes=SIZES, key=LOG_KEY):
    leaves = [leaf_hash(each) for each in log]
    return [
        (size, Checkpoint(key.name, size, root_of(leaves[:size])).signed(key)) for size in sizes
    ]


def write(writer, records):
    with writer.log("registry") as log:
        for position, each in records:
            log.add(position, line_of(position, each))


class Planted:
    """The export of a log in a folder, one file uncompressed, to be tampered with line by line."""

    def __init__(self, path, log=None, *, signed=SIZES, tiles=False):
        self.path = path
        log = a_log() if log is None else log
        writer = ExportWriter(path, ORIGIN, MONDAY, compressed=False)
        write(writer, enumerate(log, 1))
        writer.write_notes(notes_of(log, signed))
        writer.write_keys([str(LOG_KEY.verifier)])
        self.file = path / "registry" / "000000000001.ndjson"
        if tiles:
            self.write_tile(log[: max(signed)])

    def write_tile(self, log):
        path = self.path / "registry" / tile_path(0, 0, len(log))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(leaf_hash(each) for each in log))

    @property
    def lines(self):
        return self.file.read_bytes().splitlines()

    @lines.setter
    def lines(self, lines):
        self.file.write_bytes(b"".join(line + b"\n" for line in lines))

    def rewrite(self, log):
        """Write other records with positions and leaves that are right for them."""
        self.lines = [
            msgspec.json.encode(
                {"position": at, "leaf": leaf_hash(each).hex(), "record": each.decode()}
            )
            for at, each in enumerate(log, 1)
        ]

    def sign(self, notes):
        self.path.joinpath(CHECKPOINTS).write_bytes(
            b"".join(
                msgspec.json.encode({"size": size, "note": note}) + b"\n" for size, note in notes
            )
        )
