import asyncio

import asyncpg
import pytest

from audit.checkpoint import Checkpoint
from audit.merkle import root_of
from audit.note import ED25519, Signer, read
from eventing.compared import is_there
from eventing.leadership import Fenced
from eventing.record import leaf_hash
from eventing.topics import WrongTopicSettings, ensure
from notary.keys import retire, rotate
from notary.notary import WillNotSign
from tests.eventing.readers import opened
from tests.notary.notarized import ORIGIN, SOON_S, backup_of


async def stops(task, saying):
    """The alarm, in the end, says this."""
    with pytest.raises(WillNotSign, match=saying):
        await asyncio.wait_for(task, 20)


async def test_signs_what_is_there_and_what_comes(log):
    await log.write(300)
    async with log.notary(batch_records=100) as task:
        await log.signed(300, task)
        await log.check_tree(300)
        end = await log.write(7)
        await log.signed(end, task)
        await log.check_tree(end)
    assert [each.size for each in await log.published()] == [100, 200, 300, 307]
    for each in await log.published():
        assert each == Checkpoint(ORIGIN, each.size, root_of(await log.leaves(each.size)))


async def test_what_kafka_has_not_is_not_signed(log):
    await log.write(10)
    await log.write(5, published=False)
    async with log.notary() as task:
        await log.signed(10, task)
        await asyncio.sleep(0.3)
        assert (await log.tables.newest()).size == 10
        end = await log.write(5)
        await log.signed(end, task)
    assert [each.size for each in await log.published()] == [10, 20]


async def test_an_empty_log_has_nothing_to_sign(log):
    async with log.notary() as task:
        async with asyncio.timeout(20):
            while not await is_there(log.kafka, log.topic):
                await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)
        assert not task.done()
    assert await log.published() == []


async def test_a_quiet_log_is_not_signed_again(log):
    await log.write(3)
    async with log.notary() as task:
        await log.signed(3, task)
        await asyncio.sleep(0.3)
    assert [each.size for each in await log.published()] == [3]


async def test_a_restart_reads_nothing_again(log):
    first = await log.write(600)
    async with log.notary() as task:
        await log.signed(first, task)
    leaves = await log.leaves(first)
    # Were one record read again, it would be missing.
    await log.as_owner("DELETE FROM events")
    log.writer.versions.clear()
    end = await log.write(40)
    async with log.notary() as task:
        await log.signed(end, task)
    leaves += await log.leaves(end)
    newest = await log.tables.newest()
    assert (newest.size, newest.root) == (end, root_of(leaves))


async def test_what_was_not_published_before_a_crash_is_published_after(log):
    await log.write(10)
    async with log.notary() as task:
        await log.signed(10, task)
    leaves = await log.leaves(10)
    end = await log.write(5)
    taken = await log.tables.take()
    taken.edge.extend((await log.leaves(end))[10:])
    checkpoint = Checkpoint(ORIGIN, end, taken.edge.root())
    note = checkpoint.signed(*log.keys.signers)
    await log.tables.keep(taken.epoch, 10, taken.edge, [], (checkpoint, note))
    assert [each.root for each in await log.published()] == [root_of(leaves)]
    async with log.notary() as task:
        await log.signed(end, task)
    assert (await log.published())[-1] == checkpoint


async def test_a_topic_that_was_lost_is_filled_again(log):
    await log.write(4)
    async with log.notary(batch_records=2) as task:
        await log.signed(4, task)
    log.topic += "-anew"
    async with log.notary() as task:
        end = await log.write(1)
        await log.signed(end, task)
    assert [each.size for each in await log.published()] == [2, 4, 5]


# Somebody owns the database.


async def test_a_tree_rewritten_and_signed_again_is_refused(log):
    await log.write(300)
    async with log.notary(batch_records=150) as task:
        await log.signed(300, task)
    await log.as_owner("UPDATE events SET record = record || ' ' WHERE position = 77")
    await log.forge_tree(await log.leaves(300), 150, 300)
    async with log.notary() as task:
        await stops(task, "not the one in the database")
    assert "150 records" in await log.trouble()


async def test_a_rewritten_tree_behind_the_checkpoint_that_was_published_is_refused(log):
    """The row that was published is left as it was; a larger one over other leaves is added."""
    await log.write(300)
    async with log.notary() as task:
        await log.signed(300, task)
    end = await log.write(100)
    honest = await log.tables.newest()
    await log.as_owner("UPDATE events SET record = record || ' ' WHERE position = 77")
    await log.forge_tree(await log.leaves(end), 300, end)
    await log.as_owner(
        "UPDATE checkpoints SET root = $1, note = $2 WHERE size = 300", honest.root, honest.note
    )
    async with log.notary() as task:
        await stops(task, "does not extend the checkpoint of 300")


