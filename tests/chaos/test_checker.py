"""The checker is worth what it catches: each fault is planted, and the checker says so."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.allocation import LotOpened, NeedCoverClosed, NeedUncovered
from contracts.donations import ReceiptCancelled
from contracts.registry import NeedMet, NeedReleased, NeedWithdrawn
from contracts.sealed import Sealed
from eventing.event_store import Key, event_id_of
from eventing.installation import Installation
from eventing.record import StoredRecord as Stored
from eventing.record import Why, decode, encode
from services.allocation.read_models.lots import lots
from tests.chaos.checker import violations
from tests.chaos.looked_at import Cursor, Message, Sent
from tests.chaos.small_world import (
    FUND,
    KEEPER,
    LINES,
    LOT,
    MODELS,
    MONDAY,
    NEEDS,
    PLEDGE,
    PROGRAMME,
    booking,
    cover,
    draw,
    folded,
    receipt,
    recorded,
    reservation,
    row_of,
    signature,
    small_world,
    support,
    tables_of,
    topic_of,
)

PROJECT = Path(__file__).parents[2]


def caught(world, words):
    """All that is said is about this fault; and something is said."""
    said = violations(world)
    assert any(words in each for each in said), said
    return said


def test_nothing_is_said_when_all_is_well():
    world = small_world()
    assert violations(world) == []
    assert all(world.tables[service] for service in MODELS)


def test_of_a_world_that_is_not_at_rest_only_what_is_certain_is_said():
    world = small_world(("allocation", f"need-cover-{NEEDS[0]}", cover(NEEDS[0], UUID(int=99), 2)))
    world.topics["donations"].pop()
    world.tables["donations"]["receipts"].pop()
    assert len(violations(world)) > 3
    world.settled = False
    assert violations(world) == [f"need {NEEDS[0]} asked for 1 and is covered beyond it"]
    lost = world.journal[0]
    del world.answers[lost.service][lost.principal, lost.key]
    caught(world, f"command {lost.key} of {KEEPER} was acknowledged and is not there")


# --- the log ---


def test_a_hole_in_the_log():
    world = small_world()
    del world.logs["donations"][3]
    caught(world, "donations: position 4 is missing, 5 stands there")


def test_a_record_altered_in_the_database():
    world = small_world()
    row = world.logs["donations"][0]
    world.logs["donations"][0] = replace(row, record=row.record.replace(b'"goods"', b'"money"'))
    caught(world, "donations: 1: the leaf is not that of the record")


def test_a_record_altered_with_its_leaf():
    """Then Kafka, which others keep, knows better."""
    world = small_world()
    altered = world.logs["donations"][0].record.replace(b'"quantity":7', b'"quantity":9')
    world.logs["donations"][0] = row_of(1, altered)
    caught(world, "donations: Kafka differs from the log at 1")


def test_columns_that_say_something_else():
    world = small_world()
    world.logs["donations"][0] = replace(world.logs["donations"][0], type="pledge-broken")
    caught(world, "are no copies of")


def test_a_version_that_is_skipped():
    world = small_world()
    log = world.logs["donations"]
    again = decode(Stored("donations", 9, log[-1].record))
    new = encode(
        "donations",
        again.stream,
        again.version + 2,
        UUID(int=7),
        again.event,
        MONDAY,
        Why(actor=KEEPER),
    )
    log.append(row_of(len(log) + 1, new.record))
    caught(world, f"fund-{FUND} jumps to version 4")


def test_an_event_that_stands_twice():
    world = small_world()
    log = world.logs["registry"]
    last = decode(Stored("registry", len(log), log[-1].record))
    new = encode(
        "registry",
        last.stream,
        last.version + 1,
        last.event_id,
        last.event,
        MONDAY,
        Why(actor=KEEPER),
    )
    log.append(row_of(len(log) + 1, new.record))
    caught(world, f"event {last.event_id} stands twice")


# --- the topic ---


def messages_of(world, service="allocation"):
    return world.topics[service]


def test_a_record_that_kafka_lacks():
    world = small_world()
    messages_of(world).pop(2)
    caught(world, "allocation: Kafka lacks 3")


def test_a_record_altered_in_kafka():
    world = small_world()
    message = messages_of(world)[2]
    altered = message.value.replace(b'"quantity":1', b'"quantity":2')
    assert altered != message.value
    messages_of(world)[2] = replace(message, value=altered)
    caught(world, "allocation: Kafka differs from the log at 3")


def test_records_that_were_published_in_another_order():
    world = small_world()
    messages = messages_of(world)
    first, second = next(
        (a, b)
        for a in messages
        for b in messages
        if a.partition == b.partition and a.offset < b.offset
    )
    at = messages.index(first), messages.index(second)
    messages[at[0]] = replace(first, offset=second.offset)
    messages[at[1]] = replace(second, offset=first.offset)
    caught(world, f"Kafka: {first.position} first comes after {second.position}")


def test_repeated_records_are_no_fault_but_another_one_in_their_place_is():
    world = small_world()
    messages = messages_of(world)
    messages += [replace(each, offset=each.offset + 100) for each in messages[2:6]]
    assert violations(world) == []
    messages.append(replace(messages[3], offset=300, value=b"{}"))
    caught(world, f"Kafka holds two different records at {messages[3].position}")


def test_a_record_that_only_kafka_has():
    world = small_world()
    end = len(world.logs["allocation"]) + 1
    messages_of(world).append(Message(0, 999, end, "lot-9", b"{}"))
    caught(world, f"Kafka holds {end}, the log does not")


def test_a_stream_that_lies_in_two_partitions():
    world = small_world()
    messages = messages_of(world)
    last = max(range(len(messages)), key=lambda n: (messages[n].key == f"lot-{LOT}", n))
    other = (messages[last].partition + 1) % 12
    messages[last] = replace(messages[last], partition=other, offset=999)
    caught(world, "lies in several partitions")


# --- commands ---


def test_an_acknowledged_command_that_was_lost():
    """The answer and the events are gone; the log that is left looks sound."""
    world = small_world()
    service = "donations"
    lost = world.journal[[sent.service for sent in world.journal].index("allocation") - 1]
    world.logs[service].pop()
    world.topics[service] = topic_of(world.logs[service])
    del world.answers[service][lost.principal, lost.key]
    caught(world, f"command {lost.key} of {KEEPER} was acknowledged and is not there")


def test_an_acknowledged_event_that_was_dropped():
    """The answer is there, and in the place of the event stands the next command's."""
    world = small_world()
    (sent, *_) = [sent for sent in world.journal if sent.position == 9 and sent.service != "x"]
    other = replace(world.journal[0], key=UUID(int=5), position=sent.position)
    world.answers[other.service][other.principal, other.key] = 9
    world.journal.append(other)
    caught(world, f"command {other.key} of {KEEPER} was accepted and has no event")


