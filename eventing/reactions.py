"""What a service does about an event: pure functions from event to commands."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventing.decider import Give
from eventing.event_store import Key
from eventing.execute import derived_key
from eventing.record import Recorded, Why


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


def principal_of(service: str) -> UUID:
    """Who a service is when nobody asked it: the actor of what it does by itself."""
    return uuid5(NAMESPACE_URL, f"vongtay:{service}")


def keyed(
    service: str, reactions: Sequence[Reaction], recorded: Recorded
) -> list[tuple[Reaction, Give, Key]]:
    """The same, each with the key that it has for ever.

    The second command of one kind for one stream is counted: else it would pass for the first.
    """
    given: list[tuple[Reaction, Give, Key]] = []
    times: Counter[tuple[str, str, str]] = Counter()
    for reaction, give in given_off(reactions, recorded):
        names = (reaction.name, give.stream, type(give.command).__name__)
        times[names] += 1
        more = () if times[names] == 1 else (str(times[names]),)
        key = derived_key(principal_of(service), recorded.event_id, service, *names, *more)
        given.append((reaction, give, key))
    return given


def because_of(service: str, cause: Recorded) -> Why:
    """Why a service acts on an event: for whoever was behind the event in the first place."""
    return Why(
        actor=principal_of(service),
        on_behalf_of=cause.why.on_behalf_of or cause.why.actor,
        causation=cause.event_id,
        correlation=cause.why.correlation or cause.event_id,
        traceparent=cause.why.traceparent,
    )
