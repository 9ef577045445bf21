"""The auditor's desk: how old each checkpoint is, what a witness says, and what to look at first.

Since when is a position in each log. The auditor's browser keeps it; nothing of it is kept here.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pydantic import BaseModel

from edge.checkpoints import CheckpointShown, newest_of
from edge.door import House
from eventing.clock import system_clock
from eventing.rows import Rows
from notary.checkpoint_topic import LOGS
from services.portal.event_facts import Facts
from services.portal.event_log import COLUMNS, Listed, Place
from services.portal.lateness import lateness
from services.portal.neighbours import Finding, Neighbours, Silent, Verdict
from services.portal.positions_shown import positions_shown
from services.portal.read_models.events_seen import SERVICES, events_seen
from services.portal.read_models.exceptions import Kind, exceptions

KINDS: tuple[Kind, ...] = get_args(Kind)
NEWEST_SHOWN = 10
POSITION_MAX = 2**63 - 1

Positions = Mapping[str, int]

FOUND = """
WITH visit AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS visit (service, after, upto)
), limits AS (
    SELECT * FROM unnest($4::text[], $5::bigint[]) AS limits (type, late_s)
), found AS (
    SELECT service, position, kind
    FROM visit JOIN exceptions USING (service) LEFT JOIN limits USING (type)
    WHERE position > after AND position <= upto AND (
        kind <> 'recorded-late'
        OR (type <> ALL ($6::text[]) AND delay_s >= coalesce(late_s, $7::bigint))
    )
)
"""
COUNTED = f"{FOUND} SELECT kind, count(*) AS events FROM found GROUP BY kind"  # noqa: S608
LISTED = f"""{FOUND}
SELECT {COLUMNS}, facts FROM found JOIN events_seen USING (service, position)
WHERE kind = $8::text
    AND ($9::timestamptz IS NULL OR (recorded_at, service, position) < ($9, $10::text, $11::bigint))
ORDER BY recorded_at DESC, service DESC, position DESC LIMIT $12
"""  # noqa: S608 - both are made of what stands in code alone


class VerdictShown(BaseModel):
    """`finding`: what the witness says, "no-witness", "witness-silent" or "not-watched"."""

    finding: Finding | Literal["no-witness", "witness-silent", "not-watched"]
    size: int = 0
    at: datetime | None = None
    says: str = ""


Verdicts = Mapping[str, Verdict] | VerdictShown
"""By origin; or what is to be said of every log."""


class LogSeen(BaseModel):
    """`seen`: how far we have followed it. `age_s`: since its newest checkpoint was published."""

    service: str
    seen: int
    checkpoint: CheckpointShown | None
    age_s: int | None
    verdict: VerdictShown


class ParkedShown(BaseModel):
    consumer: str
    source: str
    stream: str
    first_position: int
    records: int
    error: str


class ParkedAt(BaseModel):
    """`streams` None: the service did not say, and `why` not."""

    service: str
    streams: list[ParkedShown] | None
    why: str = ""


class Excepted(Listed):
    """With what it says: how many children's names were opened, which issue of a report it is."""

    facts: Facts


class ExceptionsOf(BaseModel):
    """`newest` are the last few; all of them are under `/api/desk/{kind}`."""

    kind: Kind
    count: int
    newest: list[Excepted]


class Desk(BaseModel):
    """Exceptions after `since`, up to `as_of` and no further."""

    since: dict[str, int]
    as_of: dict[str, int]
    witness: str | None
    logs: list[LogSeen]
    exceptions: list[ExceptionsOf]
    parked: list[ParkedAt]


@dataclass(frozen=True, slots=True)
class Visit:
    """What came after `since`, up to `as_of`."""

    since: Positions
    as_of: Positions

    def arguments(self) -> list[Any]:
        late = lateness()
        services = list(self.as_of)
        return [
            services,
            [self.since.get(service, 0) for service in services],
            [self.as_of[service] for service in services],
            list(late.of),
            list(late.of.values()),
            list(late.never),
            late.other,
        ]


