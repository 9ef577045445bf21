"""The shape every decider has: a first state, one `decide`, one `evolve`. All are pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar, Generic, Literal, TypeVar

Command = TypeVar("Command")
State = TypeVar("State")
Event = TypeVar("Event")


class Rejection(Exception):
    """A rule said no. `code` and the attributes are public API.

    `vi` and `en` are what a person is told, with `{attribute}`s; only a rejection that no route
    names may be without. `absent` means that a thing is not there: a person is told, a reaction
    waits a while for it.
    """

    code: ClassVar[str]
    vi: ClassVar[str]
    en: ClassVar[str]
    kind: ClassVar[Literal["absent", "conflict", "forbidden", "refused"]] = "refused"


@dataclass(frozen=True, slots=True)
class CommandFor:
    """A command for a stream."""

    decider: "Decider[Any, Any, Any]"
    stream: str
    command: Any


@dataclass(frozen=True, slots=True)
class Together:
    """Commands that happen all or not at all; if not, the lead stream gets `otherwise` instead.

    When every `Together` of a command is refused, the command is refused with the first rejection.
    """

    commands: tuple[CommandFor, ...]
    otherwise: Callable[[Rejection], Any]


def nothing_else(
    _command: object, _state: object, _events: Sequence[object]
) -> Iterable[CommandFor | Together]:
    return ()


@dataclass(frozen=True, slots=True)
class Decider(Generic[Command, State, Event]):
    """`also`: what other streams decide in the same append, given the lead's new events.

    One that is refused refuses all. One that yields no events still asserts its stream's
    version, so a decision may rest on another stream of the same service. `leads_outside`: what it
    decides ends in something that cannot be taken back, a letter say.
    """

    initial: State
    decide: Callable[[Command, State], list[Event]]
    evolve: Callable[[State, Event], State]
    also: Callable[[Command, State, Sequence[Event]], Iterable[CommandFor | Together]] = (
        nothing_else
    )
    leads_outside: bool = False

    def fold(self, events: Iterable[Event], state: State | None = None) -> State:
        return reduce(self.evolve, events, self.initial if state is None else state)
