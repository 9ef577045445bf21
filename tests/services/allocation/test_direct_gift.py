from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import (
    DirectGiftLine,
    DirectGiftLineRefused,
    DirectGiftPart,
    DirectGiftRatified,
    DirectGiftRecorded,
    DirectGiftRefused,
    DirectGiftWithdrawn,
)
from contracts.sealed import Sealed
from eventing.decider import CommandFor, Together
from services.allocation.domain.direct_gift import (
    DirectGiftEndedOtherwise,
    DirectGiftNotRecorded,
    DirectGiftRecordedOtherwise,
    InvolvedCannotRatify,
    InvolvedCannotRecord,
    NeedOfAnotherUnit,
    RatifyDirectGift,
    RecordDirectGift,
    RefuseDirectGift,
    SameNeedTwice,
    WithdrawDirectGift,
    direct_gift,
    line_of,
)
from services.allocation.domain.need_cover import (
    CheckCoverable,
    CoverNeed,
    DeliverSupport,
    NeedCoveredAlready,
    need_cover,
)
from services.allocation.domain.need_cover import stream as need_cover_stream
from tests.services.allocation.examples import (
    APPROVER,
    CHILD,
    COMMUNE,
    MONDAY,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_NEED,
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

GIFT, SISTER, GIVER = UUID(int=80), UUID(int=83), UUID(int=84)
WHY = Sealed(UUID(int=81), "why not")

line = DirectGiftLine(
    line_id=line_of(GIFT, NEED),
    need_id=NEED,
    child_id=CHILD,
    group_id=None,
    children=1,
    unit_id=COMMUNE,
    category="warm-clothes",
    quantity=1,
    measure="piece",
    need_registered_by=REGISTRAR,
    need_recorded_by=RECORDER,
    need_verified_by=VERIFIER,
)
other_line = replace(
    line, line_id=line_of(GIFT, OTHER_NEED), need_id=OTHER_NEED, child_id=SISTER, quantity=2
)
recorded = DirectGiftRecorded(
    direct_gift_id=GIFT,
    programme_id=PROGRAMME,
    sponsor_id=SPONSOR,
    sponsored_by=GIVER,
    unit_id=COMMUNE,
    minutes=Sealed(UUID(int=81), "what the minutes say"),
    lines=(line, other_line),
    recorded_by=OFFICER,
    happened_at=MONDAY,
)
ratified = DirectGiftRatified(
    direct_gift_id=GIFT,
    programme_id=PROGRAMME,
    sponsor_id=SPONSOR,
    unit_id=COMMUNE,
    parts=(DirectGiftPart(category="warm-clothes", quantity=3, measure="piece", children=2),),
    ratified_by=APPROVER,
    happened_at=MONDAY,
)
refused = DirectGiftRefused(
    direct_gift_id=GIFT,
    programme_id=PROGRAMME,
    unit_id=COMMUNE,
    reason=WHY,
    refused_by=APPROVER,
    happened_at=MONDAY,
)
withdrawn = DirectGiftWithdrawn(
    direct_gift_id=GIFT,
    programme_id=PROGRAMME,
    unit_id=COMMUNE,
    reason=WHY,
    withdrawn_by=OFFICER,
    happened_at=MONDAY,
)


def record(**changed: object) -> RecordDirectGift:
    given = facts(recorded) | {"hands_out_for": frozenset({COMMUNE})} | changed
    return RecordDirectGift(**given)


def ratify(by: UUID = APPROVER, happened_at: datetime = MONDAY) -> RatifyDirectGift:
    return RatifyDirectGift(ratified_by=by, happened_at=happened_at)


def refuse(by: UUID = APPROVER) -> RefuseDirectGift:
    return RefuseDirectGift(reason=WHY, refused_by=by, happened_at=MONDAY)


def withdraw(by: UUID = OFFICER) -> WithdrawDirectGift:
    return WithdrawDirectGift(reason=WHY, withdrawn_by=by, happened_at=MONDAY)


def test_a_gift_from_hand_to_hand_is_recorded() -> None:
    Given(direct_gift).when(record()).then(recorded)


def test_recording_it_again_later_changes_nothing() -> None:
    Given(direct_gift, recorded).when(record(happened_at=TUESDAY)).then_nothing()
    Given(direct_gift, recorded, ratified).when(record()).then_nothing()


def test_other_minutes_are_another_gift() -> None:
    other = record(minutes=Sealed(UUID(int=81), "what other minutes say"))
    Given(direct_gift, recorded).when(other).then_rejected(DirectGiftRecordedOtherwise)


def test_a_need_stands_in_it_once() -> None:
    Given(direct_gift).when(record(lines=(line, line))).then_rejected(SameNeedTwice)


def test_each_child_is_of_the_unit_where_it_was_handed_over() -> None:
    elsewhere = replace(other_line, unit_id=OTHER_COMMUNE)
    Given(direct_gift).when(record(lines=(line, elsewhere))).then_rejected(NeedOfAnotherUnit)


@pytest.mark.parametrize("person", [RECORDER, VERIFIER, REGISTRAR])
def test_who_had_a_part_in_one_of_the_needs_records_none_of_it(person: UUID) -> None:
    clean = replace(
        line,
        need_registered_by=UUID(int=96),
        need_recorded_by=UUID(int=97),
        need_verified_by=UUID(int=98),
    )
    gift = record(lines=(clean, other_line), recorded_by=person)
    Given(direct_gift).when(gift).then_rejected(InvolvedCannotRecord)


def test_who_gives_it_does_not_record_it() -> None:
    Given(direct_gift).when(record(recorded_by=GIVER)).then_rejected(InvolvedCannotRecord)


def test_recorded_it_covers_nothing_and_rests_on_needs_that_still_ask() -> None:
    assert list(direct_gift.also(record(), direct_gift.initial, [recorded])) == [
        CommandFor(
            need_cover,
            need_cover_stream(one.need_id),
            CheckCoverable(programme_id=PROGRAMME, quantity=one.quantity, given_on=MONDAY.date()),
        )
        for one in (line, other_line)
    ]


def test_another_person_ratifies_refuses_or_the_recorder_withdraws() -> None:
    Given(direct_gift, recorded).when(ratify()).then(ratified)
    Given(direct_gift, recorded, ratified).when(ratify(happened_at=TUESDAY)).then_nothing()
    Given(direct_gift, recorded).when(refuse()).then(refused)
    Given(direct_gift, recorded).when(withdraw()).then(withdrawn)


def test_refused_or_withdrawn_no_need_is_touched() -> None:
    for ending in (refused, withdrawn):
        assert list(direct_gift.also(refuse(), direct_gift.fold([recorded]), [ending])) == []


def test_once_ratified_each_need_is_covered_and_met_or_its_line_refused() -> None:
    state = direct_gift.fold([recorded])
    each = list(direct_gift.also(ratify(), state, [ratified]))
    assert len(each) == 2
    for item, one in zip(each, (line, other_line), strict=True):
        assert isinstance(item, Together)
        cover = CoverNeed(
            programme_id=PROGRAMME,
            allocation_id=None,
            line_id=one.line_id,
            quantity=one.quantity,
            given_on=MONDAY.date(),
            happened_at=MONDAY,
        )
        deliver = DeliverSupport(
            line_id=one.line_id,
            way="direct-gift",
            children=1,
            sponsor_id=SPONSOR,
            direct_gift_id=GIFT,
            delivered_by=OFFICER,
            checked_by=APPROVER,
            happened_at=recorded.happened_at,
        )
        of_need = need_cover_stream(one.need_id)
        assert item.commands == (
            CommandFor(need_cover, of_need, cover),
            CommandFor(need_cover, of_need, deliver),
        )
        assert item.otherwise(NeedCoveredAlready(0, ())) == DirectGiftLineRefused(
            direct_gift_id=GIFT,
            programme_id=PROGRAMME,
            line_id=one.line_id,
            need_id=one.need_id,
            code="need-covered-already",
            happened_at=MONDAY,
        )


@pytest.mark.parametrize("judge", [ratify, refuse])
@pytest.mark.parametrize(
    ("person", "role"),
    [(OFFICER, "given-directly"), (GIVER, "gave"), (VERIFIER, "verified"), (RECORDER, "recorded")],
)
def test_who_had_a_hand_in_it_never_judges(person: UUID, role: str, judge: object) -> None:
    with pytest.raises(InvolvedCannotRatify) as refusal:
        direct_gift.decide(judge(person), direct_gift.fold([recorded]))  # type: ignore[operator]
    assert refusal.value.role == role


@pytest.mark.parametrize(
    ("ending", "ended"),
    [(ratified, "ratified"), (refused, "refused"), (withdrawn, "withdrawn")],
)
def test_it_ends_once(ending: object, ended: str) -> None:
    state = direct_gift.fold([recorded, ending])  # type: ignore[list-item]
    for other in (ratify(UUID(int=99)), refuse(UUID(int=99)), withdraw(UUID(int=99))):
        with pytest.raises(DirectGiftEndedOtherwise) as refusal:
            direct_gift.decide(other, state)
        assert refusal.value.ended == ended


@pytest.mark.parametrize("command", [ratify(), refuse(), withdraw()])
def test_nothing_ends_before_it_is_recorded(command: RatifyDirectGift) -> None:
    Given(direct_gift).when(command).then_rejected(DirectGiftNotRecorded)


commands = st.one_of(
    st.builds(record, lines=st.sampled_from([(line,), (line, other_line)])),
    st.builds(ratify, st.sampled_from([APPROVER, OFFICER, UUID(int=99)])),
    st.builds(refuse, st.sampled_from([APPROVER, OFFICER])),
    st.builds(withdraw, st.sampled_from([OFFICER, UUID(int=99)])),
)


@given(st.lists(commands, max_size=6), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[object], command: object
) -> None:
    assert_repeating_changes_nothing(direct_gift, history, command)


@given(st.lists(commands, max_size=8))
def test_it_is_recorded_once_and_ends_once(history: list[object]) -> None:
    first, *ending = [type(event) for event in after(direct_gift, history)] or [DirectGiftRecorded]
    assert first is DirectGiftRecorded
    assert len(ending) <= 1
