"""Reads every programme pack, once. A pack that says nonsense stops the start, and says where.

A pack is a folder: who and when (`programme.toml`), its rules by version (`versions/<n>.toml`), and
what single services need beside (`receipt.toml`, `lateness.toml`, `units.csv`). A version that was
locked (`versions.lock`) never changes; a change of rules is the next version.
"""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from contracts.field_types import CODE, Digest
from contracts.languages import Language, Words
from contracts.rules_in_force import RulesInForce
from programmes import working_days
from programmes.judged import (
    faults_of,
    faults_of_no_register,
    faults_of_the_register,
    faults_together,
)
from programmes.rules import Category, Measure, Named, Rules

FOLDER = Path(__file__).parent
LOCK = "versions.lock"

T = TypeVar("T")
KindOfCode = Literal["category", "measure", "role"]


class PackNotValid(Exception):
    """Packs cannot be used; the message names the file and the key, a line for each fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """A unit above the programme's own, or one that took its place by a decision."""

    code: str
    name: str
    kind: str
    valid_from: date
    decision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """`register`: its rules are those of the register of children, which is of no programme."""

    id: UUID
    code: str
    name: str
    starts_on: date
    ends_on: date
    register: bool = False
    above: tuple[Above, ...] = ()
    department_successor: tuple[Above, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptForm:
    """What receipts say of themselves."""

    maker: Maker
    money: Words
    goods: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLate:
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """After how many whole days an event of a type was recorded late, and of any other type."""

    days: int
    days_of: Mapping[str, int] = field(default_factory=dict)
    not_late: NotLate = NotLate(types=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Where a unit, by its code and its first day, stands on the drawn map."""

    code: str
    valid_from: date
    column: int
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """`versions` are in order; the digest of each is stated in its `named`."""

    code: str
    programme: Programme
    versions: tuple[Rules, ...]
    receipt: ReceiptForm | None = None
    lateness: Lateness | None = None
    tiles: tuple[Tile, ...] = ()

    def on(self, day: date) -> Rules | None:
        """The version in force on a day; None before the first."""
        begun = [rules for rules in self.versions if rules.in_force_from <= day]
        return begun[-1] if begun else None

    def version(self, number: int) -> Rules | None:
        """A version by its number, as an event names it: older ones stay readable."""
        return next((rules for rules in self.versions if rules.version == number), None)


@dataclass(frozen=True, slots=True)
class Packs:
    """All that are installed. What one code means is the same in every pack and version."""

    all: tuple[Pack, ...]

    def of_programme(self, code: str) -> Pack | None:
        """The pack of the programme with this code, as "3874/KH-LĐTB&XH"."""
        return next((pack for pack in self.all if pack.programme.code == code), None)

    def receipt_of(self, programme_id: UUID) -> ReceiptForm | None:
        found = (pack.receipt for pack in self.all if pack.programme.id == programme_id)
        return next(found, None)

    @property
    def of_the_register(self) -> Pack:
        return next(pack for pack in self.all if pack.programme.register)

    def category(self, code: str) -> Category | None:
        """What a code means, by whichever version says it: words for what history names."""
        return next(
            (each for rules in self._newest_first() if (each := rules.category(code))), None
        )

    def measure(self, code: str) -> Measure | None:
        found = (rules.measure(code) for rules in self._newest_first())
        return next((measure for measure in found if measure), None)

    def is_money(self, code: str) -> bool:
        measure = self.measure(code)
        return measure is not None and measure.money

    def tells_of_health(self, code: str) -> bool:
        """Does what would tell of a child's health travel under this code, or bear it?"""
        return any(
            category.travels_as is not None and code in (category.code, category.travels_as)
            for rules in self._newest_first()
            for category in rules.categories
        )

    def role(self, code: str) -> Named | None:
        roles = (role for rules in self._newest_first() for role in rules.roles)
        return next((role for role in roles if role.code == code), None)

    def called(self, kind: KindOfCode, code: str, language: Language) -> str:
        """The word for a code in a language; the code itself where no pack says it."""
        look_up = {"category": self.category, "measure": self.measure, "role": self.role}
        named = look_up[kind](code)
        if named is None:
            return code
        return named.vi if language == "vi" else named.en

    def _newest_first(self) -> Iterator[Rules]:
        for pack in self.all:
            yield from reversed(pack.versions)


ROOTS: list[Path] = [FOLDER]
"""Folders of packs."""


@cache
def installed() -> Packs:
    """Raises PackNotValid."""
    return read(ROOTS)


def read(roots: Sequence[Path]) -> Packs:
    """The packs in these folders. Raises PackNotValid, with every fault that was found."""
    faults: list[str] = []
    packs: list[Pack] = []
    for root in roots:
        for folder in sorted(root.iterdir()):
            if (folder / "programme.toml").is_file():
                pack, found = _read_pack(folder)
                faults += found
                packs += [pack] if pack else []
    if not faults:
        faults += faults_together([(pack.code, pack.versions) for pack in packs])
        faults += _faults_of_programmes(packs)
    if faults:
        raise PackNotValid("\n".join(faults))
    return Packs(tuple(packs))


def _faults_of_programmes(packs: Sequence[Pack]) -> Iterator[str]:
    if sum(pack.programme.register for pack in packs) != 1:
        yield "programme.toml: exactly one pack says `register = true`"
    ids = Counter(str(pack.programme.id) for pack in packs)
    codes = Counter(pack.programme.code for pack in packs)
    for told, times in (*ids.items(), *codes.items()):
        if times > 1:
            yield f"programme.toml: {told} is that of {times} packs"


def _read_pack(folder: Path) -> tuple[Pack | None, list[str]]:
    faults: list[str] = []

    def one(name: str, kind: type[T]) -> T | None:
        file = folder / name
        if not file.is_file():
            return None
        value, found = _decoded(file, kind)
        faults.extend(found)
        return value

    if not re.fullmatch(CODE, folder.name):
        faults.append(f"{folder}: a pack's folder is named by a code, as hanoi-3874")
    programme = one("programme.toml", Programme)
    receipt, lateness = one("receipt.toml", ReceiptForm), one("lateness.toml", Lateness)
    if lateness is not None and min(lateness.days, *lateness.days_of.values()) < 1:
        faults.append(f"{folder / 'lateness.toml'}: nothing is late within a day")
    versions, found = _read_versions(folder)
    faults += found
    if programme is not None:
        judged = faults_of_the_register if programme.register else faults_of_no_register
        faults += [
            f"{folder / 'versions' / str(rules.version)}.toml: {fault}"
            for rules in versions
            for fault in judged(rules)
        ]
    tiles: tuple[Tile, ...] = ()
    if (folder / "units.csv").is_file():
        try:
            tiles = tuple(_tiles(folder / "units.csv"))
        except PackNotValid as error:
            faults.append(str(error))
    if faults or programme is None:
        return None, faults
    pack = Pack(
        code=folder.name,
        programme=programme,
        versions=versions,
        receipt=receipt,
        lateness=lateness,
        tiles=tiles,
    )
    return pack, []


def _read_versions(folder: Path) -> tuple[tuple[Rules, ...], list[str]]:
    locked, faults = locked_digests(folder), []
    versions: list[Rules] = []
    for number, file in enumerate(version_files(folder), 1):
        rules, found = _decoded(file, Rules)
        if rules is not None:
            if file.stem != str(number) or rules.version != number:
                found.append(f"{file}: version: {number}.toml says `version = {number}`")
            if versions and rules.in_force_from <= versions[-1].in_force_from:
                found.append(f"{file}: in_force_from: after that of the version before")
            digest = digest_of(file)
            if locked.get(file.name, digest) != digest:
                found.append(f"{file}: this version was locked and has changed; make the next one")
            elif file.name not in locked:
                found.append(f"{file}: not locked yet: make packs")
            found += [f"{file}: {fault}" for fault in faults_of(rules)]
            named = RulesInForce(pack=folder.name, version=number, digest=digest)
            versions.append(replace(rules, named=named, working_days=working_days.installed()))
        faults += found
    faults += [
        f"{folder / LOCK}: {name} was locked and is gone"
        for name in locked
        if not (folder / "versions" / name).is_file()
    ]
    if not versions and not faults:
        faults.append(f"{folder}: a pack has a first version, versions/1.toml")
    return tuple(versions), faults


def version_files(folder: Path) -> list[Path]:
    """A pack's versions in their order."""
    files = (folder / "versions").glob("*.toml")
    return sorted(files, key=lambda file: (len(file.stem), file.stem))


def digest_of(file: Path) -> Digest:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def locked_digests(folder: Path) -> dict[str, Digest]:
    """From a version's file name to the digest that it was locked with."""
    lock = folder / LOCK
    if not lock.is_file():
        return {}
    lines = lock.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def lock_new_versions(folder: Path) -> list[str]:
    """Write down the digests of versions that have none yet; what is locked stays as it is."""
    locked = locked_digests(folder)
    new = [file for file in version_files(folder) if file.name not in locked]
    locked |= {file.name: digest_of(file) for file in new}
    text = "".join(f"{digest}  {name}\n" for name, digest in locked.items())
    (folder / LOCK).write_text(text, encoding="utf-8")
    return [file.name for file in new]


def _decoded(file: Path, kind: type[T]) -> tuple[T | None, list[str]]:
    try:
        raw = msgspec.toml.decode(file.read_bytes())
        value = msgspec.convert(raw, kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return None, [f"{file}: {error}"]
    return value, [f"{file}: {key}: no such key" for key in _unknown_keys(raw, kind)]


def _unknown_keys(raw: Any, kind: Any, at: str = "") -> Iterator[str]:
    """A misspelt key is told, never ignored."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        for arm in arguments:
            if arm is not NoneType:
                yield from _unknown_keys(raw, arm, at)
    elif is_dataclass(kind) and isinstance(raw, dict):
        hints = get_type_hints(kind)
        known = {each.name for each in fields(kind)} - {"named", "working_days"}
        for key, value in raw.items():
            if key not in known:
                yield f"{at}{key}"
            else:
                yield from _unknown_keys(value, hints[key], f"{at}{key}.")
    elif origin is tuple and isinstance(raw, list):
        for number, each in enumerate(raw):
            yield from _unknown_keys(each, arguments[0], f"{at.removesuffix('.')}[{number}].")


def _tiles(table: Path) -> Iterator[Tile]:
    with table.open(newline="", encoding="utf-8") as lines:
        for number, line in enumerate(csv.DictReader(lines), 2):
            try:
                if line.get("tile_column") and line.get("tile_row"):
                    yield Tile(
                        code=line["code"],
                        valid_from=date.fromisoformat(line["valid_from"]),
                        column=int(line["tile_column"]),
                        row=int(line["tile_row"]),
                    )
            except (KeyError, ValueError) as error:
                raise PackNotValid(f"{table}:{number}: {error}") from error
