"""What registry does when something has happened elsewhere: needs follow what allocation did.

Nothing here is refused: what was kept and what arrived is so, even beyond what was asked for.
"""

from collections.abc import Iterator

from contracts.allocation import NeedCovered, NeedUncovered, SupportDelivered
from eventing.decider import CommandFor
from eventing.reactions import Reaction
from eventing.record import Recorded
from services.registry.domain.need import need, stream
from services.registry.domain.need_support import CountArrived, CountReleased, CountReserved


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


REACTIONS = [
    Reaction("reserve-the-need", NeedCovered, reserve, begins="first"),
    Reaction("release-the-need", NeedUncovered, release, begins="first"),
    Reaction("meet-the-need", SupportDelivered, meet, begins="first"),
]
