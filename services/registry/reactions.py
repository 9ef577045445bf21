"""What registry does when something has happened: needs follow what allocation did, roles units.

Nothing here is refused: what was kept and what arrived is so, even beyond what was asked for.
"""

from collections.abc import Iterator

from contracts.allocation import NeedCovered, NeedUncovered, SupportDelivered
from contracts.registry import UnitRolesPassed
from eventing.decider import CommandFor
from eventing.reactions import Reaction
from eventing.record import Recorded
from services.registry.domain.need import need, stream
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


REACTIONS = [
    Reaction("reserve-the-need", NeedCovered, reserve, begins="first"),
    Reaction("release-the-need", NeedUncovered, release, begins="first"),
    Reaction("meet-the-need", SupportDelivered, meet, begins="first"),
    Reaction("pass-roles-on", UnitRolesPassed, pass_roles_on, begins="first"),
]
