import hashlib
import re
from unicodedata import normalize
from uuid import UUID, uuid4

import pytest

from contracts.donations import (
    ContributionAccepted,
    ContributionAnnounced,
    ContributionReceiptCancelled,
    ContributionReceipted,
    ContributionRefused,
    Earmark,
    FundEntryBooked,
    ReceiptCancelled,
    ReceiptIssued,
    SponsorRegistered,
)
from edge.guessing import WRONG_MAX
from services.donations.domain.contribution import contribution
from tests.services.donations.door import (
    AUDITOR,
    CITY,
    DONG,
    JACKETS,
    MONEY,
    READER,
    SIGNED,
    STRANGER,
)
from tests.services.donations.examples import (
    ACCOUNTANT,
    CAMPAIGN,
    CASHIER,
    COMMUNE,
    CONTRIBUTION,
    COORDINATOR,
    FUND,
    GIVER,
    LINE,
    MONDAY,
    OTHER_CONTRIBUTION,
    OTHER_LINE,
    OTHER_PROGRAMME,
    OTHER_SPONSOR,
    PLEDGE,
    PROGRAMME,
    RULES,
    SPONSOR,
    STOREKEEPER,
    TUESDAY,
)
from tests.support.answers import accepted, refused, shown
from tests.support.checkpoints import publish

# --- sponsors ---


def test_a_sponsor_is_registered_with_name_and_address_sealed(door):
    accepted(door.register_sponsor())
    (event,) = door.events()
    assert isinstance(event, SponsorRegistered)
    assert "vietngoc" not in repr(event)


def test_registering_again_changes_nothing(door):
    door.register_sponsor()
    accepted(door.register_sponsor())
    assert len(door.events()) == 1


async def test_who_repeats_a_command_after_an_erasure_gets_the_answer_of_before(door):
    key, path = UUID(int=73), f"/sponsors/{UUID(int=74)}"
    body = {"kind": "individual", "name": "Một người minh hoạ", "illustrative": True}
    first = accepted(door.put(path, body, by=COORDINATOR, key=key))
    await door.house.sealer.destroy(UUID(int=74), "contact")
    assert accepted(door.put(path, body, by=COORDINATOR, key=key)) == first
    otherwise = body | {"name": "Một người khác"}
    refused(door.put(path, otherwise, by=COORDINATOR, key=key), 422, "key-used-differently")
    refused(door.put(path, otherwise, by=COORDINATOR), 409, "person-erased")


def test_whoever_gives_finds_themselves_and_nobody_else(door):
    door.register_sponsor()
    (own,) = shown(door.get("/sponsors/own", by=GIVER))["items"]
    assert own["sponsor_id"] == str(SPONSOR)
    assert shown(door.get("/sponsors/own", by=COORDINATOR))["items"] == []


def test_one_id_is_one_sponsor(door):
    door.register_sponsor()
    refused(door.register_sponsor(name="Công ty khác"), 409, "sponsor-registered-otherwise")


def test_a_sponsor_needs_no_address(door):
    accepted(door.register_sponsor(email=None))
    answer = shown(door.get(f"/sponsors/{SPONSOR}/contact", by=READER))
    assert answer["email"] is None


def test_the_program_that_writes_to_a_sponsor_reads_how(door):
    door.register_sponsor()
    assert shown(door.get(f"/sponsors/{SPONSOR}/contact", by=READER)) == {
        "name": "Công ty cổ phần May Việt Ngọc",
        "email": "lien-he@vietngoc.invalid",
        "language": "vi",
    }


def test_nobody_else_does(door):
    door.register_sponsor()
    refused(door.get(f"/sponsors/{SPONSOR}/contact", by=COORDINATOR), 403, "not-allowed")


def test_nobody_is_reached_who_is_not_registered(door):
    answer = door.get(f"/sponsors/{SPONSOR}/contact", by=READER)
    refused(answer, 404, "sponsor-not-registered")


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", "a b@c", f"{'x' * 250}@b.vn"])
def test_what_is_no_address_is_refused(door, email):
    refused(door.register_sponsor(email=email), 422, "request-not-valid")


def test_text_is_kept_composed(door):
    door.register_sponsor(public_name=normalize("NFD", "Hội Bảo trợ"))
    (event,) = door.events()
    assert event.public_name == normalize("NFC", "Hội Bảo trợ")


# --- funds ---


def test_a_fund_is_opened(door):
    accepted(door.open_fund())
    answer = shown(door.get(f"/funds/{FUND}"))
    assert (answer["name"], answer["accounts"]) == ("Nguồn vận động mùa đông", [])


def test_one_id_is_one_fund(door):
    door.open_fund()
    refused(door.open_fund(name="Quỹ khác"), 409, "fund-opened-otherwise")


def test_a_fund_that_was_not_opened_is_not_shown(door):
    refused(door.get(f"/funds/{FUND}"), 404, "fund-not-opened")


def test_accepted_money_stands_in_the_fund(door):
    door.given_a_campaign()
    door.given_accepted(**MONEY)
    answer = shown(door.get(f"/funds/{FUND}"))
    assert answer["accounts"] == [
        {"account": "bank", "debit": 2_000_000, "credit": 0, "balance": 2_000_000},
        {"account": "contributions", "debit": 0, "credit": 2_000_000, "balance": -2_000_000},
    ]
    assert answer["debits"] == answer["credits"] == 2_000_000
    assert answer["positions"]["donations"] == len(door.events())


# --- campaigns ---


def test_a_campaign_is_opened_and_shown(door):
    door.given_a_campaign()
    seen = shown(door.get(f"/campaigns/{CAMPAIGN}", by=GIVER))
    assert (seen["name"], seen["ends_on"]) == ("Áo ấm mùa đông 2024", "2024-12-15")
    assert shown(door.get("/campaigns", by=GIVER))["items"] == [seen]
    assert shown(door.get(f"/campaigns?programme_id={PROGRAMME}"))["items"] == [seen]
    assert shown(door.get(f"/campaigns?programme_id={OTHER_PROGRAMME}"))["items"] == []


def test_one_id_is_one_campaign(door):
    door.given_a_campaign()
    refused(door.open_campaign(target=999), 409, "campaign-opened-otherwise")


def test_a_campaign_ends_after_it_starts(door):
    door.open_fund()
    answer = door.open_campaign(ends_on="2024-09-30")
    refused(answer, 422, "campaign-ends-before-it-starts")


def test_a_campaign_needs_a_fund(door):
    refused(door.open_campaign(), 404, "fund-not-opened")
    assert door.events() == []


def test_a_campaign_needs_a_fund_of_its_programme(door):
    door.open_fund()
    door.house.programme(OTHER_PROGRAMME)
    answer = door.open_campaign(programme_id=str(OTHER_PROGRAMME))
    refused(answer, 422, "fund-of-another-programme")


def test_a_campaign_that_was_not_opened_is_not_shown(door):
    refused(door.get(f"/campaigns/{CAMPAIGN}"), 404, "campaign-not-opened")


# --- pledges ---


