"""The organisation's beginning: an operator appoints the first keeper, once in the log's life.

Stream `organisation`; appointing also registers the person and grants the keeper's role.
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
from services.registry.domain.person import GrantRole, RegisterPerson, person
from services.registry.domain.person import stream as person_stream

STREAM = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointFirstKeeper:
    """The keeper's role is held in `unit_id`, the root, which the keeper may yet establish."""

    person_id: UUID
    name: Sealed
    unit_id: UUID
    appointed_by: UUID
    happened_at: datetime


Command = AppointFirstKeeper
Event = FirstKeeperAppointed


@dataclass(frozen=True, slots=True)
class WithoutKeeper:
    pass


@dataclass(frozen=True, slots=True)
class Begun:
    keeper_id: UUID


State = WithoutKeeper | Begun


class FirstKeeperAppointedAlready(Rejection):
    code = "first-keeper-appointed-already"
    kind = "conflict"


def decide(command: Command, state: State) -> list[Event]:
    return appoint(command, state)


def appoint(command: AppointFirstKeeper, state: State) -> list[Event]:
    match state:
        case WithoutKeeper():
            return [
                FirstKeeperAppointed(person_id=command.person_id, happened_at=command.happened_at)
            ]
        case Begun(keeper_id):
            if keeper_id != command.person_id:
                raise FirstKeeperAppointedAlready
            return []


def also(command: Command, _: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if not events:
        return
    register = RegisterPerson(
        person_id=command.person_id,
        kind="human",
        name=command.name,
        happened_at=command.happened_at,
    )
    grant = GrantRole(
        grant_id=at(command.happened_at, mark(b"first-keeper", command.person_id.bytes)),
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
    yield CommandFor(person, person_stream(command.person_id), register)
    yield CommandFor(person, person_stream(command.person_id), grant)


def evolve(_: State, event: Event) -> State:
    return Begun(event.person_id)


organisation: Decider[Command, State, Event] = Decider(WithoutKeeper(), decide, evolve, also)
