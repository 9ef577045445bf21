"""What becomes of lines, deliveries, messages and funds, folded twice; a lost step is found."""

from datetime import date
from uuid import UUID

import pytest

from contracts.allocation import (
    AllocationLine,
    AllocationLineRefused,
    AllocationLineReleased,
    AllocationProposed,
    DeliveryDispatched,
    DeliveryLineAbsent,
    DeliveryPlanned,
    LotReleased,
)
from contracts.donations import FundOpened
from contracts.notifications import MessageDue, MessageFailed, MessageSending, MessageSent
from services.allocation.read_models.allocation_lines import allocation_lines
from services.allocation.read_models.deliveries import deliveries
from services.notifications.read_models.messages import messages
from services.portal.read_models.funds import fund_entries, funds
from services.portal.read_models.lines import lines as portal_lines
from services.registry.read_models.households import households
from services.registry.read_models.needs import needs
from tests.chaos import full_logs
from tests.chaos.looked_at import World
from tests.chaos.small_world import (
    CAMPAIGN,
    COMMUNE,
    CONTRIBUTION,
    FUND,
    KEEPER,
    LOT,
    MONDAY,
    PROGRAMME,
    SPONSOR,
    Log,
    booking,
    folded,
    recorded,
    reservation,
    signature,
    tables_of,
)
from tests.chaos.tables import differ

ALLOCATION, DELIVERY = UUID(int=3), UUID(int=4)


def line(number):
    return AllocationLine(
        line_id=UUID(int=60 + number),
        allocation_id=ALLOCATION,
        lot_id=LOT,
        need_id=UUID(int=50 + number),
        child_id=UUID(int=50 + number),
        unit_id=COMMUNE,
        category="warm-clothes",
        quantity=1,
        measure="piece",
        campaign_id=CAMPAIGN,
        fund_id=FUND,
        contribution_id=CONTRIBUTION,
        sponsor_id=SPONSOR,
        reasons=(),
        recorded_by=KEEPER,
        verified_by=KEEPER,
        received_by=KEEPER,
    )


LINES = [line(number) for number in range(6)]
"""Signed, absent, planned, released, refused, approved; a seventh is only proposed."""


def of_allocation():
    log = Log("allocation")
    proposed = AllocationProposed(
        allocation_id=ALLOCATION,
        programme_id=PROGRAMME,
        run_id=None,
        lines=(*LINES, line(6)),
        proposed_by=KEEPER,
        happened_at=MONDAY,
    )
    log.add("allocation-3", proposed)
    for each in [*LINES[:4], LINES[5]]:
        log.add(f"lot-{LOT}", reservation(each.need_id, each.line_id))
    about = {"allocation_id": ALLOCATION, "happened_at": MONDAY}
    refused = {"line_id": LINES[4].line_id, "need_id": LINES[4].need_id, "code": "lot-is-empty"}
    log.add("allocation-3", AllocationLineRefused(**about, **refused))
    back = {"line_id": LINES[3].line_id, "need_id": LINES[3].need_id, "lot_id": LOT}
    log.add(
        "allocation-3",
        AllocationLineReleased(**about, **back, quantity=1, released_by=KEEPER),
    )
    gone = LotReleased(
        lot_id=LOT,
        line_id=LINES[3].line_id,
        quantity=1,
        happened_at=MONDAY,
    )
    log.add(f"lot-{LOT}", gone)
    planned = DeliveryPlanned(
        delivery_id=DELIVERY,
        programme_id=PROGRAMME,
        unit_id=COMMUNE,
        activity="gift day",
        planned_for=date(2024, 12, 1),
        lines=tuple(LINES[:3]),
        planned_by=KEEPER,
        happened_at=MONDAY,
    )
    log.add("delivery-4", planned)
    dispatched = DeliveryDispatched(
        delivery_id=DELIVERY, waybill="PX-1", dispatched_by=KEEPER, happened_at=MONDAY
    )
    log.add("delivery-4", dispatched)
    log.add("delivery-4", signature())
    absent = DeliveryLineAbsent(
        delivery_id=DELIVERY,
        line_id=LINES[1].line_id,
        need_id=LINES[1].need_id,
        kept_until=date(2024, 12, 20),
        happened_at=MONDAY,
    )
    log.add("delivery-4", absent)
    return log


