"""What a service does about an event: pure functions from event to commands."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from eventing.decider import CommandFor
from eventing.event_store import Key
from eventing.execute import derived_key
from eventing.record import Recorded, Why

OUTSIDE_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reaction:
    """Has a cursor of its own. `name` is part of every key derived from it, so it never changes.

    `begins` says what a reaction that is new does about what was recorded before it was there.
    `first`: it begins with the first event. What it gives is given once, by its keys; but nothing
    that leads outside for what was recorded more than OUTSIDE_WITHIN before: no letter for a gift
    of last year. `now`: it gives nothing for what was recorded before, in the minutes of an upgrade
    neither.

    A command given here records what is so and refuses little. A rejection of kind `absent` is
    waited for, within a bound; any other becomes `reaction-refused`.
    """

    name: str
    on: type
    give: Callable[[Any, Recorded], Iterable[CommandFor]]
    begins: Literal["first", "now"] = field(kw_only=True)

    @property
    def consumer(self) -> str:
        """What its cursor and what it parks are called."""
        return f"reaction:{self.name}"

    def heeds(self, give: CommandFor, cause: Recorded, began_at: datetime) -> bool:
        """Whether it carries that out, when it was there for the first time at `began_at`."""
        if self.begins == "now":
            return cause.recorded_at >= began_at
        return not give.decider.leads_outside or cause.recorded_at >= began_at - OUTSIDE_WITHIN


def given_off(
    reactions: Sequence[Reaction], recorded: Recorded
) -> list[tuple[Reaction, CommandFor]]:
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
) -> list[tuple[Reaction, CommandFor, Key]]:
    """The same, each with the key that it has for ever.

    The second command of one kind for one stream is counted: else it would pass for the first.
    """
    given: list[tuple[Reaction, CommandFor, Key]] = []
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
