import asyncio
from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import ChildShareFreed, ChildShareTaken
from eventing.decider import Rejection
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.memory_store import MemoryStore
from eventing.record import Why
from programmes.days import season_of
from services.registry.domain.child_share import (
    ChildHasItsShare,
    FreeShare,
    TakeShare,
    child_share,
    stream,
)
from services.registry.domain.need import need
from tests.services.registry.samples import CHILD, LINE, NEED, PROGRAMME, TUESDAY, VERIFIER
from tests.services.registry.test_need import (
    OPEN,
    OPEN_FOR_THREE,
    opened,
    recorded,
    release,
    reserved,
    verify,
    withdraw,
    withdrawn,
)
from tests.support.spec import Given

OTHER_NEED = UUID(int=7_001)
SHARE = stream(CHILD, "warm-clothes", 2024)
take = TakeShare(
    child_id=CHILD,
    category="warm-clothes",
    season=2024,
    need_id=NEED,
    programme_id=PROGRAMME,
    quantity=1,
    at_most=2,
    happened_at=TUESDAY,
)
free = FreeShare(need_id=NEED, quantity=1, happened_at=TUESDAY)
taken = ChildShareTaken(
    child_id=CHILD,
    category="warm-clothes",
    season=2024,
    need_id=NEED,
    programme_id=PROGRAMME,
    quantity=1,
    quantity_taken=1,
    happened_at=TUESDAY,
)
freed = ChildShareFreed(
    child_id=CHILD,
    category="warm-clothes",
    season=2024,
    need_id=NEED,
    programme_id=PROGRAMME,
    quantity=1,
    quantity_taken=0,
    happened_at=TUESDAY,
)


def test_a_need_takes_its_part_once_and_what_is_freed_may_be_taken():
    Given(child_share).when(take).then(taken)
    Given(child_share, taken).when(take).then_nothing()
    Given(child_share, taken).when(free).then(freed)
    Given(child_share, taken, freed).when(free).then_nothing()
    Given(child_share).when(free).then_nothing()
    too_much = replace(take, need_id=OTHER_NEED, quantity=2)
    Given(child_share, taken).when(too_much).then_rejected(ChildHasItsShare)
    Given(child_share, taken, freed).when(too_much).then(
        replace(taken, need_id=OTHER_NEED, quantity=2, quantity_taken=2)
    )


def test_each_need_is_judged_by_its_own_programmes_rule():
    strict = replace(take, need_id=OTHER_NEED, at_most=1)
    Given(child_share, taken).when(strict).then_rejected(ChildHasItsShare)


needs = st.sampled_from([UUID(int=number) for number in range(1, 5)])
commands = st.one_of(
    st.builds(
        lambda one, quantity: replace(take, need_id=one, quantity=quantity),
        needs,
        st.integers(1, 3),
    ),
    st.builds(
        lambda one, quantity: replace(free, need_id=one, quantity=quantity),
        needs,
        st.integers(1, 4),
    ),
)


@given(st.lists(commands, max_size=20))
def test_it_never_exceeds_what_the_rules_give_and_is_what_is_left(history):
    past, left = [], Counter()
    for command in history:
        try:
            new = child_share.decide(command, child_share.fold(past))
        except Rejection:
            assert left.total() + command.quantity > 2
            continue
        for event in new:
            left[event.need_id] += (
                event.quantity if isinstance(event, ChildShareTaken) else -event.quantity
            )
            assert 0 <= left.total() <= 2
            assert event.quantity_taken == left.total()
            assert left[event.need_id] >= 0
        past += new


def shares(command, *past):
    state = need.fold(past)
    events = need.decide(command, state)
    return [each.command for each in need.also(command, state, events) if each.stream == SHARE]


def test_a_need_that_opens_takes_and_one_that_is_withdrawn_frees_what_is_not_kept():
    assert shares(verify(), recorded) == [take]
    assert shares(verify(), *OPEN) == []
    assert shares(withdraw(), recorded) == []
    assert shares(withdraw(), *OPEN) == [free]
    kept = reserved(2, LINE)
    assert shares(withdraw(), *OPEN_FOR_THREE, kept) == [free]
    assert shares(release(), *OPEN_FOR_THREE, kept) == []
    assert shares(release(), *OPEN_FOR_THREE, kept, withdrawn) == [replace(free, quantity=2)]


def test_of_a_group_nobody_knows_who_gets_it():
    of_a_group = (
        replace(recorded, child_id=None, household_id=None, group_id=CHILD),
        OPEN[1],
        replace(opened, child_id=None, group_id=CHILD),
    )
    assert shares(withdraw(), *of_a_group) == []


async def test_of_two_needs_that_open_at_once_the_second_sees_the_first():
    store = MemoryStore("registry")
    desks = [Executor(store, lambda: TUESDAY) for _ in range(2)]

    async def ask(desk, number):
        command = replace(take, need_id=UUID(int=number), quantity=2)
        context = CommandContext(Key(VERIFIER, uuid4(), b""), Why(actor=VERIFIER))
        await desk.execute(child_share, SHARE, command, context)

    answers = await asyncio.gather(
        *(ask(desk, number) for number, desk in enumerate(desks, 1)), return_exceptions=True
    )
    refused = [type(answer) for answer in answers if isinstance(answer, Exception)]
    assert refused == [ChildHasItsShare]
    assert len(store._log) == 1


@pytest.mark.parametrize(
    ("on", "season"),
    [
        (date(2024, 6, 30), 2023),
        (date(2024, 7, 1), 2024),
        (date(2024, 12, 31), 2024),
        (date(2025, 1, 1), 2024),
    ],
)
def test_a_season_begins_on_the_first_of_july(on, season):
    assert season_of(on) == season
