"""Children by name: what the officers of their own unit see, opened, and nobody else."""

from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from contracts.registry import Gender
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Strict
from edge.door import ReadDoor
from edge.permission import may
from edge.programmes import NoRulesInForce, register_rules
from edge.routes import Routes
from edge.who_may_where import areas
from edge.who_may_where import units as unit_rows
from eventing.all_rows import each_row
from programmes.days import BirthPrecision
from services.registry.domain.child import ChildNotRegistered
from services.registry.domain.household import HouseholdNotRegistered, HouseholdToBePlaced
from services.registry.domain.standing import HeldCircumstance, History, HouseholdStatus, standing
from services.registry.domain.unit import UnitNotEstablished
from services.registry.names import search_key, sort_key
from services.registry.read_models.children import Child, children
from services.registry.read_models.children_by_name import NamedChild, children_by_name
from services.registry.read_models.household_standings import (
    HouseholdStanding,
    household_standings,
)
from services.registry.routes.children import of_ones_unit

LISTED_MAX = 1000
HOUSEHOLDS_A_TIME = 500
NAME_MAX = 100
IMPRECISE: tuple[BirthPrecision, ...] = ("month", "year", "about")
PROTECTS = "child-protection-officer"

routes = Routes(tag="children")


class CircumstanceShown(BaseModel):
    kind: HeldCircumstance
    code: str


class ChildShown(BaseModel):
    """Null where erased, or not known. Circumstances and household status are today's.

    `left_on`: since when it is no longer here. `merged_into`: the record that owns what is new.

    `restricted` are the groups of which child-protection officers of its unit alone are told; null
    to whoever else asks, of whichever child. They are not among `circumstances`.
    """

    child_id: UUID
    household_id: UUID
    unit_id: UUID
    name: str | None
    birth_date: date | None
    birth_precision: BirthPrecision | None
    gender: Gender
    guardian: str | None
    ethnicity: str | None
    village: str | None
    household_status: HouseholdStatus
    circumstances: list[CircumstanceShown]
    restricted: list[str] | None
    left_on: date | None
    merged_into: UUID | None
    height_label: str | None
    measured_on: date | None
    school_year: str | None
    grade: int | None
    version: int | None

    @classmethod
    def of(
        cls,
        named: NamedChild,
        home: HouseholdStanding,
        known: Child | None,
        today: date,
        *,
        protects: bool,
    ) -> "ChildShown":
        """`protects`: it is shown to a child-protection officer of its unit."""
        born_on, rules = named.birth_date or today, register_rules(today)
        history = History(named.circumstances(), home.periods())
        held = standing(rules, born_on, history, today)
        restricted = {code for code in held.special if rules.is_restricted(code)}
        special = sorted(held.special - restricted)
        circumstances = [
            *(CircumstanceShown(kind="special", code=code) for code in special),
            *(CircumstanceShown(kind="at-risk", code=code) for code in sorted(held.at_risk)),
        ]
        return cls(
            child_id=named.child_id,
            household_id=named.household_id,
            unit_id=home.unit_id,
            name=named.name,
            birth_date=named.birth_date,
            birth_precision=named.born.precision if named.born else None,
            gender=named.gender,
            guardian=named.guardian,
            ethnicity=named.ethnicity,
            village=home.village,
            household_status=held.household,
            circumstances=circumstances,
            restricted=sorted(restricted) if protects else None,
            merged_into=named.merged_into(),
            left_on=named.left_on(today) or home.left_on(today),
            height_label=known.height_label if known else None,
            measured_on=known.measured_on if known else None,
            school_year=known.school_year if known else None,
            grade=known.grade if known else None,
            version=known.version if known else None,
        )


class Children(BaseModel):
    """By given name, then family name, in Vietnamese order; `more`: some were left out."""

    items: list[ChildShown]
    more: bool


UNSURE = may("see-children-of-unsure-age", "commune-officer", "verifier", opens="keep-register")
SEE = may("see-children", "commune-officer", "verifier", PROTECTS, opens="keep-register")


class ChildLookedFor(Strict):
    """`name` is part of it, with or without tones."""

    unit_id: UUID
    name: Annotated[str, StringConstraints(min_length=1, max_length=NAME_MAX)]


@routes.query("/children", may=SEE, refuses=[UnitNotEstablished])
async def listed(unit_id: UUID, door: ReadDoor) -> Children:
    """All of the unit's territory."""
    return await of_territory(unit_id, "", door)


