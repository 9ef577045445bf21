"""Which parts in one gift, one line and one payment are never one person's, over the whole chain.

A decider asks `part_against` with the facts that earlier events froze; nothing takes a pair away.
A programme's pack may add pairs on the way of a gift and of a delivery, as each freezes them when
it begins, where both parts are known.
A part counts for who did it and for whom they did it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
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
    "closed",
    "taken-back",
    "gave",
    "given-directly",
    "ratified",
    "prepared",
    "entrusted",
    "authorised",
    "paid",
    "settled",
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
    _apart("taken-back", "taken-over", "closed"),
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
    _apart("entrusted", "prepared"),
    _apart("authorised", "prepared", "entrusted"),
    _apart("paid", "prepared", "authorised", "entrusted"),
    _apart("settled", "entrusted", "paid"),
)
"""No three persons can together bring a gift from a need to a signature: it takes four."""

IN_NEED_AND_GIFT: tuple[Part, ...] = (
    "registered",
    "recorded",
    "verified",
    "received",
    "inspected",
    "accepted",
    "matched",
    "proposed",
)
MAY_BE_ADDED: frozenset[Pair] = (
    frozenset().union(
        _apart("dispatched", *IN_NEED_AND_GIFT),
        _apart("handed-over", *IN_NEED_AND_GIFT, "dispatched"),
        _apart("taken-over", *IN_NEED_AND_GIFT),
        _apart("acknowledged", *IN_NEED_AND_GIFT),
        _apart("ratified", *IN_NEED_AND_GIFT, "approved"),
        _apart("received", "announced"),
        _apart("inspected", "announced", "received"),
        _apart("receipted", "announced", "accepted"),
        _apart("correction-proposed", "announced", "received", "inspected", "accepted"),
        _apart("correction-confirmed", "announced", "accepted"),
    )
    - TWO_PERSONS
)
"""The pairs of which a gift or a delivery knows both: others would be said and never asked.

A direct gift leaves none to add: who records or ratifies it is another than all whom it knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPersons:
    """These parts are two persons too, by the programme's pack."""

    first: Part
    second: Part


def as_added(pairs: Iterable[Pair]) -> tuple[TwoPersons, ...]:
    """As an event says them: the same pairs are always the same text."""
    in_order = sorted(sorted(pair) for pair in pairs)
    return tuple(TwoPersons(first=first, second=second) for first, second in in_order)


def part_against(
    person: UUID, part: Part, played: Iterable[Played], added: Iterable[TwoPersons] = ()
) -> Part | None:
    """The part that this person played already and that forbids them this one, if there is one."""
    more = {frozenset({pair.first, pair.second}) for pair in added}
    pairs = ((other, frozenset({part, other})) for other, who in played if who == person)
    return next((other for other, pair in pairs if pair in TWO_PERSONS or pair in more), None)
