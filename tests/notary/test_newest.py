import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from audit.checkpoint import Checkpoint
from audit.note import ED25519, Signer
from notary.newest import NewestCheckpoints, follow, read_all
from tests.notary.notarized import LOGS, SERVICE

AT = datetime(2024, 10, 7, 2, tzinfo=UTC)
SIGNER = Signer("vongtay.test/second", ED25519, b"\x01" * 32)


def note(size, root=b"\x03"):
    return Checkpoint("vongtay.test/second", size, root * 32).signed(SIGNER)


@pytest.fixture
def newest():
    return NewestCheckpoints()


def test_the_largest_is_the_newest_in_whatever_order_they_come(newest):
    for size in (10, 30, 20, 30):
        newest.take("second", note(size), AT)
    found = newest.of("second")
    assert (found.size, found.root, found.note) == (30, b"\x03" * 32, note(30))
    assert (found.service, found.origin) == ("second", "vongtay.test/second")
    assert not found.forked
    assert newest.of("first") is None
    assert newest.all.keys() == {"second"}


def test_two_histories_are_told_and_stay_told(newest):
    newest.take("second", note(10), AT)
    newest.take("second", note(10, b"\x04"), AT)
    assert newest.of("second").forked
    assert newest.of("second").note == note(10)
    newest.take("second", note(11), AT)
    assert (newest.of("second").size, newest.of("second").forked) == (11, True)


def test_what_is_no_checkpoint_changes_nothing(newest):
    newest.take("second", note(10), AT)
    for text in ("", "something else", "a\n\nb\n"):
        newest.take("second", text, AT)
    assert newest.of("second").size == 10


async def test_all_that_the_topic_has_is_read_once(log, newest):
    ends = []
    for _ in range(3):
        ends.append(await log.write(5))
        async with log.notary() as task:
            await log.signed(ends[-1], task)
    await read_all(log.kafka, newest, topic=log.topic, logs=LOGS)
    assert newest.of(SERVICE).size == ends[-1]
    assert newest.largest(SERVICE, 0, ends[0]).size == ends[0]


async def test_the_topic_is_followed_from_before_it_is_there(log, newest):
    following = asyncio.ensure_future(follow(log.kafka, newest, topic=log.topic, logs=LOGS))
    try:
        for _ in range(2):
            end = await log.write(5)
            async with log.notary() as task:
                await log.signed(end, task)
            async with asyncio.timeout(20):
                while (found := newest.of(SERVICE)) is None or found.size < end:
                    assert not following.done()
                    await asyncio.sleep(0.02)
            assert found.note == (await log.tables.newest()).note
            assert abs((datetime.now(UTC) - found.published_at).total_seconds()) < 60
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
