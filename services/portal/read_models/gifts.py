"""How far has a gift come with us, from its announcement to its receipt?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    ContributionAccepted,
    ContributionAnnounced,
    ContributionCorrected,
    ContributionCorrectionProposed,
    ContributionCorrectionRefused,
    ContributionLineInspected,
    ContributionReceiptCancelled,
    ContributionReceipted,
    ContributionReceived,
    ContributionRefused,
    InspectedLine,
    Kind,
)
from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import Specification
from eventing.read_model import ReadModel, begins, keyed, on
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
    """Before inspection nobody knows `good`, `mendable` and `refused`: then they are 0.

    `found_position` is that of the event that told them last.
    """

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
    found_position: int | None


def _announced(of: Recorded[ContributionAnnounced]) -> GiftRow:
    event = of.event
    return GiftRow(
        contribution_id=event.contribution_id,
        programme_id=event.programme_id,
        campaign_id=event.campaign_id,
        fund_id=event.fund_id,
        sponsor_id=event.sponsor_id,
        pledge_id=event.pledge_id,
        kind=event.kind,
        accepted=False,
        steps=(step(of),),
    )


def _went_on(row: GiftRow, of: Recorded) -> GiftRow:
    return replace(row, steps=(*row.steps, step(of)))


def _inspected(row: GiftRow, of: Recorded[ContributionLineInspected]) -> GiftRow:
    new = step(of)
    before = tuple(old for old in row.steps if old.event != new.event)
    return replace(row, steps=(*before, new))


def _accepted(row: GiftRow, of: Recorded[ContributionAccepted]) -> GiftRow:
    return replace(row, accepted=True, steps=(*row.steps, step(of)))


gifts: ReadModel[UUID, GiftRow] = ReadModel(
    name="gifts",
    version=2,
    row=GiftRow,
    key=("contribution_id",),
    handlers=(
        begins(ContributionAnnounced, _announced),
        on(ContributionReceived, _went_on),
        on(ContributionLineInspected, _inspected),
        on(ContributionAccepted, _accepted),
        on(ContributionRefused, _went_on),
        on(ContributionCorrectionProposed, _went_on),
        on(ContributionCorrected, _went_on),
        on(ContributionCorrectionRefused, _went_on),
        on(ContributionReceipted, _went_on),
        on(ContributionReceiptCancelled, _went_on),
    ),
    indexes=(("campaign_id",), ("sponsor_id",)),
)

LineKey = tuple[UUID, UUID]


def _each_line(
    of: Recorded[ContributionAnnounced | ContributionAccepted | ContributionCorrected],
) -> Iterator[LineKey]:
    for line in of.event.lines:
        yield of.event.contribution_id, line.line_id


def _the_line(of: Recorded[ContributionLineInspected]) -> Iterator[LineKey]:
    yield of.event.contribution_id, of.event.line.line_id


def _line_announced(
    _: GiftLineRow | None, key: LineKey, of: Recorded[ContributionAnnounced]
) -> GiftLineRow:
    line = next(line for line in of.event.lines if line.line_id == key[1])
    return GiftLineRow(
        contribution_id=of.event.contribution_id,
        line_id=line.line_id,
        programme_id=of.event.programme_id,
        campaign_id=of.event.campaign_id,
        category=line.category,
        specification=line.specification,
        measure=line.measure,
        announced=line.quantity,
        inspected=False,
        good=0,
        mendable=0,
        refused=0,
        accepted=False,
        found_position=None,
    )


def _line_inspected(row: GiftLineRow, of: Recorded[ContributionLineInspected]) -> GiftLineRow:
    return _found(row, of.event.line, of)


def _line_corrected(row: GiftLineRow, of: Recorded[ContributionCorrected]) -> GiftLineRow:
    line = next(line for line in of.event.lines if line.line_id == row.line_id)
    return _found(row, line, of)


def _found(row: GiftLineRow, line: InspectedLine, of: Recorded) -> GiftLineRow:
    return replace(
        row,
        inspected=True,
        good=line.good,
        mendable=line.mendable,
        refused=line.refused,
        found_position=of.position,
    )


def _line_accepted(row: GiftLineRow, _: Recorded[ContributionAccepted]) -> GiftLineRow:
    return replace(row, accepted=True)


gift_lines: ReadModel[LineKey, GiftLineRow] = ReadModel(
    name="gift_lines",
    version=2,
    row=GiftLineRow,
    key=("contribution_id", "line_id"),
    handlers=(
        keyed(ContributionAnnounced, _line_announced, keys=_each_line),
        on(ContributionLineInspected, _line_inspected, keys=_the_line),
        on(ContributionAccepted, _line_accepted, keys=_each_line),
        on(ContributionCorrected, _line_corrected, keys=_each_line),
    ),
    indexes=(("campaign_id",),),
)
