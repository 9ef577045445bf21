from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import (
    Account,
    ContributionAccepted,
    ContributionCorrected,
    ContributionCorrectionProposed,
    ContributionReceiptCancelled,
    ContributionReceipted,
    ContributionRefused,
    Earmark,
    EntryLine,
    NumberedReceipt,
    PaidIn,
    RefusalReason,
)
from eventing.decider import CommandFor
from services.donations.domain.campaign import CheckCampaignReceives, CheckCampaignRunning, campaign
from services.donations.domain.contribution import (
    AcceptContribution,
    AmountIsAnother,
    AmountNotCorrected,
    AnnounceContribution,
    CancelledReceiptNotNamed,
    Command,
    ContributionAcceptedOtherwise,
    ContributionAnnouncedOtherwise,
    ContributionIsAccepted,
    ContributionIsRefused,
    ContributionNotAccepted,
    ContributionNotAnnounced,
    ContributionNotReceived,
    ContributionReceiptedAlready,
    ContributionReceivedOtherwise,
    ContributionRefusedOtherwise,
    InspectContribution,
    InspectionNotComplete,
    InvolvedCannotAccept,
    LineInspectedOtherwise,
    LinesInDifferentMeasures,
    MarkReceiptCancelled,
    MarkReceipted,
    NothingToAccept,
    NothingToReceipt,
    ReasonDoesNotFit,
    ReceiptNotCancelled,
    ReceiptNotIssued,
    ReceiptStands,
    ReceiveContribution,
    RefuseContribution,
    contribution,
)
from services.donations.domain.correction import (
    AnotherCorrectionWaits,
    ConfirmCorrection,
    CorrectionJudgedOtherwise,
    CorrectionNotProposed,
    InvolvedCannotConfirmCorrection,
    NothingIsCorrected,
    ProposeCorrection,
    RefuseCorrection,
    quantity_accepted,
)
from services.donations.domain.fund import BookEntry
from services.donations.domain.inspection import (
    LineFound,
    LineListedTwice,
    LineNotAnnounced,
    MoneyIsAllGood,
)
from services.donations.domain.kinds import (
    GoodsAreNotPaid,
    MoneyIsCountedInDong,
    WayOfPaymentNotSaid,
)
from services.donations.domain.pledge import CheckPledgeAwaits
from services.donations.domain.sponsor import CheckSponsorRegistered
from tests.services.donations.examples import (
    ACCOUNTANT,
    CAMPAIGN,
    CASHIER,
    COMMUNE,
    CONTRIBUTION,
    COORDINATOR,
    FUND,
    MONDAY,
    OTHER_LINE,
    OTHER_SPONSOR,
    PLEDGE,
    PROGRAMME,
    RULES,
    SPONSOR,
    STOREKEEPER,
    TUESDAY,
    accepted,
    announced,
    code_hash,
    dong,
    dong_found,
    inspected,
    jackets,
    jackets_found,
    received,
)
from tests.support.repeating import after, assert_repeating_changes_nothing
from tests.support.spec import Given

receipted = ContributionReceipted(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    book="PT",
    year=2024,
    number=7,
    code_hash=code_hash(7),
    happened_at=MONDAY,
)
SEVENTH = NumberedReceipt(book="PT", year=2024, number=7)
cancelled = ContributionReceiptCancelled(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    book="PT",
    year=2024,
    number=7,
    reason="spoilt",
    happened_at=TUESDAY,
)
all_good: dict[str, Any] = {"good": 2_000_000, "mendable": 0, "refused": 0}
money_announced = replace(
    announced, kind="money", lines=(dong,), quantity=2_000_000, measure="dong"
)
money_inspected = replace(inspected, line=dong_found, **all_good)
money_received = replace(received, paid_in="transfer")
money_accepted = replace(
    accepted, kind="money", paid_in="transfer", lines=(dong_found,), measure="dong", **all_good
)
none_good: dict[str, Any] = {"good": 0, "mendable": 0, "refused": 1000}
all_refused = replace(inspected, line=replace(jackets_found, **none_good), **none_good)
refused = ContributionRefused(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    campaign_id=CAMPAIGN,
    sponsor_id=SPONSOR,
    pledge_id=PLEDGE,
    kind="goods",
    lines=(all_refused.line,),
    measure="piece",
    refused=1000,
    reason="nothing-usable",
    refused_by=ACCOUNTANT,
    happened_at=MONDAY,
)


