"""The contract gate is seen to fail on each fault that it is there for."""

import hashlib
import json
import shutil
from dataclasses import dataclass, field, make_dataclass
from datetime import datetime
from typing import Annotated, Literal, get_type_hints
from uuid import UUID

import jsonschema
import pytest

from console import asyncapi, contract_lock, contracts
from console.schemas import UnsaidField
from contracts import event as events
from contracts.event import declarations, declared, upcasters
from contracts.field_types import FieldType, OfficialName
from contracts.sealed import Sealed

history = contracts.PROJECT / "programmes" / "hanoi-3874" / "history" / "registry.ndjson"
GOLDEN = contracts.CONTRACTS / "golden"


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "contracts"
    copy.mkdir()
    for name in ("golden", "schemas", "released"):
        shutil.copytree(contracts.CONTRACTS / name, copy / name)
    for name in ("asyncapi.json", "fields.lock", "CHANGELOG.md"):
        shutil.copy(contracts.CONTRACTS / name, copy)
    return copy


@pytest.fixture
def redeclared():
    """Declare an event again in another form; put the true one back afterwards."""
    kept, kept_by_class = dict(declared), dict(declarations)

    def declare(name, cls, version=1):
        before = kept[name]
        declared[name] = events.Declaration(name, before.called, version, before.service, cls)
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


def test_an_event_names_its_programme_or_says_that_it_is_of_none():
    class PlanMade:
        plan_id: UUID
        happened_at: datetime

    with pytest.raises(TypeError, match="does not say of which programme"):
        events.event("plan-made", vi="Lập kế hoạch", en="Plan made")(PlanMade)
    assert "plan-made" not in declared


def test_what_is_of_no_programme_names_none():
    class ChildMoved:
        child_id: UUID
        programme_id: UUID
        happened_at: datetime

    with pytest.raises(TypeError, match="is of no programme, and names one"):
        events.event("child-dreamt", vi="Trẻ chuyển nơi ở", en="Child moved", programme=False)(
            ChildMoved
        )


def test_only_what_is_of_none_is_declared_so():
    """Persons and places, whom programmes share, and what a service says of its own running."""
    aggregates = {
        "unit", "person", "role", "founding-keeper", "account", "sign-in",
        "household", "child", "group", "circumstance",
        "disclosure", "names", "sponsor", "publicity", "published-result", "subscription",
        "message", "arrival", "refusal", "checkpoint", "reaction", "parked-stream", "list", "inbox",
    }  # fmt: skip
    of_none = {each.name for each in contracts.ours() if not hasattr(each.cls, "programme_id")}
    assert {name for name in of_none if not name.startswith(tuple(aggregates))} == set()


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


BOUNDED = FieldType(openness="open", description="", minimum=1)
PSEUDONYMOUS = FieldType(openness="pseudonymous", description="")
PERSON, ENROLLED = "person-registered", "child-enrolled"
CHANGED = {
    "an enum gains a value": (PERSON, "kind", Literal["human", "program", "robot"], ...),
    "an enum loses a value": (PERSON, "kind", Literal["human"], ...),
    "a field may be text too": (PERSON, "kind", OfficialName, ...),
    "a field may be left out": (PERSON, "kind", Literal["human", "program"], "human"),
    "a field becomes nullable": (PERSON, "person_id", UUID | None, ...),
    "an id becomes text": (PERSON, "person_id", OfficialName, ...),
    "a sealed field becomes open": (PERSON, "name", OfficialName, ...),
    "an open field becomes sealed": (PERSON, "kind", Sealed, ...),
    "a number becomes nullable": (ENROLLED, "grade", int | None, ...),
    "a number gets a bound": (ENROLLED, "grade", Annotated[int, BOUNDED], ...),
    "a number is no longer open": (ENROLLED, "grade", Annotated[int, PSEUDONYMOUS], ...),
    "a number becomes a list": (ENROLLED, "grade", tuple[int, ...], ...),
    "a day becomes an instant": ("child-measured", "measured_on", datetime, ...),
}


@pytest.mark.parametrize("what", CHANGED)
def test_no_published_field_changes(folder, redeclared, what):
    event, name, annotation, default = CHANGED[what]
    redeclared(event, changed(event, name, annotation, default))
    assert says(folder, f"{event}.v1 `{name}`")
    with pytest.raises(contracts.Published):
        contracts.generate(folder)


def test_no_field_is_a_number_or_text(folder, redeclared):
    redeclared(ENROLLED, changed(ENROLLED, "grade", int | str))
    assert says(folder, "child-enrolled.grade")
    with pytest.raises(UnsaidField):
        contracts.generate(folder)


def test_a_part_of_an_event_is_held_to_too(folder, redeclared):
    part = make_dataclass("Earmark", [("unit_id", UUID), ("need_id", UUID | None)], frozen=True)
    redeclared("pledge-made", changed("pledge-made", "earmark", part))
    assert says(folder, "pledge-made.v1 `earmark.unit_id`")


def test_what_is_sealed_is_held_to_in_every_field(monkeypatch, folder):
    for path in sorted((folder / "schemas").glob("household-registered.v1.json")):
        text = path.read_text().replace('"contentEncoding": "base64"', '"contentEncoding": "hex"')
        found = contract_lock.meaning(json.loads(text))
        assert found["head"] != contracts.locked_now(folder)[path.stem]["head"]


