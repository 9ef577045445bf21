import pytest

from eventing.event_store import EventStore
from eventing.memory_store import MemoryStore
from tests.eventing.store_suite import StoreSuite, store

__all__ = ["store"]


@pytest.fixture
def stores() -> tuple[EventStore, EventStore]:
    log = MemoryStore("donations")
    return log, log


class TestMemoryStore(StoreSuite):
    pass
