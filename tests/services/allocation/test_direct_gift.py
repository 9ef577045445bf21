from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import DirectGiftRatified, DirectGiftRecorded
from contracts.sealed import Sealed
from eventing.decider import CommandFor
from services.allocation.domain.direct_gift import (
    DirectGiftNotRecorded,
    DirectGiftRatifiedOtherwise,
    DirectGiftRecordedOtherwise,
    InvolvedCannotRatify,
    RatifyDirectGift,
    RecordDirectGift,
    direct_gift,
)
from services.allocation.domain.need_cover import CoverNeed, DeliverSupport, need_cover
from services.allocation.domain.need_cover import stream as need_cover_stream
from tests.services.allocation.examples import (
    APPROVER,
    CHILD,
    COMMUNE,
    MONDAY,
    NEED,
    OFFICER,
    PROGRAMME,
    RECORDER,
    REGISTRAR,
    SPONSOR,
    TUESDAY,
    VERIFIER,
    facts,
)
from tests.support.repeating import after, assert_repeating_changes_nothing
from tests.support.spec import Given

GIFT = UUID(int=80)

recorded = DirectGiftRecorded(
    direct_gift_id=GIFT,
    programme_id=PROGRAMME,
    sponsor_id=SPONSOR,
    need_id=NEED,
    child_id=CHILD,
    unit_id=COMMUNE,
    category="warm-clothes",
    quantity=1,
    measure="piece",
    minutes=Sealed(UUID(int=81), "what the minutes say"),
    need_registered_by=REGISTRAR,
    need_recorded_by=RECORDER,
    need_verified_by=VERIFIER,
    recorded_by=OFFICER,
    happened_at=MONDAY,
)
ratified = DirectGiftRatified(
    direct_gift_id=GIFT,
    programme_id=PROGRAMME,
    sponsor_id=SPONSOR,
    need_id=NEED,
    unit_id=COMMUNE,
    category="warm-clothes",
    quantity=1,
    measure="piece",
    ratified_by=APPROVER,
    happened_at=MONDAY,
)


def record(**changed: object) -> RecordDirectGift:
    return RecordDirectGift(**(facts(recorded) | changed))


def ratify(by: UUID = APPROVER, happened_at: datetime = MONDAY) -> RatifyDirectGift:
    return RatifyDirectGift(ratified_by=by, happened_at=happened_at)


def test_a_gift_from_hand_to_hand_is_recorded() -> None:
    Given(direct_gift).when(record()).then(recorded)


def test_recording_it_again_later_changes_nothing() -> None:
    Given(direct_gift, recorded).when(record(happened_at=TUESDAY)).then_nothing()
    Given(direct_gift, recorded, ratified).when(record()).then_nothing()


def test_other_minutes_are_another_gift() -> None:
    other = record(minutes=Sealed(UUID(int=81), "what other minutes say"))
    Given(direct_gift, recorded).when(other).then_rejected(DirectGiftRecordedOtherwise)


def test_it_covers_the_need() -> None:
    assert list(direct_gift.also(record(), direct_gift.initial, [recorded])) == [
        CommandFor(
            need_cover,
            need_cover_stream(NEED),
            CoverNeed(programme_id=PROGRAMME, line_id=GIFT, quantity=1, happened_at=MONDAY),
        )
    ]


def test_another_person_ratifies() -> None:
    Given(direct_gift, recorded).when(ratify()).then(ratified)
    Given(direct_gift, recorded, ratified).when(ratify(happened_at=TUESDAY)).then_nothing()


def test_once_ratified_it_counts_as_delivered_from_when_it_was_handed_over() -> None:
    state = direct_gift.fold([recorded])
    deliver = DeliverSupport(
        line_id=recorded.direct_gift_id,
        way="direct-gift",
        sponsor_id=SPONSOR,
        direct_gift_id=recorded.direct_gift_id,
        delivered_by=OFFICER,
        checked_by=APPROVER,
        happened_at=recorded.happened_at,
    )
    assert list(direct_gift.also(ratify(), state, [ratified])) == [
        CommandFor(need_cover, need_cover_stream(NEED), deliver)
    ]


@pytest.mark.parametrize(
    ("person", "role"),
    [(OFFICER, "given-directly"), (VERIFIER, "verified"), (RECORDER, "recorded")],
)
def test_who_had_a_hand_in_it_never_ratifies(person: UUID, role: str) -> None:
    with pytest.raises(InvolvedCannotRatify) as refusal:
        direct_gift.decide(ratify(person), direct_gift.fold([recorded]))
    assert refusal.value.role == role


def test_a_second_ratifier_is_told_so() -> None:
    Given(direct_gift, recorded, ratified).when(ratify(UUID(int=99))).then_rejected(
        DirectGiftRatifiedOtherwise
    )


def test_nothing_is_ratified_before_it_is_recorded() -> None:
    Given(direct_gift).when(ratify()).then_rejected(DirectGiftNotRecorded)


commands = st.one_of(
    st.builds(record, quantity=st.integers(1, 2)),
    st.builds(ratify, st.sampled_from([APPROVER, OFFICER, UUID(int=99)])),
)


@given(st.lists(commands, max_size=6), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[object], command: object
) -> None:
    assert_repeating_changes_nothing(direct_gift, history, command)


@given(st.lists(commands, max_size=8))
def test_it_is_recorded_once_and_ratified_once(history: list[object]) -> None:
    kinds = [type(event) for event in after(direct_gift, history)]
    assert kinds == [DirectGiftRecorded, DirectGiftRatified][: len(kinds)]
