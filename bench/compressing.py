"""(j) What each way of compressing costs the relay and a reader, in batches of the relay's size.

Whoever subscribes must have the codec: what is chosen, and why, is in docs/decisions/.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial

from aiokafka.codec import gzip_encode
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from bench.figures import Measured
from bench.ground import Ground
from bench.material import history
from eventing.record import NewRecord
from eventing.relay import BATCH_BYTES, BATCH_RECORDS, GZIP_LEVEL
from eventing.topics import headers_of, partition_of

PART = "j"
RECORDS = 50_000
NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
"""As the record format of Kafka numbers them."""
OURS = f"gzip {GZIP_LEVEL}"
WAYS = {"none": NONE, OURS: GZIP, "gzip 9": GZIP, "snappy": SNAPPY, "lz4": LZ4, "zstd": ZSTD}
Batch = list[tuple[int, NewRecord]]


async def measure(ground: Ground, measured: Measured) -> None:
    """CPU of one core, in turns; the bytes are the same each time."""
    records = ground.size(RECORDS)
    batches = _batches(list(history(records)))
    made: dict[str, list[float]] = defaultdict(list)
    read: dict[str, list[float]] = defaultdict(list)
    sizes: dict[str, int] = {}
    for _ in range(ground.rounds):
        for way, codec in WAYS.items():
            gzip_encode.__defaults__ = (9 if way == "gzip 9" else GZIP_LEVEL,)
            built: list[bytes] = []
            made[way].append(_cpu_us(partial(_make_all, batches, codec, built)) / records)
            sizes[way] = sum(map(len, built))
            read[way].append(_cpu_us(partial(_read_all, built)) / records)
    gzip_encode.__defaults__ = (GZIP_LEVEL,)
    measured.add(PART, "bytes/event", {way: [sizes[way] / records] for way in WAYS})
    measured.add(PART, "µs CPU/event", {f"{way}: made": made[way] for way in WAYS})
    measured.add(PART, "µs CPU/event", {f"{way}: read": read[way] for way in WAYS})


def _batches(records: Sequence[NewRecord]) -> list[Batch]:
    """By partition, of as many records as the relay reads at once."""
    found: list[Batch] = []
    for first in range(0, len(records), BATCH_RECORDS):
        by_partition: dict[int, Batch] = defaultdict(list)
        for position, new in enumerate(records[first : first + BATCH_RECORDS], first + 1):
            by_partition[partition_of(new.stream.encode())].append((position, new))
        found += by_partition.values()
    return found


def _make_all(batches: Sequence[Batch], codec: int, built: list[bytes]) -> None:
    for batch in batches:
        builder = DefaultRecordBatchBuilder(
            magic=2,
            compression_type=codec,
            is_transactional=False,
            producer_id=-1,
            producer_epoch=-1,
            base_sequence=0,
            batch_size=BATCH_BYTES,
        )
        for offset, (position, new) in enumerate(batch):
            headers = headers_of(position, new.type)
            builder.append(offset, 0, new.stream.encode(), new.record, headers)
        built.append(bytes(builder.build()))


def _read_all(built: Sequence[bytes]) -> None:
    for each in built:
        for _ in DefaultRecordBatch(bytearray(each)):
            pass


def _cpu_us(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e6
