from datetime import timedelta
from uuid import UUID

from contracts.notifications import InboxRead
from services.notifications.domain.inbox import ReadInbox, inbox
from tests.support.house import MONDAY
from tests.support.spec import Given

PERSON = UUID(int=1)
LATER = MONDAY + timedelta(hours=1)


def read(up_to, at=LATER):
    return ReadInbox(person_id=PERSON, up_to=up_to, happened_at=at)


def was_read(up_to, at=LATER):
    return InboxRead(person_id=PERSON, up_to=up_to, happened_at=at)


def test_it_is_read_up_to_a_letter():
    Given(inbox).when(read(MONDAY)).then(was_read(MONDAY))


def test_what_was_read_is_read_once_and_stays_so():
    Given(inbox, was_read(MONDAY)).when(read(MONDAY)).then_nothing()
    Given(inbox, was_read(LATER)).when(read(MONDAY)).then_nothing()
    Given(inbox, was_read(MONDAY)).when(read(LATER)).then(was_read(LATER))


def test_nobody_reads_what_is_not_due_yet():
    Given(inbox).when(read(LATER + timedelta(days=365))).then(was_read(LATER))
