"""The record: an event as bytes, encoded once, and never again.

Exactly these bytes are hashed, stored, published and exported. `docs/record-format.md` describes
them with test vectors. Upcasting happens after decoding, never in storage.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Generic
from uuid import UUID

import msgspec
from typing_extensions import TypeVar

from contracts.event import Data, declarations, declared, upcasters
from eventing.installation import NOWHERE, Installation

FORMAT = 1
E_co = TypeVar("E_co", covariant=True, default=Any)


class UndecodableRecord(Exception):
    """The bytes are no record of a known format, or the data does not fit its declaration."""


class UnknownType(UndecodableRecord):
    """No event of this name and version is declared here."""


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
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
    dataschema: str
    data: msgspec.Raw


# These are made for each record that is written or read: as structs they cost a fifth of what
# frozen dataclasses do. They are in no cycles, so the garbage collector need not look at them.


class Why(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who caused an event and why: goes into every record."""

    actor: UUID
    on_behalf_of: UUID | None = None
    causation: UUID | None = None
    correlation: UUID | None = None
    traceparent: str | None = None


class NewRecord(msgspec.Struct, frozen=True, gc=False):
    """A record about to be appended. The fields beside `record` are copies of what it says."""

    event_id: UUID
    stream: str
    version: int
    type: str
    recorded_at: datetime
    record: bytes


class StoredRecord(msgspec.Struct, frozen=True, gc=False):
    """A record with its place in a service's log. `position` is dense from 1."""

    service: str
    position: int
    record: bytes


class Recorded(msgspec.Struct, Generic[E_co], frozen=True, gc=False):
    """A decoded record: the event in its newest version, and all that is known about it."""

    service: str
    position: int
    stream: str
    version: int
    event_id: UUID
    event: E_co
    recorded_at: datetime
    why: Why


class Older(msgspec.Struct, frozen=True):
    """An event in an older version of its declaration, as when an older log is taken over."""

    name: str
    version: int
    data: Data


def leaf_hash(record: bytes) -> bytes:
    """SHA-256 of 0x00 and the record: a Merkle tree leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + record).digest()


UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding may raise: bytes that are no UTF-8, and what lies too deep, are no MsgspecError."""

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
    installation: Installation = NOWHERE,
) -> NewRecord:
    """Encode an event of the newest version, or an `Older` one.

    Raises ValueError when a time has no offset: nobody could say later which instant it was.
    """
    if isinstance(event, Older):
        type_name, type_version, data = event.name, event.version, event.data
        happened_at = msgspec.convert(data["happened_at"], datetime)
    else:
        declaration = declarations[type(event)]
        type_name, type_version, data = declaration.name, declaration.version, event
        happened_at = event.happened_at
    if happened_at.tzinfo is None or recorded_at.tzinfo is None:
        raise ValueError(f"{type_name}: a time has no offset")
    record = _encoder.encode(
        Envelope(
            specversion="1.0",
            recordformat=FORMAT,
            id=event_id,
            source=installation.source_of(service),
            type=type_name,
            typeversion=type_version,
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
            dataschema=installation.schema_of(type_name, type_version),
            data=msgspec.Raw(_encoder.encode(data)),
        )
    )
    return NewRecord(event_id, stream, version, type_name, recorded_at, record)


def decode_envelope(record: bytes) -> Envelope:
    """Raises UndecodableRecord."""
    try:
        envelope = _envelope.decode(record)
    except UNREADABLE as error:
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
    except (*UNREADABLE, LookupError, TypeError, AttributeError) as error:
        # An upcaster meets data that no schema has looked at.
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
