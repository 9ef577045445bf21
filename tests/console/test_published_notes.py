from console.taking_home import published_notes
from tests.eventing.readers import database
from tests.notary.notarized import LOGS, log

__all__ = ["database", "log"]


async def test_every_checkpoint_that_was_published_is_taken_home(log):
    assert await published_notes(log.kafka, log.topic, LOGS) == []
    await log.write(40)
    async with log.notary(batch_records=10) as task:
        await log.signed(40, task)
    notes = await published_notes(log.kafka, log.topic, LOGS)
    assert notes == [kept.note for kept in await log.tables.notes(0, 10)]
    assert len(notes) == 4
    await log.put_on_topic("by mistake", "by mistake\n\n\N{EM DASH} a b\n", "")
    assert await published_notes(log.kafka, log.topic, LOGS) == notes
