"""Run one command: read, fold, decide, append; over several streams if the decider says so."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from eventing.clock import Clock
from eventing.decider import Decider, Give, Rejection, Together
from eventing.event_store import Answered, Append, EventStore, Key, VersionConflict
from eventing.record import NewRecord, Why, decode_envelope, decode_event, encode

DEADLINE_S = 5.0
STATES_CACHED_MAX = 20_000


class Busy(Exception):
    """The deadline passed before the command was decided; nothing of it happened."""


class ChangedSince(Rejection):
    """Somebody else changed it after the caller looked. `version` is the stream's now."""

    code = "changed-since"
    kind = "conflict"

    def __init__(self, version: int) -> None:
        self.version = version


@dataclass(frozen=True, slots=True)
class Asked:
    """A command's key, why it is given, and which version of the stream the caller had seen."""

    key: Key
    why: Why
    seen_version: int | None = None


@dataclass(slots=True)
class _Decided:
    """What one stream took part with: its version, state before, and new events."""

    version: int
    decider: Decider[Any, Any, Any]
    state: Any
    events: list[Any] = field(default_factory=list)

    @property
    def state_after(self) -> Any:
        return self.decider.fold(self.events, self.state)


class Executor:
    """Executes commands against one service's log.

    Commands for one stream wait for each other here, so that inside a process none conflicts;
    a conflict with another process means read again and decide again, until the deadline.
    """

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self._states: OrderedDict[str, tuple[Decider[Any, Any, Any], int, Any]] = OrderedDict()
        self._locks: dict[str, tuple[asyncio.Lock, list[None]]] = {}

    async def execute(
        self, decider: Decider[Any, Any, Any], stream: str, command: Any, asked: Asked
    ) -> int:
        """Return the position at which the command's effect can be read.

        Raises Rejection, KeyUsedDifferently, OutcomeUnknown, Busy.
        """
        needed = {stream}
        try:
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    async with self._turns(sorted(needed)):
                        done = await self._attempt(Give(decider, stream, command), asked, needed)
                    if done is not None:
                        return done
        except TimeoutError as error:
            raise Busy from error

    async def state(self, decider: Decider[Any, Any, Any], stream: str) -> Any:
        """The state of a stream as it is now, for a question that a decision depends on."""
        past = await self._past(decider, stream, None)
        assert not isinstance(past, Answered), "without a key there is no answer"
        return past.state

    async def _attempt(self, lead: Give, asked: Asked, needed: set[str]) -> int | None:
        """Decide once. None: more streams take part than were waited for, or one has changed."""
        past = await self._past(lead.decider, lead.stream, asked.key)
        if isinstance(past, Answered):
            return past.position
        if asked.seen_version not in (None, past.version):
            raise ChangedSince(past.version)
        past.events = lead.decider.decide(lead.command, past.state)
        parts = {lead.stream: past}
        also = list(lead.decider.also(lead.command, past.state, past.events))
        if not self._have_turns(also, needed):
            return None
        await self._decide_also(lead, also, parts)
        try:
            position = await self.store.append(self._appends(parts, asked), asked.key)
        except VersionConflict:
            for part in parts:
                self._states.pop(part, None)
            return None
        for part, decided in parts.items():
            self._remember(part, decided, decided.version + len(decided.events))
        return position

    @staticmethod
    def _have_turns(also: Sequence[Give | Together], needed: set[str]) -> bool:
        streams = {
            give.stream
            for item in also
            for give in (item.gives if isinstance(item, Together) else (item,))
        }
        # Locks are only ever taken in sorted order, so a larger set means starting over.
        missing = streams - needed
        needed |= missing
        return not missing

    async def _decide_also(
        self, lead: Give, also: Sequence[Give | Together], parts: dict[str, _Decided]
    ) -> None:
        await asyncio.gather(
            *[
                self._load(give, parts)
                for item in also
                for give in (item.gives if isinstance(item, Together) else (item,))
            ]
        )
        refusals: list[Rejection] = []
        together = [item for item in also if isinstance(item, Together)]
        for item in also:
            if isinstance(item, Give):
                self._decide(item, parts)
                continue
            before = {give.stream: len(parts[give.stream].events) for give in item.gives}
            try:
                for give in item.gives:
                    self._decide(give, parts)
            except Rejection as rejection:
                for part, count in before.items():
                    del parts[part].events[count:]
                refusals.append(rejection)
                parts[lead.stream].events.append(item.otherwise(rejection))
        if together and len(refusals) == len(together):
            raise refusals[0]

    async def _load(self, give: Give, parts: dict[str, _Decided]) -> None:
        if give.stream in parts:
            return
        past = await self._past(give.decider, give.stream, None)
        assert not isinstance(past, Answered), "without a key there is no answer"
        parts.setdefault(give.stream, past)

    @staticmethod
    def _decide(give: Give, parts: dict[str, _Decided]) -> None:
        part = parts[give.stream]
        # Two commands for one stream: the second decides on what the first one did.
        part.events += give.decider.decide(give.command, part.state_after)

    async def _past(
        self, decider: Decider[Any, Any, Any], stream: str, key: Key | None
    ) -> _Decided | Answered:
        known = self._states.get(stream)
        version, state = (
            (known[1], known[2]) if known and known[0] is decider else (0, decider.initial)
        )
        past = await self.store.read(stream, key, version)
        if isinstance(past, Answered):
            return past
        events = [decode_event(decode_envelope(record)) for record in past.records]
        decided = _Decided(past.version, decider, decider.fold(events, state))
        self._remember(stream, decided, past.version)
        return decided

    def _remember(self, stream: str, decided: _Decided, version: int) -> None:
        known = self._states.get(stream)
        if known and known[0] is decided.decider and known[1] > version:
            return
        self._states[stream] = (decided.decider, version, decided.state_after)
        self._states.move_to_end(stream)
        if len(self._states) > STATES_CACHED_MAX:
            self._states.popitem(last=False)

    def _appends(self, parts: dict[str, _Decided], asked: Asked) -> list[Append]:
        command_id = uuid5(asked.key.principal, str(asked.key.idempotency_key))
        now = self.clock()
        appends: list[Append] = []
        ordinal = 0
        for stream, decided in parts.items():
            records: list[NewRecord] = []
            for event in decided.events:
                event_id = uuid5(command_id, str(ordinal))
                version = decided.version + len(records) + 1
                records.append(
                    encode(self.store.service, stream, version, event_id, event, now, asked.why)
                )
                ordinal += 1
            appends.append(Append(stream, decided.version, records))
        return appends

    @asynccontextmanager
    async def _turns(self, streams: Sequence[str]) -> AsyncIterator[None]:
        """Hold the turn of each stream, first come first served; `streams` is sorted."""
        held: list[tuple[str, asyncio.Lock, list[None]]] = []
        try:
            for stream in streams:
                lock, users = self._locks.setdefault(stream, (asyncio.Lock(), []))
                users.append(None)
                try:
                    await lock.acquire()
                except BaseException:
                    self._leave(stream, users)
                    raise
                held.append((stream, lock, users))
            yield
        finally:
            for stream, lock, users in reversed(held):
                lock.release()
                self._leave(stream, users)

    def _leave(self, stream: str, users: list[None]) -> None:
        users.pop()
        if not users:
            del self._locks[stream]


def derived_key(principal: UUID, event_id: UUID, *names: str) -> Key:
    """The key of a command that nobody typed: the same cause gives the same key, for ever."""
    name = "\x1f".join(names)
    return Key(principal, uuid5(event_id, name), b"")