def test_a_refused_command_that_happened():
    world = small_world()
    world.journal[2] = replace(world.journal[2], outcome="refused", position=None, status=409)
    caught(world, "was refused and is there")


def test_a_command_that_was_refused_and_then_accepted_is_no_fault():
    world = small_world()
    early = replace(
        world.journal[2], outcome="refused", position=None, status=503, began_s=0, ended_s=0.1
    )
    world.journal.append(early)
    assert violations(world) == []


def test_a_command_that_was_accepted_and_then_refused():
    world = small_world()
    sent = world.journal[2]
    late = replace(
        sent, outcome="refused", position=None, status=409, began_s=sent.ended_s + 1, ended_s=99
    )
    world.journal.append(late)
    caught(world, "was acknowledged and later refused with 409")


def test_an_unknown_command_may_have_happened_or_not():
    world = small_world()
    world.journal[2] = replace(world.journal[2], outcome="unknown", position=None)
    world.journal.append(Sent("donations", KEEPER, UUID(int=4), "unknown"))
    assert violations(world) == []


def test_a_command_that_happened_without_its_answer():
    world = small_world()
    sent = world.journal[2]
    world.journal[2] = replace(sent, outcome="unknown", position=None)
    del world.answers[sent.service][sent.principal, sent.key]
    caught(world, "has events but no answer")


def test_two_answers_to_one_command():
    world = small_world()
    world.journal.append(replace(world.journal[2], position=2))
    caught(world, "was answered 2, stored is 3")


def test_a_command_that_happened_twice_under_another_id():
    """Nobody's answer tells of it, and all else is as it should be."""
    world = small_world()
    log = world.logs["allocation"]
    opened = decode(Stored("allocation", 1, log[0].record)).event
    new = encode("allocation", "lot-again", 1, UUID(int=77), opened, MONDAY, Why(actor=KEEPER))
    log.append(row_of(len(log) + 1, new.record))
    world.topics["allocation"] = topic_of(log)
    caught(world, f"allocation: {len(log)}: lot-opened {UUID(int=77)} is of no command")


