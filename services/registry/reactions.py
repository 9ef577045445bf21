"""What registry does when something has happened elsewhere: needs follow what allocation did.

Nothing here is refused: what was kept and what arrived is so, even beyond what was asked for.
"""

from collections.abc import Iterator

from contracts.allocation import (
    DeliveryLineSigned,
    DirectGiftRatified,
    NeedCovered,
    NeedUncovered,
)
from eventing.decider import Give
from eventing.reactions import Reaction
from eventing.record import Recorded
from services.registry.domain.need import need, stream
from services.registry.domain.need_support import CountArrived, CountReleased, CountReserved


def reserve(covered: NeedCovered, _: Recorded) -> Iterator[Give]:
    command = CountReserved(
        line_id=covered.line_id, quantity=covered.quantity, happened_at=covered.happened_at
    )
    yield Give(need, stream(covered.need_id), command)


def release(uncovered: NeedUncovered, _: Recorded) -> Iterator[Give]:
    command = CountReleased(line_id=uncovered.line_id, happened_at=uncovered.happened_at)
    yield Give(need, stream(uncovered.need_id), command)


def meet_by_delivery(signed: DeliveryLineSigned, _: Recorded) -> Iterator[Give]:
    command = CountArrived(
        line_id=signed.line_id, quantity=signed.quantity, happened_at=signed.happened_at
    )
    yield Give(need, stream(signed.need_id), command)


def meet_by_direct_gift(ratified: DirectGiftRatified, _: Recorded) -> Iterator[Give]:
    command = CountArrived(
        line_id=ratified.direct_gift_id,
        quantity=ratified.quantity,
        happened_at=ratified.happened_at,
    )
    yield Give(need, stream(ratified.need_id), command)


REACTIONS = [
    Reaction("reserve-the-need", NeedCovered, reserve, begins="first"),
    Reaction("release-the-need", NeedUncovered, release, begins="first"),
    Reaction("meet-the-need-by-delivery", DeliveryLineSigned, meet_by_delivery, begins="first"),
    Reaction(
        "meet-the-need-by-direct-gift", DirectGiftRatified, meet_by_direct_gift, begins="first"
    ),
]
