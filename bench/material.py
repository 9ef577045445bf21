"""What is measured with: pledges as donations makes them, their records, and logs full of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from contracts.donations import ContributionCounted, Earmark, PledgeFulfilled, PledgeMade
from eventing.event_store import Append, Key, event_id_of
from eventing.ids import by_time
from eventing.record import NewRecord, Why, encode
from programmes import packs

RULES = packs.installed().of_the_register.versions[0]

SERVICE = "donations"
EVENTS_PER_PLEDGE = 10
WRITTEN_AT_ONCE = 10_000
PROGRAMME, CAMPAIGN, SPONSOR, PERSON = (UUID(int=number) for number in range(1, 5))
MADE_AT = datetime(2024, 11, 11, 2, 30, tzinfo=UTC)
MAC = b"\x00" * 32
WHY = Why(
    actor=PERSON,
    correlation=UUID(int=5),
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)


def pledge_made(pledge_id: UUID) -> PledgeMade:
    return PledgeMade(
        pledge_id=pledge_id,
        programme_id=PROGRAMME,
        campaign_id=CAMPAIGN,
        sponsor_id=SPONSOR,
        kind="money",
        category="warm-clothes",
        quantity=5_000_000,
        measure="dong",
        earmark=Earmark(),
        rules=RULES.named,
        made_by=PERSON,
        happened_at=MADE_AT,
    )


def record(
    stream: str, version: int, event: object, key: Key | None = None, at: datetime = MADE_AT
) -> NewRecord:
    """As the executor makes it: the event's id begins with when it is recorded."""
    event_id = event_id_of(key or Key(PERSON, by_time(), MAC), 0, at)
    return encode(SERVICE, stream, version, event_id, event, at, WHY)


def command(make_id: Callable[[], UUID] = by_time) -> tuple[list[Append], Key]:
    """A command with one event on a stream of its own, encoded when it is asked for.

    `make_id` makes what a caller chooses, the pledge's id and the key: `by_time` as the house's own
    callers do, `uuid4` as others may.
    """
    pledge_id = make_id()
    stream = f"pledge-{pledge_id}"
    key = Key(PERSON, make_id(), MAC)
    new = record(stream, 1, pledge_made(pledge_id), key, datetime.now(UTC))
    return [Append(stream, 0, [new])], key


def history(events: int) -> Iterator[NewRecord]:
    """Pledges that were made, counted towards and fulfilled, a hundred of them side by side.

    One is recorded each millisecond, since `MADE_AT`.
    """
    made = 0
    while made < events:
        pledges = [by_time() for _ in range(100)]
        for version in range(1, EVENTS_PER_PLEDGE + 1):
            for pledge_id in pledges:
                at = MADE_AT + timedelta(milliseconds=made)
                yield record(f"pledge-{pledge_id}", version, _event(pledge_id, version), at=at)
                made += 1
                if made == events:
                    return


def _event(pledge_id: UUID, version: int) -> object:
    if version == 1:
        return pledge_made(pledge_id)
    if version == EVENTS_PER_PLEDGE:
        return PledgeFulfilled(pledge_id=pledge_id, programme_id=PROGRAMME, happened_at=MADE_AT)
    return ContributionCounted(
        correction=0,
        pledge_id=pledge_id,
        programme_id=PROGRAMME,
        contribution_id=uuid4(),
        quantity=555_556,
        quantity_counted=555_556 * (version - 1),
        happened_at=MADE_AT,
    )


async def fill(owner_dsn: str, records: Iterator[NewRecord]) -> int:
    """Write records to the end of a log, as its owner and much faster than a service could.

    Each has the key of the command that made it, as in a log that was written one by one: the
    index of the keys grows with the log.
    """
    connection = await asyncpg.connect(owner_dsn)
    try:
        head: int = await connection.fetchval("SELECT position FROM head")
        rows: list[tuple[object, ...]] = []
        for new in records:
            head += 1
            rows.append(
                (
                    head,
                    new.event_id,
                    new.stream,
                    new.version,
                    new.type,
                    new.record,
                    new.recorded_at,
                )
            )
            if len(rows) == WRITTEN_AT_ONCE:
                await _write(connection, rows)
        await _write(connection, rows)
        await connection.execute("UPDATE head SET position = $1", head)
    finally:
        await connection.close()
    return head


async def _write(
    connection: "asyncpg.Connection[asyncpg.Record]", rows: list[tuple[object, ...]]
) -> None:
    if rows:
        await connection.copy_records_to_table(
            "commands", records=[(PERSON, by_time(), MAC, position) for position, *_ in rows]
        )
        await connection.copy_records_to_table(
            "events",
            records=rows,
            columns=[
                "position",
                "event_id",
                "stream",
                "version",
                "type",
                "record",
                "recorded_at",
            ],
        )
        rows.clear()