def test_two_answers_that_were_swapped():
    """Of two commands that were under way together, so that real time says nothing."""
    world = small_world()
    first, second = (
        next(n for n, sent in enumerate(world.journal) if sent.position == position)
        for position in (5, 6)
    )
    one, other = world.journal[first], world.journal[second]
    assert one.service == other.service
    together = {"began_s": 0.0, "ended_s": 100.0}
    world.journal[first] = replace(one, position=other.position, **together)
    world.journal[second] = replace(other, position=one.position, **together)
    answers = world.answers[one.service]
    answers[one.principal, one.key], answers[other.principal, other.key] = 6, 5
    said = violations(world)
    assert said == [
        f"registry: command {one.key} of {KEEPER} was answered 6, its events end at 5",
        f"registry: command {other.key} of {KEEPER} was answered 5, its events end at 6",
    ]


def without_the_fulfilment(world):
    """The second event of a command is gone, and what came later closed up."""
    log = world.logs["donations"]
    lost = next(n for n, row in enumerate(log) if row.type == "pledge-fulfilled")
    del log[lost]
    log[lost:] = [row_of(n, row.record) for n, row in enumerate(log[lost:], lost + 1)]
    world.topics["donations"] = topic_of(log)
    world.tables, world.cursors = tables_of(world.logs), {}
    return lost


def test_the_last_event_of_a_command_that_was_lost():
    """The log, the topic and the tables look sound."""
    world = small_world()
    lost = without_the_fulfilment(world)
    caught(world, f"was answered {lost + 1}, its events end at {lost}")


def test_the_last_event_of_a_command_that_was_never_appended():
    """Then the answer is right as well; only the rule says that it lacks."""
    world = small_world()
    lost = without_the_fulfilment(world)
    shift = {n: n - 1 for n in range(lost + 1, len(world.logs["donations"]) + 2)}
    answers = world.answers["donations"]
    answers |= {name: shift.get(position, position) for name, position in answers.items()}
    world.journal = [
        replace(sent, position=shift.get(sent.position, sent.position))
        if sent.service == "donations"
        else sent
        for sent in world.journal
    ]
    assert violations(world) == [
        "pledges that were reached and fulfilled: 1 lack their effect, as " + str(PLEDGE)
    ]


def test_events_of_a_command_that_do_not_stand_together():
    world = small_world()
    log = world.logs["donations"]
    second = next(n for n, row in enumerate(log) if row.type == "pledge-fulfilled")
    log[second : second + 2] = [
        row_of(second + 1, log[second + 1].record),
        row_of(second + 2, log[second].record),
    ]
    world.topics["donations"] = topic_of(log)
    caught(world, f"its events do not stand in one row, but at [{second}, {second + 2}]")


def test_an_event_whose_id_is_of_another_time():
    world = small_world()
    log = world.logs["registry"]
    last = decode(Stored("registry", len(log), log[-1].record))
    earlier = replace_time(last.event_id, -1)
    new = encode("registry", "grant-7", 1, earlier, last.event, MONDAY, Why(actor=KEEPER))
    log.append(row_of(len(log) + 1, new.record))
    caught(world, "the time in the id is not when it was recorded")


def test_an_event_of_another_installation():
    world = small_world()
    log = world.logs["registry"]
    last = decode(Stored("registry", len(log), log[-1].record))
    elsewhere = Installation("elsewhere.example")
    id_ = event_id_of(Key(KEEPER, UUID(int=7), b""), 0, MONDAY)
    new = encode("registry", "grant-7", 1, id_, last.event, MONDAY, Why(actor=KEEPER), elsewhere)
    log.append(row_of(len(log) + 1, new.record))
    caught(world, "//elsewhere.example/registry is not where it was recorded")


def replace_time(id_, by_ms):
    return UUID(int=id_.int + (by_ms << 80))


def test_an_answer_beyond_the_log():
    """A replica that took over had not yet got the newest events."""
    world = small_world()
    world.logs["allocation"].pop()
    caught(world, "1 answers lie beyond the log")


