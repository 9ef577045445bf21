"""A store, a relay and a reader, driven at random beside a model of lists.

The model: a log is a list, a stream is a list, an answer is a number. Whatever crashes, is sent
again or wakes too late, the log is the model's, and the reader gets the log.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import uuid4

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from eventing.event_store import (
    Answered,
    Append,
    EventStore,
    Key,
    KeyUsedDifferently,
    Past,
    VersionConflict,
)
from eventing.record import NewRecord, StoredRecord, Why, encode
from tests.chaos.small_world import KEEPER, MONDAY, booking

T = TypeVar("T")
STREAMS = some.sampled_from([f"fund-{n}" for n in range(5)])
PARTS = some.dictionaries(STREAMS, some.integers(0, 3), min_size=1, max_size=3)
MAC, OTHER_MAC = b"a request", b"another"


class StoreMachine(RuleBasedStateMachine):
    """`store` is to be set; `service` names the log."""

    store: EventStore
    service = "donations"

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.log: list[tuple[str, bytes]] = []
        self.streams: defaultdict[str, list[bytes]] = defaultdict(list)
        self.sent: list[tuple[Key, list[Append], int]] = []

    def teardown(self) -> None:
        self.loop.close()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def records(self, stream: str, after: int, count: int) -> list[NewRecord]:
        return [
            encode(
                self.service,
                stream,
                after + n,
                uuid4(),
                booking(f"paper {after + n}"),
                MONDAY,
                Why(actor=KEEPER),
            )
            for n in range(1, count + 1)
        ]

    def remember(self, appends: list[Append], key: Key, answer: int) -> None:
        for append in appends:
            for new in append.records:
                self.streams[append.stream].append(new.record)
                self.log.append((append.stream, new.record))
        assert answer == len(self.log)
        self.sent.append((key, appends, answer))

    @rule(parts=PARTS)
    def append(self, parts: dict[str, int]) -> None:
        """To several streams at once; one without events only stands on its version."""
        appends = [
            Append(stream, len(self.streams[stream]), self.records(stream, at, count))
            for stream, count in parts.items()
            for at in [len(self.streams[stream])]
        ]
        key = Key(KEEPER, uuid4(), MAC)
        self.remember(appends, key, self.wait(self.store.append(appends, key)))

    @rule(parts=PARTS, off=some.sampled_from((-1, 1, 2)))
    def append_at_another_version(self, parts: dict[str, int], off: int) -> None:
        wrong = next(iter(parts))
        if len(self.streams[wrong]) + off < 0:
            return
        appends = []
        for stream, count in parts.items():
            at = len(self.streams[stream]) + (off if stream == wrong else 0)
            appends.append(Append(stream, at, self.records(stream, at, count)))
        try:
            self.wait(self.store.append(appends, Key(KEEPER, uuid4(), MAC)))
        except VersionConflict:
            return
        raise AssertionError("a conflict was accepted")

    @precondition(lambda self: self.sent)
    @rule(which=some.integers(0, 1_000))
    def send_again(self, which: int) -> None:
        key, appends, answer = self.sent[which % len(self.sent)]
        assert self.wait(self.store.append(appends, key)) == answer
        assert self.wait(self.store.read(appends[0].stream, key)) == Answered(answer)

    @precondition(lambda self: self.sent)
    @rule(which=some.integers(0, 1_000), stream=STREAMS)
    def use_a_key_for_something_else(self, which: int, stream: str) -> None:
        key, _, _ = self.sent[which % len(self.sent)]
        other = Key(key.principal, key.idempotency_key, OTHER_MAC)
        at = len(self.streams[stream])
        try:
            self.wait(self.store.append([Append(stream, at, self.records(stream, at, 1))], other))
        except KeyUsedDifferently:
            return
        raise AssertionError("a key was used twice")

    @rule(stream=STREAMS, after=some.integers(0, 20))
    def read(self, stream: str, after: int) -> None:
        past = self.wait(self.store.read(stream, None, after))
        assert isinstance(past, Past)
        assert past.version == len(self.streams[stream])
        assert list(past.records) == self.streams[stream][after:]

    @invariant()
    def the_log_is_the_model(self) -> None:
        found = self.wait(self.store.log(0, 100_000))
        assert found == self.stored()
        assert self.wait(self.store.head()) == len(self.log)

    def stored(self) -> list[StoredRecord]:
        return [
            StoredRecord(self.service, position, record)
            for position, (_, record) in enumerate(self.log, 1)
        ]