def announce(at: datetime = MONDAY, **changes: Any) -> AnnounceContribution:
    command = AnnounceContribution(
        contribution_id=CONTRIBUTION,
        programme_id=PROGRAMME,
        campaign_id=CAMPAIGN,
        fund_id=FUND,
        sponsor_id=SPONSOR,
        pledge_id=PLEDGE,
        kind="goods",
        lines=(jackets,),
        earmark=Earmark(),
        rules=RULES,
        announced_by=COORDINATOR,
        happened_at=at,
    )
    return replace(command, **changes)


def receive(
    by: UUID = STOREKEEPER, at: datetime = MONDAY, paid_in: PaidIn | None = None
) -> ReceiveContribution:
    return ReceiveContribution(paid_in=paid_in, received_by=by, happened_at=at)


def found(
    good: int, mendable: int = 0, refused: int = 0, line: UUID = jackets.line_id
) -> LineFound:
    return LineFound(line_id=line, good=good, mendable=mendable, refused=refused)


def inspect(*lines: LineFound, at: datetime = MONDAY) -> InspectContribution:
    lines = lines or (found(800, 150, 50),)
    return InspectContribution(lines=lines, inspected_by=STOREKEEPER, happened_at=at)


def accept(by: UUID = ACCOUNTANT, at: datetime = MONDAY) -> AcceptContribution:
    return AcceptContribution(accepted_by=by, happened_at=at)


def refuse(
    reason: RefusalReason = "nothing-usable", by: UUID = ACCOUNTANT, at: datetime = MONDAY
) -> RefuseContribution:
    return RefuseContribution(reason=reason, refused_by=by, happened_at=at)


def mark(
    number: int = 7, book: str = "PT", replaces: NumberedReceipt | None = None
) -> MarkReceipted:
    return MarkReceipted(
        book=book,
        year=2024,
        number=number,
        quantity=950,
        code_hash=code_hash(number),
        replaces=replaces,
        happened_at=MONDAY,
    )


def void(number: int = 7) -> MarkReceiptCancelled:
    receipt = replace(SEVENTH, number=number)
    return MarkReceiptCancelled(receipt=receipt, reason="spoilt", happened_at=TUESDAY)


# --- announced ---


def test_a_contribution_is_announced() -> None:
    Given(contribution).when(announce()).then(announced)


def test_announcing_rests_on_campaign_sponsor_and_pledge() -> None:
    gives = contribution.also(announce(), contribution.initial, [announced])
    assert [(give.stream, give.command) for give in gives] == [  # type: ignore[union-attr]
        (
            f"campaign-{CAMPAIGN}",
            CheckCampaignRunning(categories=frozenset({"warm-clothes"}), happened_at=MONDAY),
        ),
        (f"sponsor-{SPONSOR}", CheckSponsorRegistered()),
        (
            f"pledge-{PLEDGE}",
            CheckPledgeAwaits(
                campaign_id=CAMPAIGN,
                sponsor_id=SPONSOR,
                kind="goods",
                measure="piece",
                earmark=Earmark(),
            ),
        ),
    ]


