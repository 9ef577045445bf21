"""The programme pack as the player reads it: the programme, its units, and the season's figures."""

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

PACK = Path(__file__).parents[2] / "programmes" / "hanoi-3874"
UNITS = uuid5(NAMESPACE_URL, "urn:vongtay:unit")
REORGANISED_ON = date(2025, 7, 1)


def unit_id(code: str, valid_from: date) -> UUID:
    return uuid5(UNITS, f"{code}@{valid_from}")


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of the plan, or one that took over from it on 1 July 2025."""

    code: str
    name: str
    valid_from: date
    successor_codes: tuple[str, ...] = ()

    @property
    def unit_id(self) -> UUID:
        return unit_id(self.code, self.valid_from)

    @property
    def successor_ids(self) -> list[UUID]:
        return [unit_id(code, REORGANISED_ON) for code in self.successor_codes]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the season's register holds of a commune; counts are of children, shares in percent."""

    children: int
    registered: int
    ethnic_percent: dict[str, int]
    villages: int


class Pack:
    """`copy`: 0 for the programme itself, else one of the same kind, with an id of its own."""

    def __init__(self, path: Path = PACK, *, copy: int = 0) -> None:
        self.path = path
        self.copy = copy
        self.programme = self._toml("programme.toml")
        self.season = self._toml("season/season.toml")
        self.names = self._toml("season/names.toml")

    @property
    def programme_id(self) -> UUID:
        itself = UUID(self.programme["id"])
        return uuid5(itself, f"copy {self.copy}") if self.copy else itself

    @property
    def city_id(self) -> UUID:
        city = self.programme["above"][0]
        return unit_id(city["code"], city["valid_from"])

    @cached_property
    def communes(self) -> list[Commune]:
        return [
            Commune(
                row["code"],
                row["name"],
                date.fromisoformat(row["valid_from"]),
                tuple(row["successor_codes"].split()),
            )
            for row in self._csv("units.csv")
        ]

    @cached_property
    def successors(self) -> list[Commune]:
        return [
            Commune(row["code"], row["name"], date.fromisoformat(row["valid_from"]))
            for row in self._csv("successors.csv")
        ]

    @cached_property
    def figures(self) -> dict[str, Figures]:
        return {
            row["code"]: Figures(
                int(row["children_under_16"]),
                int(row["registered"]),
                {
                    "Kinh": int(row["percent_kinh"]),
                    "Mường": int(row["percent_muong"]),
                    "Dao": int(row["percent_dao"]),
                },
                int(row["villages"]),
            )
            for row in self._csv("season/communes.csv")
        }

    def _toml(self, name: str) -> dict[str, Any]:
        return tomllib.loads((self.path / name).read_text(encoding="utf-8"))

    def _csv(self, name: str) -> list[dict[str, str]]:
        with (self.path / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
