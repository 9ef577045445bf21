"""Each fault that an auditor must find is planted here, and must be named rightly."""

import gzip

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.checkpoint import Checkpoint
from audit.export import Export, ExportWriter
from audit.files import NotAnExport
from audit.merkle import root_of
from audit.note import COSIGNATURE, ED25519, NotANote, Signer
from audit.verify import verify
from eventing.record import leaf_hash
from tests.audit.planted import (
    CHANGED,
    LOG_KEY,
    MONDAY,
    ORIGIN,
    RECORDS,
    Planted,
    a_log,
    changed,
    notes_of,
    record,
    write,
)


def found(path, **options):
    """What was found, as kind, first and last position, and detail."""
    return [
        (fault.kind, fault.first, fault.last, fault.detail)
        for fault in verify(path, **options).faults
    ]


def test_a_true_export_holds(tmp_path):
    planted = Planted(tmp_path, tiles=True)
    verdict = verify(planted.path)
    (log,) = verdict.logs
    assert verdict.holds
    assert (log.size, log.position, log.signed_up_to) == (RECORDS, RECORDS, 20)
    assert (log.checkpoints, log.matches, log.has_tiles) == (4, 4, True)
    assert not verdict.keys_are_given


def test_a_true_file_alone_holds(tmp_path):
    planted = Planted(tmp_path)
    outside = [note for _, note in notes_of(a_log())]
    assert found(planted.file, outside=outside, keys=[str(LOG_KEY.verifier)]) == []
    assert verify(planted.file).logs[0].service == "registry"


def test_chunks_are_one_log_and_compressed_ones_too(tmp_path):
    writer = ExportWriter(tmp_path, ORIGIN, MONDAY, chunk_records=5)
    write(writer, enumerate(a_log(), 1))
    writer.write_notes(notes_of(a_log()))
    writer.write_keys([str(LOG_KEY.verifier)])
    assert verify(tmp_path).holds
    assert len(list(tmp_path.glob("registry/*.gz"))) == 5


# --- one byte ---


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_one_changed_byte_anywhere_in_a_line_is_named(tmp_path_factory, data):
    planted = Planted(tmp_path_factory.mktemp("export"), tiles=data.draw(st.booleans()))
    lines = planted.lines
    number = data.draw(st.integers(0, 19))
    line = bytearray(lines[number])
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] = data.draw(st.integers(33, 126).filter(lambda byte: byte != line[place]))
    lines[number] = bytes(line)
    planted.lines = lines
    faults = verify(planted.path).faults
    assert [(fault.first, fault.last) for fault in faults] == [(number + 1, number + 1)]
    assert faults[0].kind in {"altered", "unreadable"}


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("record", b"grant_id", b"grant_iD"),
        ("id", b"00000000006b", b"0000000000ff"),
        ("source", b"//vongtay.example/registry", b"//vongtay.example/donation"),
        ("type", b"role-revoked", b"role-granted"),
        ("typeversion", b'typeversion\\":1', b'typeversion\\":2'),
        ("subject", b"grant-1", b"grant-2"),
        ("streamversion", b'streamversion\\":4', b'streamversion\\":5'),
        ("time", b"2024-10-07T02:00:00Z", b"2024-10-08T02:00:00Z"),
        ("actor", b'actor\\":\\"00000000', b'actor\\":\\"00000001'),
        ("causationid", b"00000000006a", b"000000000069"),
        ("data", b"revoked_by", b"revoked_bY"),
    ],
)
def test_a_change_in_each_field_of_a_record_is_called_altered(tmp_path, field, old, new):
    planted = Planted(tmp_path)
    lines = planted.lines
    assert old in lines[6], field
    lines[6] = lines[6].replace(old, new, 1)
    planted.lines = lines
    assert found(planted.path) == [("altered", 7, 7, "record-changed")]


def test_a_changed_leaf_is_told_from_a_changed_record(tmp_path):
    planted = Planted(tmp_path)
    lines = planted.lines
    lines[6] = lines[6].replace(leaf_hash(a_log()[6]).hex().encode(), b"0" * 64)
    planted.lines = lines
    assert found(planted.path) == [("altered", 7, 7, "leaf-changed")]