def test_a_pledge_is_made_once_however_often_it_is_sent(door):
    door.given_a_campaign()
    accepted(door.make_pledge())
    before = len(door.events())
    accepted(door.make_pledge())
    assert len(door.events()) == before
    (seen,) = shown(door.get(f"/pledges?campaign_id={CAMPAIGN}"))["items"]
    assert (seen["quantity_outstanding"], seen["fulfilled"]) == (1000, False)


def test_pledges_are_listed_by_sponsor(door):
    door.given_a_campaign()
    door.make_pledge()
    assert len(shown(door.get(f"/pledges?sponsor_id={SPONSOR}"))["items"]) == 1
    assert shown(door.get(f"/pledges?sponsor_id={OTHER_SPONSOR}"))["items"] == []


def test_one_id_is_one_promise(door):
    door.given_a_campaign()
    door.make_pledge()
    refused(door.make_pledge(quantity=999), 409, "pledge-made-otherwise")


def test_a_pledge_needs_a_campaign(door):
    refused(door.make_pledge(), 404, "campaign-not-opened")


def test_a_pledge_needs_a_registered_sponsor(door):
    door.given_a_campaign()
    answer = door.make_pledge(sponsor_id=str(OTHER_SPONSOR))
    refused(answer, 404, "sponsor-not-registered")


def test_a_pledge_is_for_what_the_campaign_is_for(door):
    door.given_a_campaign()
    fields = refused(
        door.make_pledge(category="school-supplies"), 422, "campaign-for-another-category"
    )
    assert fields == {"category": "warm-clothes"}


def test_a_pledge_comes_while_the_campaign_runs(door):
    door.given_a_campaign()
    answer = door.make_pledge(happened_at="2024-09-30T10:00:00+07:00")
    fields = refused(answer, 422, "campaign-not-running")
    assert fields == {"starts_on": "2024-10-01", "ends_on": "2024-12-15"}


def test_money_is_promised_in_dong(door):
    door.given_a_campaign()
    refused(door.make_pledge(kind="money"), 422, "money-is-counted-in-dong")


def test_a_misspelt_earmark_is_not_lost(door):
    door.given_a_campaign()
    refused(door.make_pledge(earmark={"unit": str(COMMUNE)}), 422, "request-not-valid")


@pytest.mark.parametrize("quantity", [0, -1, 10**13 + 1, "ten", 1.5])
def test_a_quantity_that_makes_no_sense_is_refused(door, quantity):
    refused(door.make_pledge(quantity=quantity), 422, "request-not-valid")


# --- contributions: announced ---


def test_a_contribution_goes_all_the_way_to_its_receipt(door):
    door.given_a_campaign()
    door.make_pledge()
    for answer in (
        door.announce(),
        door.receive(),
        door.inspect(),
        door.accept(),
        door.receipt(),
    ):
        accepted(answer)
    seen = door.get(f"/contributions/{CONTRIBUTION}")
    assert seen.headers["ETag"].startswith('"5.')
    gift = shown(seen)
    assert (gift["status"], gift["variance"]) == ("receipted", -50)
    assert gift["lines"][0] | {"specification": None} == {
        "line_id": str(LINE),
        "category": "warm-clothes",
        "specification": None,
        "announced": 1000,
        "good": 800,
        "mendable": 150,
        "refused": 50,
    }
    assert gift["receipt"] == {"book": "HANG", "year": 2024, "number": 1}
    assert gift["receipt_code"] is None


def test_an_announcement_takes_programme_and_fund_from_the_campaign(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    event = door.events()[-1]
    assert isinstance(event, ContributionAnnounced)
    assert (event.programme_id, event.fund_id) == (PROGRAMME, FUND)


def test_announcing_again_changes_nothing_even_after_the_campaign(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    before = len(door.events())
    door.house.now = MONDAY.replace(year=2025)
    accepted(door.announce(pledge_id=None))
    assert len(door.events()) == before


def test_one_id_is_one_contribution(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    other = [JACKETS | {"quantity": 1}]
    answer = door.announce(pledge_id=None, lines=other)
    refused(answer, 409, "contribution-announced-otherwise")


def test_a_contribution_needs_a_campaign(door):
    refused(door.announce(pledge_id=None), 404, "campaign-not-opened")


def test_a_contribution_comes_while_the_campaign_runs(door):
    door.given_a_campaign()
    door.house.now = MONDAY.replace(year=2025)
    refused(door.announce(pledge_id=None), 422, "campaign-not-running")


def test_a_contribution_is_for_what_the_campaign_is_for(door):
    door.given_a_campaign()
    lines = [JACKETS | {"category": "school-supplies", "specification": {}}]
    refused(door.announce(pledge_id=None, lines=lines), 422, "campaign-for-another-category")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"category": "toys"}, "not-given-for"),
        ({"category": "surgery"}, "not-given-for"),
        ({"specification": {"size": "XL"}}, "specification-not-of-the-category"),
        ({"specification": {"colour": "red"}}, "specification-not-of-the-category"),
    ],
)
def test_what_is_given_is_as_the_pack_says(door, changed, code):
    door.given_a_campaign()
    refused(door.announce(pledge_id=None, lines=[JACKETS | changed]), 422, code)


@pytest.mark.parametrize("changed", [{"category": "toys"}, {"category": "surgery"}])
def test_no_campaign_is_for_what_the_pack_does_not_know_or_hides(door, changed):
    door.open_fund()
    refused(door.open_campaign(**changed), 422, "not-given-for")


def test_a_campaign_counts_as_the_pack_says_and_names_its_version(door):
    door.open_fund()
    refused(door.open_campaign(measure="kilogram"), 422, "measure-not-of-the-category")
    accepted(door.open_campaign())
    assert door.events()[-1].rules == RULES.named


def test_a_programme_that_is_not_known_opens_no_campaign(door):
    door.open_fund()
    answer = door.open_campaign(programme_id=str(OTHER_PROGRAMME))
    refused(answer, 404, "programme-not-known")


def test_no_event_ever_names_an_individual(door):
    answer = door.register_sponsor(kind="individual", public_name="Bà Lan")
    refused(answer, 422, "individual-is-not-named")
    accepted(door.register_sponsor(kind="individual", public_name=None))


PUBLIC_NAME = f"/sponsors/{SPONSOR}/public-name"


def test_an_individual_agrees_to_be_named_and_withdraws_it(door):
    door.register_sponsor(kind="individual", public_name=None)
    names = f"/public-names?sponsor_id={SPONSOR}"
    for by in (GIVER, COORDINATOR):
        accepted(door.put(PUBLIC_NAME, {"public_name": "Bà Lan"}, by=by))
    answer = door.get(names, by=None)
    assert shown(answer)["items"] == [{"sponsor_id": str(SPONSOR), "public_name": "Bà Lan"}]
    assert answer.headers["Cache-Control"] == "no-store"
    for _ in range(2):
        accepted(door.post(f"{PUBLIC_NAME}/withdrawal", by=GIVER))
    assert shown(door.get(names, by=None))["items"] == []
    said = [type(event).__name__ for event in door.events()]
    assert said == ["SponsorRegistered", "PublicityAgreed", "PublicityWithdrawn"]
    assert "Bà Lan" not in repr(door.events())