def test_a_command_that_overtook_one_acknowledged_before_it_began():
    world = small_world()
    at = next(n for n, sent in enumerate(world.journal) if sent.position == 2)
    world.journal[at] = replace(world.journal[at], began_s=50.0, ended_s=51.0)
    caught(world, "which had been acknowledged when it began")


# --- readers and effects ---


def test_a_reader_that_tails_without_order():
    """It takes what comes, keeps the highest position, and passes over what comes below it."""
    world = small_world()
    taken, cursor = [], 0
    for message in sorted(world.topics["allocation"], key=lambda each: each.partition):
        if message.position > cursor:
            cursor = message.position
            taken.append(world.logs["allocation"][message.position - 1])
    world.tables["allocation"]["lots"] = folded(lots, _without_gaps(taken))
    caught(world, "allocation.lots")


def _without_gaps(rows):
    """Whatever such a reader can still fold."""
    known = {row.stream for row in rows if row.type in ("lot-opened", "lot-held-apart")}
    return [each for each in recorded("allocation", rows) if each.stream in known]


def test_a_reader_that_folds_records_again():
    """What each says is so after it: that alone would be so again, the place in the log is not."""
    world = small_world()
    log = world.logs["allocation"]
    drawn = next(at for at, row in enumerate(log) if row.type == "lot-drawn")
    again = recorded("allocation", [*log[: drawn + 1], log[drawn - 1], *log[drawn - 4 : drawn - 1]])
    world.tables["allocation"]["lots"] = folded(lots, again)
    caught(world, "quantity_drawn is 0, not 1")


@pytest.mark.parametrize(
    ("service", "stream", "event", "says"),
    [
        ("allocation", f"lot-{LOT}", draw(drawn=3), "quantity_drawn is 3, not 2"),
        ("allocation", f"lot-{LOT}", reservation(NEEDS[0], LINES[0], 1, kept=4), "not 3"),
        ("allocation", f"need-cover-{NEEDS[0]}", cover(NEEDS[0], LINES[0], 1), "is 1, not 2"),
        ("donations", f"fund-{FUND}", booking("paper 3", after=300), "debit is 400, not 300"),
    ],
)
def test_what_an_event_says_is_so_after_it_and_is_not(service, stream, event, says):
    caught(small_world((service, stream, event)), says)


@pytest.mark.parametrize(
    ("service", "table", "words"),
    [
        ("donations", "pledges", "donations.pledges lacks"),
        ("donations", "fund_balances", "donations.fund_balances lacks"),
        ("donations", "receipts", "donations.receipts lacks"),
        ("allocation", "open_needs", "allocation.open_needs lacks"),
        ("allocation", "roles_held", "allocation.roles_held lacks"),
    ],
)
def test_a_row_that_is_gone(service, table, words):
    world = small_world()
    world.tables[service][table].pop()
    caught(world, words)


def test_a_row_too_many():
    world = small_world()
    rows = world.tables["donations"]["receipts"]
    rows.append(rows[0] | {"code_hash": "NOBODYS"})
    caught(world, "donations.receipts has ('NOBODYS',) too many")


@pytest.mark.parametrize(
    ("service", "table"),
    [(service, model.name) for service, models in MODELS.items() for model in models],
)
def test_a_table_that_is_gone(service, table):
    world = small_world()
    del world.tables[service][table]
    assert violations(world) == [f"{service}.{table} is not there"]


def test_a_table_that_was_renamed():
    world = small_world()
    tables = world.tables["donations"]
    tables["vouchers"] = tables.pop("receipts")
    assert violations(world) == [
        "donations.receipts is not there",
        "donations.vouchers is not known",
    ]


def test_a_service_whose_tables_nobody_looked_at():
    world = small_world()
    del world.tables["portal"]
    said = caught(world, "portal.needs is not there")
    assert len(said) == len(MODELS["portal"])


def test_tables_of_a_service_that_nobody_knows():
    world = small_world()
    world.tables["treasury"] = {"roles_held": []}
    assert violations(world) == ["treasury.roles_held is not known"]


def test_a_row_that_stands_twice():
    world = small_world()
    rows = world.tables["donations"]["receipts"]
    rows.append(dict(rows[0]))
    assert violations(world) == ["donations.receipts has a row twice"]


def test_a_column_that_is_gone():
    world = small_world()
    for row in world.tables["donations"]["receipts"]:
        del row["number"]
    caught(world, f"donations.receipts ('{1:064x}',): there is no number")


