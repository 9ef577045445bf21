"""What may be given for what, and how it is counted: as the rules in force say."""

from collections.abc import Iterable

from contracts.donations import ContributionLine, Kind, PaidIn
from contracts.field_types import CategoryCode, MeasureCode
from eventing.decider import Rejection
from programmes.rules import Category, Rules


class NotGivenFor(Rejection):
    """No such category, or one that travels under a neutral code: what is given names that."""

    code = "not-given-for"
    vi = "Chương trình không nhận ủng hộ cho loại {category}."
    en = "Nothing is given for {category} in this programme."

    def __init__(self, category: str) -> None:
        self.category = category


class MeasureNotOfTheCategory(Rejection):
    code = "measure-not-of-the-category"
    vi = "Đơn vị tính của loại này là: {measures}."
    en = "This kind is counted in: {measures}."

    def __init__(self, measures: str) -> None:
        self.measures = measures


class MoneyIsCountedInDong(Rejection):
    code = "money-is-counted-in-dong"
    vi = "Tiền tính bằng đồng; hiện vật thì không."
    en = "Money is counted in đồng, goods are not."


class SpecificationNotOfTheCategory(Rejection):
    code = "specification-not-of-the-category"
    vi = "Mục {field} không hợp với loại hỗ trợ này."
    en = "{field} does not fit this kind of support."

    def __init__(self, field: str) -> None:
        self.field = field


class WayOfPaymentNotSaid(Rejection):
    """Whether it came as cash or by transfer decides where it is booked."""

    code = "way-of-payment-not-said"
    vi = "Khoản tiền phải ghi rõ là tiền mặt hay chuyển khoản."
    en = "Of money it has to be said whether it came as cash or by transfer."


class GoodsAreNotPaid(Rejection):
    code = "goods-are-not-paid"
    vi = "Hiện vật không có cách thanh toán."
    en = "Goods have no way of payment."


def check_given(rules: Rules, kind: Kind, category: CategoryCode, measure: MeasureCode) -> Category:
    """Money may be given for any category.

    Raises NotGivenFor, MoneyIsCountedInDong, MeasureNotOfTheCategory.
    """
    given_for = rules.given_for(category)
    if given_for is None:
        raise NotGivenFor(category)
    if (kind == "money") != rules.is_money(measure):
        raise MoneyIsCountedInDong
    if kind == "goods" and measure not in given_for.measures:
        raise MeasureNotOfTheCategory(", ".join(given_for.measures))
    return given_for


def check_lines(rules: Rules, kind: Kind, lines: Iterable[ContributionLine]) -> None:
    """Raises what `check_given` does, and SpecificationNotOfTheCategory."""
    for line in lines:
        category = check_given(rules, kind, line.category, line.measure)
        if (field := rules.not_offered(category, line.specification)) is not None:
            raise SpecificationNotOfTheCategory(field)


def check_way_of_payment(kind: Kind, paid_in: PaidIn | None) -> None:
    """Raises WayOfPaymentNotSaid, GoodsAreNotPaid."""
    if kind == "money" and paid_in is None:
        raise WayOfPaymentNotSaid
    if kind == "goods" and paid_in is not None:
        raise GoodsAreNotPaid