def test_a_leaf_in_capitals_is_a_changed_leaf(tmp_path):
    planted = Planted(tmp_path)
    lines = planted.lines
    leaf = leaf_hash(a_log()[6]).hex()
    lines[6] = lines[6].replace(leaf.encode(), leaf.upper().encode())
    planted.lines = lines
    assert found(planted.path) == [("altered", 7, 7, "leaf-changed")]


def test_a_changed_position_is_told_from_a_moved_record(tmp_path):
    planted = Planted(tmp_path)
    lines = planted.lines
    lines[6] = lines[6].replace(b'"position":7', b'"position":9')
    planted.lines = lines
    assert found(planted.path) == [("altered", 7, 7, "position-changed")]


def test_changed_positions_before_and_behind_what_was_signed(tmp_path):
    """What is stated of lines that nobody has signed is all there is to go by."""
    planted = Planted(tmp_path)
    lines = planted.lines
    lines[6] = lines[6].replace(b'"position":7', b'"position":9')
    lines[21] = lines[21].replace(b'"position":22', b'"position":25')
    planted.lines = lines
    assert found(planted.path) == [
        ("altered", 7, 7, "position-changed"),
        ("removed", 22, 24, "positions-missing"),
    ]


@pytest.mark.parametrize("tiles", [False, True])
def test_a_line_that_cannot_be_read(tmp_path, tiles):
    planted = Planted(tmp_path, tiles=tiles)
    lines = planted.lines
    lines[6] = lines[6].replace(b'"leaf"', b'"lief"')
    planted.lines = lines
    assert found(planted.path) == [("unreadable", 7, 7, "no-line")]


# --- records removed, inserted, moved ---


def test_a_removed_record(tmp_path):
    planted = Planted(tmp_path)
    lines = planted.lines
    del lines[6:8]
    planted.lines = lines
    assert found(planted.path) == [("removed", 7, 8, "positions-missing")]


def test_many_removed_records_are_one_range(tmp_path):
    log = [record(at, f"s-{at}", 1) for at in range(1, 30_001)]
    planted = Planted(tmp_path, log, signed=(30_000,))
    planted.lines = planted.lines[:5_000] + planted.lines[25_000:]
    assert found(planted.path) == [("removed", 5_001, 25_000, "positions-missing")]


def test_an_inserted_record(tmp_path):
    planted = Planted(tmp_path)
    lines = planted.lines
    lines.insert(6, lines[2])
    planted.lines = lines
    assert ("inserted", 3, 3, "position-twice") in found(planted.path)


def test_two_swapped_records(tmp_path):
    planted = Planted(tmp_path)
    lines = planted.lines
    lines[6], lines[7] = lines[7], lines[6]
    planted.lines = lines
    kinds = {(kind, first) for kind, first, _, _ in found(planted.path)}
    assert kinds == {("reordered", 8)}


def test_a_log_renumbered_over_a_removed_record(tmp_path):
    planted = Planted(tmp_path)
    log = a_log()
    planted.rewrite(log[:6] + log[7:])
    assert found(planted.path) == [
        ("rewritten", 6, 10, "between-if"),
        ("removed", 8, 8, "version-missing"),
    ]


def test_a_log_renumbered_over_an_inserted_record(tmp_path):
    planted = Planted(tmp_path)
    log = a_log()
    planted.rewrite([*log[:6], record(50, "grant-1", 3, event_id=150), *log[6:]])
    assert found(planted.path) == [
        ("rewritten", 6, 10, "between-if"),
        ("inserted", 7, 7, "version-twice"),
    ]


def test_a_log_renumbered_over_swapped_records(tmp_path):
    planted = Planted(tmp_path)
    log = a_log()
    planted.rewrite([*log[:6], log[8], log[7], log[6], *log[9:]])
    assert ("reordered", 9, 9, "version-late") in found(planted.path)
    assert ("rewritten", 6, 10, "between-if") in found(planted.path)


