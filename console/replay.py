"""`vongtay replay`: every open read model folded again, from an export or from Kafka alone."""

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from audit.export import Export
from audit.files import NotAnExport
from audit.note import verifier
from audit.report import Digest
from console.addresses import SERVICES
from console.proof import read_models_of
from eventing.follower import sources_of
from eventing.kafka_access import KafkaAccess
from eventing.kafka_source import KafkaSource
from eventing.kafka_tail import TAIL_RECORDS, tails
from eventing.record import StoredRecord
from eventing.replay import replay_all
from eventing.sources import HoleInTheLog, Source
from eventing.topics import topic_of
from notary.keys import LogKeys
from notary.newest import NewestCheckpoints, read_all
from notary.proven_source import ProvenSource

START_WITHIN_S = 30.0
COLLECT_SELDOM = (100_000, 50, 100)

MakeSource = Callable[[str], Source]


class ExportedLog:
    """A service's log in an export, as a source; without an export, one that has no records."""

    def __init__(
        self,
        service: str,
        export: Export | None = None,
        altered: Callable[[str], None] | None = None,
    ) -> None:
        """`altered` hears the place of each record that is not what was hashed."""
        self.service = service
        self._export = export
        self._altered = altered
        self._records: Iterable[tuple[int, bytes]] = iter(())
        self._position = 0

    async def start(self, after: int, hint: str | None = None) -> None:
        del hint
        self._position = after
        self._records = iter(())
        if self._export is not None and self.service in self._export.services:
            self._records = self._export.records(self.service, after, self._say_altered)

    def _say_altered(self, position: int) -> None:
        if self._altered is not None:
            self._altered(f"{self.service}:{position}")

    async def next(self, limit: int, wait_s: float) -> Sequence[StoredRecord]:
        """Raises HoleInTheLog, NotAnExport."""
        del wait_s
        taken = [StoredRecord(self.service, *each) for each in islice(self._records, limit)]
        for stored in taken:
            if stored.position != self._position + 1:
                raise HoleInTheLog(self.service, self._position + 1)
            self._position = stored.position
        return taken

    async def end(self, at_least: int) -> int:
        return at_least

    def hint(self) -> str | None:
        return None

    async def stop(self) -> None:
        self._records = iter(())


async def heads(kafka: KafkaAccess, services: Iterable[str] = SERVICES) -> dict[str, int]:
    """The newest position of each service's topic, 0 where nothing was published.

    Raises KafkaError, TimeoutError.
    """
    consumer = kafka.consumer()
    try:
        async with asyncio.timeout(START_WITHIN_S):
            await consumer.start()
            topics = await consumer.topics()
    finally:
        await consumer.stop()
    found = dict.fromkeys(services, 0)
    for service in found:
        if topic_of(service) in topics:
            partitions = await tails(kafka, topic_of(service), TAIL_RECORDS)
            found[service] = max(tail.last_position for tail in partitions.values())
    return found


def from_kafka(kafka: KafkaAccess, positions: Mapping[str, int]) -> MakeSource:
    """A topic without records may not be there yet."""
    return lambda service: (
        KafkaSource(service, kafka) if positions.get(service) else ExportedLog(service)
    )


class Proven:
    """Sources that give only what a log's checkpoints cover, by its keys; `upto`: how far that is.

    Of a service without a key here they give what is on its topic.
    """

    def __init__(self, kafka: KafkaAccess, keys: Mapping[str, LogKeys]) -> None:
        self._kafka = kafka
        self._checkpoints = NewestCheckpoints(keys)
        self._keys = keys

    async def read_checkpoints(self) -> Mapping[str, int]:
        """How far each log with a key is vouched for. Raises KafkaError, TimeoutError."""
        await read_all(self._kafka, self._checkpoints)
        newest = {service: self._checkpoints.of(service) for service in self._keys}
        return {service: 0 if one is None else one.size for service, one in newest.items()}

    def make_source(self, positions: Mapping[str, int]) -> MakeSource:
        plain = from_kafka(self._kafka, positions)

        def proven(service: str) -> Source:
            if not positions.get(service) or not self._checkpoints.vouches_for(service):
                return plain(service)
            return ProvenSource(
                plain(service), self._checkpoints, _NobodyToAsk(), _found, only_vouched=True
            )

        return proven


class _NobodyToAsk:
    """From Kafka alone nothing tells which of two records is true: that one is not, is enough."""

    async def leaves(self, _service: str, _after: int, _upto: int) -> Sequence[bytes]:
        return ()

    async def more_checkpoints(self, service: str, after: int) -> None:
        """All that were published are known."""


async def _found(_service: str, _records: Sequence[StoredRecord], _vouched: int) -> None:
    raise AssertionError("where nobody can be asked, nothing is found out")


def log_keys_of(keys: Sequence[str]) -> dict[str, LogKeys]:
    """By the service that a key's name ends with. Raises NotANote."""
    found: dict[str, LogKeys] = {}
    for known in map(verifier, keys):
        service = known.name.rpartition("/")[2]
        before = found[service].verifiers if service in found else ()
        found[service] = LogKeys(known.name, (), (*before, known))
    return found


def from_export(export: Export, altered: Callable[[str], None] | None = None) -> MakeSource:
    return lambda service: ExportedLog(service, export, altered)


@contextmanager
def _few_collections() -> Iterator[None]:
    # Millions of rows are kept until the end: to look at them again and again for garbage takes
    # a third of the time, and finds next to nothing.
    before = gc.get_threshold()
    gc.set_threshold(*COLLECT_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def digests(make_source: MakeSource, positions: Mapping[str, int]) -> list[Digest]:
    """Of every open read model, up to `positions`. Raises what the sources raise, NotThatFar."""
    models = {
        service: [model for model in read_models_of(service) if not model.private]
        for service in SERVICES
    }
    upto = {
        service: {
            model.name: {source: positions.get(source, 0) for source in sources_of(model, service)}
            for model in its_models
        }
        for service, its_models in models.items()
    }
    with _few_collections():
        replayed = await replay_all(models, make_source, upto)
    return [
        Digest(service, name, each.digest, dict(each.positions), each.parked)
        for service, its_models in replayed.items()
        for name, each in its_models.items()
    ]


def positions_in(export: Path) -> dict[str, int]:
    """Raises NotAnExport; for a file alone too, since read models follow several logs."""
    opened = Export(export)
    if not opened.is_folder:
        raise NotAnExport("read models are rebuilt from an export's folder, not from one file")
    return {log.service: log.size for log in opened.manifest.logs}
