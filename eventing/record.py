"""The record: an event as bytes, encoded once, and never again.

Exactly these bytes are hashed, stored, published and exported. `docs/record-format.md` describes
them with test vectors. Upcasting happens after decoding, never in storage.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from contracts.event import Data, declarations, declared, upcasters

FORMAT = 1


class UndecodableRecord(Exception):
    """The bytes are no record of a known format, or the data does not fit its declaration."""


class UnknownType(UndecodableRecord):
    """No event of this name and version is declared here."""


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """CloudEvents 1.0 structured JSON; the order of the fields is part of the format.

    `time` is when the fact happened, `recordedtime` when it was recorded.
    """

    specversion: str
    recordformat: int
    id: UUID
    source: str
    type: str
    typeversion: int
    subject: str
    streamversion: int
    time: datetime
    recordedtime: datetime
    actor: UUID
    onbehalfof: UUID | None = None
    causationid: UUID | None = None
    correlationid: UUID | None = None
    traceparent: str | None = None
    datacontenttype: str
    data: msgspec.Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Who caused an event and why: goes into every record."""

    actor: UUID
    on_behalf_of: UUID | None = None
    causation: UUID | None = None
    correlation: UUID | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record about to be appended. The fields beside `record` are copies of what it says."""

    event_id: UUID
    stream: str
    version: int
    type: str
    recorded_at: datetime
    record: bytes

    @property
    def leaf(self) -> bytes:
        return leaf_hash(self.record)


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record with its place in a service's log. `position` is dense from 1."""

    service: str
    position: int
    record: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decoded record: the event in its newest version, and all that is known about it."""

    service: str
    position: int
    stream: str
    version: int
    event_id: UUID
    event: Any
    recorded_at: datetime
    why: Why


def leaf_hash(record: bytes) -> bytes:
    """SHA-256 of 0x00 and the record: a Merkle tree leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + record).digest()


_encoder = msgspec.json.Encoder(order="deterministic")
_envelope = msgspec.json.Decoder(Envelope)


def encode(
    service: str,
    stream: str,
    version: int,
    event_id: UUID,
    event: Any,
    recorded_at: datetime,
    why: Why,
) -> NewRecord:
    declaration = declarations[type(event)]
    return encode_data(
        service,
        stream,
        version,
        event_id,
        (declaration.name, declaration.version),
        event,
        event.happened_at,
        recorded_at,
        why,
    )


def encode_data(
    service: str,
    stream: str,
    version: int,
    event_id: UUID,
    type_and_version: tuple[str, int],
    data: Any,
    happened_at: datetime,
    recorded_at: datetime,
    why: Why,
) -> NewRecord:
    """Encode data of any declared version, older ones too, as when an older log is taken over."""
    envelope = Envelope(
        specversion="1.0",
        recordformat=FORMAT,
        id=event_id,
        source=f"/vongtay/{service}",
        type=type_and_version[0],
        typeversion=type_and_version[1],
        subject=stream,
        streamversion=version,
        time=happened_at,
        recordedtime=recorded_at,
        actor=why.actor,
        onbehalfof=why.on_behalf_of,
        causationid=why.causation,
        correlationid=why.correlation,
        traceparent=why.traceparent,
        datacontenttype="application/json",
        data=msgspec.Raw(_encoder.encode(data)),
    )
    return NewRecord(
        event_id, stream, version, envelope.type, recorded_at, _encoder.encode(envelope)
    )


def decode_envelope(record: bytes) -> Envelope:
    """Raises UndecodableRecord."""
    try:
        envelope = _envelope.decode(record)
    except msgspec.MsgspecError as error:
        raise UndecodableRecord(str(error)) from error
    if envelope.recordformat != FORMAT:
        raise UndecodableRecord(f"record format {envelope.recordformat} is not known")
    return envelope


@cache
def _decoder(cls: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cls)


def decode_event(envelope: Envelope) -> Any:
    """Return the event in its newest version. Raises UnknownType, UndecodableRecord."""
    declaration = declared.get(envelope.type)
    if declaration is None or envelope.typeversion > declaration.version:
        raise UnknownType(f"{envelope.type} v{envelope.typeversion}")
    try:
        if envelope.typeversion == declaration.version:
            return _decoder(declaration.cls).decode(envelope.data)
        data: Data = msgspec.json.decode(envelope.data)
        return msgspec.convert(upcast(envelope.type, envelope.typeversion, data), declaration.cls)
    except (msgspec.MsgspecError, KeyError) as error:
        raise UndecodableRecord(f"{envelope.type} v{envelope.typeversion}: {error}") from error


def upcast(name: str, version: int, data: Data) -> Data:
    """Bring data of an older version to the newest, one version at a time."""
    for older in range(version, declared[name].version):
        data = upcasters[name, older](data)
    return data


def decode(stored: StoredRecord) -> Recorded:
    """Raises UnknownType, UndecodableRecord."""
    envelope = decode_envelope(stored.record)
    return recorded(stored, envelope, decode_event(envelope))


def recorded(stored: StoredRecord, envelope: Envelope, event: Any) -> Recorded:
    return Recorded(
        stored.service,
        stored.position,
        envelope.subject,
        envelope.streamversion,
        envelope.id,
        event,
        envelope.recordedtime,
        Why(
            actor=envelope.actor,
            on_behalf_of=envelope.onbehalfof,
            causation=envelope.causationid,
            correlation=envelope.correlationid,
            traceparent=envelope.traceparent,
        ),
    )


def type_names(events: tuple[type, ...]) -> Mapping[str, type]:
    return {declarations[event].name: event for event in events}
