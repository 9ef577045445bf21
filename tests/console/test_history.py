from datetime import UTC, datetime

from console.history import take_over
from console.season.pack import PACK
from contracts.registry import UnitEstablished
from eventing.installation import NOWHERE
from eventing.memory_store import MemoryStore
from eventing.record import decode, decode_envelope

HISTORY = PACK / "history" / "registry.ndjson"


def now():
    return datetime(2024, 9, 3, tzinfo=UTC)


async def test_the_earlier_units_are_taken_over_in_their_own_version():
    store = MemoryStore("registry")
    assert await take_over(store, HISTORY, now, NOWHERE) == 16
    log = await store.log(0, 100)
    assert {decode_envelope(stored.record).typeversion for stored in log} == {1}
    units = [decode(stored).event for stored in log]
    assert all(isinstance(unit, UnitEstablished) for unit in units)
    priorities = {unit.name for unit in units if unit.priority}
    assert priorities == {"Ba Vì", "Khánh Thượng", "Yên Bài", "An Phú"}


async def test_taking_over_again_changes_nothing():
    store = MemoryStore("registry")
    await take_over(store, HISTORY, now, NOWHERE)
    assert await take_over(store, HISTORY, now, NOWHERE) == 16
    assert await store.head() == 16
