"""Run one command: read, fold, decide, append; over several streams if the decider says so."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import msgspec

from eventing.clock import Clock
from eventing.decider import CommandFor, Decider, Rejection, Together
from eventing.differences import Difference, differences
from eventing.event_store import (
    Answered,
    Append,
    Busy,
    EventStore,
    Key,
    Past,
    VersionConflict,
    event_id_of,
)
from eventing.ids import beside, mark
from eventing.installation import NOWHERE, Installation
from eventing.record import Why, decode_envelope, decode_event, encode

__all__ = ["Busy", "ChangedSince", "CommandContext", "Executor", "derived_key"]

DEADLINE_S = 5.0
VERSIONS_COMPARED_MAX = 1_000
TOLD_MAX = 5_000
STATES_CACHED_MAX = 20_000
STATES_CACHED_BYTES_MAX = 48 * 1024 * 1024
"""As MessagePack; in memory they are some two and a half times that."""

AnyDecider = Decider[Any, Any, Any]


class ChangedSince(Rejection):
    """Somebody else changed it after the caller looked.

    `version` is the stream's now; `changed` what differs from the state of the version that the
    caller had seen, where there was such a version.
    """

    code = "changed-since"
    kind = "conflict"
    vi = "Có người đã sửa sau khi bạn xem (nay là phiên bản {version}). Hãy xem lại rồi sửa."
    en = "Somebody changed it after you looked (now version {version}). Look again, then edit."

    def __init__(
        self, version: int, seen_version: int, changed: tuple[Difference, ...] = ()
    ) -> None:
        self.version = version
        self.seen_version = seen_version
        self.changed = changed


class StreamTooLong(Exception):
    """It holds more than TOLD_MAX events: no file is told that long."""


class AnsweredBefore(Exception):
    """The command that looks was answered already, with this position: nothing is to be done."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


@dataclass(frozen=True, slots=True)
class CommandContext:
    """A command's key, why it is given, and which version of the stream the caller had seen.

    `seen_stream` None: the one that the command leads with. Of another, which it writes besides,
    the version counts when there is something to write.
    """

    key: Key
    why: Why
    seen_version: int | None = None
    seen_stream: str | None = None


@dataclass(slots=True)
class _Part:
    """What one stream takes part with: the version it was read at, its new events, its state."""

    decider: AnyDecider
    version: int
    state: Any
    events: list[Any] = field(default_factory=list)

    def add(self, events: Iterable[Any]) -> None:
        for event in events:
            self.state = self.decider.evolve(self.state, event)
            self.events.append(event)


@dataclass(frozen=True, slots=True)
class _Known:
    """A state as it was read. `bytes` is its size when the stream had half as many, or more."""

    decider: AnyDecider
    version: int
    state: Any
    bytes: int = 0
    weighed_at: int = 0

    def then(self, version: int, state: Any) -> "_Known":
        if version < 2 * self.weighed_at:
            return _Known(self.decider, version, state, self.bytes, self.weighed_at)
        return _Known(self.decider, version, state, _bytes_of(state), version)


