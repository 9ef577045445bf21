"""Says what is wrong with logs, topics and tables after faults. Shares no code with what it checks.

It knows JSON, SHA-256 and UUIDs; `rules` and `tables` know the domain. Nothing of it is imported.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.chaos import rules, tables
from tests.chaos.looked_at import Message, Row, Sent, World, mark

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

Command = tuple[UUID, UUID]
"""The principal and the key."""


def violations(world: World) -> list[str]:
    """Everything that is not as promised, in words; nothing when all is well.

    Of a world that is not at rest, only what is wrong whatever is still to come.
    """
    found: list[str] = []
    for service, log in world.logs.items():
        found += [f"{service}: {says}" for says in _log(service, log)]
        found += [f"{service}: {says}" for says in _topic(world, service)]
        found += [f"{service}: {says}" for says in _caused(world, service)]
    found += _commands(world)
    found += _real_time(world)
    found += rules.broken(world)
    if world.settled:
        found += _cursors(world)
        found += tables.differ(world)
    return found


# --- the log and the topic ---


def _log(service: str, log: Sequence[Row]) -> Iterator[str]:
    versions: dict[str, int] = {}
    ids: set[UUID] = set()
    source = ""
    for expected, row in enumerate(log, 1):
        if row.position != expected:
            yield f"position {expected} is missing, {row.position} stands there"
            return
        if hashlib.sha256(b"\x00" + row.record).digest() != row.leaf:
            yield f"{row.position}: the leaf is not that of the record"
        said = json.loads(row.record)
        copies = (said["id"], said["subject"], said["streamversion"], said["type"])
        recorded_ms = (datetime.fromisoformat(said["recordedtime"]) - EPOCH) // MILLISECOND
        if int.from_bytes(row.event_id.bytes[:6]) != recorded_ms:
            yield f"{row.position}: the time in the id is not when it was recorded"
        source = source or said["source"]
        if said["source"] != source or not source.endswith(f"/{service}"):
            yield f"{row.position}: {said['source']} is not where it was recorded"
        columns = (str(row.event_id), row.stream, row.version, row.type)
        if copies != columns:
            yield f"{row.position}: the columns {columns} are no copies of {copies}"
        if row.version != versions.get(row.stream, 0) + 1:
            yield f"{row.position}: {row.stream} jumps to version {row.version}"
        versions[row.stream] = row.version
        if row.event_id in ids:
            yield f"{row.position}: event {row.event_id} stands twice"
        ids.add(row.event_id)


def _topic(world: World, service: str) -> Iterator[str]:
    messages = world.topics.get(service, [])
    seen: dict[int, Message] = {}
    highest: defaultdict[int, int] = defaultdict(int)
    for message in sorted(messages, key=lambda each: (each.partition, each.offset)):
        if message.position in seen:
            if seen[message.position].value != message.value:
                yield f"Kafka holds two different records at {message.position}"
            continue
        seen[message.position] = message
        if message.position < highest[message.partition]:
            yield f"Kafka: {message.position} first comes after {highest[message.partition]}"
        highest[message.partition] = message.position
    by_key: dict[str, set[int]] = defaultdict(set)
    for row in world.logs[service]:
        message_here = seen.pop(row.position, None)
        if message_here is None:
            if world.settled:
                yield f"Kafka lacks {row.position}"
        elif message_here.value != row.record or message_here.key != row.stream:
            yield f"Kafka differs from the log at {row.position}"
        else:
            by_key[row.stream].add(message_here.partition)
    if world.settled:
        yield from (f"Kafka holds {position}, the log does not" for position in sorted(seen))
    yield from (f"{key} lies in several partitions" for key, at in by_key.items() if len(at) > 1)


# --- commands ---


def _caused(world: World, service: str) -> Iterator[str]:
    """Each event is one of a command's, whose events stand in one row up to its answer.

    A command without an answer is told of elsewhere; of a log restored from Kafka, whose answers
    did not come back, all of this would be said.
    """
    answers = world.answers.get(service, {})
    sent = [(sent.principal, sent.key) for sent in world.journal if sent.service == service]
    owners = _owners(world.logs[service], [*answers, *sent])
    positions: defaultdict[Command, list[int]] = defaultdict(list)
    ordinals: defaultdict[Command, list[int]] = defaultdict(list)
    for row in world.logs[service]:
        if row.event_id not in owners:
            yield f"{row.position}: {row.type} {row.event_id} is of no command"
            continue
        command, ordinal = owners[row.event_id]
        positions[command].append(row.position)
        ordinals[command].append(ordinal)
    for command, at in positions.items():
        principal, key = command
        if ordinals[command] != list(range(len(at))) or at[-1] - at[0] != len(at) - 1:
            yield f"command {key} of {principal}: its events do not stand in one row, but at {at}"
        elif answers.get(command, at[-1]) != at[-1]:
            yield (
                f"command {key} of {principal} was answered {answers[command]},"
                f" its events end at {at[-1]}"
            )


def _owners(log: Sequence[Row], commands: Sequence[Command]) -> dict[UUID, tuple[Command, int]]:
    """Event id to the command and the number of the event in it."""
    ids = {row.event_id.bytes[6:]: row.event_id for row in log}
    owners: dict[UUID, tuple[Command, int]] = {}
    for command in commands:
        number = 0
        while (event_id := ids.get(_mark(*command, number))) is not None:
            owners[event_id] = command, number
            number += 1
    return owners


def _mark(principal: UUID, key: UUID, number: int) -> bytes:
    return mark(principal.bytes + key.bytes + str(number).encode())


def _commands(world: World) -> Iterator[str]:
    """Each acknowledged command once, no refused one, an unknown one at most once.

    All attempts with one key are one command: whatever the first ones came to, it happens once.
    """
    marks = {
        service: {row.event_id.bytes[6:] for row in log} for service, log in world.logs.items()
    }
    attempts: defaultdict[tuple[str, UUID, UUID], list[Sent]] = defaultdict(list)
    for sent in world.journal:
        attempts[sent.service, sent.principal, sent.key].append(sent)
    for (service, principal, key), tried in attempts.items():
        stored = world.answers.get(service, {}).get((principal, key))
        has_events = _mark(principal, key, 0) in marks.get(service, set())
        for says in _command(tried, stored, has_events=has_events):
            yield f"{service}: command {key} of {principal} {says}"
        if not has_events and world.all_have_events and stored is not None:
            yield f"{service}: command {key} of {principal} was accepted and has no event"
    for service, answers in world.answers.items():
        end = len(world.logs[service])
        beyond = [key for key, position in answers.items() if position > end]
        if beyond:
            yield f"{service}: {len(beyond)} answers lie beyond the log, acknowledged and lost"


def _command(tried: Sequence[Sent], stored: int | None, *, has_events: bool) -> Iterator[str]:
    outcomes = {sent.outcome for sent in tried}
    if "acknowledged" in outcomes and stored is None:
        yield "was acknowledged and is not there"
    for sent in tried:
        if sent.outcome == "acknowledged" and stored not in (None, sent.position):
            yield f"was answered {sent.position}, stored is {stored}"
    if outcomes == {"refused"} and (stored is not None or has_events):
        yield "was refused and is there"
    if stored is None and has_events:
        yield "has events but no answer"
    yield from _taken_back(tried)


NOT_ABOUT_THE_COMMAND = {401, 403, 429, 503}


def _taken_back(tried: Sequence[Sent]) -> Iterator[str]:
    """What was accepted stays answered: who asks again afterwards is not refused."""
    accepted_s = min((t.ended_s for t in tried if t.outcome == "acknowledged"), default=None)
    for sent in tried:
        if (
            accepted_s is not None
            and sent.outcome == "refused"
            and sent.status not in NOT_ABOUT_THE_COMMAND
            and sent.began_s > accepted_s
        ):
            yield f"was acknowledged and later refused with {sent.status}"


def _real_time(world: World) -> Iterator[str]:
    """A command that began after another was acknowledged stands behind it in the log."""
    begun: dict[tuple[str, UUID, UUID], float] = {}
    ended: dict[tuple[str, UUID, UUID], tuple[float, int]] = {}
    for sent in world.journal:
        name = sent.service, sent.principal, sent.key
        begun[name] = min(begun.get(name, sent.began_s), sent.began_s)
        if sent.outcome == "acknowledged" and sent.position is not None:
            answered = sent.ended_s, sent.position
            ended[name] = min(ended.get(name, answered), answered)
    for service in {name[0] for name in ended}:
        moments = sorted(
            moment
            for name, (ended_s, position) in ended.items()
            if name[0] == service
            for moment in ((begun[name], 0, position, name), (ended_s, 1, position, name))
        )
        behind = 0
        for _, is_end, position, name in moments:
            if is_end:
                behind = max(behind, position)
            elif position < behind:
                yield (
                    f"{service}: command {name[2]} stands at {position}, before {behind},"
                    " which had been acknowledged when it began"
                )


# --- consumers ---


def _cursors(world: World) -> Iterator[str]:
    """Everybody has read everything, and nothing waits for a person."""
    for service, cursors in world.cursors.items():
        for cursor in cursors:
            head = len(world.logs.get(cursor.source, []))
            if cursor.status != "retired" and cursor.position != head:
                yield (
                    f"{service}: {cursor.consumer} is at {cursor.position} of {head}"
                    f" of {cursor.source}"
                )
    yield from (f"{service}: {n} records are parked" for service, n in world.parked.items() if n)
