"""The property that every decider keeps: an accepted command, sent again, changes nothing."""

from collections.abc import Sequence
from typing import Any

from eventing.decider import Decider, Rejection


def run(decider: Decider[Any, Any, Any], commands: Sequence[Any]) -> list[Any]:
    """The events of those commands that were accepted, one after another."""
    events: list[Any] = []
    for command in commands:
        try:
            events += decider.decide(command, decider.fold(events))
        except Rejection:
            continue
    return events


def assert_repeating_is_quiet(
    decider: Decider[Any, Any, Any], history: Sequence[Any], command: Any
) -> None:
    events = run(decider, history)
    try:
        events += decider.decide(command, decider.fold(events))
    except Rejection:
        return
    assert decider.decide(command, decider.fold(events)) == []
