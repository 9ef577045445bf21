"""Matching: which part of which lot for which need, and why.

The most pressing need chooses first, so nobody who fits is passed over for somebody less pressing.
Pure: the same needs, lots and rule give the same lines, in the same order.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.allocation import MatchedLine, UnmatchedNeed, UnmatchedReason
from contracts.donations import Earmark
from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import Specification
from eventing.ids import at, mark
from programmes.rules import Rules, Scale, SpecificationField

RULE = "most-pressing-first@1"
NEEDS_LOOKED_AT_MAX = 2_000
LOTS_LOOKED_AT_MAX = 1_000
LINES_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNeed:
    """A need with what it still asks for, and the facts that a line for it freezes."""

    need_id: UUID
    programme_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    specification: Specification
    quantity_open: int
    measure: MeasureCode
    needed_by: date
    priority_band: int
    registered_by: UUID | None
    recorded_by: UUID
    verified_by: UUID
    opened_at: datetime

    @property
    def priority(self) -> tuple[int, date, datetime, UUID]:
        """The smallest is the most pressing."""
        return self.priority_band, self.needed_by, self.opened_at, self.need_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeLot:
    """A lot with what nobody has reserved, and the facts that a line of it freezes."""

    lot_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    contribution_id: UUID
    sponsor_id: UUID
    category: CategoryCode
    specification: Specification
    quantity_free: int
    measure: MeasureCode
    earmark: Earmark
    received_by: UUID
    inspected_by: tuple[UUID, ...]
    accepted_by: UUID
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`rules`: what the pack says. `areas`: for a unit, those it stands for too."""

    rules: Rules
    areas: Mapping[UUID, frozenset[UUID]]


@dataclass(frozen=True, slots=True)
class Fit:
    """`rank`: of several lots that fit, the smallest suits best."""

    reasons: tuple[str, ...]
    rank: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    inputs_digest: str
    lines: tuple[MatchedLine, ...]
    unmatched: tuple[UnmatchedNeed, ...]
    left_out: int


def match_up(
    run_id: UUID,
    made_at: datetime,
    needs: Sequence[OpenNeed],
    lots: Sequence[FreeLot],
    rule: Rule,
) -> Matching:
    by_priority = sorted(needs, key=lambda need: need.priority)
    looked_at = by_priority[:NEEDS_LOOKED_AT_MAX]
    shelves = sort_into_shelves(sorted(lots, key=came_first)[:LOTS_LOOKED_AT_MAX])
    free = {lot.lot_id: lot.quantity_free for shelf in shelves for lot in shelf}
    taken: list[tuple[OpenNeed, FreeLot, int, Fit]] = []
    unmet: list[OpenNeed] = []
    unmatched: list[UnmatchedNeed] = []
    for need in looked_at:
        fitting = shelves_for(need, shelves, rule)
        still_open = need.quantity_open
        for lot, fit in ((lot, fit) for shelf, fit in fitting for lot in shelf):
            quantity = part_for(need, still_open, free[lot.lot_id], rule.rules)
            if quantity and len(taken) < LINES_MAX:
                taken.append((need, lot, quantity, fit))
                free[lot.lot_id] -= quantity
                still_open -= quantity
            if not still_open:
                break
        if still_open:
            unmet.append(need)
            reason = why_unmatched(fitting, len(taken))
            unmatched.append(UnmatchedNeed(need_id=need.need_id, reason=reason))
    missed_out = who_missed_out(unmet, shelves, rule)
    return Matching(
        inputs_digest=inputs_digest(needs, lots, rule),
        lines=tuple(
            MatchedLine(
                line_id=at(made_at, mark(run_id.bytes, need.need_id.bytes, lot.lot_id.bytes)),
                need_id=need.need_id,
                lot_id=lot.lot_id,
                quantity=quantity,
                reasons=fit.reasons,
                runner_up_need_id=next_after(need, missed_out[lot.lot_id]),
            )
            for need, lot, quantity, fit in taken
        ),
        unmatched=tuple(unmatched),
        left_out=len(by_priority) - len(looked_at),
    )


def came_first(lot: FreeLot) -> tuple[datetime, UUID]:
    return lot.opened_at, lot.lot_id


def sort_into_shelves(lots: Iterable[FreeLot]) -> list[list[FreeLot]]:
    """Lots of one kind side by side: what fits a need of one of them fits of all."""
    shelves: defaultdict[str, list[FreeLot]] = defaultdict(list)
    for lot in lots:
        kind = (lot.category, lot.measure, sorted(lot.specification.items()), lot.earmark)
        shelves[repr(kind)].append(lot)
    return list(shelves.values())


def shelves_for(
    need: OpenNeed, shelves: Sequence[Sequence[FreeLot]], rule: Rule
) -> list[tuple[Sequence[FreeLot], Fit]]:
    """The shelves that fit the need: what suits best first, of equals what came first."""
    fits = [(shelf, fit_of(need, shelf[0], rule)) for shelf in shelves]
    fitting = [(shelf, fit) for shelf, fit in fits if isinstance(fit, Fit)]
    return sorted(fitting, key=lambda pair: (pair[1].rank, came_first(pair[0][0])))


def part_for(need: OpenNeed, still_open: int, free: int, rules: Rules) -> int:
    category = rules.category(need.category)
    if category is not None and category.whole_from_one_lot:
        return still_open if still_open <= free else 0
    return min(still_open, free)


def why_unmatched(fitting: Sequence[object], lines: int) -> UnmatchedReason:
    if not fitting:
        return "nothing-fits"
    return "run-is-full" if lines == LINES_MAX else "fitting-lots-used-up"


