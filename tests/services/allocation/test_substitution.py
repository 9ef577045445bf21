"""A listed child does not come for good: the gift goes to another one, and is ratified later."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import (
    AllocationLine,
    DeliveryLineSubstituted,
    DeliveryLineSubstitutionRatified,
    DeliveryLineSubstitutionRefused,
    GiftArrived,
    GiftsArrived,
)
from contracts.sealed import Sealed
from eventing.decider import CommandFor
from programmes import packs
from services.allocation.domain.delivery import (
    DeliveryNotHandedOver,
    DeliveryNotPlanned,
    InvolvedCannotAcknowledge,
    LineNotInTheDelivery,
    LineSignedAlready,
    LineSignedOtherwise,
    delivery,
)
from services.allocation.domain.line import LotDoesNotFitTheNeed, given_instead
from services.allocation.domain.lot import DrawLot, lot
from services.allocation.domain.lot import stream as lot_stream
from services.allocation.domain.matching import FreeLot, OpenNeed, Rule
from services.allocation.domain.need_cover import CoverNeed, UncoverNeed, need_cover
from services.allocation.domain.need_cover import stream as need_cover_stream
from services.allocation.domain.substitution import (
    InvolvedCannotJudge,
    LineNotSubstituted,
    RatifySubstitution,
    RefuseSubstitution,
    SubstituteIsTheListedChild,
    SubstituteLine,
    SubstituteOfAnotherUnit,
    SubstitutionJudgedOtherwise,
)
from tests.services.allocation.examples import (
    ALLOCATION,
    CHILD,
    COMMUNE,
    COORDINATOR,
    DELIVERY,
    HOLDER,
    LINE,
    LOT,
    MONDAY,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_COORDINATOR,
    OTHER_LINE,
    PROGRAMME,
    RECEIVER,
    RECORDER,
    RULES,
    STOREKEEPER,
    TUESDAY,
    VERIFIER,
    cover_opened,
    facts,
    line,
    opened,
    other_line,
)
from tests.services.allocation.test_delivery import (
    PROXY,
    absent,
    arrived,
    completed,
    dispatched,
    hand_over,
    handed_out,
    note_absent,
    plan,
    planned,
    sign,
    signed,
    there,
)
from tests.services.allocation.test_delivery import dispatch as dispatch_it
from tests.support.repeating import assert_repeating_changes_nothing
from tests.support.spec import Given

OTHERS_NEED, ANOTHER_CHILD = UUID(int=81), UUID(int=82)
OTHERS_RECORDER, OTHERS_VERIFIER, OTHERS_REGISTRAR = (UUID(int=n) for n in range(83, 86))
REASON, REFUSAL = Sealed(UUID(int=71), "why"), Sealed(UUID(int=72), "why not")

given_line = replace(
    line,
    need_id=OTHERS_NEED,
    child_id=ANOTHER_CHILD,
    registered_by=OTHERS_REGISTRAR,
    recorded_by=OTHERS_RECORDER,
    verified_by=OTHERS_VERIFIER,
)
substituted = DeliveryLineSubstituted(
    delivery_id=DELIVERY,
    programme_id=PROGRAMME,
    line_id=LINE,
    lot_id=LOT,
    replaced_need_id=NEED,
    replaced_child_id=CHILD,
    need_id=OTHERS_NEED,
    child_id=ANOTHER_CHILD,
    unit_id=COMMUNE,
    category="warm-clothes",
    quantity=1,
    measure="piece",
    reason=REASON,
    rules=RULES,
    need_registered_by=OTHERS_REGISTRAR,
    need_recorded_by=OTHERS_RECORDER,
    need_verified_by=OTHERS_VERIFIER,
    received_by=RECEIVER,
    substituted_by=OFFICER,
    happened_at=MONDAY,
)
ratified = DeliveryLineSubstitutionRatified(
    delivery_id=DELIVERY,
    programme_id=PROGRAMME,
    line_id=LINE,
    need_id=OTHERS_NEED,
    unit_id=COMMUNE,
    ratified_by=OTHER_COORDINATOR,
    happened_at=MONDAY,
)
refused = DeliveryLineSubstitutionRefused(
    delivery_id=DELIVERY,
    programme_id=PROGRAMME,
    line_id=LINE,
    need_id=OTHERS_NEED,
    unit_id=COMMUNE,
    reason=REFUSAL,
    refused_by=OTHER_COORDINATOR,
    happened_at=MONDAY,
)
given_away = (*there, substituted, signed(given_line))


def substitute(
    of: AllocationLine = given_line, *, by: UUID = OFFICER, **changed: Any
) -> SubstituteLine:
    said: dict[str, Any] = {
        "line": of,
        "rules": RULES,
        "hands_out_for": frozenset({COMMUNE}),
        "reason": REASON,
        "signed_as": "guardian",
        "signatory": None,
        "substituted_by": by,
        "happened_at": MONDAY,
    }
    return SubstituteLine(**(said | changed))


def ratify(by: UUID = OTHER_COORDINATOR, line_id: UUID = LINE, at: datetime = MONDAY) -> Any:
    return RatifySubstitution(line_id=line_id, ratified_by=by, happened_at=at)


def refuse(by: UUID = OTHER_COORDINATOR, reason: Sealed = REFUSAL, line_id: UUID = LINE) -> Any:
    return RefuseSubstitution(line_id=line_id, reason=reason, refused_by=by, happened_at=MONDAY)


# --- giving it to another child ---


def test_another_child_is_given_the_gift_and_signed_for() -> None:
    Given(delivery, *there).when(substitute()).then(substituted, signed(given_line))


def test_an_absent_child_s_line_may_be_given_to_another() -> None:
    Given(delivery, *there, absent()).when(substitute()).then(substituted, signed(given_line))


def test_a_proxy_may_sign_for_the_other_child() -> None:
    by_proxy = substitute(signed_as="proxy", signatory=PROXY)
    Given(delivery, *there).when(by_proxy).then(substituted, signed(given_line, PROXY))


def test_it_may_be_the_last_signature() -> None:
    Given(delivery, *there, signed(other_line)).when(substitute()).then(
        substituted,
        signed(given_line, count=2),
        replace(arrived, line_ids=(OTHER_LINE, LINE)),
        completed,
    )


def test_what_arrived_is_counted_by_the_children_who_were_given_it() -> None:
    """Here the substitute is the one child who had another line already."""
    twice = replace(given_line, child_id=other_line.child_id)
    events = delivery.decide(substitute(twice), delivery.fold([*there, signed(other_line)]))
    assert isinstance(events[-2], GiftsArrived)
    (gift,) = events[-2].gifts
    assert isinstance(gift, GiftArrived)
    assert (gift.quantity, gift.children) == (2, 1)


def test_the_cover_moves_and_the_lot_gives_in_the_same_append() -> None:
    events = (substituted, signed(given_line))
    assert list(delivery.also(substitute(), delivery.fold(there), events)) == [
        CommandFor(
            need_cover,
            need_cover_stream(NEED),
            UncoverNeed(line_id=LINE, happened_at=MONDAY),
        ),
        CommandFor(
            need_cover,
            need_cover_stream(OTHERS_NEED),
            CoverNeed(
                programme_id=PROGRAMME,
                allocation_id=ALLOCATION,
                line_id=LINE,
                quantity=1,
                given_on=MONDAY.date(),
                happened_at=MONDAY,
            ),
        ),
        CommandFor(lot, lot_stream(LOT), DrawLot(line_id=LINE, happened_at=MONDAY)),
        CommandFor(
            need_cover,
            need_cover_stream(OTHERS_NEED),
            replace(handed_out, way="substituted-line"),
        ),
    ]


def test_saying_it_again_changes_nothing() -> None:
    Given(delivery, *given_away).when(substitute(happened_at=TUESDAY)).then_nothing()


@pytest.mark.parametrize(
    "otherwise",
    [
        substitute(replace(given_line, need_id=UUID(int=90))),
        substitute(reason=REFUSAL),
        substitute(signed_as="fingerprint"),
        substitute(by=STOREKEEPER),
        sign(),
    ],
)
def test_a_line_is_given_once(otherwise: Any) -> None:
    Given(delivery, *given_away).when(otherwise).then_rejected(LineSignedOtherwise)


def test_what_the_listed_child_was_given_goes_to_nobody_else() -> None:
    Given(delivery, *there, signed()).when(substitute()).then_rejected(LineSignedOtherwise)


def test_nobody_is_absent_whose_gift_went_to_another() -> None:
    Given(delivery, *given_away).when(note_absent()).then_rejected(LineSignedAlready)


def test_the_listed_child_is_no_substitute() -> None:
    same = replace(given_line, child_id=CHILD)
    Given(delivery, *there).when(substitute(same)).then_rejected(SubstituteIsTheListedChild)


def test_the_substitute_is_of_the_commune() -> None:
    stranger = replace(given_line, unit_id=OTHER_COMMUNE)
    Given(delivery, *there).when(substitute(stranger)).then_rejected(SubstituteOfAnotherUnit)


def test_who_recorded_the_other_need_does_not_acknowledge() -> None:
    by_recorder = substitute(by=OTHERS_RECORDER)
    Given(delivery, *there).when(by_recorder).then_rejected(InvolvedCannotAcknowledge)


def test_only_what_was_handed_over_goes_to_another() -> None:
    elsewhere = substitute(replace(given_line, line_id=NEED))
    Given(delivery).when(substitute()).then_rejected(DeliveryNotPlanned)
    Given(delivery, planned, dispatched).when(substitute()).then_rejected(DeliveryNotHandedOver)
    Given(delivery, *there).when(elsewhere).then_rejected(LineNotInTheDelivery)


# --- ratifying or refusing it ---


def test_somebody_without_a_part_in_it_ratifies() -> None:
    Given(delivery, *given_away).when(ratify()).then(ratified)
    Given(delivery, *given_away, ratified).when(ratify(at=TUESDAY)).then_nothing()


def test_or_refuses_and_the_gift_stays_given() -> None:
    Given(delivery, *given_away).when(refuse()).then(refused)
    Given(delivery, *given_away, refused).when(refuse()).then_nothing()
    assert list(delivery.also(refuse(), delivery.fold(given_away), [refused])) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ratified, ratify(by=STOREKEEPER)),
        (ratified, refuse()),
        (refused, ratify()),
        (refused, refuse(reason=REASON)),
    ],
)
def test_it_is_judged_once(before: Any, after: Any) -> None:
    Given(delivery, *given_away, before).when(after).then_rejected(SubstitutionJudgedOtherwise)


@pytest.mark.parametrize("judge", [ratify, refuse])
@pytest.mark.parametrize(
    ("person", "role"),
    [
        (OFFICER, "acknowledged"),
        (STOREKEEPER, "dispatched"),
        (HOLDER, "taken-over"),
        (OTHERS_REGISTRAR, "registered"),
        (COORDINATOR, "proposed"),
        (OTHERS_VERIFIER, "verified"),
        (RECEIVER, "received"),
        (OTHERS_RECORDER, "recorded"),
    ],
)
def test_who_had_a_part_in_it_does_neither(judge: Any, person: UUID, role: str) -> None:
    with pytest.raises(InvolvedCannotJudge) as caught:
        delivery.decide(judge(person), delivery.fold(given_away))
    assert caught.value.role == role


def test_the_first_child_s_recorder_and_verifier_had_no_part_in_it() -> None:
    for person in (RECORDER, VERIFIER):
        Given(delivery, *given_away).when(ratify(person)).then(
            replace(ratified, ratified_by=person)
        )


@pytest.mark.parametrize("judge", [ratify, refuse])
def test_nothing_is_judged_that_was_not_given_to_another(judge: Any) -> None:
    Given(delivery).when(judge()).then_rejected(DeliveryNotPlanned)
    Given(delivery, planned).when(judge()).then_rejected(DeliveryNotHandedOver)
    Given(delivery, *there, signed()).when(judge()).then_rejected(LineNotSubstituted)
    Given(delivery, *given_away).when(judge(line_id=OTHER_LINE)).then_rejected(LineNotSubstituted)


# --- the line for the other need ---

RULE = Rule(rules=packs.installed().of_the_register.versions[-1], areas={})
NEED_FACTS = {name: value for name, value in facts(cover_opened).items() if name != "quantity"} | {
    "need_id": OTHERS_NEED,
    "child_id": ANOTHER_CHILD,
    "registered_by": OTHERS_REGISTRAR,
    "recorded_by": OTHERS_RECORDER,
    "verified_by": OTHERS_VERIFIER,
    "quantity_open": 1,
}


def open_need(**changed: Any) -> OpenNeed:
    said = NEED_FACTS | {"opened_at": MONDAY} | changed
    return OpenNeed(**{name: said[name] for name in OpenNeed.__dataclass_fields__})


FREE_LOT = FreeLot(
    **{
        name: (facts(opened) | {"quantity_free": 0, "opened_at": MONDAY})[name]
        for name in FreeLot.__dataclass_fields__
    }
)


def test_the_line_keeps_its_part_of_the_lot_and_takes_the_other_need_s_facts() -> None:
    instead = given_instead(line, open_need(), FREE_LOT, RULE)
    assert replace(instead, reasons=line.reasons) == given_line
    assert instead.reasons == ("chosen-by-hand", "band-2", "size-exact", "gender-same")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"category": "school-supplies"}, "other-category"),
        ({"specification": {"size": "H130", "gender": "female"}}, "size-smaller"),
        ({"specification": {"size": "H120", "gender": "male"}}, "other-gender"),
    ],
)
def test_the_lot_must_fit_the_other_need_too(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(LotDoesNotFitTheNeed) as caught:
        given_instead(line, open_need(**changed), FREE_LOT, RULE)
    assert caught.value.reason == reason


# --- whatever happens ---

other_given = replace(other_line, need_id=UUID(int=91), child_id=UUID(int=92))
commands = st.one_of(
    st.builds(substitute, st.sampled_from([given_line, other_given])),
    st.builds(sign, st.sampled_from([LINE, OTHER_LINE])),
    st.builds(note_absent, line_id=st.sampled_from([LINE, OTHER_LINE])),
    st.builds(ratify, st.sampled_from([COORDINATOR, STOREKEEPER])),
    st.builds(refuse),
)


@given(st.lists(commands, max_size=8), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[object], command: object
) -> None:
    past = [plan(), dispatch_it(), hand_over(), *history]
    assert_repeating_changes_nothing(delivery, past, command)
