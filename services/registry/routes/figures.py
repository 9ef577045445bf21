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
from services.registry.figures import Figure, figures_of
from services.registry.read_models.children_by_name import children_by_name
from services.registry.read_models.household_standings import household_standings

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
        )


class Figures(BaseModel):
    """A child is counted once in each column that holds; columns do not add up to `registered`."""

    on: date
    units: list[FigureShown]


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
async def see(door: ReadDoor, on: Day | None = None) -> Figures:
    """As known now, for a day: today unless another is asked for."""
    await door.fresh(children_by_name)
    await door.fresh(household_standings)
    as_of = on or vietnamese_day(door.now)
    found = await figures_of(door.rows, register_rules(as_of), as_of)
    shown = [
        FigureShown.of(figure if await door.is_within(figure.unit_id) else figure.suppressed())
        for figure in found
    ]
    return Figures(on=as_of, units=shown)
