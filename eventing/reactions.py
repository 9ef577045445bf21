"""What a service does about an event: pure functions from event to commands."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eventing.decider import Give
from eventing.record import Recorded


@dataclass(frozen=True, slots=True)
class Reaction:
    """`name` is part of every key derived from it, so it never changes.

    A command given here records what is so and refuses little. A rejection of kind `absent` is
    waited for, within a bound; any other becomes `reaction-refused`.
    """

    name: str
    on: type
    give: Callable[[Any, Recorded], Iterable[Give]]


def given_off(reactions: Sequence[Reaction], recorded: Recorded) -> list[tuple[Reaction, Give]]:
    """All commands that these reactions give for one recorded event, in order."""
    return [
        (reaction, give)
        for reaction in reactions
        if reaction.on is type(recorded.event)
        for give in reaction.give(recorded.event, recorded)
    ]
