"""How an organisation begins: what an operator does once, before anybody can sign in.

Takes over the units of an earlier register, and appoints the two keepers with whom it begins. A
second time changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from console.history import take_over
from contracts.registry import KeeperPlace
from edge.tokens import Identity
from eventing.clock import Clock
from eventing.execute import Executor
from eventing.installation import Installation
from eventing.key_database import KeyDatabase
from eventing.postgres_store import PostgresStore
from services.registry.founding_keepers import appoint_founding_keeper


@dataclass(frozen=True, slots=True)
class Registry:
    """The registry's own log and keys (DSNs), as an operator reaches them."""

    log: str
    keys: str
    key_encryption_key: Path
    installation: Installation


@dataclass(frozen=True, slots=True)
class Keeper:
    """One of the two with whom an organisation begins. `unit_id`: the unit at the top."""

    place: KeeperPlace
    person_id: UUID
    name: str
    unit_id: UUID
    identity: Identity


async def found(registry: Registry, history: Path, keepers: Sequence[Keeper], clock: Clock) -> None:
    """Raises what `appoint_founding_keeper` does."""
    await take_over_units(registry, history, clock)
    for keeper in keepers:
        await appoint_keeper(registry, keeper, clock)


async def take_over_units(registry: Registry, history: Path, clock: Clock) -> int:
    """Return how many events of the earlier register the log holds."""
    async with PostgresStore("registry", registry.log) as store:
        return await take_over(store, history, clock, registry.installation)


async def appoint_keeper(registry: Registry, keeper: Keeper, clock: Clock) -> None:
    """Raises what `appoint_founding_keeper` does."""
    sealer = KeyDatabase(registry.keys, registry.key_encryption_key.read_bytes())
    async with PostgresStore("registry", registry.log) as store:
        try:
            await appoint_founding_keeper(
                Executor(store, clock, registry.installation),
                sealer,
                keeper.place,
                keeper.person_id,
                keeper.name,
                keeper.unit_id,
                keeper.identity,
            )
        finally:
            await sealer.close()