def test_a_name_rests_on_what_was_read_of_the_giver(door):
    """Two who saw the same: the second is told, and overwrites nothing."""
    door.register_sponsor(kind="individual", public_name=None)
    refused(
        door.put(PUBLIC_NAME, {"public_name": "x"}, by=GIVER, if_match=None),
        428,
        "if-match-missing",
    )
    seen = door.get(f"/sponsors/{SPONSOR}", by=COORDINATOR).headers["ETag"]
    accepted(door.put(PUBLIC_NAME, {"public_name": "Bà Lan"}, by=GIVER))
    answer = door.put(PUBLIC_NAME, {"public_name": "Lan"}, by=COORDINATOR, if_match=seen)
    refused(answer, 412, "changed-since")
    assert len(door.events()) == 2


def test_who_sees_a_sponsor_and_who_is_told_that_there_is_none(door):
    door.register_sponsor(kind="individual", public_name=None)
    for by in (GIVER, COORDINATOR, AUDITOR):
        answer = door.get(f"/sponsors/{SPONSOR}", by=by)
        assert shown(answer) == {
            "sponsor_id": str(SPONSOR),
            "person_id": str(GIVER),
            "kind": "individual",
            "is_named": False,
            "language": "vi",
            "illustrative": True,
            "version": 1,
        }
        assert answer.headers["ETag"].startswith('"1.')
    for by in (STRANGER, ACCOUNTANT):
        refused(door.get(f"/sponsors/{SPONSOR}", by=by), 404, "sponsor-not-registered")
        refused(door.get(f"/sponsors/{OTHER_SPONSOR}", by=by), 404, "sponsor-not-registered")


def test_a_pledge_is_there_for_its_giver_and_where_its_fund_is_kept(door):
    door.given_a_campaign()
    door.make_pledge()
    elsewhere = door.house.grant(UUID(int=57), "coordinator", door.house.unit(UUID(int=58)))
    for by in (GIVER, COORDINATOR, AUDITOR):
        answer = door.get(f"/pledges/{PLEDGE}", by=by)
        assert shown(answer)["quantity_outstanding"] == 1000
        assert answer.headers["ETag"].startswith(f'"{shown(answer)["version"]}.')
    for by in (STRANGER, ACCOUNTANT, elsewhere):
        refused(door.get(f"/pledges/{PLEDGE}", by=by), 404, "pledge-not-made")
        refused(door.get(f"/pledges/{UUID(int=404)}", by=by), 404, "pledge-not-made")


def test_nobody_else_says_how_a_giver_is_named(door):
    door.register_sponsor(kind="individual", public_name=None)
    body = {"public_name": "Bà Lan"}
    answer = door.put(PUBLIC_NAME, body, by=ACCOUNTANT, if_match='"1"')
    refused(answer, 403, "not-allowed")
    refused(door.post(f"{PUBLIC_NAME}/withdrawal", by=ACCOUNTANT), 403, "not-allowed")


def test_an_organisation_has_its_name_already(door):
    refused(
        door.put(PUBLIC_NAME, {"public_name": "x"}, by=COORDINATOR), 404, "sponsor-not-registered"
    )
    answer = door.post(f"{PUBLIC_NAME}/withdrawal", by=COORDINATOR)
    refused(answer, 404, "sponsor-not-registered")
    door.register_sponsor()
    refused(door.put(PUBLIC_NAME, {"public_name": "x"}, by=GIVER), 422, "only-individuals-agree")
    answer = door.post(f"{PUBLIC_NAME}/withdrawal", by=GIVER)
    refused(answer, 422, "only-individuals-agree")
    (named,) = shown(door.get(f"/public-names?sponsor_id={SPONSOR}", by=None))["items"]
    assert named["public_name"] == "Công ty May Việt Ngọc"


def test_a_contribution_needs_a_registered_sponsor(door):
    door.given_a_campaign()
    answer = door.announce(pledge_id=None, sponsor_id=str(OTHER_SPONSOR))
    refused(answer, 404, "sponsor-not-registered")


def test_a_contribution_for_a_pledge_needs_the_pledge(door):
    door.given_a_campaign()
    refused(door.announce(), 404, "pledge-not-made")


def test_a_contribution_for_a_pledge_is_what_was_pledged(door):
    door.given_a_campaign()
    door.make_pledge()
    answer = door.announce(kind="money", lines=[DONG])
    assert refused(answer, 422, "not-what-was-pledged") == {"field": "kind"}


def test_a_contribution_keeps_the_earmark_of_its_pledge(door):
    door.given_a_campaign()
    door.make_pledge(earmark={"unit_id": str(COMMUNE)})
    accepted(door.announce())
    assert door.events()[-1].earmark == Earmark(unit_id=COMMUNE)


def test_an_earmark_that_was_pledged_is_not_changed_on_the_way(door):
    door.given_a_campaign()
    door.make_pledge(earmark={"unit_id": str(COMMUNE)})
    answer = door.announce(earmark={"unit_id": str(PROGRAMME)})
    assert refused(answer, 422, "not-what-was-pledged") == {"field": "earmark"}


def test_money_comes_in_dong(door):
    door.given_a_campaign()
    refused(door.announce(pledge_id=None, kind="money"), 422, "money-is-counted-in-dong")


def test_a_line_has_its_own_id(door):
    door.given_a_campaign()
    answer = door.announce(pledge_id=None, lines=[JACKETS, JACKETS])
    assert refused(answer, 422, "line-listed-twice") == {"line_id": str(LINE)}


def test_one_contribution_is_counted_in_one_measure(door):
    door.given_a_campaign()
    sets = JACKETS | {"line_id": str(OTHER_LINE), "measure": "set"}
    answer = door.announce(pledge_id=None, lines=[JACKETS, sets])
    refused(answer, 422, "lines-in-different-measures")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [JACKETS | {"specification": {"size": {"a": 1}}}],
        [JACKETS | {"specification": {"grade": 10**30}}],
        [JACKETS | {"specification": {str(number): 1 for number in range(11)}}],
    ],
)
def test_lines_that_make_no_sense_are_refused(door, lines):
    refused(door.announce(lines=lines), 422, "request-not-valid")


# --- received ---


def test_a_storekeeper_receives_no_money(door):
    door.given_a_campaign()
    door.announce(**MONEY)
    refused(door.receive(by=STOREKEEPER), 403, "not-allowed")
    accepted(door.receive(by=CASHIER))


def test_of_money_it_is_said_whether_it_is_cash(door):
    door.given_a_campaign()
    door.announce(**MONEY)
    refused(door.receive(by=CASHIER, body={}), 422, "way-of-payment-not-said")
    accepted(door.receive(by=CASHIER, body={"paid_in": "cash"}))
    found = door.found(1_999_999, 0, 0)
    accepted(door.inspect(CONTRIBUTION, found, by=CASHIER))
    accepted(door.accept())
    assert door.events()[-1].lines[0].account == "cash"
    seen = door.get(f"/contributions/{CONTRIBUTION}").json()
    assert (seen["paid_in"], seen["variance"]) == ("cash", -1)


