"""Persons and programs, and the roles they hold: given and taken by a keeper, never their own."""

from uuid import UUID

from contracts.field_types import RoleCode
from contracts.registry import PersonKind
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import NOW, Dated, Day, Text
from edge.door import Accepted, Door
from edge.permission import may
from edge.programmes import NoRulesInForce, register_rules
from edge.refusals import OutsideYourUnit
from edge.routes import Routes
from services.registry.domain.person import (
    GaveTheSignIn,
    GrantEndsBeforeItBegins,
    GrantRole,
    OwnRoles,
    PersonNotRegistered,
    PersonRegisteredOtherwise,
    Registered,
    RegisterPerson,
    RevokeRole,
    RoleGrantedOtherwise,
    RoleNotGranted,
    RoleNotKnown,
    RoleOfPrograms,
    RolesExcludeEachOther,
    person,
    stream,
)
from services.registry.domain.unit import UnitNotEstablished
from services.registry.opening import PERSON
from services.registry.routes.seeing import kept

routes = Routes(tag="persons")


class PersonToRegister(Dated):
    kind: PersonKind = "human"
    name: Text


class RoleToGrant(Dated):
    """`valid_until` is the first day without the role."""

    role: RoleCode
    unit_id: UUID
    valid_from: Day
    valid_until: Day | None = None


@routes.command(
    "PUT",
    "/persons/{person_id}",
    may=may("register-person", "organisation-keeper", anywhere=True),
    refuses=[PersonRegisteredOtherwise],
)
async def register(person_id: UUID, body: PersonToRegister, door: Door) -> Accepted:
    command = RegisterPerson(
        person_id=person_id,
        kind=body.kind,
        name=await door.seal(person_id, PERSON, "name", body.name),
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(person, stream(person_id), command)


@routes.command(
    "PUT",
    "/persons/{person_id}/roles/{grant_id}",
    may=may("grant-role", "organisation-keeper"),
    refuses=[
        PersonNotRegistered,
        OwnRoles,
        GaveTheSignIn,
        NoRulesInForce,
        RoleNotKnown,
        RoleOfPrograms,
        RoleGrantedOtherwise,
        RolesExcludeEachOther,
        GrantEndsBeforeItBegins,
        UnitNotEstablished,
    ],
)
async def grant(person_id: UUID, grant_id: UUID, body: RoleToGrant, door: Door) -> Accepted:
    """In a keeper's own unit, or below: else one of a commune would make one of the city."""
    await kept(door, body.unit_id)
    happened_at = door.happened(body.happened_at)
    command = GrantRole(
        grant_id=grant_id,
        person_id=person_id,
        role=body.role,
        unit_id=body.unit_id,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        rules=register_rules(vietnamese_day(happened_at)),
        granted_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(person, stream(person_id), command)


@routes.command(
    "POST",
    "/persons/{person_id}/roles/{grant_id}/revocation",
    judges=None,
    may=may("revoke-role", "organisation-keeper", anywhere=True),
    refuses=[OutsideYourUnit, PersonNotRegistered, RoleNotGranted, OwnRoles],
)
async def revoke(person_id: UUID, grant_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    state = await door.state(person, stream(person_id))
    if isinstance(state, Registered) and grant_id in state.grants:
        await kept(door, state.unit_of(grant_id))
    command = RevokeRole(
        grant_id=grant_id,
        person_id=person_id,
        revoked_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(person, stream(person_id), command)