def test_an_event_that_stands_twice(tmp_path):
    again = record(99, "grant-9", 1, event_id=103)
    planted = Planted(tmp_path, [*a_log(4), again], signed=(4,))
    assert found(planted.path) == [("inserted", 5, 5, "event-twice")]


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (lambda log: log[:6] + log[7:], ("removed", 7)),
        (lambda log: [*log[:6], record(50, "new", 1, event_id=150), *log[6:]], ("inserted", 7)),
        (lambda log: [*log[:6], log[7], log[6], *log[8:]], ("reordered", 8)),
        (lambda log: changed(log, 7, CHANGED), ("altered", 7)),
    ],
    ids=["removed", "inserted", "reordered", "altered"],
)
def test_signed_tiles_name_the_place_where_the_log_was_renumbered(tmp_path, tamper, expected):
    planted = Planted(tmp_path, tiles=True)
    planted.rewrite(tamper(a_log()))
    faults = [
        (kind, first) for kind, first, _, detail in found(planted.path) if kind != "causation"
    ]
    assert faults[0] == expected
    assert {kind for kind, _ in faults} == {expected[0]}


def anew(log, number, stream, version):
    return changed(log, number, record(50, stream, version, event_id=150))


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (lambda log: log[:6] + log[8:], [("removed", 7), ("removed", 8)]),
        (lambda log: anew(log, 7, "grant-1", 3), [("altered", 7)]),
        (lambda log: anew(log, 7, "grant-1", 5), [("altered", 7)]),
        (lambda log: anew(log, 7, "other", 2), [("altered", 7)]),
        (lambda log: anew(log, 20, "other", 2), [("altered", 20)]),
        (
            lambda log: [*log[:4], log[6], log[5], log[4], *log[7:]],
            [("reordered", 6), ("reordered", 7)],
        ),
    ],
    ids=["two removed", "version before", "version behind", "no stream", "last", "swapped"],
)
def test_what_streams_tell_never_hides_what_tiles_tell(tmp_path, tamper, expected):
    """A log with right positions and leaves, whose streams show something as well."""
    planted = Planted(tmp_path, tiles=True)
    planted.rewrite(tamper(a_log()))
    verdict = verify(planted.path)
    told = [(fault.kind, fault.first) for fault in verdict.faults if fault.kind != "causation"]
    assert told == expected
    assert not verdict.is_signed


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_was_done_to_what_was_signed_is_a_fault(tmp_path_factory, data):
    planted = Planted(tmp_path_factory.mktemp("export"), tiles=data.draw(st.booleans()))
    log = a_log()
    true = log[:20]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(1, len(log) - 1))
        other = record(
            data.draw(st.integers(30, 90)),
            data.draw(st.sampled_from(["grant-0", "grant-1", "new"])),
            data.draw(st.integers(1, 12)),
            event_id=data.draw(st.integers(200, 900)),
        )
        log = data.draw(
            st.sampled_from(
                [log[: at - 1] + log[at:], [*log[:at], other, *log[at:]], changed(log, at, other)]
            )
        )
    planted.rewrite(log)
    verdict = verify(planted.path)
    if log[:20] != true:
        assert not verdict.holds
        assert not verdict.is_signed


# --- the tail, and what was signed ---


def test_a_cut_tail(tmp_path):
    planted = Planted(tmp_path)
    planted.rewrite(a_log()[:17])
    assert found(planted.path) == [
        ("truncated", 18, 20, "shorter"),
        ("truncated", 21, 22, "shorter-than-said"),
    ]


@pytest.mark.parametrize("tiles", [False, True])
def test_a_cut_tail_of_a_log_whose_manifest_was_adapted(tmp_path, tiles):
    log = a_log()
    planted = Planted(tmp_path, log[:17], signed=(5, 10, 15))
    planted.sign(notes_of(log))
    if tiles:
        planted.write_tile(log[:20])
    assert found(planted.path) == [("truncated", 18, 20, "shorter")]


