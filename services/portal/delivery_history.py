"""What became of one delivery: planned, sent, handed over, signed for; by number, never by name."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel

from contracts.donations import SponsorKind
from contracts.field_types import CategoryCode, MeasureCode
from contracts.subjects import different_children
from edge.who_may_where import units
from eventing.all_rows import all_rows
from eventing.rows import Rows
from services.portal.answers import Withheld
from services.portal.gift_way import Happened
from services.portal.positions_shown import positions_shown
from services.portal.publication import At, Publication
from services.portal.read_models.deliveries import deliveries
from services.portal.read_models.gifts import gifts
from services.portal.read_models.lines import LineRow, lines
from services.portal.read_models.named import campaigns, sponsors


class Part(BaseModel):
    """What of one gift was in it."""

    contribution_id: UUID
    sponsor: str | None
    sponsor_kind: SponsorKind | None
    category: CategoryCode
    measure: MeasureCode
    quantity: int
    quantity_signed: int
    children: int


class DeliveryHistory(BaseModel):
    """Counts are of lines. None: not told.

    `child_times`: how often it was signed for, as published. `withheld`: only that is told, and
    neither whose gifts it brought nor in what way each was signed for.
    """

    delivery_id: UUID
    programme_id: UUID
    unit_id: UUID
    unit_name: str
    planned_for: date
    completed: bool
    lines: int | None
    signed_as: dict[str, int | None]
    waiting: int | None
    parts: list[Part]
    steps: list[Happened]
    illustrative: bool
    child_times: int | None = None
    withheld: bool = False
    as_of: dict[str, int]

    def for_all(self, told: Publication | None) -> "DeliveryHistory":
        """What is published of it. Raises Withheld."""
        signed = (
            None
            if told is None
            else told.by_place().get(At("child_times", delivery_id=self.delivery_id))
        )
        if told is None or signed is None:
            raise Withheld
        return self.model_copy(
            update={
                "lines": None,
                "signed_as": {},
                "waiting": None,
                "parts": [],
                "child_times": signed.value,
                "withheld": True,
                "as_of": told.as_of,
            }
        )


async def delivery_history(rows: Rows, delivery_id: UUID) -> DeliveryHistory | None:
    """None: there is no such delivery."""
    as_of = await positions_shown(rows, deliveries, lines, units)
    delivery = await rows.get(deliveries, delivery_id)
    if delivery is None:
        return None
    of_delivery = await all_rows(rows, lines, delivery_id=delivery_id)
    unit = await rows.get(units, delivery.unit_id)
    ways: defaultdict[str, int] = defaultdict(int)
    for line in of_delivery:
        ways[line.signed_as if line.status == "signed" and line.signed_as else "waiting"] += 1
    waiting = ways.pop("waiting", 0)
    return DeliveryHistory(
        delivery_id=delivery_id,
        programme_id=delivery.programme_id,
        unit_id=delivery.unit_id,
        unit_name=unit.name if unit else "",
        planned_for=delivery.planned_for,
        completed=delivery.completed,
        lines=delivery.lines,
        signed_as=dict(sorted(ways.items())),
        waiting=waiting,
        parts=await _parts(rows, of_delivery),
        steps=[Happened.model_validate(step) for step in delivery.steps],
        illustrative=await _illustrative(rows, delivery.programme_id),
        as_of=as_of,
    )


async def _parts(rows: Rows, of_delivery: Sequence[LineRow]) -> list[Part]:
    together: defaultdict[tuple[UUID, CategoryCode, MeasureCode], list[LineRow]] = defaultdict(list)
    for line in of_delivery:
        together[line.contribution_id, line.category, line.measure].append(line)
    ids = [contribution_id for contribution_id, _, _ in together]
    giver = {
        gift.contribution_id: gift.sponsor_id
        for gift in await all_rows(rows, gifts, contribution_id=ids)
    }
    named = {
        sponsor.sponsor_id: sponsor
        for sponsor in await all_rows(rows, sponsors, sponsor_id=list(giver.values()))
    }
    parts = []
    for (contribution_id, category, measure), of_gift in sorted(together.items()):
        sponsor_id = giver.get(contribution_id)
        sponsor = named.get(sponsor_id) if sponsor_id else None
        parts.append(
            Part(
                contribution_id=contribution_id,
                sponsor=sponsor.public_name if sponsor else None,
                sponsor_kind=sponsor.kind if sponsor else None,
                category=category,
                measure=measure,
                quantity=sum(line.quantity for line in of_gift),
                quantity_signed=sum(line.quantity for line in of_gift if line.status == "signed"),
                children=different_children(of_gift),
            )
        )
    return parts


async def _illustrative(rows: Rows, programme_id: UUID) -> bool:
    return bool(await rows.where(campaigns, programme_id=programme_id, illustrative=True, limit=1))
