"""A topic of twelve partitions in memory, with the part of a consumer that a source asks for."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from eventing.topics import PARTITIONS, partition_of


@dataclass(frozen=True, slots=True)
class Kept:
    topic: str
    partition: int
    offset: int
    key: bytes
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


class TopicInMemory:
    """Records stay in the order in which they came, each in the partition of its stream."""

    def __init__(self) -> None:
        self.partitions: list[list[Kept]] = [[] for _ in range(PARTITIONS)]

    def publish(self, position: int, stream: str, record: bytes) -> None:
        number = partition_of(stream.encode())
        partition = self.partitions[number]
        headers = (("position", str(position).encode()),)
        partition.append(Kept("topic", number, len(partition), stream.encode(), headers, record))


class Consumer:
    """Gives a few records of whichever partition it likes, as a fetch does."""

    def __init__(self, topic: TopicInMemory, begins_with: int) -> None:
        self._topic = topic
        self._next: dict[int, int] = {}
        self._begins_with = begins_with
        self._answered = 0

    def last_poll_timestamp(self, _: Any) -> int:
        return self._answered

    def seek(self, partition: Any, offset: int) -> None:
        self._next[partition.partition] = offset

    async def getmany(
        self, *partitions: Any, timeout_ms: int, max_records: int
    ) -> dict[Any, list[Kept]]:
        del timeout_ms
        self._answered += 1
        got: defaultdict[Any, list[Kept]] = defaultdict(list)
        # Another partition first each time: no order between partitions may be relied on.
        self._begins_with += 1
        at = self._begins_with % len(partitions)
        for partition in (*partitions[at:], *partitions[:at]):
            number = partition.partition
            found = self._topic.partitions[number][self._next[number] :][: max(1, max_records // 3)]
            if found:
                got[partition] = found
                self._next[number] += len(found)
                break
        return dict(got)

    async def stop(self) -> None:
        self._next.clear()
