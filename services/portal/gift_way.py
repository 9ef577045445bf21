"""A gift's way from its giver to the communes of the children, never to a child."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.donations import Kind, NumberedReceipt, SponsorKind
from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import Specification
from contracts.subjects import different_children
from contracts.vietnamese_day import vietnamese_day
from edge.vietnamese_order import alphabetical
from edge.who_may_where import units
from eventing.all_rows import all_rows
from eventing.rows import Rows
from programmes import packs
from services.portal.positions_shown import positions_shown
from services.portal.publication import SHOWN_FROM, At, Publication
from services.portal.read_models.deliveries import deliveries
from services.portal.read_models.gifts import gift_lines, gifts
from services.portal.read_models.lines import LineRow, lines
from services.portal.read_models.lots import lots
from services.portal.read_models.named import campaigns, sponsors
from services.portal.read_models.published import ReceiptRow, receipts
from services.portal.read_models.support import SupportRow, support

KEPT = ("reserved", "planned", "absent", "signed")


class Happened(BaseModel):
    """A step; service and position lead to its event."""

    model_config = ConfigDict(from_attributes=True)

    event: str
    service: str
    position: int
    happened_at: datetime
    recorded_at: datetime


class GiftLine(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    line_id: UUID
    category: CategoryCode
    specification: Specification
    measure: MeasureCode
    announced: int
    inspected: bool
    good: int
    mendable: int
    refused: int

    @property
    def came(self) -> int:
        """However much was announced."""
        return self.good + self.mendable + self.refused


class Numbered(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    book: str
    year: int
    number: int


class CancelledReceipt(Numbered):
    """The paper alone is void; its number is not given again. `replaced_by` None: none yet."""

    reason: str
    cancelled: Happened
    replaced_by: Numbered | None


class Arrival(BaseModel):
    """What one delivery brought of the gift. `children` None: fewer than five."""

    delivery_id: UUID
    unit_id: UUID
    unit_name: str
    category: CategoryCode
    measure: MeasureCode
    quantity: int
    children: int | None
    first_signed_at: datetime
    last_signed_at: datetime


class Allocated(BaseModel):
    """What was kept of the gift on one day, in Hanoi; `at` is when the first of it was."""

    measure: MeasureCode
    quantity: int
    children: int | None
    day: date
    at: datetime


class GiftWay(BaseModel):
    """`sponsor` None: the giver is not named. `receipt` is the one that stands.

    `withheld`: of where it went only `child_times` and `delivered` are told, as they are published;
    whoever has the code of its receipt, or sees every figure, is told more. `places_withheld`: it
    went to the health of children, so nobody is told where and when.

    `measure` None: not known yet. Of what is `good`, part is `allocated`, and of that part is
    `delivered`.
    """

    contribution_id: UUID
    programme_id: UUID
    sponsor: str | None
    sponsor_kind: SponsorKind | None
    campaign_id: UUID
    campaign: str | None
    fund_id: UUID
    kind: Kind
    illustrative: bool
    lines: list[GiftLine]
    steps: list[Happened]
    receipt: Numbered | None
    cancelled_receipts: list[CancelledReceipt]
    measure: MeasureCode | None
    good: int
    held_apart: int
    allocated: int | None
    delivered: int | None
    child_times: int | None
    withheld: bool = False
    places_withheld: bool = False
    allocations: list[Allocated]
    arrivals: list[Arrival]
    as_of: dict[str, int]

    @property
    def came(self) -> int:
        """All that came, good or not."""
        return sum(line.came for line in self.lines)

    @property
    def available(self) -> int | None:
        return None if self.allocated is None else self.good - self.allocated

    @property
    def onwards(self) -> list[Allocated | Arrival]:
        """What followed once it was here, in the order of time."""
        return sorted([*self.allocations, *self.arrivals], key=_when)

    def for_all(self, told: Publication | None) -> "GiftWay":
        """What is published of it."""
        figure = (
            None
            if told is None
            else told.by_place().get(At("child_times", contribution_id=self.contribution_id))
        )
        return self.model_copy(
            update={
                "allocated": None,
                "delivered": figure and figure.quantity,
                "child_times": figure and figure.value,
                "withheld": True,
                "allocations": [],
                "arrivals": [],
            }
        )


def _when(step: Allocated | Arrival) -> tuple[datetime, bool]:
    return (step.at, False) if isinstance(step, Allocated) else (step.last_signed_at, True)


async def gift_way(rows: Rows, contribution_id: UUID) -> GiftWay | None:
    """None: there is no such gift."""
    as_of = await positions_shown(
        rows, gifts, gift_lines, lots, lines, support, deliveries, receipts
    )
    gift = await rows.get(gifts, contribution_id)
    if gift is None:
        return None
    of_gift = await all_rows(rows, gift_lines, contribution_id=contribution_id)
    became = await all_rows(rows, lots, contribution_id=contribution_id)
    spent = [
        line
        for line in await all_rows(rows, lines, contribution_id=contribution_id)
        if line.status in KEPT
    ]
    arrived = await all_rows(rows, support, contribution_id=contribution_id)
    sponsor = await rows.get(sponsors, gift.sponsor_id)
    campaign = await rows.get(campaigns, gift.campaign_id)
    papers = await all_rows(rows, receipts, contribution_id=contribution_id)
    stands = next((paper for paper in papers if paper.cancelled is None), None)
    measures = [line.measure for line in of_gift] + [line.measure for line in spent]
    # Lots of one gift are opened in one moment: one step for them all, and one for those apart.
    steps = [*gift.steps]
    for apart in (False, True):
        steps += [lot.opened for lot in became if lot.held_apart is apart][:1]
    for_health = any(packs.installed().tells_of_health(line.category) for line in of_gift)
    return GiftWay(
        contribution_id=contribution_id,
        programme_id=gift.programme_id,
        sponsor=sponsor.public_name if sponsor else None,
        sponsor_kind=sponsor.kind if sponsor else None,
        campaign_id=gift.campaign_id,
        campaign=campaign.name if campaign else None,
        fund_id=gift.fund_id,
        kind=gift.kind,
        illustrative=bool(
            (sponsor and sponsor.illustrative) or (campaign and campaign.illustrative)
        ),
        lines=[GiftLine.model_validate(line) for line in of_gift],
        steps=[Happened.model_validate(step) for step in steps],
        receipt=stands and Numbered.model_validate(stands),
        cancelled_receipts=_cancelled(papers),
        measure=measures[0] if measures else None,
        good=sum(lot.quantity for lot in became if not lot.held_apart),
        held_apart=sum(lot.quantity for lot in became if lot.held_apart),
        allocated=sum(line.quantity for line in spent),
        delivered=sum(each.quantity for each in arrived),
        child_times=sum(each.children for each in arrived),
        places_withheld=for_health,
        allocations=[] if for_health else _allocations(spent),
        arrivals=[] if for_health else await _arrivals(rows, arrived),
        as_of=as_of,
    )


def _cancelled(papers: Sequence[ReceiptRow]) -> list[CancelledReceipt]:
    """In the order in which they were cancelled."""
    instead = {paper.replaces: paper for paper in papers if paper.replaces is not None}
    found = []
    for paper in papers:
        if paper.cancelled is not None and paper.reason is not None:
            named = NumberedReceipt(book=paper.book, year=paper.year, number=paper.number)
            next_one = instead.get(named)
            found.append(
                CancelledReceipt(
                    book=paper.book,
                    year=paper.year,
                    number=paper.number,
                    reason=paper.reason,
                    cancelled=Happened.model_validate(paper.cancelled),
                    replaced_by=next_one and Numbered.model_validate(next_one),
                )
            )
    return sorted(found, key=lambda one: one.cancelled.position)


def _allocations(spent: list[LineRow]) -> list[Allocated]:
    together: defaultdict[tuple[date, MeasureCode], list[LineRow]] = defaultdict(list)
    for line in spent:
        if line.reserved_at is not None:
            together[vietnamese_day(line.reserved_at), line.measure].append(line)
    return [
        Allocated(
            measure=measure,
            quantity=sum(line.quantity for line in of_day),
            children=shown(different_children(of_day)),
            day=day,
            at=min(line.reserved_at for line in of_day if line.reserved_at),
        )
        for (day, measure), of_day in together.items()
    ]


async def _arrivals(rows: Rows, arrived: Sequence[SupportRow]) -> list[Arrival]:
    together: defaultdict[tuple[UUID, UUID, str, str], list[SupportRow]] = defaultdict(list)
    for each in arrived:
        if each.delivery_id is not None:
            key = (each.delivery_id, each.unit_id, each.category, each.measure)
            together[key].append(each)
    arrivals = []
    for (delivery_id, unit_id, category, measure), of_delivery in together.items():
        unit = await rows.get(units, unit_id)
        arrivals.append(
            Arrival(
                delivery_id=delivery_id,
                unit_id=unit_id,
                unit_name=unit.name if unit else "",
                category=category,
                measure=measure,
                quantity=sum(each.quantity for each in of_delivery),
                children=shown(different_children(of_delivery)),
                first_signed_at=min(each.delivered_at for each in of_delivery),
                last_signed_at=max(each.delivered_at for each in of_delivery),
            )
        )
    return sorted(
        arrivals, key=lambda arrival: (arrival.first_signed_at, alphabetical(arrival.unit_name))
    )


def shown(children: int) -> int | None:
    """None for one to four: they could be recognised."""
    return None if 0 < children < SHOWN_FROM else children
