"""Whom a need is for, as seen: a child with its household, a group of children, or a unit.

Each says what the need's rules ask, and what is confirmed when they have decided.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.registry import Gender, UnitEstablished
from eventing.decider import CommandFor
from programmes.days import either_way
from programmes.rules import OF_A_GROUP, OF_A_UNIT, Rules
from services.registry.domain.child import (
    AgeDependsOnTheDay,
    AgedOut,
    ChildHasLeft,
    ChildIsMerged,
    ConfirmChild,
    child,
)
from services.registry.domain.child import Registered as Child
from services.registry.domain.child import stream as child_stream
from services.registry.domain.group import ConfirmGroup, group
from services.registry.domain.group import Registered as Group
from services.registry.domain.group import stream as group_stream
from services.registry.domain.household import ConfirmHousehold, HouseholdHasLeft, household
from services.registry.domain.household import Registered as Household
from services.registry.domain.household import stream as household_stream
from services.registry.domain.need_specification import Known
from services.registry.domain.standing import Standing


class Subject(ABC):
    """What is not said of a subject is None, and nobody is counted."""

    @property
    def child_id(self) -> UUID | None:
        return None

    @property
    def household_id(self) -> UUID | None:
        return None

    @property
    def group_id(self) -> UUID | None:
        return None

    @property
    def children(self) -> int:
        return 0

    @property
    def registered_by(self) -> UUID | None:
        return None

    @property
    def corrected_by(self) -> frozenset[UUID]:
        """Who corrected what was recorded of it: they judge no need that rests on it."""
        return frozenset()

    @property
    def birth_month(self) -> str | None:
        return None

    @property
    def gender(self) -> Gender | None:
        return None

    @property
    @abstractmethod
    def territory(self) -> frozenset[UUID]:
        """One of these units, or the one that the need is recorded in, is of the programme."""

    @abstractmethod
    def facts(self) -> Iterator[str]:
        """The names by which eligibility and priority rules know it."""

    def check_there(self, _on: date) -> None:
        """Raises ChildIsMerged, ChildHasLeft, HouseholdHasLeft."""
        return

    def check_age(self, _rules: Rules, _on: date) -> None:
        """Raises AgedOut, AgeDependsOnTheDay."""
        return

    def known(self, _on: date) -> Known | None:
        """What the register knows for a specification."""
        return None

    def of_age_in(self, _rules: Rules) -> date | None:
        """The first day of the month in which nobody may help it as a child any more."""
        return None

    def confirmed(self) -> Iterator[CommandFor]:
        """It is still as it was seen."""
        yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneChild(Subject):
    """`standing` is what was opened of the child for one day, `land` of its household."""

    child: Child
    home: Household
    standing: Standing
    land: frozenset[UUID] = frozenset()

    @property
    def child_id(self) -> UUID:
        return self.child.fact.child_id

    @property
    def household_id(self) -> UUID:
        return self.home.fact.household_id

    @property
    def children(self) -> int:
        return 1

    @property
    def registered_by(self) -> UUID:
        return self.child.fact.registered_by

    @property
    def corrected_by(self) -> frozenset[UUID]:
        return self.child.corrected_by

    @property
    def birth_month(self) -> str:
        return self.child.now.birth_month

    @property
    def gender(self) -> Gender:
        return self.child.now.gender

    @property
    def territory(self) -> frozenset[UUID]:
        """The land it lives on, the household's first commune, or where it was placed or moved."""
        return self.land | self.home.units

    def facts(self) -> Iterator[str]:
        return self.standing.facts()

    def check_there(self, on: date) -> None:
        if self.child.merged is not None:
            raise ChildIsMerged
        if self.child.left(on) is not None:
            raise ChildHasLeft
        if self.home.has_left(on):
            raise HouseholdHasLeft

    def check_age(self, rules: Rules, on: date) -> None:
        known = self.standing
        earliest = rules.is_child(known.birth_date, on)
        match either_way(earliest=earliest, latest=rules.is_child(known.youngest, on)):
            case "no":
                raise AgedOut
            case "depends":
                raise AgeDependsOnTheDay

    def known(self, on: date) -> Known:
        measured = self.child.measure(on)
        return Known(
            # The younger it may be, the sooner a measure is stale.
            born_on=self.standing.youngest,
            gender=self.child.now.gender,
            size=measured.height_label if measured else None,
            measured_on=measured.measured_on if measured else None,
            grades={year: enrolled.grade for year, enrolled in self.child.enrolments.items()},
        )

    def of_age_in(self, rules: Rules) -> date:
        return rules.turns_of_age_in(self.standing.birth_date)

    def confirmed(self) -> Iterator[CommandFor]:
        yield CommandFor(child, child_stream(self.child_id), ConfirmChild(seen=self.child))
        home = ConfirmHousehold(seen=self.home)
        yield CommandFor(household, household_stream(self.household_id), home)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneGroup(Subject):
    group: Group
    land: frozenset[UUID] = frozenset()

    @property
    def group_id(self) -> UUID:
        return self.group.fact.group_id

    @property
    def children(self) -> int:
        return self.group.children

    @property
    def registered_by(self) -> UUID:
        return self.group.fact.registered_by

    @property
    def territory(self) -> frozenset[UUID]:
        return self.land | {self.group.fact.unit_id}

    def facts(self) -> Iterator[str]:
        yield OF_A_GROUP

    def confirmed(self) -> Iterator[CommandFor]:
        yield CommandFor(group, group_stream(self.group_id), ConfirmGroup(seen=self.group))


@dataclass(frozen=True, slots=True, kw_only=True)
class OneUnit(Subject):
    """A commune, or a village or school in one. `former`: the units whose land it took over."""

    unit: UnitEstablished
    former: frozenset[UUID] = frozenset()

    @property
    def territory(self) -> frozenset[UUID]:
        return self.former | {self.unit.unit_id, self.unit.parent_id or self.unit.unit_id}

    def facts(self) -> Iterator[str]:
        yield OF_A_UNIT