@pytest.mark.parametrize(
    "past",
    [
        [announced],
        [announced, received],
        [announced, received, inspected],
        [announced, received, inspected, accepted],
        [announced, received, inspected, accepted, receipted],
    ],
)
def test_announcing_again_changes_nothing_however_far_it_has_come(past: list[Any]) -> None:
    again = announce(at=TUESDAY)
    Given(contribution, *past).when(again).then_nothing()
    assert list(contribution.also(again, contribution.fold(past), [])) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"sponsor_id": OTHER_SPONSOR},
        {"pledge_id": None},
        {"lines": (replace(jackets, quantity=999),)},
        {"earmark": Earmark(unit_id=COMMUNE)},
        {"announced_by": STOREKEEPER},
    ],
)
def test_another_announcement_cannot_take_the_id(changes: dict[str, Any]) -> None:
    other = announce(**changes)
    Given(contribution, announced).when(other).then_rejected(ContributionAnnouncedOtherwise)


def test_a_line_has_its_own_id() -> None:
    twice = announce(lines=(jackets, replace(jackets, quantity=1)))
    Given(contribution).when(twice).then_rejected(LineListedTwice)


def test_money_comes_in_dong() -> None:
    Given(contribution).when(announce(kind="money")).then_rejected(MoneyIsCountedInDong)


def test_goods_do_not_come_in_dong() -> None:
    Given(contribution).when(announce(lines=(dong,))).then_rejected(MoneyIsCountedInDong)


def test_one_receipt_states_one_total() -> None:
    mixed = announce(lines=(jackets, replace(jackets, line_id=OTHER_LINE, measure="set")))
    Given(contribution).when(mixed).then_rejected(LinesInDifferentMeasures)


# --- received ---


def test_what_was_announced_is_received() -> None:
    Given(contribution, announced).when(receive()).then(received)


def test_receiving_rests_on_the_campaign() -> None:
    (give,) = contribution.also(receive(), contribution.fold([announced]), [received])
    check = CheckCampaignReceives(happened_at=MONDAY)
    assert give == CommandFor(campaign, f"campaign-{CAMPAIGN}", check)


def test_it_is_received_once() -> None:
    Given(contribution, announced, received).when(receive(at=TUESDAY)).then_nothing()


def test_it_is_received_by_one_person() -> None:
    again = receive(by=CASHIER)
    Given(contribution, announced, received).when(again).then_rejected(
        ContributionReceivedOtherwise
    )


@pytest.mark.parametrize("way", ["cash", "transfer"])
def test_of_money_it_is_said_how_it_came(way: PaidIn) -> None:
    past = Given(contribution, money_announced)
    past.when(receive(paid_in=way)).then(replace(received, paid_in=way))
    past.when(receive()).then_rejected(WayOfPaymentNotSaid)
    Given(contribution, announced).when(receive(paid_in=way)).then_rejected(GoodsAreNotPaid)


def test_it_is_received_in_one_way() -> None:
    again = receive(paid_in="cash")
    Given(contribution, money_announced, money_received).when(again).then_rejected(
        ContributionReceivedOtherwise
    )


# --- inspected ---


def test_every_piece_is_good_mendable_or_refused() -> None:
    Given(contribution, announced, received).when(inspect()).then(inspected)


@pytest.mark.parametrize("good", [801, 790, 0])
def test_what_came_is_what_came_more_or_less_than_announced(good: int) -> None:
    came: dict[str, Any] = {"good": good, "mendable": 150, "refused": 50}
    line = replace(jackets_found, **came)
    assert line.announced == 1000
    Given(contribution, announced, received).when(inspect(found(good, 150, 50))).then(
        replace(inspected, line=line, **came)
    )


@pytest.mark.parametrize("came", [1_999_999, 2_000_001, 0])
def test_one_dong_more_or_less_too(came: int) -> None:
    line = replace(dong_found, good=came)
    Given(contribution, money_announced, money_received).when(inspect(found(came))).then(
        replace(money_inspected, line=line, good=came)
    )


def test_money_is_all_good() -> None:
    partly = inspect(found(1_000_000, 0, 1_000_000))
    Given(contribution, money_announced, money_received).when(partly).then_rejected(MoneyIsAllGood)


def test_only_announced_lines_are_inspected() -> None:
    other = inspect(found(1, line=OTHER_LINE))
    Given(contribution, announced, received).when(other).then_rejected(LineNotAnnounced)