async def test_an_honest_tree_that_a_crash_left_behind_is_no_forgery(log):
    await log.write(300)
    async with log.notary() as task:
        await log.signed(300, task)
    end = await log.write(100)
    await log.forge_tree(await log.leaves(end), 300, end)
    async with log.notary() as task:
        await log.signed(end, task)
    assert await log.trouble() is None


async def test_an_edge_that_was_changed_is_refused(log):
    await log.write(5)
    async with log.notary() as task:
        await log.signed(5, task)
    await log.as_owner("UPDATE notary SET right_edge[1] = set_byte(right_edge[1], 40, 1)")
    async with log.notary() as task:
        await stops(task, "one of them was changed")


async def test_checkpoints_that_were_forgotten_are_missed(log):
    await log.write(5)
    async with log.notary() as task:
        await log.signed(5, task)
    await log.as_owner("DELETE FROM checkpoints")
    async with log.notary() as task:
        await stops(task, "a tree, and no checkpoint")
    await log.as_owner("UPDATE notary SET size = 0, released = 0, right_edge = '{}'")
    async with log.notary() as task:
        await stops(task, "5 records was published, and the newest in the database is of 0")


async def test_a_leaf_that_is_not_its_records_is_named(log):
    await log.write(9)
    await log.as_owner("ALTER TABLE events ALTER COLUMN leaf DROP EXPRESSION")
    await log.as_owner("UPDATE events SET record = record || ' ' WHERE position = 6")
    async with log.notary() as task:
        await stops(task, "leaf at position 6")
    assert await log.published() == []


async def test_a_hole_is_named(log):
    await log.write(9)
    await log.as_owner("DELETE FROM events WHERE position = 6")
    async with log.notary() as task:
        await stops(task, "position 6 is missing")


async def test_a_log_that_is_shorter_than_what_was_signed_is_refused(log):
    await log.write(9)
    async with log.notary() as task:
        await log.signed(9, task)
    await log.as_owner("DELETE FROM events WHERE position > 7")
    await log.as_owner("UPDATE head SET position = 7")
    async with log.notary() as task:
        await stops(task, "ends at 7, and 9 records were signed")


# A database comes back from a backup.


async def test_a_backup_that_forgot_its_newest_checkpoint_stops(log):
    await log.write(10)
    async with log.notary() as task:
        await log.signed(10, task)
    async with backup_of(log) as backup:
        end = await log.write(5)
        async with log.notary() as task:
            await log.signed(end, task)
        async with backup.notary() as task:
            await stops(task, "an older database was restored")
        # It goes on as if nothing had happened, and gets to as many records.
        await backup.write(5)
        async with backup.notary() as task:
            await stops(task, "an older database was restored")
        assert await backup.one("SELECT count(*) FROM checkpoints") == 1
    assert [each.size for each in await log.published()] == [10, 15]


async def test_a_copy_that_signed_its_own_history_makes_both_stop(log):
    await log.write(10)
    async with log.notary() as task:
        await log.signed(10, task)
        async with backup_of(log) as backup:
            await backup.write(3)
            async with backup.notary() as fork:
                await backup.signed(13, fork)
            await log.write(5)
            await stops(task, "a copy signs too")


async def test_a_forked_checkpoint_is_refused_by_a_notary_at_work(log):
    await log.write(10)
    async with log.notary() as task:
        await log.signed(10, task)
        fork = Checkpoint(ORIGIN, 10, leaf_hash(b"for other eyes"))
        await log.put_on_topic(fork.signed(*log.keys.signers))
        await stops(task, "10 records that was published is not the one in the database")
        await log.write(1)
    async with log.notary() as task:
        await stops(task, "not the one in the database")
    assert (await log.tables.newest()).size == 10


async def test_an_alarm_stays_while_it_is_looked_into_again(log):
    await log.write(3)
    await log.as_owner("DELETE FROM events WHERE position = 2")
    async with log.notary() as task:
        await stops(task, "missing")
    said = set()

    async def watch():
        while True:
            said.add(await log.trouble())
            await asyncio.sleep(0.005)

    watching = asyncio.ensure_future(watch())
    async with log.notary() as task:
        await stops(task, "missing")
    watching.cancel()
    assert len(said) == 1
    assert None not in said


