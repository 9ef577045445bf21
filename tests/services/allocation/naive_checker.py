"""Checks a matching from outside: knows what fits from the plan's words, not from the matcher.

It reads a matching as a list of lines and looks for a child who was passed over.
"""

from collections.abc import Iterator, Sequence

from contracts.allocation import MatchedLine
from contracts.registry import Specification
from services.allocation.domain.matching import FreeLot, OpenNeed


def faults(
    needs: Sequence[OpenNeed],
    lots: Sequence[FreeLot],
    lines: Sequence[MatchedLine],
    sizes: Sequence[str],
) -> Iterator[str]:
    need_of = {need.need_id: need for need in needs}
    lot_of = {lot.lot_id: lot for lot in lots}
    for line in lines:
        if line.quantity < 1:
            yield f"line {line.line_id} gives nothing"
        if not suits(need_of[line.need_id], lot_of[line.lot_id], sizes):
            yield f"line {line.line_id} does not suit"
    for lot in lots:
        if sum(line.quantity for line in lines if line.lot_id == lot.lot_id) > lot.quantity_free:
            yield f"lot {lot.lot_id} gives more than it has"
    for need in needs:
        yield from faults_at(need, needs, lots, lines, sizes)


def faults_at(
    need: OpenNeed,
    needs: Sequence[OpenNeed],
    lots: Sequence[FreeLot],
    lines: Sequence[MatchedLine],
    sizes: Sequence[str],
) -> Iterator[str]:
    missing = need.quantity_open - sum(
        line.quantity for line in lines if line.need_id == need.need_id
    )
    if missing < 0:
        yield f"need {need.need_id} gets more than it asks"
    if need.category == "scholarship" and 0 < missing < need.quantity_open:
        yield f"need {need.need_id} gets part of a scholarship"
    before = {other.need_id for other in needs if pressing(other) <= pressing(need)}
    for lot in lots:
        could_have_had = lot.quantity_free - sum(
            line.quantity for line in lines if line.lot_id == lot.lot_id and line.need_id in before
        )
        enough = missing if need.category == "scholarship" else 1
        if missing > 0 and could_have_had >= enough and suits(need, lot, sizes):
            yield f"need {need.need_id} was passed over at lot {lot.lot_id}"


def pressing(need: OpenNeed) -> tuple[object, ...]:
    return need.priority_band, need.needed_by, need.opened_at, need.need_id


def suits(need: OpenNeed, lot: FreeLot, sizes: Sequence[str]) -> bool:
    return (
        (lot.category, lot.measure) == (need.category, need.measure)
        and lot.earmark.need_id in (None, need.need_id)
        and lot.earmark.unit_id in (None, need.unit_id)
        and (need.category != "warm-clothes" or wearable(need.specification, lot, sizes))
        and (need.category != "school-supplies" or of_the_grade(need.specification, lot))
    )


def wearable(asked: Specification, lot: FreeLot, sizes: Sequence[str]) -> bool:
    exact_or_one_larger = sizes[sizes.index(str(asked["size"])) :][:2]
    gender = lot.specification.get("gender", "unisex")
    return lot.specification["size"] in exact_or_one_larger and gender in (
        "unisex",
        asked["gender"],
    )


def of_the_grade(asked: Specification, lot: FreeLot) -> bool:
    held = lot.specification
    lowest = int(held.get("grade_from", held.get("grade", 1)))
    highest = int(held.get("grade_to", held.get("grade", 12)))
    return lowest <= int(asked["grade"]) <= highest
