"""Exports made by who knows how they are checked: none crashes it, hides, or accuses wrongly."""

import gzip
import json
import os
from itertools import pairwise

import msgspec
import pytest
from typer.testing import CliRunner

from audit.export import ExportWriter, line_of
from audit.files import NotAnExport
from audit.note import ED25519, Signer
from audit.verify import verify
from console.__main__ import app
from eventing.record import leaf_hash
from tests.audit.planted import (
    CHANGED,
    LOG_KEY,
    MONDAY,
    ORIGIN,
    Planted,
    a_log,
    changed,
    notes_of,
    record,
    write,
)


def found(path, **options):
    return [(fault.kind, fault.first, fault.last) for fault in verify(path, **options).faults]


def ends(*arguments):
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def line(at, text):
    return msgspec.json.encode(
        {"position": at, "leaf": leaf_hash(text).hex(), "record": text.decode()}
    )


# --- whatever the bytes are, each fault has a place and the rest is checked ---


@pytest.mark.parametrize("tiles", [False, True])
def test_a_flipped_bit_that_makes_no_text(tmp_path, tiles):
    planted = Planted(tmp_path, tiles=tiles)
    lines = planted.lines
    lines[6] = lines[6].replace(b"grant_id", b"grant_i\xe4")
    lines[11] = lines[11].replace(b"grant_id", b"grant_iD")
    planted.lines = lines
    assert found(planted.path) == [("unreadable", 7, 7), ("altered", 12, 12)]
    assert ends("verify", planted.path).exit_code == 1


def test_a_flipped_bit_in_checkpoints_and_keys(tmp_path):
    planted = Planted(tmp_path)
    for name in ("checkpoints.ndjson", "keys.txt"):
        file = planted.path / name
        file.write_bytes(b"\xe4\xff" + file.read_bytes())
    notes, keys = verify(planted.path).faults[:2], verify(planted.path).faults
    assert {fault.kind for fault in notes} == {"checkpoint"}
    assert "not-a-key" in {fault.detail for fault in keys}
    planted = Planted(tmp_path / "other")
    file = planted.path / "keys.txt"
    file.write_bytes(file.read_bytes() + b"\xe4\xff\n")
    assert found(planted.path) == [("checkpoint", None, None)]
    assert verify(planted.path).logs[0].matches == 4, "the key that is one still counts"


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"data":{', b'"more":' + DEEP + b',"data":{'),
        (b'"actor":"', b'"actor":"\\ud800'),
        (b'"data":{', b'"data":[{"happened_at":"2024-10-07T02:00:00Z"}],"more":{'),
        (b'"streamversion":', b'"streamversion":-'),
        (b'"typeversion":1', b'"typeversion":0'),
        (b'"typeversion":1', b'"typeversion":1.0'),
        (b'"typeversion":1', b'"typeversion":' + b"1" * 5_000),
        (b'"recordedtime":"2024-10-07T02:00:00Z"', b'"recordedtime":"2024-10-07T02:00:00"'),
        (b'"data":{', b'"more":"\xff","data":{'),
        (b'"data":{', b'"more":NaN,"data":{'),
    ],
)
def test_a_signed_record_that_is_none(tmp_path, old, new):
    text = a_log(1)[0].replace(old, new, 1)
    assert old in a_log(1)[0]
    planted = Planted(tmp_path, a_log(1), signed=(1,))
    try:
        raw = line(1, text)
    except UnicodeDecodeError:
        raw = planted.lines[0].replace(b'\\"data\\":{', b'\\"more\\":\\"\xff\\",\\"data\\":{')
    planted.lines = [raw]
    planted.sign(notes_of([text], [1]))
    assert found(planted.path)[0] == ("unreadable", 1, 1)
    assert ends("verify", planted.path).exit_code == 1


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_signed_time_at_the_end_of_the_calendar(tmp_path, time):
    text = a_log(1)[0].replace(b"2024-10-07T02:00:00Z", time.encode())
    planted = Planted(tmp_path, [text], signed=(1,))
    assert ends("verify", planted.path, "--report", tmp_path / "report.html").exit_code == 0
    shown = ends("show", planted.path, "registry:1")
    assert shown.exit_code == 0
    assert "role-revoked" in shown.output


