"""What donations does when something has happened, here or elsewhere."""

from collections.abc import Iterator
from uuid import uuid5

from contracts.allocation import DeliveryLineSigned
from contracts.donations import ContributionAccepted, EntryLine
from eventing.decider import Give
from eventing.reactions import Reaction
from eventing.record import Recorded
from services.donations.domain.contribution import quantity_accepted
from services.donations.domain.fund import BookEntry, fund
from services.donations.domain.fund import stream as fund_stream
from services.donations.domain.pledge import CountContribution, pledge
from services.donations.domain.pledge import stream as pledge_stream


def count_for_its_pledge(accepted: ContributionAccepted, _: Recorded) -> Iterator[Give]:
    if accepted.pledge_id is not None:
        command = CountContribution(
            contribution_id=accepted.contribution_id,
            quantity=quantity_accepted(accepted),
            happened_at=accepted.happened_at,
        )
        yield Give(pledge, pledge_stream(accepted.pledge_id), command)


def book_what_was_delivered(signed: DeliveryLineSigned, _: Recorded) -> Iterator[Give]:
    if signed.measure == "dong":
        command = BookEntry(
            entry_id=uuid5(signed.line_id, "delivered"),
            lines=(
                EntryLine(account="support-delivered", debit=signed.quantity, credit=0),
                EntryLine(account="bank", debit=0, credit=signed.quantity),
            ),
            paper=str(signed.line_id),
            happened_at=signed.happened_at,
        )
        yield Give(fund, fund_stream(signed.fund_id), command)


REACTIONS = [
    Reaction("count-for-its-pledge", ContributionAccepted, count_for_its_pledge, begins="first"),
    Reaction(
        "book-what-was-delivered", DeliveryLineSigned, book_what_was_delivered, begins="first"
    ),
]
