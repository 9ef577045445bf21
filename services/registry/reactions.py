"""What registry does when something has happened: needs follow what allocation did, roles units.

Nothing here is refused: what was kept and what arrived is so, even beyond what was asked for.
"""

from collections.abc import Iterator

from contracts.allocation import NeedCovered, NeedUncovered, SupportDelivered
from contracts.registry import (
    ChildLeft,
    ChildMoved,
    HouseholdLeft,
    HouseholdMoved,
    UnitRolesPassed,
)
from eventing.decider import CommandFor
from eventing.reactions import Reaction
from eventing.record import Recorded
from services.registry.domain.need import LetNeedGo, need, stream
from services.registry.domain.need_support import CountArrived, CountReleased, CountReserved
from services.registry.domain.person import PassRole, person
from services.registry.domain.person import stream as person_stream


def reserve(covered: NeedCovered, _: Recorded) -> Iterator[CommandFor]:
    command = CountReserved(
        line_id=covered.line_id, quantity=covered.quantity, happened_at=covered.happened_at
    )
    yield CommandFor(need, stream(covered.need_id), command)


def release(uncovered: NeedUncovered, _: Recorded) -> Iterator[CommandFor]:
    command = CountReleased(line_id=uncovered.line_id, happened_at=uncovered.happened_at)
    yield CommandFor(need, stream(uncovered.need_id), command)


def meet(delivered: SupportDelivered, _: Recorded) -> Iterator[CommandFor]:
    command = CountArrived(
        line_id=delivered.line_id,
        quantity=delivered.quantity,
        happened_at=delivered.happened_at,
    )
    yield CommandFor(need, stream(delivered.need_id), command)


def pass_roles_on(passed: UnitRolesPassed, _: Recorded) -> Iterator[CommandFor]:
    for grant in passed.grants:
        command = PassRole(
            grant_id=grant.grant_id,
            person_id=grant.person_id,
            from_unit_id=passed.unit_id,
            unit_id=passed.successor_id,
            passed_on=passed.passed_on,
            happened_at=passed.happened_at,
        )
        yield CommandFor(person, person_stream(grant.person_id), command)


def let_needs_go(
    gone: ChildMoved | ChildLeft | HouseholdMoved | HouseholdLeft, _: Recorded
) -> Iterator[CommandFor]:
    """What was kept for them is given back, as of any need that is withdrawn."""
    by = gone.moved_by if isinstance(gone, ChildMoved | HouseholdMoved) else gone.recorded_by
    for each in gone.lets_go:
        command = LetNeedGo(reason=each.reason, withdrawn_by=by, happened_at=gone.happened_at)
        yield CommandFor(need, stream(each.need_id), command)


REACTIONS = [
    Reaction("reserve-the-need", NeedCovered, reserve, begins="first"),
    Reaction("release-the-need", NeedUncovered, release, begins="first"),
    Reaction("meet-the-need", SupportDelivered, meet, begins="first"),
    Reaction("pass-roles-on", UnitRolesPassed, pass_roles_on, begins="first"),
    Reaction("let-needs-of-a-moved-child-go", ChildMoved, let_needs_go, begins="first"),
    Reaction("let-needs-of-a-child-that-left-go", ChildLeft, let_needs_go, begins="first"),
    Reaction("let-needs-of-a-moved-household-go", HouseholdMoved, let_needs_go, begins="first"),
    Reaction("let-needs-of-a-household-that-left-go", HouseholdLeft, let_needs_go, begins="first"),
]
