"""Reads every publication and reckons: of which small numbers is it proven that they are there?

It knows no more than the public: what each publication told anew, that children-times and needs
recorded only grow, which needs are part of which, what kind a gift was of, where a delivery was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import highspy

from services.portal.publication import At, Count, Told

SMALL = range(1, 5)
PART_OF: Mapping[Count, Count] = {
    "needs_verified": "needs_recorded",
    "needs_standing": "needs_verified",
    "needs_met": "needs_verified",
    "needs_reserved": "needs_standing",
}
ONLY_GROW: tuple[Count, ...] = ("needs_recorded", "child_times", "children_distinct")
COUNTS: tuple[Count, ...] = (
    "needs_recorded",
    *PART_OF,
    "needs_sourced",
    "lines_allocated",
    "child_times",
)

Kind = tuple[str, str]
Sum = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """`parts` less `less`: what an attacker wants to know; `truth` is how it is."""

    says: str
    parts: Sum
    less: Sum
    truth: int


@dataclass(slots=True)
class Attacker:
    """`funds` of each gift."""

    unit_ids: Sequence[UUID]
    kinds: Sequence[Kind]
    kind_of_gift: Mapping[UUID, Kind]
    unit_of_delivery: Mapping[UUID, UUID]
    funds: Mapping[UUID, UUID]
    model: highspy.Highs = field(init=False)
    columns: dict[tuple[object, ...], int] = field(default_factory=dict)
    number: int = 0

    def __post_init__(self) -> None:
        self.model = highspy.Highs()
        self.model.setOptionValue("output_flag", "false")

    def reads(self, told: Iterable[Told]) -> None:
        """The next publication."""
        self.number += 1
        self._what_must_be()
        for one in told:
            if one.since == self.number:
                self._row(self.sum(one.at, self.number), (), one.value, one.value)

    def _what_must_be(self) -> None:
        now = self.number
        for unit in self.unit_ids:
            for kind in self.kinds:
                for count in COUNTS:
                    here = self._column(now, count, unit, kind)
                    if count in PART_OF:
                        self._row((self._column(now, PART_OF[count], unit, kind),), (here,), 0)
                    if count in ONLY_GROW and now > 1:
                        self._row((here,), (self._column(now - 1, count, unit, kind),), 0)
                gifts = [gift for gift, of in self.kind_of_gift.items() if of == kind]
                there = [one for one, where in self.unit_of_delivery.items() if where == unit]
                for ways in ([None, *gifts], [None, *there]):
                    split = [self._column(now, "of", unit, kind, way, len(ways)) for way in ways]
                    whole = (self._column(now, "child_times", unit, kind),)
                    self._row(tuple(split), whole, 0, 0)
            here = self._column(now, "children_distinct", unit)
            if now > 1:
                self._row((here,), (self._column(now - 1, "children_distinct", unit),), 0)
        for at in [
            *(At("child_times", contribution_id=gift) for gift in self.kind_of_gift),
            *(At("child_times", delivery_id=one) for one in self.unit_of_delivery),
        ]:
            if now > 1:
                self._row(self.sum(at, now), self.sum(at, now - 1), 0)

    def sum(self, at: At, number: int) -> Sum:
        """The columns that a figure is the sum of."""
        units = self.unit_ids if at.unit_id is None else [at.unit_id]
        kinds = self.kinds if at.category is None else [(at.category, at.measure)]
        gifts = None
        if at.contribution_id is not None:
            gifts = [at.contribution_id]
        elif at.fund_id is not None:
            gifts = [gift for gift, fund in self.funds.items() if fund == at.fund_id]
        if gifts is not None or at.what == "direct_gifts":
            return tuple(
                self.columns[key]
                for key in self.columns
                if key[:2] == (number, "of")
                and key[4] in ([None] if gifts is None else gifts)
                and key[5] == self._gifts_of(key[3])
            )
        if at.delivery_id is not None:
            return tuple(
                self.columns[key]
                for key in self.columns
                if key[:2] == (number, "of") and key[4] == at.delivery_id
            )
        if at.what == "children_distinct":
            return tuple(self.columns[number, at.what, unit] for unit in units)
        return tuple(self.columns[number, at.what, unit, kind] for unit in units for kind in kinds)

    def _gifts_of(self, kind: object) -> int:
        return 1 + sum(of == kind for of in self.kind_of_gift.values())

    def _column(self, *key: object) -> int:
        if key not in self.columns:
            self.columns[key] = len(self.columns)
            self.model.addVar(0, highspy.kHighsInf)
            self.model.changeColIntegrality(self.columns[key], highspy.HighsVarType.kInteger)
        return self.columns[key]

    def _row(self, plus: Sum, minus: Sum, least: int, most: float = highspy.kHighsInf) -> None:
        signs = [1.0] * len(plus) + [-1.0] * len(minus)
        self.model.addRow(least, most, len(signs), [*plus, *minus], signs)

    def proves(self, targets: Iterable[Target], enough: int = 10) -> list[str]:
        """Those of which every world that fits says that they are there, and small."""
        left = [target for target in targets if target.truth in SMALL]
        found: list[str] = []
        while left and len(found) < enough:
            world = self._extreme(left, 1.0)
            possible = {one for one, target in enumerate(left) if _excuses(world, target)}
            if not possible:
                least, most = self._extreme(left[:1], 1.0), self._extreme(left[:1], -1.0)
                if not (_excuses(least, left[0]) or not most or _excuses(most, left[0])):
                    found.append(left[0].says)
                possible = {0}
            left = [target for one, target in enumerate(left) if one not in possible]
        return found

    def _extreme(self, targets: Sequence[Target], sign: float) -> list[float]:
        """A world in which they are least, or most; empty if there is no most."""
        costs: dict[int, float] = {}
        for target in targets:
            for column in target.parts:
                costs[column] = costs.get(column, 0.0) + sign
            for column in target.less:
                costs[column] = costs.get(column, 0.0) - sign
        for column, cost in costs.items():
            self.model.changeColCost(column, cost)
        self.model.run()
        status = self.model.getModelStatus()
        world = list(self.model.getSolution().col_value)
        for column in costs:
            self.model.changeColCost(column, 0.0)
        if status == highspy.HighsModelStatus.kOptimal:
            return world
        assert sign < 0, self.model.modelStatusToString(status)
        return []


def _excuses(world: Sequence[float], target: Target) -> bool:
    plus = sum(world[column] for column in target.parts)
    return round(plus - sum(world[column] for column in target.less)) not in SMALL


def targets_of(attacker: Attacker, truths: Sequence[Mapping[At, int]]) -> Iterator[Target]:
    """Of each publication: every figure, what it grew by, and what a part leaves of its whole."""
    for number, truth in enumerate(truths, 1):
        for at, value in truth.items():
            if at.what not in COUNTS:
                continue
            parts = attacker.sum(at, number)
            yield Target(f"{number}: {at}", parts, (), value)
            if number > 1 and at.what in ONLY_GROW and at in truths[number - 2]:
                grew = value - truths[number - 2][at]
                yield Target(f"{number}: growth of {at}", parts, attacker.sum(at, number - 1), grew)
            for whole in _wholes(at):
                if whole in truth:
                    rest = truth[whole] - value
                    yield Target(
                        f"{number}: {whole} less {at}", attacker.sum(whole, number), parts, rest
                    )


def _wholes(at: At) -> Iterator[At]:
    if at.what in PART_OF:
        yield at._replace(what=PART_OF[at.what])
    if at.unit_id is not None and at.category is not None:
        yield at._replace(category=None, measure=None)
        yield at._replace(unit_id=None)
    elif at != At(at.what):
        yield At(at.what)
