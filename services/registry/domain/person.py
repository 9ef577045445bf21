"""A person or program, the roles they hold, and with what they sign in. Nobody gives their own.

Whoever gave a person the sign-in gives that person no role, and the other way round: else one
keeper could make up a person, and be that person.

Stream `person-{person_id}`; granting also asserts that the unit is established, and is noted there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.field_types import RoleCode
from contracts.registry import (
    GrantOfPerson,
    PersonKind,
    PersonRegistered,
    RoleGranted,
    RolePassed,
    RoleRevoked,
    SignInGiven,
    SignInTaken,
)
from contracts.roles import OF_PROGRAMS, ROLES
from contracts.sealed import Sealed
from eventing.decider import CommandFor, Decider, Rejection
from programmes.rules import Rules
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream
from services.registry.domain.unit_roles import HoldRole, unit_roles
from services.registry.domain.unit_roles import stream as unit_roles_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPerson:
    person_id: UUID
    kind: PersonKind
    name: Sealed
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRole:
    """Nobody holds two roles that exclude each other by the `rules`, in whatever units.

    None: no rules yet.
    """

    grant_id: UUID
    person_id: UUID
    role: RoleCode
    unit_id: UUID
    valid_from: date
    valid_until: date | None
    rules: Rules | None
    granted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRole:
    grant_id: UUID
    person_id: UUID
    revoked_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRole:
    """Given by a reaction: `unit_id` alone took over `from_unit_id` from the day `passed_on`."""

    grant_id: UUID
    person_id: UUID
    from_unit_id: UUID
    unit_id: UUID
    passed_on: date
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveSignIn:
    """`founding`: by an operator, who appoints the keepers with whom an organisation begins."""

    person_id: UUID
    account_id: UUID
    given_by: UUID
    founding: bool
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSignIn:
    person_id: UUID
    account_id: UUID
    taken_by: UUID
    happened_at: datetime


Command = RegisterPerson | GrantRole | RevokeRole | PassRole | GiveSignIn | TakeSignIn
Event = PersonRegistered | RoleGranted | RoleRevoked | RolePassed | SignInGiven | SignInTaken


@dataclass(frozen=True, slots=True)
class NotRegistered:
    pass


@dataclass(frozen=True, slots=True)
class Registered:
    """`held_in`: the unit of a grant that was passed on, where it is held now."""

    fact: PersonRegistered
    grants: Mapping[UUID, RoleGranted] = field(default_factory=dict)
    held_in: Mapping[UUID, UUID] = field(default_factory=dict)
    revoked: frozenset[UUID] = frozenset()
    sign_in: SignInGiven | None = None
    sign_in_taken_by: UUID | None = None

    def unit_of(self, grant_id: UUID) -> UUID:
        return self.held_in.get(grant_id, self.grants[grant_id].unit_id)

    def works_in(self, on: date) -> set[UUID]:
        """The units of the roles that are held on the day, or from a later one."""
        return {
            self.unit_of(grant_id)
            for grant_id, grant in self.grants.items()
            if grant_id not in self.revoked
            and (grant.valid_until is None or on < grant.valid_until)
        }


State = NotRegistered | Registered


class PersonNotRegistered(Rejection):
    code = "person-not-registered"
    kind = "absent"
    vi = "Chưa có người này trong sổ."
    en = "This person is not known."


class PersonRegisteredOtherwise(Rejection):
    code = "person-registered-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho người khác."
    en = "A person was registered under this id with other details."


class OwnRoles(Rejection):
    code = "own-roles"
    kind = "forbidden"
    vi = "Không ai tự trao hay thu hồi vai trò của chính mình."
    en = "Nobody gives or takes their own role."


class RoleGrantedOtherwise(Rejection):
    code = "role-granted-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho một lần trao vai trò khác."
    en = "Another role was granted under this id."


class RoleNotGranted(Rejection):
    code = "role-not-granted"
    kind = "absent"
    vi = "Chưa trao vai trò này."
    en = "This role was not granted."


class RoleNotKnown(Rejection):
    code = "role-not-known"
    vi = "Không có vai trò này."
    en = "There is no such role."


class RoleOfPrograms(Rejection):
    code = "role-of-programs"
    vi = "Vai trò này chỉ trao cho một chương trình máy tính."
    en = "This role is held by a program only."


class RolesExcludeEachOther(Rejection):
    code = "roles-exclude-each-other"
    kind = "conflict"
    vi = "Người này đang giữ vai trò {role_held}, không thể kiêm nhiệm."
    en = "This person holds the role {role_held}, which excludes it."

    def __init__(self, role_held: str) -> None:
        self.role_held = role_held


class GrantEndsBeforeItBegins(Rejection):
    code = "grant-ends-before-it-begins"
    vi = "Vai trò kết thúc trước khi bắt đầu."
    en = "The role ends before it begins."


class OwnAccount(Rejection):
    code = "own-account"
    kind = "forbidden"
    vi = "Không ai tự gắn tài khoản cho chính mình."
    en = "Nobody links an account to themselves."


class HasAnotherAccount(Rejection):
    code = "has-another-account"
    kind = "conflict"
    vi = "Người này đã có một tài khoản; hãy gỡ tài khoản ấy trước."
    en = "This person has an account already; unlink that one first."


class GaveTheRoles(Rejection):
    code = "gave-the-roles"
    kind = "forbidden"
    vi = "Bạn đã trao vai trò cho người này: một người quản trị khác gắn tài khoản."
    en = "You gave this person a role: another keeper links their account."


class GaveTheSignIn(Rejection):
    code = "gave-the-sign-in"
    kind = "forbidden"
    vi = "Bạn đã gắn tài khoản cho người này: một người quản trị khác trao vai trò."
    en = "You linked this person's account: another keeper gives them roles."


class TookTheSignIn(Rejection):
    code = "took-the-sign-in"
    kind = "forbidden"
    vi = "Bạn đã gỡ tài khoản trước của người này: một người quản trị khác gắn tài khoản mới."
    en = "You unlinked this person's account: another keeper links the next one."


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case RegisterPerson():
            return register(command, state)
        case GrantRole():
            return grant(command, state)
        case RevokeRole():
            return revoke(command, state)
        case PassRole():
            return pass_on(command, state)
        case GiveSignIn():
            return give_sign_in(command, state)
        case TakeSignIn():
            return take_sign_in(command, state)
        case _:
            assert_never(command)


def register(command: RegisterPerson, state: State) -> list[Event]:
    registered = PersonRegistered(
        person_id=command.person_id,
        kind=command.kind,
        name=command.name,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotRegistered):
        return [registered]
    if replace(registered, happened_at=state.fact.happened_at) != state.fact:
        raise PersonRegisteredOtherwise
    return []


def grant(command: GrantRole, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise PersonNotRegistered
    if command.granted_by == command.person_id:
        raise OwnRoles
    granted = RoleGranted(
        grant_id=command.grant_id,
        person_id=command.person_id,
        role=command.role,
        unit_id=command.unit_id,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        rules=command.rules.named if command.rules else None,
        granted_by=command.granted_by,
        happened_at=command.happened_at,
    )
    if before := state.grants.get(command.grant_id):
        if replace(granted, happened_at=before.happened_at, rules=before.rules) != before:
            raise RoleGrantedOtherwise
        return []
    if state.sign_in is not None and state.sign_in.given_by == command.granted_by:
        raise GaveTheSignIn
    _see_that_it_can_be_held(command, state)
    excluded = command.rules.excluded_roles(command.role) if command.rules else frozenset()
    for held in state.grants.values():
        if (
            held.role in excluded
            and _together(command, held)
            and held.grant_id not in state.revoked
        ):
            raise RolesExcludeEachOther(held.role)
    return [granted]


def _see_that_it_can_be_held(command: GrantRole, state: Registered) -> None:
    if command.role not in ROLES:
        raise RoleNotKnown
    if command.role in OF_PROGRAMS and state.fact.kind != "program":
        raise RoleOfPrograms
    if command.valid_until is not None and command.valid_until <= command.valid_from:
        raise GrantEndsBeforeItBegins


def _together(asked: GrantRole, held: RoleGranted) -> bool:
    return (held.valid_until is None or asked.valid_from < held.valid_until) and (
        asked.valid_until is None or held.valid_from < asked.valid_until
    )


def revoke(command: RevokeRole, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise PersonNotRegistered
    if command.grant_id not in state.grants:
        raise RoleNotGranted
    if command.revoked_by == command.person_id:
        raise OwnRoles
    if command.grant_id in state.revoked:
        return []
    return [
        RoleRevoked(
            grant_id=command.grant_id,
            person_id=command.person_id,
            revoked_by=command.revoked_by,
            happened_at=command.happened_at,
        )
    ]


def pass_on(command: PassRole, state: State) -> list[Event]:
    """Nothing where it ended before, was taken away, or went on already."""
    if isinstance(state, NotRegistered):
        raise PersonNotRegistered
    grant = state.grants.get(command.grant_id)
    if grant is None:
        raise RoleNotGranted
    ended = grant.valid_until is not None and grant.valid_until <= command.passed_on
    elsewhere = state.unit_of(command.grant_id) != command.from_unit_id
    if ended or elsewhere or command.grant_id in state.revoked:
        return []
    return [
        RolePassed(
            grant_id=command.grant_id,
            person_id=command.person_id,
            role=grant.role,
            from_unit_id=command.from_unit_id,
            unit_id=command.unit_id,
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            passed_on=command.passed_on,
            happened_at=command.happened_at,
        )
    ]


def give_sign_in(command: GiveSignIn, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise PersonNotRegistered
    if command.given_by == command.person_id:
        raise OwnAccount
    if state.sign_in is not None:
        if state.sign_in.account_id == command.account_id:
            return []
        raise HasAnotherAccount
    if not command.founding:
        gave = {
            grant.granted_by
            for grant in state.grants.values()
            if grant.grant_id not in state.revoked
        }
        if command.given_by in gave:
            raise GaveTheRoles
        if command.given_by == state.sign_in_taken_by:
            raise TookTheSignIn
    return [
        SignInGiven(
            person_id=command.person_id,
            account_id=command.account_id,
            given_by=command.given_by,
            happened_at=command.happened_at,
        )
    ]


def take_sign_in(command: TakeSignIn, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise PersonNotRegistered
    if state.sign_in is None or state.sign_in.account_id != command.account_id:
        return []
    return [
        SignInTaken(
            person_id=command.person_id,
            account_id=command.account_id,
            taken_by=command.taken_by,
            happened_at=command.happened_at,
        )
    ]


def also(command: Command, _: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if isinstance(command, GrantRole) and events:
        yield CommandFor(unit, unit_stream(command.unit_id), ConfirmUnit())
    if isinstance(command, GrantRole | PassRole) and events:
        yield held_in_its_unit(command)


def held_in_its_unit(command: GrantRole | PassRole) -> CommandFor:
    """What the unit is told of a role that is held there from now on."""
    hold = HoldRole(
        unit_id=command.unit_id,
        grant=GrantOfPerson(grant_id=command.grant_id, person_id=command.person_id),
        happened_at=command.happened_at,
    )
    return CommandFor(unit_roles, unit_roles_stream(command.unit_id), hold)


def evolve(state: State, event: Event) -> State:
    match event:
        case PersonRegistered():
            return Registered(event)
        case RoleGranted():
            assert isinstance(state, Registered), "only the registered hold roles"
            return replace(state, grants={**state.grants, event.grant_id: event})
        case RoleRevoked():
            assert isinstance(state, Registered), "only the registered lose roles"
            return replace(state, revoked=state.revoked | {event.grant_id})
        case RolePassed():
            assert isinstance(state, Registered), "only the registered hold roles"
            return replace(state, held_in={**state.held_in, event.grant_id: event.unit_id})
        case SignInGiven():
            assert isinstance(state, Registered), "only the registered sign in"
            return replace(state, sign_in=event)
        case SignInTaken():
            assert isinstance(state, Registered), "only the registered sign in"
            return replace(state, sign_in=None, sign_in_taken_by=event.taken_by)
        case _:
            assert_never(event)


person: Decider[Command, State, Event] = Decider(NotRegistered(), decide, evolve, also)


def stream(person_id: UUID) -> str:
    return f"person-{person_id}"
