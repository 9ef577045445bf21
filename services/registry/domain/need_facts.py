"""What a need's rules rest on, and what follows from it: scope, eligibility, specification."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contracts.field_types import CategoryCode
from contracts.registry import ProgrammeStarted, Specification, UnitEstablished
from eventing.decider import Rejection
from programmes.rules import Category, Priority, Rules, prioritise
from services.registry.domain.child import AgedOut
from services.registry.domain.child import Registered as Child
from services.registry.domain.household import Registered as Household
from services.registry.domain.need_specification import Known, complete
from services.registry.domain.standing import Standing


class OutsideTheProgramme(Rejection):
    code = "outside-the-programme"
    vi = "Ngoài địa bàn hoặc ngoài thời gian của chương trình."
    en = "Outside the territory or the time of the programme."


class NotEligible(Rejection):
    code = "not-eligible"
    vi = "Không thuộc đối tượng được hỗ trợ loại này vào ngày đó."
    en = "Not among those who may get this kind of support on that day."


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The streams as seen, the rules, and `standing` as opened from the streams for one day."""

    programme: ProgrammeStarted
    unit: UnitEstablished
    child: Child
    home: Household
    standing: Standing
    rules: Rules

    def check_in_scope(self, on: date) -> None:
        """Raises OutsideTheProgramme, AgedOut."""
        started = self.programme
        # The scope is territory: the household's first commune, or the one that it is in now.
        units = {self.home.fact.unit_id, self.home.unit_id, self.unit.unit_id}
        if not units & set(started.unit_ids) or not started.starts_on <= on <= started.ends_on:
            raise OutsideTheProgramme
        if not self.rules.is_child(self.standing.birth_date, on):
            raise AgedOut

    def eligible_under(self, category: CategoryCode) -> str:
        """Raises NotEligible."""
        rule = self.rules.eligible_under(category, self.standing.facts())
        if rule is None:
            raise NotEligible
        return rule

    def specification(self, category: Category, asked: Specification, on: date) -> Specification:
        """Raises what `need_specification.complete` does."""
        measured = self.child.measure(on)
        known = Known(
            born_on=self.standing.birth_date,
            gender=self.child.fact.gender,
            size=measured.height_label if measured else None,
            measured_on=measured.measured_on if measured else None,
            grades={year: enrolled.grade for year, enrolled in self.child.enrolments.items()},
        )
        return complete(category, asked, known, self.rules, on)

    def priority(self, category: CategoryCode, needed_by: date, on: date) -> Priority:
        return prioritise(self.rules.priority, self._weighed(), category, needed_by, on)

    def _weighed(self) -> Iterator[str]:
        yield from self.standing.facts()
        if self.unit.priority:
            yield "priority-commune"
