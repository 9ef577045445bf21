"""Looking at what came: every piece is good, mendable or refused.

More or less than was announced is recorded as it came; the line says both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from contracts.donations import ContributionLine, InspectedLine, Kind
from eventing.decider import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFound:
    line_id: UUID
    good: int
    mendable: int
    refused: int

    @property
    def quantity(self) -> int:
        return self.good + self.mendable + self.refused

    def of(self, line: InspectedLine) -> InspectedLine:
        return replace(line, good=self.good, mendable=self.mendable, refused=self.refused)


class LineListedTwice(Rejection):
    code = "line-listed-twice"
    vi = "Dòng {line_id} có hai lần."
    en = "Line {line_id} is listed twice."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class LineNotAnnounced(Rejection):
    code = "line-not-announced"
    vi = "Khoản này không có dòng {line_id}."
    en = "This contribution has no line {line_id}."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class MoneyIsAllGood(Rejection):
    code = "money-is-all-good"
    vi = "Dòng {line_id} là tiền: số đã nhận ghi hết vào mục tốt."
    en = "Line {line_id} is money: all that came is good."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


def inspected_line(line: ContributionLine, found: LineFound, kind: Kind) -> InspectedLine:
    """Raises MoneyIsAllGood."""
    if kind == "money" and found.good != found.quantity:
        raise MoneyIsAllGood(line.line_id)
    return InspectedLine(
        line_id=line.line_id,
        category=line.category,
        specification=line.specification,
        measure=line.measure,
        announced=line.quantity,
        good=found.good,
        mendable=found.mendable,
        refused=found.refused,
    )


def check_listed_once(line_ids: Sequence[UUID]) -> None:
    for at, line_id in enumerate(line_ids):
        if line_id in line_ids[:at]:
            raise LineListedTwice(line_id)
