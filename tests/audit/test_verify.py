import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.verify import faults
from contracts.registry import RoleRevoked
from eventing.export_file import write
from eventing.record import StoredRecord, Why, encode

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
KEEPER = UUID(int=1)


def record(position, stream, version):
    event = RoleRevoked(
        grant_id=UUID(int=position), person_id=KEEPER, revoked_by=KEEPER, happened_at=MONDAY
    )
    new = encode(
        "registry", stream, version, UUID(int=100 + position), event, MONDAY, Why(actor=KEEPER)
    )
    return StoredRecord("registry", position, new.record)


LOG = [record(1, "a", 1), record(2, "b", 1), record(3, "a", 2), record(4, "a", 3)]


def exported(log):
    file = io.StringIO()
    write(log, file)
    return [line.encode() for line in file.getvalue().splitlines()]


def kinds(lines):
    return [(fault.position, fault.kind) for fault in faults("registry", lines)]


def test_a_true_export_has_no_fault():
    assert kinds(exported(LOG)) == []


@given(st.integers(0, 3), st.data())
def test_one_changed_byte_of_a_record_is_found_and_named(number, data):
    lines = exported(LOG)
    start = lines[number].index(b'"record":') + 10
    place = data.draw(st.integers(start, len(lines[number]) - 3))
    changed = bytearray(lines[number])
    changed[place] = data.draw(st.integers(48, 122).filter(lambda byte: byte != changed[place]))
    lines[number] = bytes(changed)
    found = list(faults("registry", lines))
    assert found
    assert found[0].line == number + 1


def test_a_removed_record_leaves_a_gap():
    lines = exported(LOG)
    del lines[1]
    assert kinds(lines) == [(3, "position")]


def test_a_log_renumbered_over_a_removed_record_shows_in_the_stream():
    log = [LOG[0], LOG[1], StoredRecord("registry", 3, LOG[3].record)]
    assert kinds(exported(log)) == [(3, "version")]


def test_swapped_records_are_found():
    lines = exported(LOG)
    lines[2], lines[3] = lines[3], lines[2]
    assert (4, "position") in kinds(lines)


def test_a_record_of_another_service_does_not_belong():
    assert [fault.kind for fault in faults("donations", exported(LOG[:1]))] == ["service"]


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"\xff"])
def test_a_line_that_is_none_is_said_to_be_none(text):
    assert [fault.kind for fault in faults("registry", [text])] == ["no-line"]


def test_an_event_that_stands_twice_is_found():
    again = encode_again(LOG[1])
    assert kinds(exported([LOG[0], LOG[1], again])) == [(3, "event-id")]


def encode_again(stored):
    event = RoleRevoked(
        grant_id=UUID(int=2), person_id=KEEPER, revoked_by=KEEPER, happened_at=MONDAY
    )
    new = encode("registry", "b", 2, UUID(int=102), event, MONDAY, Why(actor=KEEPER))
    return StoredRecord(stored.service, 3, new.record)