def who_missed_out(
    unmet: Sequence[OpenNeed], shelves: Sequence[Sequence[FreeLot]], rule: Rule
) -> Mapping[UUID, Sequence[OpenNeed]]:
    """For each lot those whom it would fit and who still ask, the most pressing first."""
    missed_out: dict[UUID, list[OpenNeed]] = {}
    for shelf in shelves:
        waiting = [need for need in unmet if isinstance(fit_of(need, shelf[0], rule), Fit)]
        missed_out |= {lot.lot_id: waiting for lot in shelf}
    return missed_out


def next_after(need: OpenNeed, waiting: Iterable[OpenNeed]) -> UUID | None:
    later = (other.need_id for other in waiting if other.priority > need.priority)
    return next(later, None)


def fit_of(need: OpenNeed, lot: FreeLot, rule: Rule) -> Fit | Misfit:
    """Does the lot fit the need, and the need the lot's conditions?"""
    if lot.programme_id != need.programme_id:
        return Misfit("other-programme")
    if lot.category != need.category:
        return Misfit("other-category")
    if lot.measure != need.measure:
        return Misfit("other-measure")
    category = rule.rules.category(need.category)
    if category is None:
        return Misfit("category-not-in-the-pack")
    parts = [earmark_fit(need, lot.earmark, rule)]
    parts += [
        field_fit(field, need.specification, lot.specification, rule.rules)
        for field in category.fields
        if field.match is not None
    ]
    reasons: list[str] = [f"band-{need.priority_band}"]
    rank: list[int] = []
    for part in parts:
        if isinstance(part, Misfit):
            return part
        reasons += part.reasons
        rank += part.rank
    return Fit(tuple(reasons), tuple(rank))


def earmark_fit(need: OpenNeed, earmark: Earmark, rule: Rule) -> Fit | Misfit:
    """What is meant for this need, then for its commune, is used before what is free for all."""
    if earmark.need_id is not None and earmark.need_id != need.need_id:
        return Misfit("earmarked-for-another-need")
    unit_id = earmark.unit_id
    if unit_id is not None and need.unit_id not in rule.areas.get(unit_id, frozenset({unit_id})):
        return Misfit("earmarked-for-another-unit")
    if earmark.need_id is not None:
        return Fit(("earmark-need",), (0,))
    return Fit(("earmark-unit",), (1,)) if unit_id is not None else Fit((), (2,))


def field_fit(
    field: SpecificationField, need: Specification, lot: Specification, rules: Rules
) -> Fit | Misfit:
    """Does what the lot holds fit what the need asks for, as the field says that it is matched?"""
    assert field.match is not None, "only what is matched is asked for"
    asked, name = need.get(field.name), field.name.replace("_", "-")
    match field.match.how:
        case "never-smaller":
            scale = rules.scale(field.scale)
            assert scale is not None, "the reader refuses a pack without it"
            return size_fit(name, scale, field.match.steps_larger, asked, lot.get(field.name))
        case "same-or-anyone":
            held = lot.get(field.name, field.match.anyone)
            if held == field.match.anyone:
                return Fit((f"{name}-any",), (1,))
            return Fit((f"{name}-same",), (0,)) if held == asked else Misfit(f"other-{name}")
        case "in-band":
            return band_fit(field.name, name, asked, lot)
        case "exact":
            held = lot.get(field.name)
            return Fit((f"{name}-same",), (0,)) if held == asked else Misfit(f"other-{name}")


def size_fit(
    name: str, scale: Scale, steps_larger: int, asked: object, held: object
) -> Fit | Misfit:
    """Never smaller; at most so many steps larger."""
    wanted, there = scale.place(asked), scale.place(held)
    if wanted is None or there is None:
        return Misfit(f"{name}-not-known")
    larger_by = there - wanted
    if larger_by < 0:
        return Misfit(f"{name}-smaller")
    if larger_by > steps_larger:
        return Misfit(f"{name}-too-large")
    if larger_by == 0:
        return Fit((f"{name}-exact",), (0,))
    larger = "one" if larger_by == 1 else str(larger_by)
    return Fit((f"{name}-{larger}-larger",), (larger_by,))


def band_fit(field: str, name: str, asked: object, lot: Specification) -> Fit | Misfit:
    """A lot holds things of one number, of a band of numbers, or of none in particular."""
    if field in lot:
        same = lot[field] == asked
        return Fit((f"{name}-same",), (0,)) if same else Misfit(f"other-{name}")
    lowest, highest = lot.get(f"{field}_from"), lot.get(f"{field}_to")
    if not (isinstance(lowest, int) and isinstance(highest, int)):
        return Fit((f"{name}-any",), (2,))
    if isinstance(asked, int) and lowest <= asked <= highest:
        return Fit((f"{name}-in-band",), (1,))
    return Misfit(f"other-{name}")


def inputs_digest(needs: Sequence[OpenNeed], lots: Sequence[FreeLot], rule: Rule) -> str:
    """SHA-256, hex, over all that the lines follow from, in an order of its own."""
    units = {lot.earmark.unit_id for lot in lots if lot.earmark.unit_id is not None}
    inputs: dict[str, Any] = {
        "rule": RULE,
        "rules": rule.rules.named.digest,
        "areas": {str(unit): sorted(map(str, rule.areas.get(unit, ()))) for unit in units},
        "needs": [told(OpenNeed, need) for need in sorted(needs, key=lambda need: need.need_id)],
        "lots": [told(FreeLot, lot) for lot in sorted(lots, key=lambda lot: lot.lot_id)],
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


def told(kind: type[OpenNeed | FreeLot | Earmark], of: object) -> dict[str, Any]:
    """What matching knows of it, whatever else a table's row may hold."""
    facts = {field.name: getattr(of, field.name) for field in fields(kind)}
    if isinstance(earmark := facts.get("earmark"), Earmark):
        facts["earmark"] = told(Earmark, earmark)
    return facts
