"""Nothing is allocated twice, whoever approves at the same instant in whichever process."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4, uuid5

from contracts.allocation import AllocationLine, LotReserved, NeedCovered
from eventing.event_store import Append, Busy, Key, Past
from eventing.execute import CommandContext, Executor
from eventing.postgres_store import PostgresStore
from eventing.record import Why, decode, decode_envelope, decode_event, encode
from services.allocation.domain import allocation, lot, need_cover
from services.allocation.domain.allocation import ApproveAllocation
from services.allocation.domain.lot import MoreThanTheLotHolds
from services.allocation.domain.need_cover import NeedCoveredAlready
from tests.eventing.racing import in_processes
from tests.eventing.readers import Database, database
from tests.eventing.store_suite import assert_sound, everything
from tests.services.allocation.examples import (
    APPROVER,
    COORDINATOR,
    LOT,
    MONDAY,
    NEED,
    OTHER_LOT,
    cover_opened,
    line,
    opened,
    proposed,
)

__all__ = ["database"]

PROCESSES = 3
TRIES_MAX = 10
Refusal = tuple[str, dict[str, Any]]


def asked() -> CommandContext:
    return CommandContext(Key(APPROVER, uuid4(), b"approve"), Why(actor=APPROVER))


async def happened(store: PostgresStore, stream: str, *events: Any) -> None:
    records = [
        encode("allocation", stream, version, uuid4(), event, MONDAY, Why(actor=COORDINATOR))
        for version, event in enumerate(events, 1)
    ]
    await store.append([Append(stream, 0, records)], asked().key)


async def propose(store: PostgresStore, *lines: AllocationLine) -> UUID:
    allocation_id = uuid4()
    proposal = replace(
        proposed(*(replace(line, allocation_id=allocation_id) for line in lines)),
        allocation_id=allocation_id,
    )
    await happened(store, allocation.stream(allocation_id), proposal)
    return allocation_id


def approve_all(number: int, dsn: str, allocations: Sequence[UUID]) -> list[Refusal | None]:
    """One process: approve every share of the allocations that is this process's, at once."""

    async def run() -> list[Refusal | None]:
        async with PostgresStore("allocation", dsn) as store:
            executor = Executor(store, lambda: MONDAY)

            async def approve(allocation_id: UUID) -> Refusal | None:
                command = ApproveAllocation(approved_by=APPROVER, happened_at=MONDAY)
                stream, once = allocation.stream(allocation_id), asked()
                for _ in range(TRIES_MAX):
                    try:
                        await executor.execute(allocation.allocation, stream, command, once)
                    except (MoreThanTheLotHolds, NeedCoveredAlready) as refusal:
                        return refusal.code, vars(refusal)
                    except Busy:
                        # On a machine that is: as a client would, with the same key.
                        continue
                    return None
                raise Busy

            return await asyncio.gather(*(approve(each) for each in allocations[number::PROCESSES]))

    return asyncio.run(run())


async def test_fifty_approvals_of_a_lot_of_ten(database: Database) -> None:
    async with PostgresStore("allocation", database.dsn) as store:
        await happened(store, lot.stream(LOT), opened)
        allocations = []
        for n in range(50):
            need_id = uuid5(NEED, str(n))
            await happened(
                store, need_cover.stream(need_id), replace(cover_opened, need_id=need_id)
            )
            allocations.append(
                await propose(store, replace(line, line_id=uuid5(need_id, "line"), need_id=need_id))
            )

        shares = await in_processes(approve_all, database.dsn, allocations, processes=PROCESSES)

        outcomes = [outcome for share in shares for outcome in share]
        assert len(outcomes) == 50
        assert outcomes.count(None) == 10
        refusals = [outcome for outcome in outcomes if outcome is not None]
        assert refusals == [("more-than-the-lot-holds", {"quantity_free": 0})] * 40
        log = await everything(store)
        assert_sound(log)
        kept = Counter(type(decode(stored).event) for stored in log)
        assert kept[LotReserved] == kept[NeedCovered] == 10
        state = await Executor(store, lambda: MONDAY).state(lot.lot, lot.stream(LOT))
        assert (state.quantity_free, len(state.kept)) == (0, 10)


async def test_the_last_unit_of_a_need_is_taken_once_from_two_lots(database: Database) -> None:
    rounds = 13
    async with PostgresStore("allocation", database.dsn) as store:
        for lot_id in (LOT, OTHER_LOT):
            await happened(
                store, lot.stream(lot_id), replace(opened, lot_id=lot_id, quantity=rounds)
            )
        pairs: list[list[UUID]] = []
        needs = [uuid5(NEED, str(n)) for n in range(rounds)]
        for need_id in needs:
            await happened(
                store, need_cover.stream(need_id), replace(cover_opened, need_id=need_id)
            )
            pairs.append(
                [
                    await propose(store, replace(line, line_id=uuid4(), need_id=need_id, lot_id=of))
                    for of in (LOT, OTHER_LOT)
                ]
            )
        # The two of each pair stand in different processes' shares.
        order = [pair[0] for pair in pairs] + [pair[1] for pair in pairs]

        shares = await in_processes(approve_all, database.dsn, order, processes=PROCESSES)

        outcomes = [outcome for share in shares for outcome in share]
        assert outcomes.count(None) == rounds
        for need_id in needs:
            past = await store.read(need_cover.stream(need_id), None)
            assert isinstance(past, Past)
            covered = [decode_event(decode_envelope(record)) for record in past.records][1:]
            assert len(covered) == 1
            # The other one is told what covers it.
            told = (
                "need-covered-already",
                {"quantity_open": 0, "covered_by": (covered[0].line_id,)},
            )
            assert outcomes.count(told) == 1
        free = 0
        for lot_id in (LOT, OTHER_LOT):
            state = await Executor(store, lambda: MONDAY).state(lot.lot, lot.stream(lot_id))
            free += state.quantity_free
        assert free == rounds
