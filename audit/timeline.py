"""A stream, or what an event was caused by and what it caused, as a readable timeline.

What is sealed is shown as sealed: an auditor has no keys. Times are those of Vietnam.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from audit.export import Export
from audit.faults import Language
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
    "unreadable": ("không đọc được", "unreadable"),
    "none": ("không có", "none"),
    "yes": ("có", "yes"),
    "no": ("không", "no"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An event where it stands. `cause` is the place of what caused it, if that is shown too."""

    service: str
    position: int
    envelope: Envelope
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
    return [
        Shown(each.service, each.position, each.envelope, _place_of(found, each)) for each in order
    ]


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
    for service in services:
        for position, record in export.records(service, after):
            try:
                yield Shown(service, position, decode_envelope(record))
            except UndecodableRecord:
                # Verification names it; a timeline goes on without.
                continue


def as_json(shown: Shown) -> dict[str, Any]:
    """An event for a program: where it stands, what caused it, and the record as it is."""
    return {
        "service": shown.service,
        "position": shown.position,
        "cause": shown.cause,
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
    data = msgspec.json.decode(envelope.data)
    lines += [f"      {line}" for line in _data(data, word) if not line.startswith("happened_at:")]
    return "\n".join(lines)


def _data(data: Any, word: Any) -> Iterator[str]:
    for name, value in data.items():
        yield from _field(name, value, word)


def _field(name: str, value: Any, word: Any) -> Iterator[str]:
    if isinstance(value, dict) and set(value) != SEALED_FIELDS:
        yield f"{name}:"
        for inner, each in value.items():
            yield from (f"  {line}" for line in _field(inner, each, word))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for at, each in enumerate(value, 1):
            yield from _field(f"{name}[{at}]", each, word)
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