def test_a_line_is_inspected_once_in_one_go() -> None:
    twice = inspect(found(1000), found(1000))
    Given(contribution, announced, received).when(twice).then_rejected(LineListedTwice)


def test_inspecting_again_changes_nothing() -> None:
    again = inspect(at=TUESDAY)
    Given(contribution, announced, received, inspected).when(again).then_nothing()
    Given(contribution, announced, received, inspected, accepted).when(again).then_nothing()


def test_another_result_needs_more_than_another_inspection() -> None:
    other = inspect(found(1000))
    Given(contribution, announced, received, inspected).when(other).then_rejected(
        LineInspectedOtherwise
    )


def test_nothing_is_inspected_before_it_is_here() -> None:
    Given(contribution, announced).when(inspect()).then_rejected(ContributionNotReceived)


# --- accepted ---


def test_inspected_goods_are_accepted_by_another_person() -> None:
    Given(contribution, announced, received, inspected).when(accept()).then(accepted)


def test_who_receives_never_accepts() -> None:
    by_receiver = accept(by=STOREKEEPER)
    Given(contribution, announced, received, inspected).when(by_receiver).then_rejected(
        InvolvedCannotAccept
    )


def test_nothing_is_accepted_before_every_line_was_looked_at() -> None:
    two = replace(announced, lines=(jackets, replace(jackets, line_id=OTHER_LINE)))
    state = contribution.fold([two, received, inspected])
    with pytest.raises(InspectionNotComplete) as refusal:
        contribution.decide(accept(), state)
    assert refusal.value.line_ids == (OTHER_LINE,)


def test_lines_may_be_inspected_in_several_goes() -> None:
    other = replace(jackets, line_id=OTHER_LINE)
    two = replace(announced, lines=(jackets, other))
    other_found = replace(jackets_found, line_id=OTHER_LINE)
    other_inspected = replace(inspected, line=other_found)
    both: dict[str, Any] = {"good": 1600, "mendable": 300, "refused": 100}
    past = (two, received, other_inspected, replace(inspected, **both))
    Given(contribution, *past).when(accept()).then(
        replace(accepted, lines=(jackets_found, other_found), **both)
    )


def test_accepting_again_changes_nothing() -> None:
    past = (announced, received, inspected, accepted)
    Given(contribution, *past).when(accept(at=TUESDAY)).then_nothing()


def test_one_person_accepts() -> None:
    past = (announced, received, inspected, accepted)
    Given(contribution, *past).when(accept(by=COORDINATOR)).then_rejected(
        ContributionAcceptedOtherwise
    )


@pytest.mark.parametrize(("way", "account"), [("transfer", "bank"), ("cash", "cash")])
def test_accepted_money_is_booked_as_it_came_in_the_same_append(
    way: PaidIn, account: Account
) -> None:
    came = replace(money_received, paid_in=way)
    state = contribution.fold([money_announced, came, money_inspected])
    command = accept()
    events = contribution.decide(command, state)
    (give,) = contribution.also(command, state, events)
    assert isinstance(give, CommandFor)
    assert isinstance(give.command, BookEntry)
    assert give.stream == f"fund-{FUND}"
    assert give.command.lines == (
        EntryLine(account=account, debit=2_000_000, credit=0),
        EntryLine(account="contributions", debit=0, credit=2_000_000),
    )
    assert give.command.paper == str(CONTRIBUTION)


def test_accepted_goods_are_not_booked() -> None:
    state = contribution.fold([announced, received, inspected])
    assert list(contribution.also(accept(), state, [accepted])) == []


def test_good_and_mendable_are_accepted() -> None:
    assert quantity_accepted(accepted) == 950


# --- refused ---


def test_of_what_nothing_can_be_used_nothing_is_accepted() -> None:
    past = (announced, received, all_refused)
    Given(contribution, *past).when(accept()).then_rejected(NothingToAccept)
    Given(contribution, *past).when(refuse()).then(refused)
    Given(contribution, *past, refused).when(refuse(at=TUESDAY)).then_nothing()