@pytest.mark.parametrize(
    ("origin", "seed"),
    [(ORIGIN, b"\x09" * 32), ("vongtay.test/first", None)],
    ids=["another key", "another log"],
)
async def test_a_note_of_somebody_else_is_passed_over(log, origin, seed):
    await log.write(10)
    async with log.notary() as task:
        await log.signed(10, task)
    signer = Signer(origin, ED25519, seed or log.keys.signers[0].seed)
    forged = Checkpoint(origin, 10, b"\0" * 32).signed(signer)
    async with log.notary() as task:
        await log.put_on_topic(forged, "hello", "")
        end = await log.write(5)
        await log.signed(end, task)
    async with log.notary() as task:
        await log.put_on_topic(forged)
        end = await log.write(5)
        await log.signed(end, task)
    assert await log.trouble() is None


async def test_a_topic_that_forgets_is_refused(log, stack):
    await ensure(log.kafka, log.topic, 5, 1)
    await log.write(1)
    async with log.notary() as task:
        with pytest.raises(WrongTopicSettings, match="5 partitions instead of 2"):
            await asyncio.wait_for(task, 20)
    assert "5 partitions" in await log.trouble()


# Two notaries; keys.


async def test_of_two_one_leads_and_the_other_takes_over(log):
    async with log.notary() as first, log.notary() as second:
        end = await log.write(20)
        await log.signed(end)
        assert await log.one("SELECT epoch FROM notary") == 1
        # Whichever leads dies, session and all.
        await log.as_owner(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'vongtay leader' AND datname = current_database() AND pid ="
            " (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1)"
        )
        end = await log.write(20)
        await log.signed(end)
        assert await log.one("SELECT epoch FROM notary") == 2
        assert not first.done()
        assert not second.done()
    await log.check_tree(end)
    sizes = [each.size for each in await log.published()]
    assert sizes == sorted(set(sizes))


async def test_one_that_wakes_too_late_is_fenced(log):
    await log.write(10)
    frozen = await log.tables.take()
    async with log.notary() as task:
        await log.signed(10, task)
        frozen.edge.extend([leaf_hash(b"what the frozen one saw")])
        stale = Checkpoint(ORIGIN, 1, frozen.edge.root())
        signed = (stale, stale.signed(*log.keys.signers))
        for write in (
            log.tables.keep(frozen.epoch, 0, frozen.edge, [(0, 0, bytes(8192))], signed),
            log.tables.release(frozen.epoch, 0),
            log.tables.trouble(frozen.epoch, "stale"),
        ):
            with pytest.raises(Fenced):
                await write
        end = await log.write(1)
        await log.signed(end, task)
    assert await log.one("SELECT count(*) FROM tiles") == 0
    await log.check_tree(end)


async def test_a_note_that_a_frozen_one_publishes_again_does_no_harm(log):
    await log.write(10)
    async with log.notary() as task:
        await log.signed(10, task)
        old = await log.tables.newest()
        end = await log.write(5)
        await log.signed(end, task)
        await log.put_on_topic(old.note)
        end = await log.write(5)
        await log.signed(end, task)
    async with log.notary() as task:
        end = await log.write(5)
        await log.signed(end, task)
    assert [each.size for each in await log.published()] == [10, 15, 10, 20, 25]


async def test_while_a_key_is_replaced_both_sign(log):
    await log.write(1)
    async with log.notary() as task:
        await log.signed(1, task)
    (old,) = log.keys.verifiers
    new = rotate(log.private, log.public)
    end = await log.write(1)
    async with log.notary() as task:
        await log.signed(end, task)
    both = read((await log.tables.newest()).note)
    assert both.signed_by(old)
    assert both.signed_by(new)
    assert retire(log.private) == [old]
    end = await log.write(1)
    async with log.notary() as task:
        await log.signed(end, task)
    newest = read((await log.tables.newest()).note)
    assert newest.signed_by(new)
    assert not newest.signed_by(old)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tiles SET number = 7",
        "DELETE FROM tiles",
        "TRUNCATE tiles",
        "UPDATE checkpoints SET root = sha256('')",
        "DELETE FROM checkpoints",
        "TRUNCATE checkpoints",
    ],
)
async def test_nothing_that_was_signed_is_changed(log, statement):
    await log.write(256)
    async with log.notary() as task:
        await log.signed(256, task)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await log.database.pool.execute(statement)
    owner = await asyncpg.connect(log.database.owner)
    try:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="append-only"):
            await owner.execute(statement)
    finally:
        await owner.close()
    await log.check_tree(256)


async def test_what_kafka_does_not_have_is_not_signed(log):
    await log.write(10)
    async with log.notary() as task:
        await log.signed(10, task)
        await log.writer.write(*(opened(number) for number in range(5)))
        await asyncio.sleep(10 * SOON_S)
        assert await log.one("SELECT size FROM notary") == 10
        await log.database.pool.execute("UPDATE relay SET published = 15")
        await log.signed(15, task)
