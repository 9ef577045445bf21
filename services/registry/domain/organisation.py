"""The organisation's beginning: an operator appoints the first keeper.

Stream `organisation`; appointing also registers the person and grants the keeper's role. A mistake
is put right by appointing again, as long as whoever was appointed has not acted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.registry import FirstKeeperAppointed
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from eventing.ids import at, mark
from services.registry.domain.person import GrantRole, RegisterPerson, RevokeRole, person
from services.registry.domain.person import stream as person_stream
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream

STREAM = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointFirstKeeper:
    """The keeper's role is held in `unit_id`, the root, which the keeper may yet establish.

    `has_units`: some unit is established, and then this has to be one. `has_acted`: whoever was
    appointed before has given a command.
    """

    person_id: UUID
    name: Sealed
    unit_id: UUID
    appointed_by: UUID
    has_units: bool
    has_acted: bool
    happened_at: datetime


Command = AppointFirstKeeper
Event = FirstKeeperAppointed


@dataclass(frozen=True, slots=True)
class WithoutKeeper:
    pass


@dataclass(frozen=True, slots=True)
class Begun:
    fact: FirstKeeperAppointed


State = WithoutKeeper | Begun


class FirstKeeperAppointedAlready(Rejection):
    code = "first-keeper-appointed-already"
    kind = "conflict"
    vi = "Người quản trị đầu tiên đã được chỉ định và đã làm việc; từ nay các vai trò do họ trao."
    en = "The first keeper was appointed and has acted; from now on keepers give the roles."


def decide(command: Command, state: State) -> list[Event]:
    return appoint(command, state)


def appoint(command: AppointFirstKeeper, state: State) -> list[Event]:
    if isinstance(state, Begun):
        if (state.fact.person_id, state.fact.unit_id) == (command.person_id, command.unit_id):
            return []
        if command.has_acted:
            raise FirstKeeperAppointedAlready
    before = state.fact.grant_id.bytes if isinstance(state, Begun) else b""
    named = mark(b"first-keeper", command.person_id.bytes, command.unit_id.bytes, before)
    return [
        FirstKeeperAppointed(
            person_id=command.person_id,
            unit_id=command.unit_id,
            grant_id=at(command.happened_at, named),
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
    if isinstance(state, Begun):
        revoke = RevokeRole(
            grant_id=state.fact.grant_id,
            person_id=state.fact.person_id,
            revoked_by=command.appointed_by,
            happened_at=command.happened_at,
        )
        yield CommandFor(person, person_stream(state.fact.person_id), revoke)
    if not isinstance(state, Begun) or state.fact.person_id != command.person_id:
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
        touching=frozenset(),
        granted_by=command.appointed_by,
        happened_at=command.happened_at,
    )
    yield CommandFor(person, person_stream(command.person_id), grant)


def evolve(_: State, event: Event) -> State:
    return Begun(event)


organisation: Decider[Command, State, Event] = Decider(WithoutKeeper(), decide, evolve, also)
