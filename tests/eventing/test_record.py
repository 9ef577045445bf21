import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import FundOpened
from contracts.registry import NeedReserved, NeedReturned, UnitEstablished
from contracts.sealed import Sealed
from eventing.event_store import Key, event_id_of
from eventing.execute import derived_key
from eventing.installation import Installation
from eventing.record import (
    Envelope,
    NewRecord,
    Older,
    StoredRecord,
    UndecodableRecord,
    UnknownType,
    Why,
    decode,
    decode_envelope,
    decode_event,
    encode,
    leaf_hash,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "record-format.md"
MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
VIETNAM = timezone(timedelta(hours=7))
PERSON = UUID("5b0e8b7c-33a1-4f0e-9d6d-0d0c3c1f9a01")
FUND = UUID("0f7c1f34-7f0b-4b1e-8a55-5a1f6d0b2c02")

fund_opened = FundOpened(
    fund_id=FUND,
    programme_id=UUID("9a3d5c1e-1c7f-4f57-b8a4-6d2f7e8b9c03"),
    unit_id=UUID("6f0b1d2e-3a4c-4d5e-8f60-718293a4b5c6"),
    name='Quỹ "Áo ấm" 2024/2025',
    opened_by=PERSON,
    happened_at=datetime(2024, 10, 7, 9, tzinfo=VIETNAM),
)
need_returned = NeedReturned(
    need_id=FUND,
    programme_id=UUID(int=7),
    returned_by=PERSON,
    reason=Sealed(UUID(int=7), "bm9uY2Vub25jZWNpcGhlcnRleHQrdGFn"),
    happened_at=MONDAY,
)
unit_v1 = Older(
    "unit-established",
    1,
    {
        "unit_id": "3c9f2f0a-54c4-4f3a-9a54-7f6f1c9d2b04",
        "code": "09703",
        "name": "Xã Ba Vì",
        "kind": "commune",
        "parent_id": None,
        "district": "Ba Vì",
        "region": "II",
        "valid_from": "2019-01-01",
        "happened_at": "2019-01-01T00:00:00+07:00",
    },
)
SERVICE_ITSELF = UUID("1d5e7f90-aaaa-4bbb-8ccc-dddddddddd05")
RECORDED = datetime(2024, 10, 7, 2, 0, 0, 123456, tzinfo=UTC)
INSTALLATION = Installation("vongtay.example", "https://vongtay.example/schemas")
COMMAND = Key(PERSON, UUID("0191f2c5-7e2b-4d6f-8111-222233334444"), b"")
REACTION = derived_key(SERVICE_ITSELF, event_id_of(COMMAND, 0, RECORDED), "registry", "return")
VECTORS: dict[str, Callable[[], NewRecord]] = {
    "A person's command": lambda: encode(
        "donations",
        f"fund-{FUND}",
        1,
        event_id_of(COMMAND, 0, RECORDED),
        fund_opened,
        RECORDED,
        Why(actor=PERSON),
        INSTALLATION,
    ),
    "A reaction, on somebody's behalf, within a trace": lambda: encode(
        "registry",
        f"need-{FUND}",
        12,
        event_id_of(REACTION, 0, MONDAY),
        need_returned,
        MONDAY,
        Why(
            actor=SERVICE_ITSELF,
            on_behalf_of=PERSON,
            causation=event_id_of(COMMAND, 0, RECORDED),
            correlation=UUID("7e2b4d6f-1111-4222-8333-444444444406"),
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
        INSTALLATION,
    ),
    "An older version, as it stays in the log for ever": lambda: encode(
        "registry",
        "unit-3c9f2f0a-54c4-4f3a-9a54-7f6f1c9d2b04",
        1,
        event_id_of(COMMAND, 1, MONDAY),
        unit_v1,
        MONDAY,
        Why(actor=PERSON),
        INSTALLATION,
    ),
}


def documented() -> dict[str, tuple[bytes, str]]:
    vector = re.compile(r"^### (.+)\n\n```json\n(.+)\n```\n\nLeaf: `([0-9a-f]{64})`$", re.MULTILINE)
    return {
        name: (record.encode(), leaf)
        for name, record, leaf in vector.findall(DOCUMENT.read_text(encoding="utf-8"))
    }


def test_the_document_shows_every_vector() -> None:
    assert documented().keys() == VECTORS.keys()


@pytest.mark.parametrize("name", VECTORS)
def test_records_are_as_documented(name: str) -> None:
    record, leaf = documented()[name]
    assert VECTORS[name]().record == record
    assert hashlib.sha256(b"\x00" + record).hexdigest() == leaf == leaf_hash(record).hex()


def test_the_document_names_every_attribute_in_order() -> None:
    table = re.findall(r"^\| `([a-z]+)` \| ", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(table) == Envelope.__struct_fields__


@pytest.mark.parametrize("name", VECTORS)
def test_the_columns_copy_what_the_record_says(name: str) -> None:
    new = VECTORS[name]()
    envelope = decode_envelope(new.record)
    assert (new.event_id, new.stream, new.version, new.type, new.recorded_at) == (
        envelope.id,
        envelope.subject,
        envelope.streamversion,
        envelope.type,
        envelope.recordedtime,
    )


@pytest.mark.parametrize("name", VECTORS)
def test_a_record_is_a_cloud_event(name: str) -> None:
    said = json.loads(VECTORS[name]().record)
    assert said["specversion"] == "1.0"
    assert all(isinstance(said[required], str) for required in ("id", "source", "type", "subject"))
    for attribute, value in said.items():
        assert re.fullmatch(r"[a-z0-9]{1,20}", attribute)
        if attribute != "data":
            assert isinstance(value, str | int)
    for instant in ("time", "recordedtime"):
        assert datetime.fromisoformat(said[instant]).tzinfo is not None
    assert said["time"] == said["data"]["happened_at"]


def test_what_was_encoded_is_decoded() -> None:
    why = Why(actor=PERSON, correlation=FUND)
    new = encode("donations", f"fund-{FUND}", 3, UUID(int=1), fund_opened, MONDAY, why)
    got = decode(StoredRecord("donations", 7, new.record))
    assert got.event == fund_opened
    assert (got.service, got.position, got.stream, got.version) == (
        *("donations", 7, f"fund-{FUND}", 3),
    )
    assert (got.event_id, got.recorded_at, got.why) == (UUID(int=1), MONDAY, why)


def test_an_older_version_is_read_as_the_newest() -> None:
    record = VECTORS["An older version, as it stays in the log for ever"]().record
    assert decode_event(decode_envelope(record)) == UnitEstablished(
        unit_id=UUID("3c9f2f0a-54c4-4f3a-9a54-7f6f1c9d2b04"),
        code="09703",
        name="Xã Ba Vì",
        kind="commune",
        parent_id=None,
        district_name="Ba Vì",
        priority=True,
        valid_from=date(2019, 1, 1),
        happened_at=datetime(2019, 1, 1, tzinfo=VIETNAM),
    )


def changed(**changes: Any) -> bytes:
    said = json.loads(VECTORS["A person's command"]().record)
    return json.dumps(said | changes).encode()


def test_what_is_not_known_is_ignored() -> None:
    data = json.loads(changed())["data"] | {"colour": "red"}
    got = decode_event(decode_envelope(changed(more="than we know", data=data)))
    assert got == fund_opened


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (b"", UndecodableRecord),
        (b"{}", UndecodableRecord),
        (b"\xff", UndecodableRecord),
        (changed(recordformat=2), UndecodableRecord),
        (changed(time="yesterday"), UndecodableRecord),
        (changed(data={}), UndecodableRecord),
        (changed(data={"fund_id": "none"}), UndecodableRecord),
        (changed(type="fund-dreamt"), UnknownType),
        (changed(typeversion=2), UnknownType),
        (changed(type="unit-established", typeversion=1, data={}), UndecodableRecord),
    ],
)
def test_what_cannot_be_decoded_is_said(record: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        decode_event(decode_envelope(record))


def test_a_time_without_offset_is_refused() -> None:
    for event, recorded_at in (
        (replace(fund_opened, happened_at=datetime(2024, 10, 7)), MONDAY),  # noqa: DTZ001
        (fund_opened, datetime(2024, 10, 7)),  # noqa: DTZ001
    ):
        with pytest.raises(ValueError, match="no offset"):
            encode("donations", "fund-1", 1, UUID(int=1), event, recorded_at, Why(actor=PERSON))


instants = st.datetimes(
    timezones=st.sampled_from([UTC, VIETNAM, timezone(-timedelta(hours=3, minutes=30))])
)


@given(
    st.builds(
        FundOpened,
        fund_id=st.uuids(),
        programme_id=st.uuids(),
        name=st.text(),
        opened_by=st.uuids(),
        happened_at=instants,
    )
    | st.builds(
        NeedReserved,
        need_id=st.uuids(),
        line_id=st.uuids(),
        quantity=st.integers(-(2**53), 2**53),
        happened_at=instants,
    ),
    instants,
    st.builds(
        Why,
        actor=st.uuids(),
        on_behalf_of=st.none() | st.uuids(),
        causation=st.none() | st.uuids(),
        correlation=st.none() | st.uuids(),
        traceparent=st.none() | st.text(),
    ),
)
def test_any_event_comes_back_as_it_was(event: Any, recorded_at: datetime, why: Why) -> None:
    new = encode("donations", "stream", 1, UUID(int=1), event, recorded_at, why)
    got = decode(StoredRecord("donations", 1, new.record))
    assert (got.event, got.recorded_at, got.why) == (event, recorded_at, why)
    assert json.loads(new.record) == msgspec.json.decode(new.record)
    assert encode("donations", "stream", 1, UUID(int=1), got.event, recorded_at, why) == new