class _States:
    """The states met last, bounded in number and in size: one may hold a line for each child."""

    def __init__(self) -> None:
        self.known: OrderedDict[tuple[str, int], _Known] = OrderedDict()
        self._bytes = 0

    def of(self, stream: str, decider: AnyDecider) -> _Known:
        return self.known.get((stream, id(decider))) or _Known(decider, 0, decider.initial)

    def keep(self, stream: str, known: _Known) -> None:
        name = (stream, id(known.decider))
        before = self.known.pop(name, None)
        self._bytes += known.bytes - (before.bytes if before else 0)
        self.known[name] = known
        while len(self.known) > STATES_CACHED_MAX or self._bytes > STATES_CACHED_BYTES_MAX:
            _, oldest = self.known.popitem(last=False)
            self._bytes -= oldest.bytes


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a stream, as its file tells it."""

    version: int
    recorded_at: datetime
    actor: UUID
    event: Any


class Executor:
    """Executes commands against one service's log.

    Commands that write one stream wait for each other here, so that inside a process they do not
    conflict. A conflict, with another process or because what a command only looks at was changed
    meanwhile, means read again and decide again, until the deadline.
    """

    def __init__(
        self, store: EventStore, clock: Clock, installation: Installation = NOWHERE
    ) -> None:
        self.store = store
        self.clock = clock
        self.installation = installation
        self._states = _States()
        self._turns: dict[str, _Turn] = {}

    async def execute(
        self, decider: AnyDecider, stream: str, command: Any, context: CommandContext
    ) -> int:
        """Return the position at which the command's effect can be read.

        Raises Rejection, KeyUsedDifferently, OutcomeUnknown, Busy.
        """
        lead = CommandFor(decider, stream, command)
        deadline = asyncio.get_running_loop().time() + DEADLINE_S
        needed = {stream}
        while True:
            with _Held(self._turns) as turns:
                try:
                    async with asyncio.timeout_at(deadline):
                        await turns.take(needed)
                        decided = await self._decide(lead, context, needed, turns)
                except TimeoutError:
                    raise Busy from None
                if isinstance(decided, Answered):
                    return decided.position
                if decided is not None:
                    # What a command only stands on stays as it is, and the store keeps the order:
                    # else all pledges to one campaign would be committed one by one.
                    turns.give_back(append.stream for append in decided if not append.records)
                    # Outside of the deadline: once sent, only the store knows whether it happened.
                    try:
                        return await self.store.append(decided, context.key)
                    except VersionConflict:
                        needed |= {append.stream for append in decided}

    async def state(self, decider: AnyDecider, stream: str, key: Key | None = None) -> Any:
        """The state of a stream as it is now, for a question that a decision depends on.

        `key` is that of the command which looks, when it looks for the first time. Raises Busy,
        KeyUsedDifferently, AnsweredBefore.
        """
        found = await self._read_or_answer(decider, stream, key)
        if isinstance(found, Answered):
            raise AnsweredBefore(found.position)
        return found.state

    async def told(self, stream: str) -> list[Happened]:
        """All that happened to one thing, oldest first: of a stream that stays short.

        Raises Busy, StreamTooLong.
        """
        past = await self.store.read(stream, None)
        assert isinstance(past, Past), "without a key there is no answer"
        if past.version > TOLD_MAX:
            raise StreamTooLong(stream)
        envelopes = [decode_envelope(record) for record in past.records]
        return [
            Happened(each.streamversion, each.recordedtime, each.actor, decode_event(each))
            for each in envelopes
        ]

    async def _decide(
        self, lead: CommandFor, context: CommandContext, needed: set[str], turns: "_Held"
    ) -> list[Append] | Answered | None:
        """Decide once. None: more streams are written than this command has the turns of."""
        part = await self._read_or_answer(lead.decider, lead.stream, context.key)
        if isinstance(part, Answered):
            return part
        if context.seen_stream is None:
            await self._check_seen(lead.stream, part, context.seen_version)
        before = part.state
        part.add(lead.decider.decide(lead.command, before))
        parts = {lead.stream: part}
        also = list(lead.decider.also(lead.command, before, tuple(part.events)))
        if also:
            others = {give.stream: give.decider for item in also for give in _commands_of(item)}
            more = others.keys() - needed
            without = frozenset() if await turns.take_if_free(more) else more
            others.pop(lead.stream, None)
            read = await asyncio.gather(*(self._read(others[name], name) for name in others))
            parts.update(zip(others, read, strict=True))
            if (seen := context.seen_stream) in parts:
                await self._check_seen(seen, parts[seen], context.seen_version)
            _decide_also(part, also, parts)
            if any(parts[stream].events for stream in without):
                needed |= more
                return None
        return self._appends(parts, context)

    async def _check_seen(self, stream: str, part: _Part, seen: int | None) -> None:
        """Raises ChangedSince."""
        if seen is not None and seen != part.version:
            raise await self._changed_since(stream, part, seen)

    async def _changed_since(self, stream: str, part: _Part, seen: int) -> ChangedSince:
        """With what changed, unless there is no such version or too much came after it."""
        if not 0 < seen < part.version <= seen + VERSIONS_COMPARED_MAX:
            return ChangedSince(part.version, seen)
        past = await self.store.read(stream, None, 0)
        assert isinstance(past, Past), "without a key there is no answer"
        events = [decode_event(decode_envelope(record)) for record in past.records[:seen]]
        changed = differences(part.decider.fold(events), part.state)
        return ChangedSince(part.version, seen, changed)

    async def _read(self, decider: AnyDecider, stream: str) -> _Part:
        part = await self._read_or_answer(decider, stream, None)
        assert isinstance(part, _Part), "without a key there is no answer"
        return part

    async def _read_or_answer(
        self, decider: AnyDecider, stream: str, key: Key | None
    ) -> _Part | Answered:
        # Kept are states that were read, never those that were decided: what an append adds comes
        # with the next read, so a state is always the fold of what the log holds.
        known = self._states.of(stream, decider)
        past = await self.store.read(stream, key, known.version)
        if isinstance(past, Past) and past.version < known.version:
            # The log was set back under us, to a backup say: what we knew is no past of it.
            known = _Known(decider, 0, decider.initial)
            past = await self.store.read(stream, key, 0)
        if isinstance(past, Answered):
            return past
        state = known.state
        for record in past.records:
            state = decider.evolve(state, decode_event(decode_envelope(record)))
        if past.version:
            self._states.keep(stream, known.then(past.version, state))
        return _Part(decider, past.version, state)

    def _appends(self, parts: dict[str, _Part], context: CommandContext) -> list[Append]:
        now = self.clock()
        service = self.store.service
        appends: list[Append] = []
        ordinal = 0
        for stream, part in parts.items():
            records = [
                encode(
                    service,
                    stream,
                    part.version + count,
                    event_id_of(context.key, ordinal + count - 1, now),
                    event,
                    now,
                    context.why,
                    self.installation,
                )
                for count, event in enumerate(part.events, 1)
            ]
            ordinal += len(records)
            appends.append(Append(stream, part.version, records))
        return appends


def _bytes_of(state: Any) -> int:
    try:
        return len(msgspec.msgpack.encode(state, enc_hook=str))
    except (TypeError, ValueError, OverflowError, RecursionError):
        # A rule may keep what MessagePack cannot say. No command fails for that.
        return len(repr(state))


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class _Held:
    """The turns that one command has; of each stream's, first come first served."""

    def __init__(self, turns: dict[str, _Turn]) -> None:
        self._turns = turns
        self._held: dict[str, _Turn] = {}

    async def take(self, streams: Iterable[str]) -> None:
        # Waited for in one order by all, or two commands would wait for each other.
        for stream in sorted(streams):
            turn = self._turns.setdefault(stream, _Turn())
            turn.users += 1
            try:
                await turn.lock.acquire()
            except BaseException:
                self._leave(stream, turn)
                raise
            self._held[stream] = turn

    async def take_if_free(self, streams: AbstractSet[str]) -> bool:
        """Take the turns if nobody has them.

        If somebody has, whoever only looks needs none; whoever writes waits for all, in order.
        """
        if not self._turns.keys().isdisjoint(streams):
            return False
        await self.take(streams)
        return True

    def give_back(self, streams: Iterable[str]) -> None:
        for stream in streams:
            if (turn := self._held.pop(stream, None)) is not None:
                turn.lock.release()
                self._leave(stream, turn)

    def _leave(self, stream: str, turn: _Turn) -> None:
        turn.users -= 1
        if not turn.users:
            del self._turns[stream]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back(list(self._held))