def test_a_witness_that_signed_at_the_end_of_time(tmp_path):
    witness = Signer("witness.example", 4, b"\x05" * 32)
    planted = Planted(tmp_path, a_log(20))
    ((size, note),) = notes_of(a_log(), [20])
    planted.sign([(size, note + witness.line(note.split("\n\n")[0] + "\n", 2**64 - 1))])
    told = ends("verify", planted.path, "--witness-key", witness.verifier)
    assert told.exit_code == 0, told.output


def said_otherwise(planted, change):
    manifest = planted.path / "manifest.json"
    said = json.loads(manifest.read_bytes())
    change(said)
    manifest.write_bytes(json.dumps(said).encode())


@pytest.mark.parametrize("name", ["[/x]", "../x", "a/b", "", "\x1b[31m", "x" * 300, "sổ", "A"])
def test_a_name_of_a_service_that_is_none(tmp_path, name):
    planted = Planted(tmp_path)
    said_otherwise(planted, lambda said: said["logs"][0].update(service=name))
    told = ends("verify", planted.path)
    assert (told.exit_code, "NotAnExport" in told.output) == (2, True)
    assert "\x1b" not in told.output


@pytest.mark.parametrize(
    "file", ["a\0b", "../registry/000000000001.ndjson", "/etc/hostname", "", "x/../y", "-", "CON:x"]
)
def test_a_name_of_a_file_that_is_none(tmp_path, file):
    planted = Planted(tmp_path)
    said_otherwise(planted, lambda said: said["logs"][0]["chunks"][0].update(file=file))
    assert ends("verify", planted.path).exit_code in {1, 2}
    assert not verify_or_none(planted.path)


def verify_or_none(path):
    try:
        return verify(path).holds
    except NotAnExport:
        return False


def as_link(file, to):
    file.unlink()
    file.symlink_to(to)


def test_files_that_are_none(tmp_path):
    """A pipe holds nobody up, a device fills no memory, a link leads nowhere else."""
    outside = tmp_path / "outside.ndjson"
    for number, (name, spoil) in enumerate(
        [
            ("registry/000000000001.ndjson", lambda file: (file.unlink(), os.mkfifo(file))),
            ("registry/000000000001.ndjson", lambda file: as_link(file, outside)),
            ("registry/000000000001.ndjson", lambda file: as_link(file, file)),
            ("registry/000000000001.ndjson", lambda file: as_link(file, "/dev/zero")),
            ("keys.txt", lambda file: as_link(file, "/dev/zero")),
            ("keys.txt", lambda file: (file.unlink(), os.mkfifo(file))),
            ("keys.txt", lambda file: (file.unlink(), file.mkdir())),
            ("checkpoints.ndjson", lambda file: (file.unlink(), os.mkfifo(file))),
            ("checkpoints.ndjson", lambda file: file.write_bytes(b"x" * (17 * 2**20))),
        ]
    ):
        planted = Planted(tmp_path / str(number))
        outside.write_bytes(planted.file.read_bytes())
        spoil(planted.path / name)
        assert any(kind == "unreadable" for kind, _, _ in found(planted.path)), number


def test_a_manifest_that_is_a_pipe(tmp_path):
    planted = Planted(tmp_path)
    manifest = planted.path / "manifest.json"
    manifest.unlink()
    os.mkfifo(manifest)
    assert ends("verify", planted.path).exit_code == 2


@pytest.mark.parametrize("content", [b" " * 2**30, b"\n" * (20 * 2**20), b"x\n" * (20 * 2**20)])
def test_a_small_file_that_stands_for_much(tmp_path, content):
    planted = Planted(tmp_path)
    chunk = planted.path / "registry" / "000000000001.ndjson.gz"
    chunk.write_bytes(gzip.compress(planted.file.read_bytes() + content, 1))
    said_otherwise(
        planted,
        lambda said: said["logs"][0]["chunks"][0].update(file="registry/000000000001.ndjson.gz"),
    )
    del content
    faults = found(planted.path)
    assert len(faults) <= 2
    assert {kind for kind, _, _ in faults} == {"unreadable"}
    assert faults[-1][1] in {22, 23}