def test_a_reader_that_stands_still():
    world = small_world()
    world.cursors["allocation"].append(Cursor("lots", "allocation", 3, "live"))
    caught(world, "allocation: lots is at 3 of 14 of allocation")


def test_a_record_that_waits_for_a_person():
    world = small_world()
    world.parked["allocation"] = 2
    caught(world, "allocation: 2 records are parked")


def test_an_effect_that_did_not_come():
    world = small_world(("allocation", f"need-cover-{NEEDS[0]}", cover(NEEDS[0], UUID(int=99))))
    caught(world, "covers and reservations: 1 lack their effect")


def test_a_need_that_was_not_released():
    about: dict[str, Any] = {
        "need_id": NEEDS[2],
        "programme_id": PROGRAMME,
        "line_id": LINES[2],
        "quantity": 1,
        "happened_at": MONDAY,
    }
    uncovered = NeedUncovered(**about, quantity_covered=0, quantity_open=1)
    released = NeedReleased(**about, quantity_reserved=0, quantity_met=0)
    cause = ("allocation", f"need-cover-{NEEDS[2]}", uncovered)
    effect = ("registry", f"need-{NEEDS[2]}", released)
    assert violations(small_world(cause, effect)) == []
    lacks = "covers taken back and reservations released: 1 lack their effect"
    assert violations(small_world(cause)) == [f"{lacks}, as {NEEDS[2]} {LINES[2]}"]
    caught(small_world(cause, effect, effect), "reservations released: 1 effects too many")


def test_a_cover_that_was_not_closed():
    withdrawn = NeedWithdrawn(
        need_id=NEEDS[2],
        programme_id=PROGRAMME,
        withdrawn_by=KEEPER,
        reason=Sealed(UUID(int=8), "reason"),
        happened_at=MONDAY,
    )
    cause = ("registry", f"need-{NEEDS[2]}", withdrawn)
    closed = NeedCoverClosed(need_id=NEEDS[2], programme_id=PROGRAMME, left=(), happened_at=MONDAY)
    effect = ("allocation", f"need-cover-{NEEDS[2]}", closed)
    assert violations(small_world(cause, effect)) == []
    assert violations(small_world(cause)) == [
        f"withdrawn needs and closed covers: 1 lack their effect, as {NEEDS[2]}"
    ]
    caught(small_world(effect), "withdrawn needs and closed covers: 1 effects too many")


def test_a_need_that_was_withdrawn_before_it_was_opened_has_no_cover():
    withdrawn = NeedWithdrawn(
        need_id=UUID(int=58),
        programme_id=PROGRAMME,
        withdrawn_by=KEEPER,
        reason=Sealed(UUID(int=8), "reason"),
        happened_at=MONDAY,
    )
    assert violations(small_world(("registry", f"need-{UUID(int=58)}", withdrawn))) == []


def test_an_effect_applied_twice():
    met = NeedMet(
        need_id=NEEDS[0],
        programme_id=PROGRAMME,
        line_id=LINES[0],
        quantity=1,
        quantity_reserved=0,
        quantity_met=2,
        happened_at=MONDAY,
    )
    world = small_world(("registry", f"need-{NEEDS[0]}", met))
    said = caught(world, "support delivered and needs met: 1 effects too many")
    assert len(said) == 1


def test_a_lot_opened_twice_for_one_line():
    (opened,) = (
        each.event
        for each in recorded("allocation", small_world().logs["allocation"])
        if isinstance(each.event, LotOpened)
    )
    world = small_world(("allocation", "lot-again", opened))
    caught(world, "accepted lines and lots: 1 effects too many")


def test_a_letter_that_went_out_twice():
    world = small_world()
    world.letters = [UUID(int=1), UUID(int=2), UUID(int=1)]
    assert violations(world) == [f"letter {UUID(int=1)} went out 2 times"]


# --- rules ---


def test_an_over_reserved_lot():
    world = small_world(
        ("allocation", f"lot-{LOT}", reservation(NEEDS[0], UUID(int=91), 3, kept=5))
    )
    assert violations(world) == [f"lot {LOT} at 15: holds 5 and is over-reserved"]


def test_a_line_reserved_twice():
    world = small_world(("allocation", f"lot-{LOT}", reservation(NEEDS[1], LINES[1])))
    caught(world, f"line {LINES[1]} is reserved twice")