def test_a_log_that_was_taken_out_whole(tmp_path):
    planted = Planted(tmp_path)
    ExportWriter(tmp_path / "other", ORIGIN, MONDAY).write_notes(notes_of(a_log()))
    (tmp_path / "other" / "keys.txt").write_bytes((planted.path / "keys.txt").read_bytes())
    assert found(tmp_path / "other") == [("truncated", 1, 20, "shorter")]


@pytest.mark.parametrize(
    ("position", "first", "last", "detail"),
    [(3, 1, 5, "from-start"), (7, 6, 10, "between-if"), (20, 16, 20, "between-if")],
)
def test_record_leaf_and_tile_rewritten_gives_the_range(tmp_path, position, first, last, detail):
    planted = Planted(tmp_path, tiles=True)
    log = changed(a_log(), position, record(position, "other", 1, event_id=100 + position))
    planted.rewrite(log)
    planted.write_tile(log[:20])
    faults = [fault for fault in found(planted.path) if fault[0] not in {"removed", "inserted"}]
    assert faults == [("rewritten", first, last, detail)]


def test_what_nobody_has_signed_yet_cannot_be_missed(tmp_path):
    planted = Planted(tmp_path)
    planted.rewrite(changed(a_log(), 21, record(21, "grant-1", 11, event_id=121)))
    verdict = verify(planted.path)
    assert verdict.holds
    assert verdict.logs[0].signed_up_to == 20


def test_a_tree_signed_again_after_a_rewrite(tmp_path):
    """Only a checkpoint that has left the house can tell."""
    planted = Planted(tmp_path)
    log = changed(a_log(), 7, CHANGED)
    planted.rewrite(log)
    planted.sign(notes_of(log))
    assert found(planted.path) == []
    outside = [note for size, note in notes_of(a_log()) if size in {5, 15}]
    assert found(planted.path, outside=outside) == [
        ("rewritten", 6, 15, "between"),
        ("forked", 15, 15, "two-roots"),
        ("forked", 15, 20, "signed-again"),
    ]


def test_a_forged_checkpoint_does_not_move_the_lower_bound(tmp_path):
    planted = Planted(tmp_path)
    log = changed(a_log(), 7, CHANGED)
    planted.rewrite(log)
    planted.sign(notes_of(log, [10]))
    outside = [note for _, note in notes_of(a_log(), [15])]
    assert found(planted.path, outside=outside) == [("rewritten", 1, 15, "from-start")]


def test_a_checkpoint_forked_for_two_readers(tmp_path):
    planted = Planted(tmp_path)
    for_another = notes_of(changed(a_log(), 7, CHANGED), [20])
    assert ("forked", 20, 20, "two-roots") in found(planted.path, outside=[for_another[0][1]])


def test_a_service_restored_from_a_backup_that_forgot_its_newest_checkpoint(tmp_path):
    """It had 20, was set back to 12, went on to 18, and signed that."""
    other = [record(70 + at, "after", at, event_id=200 + at) for at in range(1, 7)]
    planted = Planted(tmp_path, [*a_log(12), *other], signed=(5, 10, 18))
    assert found(planted.path) == []
    outside = [note for _, note in notes_of(a_log(), [15, 20])]
    faults = found(planted.path, outside=outside)
    assert ("forked", 15, 18, "signed-again") in faults
    assert ("rewritten", 1, 15, "from-start") in faults


def test_a_changed_tile_is_told_from_a_changed_log(tmp_path):
    planted = Planted(tmp_path)
    planted.write_tile(changed(a_log(), 7, CHANGED)[:20])
    assert found(planted.path) == [("altered", 7, 7, "tile-changed")]


# --- keys ---


def test_a_checkpoint_that_another_key_signed_does_not_count(tmp_path):
    planted = Planted(tmp_path)
    other = Signer(LOG_KEY.name, ED25519, b"\x09" * 32)
    planted.sign(notes_of(a_log(), [20], key=other))
    assert found(planted.path) == [("checkpoint", 20, 20, "not-signed")]
    assert found(planted.path, keys=[str(other.verifier)]) == []


def test_checkpoints_that_do_not_count_for_one_reason_are_told_of_once(tmp_path):
    planted = Planted(tmp_path)
    other = Signer(LOG_KEY.name, ED25519, b"\x09" * 32)
    assert found(planted.path, keys=[str(other.verifier)]) == [("checkpoint", 5, 20, "not-signed")]


