"""Approving reserves and covers: three streams, one append, over the store."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.allocation import (
    AllocationApproved,
    AllocationLine,
    AllocationLineRefused,
    LotReserved,
    NeedCovered,
)
from eventing.decider import Decider, Rejection
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.memory_store import MemoryStore
from eventing.record import Why, decode
from services.allocation.domain import allocation as allocations
from services.allocation.domain import lot as lots
from services.allocation.domain import need_cover as covers
from services.allocation.domain.allocation import (
    ApproveAllocation,
    ProposeAllocation,
    ReleaseLines,
    allocation,
)
from services.allocation.domain.line import LineProposedAlready
from services.allocation.domain.lot import LotOfAnotherProgramme, MoreThanTheLotHolds, OpenLot, lot
from services.allocation.domain.need_cover import (
    NeedCoveredAlready,
    NeedOfAnotherProgramme,
    OpenCover,
    need_cover,
)
from tests.services.allocation.examples import (
    ALLOCATION,
    APPROVER,
    COORDINATOR,
    LINE,
    LOT,
    MONDAY,
    NEED,
    OTHER_ALLOCATION,
    OTHER_LINE,
    OTHER_LOT,
    OTHER_NEED,
    PROGRAMME,
    RULES,
    cover_opened,
    facts,
    line,
    opened,
)

OTHER_PROGRAMME = UUID(int=60)


class Desk:
    """Commands given one after the other, or at once, to one store."""

    def __init__(self) -> None:
        self.store = MemoryStore("allocation")
        self.executor = Executor(self.store, lambda: MONDAY)

    async def give(
        self, decider: Decider[Any, Any, Any], stream: str, command: Any, key: UUID | None = None
    ) -> int:
        asked = CommandContext(Key(APPROVER, key or uuid4(), b""), Why(actor=APPROVER))
        return await self.executor.execute(decider, stream, command, asked)

    async def open_lot(self, lot_id: UUID = LOT, **changed: object) -> None:
        command = OpenLot(**(facts(opened) | {"lot_id": lot_id} | changed))
        await self.give(lot, lots.stream(lot_id), command)

    async def open_need(self, need_id: UUID = NEED, **changed: object) -> None:
        command = OpenCover(**(facts(cover_opened) | {"need_id": need_id} | changed))
        await self.give(need_cover, covers.stream(need_id), command)

    async def propose(self, allocation_id: UUID, *lines: AllocationLine) -> None:
        command = ProposeAllocation(
            allocation_id=allocation_id,
            programme_id=PROGRAMME,
            run_id=None,
            lines=tuple(replace(one, allocation_id=allocation_id) for one in lines),
            rules=RULES,
            matched_by=None,
            proposed_by=COORDINATOR,
            happened_at=MONDAY,
        )
        await self.give(allocation, allocations.stream(allocation_id), command)

    async def approve(self, allocation_id: UUID, key: UUID | None = None) -> int:
        command = ApproveAllocation(approved_by=APPROVER, happened_at=MONDAY)
        return await self.give(allocation, allocations.stream(allocation_id), command, key)

    async def release(self, allocation_id: UUID, *line_ids: UUID) -> None:
        command = ReleaseLines(line_ids=line_ids, released_by=COORDINATOR, happened_at=MONDAY)
        await self.give(allocation, allocations.stream(allocation_id), command)

    def events(self, since: int = 0) -> list[Any]:
        return [decode(stored).event for stored in self.store._log[since:]]


async def test_approving_reserves_and_covers_in_the_same_append() -> None:
    desk = Desk()
    await desk.open_lot()
    await desk.open_need()
    await desk.propose(ALLOCATION, line)
    since = len(desk.events())
    await desk.approve(ALLOCATION)
    assert [type(event) for event in desk.events(since)] == [
        AllocationApproved,
        LotReserved,
        NeedCovered,
    ]


async def test_a_line_that_cannot_be_kept_is_refused_alone() -> None:
    desk = Desk()
    await desk.open_lot(quantity=1)
    await desk.open_need()
    await desk.open_need(OTHER_NEED)
    await desk.propose(ALLOCATION, line, replace(line, line_id=OTHER_LINE, need_id=OTHER_NEED))
    since = len(desk.events())
    await desk.approve(ALLOCATION)
    events = desk.events(since)
    assert [type(event) for event in events] == [
        AllocationApproved,
        AllocationLineRefused,
        LotReserved,
        NeedCovered,
    ]
    assert (events[1].line_id, events[1].code) == (OTHER_LINE, "more-than-the-lot-holds")
    assert events[2].line_id == LINE


async def test_nothing_of_a_line_happens_when_half_of_it_is_refused() -> None:
    desk = Desk()
    await desk.open_lot()
    await desk.open_need()
    await desk.propose(ALLOCATION, line)
    await desk.propose(OTHER_ALLOCATION, replace(line, line_id=OTHER_LINE))
    await desk.approve(ALLOCATION)
    since = len(desk.events())
    with pytest.raises(NeedCoveredAlready) as refusal:
        await desk.approve(OTHER_ALLOCATION)
    assert refusal.value.covered_by == (LINE,)
    assert desk.events(since) == []
    await desk.open_need(OTHER_NEED)
    await desk.propose(UUID(int=500), replace(line, line_id=UUID(int=501), need_id=OTHER_NEED))
    await desk.approve(UUID(int=500))


@pytest.mark.parametrize("other", [line, replace(line, lot_id=OTHER_LOT, need_id=OTHER_NEED)])
async def test_a_line_id_means_one_line_of_one_allocation(other: AllocationLine) -> None:
    desk = Desk()
    await desk.propose(ALLOCATION, line)
    since = len(desk.events())
    with pytest.raises(LineProposedAlready):
        await desk.propose(OTHER_ALLOCATION, other)
    assert desk.events(since) == []


async def test_what_is_given_back_can_be_given_to_another() -> None:
    desk = Desk()
    await desk.open_lot(quantity=1)
    await desk.open_need()
    await desk.open_need(OTHER_NEED)
    await desk.propose(ALLOCATION, line)
    await desk.propose(OTHER_ALLOCATION, replace(line, line_id=OTHER_LINE, need_id=OTHER_NEED))
    await desk.approve(ALLOCATION)
    await desk.release(ALLOCATION, LINE)
    await desk.approve(OTHER_ALLOCATION)


async def test_the_same_approval_sent_again_gets_the_same_answer() -> None:
    desk, key = Desk(), uuid4()
    await desk.open_lot()
    await desk.open_need()
    await desk.propose(ALLOCATION, line)
    assert await desk.approve(ALLOCATION, key) == await desk.approve(ALLOCATION, key)


async def test_fifty_approvals_against_a_lot_of_ten_leave_forty_refusals() -> None:
    desk = Desk()
    await desk.open_lot(quantity=10)
    ids = [UUID(int=1000 + number) for number in range(50)]
    for one in ids:
        await desk.open_need(one)
        await desk.propose(one, replace(line, line_id=one, need_id=one))
    since = len(desk.events())
    outcomes = await asyncio.gather(*map(desk.approve, ids), return_exceptions=True)
    refusals = [outcome for outcome in outcomes if isinstance(outcome, MoreThanTheLotHolds)]
    assert [refusal.quantity_free for refusal in refusals] == [0] * 40
    kinds = [type(event) for event in desk.events(since)]
    assert kinds.count(LotReserved) == kinds.count(NeedCovered) == 10
    assert kinds.count(AllocationApproved) == 10


async def test_a_lot_of_one_programme_is_never_approved_for_a_need_of_another() -> None:
    desk = Desk()
    await desk.open_lot(programme_id=OTHER_PROGRAMME)
    await desk.open_need()
    await desk.propose(ALLOCATION, line)
    with pytest.raises(LotOfAnotherProgramme):
        await desk.approve(ALLOCATION)
    await desk.open_lot(OTHER_LOT)
    await desk.open_need(OTHER_NEED, programme_id=OTHER_PROGRAMME)
    elsewhere = replace(line, line_id=OTHER_LINE, lot_id=OTHER_LOT, need_id=OTHER_NEED)
    await desk.propose(OTHER_ALLOCATION, elsewhere)
    with pytest.raises(NeedOfAnotherProgramme):
        await desk.approve(OTHER_ALLOCATION)
    assert not [event for event in desk.events() if isinstance(event, LotReserved | NeedCovered)]


async def test_the_last_of_one_need_is_covered_from_one_of_two_lots() -> None:
    desk = Desk()
    await desk.open_lot()
    await desk.open_lot(OTHER_LOT)
    await desk.open_need()
    await desk.propose(ALLOCATION, line)
    await desk.propose(OTHER_ALLOCATION, replace(line, line_id=OTHER_LINE, lot_id=OTHER_LOT))
    outcomes = await asyncio.gather(
        desk.approve(ALLOCATION), desk.approve(OTHER_ALLOCATION), return_exceptions=True
    )
    (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, Rejection)]
    assert isinstance(refusal, NeedCoveredAlready)
    (covered,) = [event for event in desk.events() if isinstance(event, NeedCovered)]
    assert vars(refusal) == {"quantity_open": 0, "covered_by": (covered.line_id,)}