def test_more_drawn_than_reserved():
    world = small_world(("allocation", f"lot-{LOT}", draw(drawn=2)))
    caught(world, f"line {LINES[0]} draws more than it reserved")


def test_a_need_covered_twice():
    again = cover(NEEDS[1], UUID(int=92), 2)
    world = small_world(("allocation", f"need-cover-{NEEDS[1]}", again))
    caught(world, f"need {NEEDS[1]} asked for 1 and is covered beyond it")


def test_a_need_covered_twice_by_one_line():
    world = small_world(("allocation", f"need-cover-{NEEDS[1]}", cover(NEEDS[1], LINES[1])))
    caught(world, f"need {NEEDS[1]} is covered twice by {LINES[1]}")


def test_a_signed_line_of_which_nothing_says_that_support_reached_a_child():
    signed = replace(signature(), line_id=LINES[1], need_id=NEEDS[1], lines_signed=2)
    world = small_world(("allocation", "delivery-1", signed))
    caught(world, f"what reached a child and what says so: 1 lack their effect, as {LINES[1]}")


def test_support_that_is_said_twice_to_have_reached_a_child():
    again = replace(support(), quantity_delivered=2)
    world = small_world(("allocation", f"need-cover-{NEEDS[0]}", again))
    caught(world, "what reached a child and what says so: 1 effects too many")


def test_support_that_covers_nothing():
    never_kept = replace(support(), line_id=UUID(int=93), quantity_delivered=2)
    world = small_world(("allocation", f"need-cover-{NEEDS[0]}", never_kept))
    caught(world, f"1 reached need {NEEDS[0]}, None was kept")


def test_an_unbalanced_booking():
    world = small_world(("donations", f"fund-{FUND}", booking("paper 3", credit=90)))
    caught(world, "the booking at donations:10 does not balance")


def test_a_paper_booked_twice():
    world = small_world(("donations", f"fund-{FUND}", booking("paper 1")))
    caught(world, "paper paper 1 is booked 2 times")


def test_a_receipt_number_twice():
    world = small_world(("donations", "receipt-book-HANG-2024", receipt(2)))
    caught(world, "receipt book HANG 2024: twice [2]")


def test_a_receipt_number_left_out():
    world = small_world(("donations", "receipt-book-HANG-2024", receipt(5)))
    caught(world, "gaps [(3, 5)]")


def test_two_receipts_of_one_contribution_that_both_stand():
    again = replace(receipt(4), contribution_id=receipt(3).contribution_id)
    issued = ("donations", "receipt-book-HANG-2024", again)
    caught(small_world(issued), "2 receipts stand")
    earlier = receipt(3)
    cancelled = ReceiptCancelled(
        book=earlier.book,
        year=earlier.year,
        number=earlier.number,
        programme_id=PROGRAMME,
        contribution_id=earlier.contribution_id,
        code_hash=earlier.code_hash,
        reason="wrong-amount",
        cancelled_by=KEEPER,
        happened_at=MONDAY,
    )
    mended = small_world(("donations", "receipt-book-HANG-2024", cancelled), issued)
    assert not [each for each in violations(mended) if "receipt" in each and "stand" in each]


def test_what_the_checker_knows_is_its_own():
    """Nothing of what it checks is loaded with it, not even by way of something else."""
    looked = "import sys, tests.chaos.checker; print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", looked], cwd=PROJECT, check=True, capture_output=True, text=True
    )
    loaded = said.stdout.split()
    assert {f"tests.chaos.{name}" for name in ("looked_at", "rules", "tables")} <= set(loaded)
    ours = {folder.name for folder in PROJECT.iterdir() if folder.is_dir()} - {"tests"}
    assert {"eventing", "services", "contracts", "edge", "notary", "audit", "console"} <= ours
    assert [name for name in loaded if name.partition(".")[0] in ours] == []


def test_a_lot_whose_id_does_not_follow_from_its_contribution():
    world = small_world()
    log = world.logs["donations"]
    (at,) = (at for at, row in enumerate(log) if row.type == "contribution-accepted")
    data = json.loads(log[at].record)
    data["data"]["contribution_id"] = str(UUID(int=1))
    log[at] = replace(log[at], record=json.dumps(data).encode())
    caught(world, f"lot {LOT} at 1 should be")