def test_without_a_key_no_checkpoint_counts_and_none_is_wrong(tmp_path):
    planted = Planted(tmp_path)
    (planted.path / "keys.txt").unlink()
    verdict = verify(planted.path)
    assert verdict.holds
    assert not verdict.is_signed
    assert (verdict.logs[0].unchecked, verdict.logs[0].signed_up_to) == (4, 0)


def test_a_changed_checkpoint_does_not_count(tmp_path):
    planted = Planted(tmp_path)
    planted.sign([(19, notes_of(a_log(), [20])[0][1].replace("\n20\n", "\n19\n"))])
    assert found(planted.path) == [("checkpoint", 19, 19, "bad-signature")]


def test_a_checkpoint_of_another_log_does_not_count(tmp_path):
    planted = Planted(tmp_path)
    stranger = Signer("elsewhere.example/registry", ED25519, b"\x01" * 32)
    planted.sign(notes_of(a_log(), [20], key=stranger))
    assert found(planted.path) == [("checkpoint", 20, 20, "other-log")]


def test_an_origin_that_is_no_log_of_these(tmp_path):
    planted = Planted(tmp_path)
    *earlier, (size, note) = notes_of(a_log())
    planted.sign([*earlier, (size, note.replace("/registry", "/registrz"))])
    assert found(planted.path) == [("checkpoint", 20, 20, "other-log")]
    assert verify(planted.path).faults[0].where() == "checkpoints:20"


def test_a_line_of_checkpoints_that_is_none(tmp_path):
    planted = Planted(tmp_path)
    file = planted.path / "checkpoints.ndjson"
    file.write_bytes(b"garbage\xff\n" + file.read_bytes())
    assert found(planted.path) == [("checkpoint", None, None, "not-a-note")]
    planted.sign([*notes_of(a_log()), (1, f"{LOG_KEY.name}\n{'9' * 5000}\n\n")])
    assert [kind for kind, _, _, _ in found(planted.path)] == ["checkpoint"]


def both_signed(log, size, old, new):
    root = root_of([leaf_hash(each) for each in log[:size]])
    return size, Checkpoint(old.name, size, root).signed(old, new)


def test_a_key_brings_in_its_successor_and_counts_no_longer(tmp_path):
    planted = Planted(tmp_path)
    log, new = a_log(), Signer(LOG_KEY.name, ED25519, b"\x02" * 32)
    ExportWriter(planted.path, ORIGIN, MONDAY).write_keys([str(new.verifier)])
    rotated = [*notes_of(log, [5]), both_signed(log, 10, LOG_KEY, new), *notes_of(log, [15], new)]
    planted.sign(rotated)
    given = [str(LOG_KEY.verifier)]
    assert found(planted.path, keys=given) == []
    planted.sign([*rotated, *notes_of(log, [20])])
    assert found(planted.path, keys=given) == [("checkpoint", 20, 20, "retired-key")]
    planted.sign([*notes_of(log, [5]), *notes_of(log, [15], new)])
    assert found(planted.path, keys=given) == [("checkpoint", 15, 15, "not-signed")]


def test_a_retired_key_does_not_count_because_an_unknown_one_signed_too(tmp_path):
    """Whoever stole the old key may write any key of theirs into the export."""
    planted = Planted(tmp_path)
    log, new = a_log(), Signer(LOG_KEY.name, ED25519, b"\x02" * 32)
    thief = Signer(LOG_KEY.name, ED25519, b"\x03" * 32)
    keys = [str(new.verifier), str(thief.verifier)]
    ExportWriter(planted.path, ORIGIN, MONDAY).write_keys(keys)
    forged = changed(log, 18, record(18, "grant-0", 9, event_id=218))
    planted.rewrite(forged)
    rotated = [*notes_of(log, [5]), both_signed(log, 10, LOG_KEY, new)]
    planted.sign([*rotated, both_signed(forged, 20, LOG_KEY, thief)])
    given = [str(LOG_KEY.verifier)]
    assert found(planted.path, keys=given) == [("checkpoint", 20, 20, "retired-key")]
    assert verify(planted.path, keys=given).logs[0].signed_up_to == 10


