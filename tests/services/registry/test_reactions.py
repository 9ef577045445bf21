from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import reduce
from itertools import permutations
from uuid import UUID

import pytest

from contracts.allocation import NeedCovered, NeedUncovered, SupportDelivered
from eventing.decider import CommandFor
from eventing.reactions import given_off
from services.registry.domain.need import need, stream
from services.registry.domain.need_support import Support, count, evolve
from services.registry.reactions import REACTIONS
from tests.services.registry.samples import LINE, NEED, TUESDAY
from tests.services.registry.test_need import arrive, recorded, release, reserve
from tests.support.delivered import direct_gift_delivered, support_delivered
from tests.support.house import happened

GIFT, OTHERS_NEED = UUID(int=41), UUID(int=42)
SUBSTITUTED = (
    (NeedUncovered, NEED),
    (NeedCovered, OTHERS_NEED),
    (SupportDelivered, OTHERS_NEED),
)
"""What allocation publishes, on three streams, when a line goes to another child."""


def given_by(event):
    (record,) = happened(event, service="allocation")
    return [give for _, give in given_off(REACTIONS, record)]


def some(cls, **said):
    """An event of which only some fields matter here."""
    unsaid = {field.name: UUID(int=0) for field in fields(cls)}
    return cls(**unsaid | {"happened_at": TUESDAY} | said)


def test_a_covered_need_is_reserved():
    covered = some(NeedCovered, need_id=NEED, line_id=LINE, quantity=1)
    assert given_by(covered) == [CommandFor(need, stream(NEED), reserve())]


def test_an_uncovered_need_is_released():
    uncovered = some(NeedUncovered, need_id=NEED, line_id=LINE, quantity=1)
    assert given_by(uncovered) == [CommandFor(need, stream(NEED), release())]


def test_support_that_was_delivered_meets_the_need():
    delivered = support_delivered(need_id=NEED, line_id=LINE, quantity=2, happened_at=TUESDAY)
    assert given_by(delivered) == [CommandFor(need, stream(NEED), arrive(2))]


def test_a_direct_gift_meets_the_need_with_its_line():
    delivered = direct_gift_delivered(
        GIFT, line_id=LINE, need_id=NEED, quantity=2, happened_at=TUESDAY
    )
    assert given_by(delivered) == [CommandFor(need, stream(NEED), arrive(2))]


@pytest.mark.parametrize("order", list(permutations(SUBSTITUTED)))
def test_a_substituted_line_meets_the_other_need_and_lets_the_first_go(order):
    kept = {stream(NEED): Support(reserved={LINE: 1}), stream(OTHERS_NEED): Support()}
    for event, need_id in order:
        (give,) = given_by(some(event, need_id=need_id, line_id=LINE, quantity=1))
        before = kept[give.stream]
        counted = count(replace(recorded, need_id=need_id), give.command, before)
        kept[give.stream] = reduce(evolve, counted, before)
    assert kept == {stream(NEED): Support(), stream(OTHERS_NEED): Support(met={LINE: 1})}


def test_the_time_is_that_of_the_cause():
    at = datetime(2024, 11, 20, tzinfo=UTC)
    (give,) = given_by(some(NeedCovered, need_id=NEED, quantity=1, happened_at=at))
    assert give.command.happened_at == at


def test_names_are_unique_since_keys_are_derived_from_them():
    names = [reaction.name for reaction in REACTIONS]
    assert len(names) == len(set(names))
