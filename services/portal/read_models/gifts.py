"""How far has a gift come with us, from its announcement to its receipt?"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    ContributionAccepted,
    ContributionAnnounced,
    ContributionLineInspected,
    ContributionReceiptCancelled,
    ContributionReceipted,
    ContributionReceived,
    Kind,
)
from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import Specification
from eventing.read_model import ReadModel
from eventing.record import Recorded
from services.portal.steps import Step, step


class GiftRow(Struct, frozen=True):
    """`steps` are all that happened to it, but of several inspected lines only the last."""

    contribution_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None
    kind: Kind
    accepted: bool
    steps: tuple[Step, ...]


class GiftLineRow(Struct, frozen=True):
    """Before inspection nobody knows `good`, `mendable` and `refused`: then they are 0."""

    contribution_id: UUID
    line_id: UUID
    programme_id: UUID
    campaign_id: UUID
    category: CategoryCode
    specification: Specification
    measure: MeasureCode
    announced: int
    inspected: bool
    good: int
    mendable: int
    refused: int
    accepted: bool


GIFT_EVENTS = (
    ContributionAnnounced,
    ContributionReceived,
    ContributionLineInspected,
    ContributionAccepted,
    ContributionReceipted,
    ContributionReceiptCancelled,
)


def _gift(event: Any) -> Iterator[UUID]:
    yield event.contribution_id


def _go_on(row: GiftRow | None, _: UUID, recorded: Recorded) -> GiftRow | None:
    event = recorded.event
    if isinstance(event, ContributionAnnounced):
        return GiftRow(
            contribution_id=event.contribution_id,
            programme_id=event.programme_id,
            campaign_id=event.campaign_id,
            fund_id=event.fund_id,
            sponsor_id=event.sponsor_id,
            pledge_id=event.pledge_id,
            kind=event.kind,
            accepted=False,
            steps=(step(recorded),),
        )
    if row is None:
        return None
    new = step(recorded)
    before = row.steps
    if isinstance(event, ContributionLineInspected):
        before = tuple(old for old in before if old.event != new.event)
    accepted = row.accepted or isinstance(event, ContributionAccepted)
    return replace(row, accepted=accepted, steps=(*before, new))


gifts: ReadModel[UUID, GiftRow] = ReadModel(
    name="gifts",
    version=2,
    row=GiftRow,
    key=("contribution_id",),
    events=GIFT_EVENTS,
    keys=_gift,
    apply=_go_on,
    indexes=(("campaign_id",), ("sponsor_id",)),
)

LineKey = tuple[UUID, UUID]


def _lines(event: Any) -> Iterator[LineKey]:
    match event:
        case ContributionLineInspected():
            yield event.contribution_id, event.line.line_id
        case _:
            for line in event.lines:
                yield event.contribution_id, line.line_id


def _inspect(row: GiftLineRow | None, key: LineKey, recorded: Recorded) -> GiftLineRow | None:
    match recorded.event:
        case ContributionAnnounced() as announced:
            line = next(line for line in announced.lines if line.line_id == key[1])
            return GiftLineRow(
                contribution_id=announced.contribution_id,
                line_id=line.line_id,
                programme_id=announced.programme_id,
                campaign_id=announced.campaign_id,
                category=line.category,
                specification=line.specification,
                measure=line.measure,
                announced=line.quantity,
                inspected=False,
                good=0,
                mendable=0,
                refused=0,
                accepted=False,
            )
        case ContributionLineInspected(line=line) if row:
            return replace(
                row,
                inspected=True,
                good=line.good,
                mendable=line.mendable,
                refused=line.refused,
            )
        case ContributionAccepted() if row:
            return replace(row, accepted=True)
        case _:
            return row


gift_lines: ReadModel[LineKey, GiftLineRow] = ReadModel(
    name="gift_lines",
    row=GiftLineRow,
    key=("contribution_id", "line_id"),
    events=(ContributionAnnounced, ContributionLineInspected, ContributionAccepted),
    keys=_lines,
    apply=_inspect,
    indexes=(("campaign_id",),),
)