def of_notifications():
    log = Log("notifications")
    for number in (1, 2):
        due = MessageDue(
            message_id=UUID(int=number),
            sponsor_id=SPONSOR,
            occasion="gift-arrived",
            channels=("email",),
            language="vi",
            arrival_id=DELIVERY,
            unit_id=COMMUNE,
            activity=None,
            parts=(),
            happened_at=MONDAY,
        )
        log.add(f"message-{number}", due)
    about = {"message_id": UUID(int=1), "happened_at": MONDAY}
    log.add("message-1", MessageSending(attempt=1, **about))
    log.add("message-1", MessageFailed(code="mailbox-full", **about))
    log.add("message-1", MessageSending(attempt=2, **about))
    log.add("message-1", MessageSent(**about))
    return log


def of_donations():
    log = Log("donations")
    opened = FundOpened(
        fund_id=FUND,
        programme_id=PROGRAMME,
        name="Quỹ áo ấm",
        opened_by=KEEPER,
        happened_at=MONDAY,
    )
    log.add(f"fund-{FUND}", opened)
    for paper in ("paper 1", "paper 2"):
        log.add(f"fund-{FUND}", booking(paper))
    return log


TABLES = [
    ("allocation", allocation_lines, of_allocation),
    ("allocation", deliveries, of_allocation),
    ("portal", portal_lines, of_allocation),
    ("notifications", messages, of_notifications),
    ("portal", funds, of_donations),
    ("portal", fund_entries, of_donations),
    ("registry", needs, full_logs.registry),
    ("registry", households, full_logs.registry),
]


def rows_of(model, log, rows):
    return folded(model, recorded(log.service, rows))


def differences(service, model, log, rows):
    """All tables are of the whole log, but for this one, which is of these rows of it."""
    world = world_of(log)
    world.tables[service][model.name] = rows_of(model, log, rows)
    return list(differ(world))


def world_of(log):
    logs = {log.service: log.rows}
    return World(logs=logs, topics={}, answers={}, tables=tables_of(logs))


@pytest.mark.parametrize(("service", "model", "log"), TABLES)
def test_both_folds_agree(service, model, log):
    log = log()
    assert rows_of(model, log, log.rows)
    assert differences(service, model, log, log.rows) == []


@pytest.mark.parametrize(
    ("service", "model", "log", "lost", "words"),
    [
        ("allocation", allocation_lines, of_allocation, "delivery-line-signed", "not signed"),
        ("allocation", allocation_lines, of_allocation, "allocation-line-released", "not released"),
        ("allocation", allocation_lines, of_allocation, "allocation-line-refused", "not refused"),
        ("allocation", deliveries, of_allocation, "delivery-dispatched", "not dispatched"),
        ("allocation", deliveries, of_allocation, "delivery-line-signed", "signed_count is 0"),
        ("portal", portal_lines, of_allocation, "lot-reserved", "not reserved"),
        ("portal", portal_lines, of_allocation, "delivery-line-absent", "not absent"),
        ("notifications", messages, of_notifications, "message-sent", "not sent"),
        ("notifications", messages, of_notifications, "message-due", "messages lacks"),
        ("portal", funds, of_donations, "fund-opened", "funds lacks"),
        ("portal", fund_entries, of_donations, "fund-entry-booked", "fund_entries lacks"),
        ("registry", needs, full_logs.registry, "need-recorded", "needs lacks"),
        ("registry", needs, full_logs.registry, "need-partly-met", "met is 0, not 2"),
        ("registry", needs, full_logs.registry, "need-met", "met is 0, not 5"),
        ("registry", needs, full_logs.registry, "need-withdrawn", "version is"),
        ("registry", households, full_logs.registry, "household-registered", "households lacks"),
        ("registry", households, full_logs.registry, "household-placed", "unit_id is"),
    ],
)
def test_a_step_that_a_table_has_not_seen(service, model, log, lost, words):
    log = log()
    rows = [row for row in log.rows if row.type != lost]
    assert len(rows) < len(log.rows)
    assert any(words in says for says in differences(service, model, log, rows))