@pytest.mark.parametrize("given", [True, False])
def test_of_two_keys_that_are_trusted_the_one_that_signed_first_is_retired(tmp_path, given):
    planted = Planted(tmp_path)
    log, new = a_log(), Signer(LOG_KEY.name, ED25519, b"\x02" * 32)
    ExportWriter(planted.path, ORIGIN, MONDAY).write_keys([str(new.verifier)])
    joint = [both_signed(log, size, LOG_KEY, new) for size in (10, 15)]
    planted.sign([*notes_of(log, [5]), *joint, *notes_of(log, [20])])
    keys = [str(new.verifier), str(LOG_KEY.verifier)] if given else []
    assert found(planted.path, keys=keys) == [("checkpoint", 20, 20, "retired-key")]
    planted.sign([*notes_of(log, [5]), *joint, *notes_of(log, [20], new)])
    assert found(planted.path, keys=keys) == []


def test_what_a_trusted_witness_cosigned_counts_as_from_outside(tmp_path):
    planted = Planted(tmp_path)
    witness = Signer("witness.example", COSIGNATURE, b"\x05" * 32)
    log = changed(a_log(), 7, CHANGED)
    planted.rewrite(log)
    ((_, true),) = notes_of(a_log(), [15])
    planted.sign(
        [
            *notes_of(log, [10]),
            (15, true + witness.line(true.split("\n\n")[0] + "\n", 1_700_000_000)),
        ]
    )
    assert ("rewritten", 11, 15, "between-if") in found(planted.path)
    key = [str(witness.verifier)]
    assert ("rewritten", 1, 15, "from-start") in found(planted.path, witnesses=key)
    assert verify(planted.path, witnesses=key).logs[0].witnesses == ("witness.example@1700000000",)


# --- what an event says ---


def test_an_event_that_is_caused_by_a_later_one(tmp_path):
    log = [*a_log(3), record(4, "x", 1, causation=105), record(5, "x", 2)]
    assert found(Planted(tmp_path, log, signed=(5,)).path) == [("causation", 4, 4, "later-cause")]


def test_an_event_that_caused_itself(tmp_path):
    log = [*a_log(3), record(4, "x", 1, causation=104)]
    assert found(Planted(tmp_path, log, signed=(4,)).path) == [("causation", 4, 4, "later-cause")]


def test_a_cause_in_another_service_is_no_fault(tmp_path):
    log = [*a_log(3), record(4, "x", 1, causation=9_999)]
    assert found(Planted(tmp_path, log, signed=(4,)).path) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"grant_id":', b'"grant":'),
        (b'"type":"role-revoked"', b'"type":"role-unheard-of"'),
        (b'"typeversion":1', b'"typeversion":9'),
        (b'"specversion":"1.0"', b'"specversion":"2.0"'),
    ],
)
def test_an_event_that_is_not_of_its_schema(tmp_path, old, new):
    assert old in a_log(1)[0]
    log = [a_log(1)[0].replace(old, new)]
    assert found(Planted(tmp_path, log, signed=(1,)).path) == [("schema", 1, 1, "no-event")]


def test_a_time_that_is_not_that_of_the_fact(tmp_path):
    log = [a_log(1)[0].replace(b'"time":"2024-10-07T02', b'"time":"2024-10-07T03')]
    assert found(Planted(tmp_path, log, signed=(1,)).path) == [("schema", 1, 1, "time-differs")]


def test_an_instant_without_an_offset(tmp_path):
    naive = a_log(1)[0].replace(b"2024-10-07T02:00:00Z", b"2024-10-07T02:00:00")
    assert naive.count(b"Z") < a_log(1)[0].count(b"Z")
    faults = found(Planted(tmp_path, [naive], signed=(1,)).path)
    assert faults == [("unreadable", 1, 1, "no-record")]


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        b"text",
        a_log(1)[0].replace(b'"actor":"', b'"actor":"z'),
        a_log(1)[0].replace(b'"recordformat":1', b'"recordformat":9'),
    ],
)
def test_a_record_that_is_none(tmp_path, text):
    faults = found(Planted(tmp_path, [text], signed=(1,)).path)
    assert faults == [("unreadable", 1, 1, "no-record")]