def test_a_cashier_receives_no_goods(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    refused(door.receive(by=CASHIER), 403, "not-allowed")
    refused(door.receive(body={"paid_in": "cash"}), 422, "goods-are-not-paid")


def test_nothing_is_received_that_was_not_announced(door):
    refused(door.receive(), 404, "contribution-not-announced")


def test_one_person_receives(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    door.receive()
    accepted(door.receive())
    other = door.house.grant(STRANGER, "storekeeper", UUID(int=51))
    refused(door.receive(by=other), 409, "contribution-received-otherwise")


def test_after_the_campaign_nothing_is_received(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    door.house.now = MONDAY.replace(year=2025)
    answer = door.receive()
    assert refused(answer, 422, "receiving-closed") == {"ends_on": "2024-12-15"}


def test_what_was_received_in_time_may_be_recorded_later(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    door.house.now = MONDAY.replace(year=2025)
    accepted(door.receive(body={"happened_at": TUESDAY.isoformat()}))
    assert door.events()[-1].happened_at == TUESDAY


def test_nothing_is_recorded_before_it_happens(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    answer = door.receive(body={"happened_at": TUESDAY.isoformat()})
    refused(answer, 422, "not-yet-happened")


@pytest.mark.parametrize("said", ["2024-10-07T08:00:00", "0001-01-01T00:00:00+14:00", "today"])
def test_what_is_no_time_of_a_programme_is_refused(door, said):
    refused(door.receive(body={"happened_at": said}), 422, "request-not-valid")


# --- inspected ---


def given_received(door, **changes):
    door.given_a_campaign()
    door.announce(**{"pledge_id": None} | changes)
    money = changes.get("kind") == "money"
    accepted(door.receive(by=CASHIER if money else STOREKEEPER))


def test_a_cashier_does_not_inspect_goods(door):
    given_received(door)
    refused(door.inspect(by=CASHIER), 403, "not-allowed")


def test_a_cashier_inspects_money(door):
    given_received(door, **MONEY)
    found = door.found(2_000_000, 0, 0)
    accepted(door.inspect(CONTRIBUTION, found, by=CASHIER))


@pytest.mark.parametrize("good", [790, 1200])
def test_more_or_less_than_was_announced_is_recorded_as_it_came(door, good):
    given_received(door)
    accepted(door.inspect(CONTRIBUTION, door.found(good=good)))
    accepted(door.accept())
    seen = door.get(f"/contributions/{CONTRIBUTION}").json()
    assert (seen["announced"], seen["good"]) == (1000, good)
    assert seen["variance"] == good + 150 - 1000


def test_money_is_all_good(door):
    given_received(door, **MONEY)
    answer = door.inspect(CONTRIBUTION, door.found(1_000_000, 0, 1_000_000), by=CASHIER)
    refused(answer, 422, "money-is-all-good")


def test_only_announced_lines_are_inspected(door):
    given_received(door)
    answer = door.inspect(CONTRIBUTION, door.found(line=OTHER_LINE))
    refused(answer, 422, "line-not-announced")


def test_a_line_is_inspected_once_in_one_go(door):
    given_received(door)
    answer = door.inspect(CONTRIBUTION, door.found(), door.found())
    refused(answer, 422, "line-listed-twice")


def test_another_result_is_refused(door):
    given_received(door)
    door.inspect()
    answer = door.inspect(CONTRIBUTION, door.found(1000, 0, 0))
    refused(answer, 409, "line-inspected-otherwise")


def test_nothing_is_inspected_before_it_is_here(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    refused(door.inspect(), 409, "contribution-not-received")
    refused(door.inspect(OTHER_CONTRIBUTION), 404, "contribution-not-announced")


def test_nothing_is_fewer_than_none(door):
    answer = door.inspect(CONTRIBUTION, door.found(-1, 0, 0))
    refused(answer, 422, "request-not-valid")


# --- accepted ---


def test_accepted_goods_say_who_received_and_who_accepted(door):
    door.given_a_campaign()
    door.given_accepted()
    event = door.events()[-1]
    assert isinstance(event, ContributionAccepted)
    assert (event.received_by, event.accepted_by) == (STOREKEEPER, ACCOUNTANT)


def test_accepted_money_is_booked_in_the_same_append(door):
    door.given_a_campaign()
    door.given_accepted(**MONEY)
    acceptance, entry = door.events()[-2:]
    assert isinstance(acceptance, ContributionAccepted)
    assert isinstance(entry, FundEntryBooked)
    assert entry.paper == str(CONTRIBUTION)


def test_who_received_cannot_issue_the_receipt(door):
    door.given_a_campaign()
    door.given_accepted()
    door.house.grant(STOREKEEPER, "accountant", UUID(int=51))
    fields = refused(door.receipt(by=STOREKEEPER), 403, "involved-cannot-issue-receipt")
    assert fields == {"role": "received"}


def test_who_received_cannot_accept(door):
    given_received(door)
    door.inspect()
    door.house.grant(STOREKEEPER, "coordinator", UUID(int=51))
    refused(door.accept(by=STOREKEEPER), 403, "involved-cannot-accept")


def test_nothing_is_accepted_before_every_line_was_looked_at(door):
    given_received(door)
    fields = refused(door.accept(), 409, "inspection-not-complete")
    assert fields == {"line_ids": [str(LINE)]}


def test_nothing_is_accepted_before_it_is_here(door):
    door.given_a_campaign()
    door.announce(pledge_id=None)
    refused(door.accept(), 409, "contribution-not-received")
    refused(door.accept(OTHER_CONTRIBUTION), 404, "contribution-not-announced")


def test_one_person_accepts(door):
    door.given_a_campaign()
    door.given_accepted()
    refused(door.accept(by=COORDINATOR), 409, "contribution-accepted-otherwise")
    accepted(door.accept())


# --- refused ---


def test_of_what_nothing_can_be_used_there_is_no_receipt(door):
    given_received(door)
    refused(door.refuse(), 409, "reason-does-not-fit")
    accepted(door.inspect(CONTRIBUTION, door.found(0, 0, 12)))
    refused(door.accept(), 409, "nothing-to-accept")
    door.house.grant(STOREKEEPER, "coordinator", UUID(int=51))
    refused(door.refuse(by=STOREKEEPER), 403, "involved-cannot-accept")
    accepted(door.refuse())
    assert isinstance(door.events()[-1], ContributionRefused)
    seen = door.get(f"/contributions/{CONTRIBUTION}").json()
    assert (seen["status"], seen["refusal"]) == ("refused", "nothing-usable")
    assert seen["variance"] is None
    refused(door.refuse(reason="not-suitable"), 409, "contribution-refused-otherwise")
    for answer in (door.accept(), door.inspect(), door.receive(), door.receipt()):
        refused(answer, 409, "contribution-is-refused")


def test_what_was_accepted_is_not_refused(door):
    refused(door.refuse(), 404, "contribution-not-announced")
    door.given_a_campaign()
    door.given_accepted()
    refused(door.refuse(), 409, "contribution-is-accepted")


# --- receipts ---


def test_a_receipt_has_the_next_number_of_its_book_and_year(door):
    door.given_a_campaign()
    door.given_accepted()
    door.given_accepted(OTHER_CONTRIBUTION)
    accepted(door.receipt())
    accepted(door.receipt(OTHER_CONTRIBUTION))
    issued = [event for event in door.events() if isinstance(event, ReceiptIssued)]
    assert [(event.number, event.quantity) for event in issued] == [(1, 950), (2, 950)]
    assert isinstance(door.events()[-1], ContributionReceipted)


def test_asking_again_with_another_key_changes_nothing(door):
    door.given_a_campaign()
    door.given_accepted()
    door.receipt()
    before = len(door.events())
    accepted(door.receipt())
    assert len(door.events()) == before


def test_one_contribution_has_one_receipt(door):
    door.given_a_campaign()
    door.given_accepted()
    door.receipt()
    fields = refused(door.receipt(book="KHAC"), 409, "contribution-receipted-already")
    assert fields == {"book": "HANG", "year": 2024, "number": 1}


def test_what_was_not_accepted_has_no_receipt(door):
    given_received(door)
    refused(door.receipt(), 409, "contribution-not-accepted")
    refused(door.receipt(OTHER_CONTRIBUTION), 404, "contribution-not-announced")


@pytest.mark.parametrize("book", ["", "hang", "A-B", "X" * 21])
def test_a_book_has_a_short_name(door, book):
    refused(door.receipt(book=book), 422, "request-not-valid")


def test_anyone_with_the_code_reads_the_receipt(door):
    door.given_a_campaign()
    door.given_accepted(**MONEY)
    door.receipt(book="TIEN")
    seen = shown(door.look_up(door.code().lower()))
    assert seen["title"] == "Phiếu tiếp nhận"
    assert seen["number"]["number"] == 1
    assert seen["issued_on"] == "2024-10-07"
    assert seen["giver"] == {"name": "Công ty May Việt Ngọc", "address": None}
    assert seen["content"] == "Tiếp nhận ủng hộ: Áo ấm mùa đông 2024"
    assert seen["total_in_digits"] == "2.000.000 đồng"
    assert seen["total_in_words"] == "Hai triệu đồng"
    assert seen["signatories"] == [
        {"part": part, "who": None} for part in ("người lập phiếu", "người nhận", "người chấp nhận")
    ]
    assert not any(str(one) in str(seen) for one in (ACCOUNTANT, CASHIER, STOREKEEPER))
    assert seen["illustrative"] is True
    assert "vietngoc" not in str(seen)


def test_the_paper_names_who_gave_with_an_address_and_who_signs_with_an_office(door):
    address = "12 phố Hàng Bài, Hà Nội"
    accepted(door.register_sponsor(kind="individual", public_name=None, address=address))
    accepted(door.open_fund())
    accepted(door.open_campaign())
    door.given_accepted()
    accepted(door.receipt())
    printed = shown(door.paper())["receipt"]
    assert printed["giver"] == {"name": "Công ty cổ phần May Việt Ngọc", "address": address}
    assert printed["signatories"] == [
        {"part": "người lập phiếu", "who": SIGNED["issuer"]},
        {"part": "người nhận", "who": SIGNED["receiver"]},
        {"part": "người chấp nhận", "who": SIGNED["accepter"]},
    ]
    public = shown(door.look_up(door.code()))
    assert public["giver"] == {"name": "Nhà hảo tâm không nêu tên", "address": None}
    for secret in (address, *SIGNED.values()):
        assert secret not in repr(door.events())
        assert secret not in str(public)


def test_a_receipt_of_the_plan_names_its_maker(door):
    hanoi = "38740000-2019-4000-8000-000000000001"
    door.house.programme(UUID(hanoi))
    door.register_sponsor(public_name=None, kind="individual")
    door.open_fund(programme_id=hanoi)
    door.open_campaign(programme_id=hanoi)
    door.given_accepted()
    door.receipt()
    seen = shown(door.look_up(door.code()))
    assert seen["title"] == "Biên bản tiếp nhận hiện vật"
    assert seen["maker"]["name"].startswith("Trung tâm Công tác xã hội")
    assert seen["giver"]["name"] == "Nhà hảo tâm không nêu tên"
    assert (seen["quantity"], seen["measure"]) == (950, "piece")
    assert [line["quantity"] for line in seen["lines"]] == [950]
    assert seen["total_in_words"] == "Không đồng"


def test_a_receipt_is_read_in_english_too(door):
    door.given_a_campaign()
    door.given_accepted()
    door.receipt()
    seen = shown(door.look_up(door.code(), **{"Accept-Language": "en"}))
    assert seen["content"] == "Received for: Áo ấm mùa đông 2024"


def test_a_receipt_carries_the_newest_checkpoint_of_its_log(door):
    door.given_a_campaign()
    door.given_accepted()
    door.receipt()
    code = door.code()
    assert shown(door.look_up(code))["checkpoint"] is None
    publish(door.house.house, "registry", 99, MONDAY)
    signed = publish(door.house.house, "donations", 12, MONDAY)
    checkpoint = shown(door.look_up(code))["checkpoint"]
    assert (checkpoint["origin"], checkpoint["size"]) == ("vongtay.test/donations", 12)
    assert checkpoint["note"] == signed
    assert checkpoint["root"] in signed


@pytest.mark.parametrize("code", ["AAAA-AAAA-AAAA", "x", " ", "🎁", "A" * 40])
def test_a_wrong_code_tells_nothing(door, code):
    assert refused(door.look_up(code), 404, "not-found") == {}


def test_a_code_is_found_as_people_write_it(door):
    given_receipted(door)
    code = door.code()
    for written in (
        code.lower(),
        code.replace("-", " "),
        code.replace("0", "O").replace("1", "l"),
        f" {code.replace('-', '').replace('0', 'o').replace('1', 'I')} ",
    ):
        assert shown(door.look_up(written))["number"]["number"] == 1


def test_a_code_is_random_and_stands_nowhere_in_clear(door):
    given_receipted(door)
    code = door.code()
    door.given_accepted(OTHER_CONTRIBUTION)
    accepted(door.receipt(OTHER_CONTRIBUTION))
    other = door.paper(OTHER_CONTRIBUTION).json()["code"]
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", code)
    assert code != other
    log = b"".join(stored.record for stored in door.house.store._log)
    for letters in (code, code.replace("-", "")):
        assert letters.encode() not in log
    event = next(one for one in door.events() if isinstance(one, ReceiptIssued))
    known = (event.contribution_id, event.number, event.sponsor_id, code, code.replace("-", ""))
    guessed = {hashlib.sha256(str(one).encode()).hexdigest() for one in known}
    assert event.code_hash not in guessed


def test_only_the_giver_and_who_prints_the_paper_see_the_code(door):
    given_receipted(door)
    code = door.code()
    own = shown(door.get(f"/sponsors/{SPONSOR}/gifts", by=GIVER))
    assert own["contributions"][0]["receipt_code"] == code
    for path, by in (
        (f"/sponsors/{SPONSOR}/gifts", COORDINATOR),
        (f"/contributions/{CONTRIBUTION}", COORDINATOR),
    ):
        assert code not in str(shown(door.get(path, by=by)))
    assert code not in str(shown(door.look_up(code)))
    refused(door.paper(by=COORDINATOR), 403, "not-allowed")


def test_what_has_no_receipt_has_no_paper(door):
    refused(door.paper(), 404, "not-found")
    given_receipted(door)
    accepted(door.cancel_receipt())
    refused(door.paper(), 404, "not-found")


def test_guessing_codes_is_bounded_and_the_right_one_is_never_refused(door):
    given_receipted(door)
    code = door.code()
    wrong = [door.look_up(f"AAAA-AAAA-{number:04}").status_code for number in range(100)]
    assert wrong == [404] * WRONG_MAX + [429] * (100 - WRONG_MAX)
    refused(door.look_up("AAAA-AAAA-AAAA"), 429, "too-many-wrong-codes")
    assert shown(door.look_up(code))["number"]["number"] == 1


# --- receipts cancelled ---

FIRST = {"book": "HANG", "year": 2024, "number": 1}


def given_receipted(door, **changes):
    door.given_a_campaign()
    door.given_accepted(**changes)
    accepted(door.receipt())


def test_a_receipt_is_cancelled_and_its_number_is_not_given_again(door):
    given_receipted(door)
    before = len(door.events())
    accepted(door.cancel_receipt())
    book, own = door.events()[before:]
    assert isinstance(book, ReceiptCancelled)
    assert (book.number, book.reason, book.cancelled_by) == (1, "wrong-giver", ACCOUNTANT)
    assert isinstance(own, ContributionReceiptCancelled)
    gift = shown(door.get(f"/contributions/{CONTRIBUTION}"))
    assert (gift["status"], gift["receipt"], gift["cancelled_receipt"]) == ("accepted", None, FIRST)
    accepted(door.receipt(replaces=FIRST))
    gift = shown(door.get(f"/contributions/{CONTRIBUTION}"))
    assert gift["status"] == "receipted"
    assert gift["receipt"] == FIRST | {"number": 2}


def test_only_the_paper_is_void(door):
    given_receipted(door, **MONEY)
    before = len(door.events())
    fund = shown(door.get(f"/funds/{FUND}"))
    accepted(door.cancel_receipt())
    accepted(door.receipt(replaces=FIRST))
    assert shown(door.get(f"/funds/{FUND}"))["accounts"] == fund["accounts"]
    assert {type(event) for event in door.events()[before:]} == {
        ReceiptCancelled,
        ContributionReceiptCancelled,
        ReceiptIssued,
        ContributionReceipted,
    }


def test_the_code_of_a_cancelled_receipt_says_so_and_which_replaces_it(door):
    given_receipted(door)
    code = door.code()
    seen = shown(door.look_up(code))
    assert (seen["status"], seen["cancellation"], seen["replaces"]) == ("issued", None, None)
    door.house.now = TUESDAY
    accepted(door.cancel_receipt())
    seen = shown(door.look_up(code))
    assert (seen["status"], seen["number"]["number"]) == ("cancelled", 1)
    said = seen["cancellation"]
    assert said["said"].startswith("Phiếu này đã bị hủy ngày 08/10/2024: sai người cho.")
    assert (said["reason"], said["replaced_by"]) == ("wrong-giver", None)
    accepted(door.receipt(replaces=FIRST))
    seen = shown(door.look_up(code, **{"Accept-Language": "en"}))
    assert "cancelled on 08/10/2024: wrong giver" in seen["cancellation"]["said"]
    assert seen["cancellation"]["replaced_by"] == FIRST | {"number": 2}
    assert door.code() != code
    again = shown(door.look_up(door.code()))
    assert (again["status"], again["number"]["number"]) == ("issued", 2)
    assert (again["cancellation"], again["replaces"]) == (None, FIRST)


def test_cancelling_again_changes_nothing_after_the_next_receipt_too(door):
    given_receipted(door)
    accepted(door.cancel_receipt())
    accepted(door.receipt(replaces=FIRST))
    before = len(door.events())
    accepted(door.cancel_receipt())
    assert len(door.events()) == before


def test_a_receipt_is_cancelled_for_one_reason(door):
    given_receipted(door)
    door.cancel_receipt()
    fields = refused(door.cancel_receipt(reason="spoilt"), 409, "receipt-cancelled-otherwise")
    assert fields == FIRST


def test_what_was_never_issued_is_not_cancelled(door):
    refused(door.cancel_receipt(), 404, "contribution-not-announced")
    given_receipted(door)
    door.given_accepted(OTHER_CONTRIBUTION)
    refused(door.cancel_receipt(number=2), 404, "receipt-not-issued")
    refused(door.cancel_receipt(year=2023), 404, "receipt-not-issued")
    fields = refused(door.cancel_receipt(OTHER_CONTRIBUTION), 404, "receipt-not-issued")
    assert fields == FIRST


@pytest.mark.parametrize(
    "changes", [{"reason": "because"}, {"reason": None}, {"number": 0}, {"note": "Ông A"}]
)
def test_a_cancelling_says_which_and_why(door, changes):
    given_receipted(door)
    refused(door.cancel_receipt(**changes), 422, "request-not-valid")


def test_who_asks_again_for_a_cancelled_receipt_does_not_get_another(door):
    given_receipted(door)
    door.cancel_receipt()
    assert refused(door.receipt(), 409, "cancelled-receipt-not-named") == FIRST


def test_only_a_cancelled_receipt_is_replaced(door):
    door.given_a_campaign()
    door.given_accepted()
    assert refused(door.receipt(replaces=FIRST), 409, "receipt-not-cancelled") == FIRST


def test_last_years_receipt_is_cancelled_in_its_book_and_replaced_in_this_years(door):
    given_receipted(door)
    door.house.now = MONDAY.replace(year=2025)
    accepted(door.cancel_receipt())
    accepted(door.receipt(replaces=FIRST))
    gift = shown(door.get(f"/contributions/{CONTRIBUTION}"))
    assert (gift["receipt"]["year"], gift["receipt"]["number"]) == (2025, 1)


# --- corrections ---


def test_a_receipt_of_a_wrong_amount_is_replaced_by_one_of_the_right_amount(door):
    given_receipted(door, **MONEY)
    code = door.code()
    accepted(door.cancel_receipt(reason="wrong-amount"))
    refused(door.receipt(replaces=FIRST), 409, "amount-not-corrected")
    accepted(door.propose_correction(door.found(1_500_000, 0, 0)))
    waiting = shown(door.get(f"/contributions/{CONTRIBUTION}"))["correction"]
    assert (waiting["number"], waiting["good"]) == (1, 1_500_000)
    accepted(door.judge_correction())
    gift = shown(door.get(f"/contributions/{CONTRIBUTION}"))
    assert (gift["good"], gift["correction"]) == (1_500_000, None)
    (bank,) = (
        each for each in shown(door.get(f"/funds/{FUND}"))["accounts"] if each["account"] == "bank"
    )
    assert bank["balance"] == 1_500_000
    accepted(door.receipt(replaces=FIRST))
    right, wrong = shown(door.look_up(door.code())), shown(door.look_up(code))
    assert (right["total"], right["lines"][0]["amount"]) == (1_500_000, 1_500_000)
    # The paper that is void goes on saying what was on it.
    assert (wrong["total"], wrong["lines"][0]["amount"]) == (2_000_000, 2_000_000)


def test_a_correction_takes_two_persons_and_no_standing_receipt(door):
    door.given_a_campaign()
    door.given_accepted()
    accepted(door.receipt())
    fields = refused(door.propose_correction(), 409, "receipt-stands")
    assert fields == FIRST
    accepted(door.cancel_receipt())
    refused(door.propose_correction(door.found()), 409, "nothing-is-corrected")
    refused(door.propose_correction(door.found(line=OTHER_LINE)), 422, "line-not-announced")
    twice = (door.found(1), door.found(2))
    refused(door.propose_correction(*twice), 422, "line-listed-twice")
    refused(door.propose_correction(paid_in="cash"), 422, "goods-are-not-paid")
    refused(door.judge_correction(), 404, "correction-not-proposed")
    accepted(door.propose_correction())
    refused(door.propose_correction(door.found(1)), 409, "another-correction-waits")
    alone = door.judge_correction(by=ACCOUNTANT)
    fields = refused(alone, 403, "involved-cannot-confirm-correction")
    assert fields == {"role": "correction-proposed"}
    refused(door.receipt(replaces=FIRST), 409, "another-correction-waits")
    accepted(door.judge_correction("refusal", by=ACCOUNTANT))
    refused(door.judge_correction(), 409, "correction-judged-otherwise")
    accepted(door.propose_correction(door.found(0, 0, 0)))
    accepted(door.judge_correction(number=2))
    refused(door.receipt(replaces=FIRST), 409, "nothing-to-receipt")


def test_a_receipt_says_what_its_accountant_saw(door):
    """Between looking and issuing, what was accepted was corrected; the total is the same."""
    two = {"lines": [JACKETS, JACKETS | {"line_id": str(OTHER_LINE)}]}
    door.given_a_campaign()
    accepted(door.announce(pledge_id=None, **two))
    accepted(door.receive())
    accepted(door.inspect(CONTRIBUTION, door.found(), door.found(line=OTHER_LINE)))
    accepted(door.accept())
    seen = door.get(f"/contributions/{CONTRIBUTION}", by=ACCOUNTANT).headers["ETag"]
    moved = (door.found(700), door.found(900, line=OTHER_LINE))
    accepted(door.propose_correction(*moved))
    accepted(door.judge_correction())
    before = len(door.events())
    refused(door.receipt(if_match=seen), 412, "changed-since")
    refused(door.receipt(if_match=None), 428, "if-match-missing")
    assert len(door.events()) == before
    accepted(door.receipt())


def test_a_gift_is_refused_as_it_was_seen(door):
    given_received(door)
    seen = door.get(f"/contributions/{CONTRIBUTION}", by=ACCOUNTANT).headers["ETag"]
    accepted(door.inspect(CONTRIBUTION, door.found(0, 0, 12)))
    refused(door.refuse(if_match=seen), 412, "changed-since")
    accepted(door.refuse())


def test_what_is_corrected_between_the_look_and_the_receipt(door):
    """Even by one who names the version that is only then made the receipt is of what is right."""
    door.given_a_campaign()
    door.given_accepted()

    def corrected():
        accepted(door.propose_correction())
        accepted(door.judge_correction())

    door.house.once_looked_at(contribution, corrected)
    fields = refused(door.receipt(if_match='"6"'), 409, "amount-is-another")
    assert fields == {"quantity": 850}
    accepted(door.receipt())


def test_only_what_was_accepted_is_corrected(door):
    refused(door.propose_correction(), 404, "contribution-not-announced")
    given_received(door)
    refused(door.propose_correction(), 409, "contribution-not-accepted")
    accepted(door.inspect(CONTRIBUTION, door.found(0, 0, 12)))
    accepted(door.refuse())
    refused(door.propose_correction(), 409, "contribution-is-refused")


def test_corrected_money_is_all_good(door):
    door.given_a_campaign()
    door.given_accepted(**MONEY)
    refused(door.propose_correction(door.found(1, 0, 1)), 422, "money-is-all-good")


def test_only_an_accountant_cancels(door):
    given_receipted(door)
    for by in (COORDINATOR, CASHIER, STOREKEEPER):
        refused(door.cancel_receipt(by=by), 403, "not-allowed")


# --- what a sponsor sees ---


def test_a_sponsors_person_follows_their_own_gifts(door):
    door.given_a_campaign()
    door.make_pledge()
    door.announce()
    gifts = shown(door.get(f"/sponsors/{SPONSOR}/gifts", by=GIVER))
    assert [one["pledge_id"] for one in gifts["pledges"]] == [str(PLEDGE)]
    assert [one["status"] for one in gifts["contributions"]] == ["announced"]
    assert gifts["contributions"][0]["variance"] is None


def test_a_coordinator_does_too(door):
    door.given_a_campaign()
    shown(door.get(f"/sponsors/{SPONSOR}/gifts", by=COORDINATOR))


def test_no_other_person_does(door):
    door.given_a_campaign()
    refused(door.get(f"/sponsors/{SPONSOR}/gifts", by=STRANGER), 403, "not-allowed")
    refused(door.get(f"/sponsors/{OTHER_SPONSOR}/gifts", by=GIVER), 403, "not-allowed")
    refused(door.get(f"/sponsors/{SPONSOR}/gifts", by=None), 401, "not-signed-in")


# --- contributions seen ---


def test_contributions_are_listed_by_campaign_and_status(door):
    door.given_a_campaign()
    door.given_accepted()
    door.announce(OTHER_CONTRIBUTION, pledge_id=None)
    by_status = shown(door.get("/contributions?status=accepted"))["items"]
    assert [one["contribution_id"] for one in by_status] == [str(CONTRIBUTION)]
    by_campaign = shown(door.get(f"/contributions?campaign_id={CAMPAIGN}"))["items"]
    assert len(by_campaign) == 2
    assert shown(door.get(f"/contributions?campaign_id={uuid4()}"))["items"] == []


def test_what_was_not_announced_is_not_shown(door):
    refused(door.get(f"/contributions/{CONTRIBUTION}"), 404, "contribution-not-announced")


# --- published results ---

RESULT = {
    "unit_id": str(CITY),
    "title": "Trung thu 2024: kết quả Quỹ Bảo trợ trẻ em Hà Nội đã công bố",
    "source": "Quỹ Bảo trợ trẻ em Hà Nội",
    "as_of": "2024-09-17",
    "lines": [
        {"label": str(number), "amount": amount, "child_times": child_times}
        for number, (amount, child_times) in enumerate(
            [
                (400_000_000, 200),
                (360_270_000, 300),
                (51_450_000, 500),
                (18_998_500, 145),
                (261_735_000, 450),
            ]
        )
    ],
}


def record(door, by=ACCOUNTANT, **changes):
    return door.put(f"/published-results/{CONTRIBUTION}", RESULT | changes, by=by)


def test_a_published_result_stands_as_it_was_published(door):
    accepted(record(door))
    (seen,) = shown(door.get("/published-results", by=None))["items"]
    assert (seen["amount"], seen["child_times"]) == (1_092_453_500, 1_595)


def test_one_id_is_one_result(door):
    record(door)
    refused(record(door, title="Khác"), 409, "result-recorded-otherwise")


# --- who may ---


@pytest.mark.parametrize(
    "ask",
    [
        lambda door, by: door.register_sponsor(by=by),
        lambda door, by: door.open_fund(by=by),
        lambda door, by: door.open_campaign(by=by),
        lambda door, by: door.make_pledge(by=by),
        lambda door, by: door.announce(by=by),
        lambda door, by: door.receive(by=by),
        lambda door, by: door.inspect(by=by),
        lambda door, by: door.accept(by=by),
        lambda door, by: door.receipt(by=by),
        lambda door, by: door.cancel_receipt(by=by),
        lambda door, by: door.paper(by=by),
        record,
        lambda door, by: door.get(f"/sponsors/{SPONSOR}/contact", by=by),
        lambda door, by: door.get(f"/funds/{FUND}", by=by),
        lambda door, by: door.get("/pledges", by=by),
        lambda door, by: door.get("/contributions", by=by),
        lambda door, by: door.get(f"/contributions/{CONTRIBUTION}", by=by),
    ],
)
def test_nothing_is_done_or_seen_without_a_role(door, ask):
    refused(ask(door, STRANGER), 403, "not-allowed")
    refused(ask(door, None), 401, "not-signed-in")
    assert door.events() == []


# --- in whose keeping ---

VILLAGE_ACCOUNTANT, VILLAGE_COORDINATOR, VILLAGE_STOREKEEPER = (UUID(int=n) for n in (71, 72, 73))
ELSEWHERE = UUID(int=74)


@pytest.fixture
def beside(door):
    """Another unit's people, beside a gift to the city's fund."""
    door.house.unit(ELSEWHERE, parent=CITY, name="Ba Vì")
    for person, role in (
        (VILLAGE_ACCOUNTANT, "accountant"),
        (VILLAGE_COORDINATOR, "coordinator"),
        (VILLAGE_STOREKEEPER, "storekeeper"),
    ):
        door.house.grant(person, role, ELSEWHERE)
    return door


def test_an_accountant_keeps_the_funds_of_their_own_unit_and_below(beside):
    refused(beside.open_fund(by=VILLAGE_ACCOUNTANT), 403, "outside-your-unit")
    accepted(beside.open_fund(by=VILLAGE_ACCOUNTANT, unit_id=str(ELSEWHERE)))
    accepted(beside.open_campaign(by=VILLAGE_COORDINATOR))
    shown_fund = shown(beside.get(f"/funds/{FUND}"))
    assert shown_fund["unit_id"] == str(ELSEWHERE)


def test_a_fund_is_shown_to_its_own_units_people_and_to_others_it_is_not_there(beside):
    accepted(beside.open_fund())
    assert shown(beside.get(f"/funds/{FUND}"))["unit_id"] == str(CITY)
    refused(beside.get(f"/funds/{FUND}", by=VILLAGE_ACCOUNTANT), 404, "fund-not-opened")


def test_a_published_result_is_recorded_for_ones_own_unit(beside):
    refused(record(beside, by=VILLAGE_ACCOUNTANT), 403, "outside-your-unit")
    accepted(record(beside, by=VILLAGE_ACCOUNTANT, unit_id=str(ELSEWHERE)))
    assert beside.events()[-1].unit_id == ELSEWHERE


def test_gifts_and_promises_are_listed_to_those_who_keep_their_fund(beside):
    """Asking for another's campaign finds no more than asking for none."""
    beside.given_a_campaign()
    accepted(beside.make_pledge())
    accepted(beside.announce())
    for path in ("/contributions", "/pledges"):
        for asked in (path, f"{path}?campaign_id={CAMPAIGN}"):
            assert len(shown(beside.get(asked))["items"]) == 1
            assert shown(beside.get(asked, by=VILLAGE_COORDINATOR))["items"] == []
    gifts = f"/sponsors/{SPONSOR}/gifts"
    assert len(shown(beside.get(gifts))["contributions"]) == 1
    elsewhere = shown(beside.get(gifts, by=VILLAGE_COORDINATOR))
    assert (elsewhere["pledges"], elsewhere["contributions"]) == ([], [])
    one = f"/contributions/{CONTRIBUTION}"
    shown(beside.get(one, by=STOREKEEPER))
    refused(beside.get(one, by=VILLAGE_STOREKEEPER), 404, "contribution-not-announced")


def test_a_gift_to_the_citys_fund_is_handled_by_the_citys_people(beside):
    beside.given_a_campaign()
    refused(beside.open_campaign(by=VILLAGE_COORDINATOR), 403, "outside-your-unit")
    refused(beside.make_pledge(by=VILLAGE_COORDINATOR), 403, "outside-your-unit")
    refused(beside.announce(by=VILLAGE_COORDINATOR), 403, "outside-your-unit")
    beside.given_accepted()
    path = f"/contributions/{CONTRIBUTION}"
    found = {"lines": [{"line_id": str(LINE), "good": 1, "mendable": 0, "refused": 0}]}
    for step, body, by in (
        ("reception", {}, VILLAGE_STOREKEEPER),
        ("inspection", found, VILLAGE_STOREKEEPER),
        ("acceptance", {}, VILLAGE_ACCOUNTANT),
        ("refusal", {"reason": "never-came"}, VILLAGE_ACCOUNTANT),
        ("corrections", found | {"reason": "miscounted"}, VILLAGE_ACCOUNTANT),
        ("receipt", SIGNED | {"book": "HANG"}, VILLAGE_ACCOUNTANT),
    ):
        answer = beside.post(f"{path}/{step}", body, by=by)
        assert answer.status_code != 200, step
        refused(answer, 403, "outside-your-unit")


def test_the_secret_on_a_paper_is_for_those_who_keep_the_gift(beside):
    """To all others it is not there, whatever they are elsewhere."""
    beside.given_a_campaign()
    beside.given_accepted()
    accepted(beside.receipt())
    assert shown(beside.paper())["code"]
    refused(beside.paper(by=VILLAGE_ACCOUNTANT), 404, "not-found")
