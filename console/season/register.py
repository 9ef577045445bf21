"""The season's register: households and children made from a seed, the same for the same seed.

All names are drawn at random; nobody here exists.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from console.season.pack import Commune, Pack
from contracts.registry import Gender
from services.registry.domain.standing import HeldCircumstance, HouseholdStatus

SEASON = uuid5(NAMESPACE_URL, "urn:vongtay:season")

BORN_FIRST, BORN_LAST = date(2009, 2, 1), date(2023, 6, 30)
MEASURED_ON = date(2024, 9, 10)
SCHOOL_AGE = range(6, 15)
CHILDREN_PER_HOUSEHOLD_MAX = 3

# Height in cm by age in years: a little under the usual table, as in the mountains.
HEIGHT_CM = [72, 77, 84, 91, 98, 105, 111, 117, 122, 127, 133, 139, 145, 150, 154, 157]

SPECIAL = ("both-parents-lost", "no-one-to-rely-on", "disability", "abandoned")
AT_RISK = ("half-orphan", "parents-absent", "parents-apart", "dropout-or-early-marriage")


@dataclass(frozen=True, slots=True)
class Household:
    id: UUID
    commune: Commune
    head: str
    village: str
    status: HouseholdStatus


@dataclass(frozen=True, slots=True)
class Child:
    id: UUID
    household: Household
    name: str
    guardian: str
    birth_date: date
    gender: Gender
    ethnicity: str
    height_cm: int
    circumstance: tuple[HeldCircumstance, str] | None

    def grade_in(self, school_year_start: int) -> int | None:
        """The usual grade in the school year that starts in that September."""
        age = school_year_start - self.birth_date.year
        return age - 5 if age in SCHOOL_AGE else None

    def age_on(self, day: date) -> int:
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)


def season_id(seed: str, *names: object) -> UUID:
    return uuid5(SEASON, "/".join([seed, *map(str, names)]))


def make_register(pack: Pack, seed: str) -> list[Child]:
    """All children, commune by commune in the pack's order."""
    return [child for commune in pack.communes for child in _of_commune(pack, commune, seed)]


def _of_commune(pack: Pack, commune: Commune, seed: str) -> list[Child]:
    rng = random.Random(f"{seed}/{commune.code}")  # noqa: S311  (a season, not a secret)
    figures = pack.figures[commune.code]
    children: list[Child] = []
    wanted = figures.registered
    while len(children) < wanted:
        number = len(children)
        ethnicity = rng.choices(
            list(figures.ethnic_percent), list(figures.ethnic_percent.values())
        )[0]
        household = Household(
            season_id(seed, "household", commune.code, number),
            commune,
            _name(pack, rng, ethnicity, "male"),
            f"Thôn {rng.randint(1, figures.villages)}",
            rng.choices(("near-poor", "escaped-recently", "none"), (58, 7, 35))[0],
        )
        size = min(rng.choices((1, 2, CHILDREN_PER_HOUSEHOLD_MAX), (60, 32, 8))[0], wanted - number)
        children += [
            _child(pack, rng, seed, household, ethnicity, number + place) for place in range(size)
        ]
    return children


def _child(
    pack: Pack, rng: random.Random, seed: str, household: Household, ethnicity: str, number: int
) -> Child:
    gender: Gender = rng.choice(("female", "male"))
    born = BORN_FIRST + timedelta(days=rng.randrange((BORN_LAST - BORN_FIRST).days))
    age = (MEASURED_ON - born).days // 365
    height = max(76, min(165, round(HEIGHT_CM[age] + rng.gauss(0, 3.5))))
    # Whoever is on the register is in special circumstances, at risk, or poor or near-poor.
    neither = 0 if household.status == "none" else 60
    kind = rng.choices(("special", "at-risk", None), (12, 43, neither))[0]
    circumstance: tuple[HeldCircumstance, str] | None = None
    if kind == "special":
        circumstance = ("special", rng.choice(SPECIAL))
    elif kind == "at-risk":
        circumstance = ("at-risk", rng.choice(AT_RISK))
    return Child(
        season_id(seed, "child", household.commune.code, number),
        household,
        _name(pack, rng, ethnicity, gender, family=household.head.split()[0]),
        household.head,
        born,
        gender,
        ethnicity,
        height,
        circumstance,
    )


def _name(
    pack: Pack, rng: random.Random, ethnicity: str, gender: str, family: str | None = None
) -> str:
    names = pack.names
    return " ".join(
        [
            family or rng.choice(names["family"][ethnicity]),
            rng.choice(names["middle"][gender]),
            rng.choice(names["given"][gender]),
        ]
    )
