"""Checks an exported log by arithmetic alone: every leaf, dense positions, dense versions.

A fault names the position where it stands.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from eventing.record import UndecodableRecord, decode_envelope, leaf_hash


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind`: no-line, position, leaf, record, service, version, or event-id."""

    line: int
    position: int | None
    kind: str
    says: str


class _Line(msgspec.Struct, frozen=True):
    position: int
    leaf: str
    record: str


_decoder = msgspec.json.Decoder(_Line)


def faults(service: str, lines: Iterable[bytes]) -> Iterator[Fault]:
    """Read an export line by line and say all that is wrong with it, in order."""
    expected = 1
    versions: dict[str, int] = {}
    event_ids: set[bytes] = set()
    for number, text in enumerate(lines, 1):
        try:
            line = _decoder.decode(text)
        except msgspec.MsgspecError as error:
            yield Fault(number, None, "no-line", str(error))
            expected += 1
            continue
        position = line.position
        if position != expected:
            yield Fault(number, position, "position", f"{expected} was due")
        expected = position + 1
        record = line.record.encode()
        if leaf_hash(record).hex() != line.leaf:
            yield Fault(number, position, "leaf", "the record is not the one that was hashed")
        try:
            envelope = decode_envelope(record)
        except UndecodableRecord as error:
            yield Fault(number, position, "record", str(error))
            continue
        if envelope.source != f"/vongtay/{service}":
            yield Fault(number, position, "service", f"is from {envelope.source}")
        version = versions.get(envelope.subject, 0) + 1
        if envelope.streamversion != version:
            says = f"{envelope.subject}: {version} was due, {envelope.streamversion} is there"
            yield Fault(number, position, "version", says)
        versions[envelope.subject] = envelope.streamversion
        if envelope.id.bytes in event_ids:
            yield Fault(number, position, "event-id", f"{envelope.id} was there before")
        event_ids.add(envelope.id.bytes)
