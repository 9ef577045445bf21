"""The organisation's beginning: an operator appoints two keepers, who then give all other roles.

Two, because whoever links a person's account gives that person no role. Stream `organisation`;
appointing also registers the person, grants the keeper's role and links the account. A mistake is
put right by appointing again, as long as whoever was appointed has not acted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.registry import FoundingKeeperAppointed, KeeperPlace
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from eventing.ids import at, mark
from services.registry.domain.account import LinkAccount, UnlinkAccount, account
from services.registry.domain.account import stream as account_stream
from services.registry.domain.person import (
    GiveSignIn,
    GrantRole,
    RegisterPerson,
    RevokeRole,
    TakeSignIn,
    held_in_its_unit,
    person,
)
from services.registry.domain.person import stream as person_stream
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream

STREAM = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointFoundingKeeper:
    """The keeper's role is held in `unit_id`, the root, which the keeper may yet establish.

    `has_units`: some unit is established, and then this has to be one. `has_acted`: whoever was
    appointed before has given a command.
    """

    place: KeeperPlace
    person_id: UUID
    name: Sealed
    unit_id: UUID
    account_id: UUID
    identity: Sealed
    appointed_by: UUID
    has_units: bool
    has_acted: bool
    happened_at: datetime


Command = AppointFoundingKeeper
Event = FoundingKeeperAppointed


@dataclass(frozen=True, slots=True)
class Organisation:
    """`keepers`: who was appointed last, by place."""

    keepers: Mapping[str, FoundingKeeperAppointed] = field(default_factory=dict)


State = Organisation


class FoundingKeeperAppointedAlready(Rejection):
    code = "founding-keeper-appointed-already"
    kind = "conflict"
    vi = "Người quản trị này đã được chỉ định và đã làm việc; từ nay các vai trò do họ trao."
    en = "This keeper was appointed and has acted; from now on keepers give the roles."


class TheFirstComesFirst(Rejection):
    code = "the-first-comes-first"
    vi = "Chưa chỉ định người quản trị thứ nhất."
    en = "The first keeper was not appointed yet."


class OnePersonIsNotTwo(Rejection):
    code = "one-person-is-not-two"
    vi = "Hai người quản trị đầu tiên phải là hai người khác nhau, với hai tài khoản khác nhau."
    en = "The two keepers are two persons, with two accounts."


def decide(command: Command, state: State) -> list[Event]:
    return appoint(command, state)


def appoint(command: AppointFoundingKeeper, state: State) -> list[Event]:
    before = state.keepers.get(command.place)
    if before is not None:
        was = (before.person_id, before.unit_id, before.account_id)
        if was == (command.person_id, command.unit_id, command.account_id):
            return []
        if command.has_acted:
            raise FoundingKeeperAppointedAlready
    if command.place == "second" and "first" not in state.keepers:
        raise TheFirstComesFirst
    for place, other in state.keepers.items():
        if place != command.place and (
            other.person_id == command.person_id or other.account_id == command.account_id
        ):
            raise OnePersonIsNotTwo
    named = mark(
        b"founding-keeper",
        command.person_id.bytes,
        command.unit_id.bytes,
        command.account_id.bytes,
        b"" if before is None else before.grant_id.bytes,
    )
    return [
        FoundingKeeperAppointed(
            place=command.place,
            person_id=command.person_id,
            unit_id=command.unit_id,
            grant_id=at(command.happened_at, named),
            account_id=command.account_id,
            happened_at=command.happened_at,
        )
    ]


def also(command: Command, state: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if not events:
        return
    (appointed,) = events
    if command.has_units:
        in_force = ConfirmUnit(on=vietnamese_day(command.happened_at))
        yield CommandFor(unit, unit_stream(command.unit_id), in_force)
    before = state.keepers.get(command.place)
    if before is not None:
        revoke = RevokeRole(
            grant_id=before.grant_id,
            person_id=before.person_id,
            revoked_by=command.appointed_by,
            happened_at=command.happened_at,
        )
        yield CommandFor(person, person_stream(before.person_id), revoke)
        unlink = UnlinkAccount(
            account_id=before.account_id,
            unlinked_by=command.appointed_by,
            happened_at=command.happened_at,
        )
        yield CommandFor(account, account_stream(before.account_id), unlink)
        take = TakeSignIn(
            person_id=before.person_id,
            account_id=before.account_id,
            taken_by=command.appointed_by,
            happened_at=command.happened_at,
        )
        yield CommandFor(person, person_stream(before.person_id), take)
    if before is None or before.person_id != command.person_id:
        register = RegisterPerson(
            person_id=command.person_id,
            kind="human",
            name=command.name,
            happened_at=command.happened_at,
        )
        yield CommandFor(person, person_stream(command.person_id), register)
    grant = GrantRole(
        grant_id=appointed.grant_id,
        person_id=command.person_id,
        role="organisation-keeper",
        unit_id=command.unit_id,
        valid_from=vietnamese_day(command.happened_at),
        valid_until=None,
        rules=None,
        granted_by=command.appointed_by,
        happened_at=command.happened_at,
    )
    yield CommandFor(person, person_stream(command.person_id), grant)
    yield held_in_its_unit(grant)
    link = LinkAccount(
        account_id=command.account_id,
        person_id=command.person_id,
        identity=command.identity,
        linked_by=command.appointed_by,
        happened_at=command.happened_at,
    )
    yield CommandFor(account, account_stream(command.account_id), link)
    give = GiveSignIn(
        person_id=command.person_id,
        account_id=command.account_id,
        given_by=command.appointed_by,
        founding=True,
        happened_at=command.happened_at,
    )
    yield CommandFor(person, person_stream(command.person_id), give)


def evolve(state: State, event: Event) -> State:
    return Organisation({**state.keepers, event.place: event})


organisation: Decider[Command, State, Event] = Decider(Organisation(), decide, evolve, also)