@routes.query("/children/of-unsure-age", may=UNSURE, refuses=[NoRulesInForce])
async def of_unsure_age(door: ReadDoor) -> Children:
    """Of whom it depends on the day of birth, which is not known, whether they are children still.

    Those of one's own area who are here: somebody asks the family, or finds the paper.
    """
    await fresh(door)
    area, today = await door.area(), vietnamese_day(door.now)
    rules = register_rules(today)
    unsure = [
        child
        async for child in each_row(door.rows, children_by_name, birth_precision=[*IMPRECISE])
        if child.born is not None
        and child.merged_into() is None
        and child.left_on(today) is None
        and rules.is_child_by(child.born, today) == "depends"
    ]
    homes = {
        home.household_id: home
        for home in await homes_of(door, {child.household_id for child in unsure})
        if home.unit_id in area and home.left_on(today) is None
    }
    unsure = [child for child in unsure if child.household_id in homes]
    return await shown_by_name(unsure, homes, door)


@routes.question("/children/search", may=SEE, refuses=[UnitNotEstablished])
async def search(body: ChildLookedFor, door: ReadDoor) -> Children:
    """Those of the unit's territory whose name contains what is asked for."""
    return await of_territory(body.unit_id, body.name, door)


async def of_territory(unit_id: UUID, name: str, door: ReadDoor) -> Children:
    """Raises UnitNotEstablished, OutsideYourUnit."""
    await fresh(door)
    await door.within(unit_id)
    rows = {row.unit_id: row async for row in each_row(door.rows, unit_rows)}
    known = areas(rows, vietnamese_day(door.now))
    if unit_id not in known:
        raise UnitNotEstablished
    homes = {
        home.household_id: home
        async for home in each_row(door.rows, household_standings, unit_id=[*known[unit_id]])
    }
    wanted = search_key(name)
    named = [
        child
        async for child in of_households(door, [*homes])
        if not child.merged_into() and (not name or (wanted and wanted in (child.name_key or "")))
    ]
    return await shown_by_name(named, homes, door)


async def shown_by_name(
    named: list[NamedChild], homes: dict[UUID, HouseholdStanding], door: ReadDoor
) -> Children:
    named.sort(key=lambda child: (sort_key(child.name or ""), child.child_id))
    shown = named[:LISTED_MAX]
    door.shows(*(child.child_id for child in shown))
    rest = await door.rows.where(
        children, child_id=[child.child_id for child in shown], limit=LISTED_MAX
    )
    facts = {row.child_id: row for row in rest}
    today = vietnamese_day(door.now)
    of_units = {homes[child.household_id].unit_id for child in shown}
    protected = {unit for unit in of_units if await protects(door, unit)}
    return Children(
        items=[
            ChildShown.of(
                child,
                home := homes[child.household_id],
                facts.get(child.child_id),
                today,
                protects=home.unit_id in protected,
            )
            for child in shown
        ],
        more=len(named) > LISTED_MAX,
    )


@routes.query(
    "/children/{child_id}",
    may=SEE,
    refuses=[
        NoRulesInForce,
        ChildNotRegistered,
        HouseholdNotRegistered,
        HouseholdToBePlaced,
        UnitNotEstablished,
    ],
)
async def see(child_id: UUID, door: ReadDoor) -> ChildShown:
    await fresh(door)
    today = vietnamese_day(door.now)
    await of_ones_unit(child_id, door, today)
    known = await door.rows.get(children, child_id)
    door.shows(child_id)
    if known is not None:
        # Read first, so that nothing that is shown is older than what this says.
        door.version(known.version)
    await door.as_new(children_by_name, as_=children)
    named = await door.rows.get(children_by_name, child_id)
    if named is None:
        raise ChildNotRegistered
    home = await door.rows.get(household_standings, named.household_id)
    if home is None:
        raise HouseholdNotRegistered
    protecting = await protects(door, home.unit_id)
    return ChildShown.of(named, home, known, today, protects=protecting)


async def protects(door: ReadDoor, unit_id: UUID) -> bool:
    return await door.works_within(door.person, unit_id, PROTECTS)


async def homes_of(door: ReadDoor, household_ids: Iterable[UUID]) -> list[HouseholdStanding]:
    found: list[HouseholdStanding] = []
    in_order = sorted(household_ids)
    for start in range(0, len(in_order), HOUSEHOLDS_A_TIME):
        some = in_order[start : start + HOUSEHOLDS_A_TIME]
        found += [
            home async for home in each_row(door.rows, household_standings, household_id=some)
        ]
    return found


async def of_households(door: ReadDoor, household_ids: list[UUID]) -> AsyncIterator[NamedChild]:
    """Some households at a time, so that no question grows without bound."""
    for start in range(0, len(household_ids), HOUSEHOLDS_A_TIME):
        some = household_ids[start : start + HOUSEHOLDS_A_TIME]
        async for child in each_row(door.rows, children_by_name, household_id=some):
            yield child


async def fresh(door: ReadDoor) -> None:
    for model in (children_by_name, household_standings, children):
        await door.fresh(model)
