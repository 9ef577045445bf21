"""How gifts are counted: money in đồng, goods never."""

from contracts.donations import Kind
from contracts.field_types import MeasureCode
from eventing.decider import Rejection


class MoneyIsCountedInDong(Rejection):
    code = "money-is-counted-in-dong"
    vi = "Tiền tính bằng đồng; hiện vật tính bằng cái hoặc bộ."
    en = "Money is counted in đồng, goods in pieces or sets."


def check_measure(kind: Kind, measure: MeasureCode) -> None:
    """Raises MoneyIsCountedInDong."""
    if (kind == "money") != (measure == "dong"):
        raise MoneyIsCountedInDong
