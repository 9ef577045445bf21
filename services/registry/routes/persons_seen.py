"""Persons by name, and who holds which role where on a day: for keepers of the organisation."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, StringConstraints

from contracts.registry import PersonKind
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Day, Strict
from edge.door import ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.routes import Routes
from edge.who_may_where import UnitRow
from edge.who_may_where import units as unit_rows
from eventing.all_rows import all_rows
from services.registry.domain.person import PersonNotRegistered
from services.registry.names import search_key
from services.registry.read_models.grants import NO_END, Grant, grants
from services.registry.read_models.persons_by_name import NamedPerson, persons_by_name

NAME_MAX = 100
ROLE_MAX = 60
UNSEEN = "\n"
"""In no key: what folds to nothing finds nobody."""

PersonOrder = Literal["name", "-registered"]

KEEPERS = may("see-persons", "organisation-keeper", anywhere=True, opens="keep-organisation")

routes = Routes(tag="persons")


class PersonShown(BaseModel):
    """`name` null: erased."""

    person_id: UUID
    kind: PersonKind
    name: str | None

    @classmethod
    def of(cls, row: NamedPerson) -> Self:
        return cls.model_validate(row, from_attributes=True)


class RoleShown(BaseModel):
    """A grant with the names of who holds it and where. `ends_on`: the first day without it."""

    grant_id: UUID
    person_id: UUID
    person: str | None
    role: str
    unit_id: UUID
    unit: str | None
    valid_from: date
    ends_on: date | None
    granted_by: UUID
    revoked: bool


class PersonLookedFor(Strict):
    """`name` is part of it, with or without tones."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=NAME_MAX)]
    kind: PersonKind | None = None
    order: PersonOrder = "name"


@routes.query("/persons", may=KEEPERS)
async def listed(
    door: ListDoor, kind: PersonKind | None = None, order: PersonOrder = "name"
) -> Page[PersonShown]:
    return await page_of(door, kind, order, {})


@routes.question("/persons/search", may=KEEPERS)
async def search(body: PersonLookedFor, door: ListDoor) -> Page[PersonShown]:
    """Those whose name contains what is asked for."""
    return await page_of(door, body.kind, body.order, {"name_key": search_key(body.name) or UNSEEN})


async def page_of(
    door: ListDoor, kind: PersonKind | None, order: PersonOrder, contains: Mapping[str, str]
) -> Page[PersonShown]:
    by = "name_key" if order == "name" else "-registered_at"
    which = {} if kind is None else {"kind": kind}
    return await door.page(persons_by_name, PersonShown.of, contains=contains, order=(by,), **which)


@routes.query("/persons/{person_id}", may=KEEPERS, refuses=[PersonNotRegistered])
async def see(person_id: UUID, door: ReadDoor) -> PersonShown:
    await door.fresh(persons_by_name)
    row = await door.rows.get(persons_by_name, person_id)
    if row is None:
        raise PersonNotRegistered
    door.shows(person_id)
    return PersonShown.of(row)


@routes.query("/roles", may=KEEPERS)
async def roles(
    door: ListDoor,
    on: Day | None = None,
    person_id: UUID | None = None,
    unit_id: UUID | None = None,
    role: Annotated[str, Query(max_length=ROLE_MAX)] = "",
    ending_by: Day | None = None,
    order: Literal["valid_from", "-valid_from", "ends_on"] = "-valid_from",
) -> Page[RoleShown]:
    """Who holds what where on a day: today, unless `on` says another. Of one person: ever."""
    which: dict[str, UUID | str] = {}
    if person_id is not None:
        which["person_id"] = person_id
    if unit_id is not None:
        which["unit_id"] = unit_id
    if role:
        which["role"] = role
    day = on or (None if person_id is not None else vietnamese_day(door.now))
    begun = {} if day is None else {"valid_from": day}
    running = {} if day is None else {"ends_on": day + timedelta(days=1)}
    ending = {} if ending_by is None else {"ends_on": ending_by}
    found = await door.page(
        grants,
        lambda row: row,
        at_most=begun | ending,
        at_least=running,
        order=(order,),
        **which,
    )
    persons = await all_rows(
        door.rows, persons_by_name, person_id=sorted({row.person_id for row in found.items})
    )
    places = await all_rows(
        door.rows, unit_rows, unit_id=sorted({row.unit_id for row in found.items})
    )
    names = {row.person_id: row.name for row in persons}
    door.shows(*names)
    called = {row.unit_id: row for row in places}
    return found.of(lambda row: _shown(row, names.get(row.person_id), called.get(row.unit_id)))


def _shown(row: Grant, person: str | None, unit: UnitRow | None) -> RoleShown:
    return RoleShown(
        grant_id=row.grant_id,
        person_id=row.person_id,
        person=person,
        role=row.role,
        unit_id=row.unit_id,
        unit=unit.name if unit else None,
        valid_from=row.valid_from,
        ends_on=None if row.ends_on == NO_END else row.ends_on,
        granted_by=row.granted_by,
        revoked=row.revoked_at is not None,
    )
