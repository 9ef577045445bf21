"""Checks an export by arithmetic and signatures alone, and says what is wrong with it, and where.

Each log is checked within itself, against every checkpoint, and against the tiles that were signed.
Where record, leaf and tile all agree on what was never signed, two checkpoints bound the place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.export import CHECKPOINTS, KEYS, SERVICE, Export
from audit.faults import Fault
from audit.files import NotAnExport
from audit.judged import Judged, NotCompared
from audit.log_check import LogCheck
from audit.note import read
from audit.signed import (
    Keys,
    Signed,
    has_keys,
    keys_from,
    not_of_a_log,
    origin_in,
    service_of,
    signed_checkpoints,
)

Told = Callable[[str, int], None]
"""Hears a service's name and how many more records were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a check of one log came to. `matches` are the sizes whose checkpoint the log has.

    `unchecked` checkpoints could not be told of, for want of a key of the log; `not_compared` are
    those of which something before is not there. `signed_up_to` is the highest that matches: nobody
    has signed what comes after. `kept_up_to` is the highest of those that somebody else kept: what
    comes after, the operator may have written and signed anew. `size` counts lines.
    """

    service: str
    origin: str
    size: int
    position: int
    root: bytes
    signed_up_to: int
    kept_up_to: int
    checkpoints: int
    unchecked: int
    not_compared: NotCompared | None
    matches: int
    newest: Signed | None
    keys: tuple[str, ...]
    witnesses: tuple[str, ...]
    has_tiles: bool
    faults: tuple[Fault, ...]
    faults_left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`keys_are_given` is False where the keys are those that the export itself lists.

    `other_faults` are of checkpoints that belong to no log. `not_there` are logs whose key the
    auditor gave, and of which the export has nothing.
    """

    logs: tuple[Verified, ...]
    keys_are_given: bool
    other_faults: tuple[Fault, ...] = ()
    not_there: tuple[str, ...] = ()

    @property
    def faults(self) -> list[Fault]:
        return [*self.other_faults, *(fault for log in self.logs for fault in log.faults)]

    @property
    def is_signed(self) -> bool:
        """Was every record of every log held against a checkpoint? A log may have none of both."""
        return (
            any(log.matches for log in self.logs)
            and not self.not_there
            and all(_is_signed(log) for log in self.logs)
        )

    @property
    def holds(self) -> bool:
        return not self.faults


def _is_signed(log: Verified) -> bool:
    if log.unchecked or log.matches < log.checkpoints:
        return False
    return log.signed_up_to >= max(log.size, log.position)


def verify(
    path: Path,
    *,
    outside: Sequence[str] = (),
    keys: Sequence[str] = (),
    witnesses: Sequence[str] = (),
    told: Told = lambda _service, _records: None,
) -> Verdict:
    """Check an export's folder, or a file of one log's lines.

    `outside` are checkpoints that the auditor had from elsewhere; `keys` and `witnesses` are
    verifier keys. Raises NotAnExport, NotANote (for what is given and is neither).
    """
    export = Export(path)
    others: list[Fault] = []
    known = keys_from(_or_a_fault(export.keys, KEYS, others), keys, witnesses)
    others += known.faults
    listed = _or_a_fault(export.notes, CHECKPOINTS, others)
    notes = [(note, False) for note in listed] + [(note, True) for note in outside]
    for note in outside:
        read(note)
    services = dict.fromkeys(export.services)
    not_there: list[str] = []
    if export.is_folder:
        # A log that was signed and is not there at all was taken out of the export.
        named = {service_of(key.name) for key in known.trusted}
        known_logs = {name for name in named if SERVICE.fullmatch(name)} | services.keys()
        services |= dict.fromkeys(
            service for note, _ in notes if (service := service_of(origin_in(note))) in known_logs
        )
        others += not_of_a_log(
            note for note, _ in notes if service_of(origin_in(note)) not in known_logs
        )
        if known.are_given:
            not_there = sorted(known_logs - services.keys())
    logs = [_log(export, service, notes, known, told) for service in services]
    return Verdict(
        logs=tuple(logs),
        keys_are_given=known.are_given,
        other_faults=tuple(others),
        not_there=tuple(not_there),
    )


def _or_a_fault(lines: Callable[[], list[str]], file: str, faults: list[Fault]) -> list[str]:
    """What of the export itself cannot be read is a fault, and the rest is checked."""
    try:
        return lines()
    except NotAnExport as error:
        faults.append(Fault("", "unreadable", None, None, "no-file", {"file": f"{file} ({error})"}))
        return []


def _log(
    export: Export, service: str, notes: Sequence[tuple[str, bool]], keys: Keys, told: Told
) -> Verified:
    mine = [note for note in notes if service_of(origin_in(note[0])) == service]
    origin = f"{export.manifest.origin}/{service}"
    if not export.manifest.origin:
        origin = origin_in(mine[0][0]) if mine else ""
    signed, faults = signed_checkpoints(service, origin, mine, keys)
    sizes = sorted({each.size for each in signed})
    check = LogCheck(service, sizes, lambda records: told(service, records), origin)
    # A log that was signed and is not there has no line.
    for chunk in export.log(service).chunks if service in export.services else ():
        try:
            check.read(export.lines_of(chunk))
        except NotAnExport as error:
            check.lose(chunk.last, str(error))
    check.end()
    judged = Judged(check, signed, export)
    found = [*judged.faults, *faults]
    return Verified(
        service=service,
        origin=origin,
        size=check.size,
        position=check.position,
        root=check.root,
        signed_up_to=max((each.size for each in judged.matching), default=0),
        kept_up_to=max((each.size for each in judged.matching if each.from_outside), default=0),
        checkpoints=len(signed),
        unchecked=0 if has_keys(origin, keys) else len(mine),
        not_compared=judged.not_compared,
        matches=len(judged.matching),
        newest=signed[-1] if signed else None,
        keys=tuple(dict.fromkeys(key for each in signed for key in each.keys)),
        witnesses=tuple(dict.fromkeys(who for each in signed for who in each.witnesses)),
        has_tiles=judged.has_tiles,
        faults=tuple(sorted(found, key=lambda fault: (fault.first or 0, fault.last or 0))),
        faults_left_out=judged.faults_left_out,
    )
