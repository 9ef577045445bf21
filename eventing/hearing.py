"""Whether a consumer still hears its brokers.

Where they have moved, aiokafka goes on asking where they were, without a word and without end: it
reads their names only when it starts. So whoever waits asks now and then when it last heard.
"""

import time
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

SILENT_WITHIN_S = 30.0


class KafkaIsSilent(KafkaError):  # type: ignore[misc]  # aiokafka ships no types
    """No fetch has succeeded for too long: begin again, at the brokers' names."""


class Hearing:
    """`within_s`: after so long without an answer it is silence, and no lack of news."""

    def __init__(self, consumer: AIOKafkaConsumer, within_s: float = SILENT_WITHIN_S) -> None:
        self._consumer = consumer
        self._within_s = within_s
        self._answered: int | None = None
        self._heard_at = time.monotonic()

    def heard(self) -> None:
        """Say that something came, or that nobody was asked."""
        self._heard_at = time.monotonic()

    def check(self, asked: Iterable[TopicPartition]) -> None:
        """Raises KafkaIsSilent. `asked`: the partitions that are being fetched."""
        # Of the answers also those that bring nothing, and they come twice a second.
        answered = max(
            (self._consumer.last_poll_timestamp(partition) or 0 for partition in asked), default=0
        )
        if answered != self._answered:
            self._answered = answered
            self.heard()
        elif time.monotonic() - self._heard_at > self._within_s:
            raise KafkaIsSilent(f"no fetch has succeeded for {self._within_s:.0f} s")
