"""The season as a stranger sees it with `make demo`, and what must be true of it afterwards."""

import json
import re
import shutil
from collections import Counter
from uuid import UUID

import pytest

from audit.export import line_decoder, line_of
from audit.verify import verify
from console.season.cards import cards
from console.season.pack import Pack
from console.season.play import SEED
from console.season.register import make_register
from contracts.allocation import (
    DeliveryLineAbsent,
    DeliveryLineSigned,
    DeliveryLineSubstituted,
    DirectGiftRatified,
    DirectGiftRecorded,
    GiftsArrived,
    LotHeldApart,
    LotOpened,
    SupportDelivered,
)
from contracts.donations import (
    AdvanceSettled,
    ContributionLineInspected,
    FundEntryBooked,
    PaymentMade,
    ReceiptIssued,
)
from contracts.notifications import MessageDue, MessageSent
from contracts.registry import NeedMet, NeedOpened, UnitSucceeded
from contracts.vietnamese_day import vietnamese_day
from tests.support.own_topics import own_topics
from tests.system.kept_facts import KEPT, RENEW, differences
from tests.system.season import LOGS, Season, play_a_season

__all__ = ["own_topics"]

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.alone,
]


@pytest.fixture(scope="module")
def season(stack, own_topics, tmp_path_factory) -> Season:
    return play_a_season(stack, tmp_path_factory.mktemp("season"))


def test_every_read_model_is_what_the_published_stream_says(season):
    assert len(season.compared) > 40
    assert [each.name for each in season.compared if not each.same] == []


def test_nothing_was_refused_or_parked(season):
    assert (season.still.refused, season.still.parked) == (0, 0)


def test_the_published_result_of_mid_autumn_is_given_exactly_and_apart(season):
    (result,) = season.report["published_results"]
    assert (result["amount"], result["child_times"]) == (1_092_453_500, 1_595)
    amounts = [given["received"] for given in season.report["given"] if given["measure"] == "dong"]
    assert sum(amounts) == 120_000_000 + 46_500_000


def test_of_a_thousand_jackets_only_the_good_ones_can_be_allocated(season):
    inspected = [each.line for each in season.events(ContributionLineInspected)]
    jackets = [line for line in inspected if line.category == "warm-clothes"]
    found = [
        sum(getattr(line, name) for line in jackets) for name in ("good", "mendable", "refused")
    ]
    assert found == [800, 150, 50]
    lots = [lot for lot in season.events(LotOpened) if lot.category == "warm-clothes"]
    apart = [lot for lot in season.events(LotHeldApart) if lot.category == "warm-clothes"]
    assert sum(lot.quantity for lot in lots) == 800
    assert sum(lot.quantity for lot in apart) == 150


def test_two_thirds_of_the_children_are_helped(season):
    registered = len(make_register(Pack(), SEED))
    helped = season.report["totals"]["children_distinct"]
    assert registered == 1_600
    assert 0.6 < helped / registered < 0.75
    assert season.report["totals"]["child_times"] > helped


def test_the_operation_has_two_funders(season):
    (surgery,) = [need for need in season.events(NeedOpened) if need.category == "medical-care"]
    came = [one for one in season.events(SupportDelivered) if one.need_id == surgery.need_id]
    assert len({one.sponsor_id for one in came}) == 2
    assert [one.quantity_delivered for one in came][-1] == surgery.quantity
    (met,) = [need for need in season.events(NeedMet) if need.need_id == surgery.need_id]
    assert met.quantity_met == surgery.quantity


def test_the_gift_day_has_a_proxy_a_late_child_and_a_direct_gift(season):
    signed = season.events(DeliveryLineSigned)
    assert Counter(line.signed_as for line in signed)["proxy"] == 1
    (absent,) = season.events(DeliveryLineAbsent)
    (late,) = [line for line in signed if line.line_id == absent.line_id]
    assert late.happened_at > absent.happened_at
    (gift,) = season.events(DirectGiftRatified)
    assert season.report["totals"]["direct_gifts"] == 1
    assert [(part.quantity, part.children) for part in gift.parts] == [(1, 1)]


def test_whatever_way_support_took_one_event_says_that_it_reached_a_child(season):
    ways = Counter(one.way for one in season.events(SupportDelivered))
    substituted = len(season.events(DeliveryLineSubstituted))
    assert ways["substituted-line"] == substituted
    assert ways["signed-line"] + substituted == len(season.events(DeliveryLineSigned))
    (gift,) = season.events(DirectGiftRecorded)
    assert ways["direct-gift"] == len(gift.lines)
    assert sum(ways.values()) == season.report["totals"]["child_times"]


def test_the_communes_end_on_the_day_of_the_reorganisation_and_both_add_up(season):
    ended = [unit for unit in season.events(UnitSucceeded) if str(unit.ended_on) == "2025-07-01"]
    assert len(ended) == 14
    communes = season.report["communes"]
    for figure in ("needs_recorded", "needs_met", "child_times"):
        assert sum(unit[figure] for unit in communes) == season.report["totals"][figure]


def test_both_versions_of_an_event_stand_in_the_log(season):
    versions = Counter(
        json.loads(stored.record)["typeversion"]
        for stored in season.records
        if b'"type":"unit-established"' in stored.record
    )
    assert versions == {1: 16, 2: 10}


