"""Money that leaves a fund: prepared, authorised, paid, settled, each by another person."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.donations import (
    Account,
    AdvanceSettled,
    EntryLine,
    FundEntryBooked,
    PaymentAuthorised,
    PaymentDue,
    PaymentFailed,
    PaymentMade,
)
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor
from services.donations.domain.fund import BookEntry, NotEnoughInTheFund, fund
from services.donations.domain.fund import Event as FundEvent
from services.donations.domain.payment import (
    AuthorisePayment,
    Command,
    Event,
    FailPayment,
    MakePayment,
    NoAdvance,
    PayeeDoesNotFit,
    PaymentNotPrepared,
    PaymentNotThere,
    PaymentPreparedOtherwise,
    PreparePayment,
    ReturnedMoreThanAdvanced,
    SettleAdvance,
    WayOfReturnNotSaid,
    payment,
)
from tests.services.donations.door import CITY, MONEY
from tests.services.donations.examples import (
    ACCOUNTANT,
    CASHIER,
    CONTRIBUTION,
    COORDINATOR,
    FUND,
    MONDAY,
    PROGRAMME,
    fund_opened,
)
from tests.services.donations.test_fund import both_sides
from tests.support.answers import accepted, refused, shown
from tests.support.spec import Given

PAYMENT, HOLDER, LEADER = UUID(int=801), UUID(int=802), UUID(int=803)
HOSPITAL = Sealed(UUID(int=1), "c2VhbGVk")
DUE_ON, SETTLE_BY = date(2024, 12, 20), date(2025, 1, 20)
ADVANCED = 50_000_000


def advance(*, person_id: UUID | None = HOLDER, prepared_by: UUID = ACCOUNTANT) -> PreparePayment:
    return PreparePayment(
        payment_id=PAYMENT,
        programme_id=PROGRAMME,
        fund_id=FUND,
        purpose="advance",
        amount=ADVANCED,
        person_id=person_id,
        partner=None,
        due_on=DUE_ON,
        prepared_by=prepared_by,
        happened_at=MONDAY,
    )


to_hospital = replace(advance(person_id=None), purpose="partner", partner=HOSPITAL)


def due(of: PreparePayment | None = None) -> PaymentDue:
    (event,) = payment.decide(of or advance(), payment.initial)
    assert isinstance(event, PaymentDue)
    return event


authorised = PaymentAuthorised(
    payment_id=PAYMENT, programme_id=PROGRAMME, authorised_by=LEADER, happened_at=MONDAY
)
authorise = AuthorisePayment(authorised_by=LEADER, happened_at=MONDAY)


def pay(by: UUID = CASHIER) -> MakePayment:
    return MakePayment(
        paid_in="transfer",
        reference="FT24353",
        settle_by=SETTLE_BY,
        paid_by=by,
        happened_at=MONDAY,
    )


def made(of: PreparePayment | None = None) -> PaymentMade:
    of = of or advance()
    return PaymentMade(
        payment_id=PAYMENT,
        programme_id=PROGRAMME,
        fund_id=FUND,
        purpose=of.purpose,
        amount=ADVANCED,
        paid_in="transfer",
        reference="FT24353",
        settle_by=SETTLE_BY if of.purpose == "advance" else None,
        paid_by=CASHIER,
        happened_at=MONDAY,
    )


def settle(by: UUID = ACCOUNTANT, returned: int = 1_000_000) -> SettleAdvance:
    return SettleAdvance(
        returned=returned,
        returned_in="cash" if returned else None,
        settled_by=by,
        happened_at=MONDAY,
    )


settled = AdvanceSettled(
    payment_id=PAYMENT,
    programme_id=PROGRAMME,
    fund_id=FUND,
    handed_out=49_000_000,
    returned=1_000_000,
    returned_in="cash",
    settled_by=ACCOUNTANT,
    happened_at=MONDAY,
)
failed = PaymentFailed(
    payment_id=PAYMENT,
    programme_id=PROGRAMME,
    reason="returned-by-bank",
    booked_back=True,
    failed_by=ACCOUNTANT,
    happened_at=MONDAY,
)
fail = FailPayment(reason="returned-by-bank", failed_by=ACCOUNTANT, happened_at=MONDAY)
PAID = (due(), authorised, made())


def booked_by(command: Command, *past: Event) -> list[tuple[str, int, int]]:
    """What it books, as account, debit, credit."""
    state = payment.fold(past)
    gives = payment.also(command, state, payment.decide(command, state))
    entries = [
        give.command
        for give in gives
        if isinstance(give, CommandFor) and isinstance(give.command, BookEntry)
    ]
    return [(line.account, line.debit, line.credit) for one in entries for line in one.lines]


def test_an_advance_goes_its_way_by_four_persons() -> None:
    Given(payment).when(advance()).then(due())
    Given(payment, due()).when(authorise).then(authorised)
    Given(payment, due(), authorised).when(pay()).then(made())
    Given(payment, *PAID).when(settle()).then(settled)


def test_what_is_done_is_done_once() -> None:
    later = MONDAY + timedelta(days=1)
    for past, command in (
        ((due(),), advance()),
        ((due(), authorised), authorise),
        (PAID, pay()),
        ((*PAID, settled), settle()),
        ((*PAID, failed), fail),
        (PAID, replace(pay(), settle_by=SETTLE_BY + timedelta(days=1))),
    ):
        Given(payment, *past).when(replace(command, happened_at=later)).then_nothing()


def test_each_step_waits_for_the_one_before() -> None:
    Given(payment).when(authorise).then_rejected(PaymentNotPrepared)
    Given(payment, due()).when(pay()).then_rejected(PaymentNotThere)
    Given(payment, due(), authorised).when(settle()).then_rejected(PaymentNotThere)
    Given(payment, *PAID, settled).when(fail).then_rejected(PaymentNotThere)


def test_an_advance_has_a_holder_and_a_partner_a_name() -> None:
    Given(payment).when(advance(person_id=None)).then_rejected(PayeeDoesNotFit)
    Given(payment).when(replace(to_hospital, partner=None)).then_rejected(PayeeDoesNotFit)
    Given(payment).when(replace(to_hospital, person_id=HOLDER)).then_rejected(PayeeDoesNotFit)


def test_only_an_advance_is_settled_and_no_more_comes_back_than_went_out() -> None:
    partner = (due(to_hospital), authorised, made(to_hospital))
    Given(payment, *partner).when(settle()).then_rejected(NoAdvance)
    Given(payment, *PAID).when(settle(returned=ADVANCED + 1)).then_rejected(
        ReturnedMoreThanAdvanced
    )
    unsaid = replace(settle(), returned_in=None)
    Given(payment, *PAID).when(unsaid).then_rejected(WayOfReturnNotSaid)


def test_an_id_is_used_for_one_payment() -> None:
    other = replace(advance(), amount=1)
    Given(payment, due()).when(other).then_rejected(PaymentPreparedOtherwise)
    other_hospital = replace(to_hospital, partner=Sealed(UUID(int=1), "b3RoZXI="))
    Given(payment, due(to_hospital)).when(other_hospital).then_rejected(PaymentPreparedOtherwise)


def test_a_partner_has_nothing_to_settle_and_an_advance_says_by_when() -> None:
    Given(payment, due(to_hospital), authorised).when(pay()).then(made(to_hospital))
    assert made(to_hospital).settle_by is None
    assert made().settle_by == SETTLE_BY


def test_what_is_paid_is_booked_and_the_rest_of_an_advance_comes_back() -> None:
    assert booked_by(pay(), due(), authorised) == [
        ("advances", ADVANCED, 0),
        ("bank", 0, ADVANCED),
    ]
    assert booked_by(settle(), *PAID) == [("cash", 1_000_000, 0), ("advances", 0, 1_000_000)]
    assert booked_by(settle(returned=0), *PAID) == []


def test_a_partner_is_paid_what_is_owed_to_it() -> None:
    assert booked_by(pay(), due(to_hospital), authorised) == [
        ("partners", ADVANCED, 0),
        ("bank", 0, ADVANCED),
    ]


def test_what_the_bank_returns_is_booked_back() -> None:
    assert booked_by(fail, *PAID) == [("advances", 0, ADVANCED), ("bank", ADVANCED, 0)]
    assert booked_by(fail, due(), authorised) == []


def test_no_more_is_paid_than_is_there() -> None:
    (booked,) = fund.decide(
        BookEntry(entry_id=CONTRIBUTION, lines=both_sides(100), paper="x", happened_at=MONDAY),
        fund.fold([fund_opened]),
    )
    paying = BookEntry(
        entry_id=PAYMENT,
        lines=(
            EntryLine(account="advances", debit=101, credit=0),
            EntryLine(account="bank", debit=0, credit=101),
        ),
        paper="y",
        happened_at=MONDAY,
        pays=True,
    )
    Given(fund, fund_opened, booked).when(paying).then_rejected(NotEnoughInTheFund)


def test_what_was_signed_for_first_is_paid_afterwards() -> None:
    def entry(number: int, debited: Account, credited: Account, *, pays: bool) -> BookEntry:
        return BookEntry(
            entry_id=UUID(int=number),
            lines=(
                EntryLine(account=debited, debit=100, credit=0),
                EntryLine(account=credited, debit=0, credit=100),
            ),
            paper=str(number),
            happened_at=MONDAY,
            pays=pays,
        )

    past: list[FundEvent] = [fund_opened]
    past += fund.decide(entry(1, "bank", "contributions", pays=False), fund.fold(past))
    past += fund.decide(entry(2, "support-delivered", "partners", pays=False), fund.fold(past))
    (paid,) = fund.decide(entry(3, "partners", "bank", pays=True), fund.fold(past))
    assert isinstance(paid, FundEntryBooked)
    left = {one.account: one.debit - one.credit for one in paid.balances}
    assert left == {"partners": 0, "bank": 0}


# --- through the door ---

BODY = {
    "fund_id": str(FUND),
    "purpose": "advance",
    "amount": 2_000_000,
    "person_id": str(HOLDER),
    "due_on": "2024-12-20",
}
AT = f"/payments/{PAYMENT}"


@pytest.fixture
def funded(door):
    """A fund with 2,000,000 đồng at the bank, and who may authorise."""
    door.house.grant(LEADER, "leader", CITY)
    door.given_a_campaign()
    door.given_accepted(**MONEY)
    return door


def step(door, name, body=None, *, by):
    return door.post(f"{AT}/{name}", body, by=by)


def make(door, **changes):
    body = {"paid_in": "transfer", "reference": "FT24353"} | changes
    return step(door, "making", body, by=CASHIER)


def authorised_at(door, **changes):
    accepted(door.put(AT, BODY | changes, by=ACCOUNTANT))
    accepted(step(door, "authorisation", by=LEADER))


def test_an_advance_is_paid_and_settled_and_its_fund_balances(funded):
    authorised_at(funded)
    accepted(make(funded))
    accepted(
        step(
            funded,
            "settlement",
            {"returned": 500_000, "returned_in": "transfer"},
            by=ACCOUNTANT,
        )
    )
    read = funded.get(AT, by=LEADER).json()
    assert (read["status"], read["handed_out"], read["returned"]) == (
        "settled",
        1_500_000,
        500_000,
    )
    (listed,) = funded.get("/payments?status=settled", by=CASHIER).json()["items"]
    assert listed["payment_id"] == str(PAYMENT)
    book = funded.get(f"/funds/{FUND}", by=ACCOUNTANT).json()
    balances = {one["account"]: one["balance"] for one in book["accounts"]}
    assert (balances["bank"], balances["advances"]) == (500_000, 1_500_000)
    assert book["debits"] == book["credits"]


def test_a_payment_repeated_for_another_partner_is_refused(funded):
    partner = BODY | {"purpose": "partner", "partner": "Bệnh viện Nhi", "person_id": None}
    accepted(funded.put(AT, partner, by=ACCOUNTANT))
    other = partner | {"partner": "Bệnh viện Tim"}
    refused(funded.put(AT, other, by=ACCOUNTANT), 409, "payment-prepared-otherwise")
    known = len(funded.events())
    accepted(funded.put(AT, partner, by=ACCOUNTANT))
    assert len(funded.events()) == known


def test_who_is_paid_is_sealed_and_shown_to_who_judges(funded):
    body = {"purpose": "partner", "partner": "Bệnh viện Nhi", "person_id": None}
    authorised_at(funded, **body)
    assert "Nhi" not in repr(funded.events())
    assert funded.get(AT, by=LEADER).json()["partner"] == "Bệnh viện Nhi"


def test_a_payment_that_the_bank_returns_is_booked_back(funded):
    authorised_at(funded)
    accepted(make(funded))
    accepted(step(funded, "failure", {"reason": "returned-by-bank"}, by=ACCOUNTANT))
    book = funded.get(f"/funds/{FUND}", by=ACCOUNTANT).json()
    assert {one["account"]: one["balance"] for one in book["accounts"]}["bank"] == 2_000_000


def test_what_a_payment_refuses(funded):
    nothing = {"person_id": None}
    refused(funded.put(AT, BODY | nothing, by=ACCOUNTANT), 422, "payee-does-not-fit")
    own = BODY | {"person_id": str(ACCOUNTANT)}
    refused(funded.put(AT, own, by=ACCOUNTANT), 403, "involved-in-payment")
    refused(step(funded, "authorisation", by=LEADER), 404, "payment-not-prepared")
    accepted(funded.put(AT, BODY, by=ACCOUNTANT))
    other = BODY | {"amount": 1}
    refused(funded.put(AT, other, by=ACCOUNTANT), 409, "payment-prepared-otherwise")
    refused(make(funded), 409, "payment-not-there")
    more = {"returned": 3_000_000, "returned_in": "cash"}
    refused(step(funded, "settlement", more, by=ACCOUNTANT), 422, "returned-more-than-advanced")
    unsaid = {"returned": 1}
    refused(step(funded, "settlement", unsaid, by=ACCOUNTANT), 422, "way-of-return-not-said")


def test_a_partner_settles_nothing(funded):
    body = {"purpose": "partner", "partner": "Bệnh viện Nhi", "person_id": None}
    authorised_at(funded, **body)
    nothing = {"returned": 0}
    refused(step(funded, "settlement", nothing, by=ACCOUNTANT), 422, "no-advance")


def test_a_fund_pays_no_more_than_it_holds(funded):
    authorised_at(funded, amount=2_000_001)
    refused(make(funded), 409, "not-enough-in-the-fund")


def test_advances_to_settle_are_listed_from_their_day_on_until_they_are_settled(funded):
    def waiting(by=None):
        asked = f"/payments/to-settle?fund_id={FUND}" + (f"&by={by}" if by else "")
        return [
            (one["payment_id"], one["settle_by"])
            for one in funded.get(asked, by=CASHIER).json()["items"]
        ]

    authorised_at(funded)
    accepted(make(funded))
    settle_by = funded.get(AT, by=LEADER).json()["settle_by"]
    assert date.fromisoformat(settle_by) >= vietnamese_day(MONDAY) + timedelta(days=30)
    assert waiting() == []
    day_before = date.fromisoformat(settle_by) - timedelta(days=1)
    assert waiting(by=day_before) == []
    assert waiting(by=settle_by) == [(str(PAYMENT), settle_by)]
    nothing_back = {"returned": 0}
    accepted(step(funded, "settlement", nothing_back, by=ACCOUNTANT))
    assert waiting(by=settle_by) == []


def test_a_coordinator_pays_nothing(funded):
    assert funded.put(AT, BODY, by=COORDINATOR).status_code == 403


def test_who_is_paid_is_nobodys_to_read_elsewhere(funded):
    village, leader = UUID(int=9_001), UUID(int=9_002)
    funded.house.unit(village, parent=CITY, name="Ba Vì")
    funded.house.grant(leader, "leader", village)
    authorised_at(funded)
    assert funded.get(AT, by=LEADER).status_code == 200
    assert funded.get(AT, by=leader).status_code == 404
    for path in ("/payments", f"/payments?fund_id={FUND}"):
        assert len(shown(funded.get(path, by=LEADER))["items"]) == 1
        assert shown(funded.get(path, by=leader))["items"] == []
