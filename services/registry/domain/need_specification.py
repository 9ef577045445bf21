"""What a category asks for: a need's specification, checked and completed from the register."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import Gender, Specification
from eventing.decider import Rejection
from programmes.rules import DAY, Category, Rules, SpecificationField


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the register knows of the child; `size` and `measured_on` are of the newest measure.

    `grades` by school year, as "2024-2025".
    """

    born_on: date
    gender: Gender
    size: str | None
    measured_on: date | None
    grades: Mapping[str, int]


class CategoryNotInThePack(Rejection):
    code = "category-not-in-the-pack"
    vi = "Chương trình không có loại hỗ trợ này vào ngày đó."
    en = "The programme has no such kind of support on that day."


class SpecificationNotOfTheCategory(Rejection):
    code = "specification-not-of-the-category"
    vi = "Mục {field} không hợp với loại hỗ trợ này."
    en = "{field} does not fit this kind of support."

    def __init__(self, field: str) -> None:
        self.field = field


class SpecificationMissing(Rejection):
    code = "specification-missing"
    vi = "Cần cho biết mục {field}."
    en = "{field} must be said."

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


class SpecificationNoLongerSo(Rejection):
    """The register knows better since: the need is withdrawn, and recorded as it is now."""

    code = "specification-no-longer-so"
    kind = "conflict"
    vi = "Mục {field} không còn đúng với sổ: hãy rút hoặc trả lại nhu cầu rồi lập lại."
    en = "{field} is not what the register says any more: withdraw or return it, and record anew."

    def __init__(self, field: str) -> None:
        self.field = field


class NotEnrolled(Rejection):
    code = "not-enrolled"
    vi = "Chưa ghi lớp của trẻ trong năm học này."
    en = "The child's grade of this school year is not recorded."


def category_of(rules: Rules, code: CategoryCode) -> Category:
    """Raises CategoryNotInThePack."""
    category = rules.category(code)
    if category is None:
        raise CategoryNotInThePack
    return category


def check_measure(category: Category, measure: MeasureCode) -> None:
    """Raises MeasureNotOfTheCategory."""
    if measure not in category.measures:
        raise MeasureNotOfTheCategory(", ".join(category.measures))


def complete(
    category: Category, asked: Specification, known: Known | None, rules: Rules, on: date
) -> Specification:
    """The open fields as asked, with what was left out taken from the register.

    Of a group and of a unit the register knows nothing: each field is said.

    Raises SpecificationNotOfTheCategory, SpecificationMissing, NotMeasured, MeasureIsStale,
    NotEnrolled.
    """
    for name in sorted(asked):
        if category.field(name) is None:
            raise SpecificationNotOfTheCategory(name)
    whole = {field.name: _value(field, asked, known, rules, on) for field in category.fields}
    return {
        field.name: value
        for field in category.fields
        if field.openness != "sealed" and (value := whole[field.name]) is not None
    }


def _value(
    field: SpecificationField, asked: Specification, known: Known | None, rules: Rules, on: date
) -> str | int | None:
    given = asked.get(field.name)
    if given is not None:
        fits = isinstance(given, str) if field.kind == "text" else rules.is_of(field, given)
        another = known and field.from_register == "gender" and given != known.gender
        if not fits or another:
            raise SpecificationNotOfTheCategory(field.name)
        return given
    if known is None or field.from_register is None:
        if field.required:
            raise SpecificationMissing(field.name)
        return None
    match field.from_register:
        case "size":
            return _size(known, rules, on)
        case "gender":
            return known.gender
        case "grade":
            return _grade(known, rules, on)


def so_until(
    category: Category,
    asked: Specification,
    known: Known,
    rules: Rules,
    recorded_on: date,
    on: date,
) -> Iterator[date]:
    """For each field that follows the register: the first day on which it may be so no more.

    What was said otherwise when the need was recorded counts as seen on that day.

    Raises SpecificationNoLongerSo, MeasureIsStale.
    """
    for field in category.fields:
        value = asked.get(field.name)
        match field.from_register:
            case "size" if isinstance(value, str):
                yield _size_until(field, value, known, rules, recorded_on, on)
            case "grade" if isinstance(value, int):
                yield _grade_until(field, value, known, rules, recorded_on, on)


def _size_until(
    field: SpecificationField,
    value: str,
    known: Known,
    rules: Rules,
    recorded_on: date,
    on: date,
) -> date:
    seen_on = recorded_on
    if known.measured_on is not None and value == known.size:
        seen_on = known.measured_on
    elif known.measured_on is not None and known.measured_on > recorded_on:
        raise SpecificationNoLongerSo(field.name)
    until = rules.stale_from(seen_on, known.born_on)
    if until <= on:
        raise MeasureIsStale(seen_on)
    return until


def _grade_until(
    field: SpecificationField,
    value: int,
    known: Known,
    rules: Rules,
    recorded_on: date,
    on: date,
) -> date:
    of_it = [rules.last_day_of(year) for year, grade in known.grades.items() if grade == value]
    last_day = min(
        (day for day in of_it if day >= recorded_on), default=rules.school_year_end(recorded_on)
    )
    if last_day < on:
        raise SpecificationNoLongerSo(field.name)
    return last_day + DAY


def _size(known: Known, rules: Rules, on: date) -> str:
    if known.size is None or known.measured_on is None:
        raise NotMeasured
    if rules.is_stale(known.measured_on, known.born_on, on):
        raise MeasureIsStale(known.measured_on)
    return known.size


def _grade(known: Known, rules: Rules, on: date) -> int:
    current = [year for year in known.grades if not rules.school_year_is_over(year, on)]
    if not current:
        raise NotEnrolled
    return known.grades[min(current)]
