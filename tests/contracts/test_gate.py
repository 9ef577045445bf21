"""The contract gate is seen to fail on each fault that it is there for."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import datetime

import jsonschema
import pytest

from console import contracts
from contracts import event as events
from contracts.event import declarations, declared, upcasters

GOLDEN = contracts.CONTRACTS / "golden"


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "contracts"
    copy.mkdir()
    for name in ("golden", "schemas"):
        shutil.copytree(contracts.CONTRACTS / name, copy / name)
    shutil.copy(contracts.CONTRACTS / "asyncapi.json", copy)
    return copy


@pytest.fixture
def redeclared():
    """Declare an event again in another form; put the true one back afterwards."""
    kept, kept_by_class = dict(declared), dict(declarations)

    def declare(name, cls, version=1):
        before = kept[name]
        declared[name] = events.Declaration(name, version, before.service, cls)
        declarations[cls] = declared[name]

    yield declare
    for table, before in ((declared, kept), (declarations, kept_by_class)):
        table.clear()
        table.update(before)


def says(folder, word):
    return [fault for fault in contracts.faults(folder) if word in fault]


def test_what_is_published_is_readable_and_what_is_generated_is_fresh():
    assert list(contracts.faults()) == []


def test_a_golden_file_that_is_gone_is_missed(folder):
    (folder / "golden" / "need-met.v1.json").unlink()
    assert says(folder, "is gone")


def test_a_golden_file_that_was_changed_is_noticed(folder):
    path = folder / "golden" / "need-met.v1.json"
    path.write_bytes(path.read_bytes().replace(b'"quantity":3', b'"quantity":4'))
    assert says(folder, "has changed")


def test_a_stale_schema_is_noticed(folder):
    (folder / "schemas" / "need-met.v1.json").write_text("{}")
    assert says(folder, "make contracts")


def test_an_event_without_a_golden_file_is_noticed(folder):
    lock = folder / "golden" / "published.lock"
    lines = lock.read_text().splitlines(keepends=True)
    lock.write_text("".join(line for line in lines if "need-met" not in line))
    assert says(folder, "is missing")


def test_a_removed_field_needs_a_new_version(folder, redeclared):
    @dataclass(frozen=True, slots=True, kw_only=True)
    class NeedMet:
        need_id: str
        quantity: int
        happened_at: datetime

    redeclared("need-met", NeedMet)
    assert says(folder, "needs a new version")


def test_a_field_of_another_type_can_no_longer_be_read(folder, redeclared):
    @dataclass(frozen=True, slots=True, kw_only=True)
    class NeedMet:
        need_id: int
        line_id: str
        quantity: int
        quantity_met: int
        happened_at: datetime

    redeclared("need-met", NeedMet)
    assert says(folder, "can no longer be read")


def test_a_new_field_without_default_can_not_read_the_past(folder, redeclared):
    @dataclass(frozen=True, slots=True, kw_only=True)
    class NeedMet:
        need_id: str
        line_id: str
        quantity: int
        quantity_met: int
        place: str
        happened_at: datetime

    redeclared("need-met", NeedMet)
    assert says(folder, "can no longer be read")


def test_a_new_version_needs_an_upcaster(folder, redeclared):
    redeclared("need-met", declared["need-met"].cls, version=2)
    assert says(folder, "need-met v1 has no upcaster")


def test_an_upcaster_that_is_gone_is_missed(folder, monkeypatch):
    monkeypatch.delitem(upcasters, ("unit-established", 1))
    assert says(folder, "unit-established v1 has no upcaster")


def test_golden_files_are_never_written_again(folder):
    before = {path: path.read_bytes() for path in (folder / "golden").iterdir()}
    contracts.generate(folder)
    assert {path: path.read_bytes() for path in (folder / "golden").iterdir()} == before


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_record_fits_its_schema(path):
    record = json.loads(path.read_bytes())
    schema = contracts.CONTRACTS / "schemas" / f"{record['type']}.v{record['typeversion']}.json"
    if not schema.exists():
        assert record["typeversion"] < declared[record["type"]].version
        return
    jsonschema.validate(record["data"], json.loads(schema.read_text()))


def test_the_lock_holds_the_digest_of_each_record():
    for line in (GOLDEN / "published.lock").read_text().splitlines():
        sha256, name = line.split("  ")
        assert hashlib.sha256((GOLDEN / name).read_bytes().rstrip(b"\n")).hexdigest() == sha256
