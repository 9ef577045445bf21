"""Facts that stand in a record, each under the version of the event that says it now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from eventing.decider import Rejection

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Told(Generic[E_co]):
    """`version` is that of the event in its stream."""

    version: int
    event: E_co


class FactDoesNotStand(Rejection):
    """Nothing of this kind was said there, or it was corrected since."""

    code = "fact-does-not-stand"
    kind = "conflict"
    vi = "Hồ sơ không có điều này, hoặc điều này vừa được đính chính."
    en = "The record holds no such fact, or it was corrected since."


class NothingIsCorrected(Rejection):
    code = "nothing-is-corrected"
    vi = "Điều mới ghi giống hệt điều đang có trong hồ sơ."
    en = "What is said is what stands in the record already."


def same_as(before: Any, event: Any) -> bool:
    """Is it what was said before, whenever it is said to have happened?"""
    return bool(replace(event, happened_at=before.happened_at) == before)


def standing_at(told: Sequence[Told[E]], version: int) -> Told[E]:
    """Raises FactDoesNotStand."""
    found = next((each for each in told if each.version == version), None)
    if found is None:
        raise FactDoesNotStand
    return found


def corrected(told: tuple[Told[E], ...], version: int, by: Told[E] | None) -> tuple[Told[E], ...]:
    """With the correction in the place of what it corrects; None: that is taken back.

    So the order in which several facts are corrected changes nothing.
    """
    then = (by if each.version == version else each for each in told)
    return tuple(each for each in then if each is not None)