def _commands_of(item: CommandFor | Together) -> Sequence[CommandFor]:
    return item.commands if isinstance(item, Together) else (item,)


def _decide_also(
    lead: _Part, also: Sequence[CommandFor | Together], parts: dict[str, _Part]
) -> None:
    """Let each stream decide, on what the gives before it have already done to it.

    Raises Rejection.
    """
    refusals: list[Rejection] = []
    for item in also:
        before = [
            (part, part.state, len(part.events))
            for part in (parts[give.stream] for give in _commands_of(item))
        ]
        try:
            for give in _commands_of(item):
                part = parts[give.stream]
                part.add(give.decider.decide(give.command, part.state))
        except Rejection as rejection:
            if isinstance(item, CommandFor):
                raise
            for part, state, count in before:
                part.state = state
                del part.events[count:]
            refusals.append(rejection)
            lead.add([item.otherwise(rejection)])
    if refusals and len(refusals) == sum(isinstance(item, Together) for item in also):
        raise refusals[0]


def derived_key(principal: UUID, event_id: UUID, *names: str) -> Key:
    """The key of a command that nobody typed: the same cause gives the same key, for ever.

    It has the time of its cause: what follows soon lies beside it.
    """
    what_for = mark(event_id.bytes, "\x1f".join(names).encode())
    return Key(principal, beside(event_id, what_for), b"")
