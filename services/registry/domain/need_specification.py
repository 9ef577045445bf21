"""What each category asks for: a need's specification, checked and completed from the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import Gender, Specification
from eventing.decider import Rejection
from services.registry.domain.rules import Rules

GRADES = range(1, 13)
MEASURES: Mapping[CategoryCode, Sequence[MeasureCode]] = {
    "warm-clothes": ("piece", "set"),
    "school-supplies": ("piece", "set"),
    "scholarship": ("dong",),
    "surgery": ("dong",),
}
FIELDS: Mapping[CategoryCode, frozenset[str]] = {
    "warm-clothes": frozenset({"size", "gender"}),
    "school-supplies": frozenset({"grade"}),
    "scholarship": frozenset(),
    "surgery": frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the register knows of the child; `size` and `measured_on` are of the newest measure."""

    born_on: date
    gender: Gender
    size: str | None
    measured_on: date | None
    grades: Mapping[str, int]


class SpecificationNotOfTheCategory(Rejection):
    code = "specification-not-of-the-category"
    vi = "Mục {field} không hợp với loại hỗ trợ này."
    en = "{field} does not fit this kind of support."

    def __init__(self, field: str) -> None:
        self.field = field


class MeasureNotOfTheCategory(Rejection):
    code = "measure-not-of-the-category"
    vi = "Đơn vị tính của loại này là: {measures}."
    en = "This kind is counted in: {measures}."

    def __init__(self, measures: str) -> None:
        self.measures = measures


class DetailMissing(Rejection):
    code = "detail-missing"
    vi = "Cần mô tả chi tiết (được niêm phong)."
    en = "A detail is needed; it is sealed."


class NotMeasured(Rejection):
    code = "not-measured"
    vi = "Chưa có số đo của trẻ; hãy đo hoặc ghi cỡ."
    en = "The child was not measured; take a measure or give a size."


class MeasureIsStale(Rejection):
    code = "measure-is-stale"
    vi = "Số đo ngày {measured_on} đã quá cũ; hãy đo lại."
    en = "The measure of {measured_on} is too old; please measure again."

    def __init__(self, measured_on: date) -> None:
        self.measured_on = measured_on


class NotEnrolled(Rejection):
    code = "not-enrolled"
    vi = "Chưa ghi lớp của trẻ trong năm học này."
    en = "The child's grade of this school year is not recorded."


def check_measure(category: CategoryCode, measure: MeasureCode) -> None:
    """Raises MeasureNotOfTheCategory."""
    measures = MEASURES.get(category, ())
    if measure not in measures:
        raise MeasureNotOfTheCategory(", ".join(measures))


def complete(
    category: CategoryCode, asked: Specification, known: Known, rules: Rules, on: date
) -> Specification:
    """The specification as asked, with what was left out taken from the register.

    Raises SpecificationNotOfTheCategory, NotMeasured, MeasureIsStale, NotEnrolled.
    """
    for field in sorted(asked.keys() - FIELDS[category]):
        raise SpecificationNotOfTheCategory(field)
    match category:
        case "warm-clothes":
            gender = asked.get("gender", known.gender)
            if gender != known.gender:
                raise SpecificationNotOfTheCategory("gender")
            return {"size": _size(asked, known, rules, on), "gender": gender}
        case "school-supplies":
            return {"grade": _grade(asked, known, rules, on)}
        case "scholarship" | "surgery":
            return {}
        case _:
            raise SpecificationNotOfTheCategory("category")


def _size(asked: Specification, known: Known, rules: Rules, on: date) -> str:
    if (given := asked.get("size")) is not None:
        for size in rules.sizes:
            if size.label == given:
                return size.label
        raise SpecificationNotOfTheCategory("size")
    if known.size is None or known.measured_on is None:
        raise NotMeasured
    if rules.is_stale(known.measured_on, known.born_on, on):
        raise MeasureIsStale(known.measured_on)
    return known.size


def _grade(asked: Specification, known: Known, rules: Rules, on: date) -> int:
    if (given := asked.get("grade")) is not None:
        if isinstance(given, int) and given in GRADES:
            return given
        raise SpecificationNotOfTheCategory("grade")
    current = [year for year in known.grades if not rules.school_year_is_over(year, on)]
    if not current:
        raise NotEnrolled
    return known.grades[min(current)]