def test_refusing_books_and_counts_nothing() -> None:
    state = contribution.fold([announced, received, all_refused])
    assert list(contribution.also(refuse(), state, [refused])) == []


@pytest.mark.parametrize("command", [receive(), inspect(), accept(), mark()])
def test_a_refused_one_goes_no_further(command: Command) -> None:
    past = (announced, received, all_refused, refused)
    Given(contribution, *past).when(command).then_rejected(ContributionIsRefused)


def test_it_is_refused_once_for_one_reason() -> None:
    past = Given(contribution, announced, received, all_refused, refused)
    past.when(refuse("not-suitable")).then_rejected(ContributionRefusedOtherwise)
    past.when(refuse(by=CASHIER)).then_rejected(ContributionRefusedOtherwise)


@pytest.mark.parametrize("by", [COORDINATOR, STOREKEEPER])
def test_goods_do_not_vanish_by_one_hand(by: UUID) -> None:
    """Who announced, received or inspected it does not refuse it either."""
    past = (announced, received, all_refused)
    Given(contribution, *past).when(refuse(by=by)).then_rejected(InvolvedCannotAccept)


def test_what_never_came_ends_too() -> None:
    nothing = replace(refused, lines=(), refused=0, reason="never-came")
    Given(contribution, announced).when(refuse("never-came")).then(nothing)
    Given(contribution, announced, received).when(refuse("never-came")).then(nothing)


NOT_SO: list[tuple[RefusalReason, list[Any]]] = [
    ("never-came", [announced, received, inspected]),
    ("never-came", [announced, received, all_refused]),
    ("nothing-usable", [announced]),
    ("nothing-usable", [announced, received]),
    ("nothing-usable", [announced, received, inspected]),
]


@pytest.mark.parametrize(("reason", "past"), NOT_SO)
def test_the_reason_is_what_the_inspection_says(reason: RefusalReason, past: list[Any]) -> None:
    Given(contribution, *past).when(refuse(reason)).then_rejected(ReasonDoesNotFit)


@pytest.mark.parametrize("reason", ["not-suitable", "withdrawn-by-giver"])
def test_it_may_be_refused_however_good_it_is(reason: RefusalReason) -> None:
    whole = replace(refused, lines=(jackets_found,), reason=reason)
    Given(contribution, announced, received, inspected).when(refuse(reason)).then(whole)


@pytest.mark.parametrize("past", [(accepted,), (accepted, receipted)])
def test_what_was_accepted_is_not_refused(past: tuple[Any, ...]) -> None:
    before = (announced, received, inspected)
    Given(contribution, *before, *past).when(refuse()).then_rejected(ContributionIsAccepted)


# --- receipted ---


def test_what_was_accepted_gets_a_number() -> None:
    Given(contribution, announced, received, inspected, accepted).when(mark()).then(receipted)


def test_it_gets_one_number() -> None:
    past = (announced, received, inspected, accepted, receipted)
    Given(contribution, *past).when(mark(8)).then_rejected(ContributionReceiptedAlready)


def test_what_was_not_accepted_gets_no_number() -> None:
    Given(contribution, announced, received).when(mark()).then_rejected(ContributionNotAccepted)


# --- its receipt cancelled ---

RECEIPTED = (announced, received, inspected, accepted, receipted)


def test_its_receipt_is_cancelled() -> None:
    Given(contribution, *RECEIPTED).when(void()).then(cancelled)


@pytest.mark.parametrize("past", [RECEIPTED[:4], RECEIPTED])
def test_only_the_receipt_that_it_has_is_cancelled(past: tuple[Any, ...]) -> None:
    Given(contribution, *past).when(void(8)).then_rejected(ReceiptNotIssued)


def test_then_it_is_accepted_as_before_and_cancelling_again_changes_nothing() -> None:
    Given(contribution, *RECEIPTED, cancelled).when(accept(at=TUESDAY)).then_nothing()
    Given(contribution, *RECEIPTED, cancelled).when(void()).then_nothing()


