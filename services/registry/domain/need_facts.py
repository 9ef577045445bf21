"""What a need's rules rest on, and what follows from it: scope, eligibility, specification."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.field_types import CategoryCode
from contracts.registry import NeedRecorded, ProgrammeStarted, Specification, UnitEstablished
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import Rejection
from programmes.rules import DAY, Category, Priority, Rules, prioritise
from services.registry.domain.need_specification import complete, so_until
from services.registry.domain.need_subject import Subject


class OutsideTheProgramme(Rejection):
    code = "outside-the-programme"
    vi = "Ngoài địa bàn hoặc ngoài thời gian của chương trình."
    en = "Outside the territory or the time of the programme."


class NotEligible(Rejection):
    code = "not-eligible"
    vi = "Không thuộc đối tượng được hỗ trợ loại này vào ngày đó."
    en = "Not among those who may get this kind of support on that day."


class TurnsOfAge(Rejection):
    """A need lapses when the month begins in which its child is of age, so none opens in it."""

    code = "turns-of-age"
    vi = "Trong tháng này trẻ em đến tuổi không còn thuộc chương trình: không mở nhu cầu được nữa."
    en = "In this month the child reaches the programme's age limit: no need is opened any more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The streams as seen, what was opened of them for one day, and the rules in force."""

    programme: ProgrammeStarted
    unit: UnitEstablished
    subject: Subject
    rules: Rules

    @property
    def sealed_under(self) -> UUID:
        """Whose key seals what is told of the need."""
        return self.subject.child_id or self.subject.group_id or self.unit.unit_id

    def check_in_scope(self, on: date) -> None:
        """Raises OutsideTheProgramme, and what the subject's checks do."""
        started = self.programme
        # The scope is territory, whichever unit it has passed to.
        units = self.subject.territory | {self.unit.unit_id}
        if not units & set(started.unit_ids) or not started.starts_on <= on <= started.ends_on:
            raise OutsideTheProgramme
        self.subject.check_there(on)
        self.subject.check_age(self.rules, on)

    def eligible_under(self, category: CategoryCode) -> str:
        """Raises NotEligible."""
        rule = self.rules.eligible_under(category, self.subject.facts())
        if rule is None:
            raise NotEligible
        return rule

    def specification(self, category: Category, asked: Specification, on: date) -> Specification:
        """Raises what `need_specification.complete` does."""
        return complete(category, asked, self.subject.known(on), self.rules, on)

    def lapses_on(self, category: Category, asked: NeedRecorded, on: date) -> date:
        """From which day on the need is offered no more, unless somebody sees it anew.

        The earliest of: so many months, as the pack says; the programme's end; the month in which
        the child is of age; the day on which a size or grade may be so no more.

        Raises TurnsOfAge, and what `need_specification.so_until` does.
        """
        days = [self.rules.lapses_on(on), self.programme.ends_on + DAY]
        if of_age_in := self.subject.of_age_in(self.rules):
            if of_age_in <= on:
                raise TurnsOfAge
            days.append(of_age_in)
        if known := self.subject.known(on):
            recorded_on = vietnamese_day(asked.happened_at)
            days += so_until(category, asked.specification, known, self.rules, recorded_on, on)
        return min(days)

    def priority(self, category: CategoryCode, needed_by: date, on: date) -> Priority:
        return prioritise(self.rules.priority, self._weighed(), category, needed_by, on)

    def _weighed(self) -> Iterator[str]:
        yield from self.subject.facts()
        if self.unit.priority:
            yield "priority-commune"
