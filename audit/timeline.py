"""A stream, or what an event was caused by and what it caused, as a readable timeline.

What is sealed is shown as sealed: an auditor has no keys. Times are those of Vietnam.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec

from audit.export import Export
from audit.plain_text import visible
from audit.strict_json import DEPTH_MAX, UNREADABLE
from contracts.languages import Language
from contracts.vietnamese_day import in_vietnam
from eventing.record import Envelope, UndecodableRecord, decode_envelope

PASSES_MAX = 50
"""A chain that crosses services more often than this is told in part."""

SEALED_FIELDS = {"key_id", "ciphertext"}

WORDS: dict[str, tuple[str, str]] = {
    "happened": ("xảy ra", "happened"),
    "recorded": ("ghi", "recorded"),
    "by": ("bởi", "by"),
    "for": ("thay mặt", "on behalf of"),
    "because": ("vì", "because of"),
    "sealed": ("đã niêm phong", "sealed"),
    "key": ("khoá", "key"),
    "altered": (
        "bản ghi không phải là bản đã được băm",
        "the record is not the one that was hashed",
    ),
    "unreadable": ("không đọc được", "unreadable"),
    "none": ("không có", "none"),
    "yes": ("có", "yes"),
    "no": ("không", "no"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An event where it stands. `cause` is the place of what caused it, if that is shown too.

    `is_altered`: it is not what was hashed. Whether the hash was signed, verification tells.
    """

    service: str
    position: int
    envelope: Envelope
    is_altered: bool = False
    cause: str | None = None

    @property
    def place(self) -> str:
        return f"{self.service}:{self.position}"


def stream(export: Export, name: str) -> list[Shown]:
    """The events of a stream, in order. Raises NotAnExport."""
    return [each for each in _events(export, export.services) if each.envelope.subject == name]


def chain(export: Export, service: str, position: int) -> list[Shown]:
    """An event with all that led to it and all that came of it, causes before effects.

    Empty where nothing stands there. Raises NotAnExport.
    """
    found: dict[UUID, Shown] = {}
    for each in _events(export, [service], position - 1):
        if each.position == position:
            found[each.envelope.id] = each
        break
    causes = {each.envelope.causationid for each in found.values()} - {None}
    effects = set(found)
    # Within a log causes come first, so each reading follows a chain until it leaves the log.
    for _ in range(PASSES_MAX if found else 0):
        before = len(found)
        for each in _events(export, export.services):
            known, cause = each.envelope.id, each.envelope.causationid
            if known in found:
                continue
            if cause in effects:
                found[known] = each
                effects.add(known)
            elif known in causes:
                found[known] = each
                causes.add(cause)
        if len(found) == before:
            break
    return _with_causes(found)


def _with_causes(found: Mapping[UUID, Shown]) -> list[Shown]:
    order = sorted(
        found.values(),
        # Clocks of two services may differ, or agree to the second: a cause stands first then.
        key=lambda each: (_depth(found, each), each.envelope.recordedtime, each.position),
    )
    return [replace(each, cause=_place_of(found, each)) for each in order]


def _depth(found: Mapping[UUID, Shown], shown: Shown) -> int:
    """How many events led to it, of those found; events that cause each other have an end too."""
    depth = 0
    cause = shown.envelope.causationid
    while cause is not None and cause in found and depth < len(found):
        depth, cause = depth + 1, found[cause].envelope.causationid
    return depth


def _place_of(found: Mapping[UUID, Shown], shown: Shown) -> str | None:
    cause = shown.envelope.causationid
    return found[cause].place if cause is not None and cause in found else None


def _events(export: Export, services: Iterable[str], after: int = 0) -> Iterator[Shown]:
    altered: list[int] = []
    for service in services:
        for position, record in export.records(service, after, altered.append):
            is_altered = bool(altered)
            altered.clear()
            try:
                yield Shown(service, position, decode_envelope(record), is_altered)
            except UndecodableRecord:
                # Verification names it; a timeline goes on without.
                continue


def as_json(shown: Shown) -> dict[str, Any]:
    """An event for a program: where it stands, what caused it, and the record as it is."""
    return {
        "service": shown.service,
        "position": shown.position,
        "cause": shown.cause,
        "is_altered": shown.is_altered,
        "record": msgspec.json.decode(msgspec.json.encode(shown.envelope)),
    }


def told(shown: Shown, language: Language) -> str:
    """An event in a few lines: when, where, what, by whom, why, and its data."""

    def word(name: str) -> str:
        return WORDS[name][0 if language == "vi" else 1]

    envelope = shown.envelope
    happened, recorded = envelope.time, envelope.recordedtime
    lines = [
        f"{in_vietnam(happened):%d/%m/%Y %H:%M:%S}  {envelope.type}",
        f"    {shown.place}  {envelope.subject} v{envelope.streamversion}  {envelope.id}",
    ]
    if recorded != happened:
        lines.append(f"    {word('recorded')} {in_vietnam(recorded):%d/%m/%Y %H:%M:%S}")
    who = f"    {word('by')} {envelope.actor}"
    if envelope.onbehalfof is not None:
        who += f", {word('for')} {envelope.onbehalfof}"
    lines.append(who)
    if envelope.causationid is not None:
        lines.append(f"    {word('because')} {shown.cause or envelope.causationid}")
    try:
        data = msgspec.json.decode(envelope.data)
    except UNREADABLE:
        data = None
    lines += [f"      {line}" for line in _data(data, word) if not line.startswith("happened_at:")]
    if shown.is_altered:
        lines.append(f"    ✗ {word('altered')}")
    # A newline within a name would else begin a line of its own.
    return "\n".join(map(visible, lines))


def _data(data: Any, word: Any) -> Iterator[str]:
    if not isinstance(data, dict):
        yield str(word("unreadable"))
        return
    for name, value in data.items():
        yield from _field(name, value, word)


def _field(name: str, value: Any, word: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEPTH_MAX:
        yield f"{name}: {word('unreadable')}"
    elif isinstance(value, dict) and set(value) != SEALED_FIELDS:
        yield f"{name}:"
        for inner, each in value.items():
            yield from (f"  {line}" for line in _field(inner, each, word, depth + 1))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for at, each in enumerate(value, 1):
            yield from _field(f"{name}[{at}]", each, word, depth + 1)
    else:
        yield f"{name}: {_value(value, word)}"


def _value(value: Any, word: Any) -> str:
    if isinstance(value, dict):
        return f"[{word('sealed')}, {word('key')} {value['key_id']}]"
    if isinstance(value, bool):
        return str(word("yes" if value else "no"))
    if value is None or value == []:
        return str(word("none"))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