def test_the_next_number_names_the_cancelled_one() -> None:
    again = replace(receipted, number=9, code_hash=code_hash(9))
    Given(contribution, *RECEIPTED, cancelled).when(mark(9, replaces=SEVENTH)).then(again)


@pytest.mark.parametrize("named", [None, replace(SEVENTH, number=3)])
def test_a_cancelled_receipt_that_is_not_named_is_not_replaced(
    named: NumberedReceipt | None,
) -> None:
    asked = mark(9, replaces=named)
    Given(contribution, *RECEIPTED, cancelled).when(asked).then_rejected(CancelledReceiptNotNamed)


def test_what_was_not_cancelled_is_not_replaced() -> None:
    asked = mark(9, replaces=SEVENTH)
    Given(contribution, *RECEIPTED[:4]).when(asked).then_rejected(ReceiptNotCancelled)


def test_the_second_receipt_is_cancelled_too_and_the_third_names_it() -> None:
    again = replace(receipted, number=9, code_hash=code_hash(9))
    second = replace(cancelled, number=9)
    past = (*RECEIPTED, cancelled, again)
    Given(contribution, *past).when(void(9)).then(second)
    ninth = replace(SEVENTH, number=9)
    third = replace(receipted, number=10, code_hash=code_hash(10))
    Given(contribution, *past, second).when(mark(10, replaces=ninth)).then(third)


@pytest.mark.parametrize("command", [receive(), inspect(), accept(), refuse(), mark(), void()])
def test_nothing_happens_to_what_was_not_announced(command: Command) -> None:
    Given(contribution).when(command).then_rejected(ContributionNotAnnounced)


# --- corrected ---

VOID_FOR_ITS_AMOUNT = replace(cancelled, reason="wrong-amount")
IN_DOUBT = (*RECEIPTED, VOID_FOR_ITS_AMOUNT)
seven_hundred: dict[str, Any] = {"good": 700, "mendable": 150, "refused": 50}
right = replace(jackets_found, **seven_hundred)
proposed = ContributionCorrectionProposed(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    number=1,
    lines=(right,),
    paid_in=None,
    measure="piece",
    **seven_hundred,
    reason="miscounted",
    proposed_by=ACCOUNTANT,
    happened_at=TUESDAY,
)
corrected = ContributionCorrected(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    campaign_id=CAMPAIGN,
    fund_id=FUND,
    sponsor_id=SPONSOR,
    pledge_id=PLEDGE,
    number=1,
    kind="goods",
    paid_in=None,
    lines_before=(jackets_found,),
    lines=(right,),
    measure="piece",
    **seven_hundred,
    earmark=Earmark(),
    reason="miscounted",
    received_by=STOREKEEPER,
    inspected_by=(STOREKEEPER,),
    accepted_by=ACCOUNTANT,
    proposed_by=ACCOUNTANT,
    confirmed_by=COORDINATOR,
    happened_at=TUESDAY,
)


def propose(
    *lines: LineFound, by: UUID = ACCOUNTANT, paid_in: PaidIn | None = None
) -> ProposeCorrection:
    return ProposeCorrection(
        lines=lines, paid_in=paid_in, reason="miscounted", proposed_by=by, happened_at=TUESDAY
    )


def confirm(number: int = 1, by: UUID = COORDINATOR) -> ConfirmCorrection:
    return ConfirmCorrection(number=number, confirmed_by=by, happened_at=TUESDAY)


def refuse_correction(number: int = 1, by: UUID = COORDINATOR) -> RefuseCorrection:
    return RefuseCorrection(number=number, refused_by=by, happened_at=TUESDAY)


def test_after_a_wrong_amount_there_is_no_receipt_before_it_is_corrected() -> None:
    again = mark(9, replaces=SEVENTH)
    Given(contribution, *IN_DOUBT).when(again).then_rejected(AmountNotCorrected)
    Given(contribution, *IN_DOUBT, proposed).when(again).then_rejected(AmountNotCorrected)
    now = Given(contribution, *IN_DOUBT, proposed, corrected)
    now.when(replace(again, quantity=850)).then(
        replace(receipted, number=9, code_hash=code_hash(9))
    )
    now.when(again).then_rejected(AmountIsAnother)


