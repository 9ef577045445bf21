"""Which parts in one gift and one line are never one person's: tried through the deciders.

The whole way is played, from a child in the register to a signature, each part by whom a test says.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import combinations
from typing import Any, get_args
from uuid import UUID

import pytest

from contracts.allocation import LotOpened, MatchedLine, NeedCoverOpened
from contracts.donations import ContributionAccepted, ContributionAnnounced
from contracts.registry import NeedOpened
from contracts.two_persons import MAY_BE_ADDED, TWO_PERSONS, Part, TwoPersons, as_added
from eventing.decider import CommandFor, Decider, Rejection
from eventing.record import Recorded, Why
from services.allocation.domain.allocation import ApproveAllocation, Approved, allocation
from services.allocation.domain.delivery import DispatchDelivery, HandOver, delivery
from services.allocation.domain.direct_gift import RatifyDirectGift, direct_gift
from services.allocation.domain.ending import CloseLines, ReturnLines
from services.allocation.domain.line import as_matched
from services.allocation.domain.substitution import RatifySubstitution
from services.allocation.reactions import open_cover, open_lots
from services.allocation.read_models.lots import new_lot
from services.allocation.read_models.open_needs import new_need
from services.donations.domain.contribution import (
    AcceptContribution,
    InspectContribution,
    ReceiveContribution,
    contribution,
)
from services.donations.domain.correction import ConfirmCorrection, ProposeCorrection
from services.donations.domain.inspection import LineFound
from services.donations.domain.payment import AuthorisePayment, payment
from services.donations.domain.receipt_book import IssueReceipt, receipt_book
from services.registry.domain.child import child
from services.registry.domain.need import need
from tests.services.allocation import test_delivery, test_direct_gift, test_substitution
from tests.services.allocation.examples import ALLOCATION, LINE, MONDAY, proposed
from tests.services.donations import examples as gifts
from tests.services.donations import test_payment as payments
from tests.services.donations.examples import CODE, SIGNATORIES, code_hash
from tests.services.registry import test_need
from tests.services.registry.samples import child_enrolled, child_measured, child_registered

WAY: tuple[Part, ...] = (
    "registered",
    "recorded",
    "verified",
    "announced",
    "received",
    "inspected",
    "accepted",
    "receipted",
    "matched",
    "proposed",
    "approved",
    "dispatched",
    "handed-over",
    "taken-over",
    "acknowledged",
    "ratified",
)
BY_HAND: tuple[Part, ...] = (
    "registered",
    "recorded",
    "verified",
    "gave",
    "given-directly",
    "ratified",
)
CORRECTED: tuple[Part, ...] = (
    "announced",
    "received",
    "inspected",
    "accepted",
    "correction-proposed",
    "correction-confirmed",
)
GIVEN_BACK: tuple[Part, ...] = ("taken-over", "closed", "taken-back")
PAID: tuple[Part, ...] = ("entrusted", "prepared", "authorised", "paid", "settled")
AFTERWARDS = ("receipted", "ratified")
"""Goods have left without them: a receipt, and the judging of a substitution."""

NEVER_ONE: tuple[tuple[Part, Part], ...] = (
    ("accepted", "announced"),
    ("accepted", "approved"),
    ("accepted", "inspected"),
    ("accepted", "received"),
    ("acknowledged", "approved"),
    ("acknowledged", "dispatched"),
    ("acknowledged", "handed-over"),
    ("acknowledged", "ratified"),
    ("acknowledged", "recorded"),
    ("acknowledged", "registered"),
    ("acknowledged", "taken-over"),
    ("acknowledged", "verified"),
    ("approved", "dispatched"),
    ("approved", "handed-over"),
    ("approved", "inspected"),
    ("approved", "matched"),
    ("approved", "proposed"),
    ("approved", "received"),
    ("approved", "recorded"),
    ("approved", "registered"),
    ("approved", "taken-over"),
    ("approved", "verified"),
    ("authorised", "entrusted"),
    ("authorised", "paid"),
    ("authorised", "prepared"),
    ("closed", "taken-back"),
    ("correction-confirmed", "correction-proposed"),
    ("correction-confirmed", "inspected"),
    ("correction-confirmed", "received"),
    ("dispatched", "ratified"),
    ("dispatched", "taken-over"),
    ("entrusted", "paid"),
    ("entrusted", "prepared"),
    ("entrusted", "settled"),
    ("gave", "given-directly"),
    ("gave", "ratified"),
    ("given-directly", "ratified"),
    ("given-directly", "recorded"),
    ("given-directly", "registered"),
    ("given-directly", "verified"),
    ("handed-over", "ratified"),
    ("handed-over", "taken-over"),
    ("inspected", "ratified"),
    ("inspected", "receipted"),
    ("matched", "ratified"),
    ("paid", "prepared"),
    ("paid", "settled"),
    ("proposed", "ratified"),
    ("ratified", "received"),
    ("ratified", "recorded"),
    ("ratified", "registered"),
    ("ratified", "taken-over"),
    ("ratified", "verified"),
    ("receipted", "received"),
    ("recorded", "verified"),
    ("registered", "verified"),
    ("taken-back", "taken-over"),
)
"""Written out, so that no row goes by a slip."""

OTHERS = {part: UUID(int=700 + at) for at, part in enumerate(get_args(Part))}
Persons = Mapping[Part, UUID]
Steps = Iterator[Part]


def decided(decider: Decider[Any, Any, Any], command: Any, *past: Any) -> list[Any]:
    return decider.decide(command, decider.fold(past))


def given(command: CommandFor) -> Any:
    (event,) = command.decider.decide(command.command, command.decider.initial)
    return event


Stretch = Callable[..., Generator[Part, None, Any]]
"""Of whom it is played by, and whatever else it is told."""


def played_once(*parts: Part) -> Callable[[Stretch], Stretch]:
    """A stretch of a way is told who does these parts, and nobody else; so it ends one way."""

    def once(stretch: Stretch) -> Stretch:
        @cache
        def played(
            who: tuple[UUID | None, ...], told: tuple[Any, ...]
        ) -> tuple[list[Part], Any, Rejection | None]:
            done: list[Part] = []
            by = {part: one for part, one in zip(parts, who, strict=True) if one is not None}
            playing = stretch(by, *told)
            try:
                while True:
                    done.append(next(playing))
            except StopIteration as ended:
                return done, ended.value, None
            except Rejection as refused:
                return done, None, refused

        def play(by: Persons, *told: Any) -> Generator[Part, None, Any]:
            done, came_of_it, refused = played(tuple(by.get(part) for part in parts), told)
            yield from done
            if refused is not None:
                raise refused.with_traceback(None)
            return came_of_it

        return play

    return once


def whole_way(by: Persons, added: Sequence[TwoPersons] = ()) -> Steps:
    """Each part as it is accepted. Facts go from decider to decider as events froze them."""
    opened = yield from need_opened(by)
    acceptance = yield from gift_accepted(by, added)
    yield from line_delivered(by, opened, acceptance, added)


@played_once("registered", "recorded", "verified")
def need_opened(by: Persons) -> Generator[Part, None, NeedOpened]:
    registered = replace(child_registered, registered_by=by["registered"])
    known = test_need.facts(child=child.fold([registered, child_measured, child_enrolled]))
    yield "registered"
    record = decided(need, test_need.record(known=known, by=by["recorded"]))
    yield "recorded"
    opened = decided(need, test_need.verify(by["verified"], known=known), *record)[-1]
    assert isinstance(opened, NeedOpened)
    yield "verified"
    return opened


def gift_announced(by: Persons, added: Sequence[TwoPersons]) -> ContributionAnnounced:
    return replace(gifts.announced, announced_by=by["announced"], two_persons=tuple(added))


@played_once("announced", "received", "inspected", "accepted", "receipted")
def gift_accepted(
    by: Persons, added: Sequence[TwoPersons] = ()
) -> Generator[Part, None, ContributionAccepted]:
    past: list[Any] = [announced := gift_announced(by, added)]
    yield "announced"
    receive = ReceiveContribution(paid_in=None, received_by=by["received"], happened_at=MONDAY)
    past += decided(contribution, receive, *past)
    yield "received"
    found = LineFound(line_id=gifts.LINE, good=800, mendable=150, refused=50)
    inspect = InspectContribution(lines=(found,), inspected_by=by["inspected"], happened_at=MONDAY)
    past += decided(contribution, inspect, *past)
    yield "inspected"
    accept = AcceptContribution(accepted_by=by["accepted"], happened_at=MONDAY)
    (acceptance,) = decided(contribution, accept, *past)
    assert isinstance(acceptance, ContributionAccepted)
    yield "accepted"
    if "receipted" in by:
        issue = IssueReceipt(
            book="PT",
            announced=announced,
            gift=acceptance,
            receipt=None,
            code=CODE,
            code_hash=code_hash(1),
            signatories=SIGNATORIES,
            issued_by=by["receipted"],
            happened_at=MONDAY,
        )
        decided(receipt_book, issue)
        yield "receipted"
    return acceptance


def recorded(event: Any) -> Recorded[Any]:
    return Recorded("service", 1, "stream", 1, UUID(int=77), event, MONDAY, Why(actor=UUID(int=78)))


def line_delivered(
    by: Persons,
    opened: NeedOpened,
    acceptance: ContributionAccepted,
    added: Sequence[TwoPersons],
) -> Steps:
    cover = given(next(open_cover(opened, recorded(opened))))
    lot = given(next(open_lots(acceptance, recorded(acceptance))))
    assert isinstance(cover, NeedCoverOpened)
    assert isinstance(lot, LotOpened)
    matched = MatchedLine(
        line_id=LINE,
        need_id=cover.need_id,
        lot_id=lot.lot_id,
        quantity=1,
        reasons=(),
        runner_up_need_id=None,
    )
    yield "matched"
    line = as_matched(ALLOCATION, matched, new_need(cover), new_lot(lot))
    proposal = replace(proposed(line), matched_by=by["matched"], proposed_by=by["proposed"])
    yield "proposed"
    approve = ApproveAllocation(approved_by=by["approved"], happened_at=MONDAY)
    approval = decided(allocation, approve, proposal)
    state = allocation.fold([proposal, *approval])
    assert isinstance(state, Approved)
    yield "approved"
    past: list[Any] = [
        replace(
            test_delivery.planned,
            lines=(line,),
            approvals=(state.approved_lines,),
            two_persons=tuple(added),
        )
    ]
    dispatch = DispatchDelivery(waybill="XK-1", dispatched_by=by["dispatched"], happened_at=MONDAY)
    past += decided(delivery, dispatch, *past)
    yield "dispatched"
    yield "handed-over"
    hand_over = HandOver(
        handed_to=by["taken-over"],
        handed_over_by=by["handed-over"],
        list_closes_on=test_delivery.LIST_CLOSES_ON,
        happened_at=MONDAY,
    )
    past += decided(delivery, hand_over, *past)
    yield "taken-over"
    decided(delivery, test_delivery.sign(by=by["acknowledged"]), *past)
    yield "acknowledged"
    if "ratified" in by:
        # Another child with a need of the same persons.
        instead = replace(line, child_id=UUID(int=690), need_id=UUID(int=691))
        substitute = replace(
            test_substitution.substitute(instead, by=by["acknowledged"]),
            hands_out_for=frozenset({line.unit_id}),
        )
        past += decided(delivery, substitute, *past)
        ratify = RatifySubstitution(line_id=LINE, ratified_by=by["ratified"], happened_at=MONDAY)
        decided(delivery, ratify, *past)
        yield "ratified"


def by_hand(by: Persons) -> Steps:
    opened = yield from need_opened(by)
    line = replace(
        test_direct_gift.line,
        need_registered_by=opened.registered_by,
        need_recorded_by=opened.recorded_by,
        need_verified_by=opened.verified_by,
    )
    yield "gave"
    record = test_direct_gift.record(
        lines=(line,), sponsored_by=by["gave"], recorded_by=by["given-directly"]
    )
    recorded = decided(direct_gift, record)
    yield "given-directly"
    ratify = RatifyDirectGift(ratified_by=by["ratified"], happened_at=MONDAY)
    decided(direct_gift, ratify, *recorded)
    yield "ratified"


def corrected(by: Persons, added: Sequence[TwoPersons] = ()) -> Steps:
    acceptance = yield from gift_accepted(by, added)
    announced = gift_announced(by, added)
    past: list[Any] = [announced, gifts.received, gifts.inspected, acceptance]
    propose = ProposeCorrection(
        lines=(LineFound(line_id=gifts.LINE, good=700, mendable=150, refused=50),),
        paid_in=None,
        reason="miscounted",
        proposed_by=by["correction-proposed"],
        happened_at=MONDAY,
    )
    past += decided(contribution, propose, *past)
    yield "correction-proposed"
    confirm = ConfirmCorrection(
        number=1, confirmed_by=by["correction-confirmed"], happened_at=MONDAY
    )
    decided(contribution, confirm, *past)
    yield "correction-confirmed"


def given_back(by: Persons) -> Steps:
    handed_over = replace(test_delivery.handed_over, handed_to=by["taken-over"])
    past: list[Any] = [*test_delivery.there[:2], handed_over]
    yield "taken-over"
    close = CloseLines(
        line_ids=(LINE,), reason="child-left", closed_by=by["closed"], happened_at=MONDAY
    )
    past += decided(delivery, close, *past)
    yield "closed"
    back = ReturnLines(line_ids=(LINE,), returned_by=by["taken-back"], happened_at=MONDAY)
    decided(delivery, back, *past)
    yield "taken-back"


def paid(by: Persons) -> Steps:
    yield "entrusted"
    past = decided(payment, payments.advance(person_id=by["entrusted"], prepared_by=by["prepared"]))
    yield "prepared"
    past += decided(
        payment, AuthorisePayment(authorised_by=by["authorised"], happened_at=MONDAY), *past
    )
    yield "authorised"
    past += decided(payment, payments.pay(by["paid"]), *past)
    yield "paid"
    decided(payment, payments.settle(by["settled"]), *past)
    yield "settled"


WAYS = (
    (PAID, paid),
    (WAY, whole_way),
    (BY_HAND, by_hand),
    (CORRECTED, corrected),
    (GIVEN_BACK, given_back),
)


def comes_through(way: Any, by: Persons) -> bool:
    try:
        list(way(by))
    except Rejection as refused:
        if refused.kind != "forbidden":
            raise
        return False
    return True


@pytest.mark.parametrize(("parts", "way"), WAYS)
def test_with_a_person_for_each_part_it_comes_through(parts: tuple[Part, ...], way: Any) -> None:
    assert tuple(way({part: OTHERS[part] for part in parts})) == parts


PAIRS = [(way, pair) for parts, way in WAYS for pair in combinations(parts, 2)]


@pytest.mark.parametrize(
    ("way", "pair"), PAIRS, ids=[f"{way.__name__}: {'+'.join(pair)}" for way, pair in PAIRS]
)
def test_one_person_for_two_parts(way: Any, pair: tuple[Part, Part]) -> None:
    """Refused where the table has the pair, and nowhere else."""
    first, second = pair
    parts = next(parts for parts, each in WAYS if each is way)
    by = {part: OTHERS[part] for part in parts}
    assert comes_through(way, by | {second: by[first]}) != (frozenset(pair) in TWO_PERSONS)


ADDED = [
    (parts, way, pair)
    for parts, way in ((WAY, whole_way), (CORRECTED, corrected))
    for pair in combinations(parts, 2)
]


@pytest.mark.parametrize(
    ("parts", "way", "pair"),
    ADDED,
    ids=[f"{way.__name__}: {'+'.join(pair)}" for _, way, pair in ADDED],
)
def test_a_pack_adds_a_pair_where_a_gift_or_a_delivery_knows_both_and_nowhere_else(
    parts: tuple[Part, ...], way: Any, pair: tuple[Part, Part]
) -> None:
    first, second = pair
    by: Persons = {**{part: OTHERS[part] for part in parts}, second: OTHERS[first]}
    asked = frozenset(pair) in TWO_PERSONS | MAY_BE_ADDED
    played = partial(way, added=as_added([frozenset(pair)]))
    assert comes_through(played, by) != asked


def test_a_pack_takes_no_pair_away() -> None:
    """Whatever it adds, what are two persons in every programme stay two."""
    added = as_added(MAY_BE_ADDED)
    for way, (first, second) in PAIRS:
        by: Persons = {**{part: OTHERS[part] for part in get_args(Part)}, second: OTHERS[first]}
        if way is whole_way and frozenset({first, second}) in TWO_PERSONS:
            assert not comes_through(partial(whole_way, added=added), by)


def test_a_direct_gift_leaves_no_pair_to_add() -> None:
    """Each part that its decider judges is apart from every part that it knows by then."""
    known: tuple[Part, ...] = ("registered", "recorded", "verified", "gave")
    steps: tuple[tuple[Part, tuple[Part, ...]], ...] = (
        ("given-directly", known),
        ("ratified", (*known, "given-directly")),
    )
    for part, before in steps:
        assert {frozenset({part, other}) for other in before} <= TWO_PERSONS


def test_no_pair_of_the_table_is_lost() -> None:
    assert {tuple(sorted(pair)) for pair in TWO_PERSONS} == set(NEVER_ONE)


def test_every_pair_of_the_table_is_on_a_way() -> None:
    assert {frozenset(pair) for _, pair in PAIRS} >= TWO_PERSONS


# --- an attacker: all ways in which so many persons share the parts ---


def found_by(persons: int, parts: tuple[Part, ...], way: Any) -> Persons | None:
    """Who does what so that something leaves; None: there is no way. Tries part after part."""
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        so_far = waiting.pop()
        by = {part: UUID(int=900 + who) for part, who in zip(parts, so_far, strict=False)}
        if not holds(way, by, parts):
            continue
        if len(so_far) == len(parts):
            return by
        # Who has done nothing yet is as good as any other who has not.
        known = max(so_far, default=-1) + 1
        waiting += [(*so_far, who) for who in range(min(known + 1, persons))]
    return None


def holds(way: Any, by: Persons, parts: tuple[Part, ...]) -> bool:
    """Is every part of these accepted, when it is done in its turn?"""
    if not by:
        return True
    rest = {part: OTHERS[part] for part in parts if part not in by}
    try:
        for part in way(dict(by) | rest):
            if part == parts[len(by) - 1]:
                return True
    except Rejection:
        return False
    raise AssertionError("a way names all of its parts")


ATTACKED = (
    (tuple(part for part in WAY if part not in AFTERWARDS), whole_way),
    (BY_HAND, by_hand),
    (PAID, paid),
)


@pytest.mark.parametrize(("parts", "way"), ATTACKED)
@pytest.mark.parametrize("persons", [1, 2, 3])
def test_so_few_persons_get_nothing_out(persons: int, parts: tuple[Part, ...], way: Any) -> None:
    assert found_by(persons, parts, way) is None


@pytest.mark.parametrize(("parts", "way"), ATTACKED)
def test_four_do(parts: tuple[Part, ...], way: Any) -> None:
    """So the search finds what there is to find."""
    by = found_by(4, parts, way)
    assert by is not None
    assert comes_through(way, by)
