from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from contracts.donations import ContributionAccepted, ContributionCorrected, Earmark, InspectedLine
from contracts.registry import NeedLapsed, NeedOpened, NeedReconfirmed, NeedWithdrawn
from contracts.rules_in_force import RulesInForce
from contracts.sealed import Sealed
from eventing.decider import CommandFor
from eventing.ids import beside, mark
from eventing.reactions import given_off
from eventing.record import Recorded
from services.allocation.domain import lot as lots
from services.allocation.domain import need_cover as covers
from services.allocation.domain.lot import CorrectLot, HoldApart, OpenLot, lot
from services.allocation.domain.need_cover import (
    CloseCover,
    LapseCover,
    OpenCover,
    RenewCover,
    need_cover,
)
from services.allocation.reactions import REACTIONS
from tests.services.allocation.examples import (
    ACCEPTER,
    CAMPAIGN,
    COMMUNE,
    CONTRIBUTION,
    CONTRIBUTION_LINE,
    COORDINATOR,
    FUND,
    INSPECTOR,
    JACKET,
    MONDAY,
    NEED,
    OFFICER,
    PROGRAMME,
    RECEIVER,
    SPONSOR,
    cover_opened,
    facts,
    opened,
)
from tests.support.house import happened

RULES = RulesInForce(pack="hanoi-3874", version=1, digest="ab" * 32)

BOUGHT_FOR = Earmark(unit_id=UUID(int=7))


def given_by(recorded: Recorded) -> list[CommandFor]:
    return [give for _, give in given_off(REACTIONS, recorded)]


def gives(event: Any) -> list[CommandFor]:
    (recorded,) = happened(event)
    return given_by(recorded)


def inspected(*, good: int = 0, mendable: int = 0, refused: int = 0) -> InspectedLine:
    return InspectedLine(
        line_id=CONTRIBUTION_LINE,
        category="warm-clothes",
        specification=JACKET,
        measure="piece",
        announced=good + mendable + refused,
        good=good,
        mendable=mendable,
        refused=refused,
    )


def accepted(*lines: InspectedLine) -> ContributionAccepted:
    return ContributionAccepted(
        contribution_id=CONTRIBUTION,
        programme_id=PROGRAMME,
        campaign_id=CAMPAIGN,
        fund_id=FUND,
        sponsor_id=SPONSOR,
        pledge_id=None,
        kind="goods",
        paid_in=None,
        lines=lines,
        measure="piece",
        good=sum(line.good for line in lines),
        mendable=sum(line.mendable for line in lines),
        refused=sum(line.refused for line in lines),
        earmark=BOUGHT_FOR,
        announced_by=COORDINATOR,
        received_by=RECEIVER,
        inspected_by=(INSPECTOR,),
        accepted_by=ACCEPTER,
        happened_at=MONDAY,
    )


def test_what_is_good_becomes_a_lot_and_what_is_mendable_is_held_apart() -> None:
    (recorded,) = happened(accepted(inspected(good=800, mendable=150, refused=50)))
    good, apart = (
        beside(CONTRIBUTION, mark(part, CONTRIBUTION.bytes, CONTRIBUTION_LINE.bytes))
        for part in (b"lot", b"apart")
    )
    same = facts(opened) | {"earmark": BOUGHT_FOR}
    assert given_by(recorded) == [
        CommandFor(lot, lots.stream(good), OpenLot(**(same | {"lot_id": good, "quantity": 800}))),
        CommandFor(
            lot, lots.stream(apart), HoldApart(**(same | {"lot_id": apart, "quantity": 150}))
        ),
    ]


def corrected(before: InspectedLine, line: InspectedLine) -> ContributionCorrected:
    same = facts(accepted(line))
    del same["announced_by"]
    return ContributionCorrected(
        **same,
        number=2,
        lines_before=(before,),
        reason="miscounted",
        proposed_by=COORDINATOR,
        confirmed_by=ACCEPTER,
    )


def test_a_correction_reaches_the_lot_that_the_acceptance_opened() -> None:
    first, second = inspected(good=800, mendable=150), inspected(good=700, mendable=150)
    (opens, _), (corrects,) = gives(accepted(first)), gives(corrected(first, second))
    assert corrects.stream == opens.stream
    assert isinstance(corrects.command, CorrectLot)
    assert (corrects.command.stock, corrects.command.opens) == (
        replace(opens.command, quantity=700),
        False,
    )
    assert corrects.command.correction == 2


def test_what_a_correction_finds_first_opens_a_lot() -> None:
    first, second = inspected(refused=5), inspected(good=3, mendable=2)
    good, apart = gives(corrected(first, second))
    assert [good.command.opens, apart.command.opens] == [True, True]
    assert isinstance(apart.command.stock, HoldApart)


def test_what_was_refused_opens_nothing() -> None:
    assert gives(accepted(inspected(refused=50))) == []


def test_an_open_need_may_be_covered() -> None:
    registry_s = facts(cover_opened) | {
        "birth_month": "2015-03",
        "gender": "female",
        "eligible_under": "special-or-at-risk@1",
        "priority_rule": "priority@1",
        "priority_reasons": Sealed(UUID(int=8), "reasons"),
        "rules": RULES,
    }
    assert gives(NeedOpened(**registry_s)) == [
        CommandFor(need_cover, covers.stream(NEED), OpenCover(**facts(cover_opened)))
    ]


def test_a_need_that_lapsed_is_offered_no_more_until_it_is_reconfirmed() -> None:
    its_day, next_day = cover_opened.lapses_on, date(2025, 10, 7)
    same: dict[str, Any] = {"need_id": NEED, "programme_id": PROGRAMME, "unit_id": COMMUNE}
    lapsed = NeedLapsed(**same, lapsed_on=its_day, happened_at=MONDAY)
    assert gives(lapsed) == [
        CommandFor(
            need_cover, covers.stream(NEED), LapseCover(lapsed_on=its_day, happened_at=MONDAY)
        )
    ]
    reconfirmed = NeedReconfirmed(
        **same, rules=RULES, lapses_on=next_day, reconfirmed_by=OFFICER, happened_at=MONDAY
    )
    assert gives(reconfirmed) == [
        CommandFor(
            need_cover, covers.stream(NEED), RenewCover(lapses_on=next_day, happened_at=MONDAY)
        )
    ]


def test_a_withdrawn_need_is_closed() -> None:
    withdrawn = NeedWithdrawn(
        need_id=NEED,
        programme_id=PROGRAMME,
        withdrawn_by=OFFICER,
        reason=Sealed(UUID(int=8), "why"),
        happened_at=MONDAY,
    )
    assert gives(withdrawn) == [
        CommandFor(need_cover, covers.stream(NEED), CloseCover(happened_at=MONDAY))
    ]


def test_names_are_unique_since_keys_are_derived_from_them() -> None:
    names = [reaction.name for reaction in REACTIONS]
    assert len(names) == len(set(names))