def test_one_proposes_what_had_been_right_and_another_confirms() -> None:
    Given(contribution, *IN_DOUBT).when(propose(found(700, 150, 50))).then(proposed)
    Given(contribution, *IN_DOUBT, proposed).when(confirm()).then(corrected)


@pytest.mark.parametrize("by", [ACCOUNTANT, STOREKEEPER])
def test_nobody_corrects_alone_and_not_who_received_or_inspected(by: UUID) -> None:
    Given(contribution, *IN_DOUBT, proposed).when(confirm(by=by)).then_rejected(
        InvolvedCannotConfirmCorrection
    )


def test_it_is_corrected_before_there_is_a_receipt_too_but_not_under_one() -> None:
    command = propose(found(700, 150, 50))
    Given(contribution, *RECEIPTED[:4]).when(command).then(proposed)
    Given(contribution, *RECEIPTED).when(command).then_rejected(ReceiptStands)
    Given(contribution, *RECEIPTED[:3]).when(command).then_rejected(ContributionNotAccepted)
    Given(contribution, *RECEIPTED[:4], proposed).when(mark()).then_rejected(AnotherCorrectionWaits)


def test_what_is_right_is_not_corrected() -> None:
    past = Given(contribution, *IN_DOUBT)
    past.when(propose(found(800, 150, 50))).then_rejected(NothingIsCorrected)
    past.when(propose()).then_rejected(NothingIsCorrected)
    past.when(propose(found(1, line=OTHER_LINE))).then_rejected(LineNotAnnounced)
    past.when(propose(found(1), found(2))).then_rejected(LineListedTwice)
    past.when(propose(found(1), paid_in="cash")).then_rejected(GoodsAreNotPaid)


def test_one_correction_waits_at_a_time() -> None:
    waits = Given(contribution, *IN_DOUBT, proposed)
    waits.when(propose(found(700, 150, 50))).then_nothing()
    waits.when(propose(found(600, 150, 50))).then_rejected(AnotherCorrectionWaits)
    waits.when(confirm(2)).then_rejected(CorrectionNotProposed)
    refusal = contribution.decide(refuse_correction(), contribution.fold([*IN_DOUBT, proposed]))
    judged = Given(contribution, *IN_DOUBT, proposed, *refusal)
    judged.when(propose(found(600, 150, 50))).then(
        replace(proposed, number=2, lines=(replace(right, good=600),), good=600)
    )
    judged.when(refuse_correction()).then_nothing()
    judged.when(confirm()).then_rejected(CorrectionJudgedOtherwise)
    again = Given(contribution, *IN_DOUBT, proposed, corrected)
    again.when(confirm()).then_nothing()
    again.when(confirm(by=CASHIER)).then_rejected(CorrectionJudgedOtherwise)


def test_there_is_no_receipt_for_nothing() -> None:
    nothing: dict[str, Any] = {"good": 0, "mendable": 0, "refused": 0}
    none = replace(corrected, lines=(replace(right, **nothing),), **nothing)
    past = Given(contribution, *IN_DOUBT, proposed, none)
    past.when(mark(9, replaces=SEVENTH)).then_rejected(NothingToReceipt)


MONEY_ACCEPTED = (money_announced, money_received, money_inspected, money_accepted)


def booked(*commands: Command, past: tuple[Any, ...] = MONEY_ACCEPTED) -> list[Any]:
    """What the last one books in the fund."""
    state = contribution.fold(past)
    for command in commands[:-1]:
        state = contribution.fold(contribution.decide(command, state), state)
    events = contribution.decide(commands[-1], state)
    gives = [*contribution.also(commands[-1], state, events)]
    assert all(give.stream == f"fund-{FUND}" for give in gives)  # type: ignore[union-attr]
    return [give.command for give in gives]  # type: ignore[union-attr]


