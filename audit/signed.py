"""Which checkpoints of a log count: signed by a key that is trusted, or that such a key brought in.

A key brings in its successor by signing one checkpoint together with it; from the next size on it
counts no longer. Of two that sign together, the successor is the one that had not signed before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from audit.checkpoint import Checkpoint, NotACheckpoint, checkpoint_in, size_in
from audit.faults import Fault
from audit.note import COSIGNATURE, NotANote, Note, NotSigned, Verifier, read, verifier

SIZE_LINES = 2


@dataclass(frozen=True, slots=True)
class Keys:
    """`trusted` were given by the auditor, or, if none were, are those that the export lists."""

    trusted: tuple[Verifier, ...] = ()
    listed: tuple[Verifier, ...] = ()
    witnesses: tuple[Verifier, ...] = ()
    are_given: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """`from_outside`: the auditor had it from elsewhere, or a trusted witness has cosigned it."""

    checkpoint: Checkpoint
    note: str
    keys: tuple[str, ...]
    witnesses: tuple[str, ...]
    from_outside: bool

    @property
    def size(self) -> int:
        return self.checkpoint.size


@dataclass(frozen=True, slots=True)
class _Opened:
    checkpoint: Checkpoint
    text: str
    note: Note
    from_outside: bool


def keys_of(lines: Iterable[str]) -> tuple[Verifier, ...]:
    """Raises NotANote."""
    return tuple(verifier(line) for line in dict.fromkeys(lines) if line.strip())


def keys_from(listed: Sequence[str], given: Sequence[str], witnesses: Sequence[str]) -> Keys:
    """Raises NotANote for what is given and is no key; of what is listed, `faults` says so."""
    known: dict[Verifier, None] = {}
    faults: list[Fault] = []
    for number, line in enumerate(listed, 1):
        try:
            known |= dict.fromkeys(keys_of([line]))
        except NotANote:
            faults.append(Fault("", "checkpoint", None, None, "not-a-key", {"line": number}))
    return Keys(
        trusted=keys_of(given) or tuple(known),
        listed=tuple(known),
        witnesses=keys_of(witnesses),
        are_given=bool(given),
        faults=tuple(faults),
    )


def has_keys(origin: str, keys: Keys) -> bool:
    """Is any key trusted that could have signed for this log?"""
    return any(key.name == origin for key in keys.trusted)


def service_of(origin: str) -> str:
    return origin.rpartition("/")[2]


def origin_in(note: str) -> str:
    return note.partition("\n")[0]


def not_of_a_log(notes: Iterable[str]) -> list[Fault]:
    """Checkpoints that nothing here can be held against, nor any trusted key."""
    found: list[Fault] = []
    for text in dict.fromkeys(notes):
        try:
            read(text)
        except NotANote as error:
            found.append(_fault("", "not-a-note", why=str(error)))
        else:
            found.append(_other_log("", text))
    return found


def signed_checkpoints(
    service: str, origin: str, notes: Iterable[tuple[str, bool]], keys: Keys
) -> tuple[list[Signed], list[Fault]]:
    """Those of `origin` that count, by size, and what is wrong with the others.

    Without any key of the log nothing counts, and nothing is known to be wrong.
    `notes` are texts, each with whether it came from outside the export.
    """
    faults: list[Fault] = []
    opened: list[_Opened] = []
    for text, from_outside in dict.fromkeys(notes):
        try:
            note = read(text)
            opened.append(_Opened(checkpoint_in(note.text), text, note, from_outside))
        except (NotANote, NotACheckpoint) as error:
            faults.append(_fault(service, "not-a-note", why=str(error)))
    opened.sort(key=lambda each: each.checkpoint.size)
    chain = _Chain(origin, keys)
    signed: list[Signed] = []
    for each in opened:
        if each.checkpoint.origin != origin:
            faults.append(_other_log(service, each.text))
        elif not has_keys(origin, keys):
            continue
        elif isinstance(found := chain.judge(each), str):
            size, retired = each.checkpoint.size, chain.retired_at(each)
            faults.append(_fault(service, found, size=size, retired=retired))
        else:
            signed.append(found)
    return signed, _in_runs(faults)


def _other_log(service: str, note: str) -> Fault:
    try:
        return _fault(service, "other-log", origin=origin_in(note), size=size_in(note))
    except NotACheckpoint:
        return _fault(service, "other-log", origin=origin_in(note))


def _in_runs(faults: Sequence[Fault]) -> list[Fault]:
    """Checkpoints that follow each other and do not count for one reason are told of once."""
    found: list[Fault] = []
    for (detail, *_), run in groupby(faults, _reason):
        same = list(run)
        first, last = same[0].first, same[-1].last
        if len(same) == 1 or first is None or last is None:
            found += same
            continue
        values = same[0].values | {"size": f"{first}…{last} ({len(same)})"}
        found.append(Fault(same[0].service, "checkpoint", first, last, detail, values))
    return found


def _reason(fault: Fault) -> tuple[str, str | int | None, str | int | None]:
    return fault.detail, fault.values.get("retired"), fault.values.get("origin")


def _fault(service: str, detail: str, **values: str | int) -> Fault:
    size = values.get("size")
    at = size if isinstance(size, int) else None
    return Fault(service, "checkpoint", at, at, detail, values)


class _Chain:
    """The log's keys, each with the size up to which it counts, None where it has no successor."""

    def __init__(self, origin: str, keys: Keys) -> None:
        self._keys = keys
        mine = [key for key in keys.trusted if key.name == origin]
        self._until: dict[Verifier, int | None] = dict.fromkeys(mine)
        # Where the auditor gave no key, those that are listed are trusted, and none waits.
        self._candidates = [key for key in keys.listed if key.name == origin]
        self._first_signed: dict[Verifier, int] = {}

    def judge(self, opened: _Opened) -> Signed | str:
        """Return what counts, or what is wrong with it. To be asked by size, smallest first."""
        size = opened.checkpoint.size
        try:
            by = [key for key in self._until if opened.note.signed_by(key)]
            new = [
                key
                for key in self._candidates
                if key not in self._until and opened.note.signed_by(key)
            ]
            witnesses = [key for key in self._keys.witnesses if opened.note.signed_by(key)]
        except NotSigned:
            return "bad-signature"
        if not by:
            return "not-signed"
        current = [key for key in by if (end := self._until[key]) is None or size <= end]
        if not current:
            return "retired-key"
        for key in [*current, *new]:
            self._first_signed.setdefault(key, size)
        self._bring_in(size, current, new)
        return Signed(
            opened.checkpoint,
            opened.text,
            tuple(f"{key.name}+{key.key_hash.hex()}" for key in [*by, *new]),
            tuple(_witnessed(opened.note, key) for key in witnesses),
            opened.from_outside or bool(witnesses),
        )

    def _bring_in(self, size: int, current: Sequence[Verifier], new: Sequence[Verifier]) -> None:
        """The older ones count up to this size: those that brought in, or had signed before."""
        joins = bool(new) or any(self._first_signed[key] == size for key in current)
        for key in current if joins else ():
            if new or self._first_signed[key] < size:
                self._until[key] = size
        self._until |= dict.fromkeys(new)

    def retired_at(self, opened: _Opened) -> int:
        ends = [
            end for key, end in self._until.items() if end is not None and opened.note.lines_of(key)
        ]
        return max(ends, default=0)


def _witnessed(note: Note, key: Verifier) -> str:
    """The witness's name, and when it signed, in seconds since 1970, if its key says that."""
    for line in note.lines_of(key):
        if key.algorithm == COSIGNATURE:
            return f"{line.name}@{int.from_bytes(line.signature[:8], 'big')}"
    return key.name