def test_a_field_that_may_be_left_out_is_added_without_a_new_version(folder, redeclared):
    redeclared("child-enrolled", changed("child-enrolled", "again", bool | None, None))
    assert says(folder, "child-enrolled.v1 `again` is new: boolean or null, by default None, open")
    contracts.generate(folder)
    assert list(contracts.faults(folder)) == []


def test_other_words_are_no_other_contract(folder, redeclared):
    cls = declared["child-enrolled"].cls
    redeclared("child-enrolled", changed("child-enrolled", "grade", int, doc="Other words."))
    assert says(folder, "make contracts")
    contracts.generate(folder)
    assert list(contracts.faults(folder)) == []
    assert cls.__doc__ not in (folder / "asyncapi.json").read_text()


def test_the_schema_of_an_older_version_is_held_to(folder):
    path = folder / "schemas" / "unit-established.v1.json"
    path.write_text(path.read_text().replace('"district"', '"canton"'))
    assert says(folder, "unit-established.v1 `district` is gone")


def test_an_older_version_without_its_schema_is_missed(folder):
    (folder / "schemas" / "unit-established.v1.json").unlink()
    assert says(folder, "unit-established.v1 is gone")


def test_an_event_that_is_no_longer_declared_is_missed(folder, redeclared):
    declared.pop("need-met")
    assert says(folder, "need-met.v1 is gone")
    with pytest.raises(contracts.Published):
        contracts.generate(folder)


def test_a_keyword_that_the_lock_does_not_know_is_refused():
    schema = {"type": "object", "properties": {"name": {"type": "string", "const": "x"}}}
    with pytest.raises(ValueError, match="const"):
        contract_lock.meaning(schema)


def test_text_has_a_named_type(folder, redeclared):
    redeclared(ENROLLED, changed(ENROLLED, "school_year", str))
    assert says(folder, "child-enrolled.school_year: text has a named type")


def test_an_id_must_say_whose_it_is(folder, redeclared):
    redeclared("child-enrolled", changed("child-enrolled", "guardian_id", UUID, None))
    assert says(folder, "child-enrolled.guardian_id")


def test_relocking_takes_the_contracts_as_they_are(folder, redeclared):
    redeclared("child-enrolled", changed("child-enrolled", "grade", int | None))
    declared.pop("need-met")
    assert says(folder, "child-enrolled")
    contracts.relock(folder)
    assert list(contracts.faults(folder)) == []
    log = (folder / "CHANGELOG.md").read_text()
    assert "- `grade`: int64 or null, open (was: int64, open)" in log
    assert "### need-met.v1 is gone" in log
    assert not (folder / "golden" / "need-met.v1.json").exists()
    assert (folder / "golden" / "unit-established.v1.json").exists()


def test_from_the_first_release_on_nothing_is_relocked(folder, monkeypatch):
    monkeypatch.setattr(contracts, "_project_version", lambda: "1.0.0")
    with pytest.raises(contracts.Published):
        contracts.relock(folder)


def changed(event, name, annotation, default=..., doc=None):
    """The class of an event with one field otherwise; `...`: the field has no default."""
    cls = declared[event].cls
    hints = get_type_hints(cls, include_extras=True) | {name: annotation}
    wanted = [
        (each, kind) if each != name or default is ... else (each, kind, field(default=default))
        for each, kind in hints.items()
    ]
    made = make_dataclass(cls.__name__, wanted, frozen=True, kw_only=True)
    made.__doc__ = doc or cls.__doc__
    return made


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_record_fits_its_schema(path):
    record = json.loads(path.read_bytes())
    schema = contracts.CONTRACTS / "schemas" / f"{record['type']}.v{record['typeversion']}.json"
    check = {"format_checker": jsonschema.FormatChecker(), "cls": jsonschema.Draft202012Validator}
    jsonschema.validate(record["data"], json.loads(schema.read_text()), **check)
    jsonschema.validate(record, asyncapi.record_schema(), **check)


def test_the_older_records_of_the_programme_fit_their_schema():
    schema = json.loads((contracts.CONTRACTS / "schemas/unit-established.v1.json").read_text())
    lines = history.read_text(encoding="utf-8").splitlines()
    older = [line for line in map(json.loads, lines) if line["type"] == "unit-established"]
    assert older
    for line in older:
        jsonschema.validate(line["data"], schema)


def test_every_field_says_how_open_it_is():
    for path in sorted((contracts.CONTRACTS / "schemas").glob("*.json")):
        for name, text in contract_lock.meaning(json.loads(path.read_text())).items():
            said = text.removesuffix(", may be left out").rpartition(", ")[2]
            assert said in ("open", "pseudonymous", "sealed") or "object" in text, (path, name)


def test_the_lock_holds_the_digest_of_each_record():
    for line in (GOLDEN / "published.lock").read_text().splitlines():
        sha256, name = line.split("  ")
        assert hashlib.sha256((GOLDEN / name).read_bytes().rstrip(b"\n")).hexdigest() == sha256
