"""How an organisation begins: what an operator does once, before anybody can sign in.

Takes over the units of an earlier register, and appoints the first organisation keeper. A second
time changes nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from console.history import take_over
from eventing.clock import Clock
from eventing.execute import Executor
from eventing.installation import Installation
from eventing.key_database import KeyDatabase
from eventing.postgres_store import PostgresStore
from services.registry.first_keeper import appoint_first_keeper


@dataclass(frozen=True, slots=True)
class Registry:
    """The registry's own log and keys (DSNs), as an operator reaches them."""

    log: str
    keys: str
    key_encryption_key: Path
    installation: Installation


async def found(
    registry: Registry, history: Path, keeper: UUID, name: str, unit_id: UUID, clock: Clock
) -> None:
    """Raises FirstKeeperAppointedAlready when somebody else was appointed."""
    await take_over_units(registry, history, clock)
    await appoint_keeper(registry, keeper, name, unit_id, clock)


async def take_over_units(registry: Registry, history: Path, clock: Clock) -> int:
    """Return how many events of the earlier register the log holds."""
    async with PostgresStore("registry", registry.log) as store:
        return await take_over(store, history, clock, registry.installation)


async def appoint_keeper(
    registry: Registry, person_id: UUID, name: str, unit_id: UUID, clock: Clock
) -> None:
    """Raises FirstKeeperAppointedAlready when somebody else was appointed."""
    sealer = KeyDatabase(registry.keys, registry.key_encryption_key.read_bytes())
    async with PostgresStore("registry", registry.log) as store:
        try:
            executor = Executor(store, clock, registry.installation)
            await appoint_first_keeper(executor, sealer, person_id, name, unit_id)
        finally:
            await sealer.close()