def test_a_record_of_another_service(tmp_path):
    log = [record(1, "a", 1, service="donations")]
    assert found(Planted(tmp_path, log, signed=(1,)).path) == [("foreign", 1, 1, "source")]


# --- what cannot be read ---


def test_a_damaged_file_is_said_to_be_one(tmp_path):
    writer = ExportWriter(tmp_path, ORIGIN, MONDAY, chunk_records=10)
    write(writer, enumerate(a_log(), 1))
    file = tmp_path / "registry" / "000000000011.ndjson.gz"
    file.write_bytes(file.read_bytes()[:-30])
    assert "no-file" in {detail for _, _, _, detail in found(tmp_path)}
    file.unlink()
    assert found(tmp_path) == [("unreadable", 11, 20, "no-file")]


@pytest.mark.parametrize("tiles", [False, True])
def test_a_damaged_or_missing_file_does_not_hide_the_others(tmp_path, tiles):
    writer = ExportWriter(tmp_path, ORIGIN, MONDAY, chunk_records=5)
    log = a_log()
    write(writer, enumerate(log, 1))
    writer.write_notes(notes_of(log))
    writer.write_keys([str(LOG_KEY.verifier)])
    if tiles:
        writer.write_tile("registry", 0, b"".join(map(leaf_hash, log[:20])))
    (tmp_path / "registry" / "000000000006.ndjson.gz").unlink()
    assert found(tmp_path) == [("unreadable", 6, 10, "no-file")]


def test_what_a_manifest_says_of_a_chunk_hides_no_line(tmp_path):
    planted = Planted(tmp_path)
    manifest = planted.path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"last": 22', '"last": 0'))
    assert found(planted.path) == []
    assert verify(planted.path).logs[0].signed_up_to == 20


def test_a_manifest_that_names_a_log_twice(tmp_path):
    planted = Planted(tmp_path)
    manifest = planted.path / "manifest.json"
    said = msgspec.json.decode(manifest.read_bytes())
    manifest.write_bytes(msgspec.json.encode(said | {"logs": said["logs"] * 2}))
    with pytest.raises(NotAnExport):
        verify(planted.path)


@pytest.mark.parametrize(
    "manifest",
    ["", "{}", '{"format":9,"origin":"o","exported_at":"2024-10-07T02:00:00Z","chunk_records":1}'],
)
def test_a_folder_that_is_no_export(tmp_path, manifest):
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(NotAnExport):
        verify(tmp_path)


def test_a_manifest_that_points_out_of_the_export(tmp_path):
    planted = Planted(tmp_path / "export")
    manifest = planted.path / "manifest.json"
    manifest.write_text(manifest.read_text().replace("registry/0", "../registry/0"))
    with pytest.raises(NotAnExport):
        Export(planted.path)


def test_what_is_given_and_is_no_note_is_refused(tmp_path):
    planted = Planted(tmp_path)
    with pytest.raises(NotANote):
        verify(planted.path, outside=["something"])
    with pytest.raises(NotANote):
        verify(planted.path, keys=["something"])


def test_an_export_is_gone_on_with(tmp_path):
    log = a_log()
    writer = ExportWriter(tmp_path, ORIGIN, MONDAY, chunk_records=5)
    write(writer, enumerate(log[:13], 1))
    again = ExportWriter(tmp_path, ORIGIN, MONDAY)
    assert again.position("registry") == 10
    write(again, list(enumerate(log, 1))[10:])
    assert [chunk.last for chunk in Export(tmp_path).log("registry").chunks] == [5, 10, 15, 20, 22]
    assert verify(tmp_path).holds
    first = tmp_path / "registry" / "000000000001.ndjson.gz"
    assert gzip.decompress(first.read_bytes()).count(b"\n") == 5
