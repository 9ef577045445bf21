"""What the database answers about rows, counted here a second time; and a season of rows."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.portal import figures

Row = dict[str, Any]


def answers_of(
    needs: Sequence[Row], lines: Sequence[Row], support: Sequence[Row], funds: Mapping[UUID, UUID]
) -> figures.Answers:
    """`funds`: of each gift. Rows are those of the read models, as mappings."""
    in_delivery = [row for row in support if row["delivery_id"] is not None]
    of_gifts = [row for row in support if row["contribution_id"] is not None]
    of_funds = [row | {"fund_id": funds[row["contribution_id"]]} for row in of_gifts]
    return {
        figures.NEEDS_SQL: [
            place | _needs_of(rows) for place, rows in _places(needs) if rows or not any(place)
        ],
        figures.NEED_ATOMS_SQL: [
            key | {"n": len(rows)}
            for key, rows in _by(
                [row | _flags(row) for row in needs],
                ("unit_id", "category", "measure", *figures.NEEDS),
            )
        ],
        figures.LINES_SQL: [
            place | {"value": len(rows), "children": different(rows)}
            for place, rows in _places(lines)
        ],
        figures.SUPPORT_SQL: [place | _support_of(rows) for place, rows in _places(support)],
        figures.DIRECT_SQL: [_support_of([one for one in support if one["way"] == "direct-gift"])],
        figures.OF_A_GIFT_SQL: [
            key | _support_of(rows) | {"measures": len({one["measure"] for one in rows})}
            for key, rows in _by(of_gifts, ("contribution_id",))
        ],
        figures.OF_A_DELIVERY_SQL: [
            key | _support_of(rows) for key, rows in _by(in_delivery, ("delivery_id",))
        ],
        figures.OF_A_FUND_SQL: [
            key | _support_of(rows) | {"gifts": [one["contribution_id"] for one in rows]}
            for key, rows in _by(of_funds, ("fund_id", "measure"))
        ],
        figures.BY_GIFT_SQL: _split(support, "contribution_id"),
        figures.BY_DELIVERY_SQL: _split(support, "delivery_id"),
        figures.CHILDREN_SQL: _children(support),
    }


def different(rows: Iterable[Row]) -> int:
    size: dict[UUID, int] = {}
    for row in rows:
        subject = row["child_id"] or row["group_id"]
        if subject is not None:
            size[subject] = max(row["children"], size.get(subject, 0))
    return sum(size.values())


def _by(rows: Sequence[Row], names: Sequence[str]) -> list[tuple[Row, list[Row]]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return [(dict(zip(names, key, strict=True)), of) for key, of in found.items()]


def _places(rows: Sequence[Row]) -> list[tuple[Row, list[Row]]]:
    nowhere = {"unit_id": None, "category": None, "measure": None}
    return [
        (nowhere | key, of)
        for names in (("unit_id", "category", "measure"), ("unit_id",), ("category", "measure"), ())
        for key, of in (_by(rows, names) if names else [({}, list(rows))])
    ]


def _flags(row: Row) -> Row:
    standing = row["verified"] and not row["withdrawn"] and not row["lapsed"]
    return {
        "needs_recorded": True,
        "needs_verified": row["verified"],
        "needs_standing": standing,
        "needs_reserved": standing and row["quantity_met"] == 0 and row["quantity_reserved"] > 0,
        "needs_sourced": row["quantity_reserved"] > 0,
        "needs_met": row["verified"] and row["quantity_met"] >= row["quantity"],
    }


def _needs_of(rows: Sequence[Row]) -> Row:
    told: dict[str, int] = {}
    for name, (_, quantity) in figures.NEEDS.items():
        which = [row for row in rows if _flags(row)[name]]
        told[name] = len(which)
        told[f"{name}_children"] = different(which)
        told[f"{name}_quantity"] = sum(row[quantity] if quantity else 0 for row in which)
    return told


def _support_of(rows: Sequence[Row]) -> Row:
    return {
        "value": sum(row["children"] for row in rows),
        "children": different(rows),
        "quantity": sum(row["quantity"] for row in rows),
    }


def _split(support: Sequence[Row], by: str) -> list[Row]:
    names = ("unit_id", "category", "measure", by)
    return [
        key | {"of": key[by], "n": sum(row["children"] for row in rows)}
        for key, rows in _by(support, names)
    ]


def _children(support: Sequence[Row]) -> list[Row]:
    units: dict[Any, set[UUID]] = {}
    size: dict[Any, int] = {}
    for row in support:
        subject = row["child_id"] or row["group_id"]
        if subject is not None:
            units.setdefault(subject, set()).add(row["unit_id"])
            size[subject] = 1 if row["child_id"] else max(row["children"], size.get(subject, 0))
    together: dict[tuple[UUID, ...], int] = {}
    for subject, where in units.items():
        at = tuple(sorted(where))
        together[at] = together.get(at, 0) + size[subject]
    return [{"units": list(where), "n": n} for where, n in together.items()]


KINDS = (("warm-clothes", "piece", 1), ("scholarship", "dong", 2_000_000), ("books", "set", 1))


@dataclass(slots=True)
class Season:
    """Weeks in a few communes: needs come, are verified, and are met by gifts on gift days."""

    seed: int
    unit_ids: list[UUID] = field(init=False)
    needs: list[dict[str, Any]] = field(default_factory=list)
    support: list[dict[str, Any]] = field(default_factory=list)
    funds: dict[UUID, UUID] = field(default_factory=dict)
    kind_of_gift: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    unit_of_delivery: dict[UUID, UUID] = field(default_factory=dict)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - a season, not a secret
        self.unit_ids = sorted(self._id() for _ in range(6))
        for category, measure, _ in KINDS:
            fund = self._id()
            for _ in range(2):
                gift = self._id()
                self.funds[gift], self.kind_of_gift[gift] = fund, (category, measure)

    def week(self) -> None:
        pick = self._random
        for unit in self.unit_ids:
            for category, measure, quantity in KINDS:
                for _ in range(pick.choice((0, 0, 0, 1, 2, 3, 6, 12))):
                    self._need(unit, category, measure, quantity)
        for need in self.needs:
            if not need["verified"] and pick.random() < 0.7:
                need["verified"] = True
        for unit in pick.sample(self.unit_ids, 3):
            self._gift_day(unit)

    def answers(self) -> figures.Answers:
        lines = [row for row in self.needs if row["quantity_met"]]
        return answers_of(self.needs, lines, self.support, self.funds)

    def _need(self, unit: UUID, category: str, measure: str, quantity: int) -> None:
        self.needs.append(
            {
                "unit_id": unit,
                "child_id": self._id(),
                "group_id": None,
                "children": 1,
                "category": category,
                "measure": measure,
                "quantity": quantity,
                "quantity_reserved": 0,
                "quantity_met": 0,
                "verified": False,
                "withdrawn": self._random.random() < 0.03,
                "lapsed": False,
            }
        )

    def _gift_day(self, unit: UUID) -> None:
        delivery = self._id()
        self.unit_of_delivery[delivery] = unit
        waiting = [
            need
            for need in self.needs
            if need["unit_id"] == unit and need["verified"] and not need["quantity_met"]
        ]
        for need in waiting:
            if self._random.random() < 0.2:
                continue
            kind = (need["category"], need["measure"])
            direct = self._random.random() < 0.05
            gifts = [gift for gift, of in self.kind_of_gift.items() if of == kind]
            need["quantity_met"] = need["quantity"]
            self.support.append(
                {
                    **{name: need[name] for name in ("unit_id", "child_id", "group_id")},
                    **{name: need[name] for name in ("children", "category", "measure")},
                    "quantity": need["quantity"],
                    "way": "direct-gift" if direct else "signed-line",
                    "contribution_id": None if direct else self._random.choice(gifts),
                    "delivery_id": None if direct else delivery,
                }
            )

    def _id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128))