def test_what_is_signed_for_was_paid_and_an_advance_was_settled_late(season):
    made = {one.payment_id: one for one in season.events(PaymentMade)}
    settled = {one.payment_id: one for one in season.events(AdvanceSettled)}
    purposes = Counter(one.purpose for one in made.values())
    assert purposes == {"advance": 2, "partner": 1}
    advances = {id_: one for id_, one in made.items() if one.purpose == "advance"}
    late = [
        vietnamese_day(settled[id_].happened_at) > one.settle_by for id_, one in advances.items()
    ]
    assert sorted(late) == [False, True]
    balances: dict[tuple[UUID, str], int] = {}
    for entry in season.events(FundEntryBooked):
        balances |= {(entry.fund_id, one.account): one.debit - one.credit for one in entry.balances}
    open_accounts = dict.fromkeys(("advances", "partners"), 0)
    for (_, account), balance in balances.items():
        if account in open_accounts:
            open_accounts[account] += balance
    assert open_accounts == {"advances": 0, "partners": 0}


def test_receipt_numbers_run_without_gap(season):
    books: Counter[tuple[str, int]] = Counter()
    for receipt in season.events(ReceiptIssued):
        books[receipt.book, receipt.year] += 1
        assert receipt.number == books[receipt.book, receipt.year]
    assert sum(books.values()) == 7


def test_each_sponsor_is_told_once_of_each_arrival_and_by_one_letter_for_several(season):
    due = Counter(
        (arrived.delivery_id, sponsor)
        for arrived in season.events(GiftsArrived)
        for sponsor in {gift.sponsor_id for gift in arrived.gifts}
    )
    messages = season.events(MessageDue)
    told = Counter(
        (arrived.arrival_id, message.sponsor_id)
        for message in messages
        for arrived in message.arrivals
        if not arrived.direct
    )
    assert told == due
    assert len(messages) < told.total()
    assert len(season.events(MessageSent)) == len(messages)
    assert len(season.mails) == len(messages)
    assert len({mail.split("Message-ID:", 1)[1].split()[0] for mail in season.mails}) == len(
        messages
    )


def test_no_name_of_a_child_or_guardian_leaves_its_context(season):
    names = {
        json.dumps(name, ensure_ascii=False).strip('"').encode()
        for child in make_register(Pack(), SEED)
        for name in (child.name, child.guardian)
    }
    published = [stored.record for stored in season.records]
    seen = [text.encode() for text in (*season.pages.values(), *season.mails)]
    assert names_in(b"\n".join(published + seen), names) == set()
    a_name = max(names)
    assert names_in(b"Ch\xc3\xa1u " + a_name + b"!", names) >= {a_name}


def names_in(text, names):
    """Those of the names that occur in a text, wherever: in one pass, by what they begin with."""
    begin_with = {name.split(b" ")[0] for name in names}
    firsts = b"".join(re.escape(first) for first in {word[:1] for word in begin_with})
    rests = b"|".join(sorted(re.escape(word[1:]) for word in begin_with))
    lengths = {len(name) for name in names}
    starts = (match.start() for match in re.finditer(b"[%b](?=%b)" % (firsts, rests), text))
    return {text[at : at + length] for at in starts for length in lengths} & names


def test_no_circumstance_or_household_status_is_published(season):
    open_facts = re.sub(
        rb'"ciphertext":"[^"]*"', b"", b"\n".join(stored.record for stored in season.records)
    )
    restricted = [b"hiv", b"law-violation", b"drug-addiction", b"sexually-abused", b"trafficked"]
    others = [b"both-parents-lost", b"disability", b"abandoned", b"half-orphan", b"parents-absent"]
    statuses = [b'"near-poor"', b'"escaped-recently"']
    assert [code for code in restricted + others + statuses if code in open_facts] == []


def test_an_auditor_verifies_what_was_taken_home(season):
    verdict = verify(season.home, keys=season.log_keys)
    assert verdict.faults == []
    assert verdict.is_signed
    sizes = {log.service: log.size for log in verdict.logs}
    assert sizes == {service: season.still.positions[service] for service in LOGS}
    for log in verdict.logs:
        assert log.has_tiles
        assert 0 < log.signed_up_to <= log.size


def test_an_auditor_finds_what_was_rewritten_with_the_right_leaf(season, tmp_path):
    home = shutil.copytree(season.home, tmp_path / "home")
    (chunk,) = home.glob("allocation/*.ndjson")
    lines = chunk.read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    record = line_decoder.decode(lines[middle]).record.encode()
    year = b'"time":"202'
    assert year in record
    rewritten = record.replace(year, b'"time":"203', 1)
    lines[middle] = line_of(middle + 1, rewritten)
    chunk.write_bytes(b"".join(lines))
    verdict = verify(home, keys=season.log_keys)
    assert {(fault.kind, fault.first) for fault in verdict.faults} == {
        ("altered", middle + 1),
        ("schema", middle + 1),
    }
    assert {fault.service for fault in verdict.faults} == {"allocation"}


def test_the_season_comes_to_the_same_facts_as_ever(season):
    found = differences(season.facts, KEPT.read_text(encoding="utf-8"))
    assert found == [], RENEW


def test_whoever_signs_in_finds_their_work_and_no_service_is_silent(season):
    """Through the portal, with the session's own token behind it."""
    assert season.first_pages.keys() == {card.roles[0] for card in cards()}
    for role, page in season.first_pages.items():
        assert "Việc hôm nay" in page
        assert "Có phần chưa trả lời" not in page, role
    assert '<ol class="tasks">' in "".join(season.first_pages.values())
    assert "Bùi Thị Ghi Bằng Biểu Mẫu" in season.registered
