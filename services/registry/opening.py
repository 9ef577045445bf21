"""How the register's personal data are sealed and opened: under which person, purpose and field.

A field that was sealed for an erased person opens as None.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol, TypeVar, cast
from uuid import UUID

from contracts.sealed import Sealed
from eventing.decider import Rejection
from programmes.days import Birth
from programmes.rules import Rules
from services.registry.domain.child import Assessment, day_of
from services.registry.domain.child import Registered as Child
from services.registry.domain.household import Registered as Household
from services.registry.domain.household import Status
from services.registry.domain.standing import (
    Circumstance,
    History,
    HouseholdStatus,
    Standing,
    StatusPeriod,
    standing,
)

T = TypeVar("T")

PROFILE, NEED, HOUSEHOLD, PERSON, GROUP = "profile", "need", "household", "person", "group"
ACCOUNT = "account"
"""Under the account\'s own key: whose it is, is known only later."""


class Opens(Protocol):
    """A sealer, or the door before it."""

    async def open(self, person: UUID, purpose: str, field: str, sealed: Sealed) -> str | None: ...


class Erased(Rejection):
    """What the rule rests on was erased with the person's key."""

    code = "erased"
    kind = "conflict"
    vi = "Thông tin cần cho việc này đã xóa theo yêu cầu."
    en = "What this rests on was erased on request."


async def open_birth_date(opens: Opens, child_id: UUID, sealed: Sealed) -> Birth | None:
    text = await opens.open(child_id, PROFILE, "birth_date", sealed)
    return None if text is None else Birth.read(text)


async def open_territory(opens: Opens, person: UUID, purpose: str, sealed: Sealed) -> UUID | None:
    """On whose land a household lives or a group is."""
    text = await opens.open(person, purpose, "territory", sealed)
    return None if text is None else UUID(text)


async def open_circumstance(opens: Opens, event: Assessment) -> Circumstance | None:
    text = await opens.open(event.child_id, PROFILE, "circumstance", event.circumstance)
    return None if text is None else Circumstance.read(text, day_of(event))


async def open_status(opens: Opens, event: Status) -> StatusPeriod | None:
    text = await opens.open(event.household_id, HOUSEHOLD, "status", event.status)
    if text is None:
        return None
    return StatusPeriod(cast("HouseholdStatus", text), event.valid_from, event.valid_until)


async def open_history(opens: Opens, child: Child, home: Household) -> History:
    """Without what was erased."""
    circumstances = [await open_circumstance(opens, event) for event in child.assessments]
    periods = [await open_status(opens, event) for event in home.statuses]
    return History(known(circumstances), known(periods))


async def open_standing(
    opens: Opens, child: Child, home: Household, rules: Rules, on: date
) -> Standing:
    """What is so of the child on the day. Raises Erased."""
    born = await open_birth_date(opens, child.fact.child_id, child.now.birth_date)
    history = await open_history(opens, child, home)
    if born is None:
        raise Erased
    held = standing(rules, born.earliest, history, on)
    return replace(held, born_until=born.latest)


def known(opened: Sequence[T | None]) -> tuple[T, ...]:
    """Those that were not erased."""
    return tuple(one for one in opened if one is not None)
