"""Messages in our topics that are no records of ours: counted, shown, and in nobody's way."""

import logging
from collections import Counter
from collections.abc import Mapping

from aiokafka.structs import ConsumerRecord

PLACES_REMEMBERED_MAX = 10_000

log = logging.getLogger(__name__)


class PassedOver:
    """Of one process. Several readers come by the same message, which counts once."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._places: dict[tuple[str, int, int], None] = {}

    @property
    def counts(self) -> Mapping[str, int]:
        """By topic."""
        return self._counts

    def count(self, message: "ConsumerRecord[bytes, bytes]") -> None:
        place = (message.topic, message.partition, message.offset)
        if place in self._places:
            return
        self._places[place] = None
        if len(self._places) > PLACES_REMEMBERED_MAX:
            del self._places[next(iter(self._places))]
        self._counts[message.topic] += 1
        log.warning("no record of ours at %s, partition %d, offset %d: passed over", *place)
