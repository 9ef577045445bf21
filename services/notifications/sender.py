"""Takes what is due to the mail server, one letter after another, under one leader.

An attempt is recorded before it is made and its outcome after it. A leader that finds an attempt
without an outcome, which another process left, says that nobody knows.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from edge.who_may_where import units
from eventing.all_rows import all_rows
from eventing.clock import Clock
from eventing.decider import Rejection
from eventing.event_store import Key, OutcomeUnknown
from eventing.execute import Busy, CommandContext, Executor
from eventing.ids import beside, by_time, mark
from eventing.leadership import INFRASTRUCTURE
from eventing.record import Why
from eventing.rows import Rows
from eventing.sealing import Sealer
from services.notifications.contacts import AskContact, Contact, ContactOutOfReach
from services.notifications.domain import checkpoint_news, sponsor_news
from services.notifications.domain.message import (
    Outcome,
    Owed,
    RecordFailure,
    RecordSent,
    RecordUnknownOutcome,
    message,
    stream,
)
from services.notifications.mail import NotTaken, OutcomeNotKnown, SendMail, letter
from services.notifications.read_models.messages import MessageRow, messages
from services.notifications.wording import word

AT_A_TIME = 100
ADDRESS_PURPOSE, ADDRESS_FIELD = "checkpoint-letters", "address"
FAILED_MAX = 1_000
WAIT_AFTER_ATTEMPT = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)


class Sender:
    def __init__(
        self,
        *,
        executor: Executor,
        rows: Rows,
        sealer: Sealer,
        clock: Clock,
        principal: UUID,
        mail_from: str,
        ask_contact: AskContact,
        send_mail: SendMail,
    ) -> None:
        self._executor = executor
        self._rows = rows
        self._sealer = sealer
        self._clock = clock
        self._principal = principal
        self._mail_from = mail_from
        self._ask_contact = ask_contact
        self._send_mail = send_mail
        self._ending = False

    def begin(self) -> None:
        self._ending = False

    def end_after_this_letter(self) -> None:
        self._ending = True

    async def turn(self) -> int:
        """Deal with what is to be done now; return how many messages that were."""
        begun = await self._rows.where(messages, status="sending", by_email=True, limit=AT_A_TIME)
        for row in begun:
            unknown = RecordUnknownOutcome(attempt=row.attempts, happened_at=self._clock())
            await self._record(row, row.attempts, unknown)
        due = await self._rows.where(messages, status="due", by_email=True, limit=AT_A_TIME)
        # Asked for apart, so that many failures that wait cannot keep a new message back.
        failed = await self._rows.where(messages, status="failed", by_email=True, limit=FAILED_MAX)
        again = [row for row in failed if try_again_at(row) <= self._clock()][:AT_A_TIME]
        for row in [*due, *again]:
            if self._ending:
                break
            await self._attempt(row)
        return len(begun) + len(due) + len(again)

    async def _attempt(self, row: MessageRow) -> None:
        there = {arrival.unit_id for arrival in row.arrivals}
        found = await all_rows(self._rows, units, unit_id=sorted(there))
        if len(found) < len(there):
            return  # a name is still on its way; the message stays due
        unit_names = {unit.unit_id: unit.name for unit in found}
        attempt = row.attempts + 1
        try:
            wanted = await self._begin(row, attempt)
        except Rejection:
            return  # the row was older than the stream
        if not wanted:
            return
        await self._record(row, attempt, await self._outcome(row, attempt, unit_names))

    async def _begin(self, row: MessageRow, attempt: int) -> bool:
        """Record the attempt, or else that nobody wants the letter any more. Raises Rejection."""
        now = self._clock()
        # A key of this process alone: the answer to another one's attempt must not be ours.
        context = self._context(row, by_time())
        if row.sponsor_id is not None:
            arrival = sponsor_news.BeginLetter(
                message_id=row.message_id, attempt=attempt, happened_at=now
            )
            news = sponsor_news.stream(row.sponsor_id)
            await self._executor.execute(sponsor_news.sponsor_news, news, arrival, context)
        else:
            assert row.person_id is not None, "a message is to a sponsor or to an auditor"
            signed = checkpoint_news.BeginLetter(
                message_id=row.message_id, attempt=attempt, happened_at=now
            )
            news = checkpoint_news.stream(row.person_id)
            await self._executor.execute(checkpoint_news.checkpoint_news, news, signed, context)
        state = await self._executor.state(message, stream(row.message_id))
        return isinstance(state, Owed) and state.status == "sending"

    async def _outcome(
        self, row: MessageRow, attempt: int, unit_names: Mapping[UUID, str]
    ) -> Outcome:
        try:
            await self._send(row, unit_names, await self._contact(row))
        except ContactOutOfReach:
            failure = NotTaken("contact-out-of-reach", passing=True)
        except NotTaken as refusal:
            failure = refusal
        except OutcomeNotKnown:
            return RecordUnknownOutcome(attempt=attempt, happened_at=self._clock())
        else:
            return RecordSent(happened_at=self._clock())
        return RecordFailure(
            attempt=attempt,
            code=failure.code,
            passing=failure.passing,
            happened_at=self._clock(),
        )

    async def _contact(self, row: MessageRow) -> Contact:
        """As it is now: a sponsor's is asked for; an auditor left an address, sealed.

        Raises ContactOutOfReach.
        """
        if row.sponsor_id is not None:
            return await self._ask_contact(row.sponsor_id)
        assert row.person_id is not None, "a message is to a sponsor or to an auditor"
        news = checkpoint_news.stream(row.person_id)
        subscribed = await self._executor.state(checkpoint_news.checkpoint_news, news)
        if isinstance(subscribed, checkpoint_news.NotSubscribed) or not subscribed.made.address:
            return Contact(name=None, email=None)
        try:
            address = await self._sealer.open(
                row.person_id, ADDRESS_PURPOSE, ADDRESS_FIELD, subscribed.made.address
            )
        except INFRASTRUCTURE as error:
            raise ContactOutOfReach from error
        return Contact(name=None, email=address)

    async def _send(
        self, row: MessageRow, unit_names: Mapping[UUID, str], contact: Contact
    ) -> None:
        if not contact.email:
            raise NotTaken("no-address", passing=False)
        wording = word(
            row.occasion,
            row.language,
            arrivals=row.arrivals,
            not_taken=row.not_taken,
            unit_names=unit_names,
            checkpoints=row.checkpoints,
            name=contact.name,
        )
        await self._send_mail(
            letter(
                row.message_id,
                wording,
                language=row.language,
                sender=self._mail_from,
                to=contact.email,
                date=self._clock(),
            )
        )

    async def _record(self, row: MessageRow, attempt: int, outcome: Outcome) -> None:
        which = f"{type(outcome).__name__} {attempt}"
        key = beside(row.due_event_id, mark(row.message_id.bytes, which.encode()))
        for last in (False, False, True):
            try:
                await self._give(row, outcome, key)
            except (Busy, OutcomeUnknown):
                # The letter may be out: a busy database alone must not make that a doubt.
                if last:
                    raise
            else:
                return

    async def _give(self, row: MessageRow, outcome: Outcome, key: UUID) -> None:
        context = self._context(row, key)
        await self._executor.execute(message, stream(row.message_id), outcome, context)

    def _context(self, row: MessageRow, key: UUID) -> CommandContext:
        why = Why(actor=self._principal, causation=row.due_event_id)
        return CommandContext(Key(self._principal, key, b""), why)


def try_again_at(row: MessageRow) -> datetime:
    """When a failed message is tried next."""
    return row.changed_at + WAIT_AFTER_ATTEMPT[row.attempts - 1]