def test_the_fund_follows_by_a_counter_entry() -> None:
    (entry,) = booked(propose(found(1_500_000)), confirm())
    assert entry.lines == (
        EntryLine(account="contributions", debit=2_000_000, credit=0),
        EntryLine(account="bank", debit=0, credit=2_000_000),
        EntryLine(account="bank", debit=1_500_000, credit=0),
        EntryLine(account="contributions", debit=0, credit=1_500_000),
    )
    assert booked(propose(found(1_500_000))) == []
    assert booked(propose(found(1_500_000)), refuse_correction()) == []


def test_cash_that_was_taken_for_a_transfer_moves() -> None:
    (entry,) = booked(propose(paid_in="cash"), confirm())
    assert [(line.account, line.debit - line.credit) for line in entry.lines[1:3]] == [
        ("bank", -2_000_000),
        ("cash", 2_000_000),
    ]


def test_each_correction_is_booked_for_itself_and_from_the_one_before() -> None:
    (first,) = booked(propose(found(1_500_000)), confirm())
    (second,) = booked(propose(found(1_500_000)), confirm(), propose(found(0)), confirm(2))
    assert (first.entry_id, first.paper) != (second.entry_id, second.paper)
    assert [(line.account, line.debit, line.credit) for line in second.lines] == [
        ("contributions", 1_500_000, 0),
        ("bank", 0, 1_500_000),
    ]


def test_goods_are_not_booked_when_they_are_corrected() -> None:
    assert booked(propose(found(700)), confirm(), past=RECEIPTED[:4]) == []


# --- whatever was asked ---

commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(announce, at=st.sampled_from([MONDAY, TUESDAY])),
    st.builds(receive, st.sampled_from([STOREKEEPER, ACCOUNTANT])),
    st.just(inspect()),
    st.just(inspect(found(1000))),
    st.builds(accept, st.sampled_from([STOREKEEPER, ACCOUNTANT])),
    st.just(inspect(found(0, 0, 1000))),
    st.builds(refuse, st.sampled_from(["never-came", "nothing-usable", "not-suitable"])),
    st.builds(mark, st.integers(7, 8)),
    st.just(mark(9, replaces=SEVENTH)),
    st.builds(void, st.integers(7, 9)),
    st.builds(
        propose,
        st.builds(found, st.sampled_from([0, 700])),
        by=st.sampled_from([ACCOUNTANT, COORDINATOR]),
    ),
    st.builds(confirm, st.integers(1, 2), st.sampled_from([ACCOUNTANT, COORDINATOR])),
    st.builds(refuse_correction, st.integers(1, 2)),
)


@given(st.lists(commands, max_size=8), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[Command], command: Command
) -> None:
    assert_repeating_changes_nothing(contribution, history, command)


@given(st.lists(commands, max_size=12))
def test_nothing_but_its_cancelling_happens_after_a_receipt(asked: list[Command]) -> None:
    events = after(contribution, asked)
    for event, then in pairwise(events):
        if isinstance(event, ContributionReceipted):
            assert isinstance(then, ContributionReceiptCancelled)
            assert then.number == event.number


@given(st.lists(commands, max_size=12))
def test_who_accepted_never_received_and_something_is_accepted(asked: list[Command]) -> None:
    events = after(contribution, asked)
    for event in events:
        if isinstance(event, ContributionAccepted):
            assert event.accepted_by != event.received_by
            assert event.good + event.mendable > 0
    assert not {ContributionAccepted, ContributionRefused} <= {type(event) for event in events}


def test_the_money_of_one_acceptance_is_booked_under_one_id() -> None:
    state = contribution.fold([money_announced, money_received, money_inspected])
    ids = {
        give.command.entry_id  # type: ignore[union-attr]
        for at in (MONDAY, TUESDAY)
        for give in contribution.also(
            accept(at=at), state, [replace(money_accepted, happened_at=at)]
        )
    }
    assert len(ids) == 1
