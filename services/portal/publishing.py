"""Makes the publications: of each programme one at a rhythm, by one leader.

What is small enough to point at a child is not told (`suppression.py`); what cannot be judged is
not published, and the last publication stands.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from contracts.vietnamese_day import vietnamese_day
from edge.checkpoints import CheckpointShown
from edge.programmes import ProgrammeRow, programmes
from eventing.all_rows import all_rows
from eventing.clock import Clock
from eventing.leadership import Leadership
from eventing.rows import NotYetVisible, Rows
from services.portal.figures import Figure, Universe, universes
from services.portal.publication import Publication, Told
from services.portal.publications import Kept, NotTheNext, Publications
from services.portal.report import (
    Cells,
    Figures,
    positions_of_report,
    report,
    units_told,
)
from services.portal.suppression import Before, CannotBeJudged, told_anew, withdrawn

LOOK_EVERY_S = 1.0
TRY_AGAIN_S = 600.0
QUANTITIES = {
    "needs_standing": "quantity_needed",
    "needs_sourced": "quantity_reserved",
    "child_times": "quantity_delivered",
}
"""What a report calls the quantity beside a figure."""

log = logging.getLogger(__name__)


class Publishing:
    def __init__(
        self,
        rows: Rows,
        publications: Publications,
        clock: Clock,
        every: timedelta,
        checkpoints: Callable[[], Sequence[CheckpointShown]] = list,
    ) -> None:
        self._rows = rows
        self._checkpoints = checkpoints
        self._publications = publications
        self._clock = clock
        self._every = every
        self._not_before: dict[UUID, float] = {}

    async def run(self, leadership: Leadership) -> None:
        await leadership.lead("publications of portal", self._lead)

    async def _lead(self) -> None:
        while True:
            # While a read model is being built nothing is published.
            with suppress(NotYetVisible, NotTheNext):
                await self.turn()
            await asyncio.sleep(LOOK_EVERY_S)

    async def turn(self) -> int:
        """Publish what is due now; return how many that were."""
        made = 0
        for programme in await all_rows(self._rows, programmes):
            last = await self._publications.newest(programme.programme_id)
            if last is not None and self._clock() < last.publication.next_from:
                continue
            if time.monotonic() < self._not_before.get(programme.programme_id, 0.0):
                continue
            try:
                await self._publish(programme, last)
                made += 1
            except CannotBeJudged:
                self._not_before[programme.programme_id] = time.monotonic() + TRY_AGAIN_S
                log.exception("programme %s is not published", programme.programme_id)
        return made

    async def _publish(self, programme: ProgrammeRow, last: Kept | None) -> None:
        now = self._clock()
        units = await units_told(self._rows, programme.unit_ids)
        # Positions before rows: then the figures hold at least what the positions say.
        as_of = await positions_of_report(self._rows)
        told, children = await _told(self._rows, programme.programme_id, list(units), last)
        shown = await report(
            self._rows,
            programme,
            vietnamese_day(now),
            self._checkpoints(),
            cells=_cells(told, units),
            published_on=now,
        )
        publication = Publication(
            programme_id=programme.programme_id,
            number=_number_after(last),
            made_at=now,
            next_from=now + self._every,
            as_of=as_of,
            before=None if last is None else last.digest.hex(),
            report=shown.model_copy(update={"as_of": as_of}),
            told=told,
        )
        await self._publications.add(publication, children)


def _number_after(last: Kept | None) -> int:
    return 1 if last is None else last.publication.number + 1


async def _told(
    rows: Rows, programme_id: UUID, unit_ids: Sequence[UUID], last: Kept | None
) -> tuple[list[Told], list[int]]:
    of = await universes(rows, programme_id, unit_ids)
    # Off the loop: a solver takes its time.
    return await asyncio.to_thread(next_told, of, last)


def next_told(of: Sequence[Universe], last: Kept | None) -> tuple[list[Told], list[int]]:
    """All that is told now, and of how many children each figure is. Raises CannotBeJudged."""
    before = (
        {}
        if last is None
        else {
            told.at: (told, children)
            for told, children in zip(last.publication.told, last.children, strict=True)
        }
    )
    known = {at: Before(told.value, children) for at, (told, children) in before.items()}
    number = _number_after(last)
    anew = told_anew(of, known)
    gone = {
        figure.at
        for universe in of
        for figure in universe.figures.values()
        if figure.at in known and withdrawn(figure, known[figure.at])
    }
    kept = {at: one for at, one in before.items() if at not in gone}
    kept |= {at: (_as_told(figure, number), figure.children) for at, figure in anew.items()}
    ordered = sorted(kept.values(), key=lambda one: tuple(map(str, one[0].at)))
    return [told for told, _ in ordered], [children for _, children in ordered]


def _as_told(figure: Figure, number: int) -> Told:
    return Told(**figure.at._asdict(), value=figure.value, quantity=figure.quantity, since=number)


def _cells(told: Sequence[Told], unit_ids: Iterable[UUID]) -> Cells:
    """A row of each unit for each kind of which anything is told, whatever is there."""
    untold: dict[str, int | None] = dict.fromkeys([*Figures.model_fields, *QUANTITIES.values()])
    kinds = {(one.category, one.measure) for one in told if one.category and one.measure}
    by: dict[tuple[UUID | None, str | None, str | None], dict[str, int | None]] = {
        (unit, *kind): {} for unit in (None, *unit_ids) for kind in kinds
    }
    for one in told:
        if one.contribution_id or one.delivery_id or one.fund_id:
            continue
        figures = by.setdefault((one.unit_id, one.category, one.measure), {})
        if one.what in Figures.model_fields:
            figures[one.what] = one.value
        if one.what in QUANTITIES and one.category is not None:
            figures[QUANTITIES[one.what]] = one.quantity
    return Cells(by, untold)
