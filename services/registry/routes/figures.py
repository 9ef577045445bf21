"""Figures of the register: counts per unit, with small cells kept from whoever is outside."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Day
from edge.door import ReadDoor
from edge.openings import NOBODYS
from edge.permission import may
from edge.programmes import NoRulesInForce, register_rules
from edge.routes import Routes
from services.registry.figures import Figure, figures_of, learnt_since
from services.registry.read_models.children_by_name import children_by_name
from services.registry.read_models.household_standings import household_standings
from services.registry.read_models.unit_histories import unit_histories

LISTED_MAX = 1000

routes = Routes(tag="figures")


class FigureShown(BaseModel):
    """Children on the register of a unit in force. Null: a cell of 1 to 4, seen from outside."""

    unit_id: UUID
    children_declared: int | None
    registered: int | None
    special: int | None
    at_risk: int | None
    poor: int | None
    near_poor: int | None
    escaped_recently: int | None
    age_unsure: int | None

    @classmethod
    def of(cls, figure: Figure) -> "FigureShown":
        return cls(
            unit_id=figure.unit_id,
            children_declared=figure.children_declared,
            registered=figure.registered,
            special=figure.special,
            at_risk=figure.at_risk,
            poor=figure.poor,
            near_poor=figure.near_poor,
            escaped_recently=figure.escaped_recently,
            age_unsure=figure.age_unsure,
        )


class Figures(BaseModel):
    """A child is counted once in each column that holds; columns do not add up to `registered`.

    `known_on`: by what the register had been told by the end of that day.
    """

    on: date
    known_on: date
    units: list[FigureShown]


class LearntShown(BaseModel):
    """A fact of a unit, a household or a child: so since a day, and told to the register later."""

    unit_id: UUID
    fact: str
    of_id: UUID
    since: date
    recorded_on: date


class FactsLearnt(BaseModel):
    """Oldest telling first; `more`: some were left out."""

    on: date
    known_on: date
    items: list[LearntShown]
    more: bool


@routes.query(
    "/figures",
    may=may(
        "see-figures",
        "commune-officer",
        "verifier",
        "planner",
        "leader",
        "coordinator",
        "auditor",
        anywhere=True,
        opens=NOBODYS,
    ),
    refuses=[NoRulesInForce],
)
async def see(door: ReadDoor, on: Day | None = None, known_on: Day | None = None) -> Figures:
    """For a day, today unless another is asked for; as known now, or as known on another day."""
    await fresh(door)
    today = vietnamese_day(door.now)
    as_of, known = on or today, min(known_on or today, today)
    found = await figures_of(door.rows, register_rules(as_of), as_of, known)
    shown = [
        FigureShown.of(figure if await door.is_within(figure.unit_id) else figure.suppressed())
        for figure in found
    ]
    return Figures(on=as_of, known_on=known, units=shown)


@routes.query(
    "/figures/learnt",
    may=may(
        "see-facts-learnt",
        "commune-officer",
        "verifier",
        "planner",
        "leader",
        "auditor",
        opens=NOBODYS,
    ),
)
async def learnt(door: ReadDoor, on: Day, known_on: Day) -> FactsLearnt:
    """The facts between a day's figures as known on another day and as known now.

    Those of one's own area, under pseudonyms; what they say stays sealed.
    """
    await fresh(door)
    area = await door.area()
    found = [each for each in await learnt_since(door.rows, on, known_on) if each.unit_id in area]
    items = [LearntShown.model_validate(each, from_attributes=True) for each in found[:LISTED_MAX]]
    return FactsLearnt(on=on, known_on=known_on, items=items, more=len(found) > LISTED_MAX)


async def fresh(door: ReadDoor) -> None:
    for model in (children_by_name, household_standings, unit_histories):
        await door.fresh(model)
