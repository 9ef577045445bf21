"""Commands given to a decider one after another; repeating an accepted one adds nothing."""

from collections.abc import Sequence
from typing import Any

from eventing.decider import Decider, Rejection

Events = list[Any]


def outcomes(
    decider: Decider[Any, Any, Any], commands: Sequence[Any]
) -> tuple[Events, list[Events | None]]:
    """All events, and those of each command; None: it was refused."""
    events: Events = []
    answers: list[Events | None] = []
    for command in commands:
        try:
            new = decider.decide(command, decider.fold(events))
        except Rejection:
            answers.append(None)
            continue
        answers.append(new)
        events = [*events, *new]
    return events, answers


def after(decider: Decider[Any, Any, Any], commands: Sequence[Any]) -> Events:
    """The events that these commands leave; a refused one leaves none."""
    return outcomes(decider, commands)[0]


def assert_repeating_changes_nothing(
    decider: Decider[Any, Any, Any], history: Sequence[Any], command: Any
) -> None:
    """What is refused has nothing to repeat."""
    events, answers = outcomes(decider, [*history, command])
    if answers[-1] is not None:
        assert decider.decide(command, decider.fold(events)) == []
