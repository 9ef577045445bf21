"""Brings back from Kafka the records that a restored log lacks: the same bytes, at the same places.

Every record is checked before it is stored: dense positions, dense versions, the service that wrote
it; and what both have must be the same. Ended in the middle, it goes on when it is run again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from eventing.compared import KafkaDiffers, is_there
from eventing.ids import mark_of
from eventing.kafka_access import KafkaAccess
from eventing.kafka_source import KafkaSource
from eventing.kafka_tail import TAIL_RECORDS, tails
from eventing.record import StoredRecord, decode_envelope, leaf_hash
from eventing.sources import HoleInTheLog, Source
from eventing.topics import topic_of

COMPARED_RECORDS = 10_000
BATCH_RECORDS = 1_000
NEXT_WITHIN_S = 60.0


class NothingToCompareWith(Exception):
    """The topic has no records: nothing tells what the log lacks."""


class NotThisLogsRecord(Exception):
    """A record of the topic does not follow on what the log has."""


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """The log ended at position `before`; now it ends at `after`."""

    before: int
    after: int


async def bring_back(
    service: str, owner: "asyncpg.Connection[Any]", kafka: KafkaAccess, log_source: str
) -> BroughtBack:
    """Append what the topic has after the end of the log, which is closed; `owner` owns it.

    `log_source` is what each record must name as its `source`.

    Raises NothingToCompareWith, KafkaDiffers, NotThisLogsRecord, HoleInTheLog, UndecodableRecord,
    KafkaError, TimeoutError.
    """
    before: int = await owner.fetchval("SELECT position FROM head")
    newest = await _newest(service, kafka)
    if newest == 0:
        if before == 0:
            return BroughtBack(0, 0)
        raise NothingToCompareWith(
            f"topic {topic_of(service)} is empty: nothing tells what the log lacks. If Kafka was"
            f" lost and the log was not: vongtay refill-kafka {service}. If both were lost:"
            " vongtay restore-machine"
        )
    source = KafkaSource(service, kafka)
    position = max(0, min(before, newest) - COMPARED_RECORDS)
    await source.start(position)
    try:
        while position < newest:
            records = await _next(source, position, newest)
            await _compare(owner, [stored for stored in records if stored.position <= before])
            new = [stored for stored in records if stored.position > before]
            await _store(owner, log_source, new)
            position = records[-1].position
    finally:
        await source.stop()
    return BroughtBack(before, max(before, newest))


async def _newest(service: str, kafka: KafkaAccess) -> int:
    if not await is_there(kafka, topic_of(service)):
        return 0
    ends = await tails(kafka, topic_of(service), TAIL_RECORDS)
    return max(end.last_position for end in ends.values())


async def _next(source: Source, position: int, newest: int) -> Sequence[StoredRecord]:
    deadline = asyncio.get_running_loop().time() + NEXT_WITHIN_S
    while asyncio.get_running_loop().time() < deadline:
        if records := await source.next(min(BATCH_RECORDS, newest - position), 1.0):
            return records
    raise HoleInTheLog(source.service, position + 1)


async def _compare(owner: "asyncpg.Connection[Any]", records: Sequence[StoredRecord]) -> None:
    rows = await owner.fetch(
        "SELECT position, record FROM events WHERE position = ANY($1)",
        [stored.position for stored in records],
    )
    ours = {row["position"]: row["record"] for row in rows}
    for stored in records:
        if ours.get(stored.position) != stored.record:
            raise KafkaDiffers(
                f"position {stored.position} of {stored.service} is another record in Kafka than in"
                " the log: one of them was changed, and a person must find out which"
            )


async def _store(
    owner: "asyncpg.Connection[Any]", source: str, records: Sequence[StoredRecord]
) -> None:
    if not records:
        return
    rows: list[tuple[Any, ...]] = []
    streams: dict[str, int] = {}
    marks: list[tuple[bytes, int]] = []
    envelopes = [(stored, decode_envelope(stored.record)) for stored in records]
    for row in await owner.fetch(
        "SELECT stream, max(version) AS version FROM events WHERE stream = ANY($1) GROUP BY stream",
        [envelope.subject for _, envelope in envelopes],
    ):
        streams[row["stream"]] = row["version"]
    for stored, said in envelopes:
        version = streams.get(said.subject, 0) + 1
        if said.source != source or said.streamversion != version:
            raise NotThisLogsRecord(
                f"position {stored.position} is version {said.streamversion} of a stream of"
                f" {said.source}, where version {version} of {source} comes next"
            )
        streams[said.subject] = version
        rows.append(
            (
                stored.position,
                said.id,
                said.subject,
                version,
                said.type,
                stored.record,
                said.recordedtime,
            )
        )
        marks.append((mark_of(said.id), stored.position))
    last = records[-1].position
    async with owner.transaction():
        # Head before all else, as every append; and it moves only from where this batch begins.
        moved = await owner.execute(
            "UPDATE head SET position = $1, closed = $2 WHERE position = $3 AND closed IS NOT NULL",
            last,
            f"records are being brought back from Kafka, up to position {last} so far",
            records[0].position - 1,
        )
        if moved != "UPDATE 1":
            raise NotThisLogsRecord("the log went on while records were brought back")
        await owner.copy_records_to_table(
            "events",
            records=rows,
            columns=(
                "position",
                "event_id",
                "stream",
                "version",
                "type",
                "record",
                "recorded_at",
            ),
        )
        await owner.copy_records_to_table(
            "brought_back", records=marks, columns=("mark", "position")
        )
        leaves = await owner.fetch(
            "SELECT leaf FROM events WHERE position BETWEEN $1 AND $2 ORDER BY position",
            records[0].position,
            last,
        )
        if [row["leaf"] for row in leaves] != [leaf_hash(stored.record) for stored in records]:
            raise NotThisLogsRecord(
                f"the leaves up to position {last} are not those of the records"
            )
        await owner.execute("UPDATE relay SET published = $1 WHERE published < $1", last)