@pytest.mark.parametrize(
    "arguments",
    [("show", "registry:²"), ("show", "registry:" + "9" * 5_000), ("prove", "registry:²"),
     ("prove", "registry:" + "9" * 5_000), ("show", "registry:-1"),
     ("replay", "--at", "registry:²")],
)  # fmt: skip
def test_a_place_that_is_none(tmp_path, arguments):
    command, *rest = arguments
    told = ends(command, Planted(tmp_path).path, *rest)
    assert told.exit_code == 2
    assert "Traceback" not in told.output


def test_an_index_of_many_digits(tmp_path):
    planted, proof = Planted(tmp_path / "export"), tmp_path / "proof"
    ends("prove", planted.path, "registry:7", "-o", proof)
    proof.write_text(proof.read_text().replace("index 6", "index " + "6" * 5_000))
    assert ends("check-proof", proof, "--key", LOG_KEY.verifier).exit_code == 2


def test_what_goes_wrong_in_the_program_is_no_fault_of_the_log(tmp_path, monkeypatch):
    def fails(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("audit.verify.verify", fails)
    told = ends("verify", Planted(tmp_path).path)
    assert (told.exit_code, "ZeroDivisionError" in told.output) == (2, True)


# --- one change is hidden behind no other ---


def test_a_rewriting_behind_a_copy_at_the_end(tmp_path):
    planted = Planted(tmp_path)
    planted.rewrite(changed(a_log(), 20, record(20, "other", 1, event_id=120)))
    planted.lines = [*planted.lines, planted.lines[0]]
    assert ("rewritten", 16, 20) in found(planted.path)
    assert ("inserted", 1, 1) in found(planted.path)


@pytest.mark.parametrize("place", [0, 3, 10])
def test_a_rewriting_behind_a_copy_before_it(tmp_path, place):
    planted = Planted(tmp_path)
    planted.rewrite(changed(a_log(), 12, record(12, "other", 1, event_id=112)))
    lines = planted.lines
    planted.lines = [*lines[: place + 1], *lines[place:]]
    assert ("rewritten", 11, 15) in found(planted.path)
    assert ("inserted", place + 1, place + 1) in found(planted.path)


def test_a_rewriting_behind_a_move(tmp_path):
    planted = Planted(tmp_path)
    planted.rewrite(changed(a_log(), 12, record(12, "other", 1, event_id=112)))
    lines = planted.lines
    planted.lines = [*lines[1:3], lines[0], *lines[3:]]
    assert set(found(planted.path)) == {("reordered", 1, 1), ("rewritten", 1, 15)} or set(
        found(planted.path)
    ) == {("reordered", 1, 1), ("rewritten", 11, 15)}


def test_tiles_that_were_signed_in_part_tell_of_that_part(tmp_path):
    """The newest checkpoint is of another history, so the tiles are read as wide as it, and cut."""
    planted = Planted(tmp_path, signed=(10, 20))
    planted.write_tile(a_log(20))
    planted.rewrite(changed(a_log(), 3, record(3, "other", 1, event_id=103)))
    other = changed(a_log(), 15, record(15, "other", 1, event_id=115))
    planted.sign([*notes_of(a_log(), [10]), *notes_of(other, [20])])
    assert ("altered", 3, 3) in found(planted.path)


def test_a_changed_tile_beside_a_line_that_says_nothing(tmp_path):
    planted = Planted(tmp_path)
    planted.write_tile(changed(a_log(), 7, CHANGED)[:20])
    planted.lines = [*planted.lines[:3], b"junk", *planted.lines[3:]]
    assert found(planted.path) == [("unreadable", 4, 4), ("altered", 7, 7)]


def test_what_could_not_be_compared_is_said(tmp_path):
    planted = Planted(tmp_path)
    planted.rewrite(changed(a_log(), 12, record(12, "other", 1, event_id=112)))
    lines = planted.lines
    del lines[6]
    planted.lines = lines
    assert found(planted.path) == [("removed", 7, 7)]
    log = verify(planted.path).logs[0]
    assert (log.not_compared.checkpoints, log.not_compared.first) == (3, 7)
    assert "từ 7 không đối chiếu được với 3 mốc" in ends("verify", planted.path).output.replace(
        "\n", " "
    )


def test_a_move_alone_leaves_nothing_that_was_not_compared(tmp_path):
    planted = Planted(tmp_path)
    lines = planted.lines
    planted.lines = [*lines[1:9], lines[0], *lines[9:]]
    assert found(planted.path) == [("reordered", 1, 1)]
    assert verify(planted.path).logs[0].not_compared is None


# --- what nobody vouches for is not green ---


@pytest.mark.parametrize("size", [0, 5])
def test_an_early_checkpoint_does_not_vouch_for_what_came_later(tmp_path, size):
    planted = Planted(
        tmp_path, changed(a_log(), 20, CHANGED.replace(b"107", b"120")), signed=(size,)
    )
    log = verify(planted.path)
    assert not log.is_signed
    assert ends("verify", planted.path).exit_code in {1, 2}
    planted = Planted(tmp_path / "other", a_log(20), signed=(size,))
    assert ends("verify", planted.path).exit_code == 2


def test_what_the_log_alone_signed_is_said(tmp_path):
    planted = Planted(tmp_path, changed(a_log(20), 7, CHANGED))
    told = ends("verify", planted.path)
    assert told.exit_code == 0
    assert "registry:1-20: chỉ có chữ ký của chính sổ" in told.output
    kept = tmp_path / "kept.txt"
    kept.write_text(notes_of(changed(a_log(20), 7, CHANGED), [15])[0][1])
    assert "registry:16-20" in ends("verify", planted.path, "--checkpoint", kept).output
    kept.write_text(notes_of(changed(a_log(20), 7, CHANGED), [20])[0][1])
    assert "chính sổ" not in ends("verify", planted.path, "--checkpoint", kept).output


# --- one change is one fault ---


def longer(path, count=250, **options):
    return Planted(path, a_log(count), signed=(count // 2, count), **options)


@pytest.mark.parametrize("tiles", [False, True])
def test_an_empty_line_is_none(tmp_path, tiles):
    planted = longer(tmp_path, tiles=tiles)
    planted.lines = [*planted.lines[:50], b"", *planted.lines[50:], b" \t\r"]
    assert found(planted.path) == []
    assert verify(planted.path).is_signed


@pytest.mark.parametrize("tiles", [False, True])
@pytest.mark.parametrize(("at", "to"), [(50, 249), (249, 50), (0, 249), (249, 0), (7, 8)])
def test_a_moved_record_is_one_fault(tmp_path, tiles, at, to):
    planted = longer(tmp_path, tiles=tiles)
    lines = planted.lines
    lines.insert(to, lines.pop(at))
    planted.lines = lines
    (fault,) = found(planted.path)
    assert fault[0] == "reordered"
    assert fault[1] in {at + 1, to + 1}


@pytest.mark.parametrize(("at", "to"), [(50, 249), (249, 50)])
def test_a_record_moved_and_renumbered_is_one_fault_of_the_tiles(tmp_path, at, to):
    planted = longer(tmp_path, tiles=True)
    log = a_log(250)
    log.insert(to, log.pop(at))
    planted.rewrite(log)
    assert [each for each in found(planted.path) if each[0] != "causation"] == [
        ("reordered", at + 1, at + 1)
    ]


@pytest.mark.parametrize("junk", [b"junk", b"\xff", b"{}", b"[" * 70 + b"]" * 70])
@pytest.mark.parametrize("tiles", [False, True])
def test_a_line_more_that_says_nothing_is_one_fault(tmp_path, tiles, junk):
    planted = longer(tmp_path, tiles=tiles)
    planted.lines = [*planted.lines[:50], junk, *planted.lines[50:]]
    assert found(planted.path) == [("unreadable", 51, 51)]
    assert verify(planted.path).logs[0].matches == 2


def test_each_effect_of_a_later_cause_is_named(tmp_path):
    log = [
        *a_log(3),
        record(4, "x", 1, causation=106),
        record(5, "x", 2, causation=106),
        record(6, "x", 3),
    ]
    planted = Planted(tmp_path, log, signed=(6,))
    assert found(planted.path) == [("causation", 4, 4), ("causation", 5, 5)]


def test_where_a_log_signed_twice_no_checkpoint_of_its_own_narrows_the_place(tmp_path):
    """All up to 15 was signed anew over the change at 3; the checkpoint at 16 was forgotten."""
    other = changed(a_log(20), 3, record(3, "other", 1, event_id=103))
    planted = Planted(tmp_path, other)
    planted.sign([*notes_of(other, [5, 10, 15]), *notes_of(a_log(), [16]), *notes_of(other, [20])])
    assert ("rewritten", 1, 16) in found(planted.path)
    assert ("forked", 16, 20) in found(planted.path)


def test_showing_and_replaying_an_altered_record_says_so(tmp_path):
    planted = Planted(tmp_path)
    lines = planted.lines
    lines[6] = lines[6].replace(b'person_id\\":\\"00000000', b'person_id\\":\\"00000009')
    planted.lines = lines
    shown = ends("show", planted.path, "grant-1")
    assert (shown.exit_code, shown.output.count("✗")) == (1, 1)
    told = ends("replay", planted.path)
    assert (told.exit_code, "registry:7" in told.output) == (1, True)


# --- what is shown ---


def test_no_text_of_an_export_moves_the_cursor_or_makes_a_line(tmp_path):
    evil = "Áo\n    opened_by: nobody\x1b[31m\u202e\x9b"
    text = a_log(1)[0].replace(b'"subject":"grant-1"', b'"subject":' + msgspec.json.encode(evil))
    planted = Planted(tmp_path, [text], signed=(1,))
    for told in (ends("show", planted.path, "registry:1"), ends("verify", planted.path)):
        assert not {"\x1b", "\u202e", "\x9b"} & set(told.output)
        assert not any(each.startswith("    opened_by") for each in told.output.splitlines())
    as_json = ends("show", planted.path, "registry:1", "--json").stdout
    assert not {"\x1b", "\u202e", "\x9b"} & set(as_json)
    assert json.loads(as_json)[0]["record"]["subject"] == evil


def test_a_checkpoint_of_an_origin_that_is_markup(tmp_path):
    planted = Planted(tmp_path)
    (note,) = notes_of(a_log(), [1], Signer("[/x]\x1b[31m/[red]", ED25519, b"\x09" * 32))
    planted.sign([*notes_of(a_log()), note])
    told = ends("verify", planted.path)
    assert told.exit_code == 1
    assert "\x1b" not in told.output
    assert r"[/x]\x1b[31m/[red]" in told.output.replace("\n", "")


# --- checkpoints that somebody kept ---


@pytest.mark.parametrize("parted", ["", "\n", "\n\n\n"])
@pytest.mark.parametrize(
    "spoil", [str, lambda text: "\ufeff" + text.replace("\n", "\r\n"), str.strip]
)
def test_several_notes_in_one_file(tmp_path, parted, spoil):
    planted = Planted(tmp_path / "export", changed(a_log(20), 7, CHANGED))
    kept = tmp_path / "moc.txt"
    stranger = Signer("elsewhere.example/other", ED25519, b"\x09" * 32)
    notes = [*notes_of(a_log(), [5, 10, 15]), *notes_of(a_log(), [20], key=stranger)]
    kept.write_bytes(spoil(parted.join(note for _, note in notes)).encode())
    told = ends("verify", planted.path, "--checkpoint", kept, "--json")
    (log,) = json.loads(told.stdout)["logs"]
    assert ("rewritten", 6, 10) in {
        (fault["kind"], fault["first"], fault["last"]) for fault in log["faults"]
    }


def test_a_gzip_file_of_several_parts(tmp_path):
    writer = ExportWriter(tmp_path, ORIGIN, MONDAY)
    write(writer, enumerate(a_log(20), 1))
    writer.write_notes(notes_of(a_log()))
    writer.write_keys([str(LOG_KEY.verifier)])
    file = tmp_path / "registry" / "000000000001.ndjson.gz"
    lines = [line_of(at, each) for at, each in enumerate(a_log(20), 1)]
    cuts = [0, 3, 11, 20]
    parts = [gzip.compress(b"".join(lines[a:b])) for a, b in pairwise(cuts)]
    file.write_bytes(b"".join(parts))
    assert verify(tmp_path).is_signed
    file.write_bytes(b"".join(parts)[:-5])
    assert [kind for kind, _, _ in found(tmp_path)] == ["unreadable"]
