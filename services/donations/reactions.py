"""What donations does when something has happened, here or elsewhere."""

from collections.abc import Iterator

from contracts.allocation import SupportDelivered
from contracts.donations import Account, ContributionAccepted, ContributionCorrected, EntryLine
from eventing.decider import CommandFor
from eventing.ids import beside, mark
from eventing.reactions import Reaction
from eventing.record import Recorded
from programmes import packs
from services.donations.domain.correction import quantity_accepted
from services.donations.domain.fund import BookEntry, fund
from services.donations.domain.fund import stream as fund_stream
from services.donations.domain.pledge import CountContribution, pledge
from services.donations.domain.pledge import stream as pledge_stream


def count_for_its_pledge(accepted: ContributionAccepted, _: Recorded) -> Iterator[CommandFor]:
    if accepted.pledge_id is not None:
        command = CountContribution(
            contribution_id=accepted.contribution_id,
            correction=0,
            quantity=quantity_accepted(accepted),
            happened_at=accepted.happened_at,
        )
        yield CommandFor(pledge, pledge_stream(accepted.pledge_id), command)


def count_again_for_its_pledge(
    corrected: ContributionCorrected, _: Recorded
) -> Iterator[CommandFor]:
    if corrected.pledge_id is not None:
        command = CountContribution(
            contribution_id=corrected.contribution_id,
            correction=corrected.number,
            quantity=quantity_accepted(corrected),
            happened_at=corrected.happened_at,
        )
        yield CommandFor(pledge, pledge_stream(corrected.pledge_id), command)


def book_what_was_delivered(
    delivered: SupportDelivered, recorded: Recorded
) -> Iterator[CommandFor]:
    """Money of a fund. What a sponsor hands over never was in one.

    A signature moves nothing at the bank: it accounts for money that was advanced, or says that a
    partner who did it, a hospital say, is to be paid.
    """
    if delivered.fund_id is not None and packs.installed().is_money(delivered.measure):
        by_partner = packs.installed().tells_of_health(delivered.category)
        against: Account = "partners" if by_partner else "advances"
        command = BookEntry(
            entry_id=beside(recorded.event_id, mark(b"delivered", delivered.line_id.bytes)),
            lines=(
                EntryLine(account="support-delivered", debit=delivered.quantity, credit=0),
                EntryLine(account=against, debit=0, credit=delivered.quantity),
            ),
            paper=str(delivered.line_id),
            happened_at=delivered.happened_at,
        )
        yield CommandFor(fund, fund_stream(delivered.fund_id), command)


REACTIONS = [
    Reaction("count-for-its-pledge", ContributionAccepted, count_for_its_pledge, begins="first"),
    Reaction(
        "count-again-for-its-pledge",
        ContributionCorrected,
        count_again_for_its_pledge,
        begins="first",
    ),
    Reaction("book-what-was-delivered", SupportDelivered, book_what_was_delivered, begins="first"),
]
