"""How gifts are counted: money in đồng, goods never."""

from contracts.donations import Kind
from contracts.registry import Measure
from eventing.decider import Rejection


class MoneyIsCountedInDong(Rejection):
    code = "money-is-counted-in-dong"


def check_measure(kind: Kind, measure: Measure) -> None:
    """Raises MoneyIsCountedInDong."""
    if (kind == "money") != (measure == "dong"):
        raise MoneyIsCountedInDong
