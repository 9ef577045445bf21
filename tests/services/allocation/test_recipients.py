"""What reaches a group or a unit: signed for by who is responsible, and counted."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.allocation import (
    DeliveryLineSigned,
    DirectGiftRatified,
    GiftsArrived,
    SupportDelivered,
)
from contracts.sealed import Sealed
from services.allocation.domain.delivery import Signature, delivery
from services.allocation.domain.recipients import (
    ChildrenCountedOtherwise,
    SignatoryDoesNotFit,
)
from services.allocation.domain.substitution import OnlyAChildIsSubstituted
from tests.services.allocation.examples import LINE, NEED, OFFICER, line, other_line
from tests.services.allocation.season import (
    Season,
    line_id,
)
from tests.services.allocation.test_delivery import planned, sign, there
from tests.services.allocation.test_routes_direct_gifts import GIFT, ratify
from tests.services.allocation.test_routes_direct_gifts import record as record_at_the_door
from tests.services.allocation.test_routes_substitutions import substitute as at_the_door
from tests.services.allocation.test_routes_substitutions import waiting
from tests.services.allocation.test_substitution import given_line, substitute
from tests.support.answers import accepted, refused, shown
from tests.support.spec import Given

GROUP = UUID(int=36)
TEACHER = Sealed(UUID(int=73), "who is responsible")
NAMED: dict[str, Any] = {
    "signatory_name": "Cô Bùi Thị Chủ Nhiệm",
    "signatory_relation": "giáo viên chủ nhiệm",
}
A_CLASS: dict[str, Any] = {"child_id": None, "group_id": GROUP, "children": 30}
A_UNIT: dict[str, Any] = {"child_id": None, "group_id": None, "children": 0, "registered_by": None}


def handed_over(**to: Any) -> list[Any]:
    """The delivery of one line, for somebody else than a child, as far as the commune."""
    plan = replace(planned, lines=(replace(line, **to),))
    return [plan, *there[1:]]


def by_the_teacher(children: int | None = None) -> Signature:
    return Signature(line_id=LINE, signed_as="responsible", signatory=TEACHER, children=children)


def test_of_a_group_those_who_were_there_are_counted() -> None:
    past = handed_over(**A_CLASS)
    events = delivery.decide(sign(by_the_teacher(28)), delivery.fold(past))
    given, came, _ = events
    assert isinstance(given, DeliveryLineSigned)
    assert isinstance(came, GiftsArrived)
    assert (given.group_id, given.children, given.signatory) == (GROUP, 28, TEACHER)
    assert [gift.children for gift in came.gifts] == [28]
    Given(delivery, *past, *events).when(sign(by_the_teacher(28))).then_nothing()


@pytest.mark.parametrize("children", [None, 0, 31])
def test_never_more_of_a_group_than_there_are_nor_nobody(children: int | None) -> None:
    asked = sign(by_the_teacher(children))
    Given(delivery, *handed_over(**A_CLASS)).when(asked).then_rejected(ChildrenCountedOtherwise)


def test_in_a_unit_nobody_is_counted() -> None:
    past = handed_over(**A_UNIT)
    given, came, _ = delivery.decide(sign(by_the_teacher()), delivery.fold(past))
    assert isinstance(given, DeliveryLineSigned)
    assert isinstance(came, GiftsArrived)
    assert (given.children, [gift.children for gift in came.gifts]) == (0, [0])
    Given(delivery, *past).when(sign(by_the_teacher(5))).then_rejected(ChildrenCountedOtherwise)


def test_a_guardian_signs_for_a_child_and_nobody_responsible_does() -> None:
    Given(delivery, *there).when(sign(by_the_teacher())).then_rejected(SignatoryDoesNotFit)
    counted = replace(by_the_teacher(1), signed_as="guardian", signatory=None)
    Given(delivery, *there).when(sign(counted)).then_rejected(ChildrenCountedOtherwise)
    for to in (A_CLASS, A_UNIT):
        Given(delivery, *handed_over(**to)).when(sign(LINE)).then_rejected(SignatoryDoesNotFit)


def test_a_group_counts_once_with_the_most_that_were_there() -> None:
    """Twenty coats from one lot and ten from another are for the same children."""
    lines = (replace(line, **A_CLASS), replace(other_line, **A_CLASS))
    past: list[Any] = [replace(planned, lines=lines), *there[1:]]
    second = replace(by_the_teacher(20), line_id=other_line.line_id)
    *_, came, _ = delivery.decide(sign(by_the_teacher(28), second), delivery.fold(past))
    assert isinstance(came, GiftsArrived)
    assert [gift.children for gift in came.gifts] == [28]


def test_nobody_stands_in_for_a_group_or_a_unit_nor_they_for_a_child() -> None:
    for to in (A_CLASS, A_UNIT):
        Given(delivery, *handed_over(**to)).when(substitute()).then_rejected(
            OnlyAChildIsSubstituted
        )
        instead = substitute(replace(given_line, **to))
        Given(delivery, *there).when(instead).then_rejected(OnlyAChildIsSubstituted)


# --- at the door ---


@pytest.mark.parametrize(
    ("to", "said", "children"),
    [(A_CLASS, {"children": 28}, 28), (A_UNIT, {}, 0)],
    ids=["group", "unit"],
)
def test_who_is_responsible_signs_and_support_says_whom_it_reached(
    season: Season, to: dict[str, Any], said: dict[str, Any], children: int
) -> None:
    (waiting_line,) = of_one_lot(season, to)
    refused(season.sign(waiting_line), 422, "signatory-does-not-fit")
    responsible: dict[str, Any] = {"signed_as": "responsible", **NAMED}
    wrong: dict[str, Any] = {"children": 31}
    refused(season.sign(waiting_line, **responsible, **wrong), 422, "children-counted-otherwise")
    accepted(season.sign(waiting_line, **responsible, **said))
    delivered = season.house.events()[-1]
    assert isinstance(delivered, SupportDelivered)
    assert (delivered.child_id, delivered.group_id) == (None, to["group_id"])
    assert (delivered.children, delivered.quantity) == (children, 1)
    assert "Chủ Nhiệm" not in repr(season.house.events())
    (seen,) = shown(season.get(f"/deliveries/{UUID(int=9001)}", by=OFFICER))["lines"]
    assert (seen["child_id"], seen["status"]) == (None, "signed")


def of_one_lot(season: Season, to: dict[str, Any]) -> list[UUID]:
    lot_id = season.received(1)
    season.need(**to)
    accepted(season.propose_by_hand(lot_id))
    accepted(season.approve())
    return season.on_the_way([line_id(1)])


def test_who_is_responsible_is_named(season: Season) -> None:
    (waiting_line,) = of_one_lot(season, A_UNIT)
    refused(season.sign(waiting_line, signed_as="responsible"), 422, "request-not-valid")


def test_a_group_is_no_substitute_at_the_door(season: Season) -> None:
    (listed,) = season.handed_over(1)
    waiting(season, **A_CLASS)
    refused(at_the_door(season, listed), 422, "only-a-child-is-substituted")
    said: dict[str, Any] = {"signed_as": "responsible", **NAMED}
    waiting(season, UUID(int=5902), child_id=UUID(int=5903))
    refused(at_the_door(season, listed, UUID(int=5902), **said), 422, "signatory-does-not-fit")


def test_a_direct_gift_to_a_class_is_counted(season: Season) -> None:
    season.need(**A_CLASS)
    asked = {"need_id": NEED, "quantity": 1}
    for counted in ({}, {"children": 31}):
        answer = record_at_the_door(season, lines=[asked | counted])
        refused(answer, 422, "children-counted-otherwise")
    accepted(record_at_the_door(season, lines=[asked | {"children": 28}]))
    accepted(ratify(season))
    ratified = next(e for e in season.house.events() if isinstance(e, DirectGiftRatified))
    assert [part.children for part in ratified.parts] == [28]
    delivered = season.house.events()[-1]
    assert isinstance(delivered, SupportDelivered)
    assert (delivered.need_id, delivered.direct_gift_id) == (NEED, GIFT)
    assert (delivered.group_id, delivered.children) == (GROUP, 28)


def test_of_a_child_nobody_else_is_counted_in_a_direct_gift(season: Season) -> None:
    season.need()
    asked = {"need_id": NEED, "quantity": 1, "children": 1}
    refused(record_at_the_door(season, lines=[asked]), 422, "children-counted-otherwise")
