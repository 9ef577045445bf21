"""Any bytes anywhere in an export: it is checked to its end, and no change of it is green."""

import io
import json
import os
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from audit.export import ExportWriter
from audit.files import NotAnExport
from audit.report import report
from audit.verify import verify
from console.shown_verdict import as_json, show_verdict
from eventing.record import leaf_hash
from tests.audit.planted import LOG_KEY, MONDAY, ORIGIN, a_log, notes_of, write

LOG = a_log(20)
RUNS = int(os.environ.get("VONGTAY_FUZZ_RUNS", "60"))
KEY = [str(LOG_KEY.verifier)]


def exported(path, *, compressed):
    writer = ExportWriter(path, ORIGIN, MONDAY, compressed=compressed, chunk_records=7)
    write(writer, enumerate(LOG, 1))
    writer.write_notes(notes_of(LOG))
    writer.write_keys(KEY)
    writer.write_tile("registry", 0, b"".join(map(leaf_hash, LOG)))
    return path


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "gzip"])
def original(request, tmp_path_factory):
    return exported(tmp_path_factory.mktemp("original"), compressed=request.param)


def flip(draw, data):
    at = draw(st.integers(0, len(data) - 1))
    data[at] ^= 1 << draw(st.integers(0, 7))


def put(draw, data):
    at = draw(st.integers(0, len(data)))
    data[at:at] = draw(st.binary(min_size=1, max_size=9))


def cut(draw, data):
    at = draw(st.integers(0, len(data) - 1))
    del data[at : at + draw(st.integers(1, 400))]


def double(draw, data):
    at, length = draw(st.integers(0, len(data) - 1)), draw(st.integers(1, 900))
    to = draw(st.integers(0, len(data)))
    data[to:to] = data[at : at + length]


def swap_lines(draw, data):
    lines = bytes(data).split(b"\n")
    one, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]
    data[:] = b"\n".join(lines)


def replace_by_what_breaks(draw, data):
    at = draw(st.integers(0, len(data)))
    data[at:at] = draw(st.sampled_from([
        b"\xff\xfe", b"\x00", b"\xef\xbb\xbf", b"\x1b[31m", "\u202e".encode(), b"[" * 3000,
        b"\\ud800", b"9" * 5000, b"1e999", b"-0.0", b"\n\n\n", b"\r\n", b"[/x]", b"../", b"null",
        b'"position":0,', b'"position":9007199254740992,', b"0001-01-01T00:00:00+14:00",
    ]))  # fmt: skip


HARM = [flip, flip, put, cut, double, swap_lines, replace_by_what_breaks]


def told(path, **options):
    """All that could be said of it, as a person, a program and a reader of the report meet it."""
    try:
        verdict = verify(path, **options)
    except NotAnExport:
        return None
    shown = io.StringIO()
    show_verdict(verdict, Console(file=shown, width=120))
    page = report(path.name, MONDAY, verdict, [], MONDAY)
    assert not {"\x1b", "\u202e", "\x9b"} & set(shown.getvalue() + page)
    json.dumps(as_json(verdict))
    return verdict


@settings(max_examples=RUNS, deadline=None)
@given(st.data())
def test_any_bytes_are_checked_to_their_end(original, tmp_path_factory, data):
    path = tmp_path_factory.mktemp("harmed") / "export"
    shutil.copytree(original, path)
    files = sorted(each for each in path.rglob("*") if each.is_file())
    before = {each: each.read_bytes() for each in files}
    for _ in range(data.draw(st.integers(1, 3))):
        file = data.draw(st.sampled_from(files))
        content = bytearray(file.read_bytes() or b"x")
        data.draw(st.sampled_from(HARM))(data.draw, content)
        file.write_bytes(bytes(content))
    verdict = told(path, keys=KEY)
    if verdict is None or not (verdict.holds and verdict.is_signed):
        shutil.rmtree(path.parent)
        return
    # Green: then every record is the one that was signed, whatever else says nothing.
    (log,) = verdict.logs
    assert (log.size, log.signed_up_to) == (20, 20)
    changed = [each for each in files if each.read_bytes() != before[each]]
    assert verify(original).logs[0].root == log.root
    assert all(each.name != "registry" for each in changed)
    shutil.rmtree(path.parent)


def test_each_bit_of_two_records_and_of_all_that_is_signed(tmp_path):
    """No flipped bit of a record, a leaf or a position goes unseen, and none ends the check."""
    path = exported(tmp_path / "export", compressed=False)
    file = path / "registry" / "000000000008.ndjson"
    raw = file.read_bytes()
    lines = raw.splitlines(keepends=True)
    some = random.Random(7)  # noqa: S311 - no secret
    start, end = len(lines[0]), len(lines[0]) + len(lines[1])
    for at in some.sample(range(start, end - 1), 60):
        for bit in range(8):
            file.write_bytes(raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :])
            faults = verify(path, keys=KEY).faults
            assert {(each.first, each.last) for each in faults} <= {(9, 9), (9, 10)}, (at, bit)
            assert faults, (at, bit, raw[at : at + 1])


@settings(max_examples=RUNS, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["manifest.json", "keys.txt", "checkpoints.ndjson",
    "registry/000000000001.ndjson", "registry/tile/0/000.p/20"]))  # fmt: skip
def test_a_file_of_any_bytes(tmp_path_factory, content, name):
    path = exported(tmp_path_factory.mktemp("any") / "export", compressed=False)
    (path / name).write_bytes(content)
    verdict = told(path, keys=KEY)
    assert verdict is None or name != "registry/000000000001.ndjson" or not verdict.holds
    shutil.rmtree(Path(path).parent)


@settings(max_examples=RUNS, deadline=None)
@given(st.binary(max_size=400))
def test_a_file_alone_of_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("alone") / "lines.ndjson"
    path.write_bytes(content)
    verdict = told(path)
    assert verdict is None or not verdict.is_signed
    path.unlink()
