"""Which parts in one gift and one line are never one person's, over the whole chain.

A decider asks `part_against` with the facts that earlier events froze; nothing takes a pair away.
A part counts for who did it and for whom they did it.
"""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

Part = Literal[
    "registered",
    "recorded",
    "verified",
    "announced",
    "received",
    "inspected",
    "accepted",
    "receipted",
    "correction-proposed",
    "correction-confirmed",
    "matched",
    "proposed",
    "approved",
    "dispatched",
    "handed-over",
    "taken-over",
    "acknowledged",
    "gave",
    "given-directly",
    "ratified",
]
Pair = frozenset[Part]
Played = tuple[Part, UUID | None]


def _apart(part: Part, *others: Part) -> frozenset[Pair]:
    return frozenset(frozenset({part, other}) for other in others)


TWO_PERSONS: frozenset[Pair] = frozenset().union(
    _apart("verified", "registered", "recorded"),
    _apart("accepted", "announced", "received", "inspected"),
    _apart("receipted", "received", "inspected"),
    _apart("correction-confirmed", "received", "inspected", "correction-proposed"),
    _apart(
        "approved",
        "registered",
        "recorded",
        "verified",
        "received",
        "inspected",
        "accepted",
        "matched",
        "proposed",
    ),
    _apart("dispatched", "approved"),
    _apart("handed-over", "approved"),
    _apart("taken-over", "approved", "dispatched", "handed-over"),
    _apart(
        "acknowledged",
        "registered",
        "recorded",
        "verified",
        "approved",
        "dispatched",
        "handed-over",
        "taken-over",
    ),
    _apart("given-directly", "registered", "recorded", "verified", "gave"),
    _apart(
        "ratified",
        "registered",
        "recorded",
        "verified",
        "received",
        "inspected",
        "matched",
        "proposed",
        "dispatched",
        "handed-over",
        "taken-over",
        "acknowledged",
        "gave",
        "given-directly",
    ),
)
"""No three persons can together bring a gift from a need to a signature: it takes four."""


def part_against(person: UUID, part: Part, played: Iterable[Played]) -> Part | None:
    """The part that this person played already and that forbids them this one, if there is one."""
    against = (other for other, who in played if who == person)
    return next((other for other in against if frozenset({part, other}) in TWO_PERSONS), None)