async def visit(rows: Rows, since: Positions) -> Visit:
    as_of = await positions_shown(rows, events_seen, exceptions)
    return Visit(since, {service: as_of[service] for service in SERVICES if service in as_of})


async def desk(house: House, neighbours: Neighbours, since: Positions, authorization: str) -> Desk:
    """`authorization` is the auditor's own, with which the services are asked."""
    now = await visit(house.rows, since)
    verdicts, parked = await asyncio.gather(
        _verdicts(neighbours), _parked(neighbours, authorization)
    )
    return Desk(
        since=dict(since),
        as_of=dict(now.as_of),
        witness=neighbours.witness,
        logs=[_log(house, service, now.as_of.get(service, 0), verdicts) for service in LOGS],
        exceptions=await _exceptions(house.rows, now),
        parked=parked,
    )


async def _exceptions(rows: Rows, now: Visit) -> list[ExceptionsOf]:
    counted = {row["kind"]: row["events"] for row in await rows.query(COUNTED, *now.arguments())}
    return [
        ExceptionsOf(
            kind=kind,
            count=counted.get(kind, 0),
            newest=(
                await listed(rows, now, kind, after=None, limit=NEWEST_SHOWN)
                if kind in counted
                else []
            ),
        )
        for kind in KINDS
    ]


async def listed(
    rows: Rows, now: Visit, kind: Kind, *, after: Place | None, limit: int
) -> list[Excepted]:
    """The newest first, those after a place."""
    place = after or (None, None, None)
    found = await rows.query(LISTED, *now.arguments(), kind, *place, limit)
    return [Excepted.model_validate({**row, "facts": json.loads(row["facts"])}) for row in found]


def _log(house: House, service: str, seen: int, verdicts: Verdicts) -> LogSeen:
    checkpoint = newest_of(house, service)
    # Kafka says when it was published, by real time: a settable clock has no say in it.
    age = None if checkpoint is None else system_clock() - checkpoint.published_at
    return LogSeen(
        service=service,
        seen=seen,
        checkpoint=checkpoint,
        age_s=None if age is None else max(0, int(age.total_seconds())),
        verdict=_verdict(checkpoint, verdicts),
    )


def _verdict(checkpoint: CheckpointShown | None, verdicts: Verdicts) -> VerdictShown:
    if isinstance(verdicts, VerdictShown):
        return verdicts
    found = None if checkpoint is None else verdicts.get(checkpoint.origin)
    if found is None:
        return VerdictShown(finding="not-watched")
    return VerdictShown(
        finding=found.finding,
        size=found.size,
        at=datetime.fromtimestamp(found.at, UTC),
        says=found.says,
    )


async def _verdicts(neighbours: Neighbours) -> Verdicts:
    if neighbours.witness is None:
        return VerdictShown(finding="no-witness")
    try:
        return await neighbours.verdicts()
    except Silent as error:
        return VerdictShown(finding="witness-silent", says=str(error))


async def _parked(neighbours: Neighbours, authorization: str) -> list[ParkedAt]:
    async def of(service: str) -> ParkedAt:
        if service not in neighbours.services:
            return ParkedAt(service=service, streams=None, why="VONGTAY_PUBLIC_URLS")
        try:
            found = await neighbours.parked(service, authorization)
        except Silent as error:
            return ParkedAt(service=service, streams=None, why=str(error))
        streams = [ParkedShown.model_validate(each, from_attributes=True) for each in found]
        return ParkedAt(service=service, streams=streams)

    return list(await asyncio.gather(*map(of, SERVICES)))


def positions_in(text: str) -> dict[str, int]:
    """From `registry:812,donations:455`. Raises ValueError."""
    found: dict[str, int] = {}
    for item in filter(None, text.split(",")):
        service, _, position = item.partition(":")
        if service not in SERVICES or not position.isascii() or not position.isdigit():
            raise ValueError(item)
        found[service] = min(int(position), POSITION_MAX)
    return found


def positions_as(positions: Positions) -> str:
    return ",".join(f"{service}:{at}" for service, at in positions.items())
