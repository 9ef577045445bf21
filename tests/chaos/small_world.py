"""A small world in which all is well: real records, real folds, a few facts of each service."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import msgspec

from contracts.allocation import (
    DeliveryLineSigned,
    LotDrawn,
    LotHeldApart,
    LotOpened,
    LotReserved,
    NeedCovered,
    NeedCoverOpened,
    SupportDelivered,
)
from contracts.donations import (
    AccountBalance,
    ContributionAccepted,
    ContributionCounted,
    Earmark,
    EntryLine,
    FundEntryBooked,
    InspectedLine,
    PledgeFulfilled,
    PledgeMade,
    ReceiptedLine,
    ReceiptIssued,
)
from contracts.registry import NeedMet, NeedOpened, NeedReserved, RoleGranted
from contracts.rules_in_force import RulesInForce
from contracts.sealed import Sealed
from eventing.event_store import Key, event_id_of
from eventing.ids import beside, mark
from eventing.read_model import NoRow, ReadModel
from eventing.record import Recorded, StoredRecord, Why, decode, encode
from eventing.row_tables import columns_of
from eventing.topics import partition_of
from services.allocation import read_models as of_allocation
from services.donations import read_models as of_donations
from services.notifications import read_models as of_notifications
from services.portal import read_models as of_portal
from services.registry import read_models as of_registry
from tests.chaos.looked_at import Cursor, Message, Row, Sent, World
from tests.support.delivered import support_delivered

RULES = RulesInForce(pack="hanoi-3874", version=1, digest="ab" * 32)

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
KEEPER = UUID(int=900)
PROGRAMME, CAMPAIGN, FUND, SPONSOR, PLEDGE, CONTRIBUTION = (UUID(int=n) for n in range(21, 27))
GOODS_LINE, COMMUNE = (UUID(int=n) for n in range(31, 33))
LOT, APART = (
    beside(CONTRIBUTION, mark(part, CONTRIBUTION.bytes, GOODS_LINE.bytes))
    for part in (b"lot", b"apart")
)
NEEDS = [UUID(int=50 + n) for n in range(3)]
LINES = [UUID(int=60 + n) for n in range(3)]
MODELS: dict[str, list[ReadModel[Any, Any]]] = {
    service: [model for model in of.READ_MODELS if not model.private]
    for service, of in {
        "registry": of_registry,
        "donations": of_donations,
        "allocation": of_allocation,
        "notifications": of_notifications,
        "portal": of_portal,
    }.items()
}
"""All that are open."""


class Log:
    """Appends events one command each, as the executor names and numbers them."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.rows: list[Row] = []
        self.answers: dict[tuple[UUID, UUID], int] = {}
        self.journal: list[Sent] = []
        self._versions: dict[str, int] = {}

    def add(self, stream: str, *events: Any, by: UUID = KEEPER) -> None:
        began_s = float(len(self.rows))
        key = uuid5(by, f"{self.service} {len(self.rows)}")
        for ordinal, event in enumerate(events):
            version = self._versions[stream] = self._versions.get(stream, 0) + 1
            new = encode(
                self.service,
                stream,
                version,
                event_id_of(Key(by, key, b""), ordinal, MONDAY),
                event,
                MONDAY,
                Why(actor=by),
            )
            self.rows.append(row_of(len(self.rows) + 1, new.record))
        self.answers[by, key] = len(self.rows)
        self.journal.append(
            Sent(
                self.service,
                by,
                key,
                "acknowledged",
                len(self.rows),
                200,
                began_s + 0.2,
                began_s + 0.8,
            )
        )


def row_of(position: int, record: bytes) -> Row:
    """As the database would store it: columns are copies of what the record says."""
    stored = decode(StoredRecord("any", position, record))
    said = msgspec.json.decode(record)
    return Row(
        position,
        stored.event_id,
        stored.stream,
        stored.version,
        said["type"],
        record,
        sha256(b"\x00" + record).digest(),
    )


def topic_of(log: list[Row]) -> list[Message]:
    """The log as a relay publishes it."""
    ends: dict[int, int] = {}
    messages: list[Message] = []
    for row in log:
        partition = partition_of(row.stream.encode())
        offset = ends[partition] = ends.get(partition, -1) + 1
        messages.append(Message(partition, offset, row.position, row.stream, row.record))
    return messages


def folded(model: ReadModel[Any, Any], records: list[Recorded]) -> list[dict[str, Any]]:
    """The rows of a read model after these records, as they are collected from the database."""
    rows: dict[Any, Any] = {}
    for recorded in records:
        if isinstance(recorded.event, model.events):
            for key in model.touched(recorded):
                # What a read model cannot apply is parked by its worker.
                with suppress(NoRow):
                    rows[key] = model.apply(rows.get(key), key, recorded)
    return [collected(row) for row in rows.values() if row is not None]


def collected(row: Any) -> dict[str, Any]:
    """Ids in words, and jsonb as what it says."""
    found: dict[str, Any] = {}
    for column in columns_of(type(row)):
        value = column.to_sql(getattr(row, column.name))
        if column.composite is not None and value is not None:
            value = json.loads(value)
        found[column.name] = str(value) if isinstance(value, UUID) else value
    return found


def recorded(service: str, rows: list[Row]) -> list[Recorded]:
    return [decode(StoredRecord(service, row.position, row.record)) for row in rows]


def tables_of(logs: Mapping[str, list[Row]]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    records = [each for name in sorted(logs) for each in recorded(name, logs[name])]
    return {
        service: {model.name: folded(model, records) for model in models}
        for service, models in MODELS.items()
    }


def small_world(*more: tuple[str, str, Any]) -> World:
    """`more`: service, stream, event; as consistent as the rest, so that only rules can break."""
    logs = [registry(), donations(), allocation()]
    for service, stream, event in more:
        next(log for log in logs if log.service == service).add(stream, event)
    rows = {log.service: log.rows for log in logs}
    return World(
        logs=rows,
        topics={name: topic_of(log) for name, log in rows.items()},
        answers={log.service: log.answers for log in logs},
        journal=[sent for log in logs for sent in log.journal],
        tables=tables_of(rows),
        cursors={
            "allocation": [
                Cursor("reaction:reserve", name, len(log), "live") for name, log in rows.items()
            ]
        },
        all_have_events=True,
    )


def registry() -> Log:
    log = Log("registry")
    log.add(
        "person-1",
        RoleGranted(
            grant_id=UUID(int=1),
            person_id=KEEPER,
            role="coordinator",
            unit_id=COMMUNE,
            valid_from=date(2024, 9, 1),
            valid_until=None,
            rules=None,
            granted_by=KEEPER,
            happened_at=MONDAY,
        ),
    )
    for need in NEEDS:
        log.add(
            f"need-{need}",
            NeedOpened(
                need_id=need,
                child_id=need,
                group_id=None,
                children=1,
                birth_month="2015-03",
                gender="female",
                eligible_under="special-or-at-risk@1",
                priority_rule="priority@1",
                priority_reasons=Sealed(UUID(int=8), "reasons"),
                rules=RULES,
                **NEED_FACTS,
            ),
        )
    for need, line in zip(NEEDS, LINES, strict=True):
        reserved = NeedReserved(
            need_id=need,
            programme_id=PROGRAMME,
            line_id=line,
            quantity=1,
            quantity_reserved=1,
            quantity_met=0,
            happened_at=MONDAY,
        )
        log.add(f"need-{need}", reserved)
    met = NeedMet(
        need_id=NEEDS[0],
        programme_id=PROGRAMME,
        line_id=LINES[0],
        quantity=1,
        quantity_reserved=0,
        quantity_met=1,
        happened_at=MONDAY,
    )
    log.add(f"need-{NEEDS[0]}", met)
    return log


NEED_FACTS: dict[str, Any] = {
    "lapses_on": date(2025, 4, 7),
    "programme_id": PROGRAMME,
    "unit_id": COMMUNE,
    "category": "warm-clothes",
    "specification": {"size": "H120"},
    "quantity": 1,
    "measure": "piece",
    "needed_by": date(2024, 12, 1),
    "priority_band": 2,
    "registered_by": UUID(int=42),
    "recorded_by": UUID(int=43),
    "verified_by": UUID(int=44),
    "happened_at": MONDAY,
}
GIFT_FACTS: dict[str, Any] = {
    "programme_id": PROGRAMME,
    "campaign_id": CAMPAIGN,
    "fund_id": FUND,
    "sponsor_id": SPONSOR,
    "earmark": Earmark(),
    "received_by": UUID(int=45),
    "inspected_by": (UUID(int=45),),
    "accepted_by": KEEPER,
    "happened_at": MONDAY,
}


def donations() -> Log:
    log = Log("donations")
    jackets = InspectedLine(
        line_id=GOODS_LINE,
        category="warm-clothes",
        specification={"size": "H120"},
        measure="piece",
        announced=8,
        good=5,
        mendable=2,
        refused=1,
    )
    log.add(
        f"pledge-{PLEDGE}",
        PledgeMade(
            pledge_id=PLEDGE,
            programme_id=PROGRAMME,
            campaign_id=CAMPAIGN,
            sponsor_id=SPONSOR,
            kind="goods",
            category="warm-clothes",
            quantity=7,
            measure="piece",
            earmark=Earmark(),
            rules=RULES,
            made_by=KEEPER,
            happened_at=MONDAY,
        ),
    )
    log.add(
        f"contribution-{CONTRIBUTION}",
        ContributionAccepted(
            contribution_id=CONTRIBUTION,
            pledge_id=PLEDGE,
            kind="goods",
            paid_in=None,
            lines=(jackets,),
            measure="piece",
            good=5,
            mendable=2,
            refused=1,
            announced_by=KEEPER,
            **GIFT_FACTS,
        ),
    )
    log.add(
        f"pledge-{PLEDGE}",
        ContributionCounted(
            pledge_id=PLEDGE,
            programme_id=PROGRAMME,
            contribution_id=CONTRIBUTION,
            correction=0,
            quantity=7,
            quantity_counted=7,
            happened_at=MONDAY,
        ),
        PledgeFulfilled(pledge_id=PLEDGE, programme_id=PROGRAMME, happened_at=MONDAY),
    )
    for number in (1, 2, 3):
        log.add("receipt-book-HANG-2024", receipt(number))
    for number in (1, 2):
        log.add(f"fund-{FUND}", booking(f"paper {number}", after=100 * (number - 1)))
    return log


def receipt(number: int) -> ReceiptIssued:
    return ReceiptIssued(
        book="HANG",
        year=2024,
        number=number,
        programme_id=PROGRAMME,
        contribution_id=uuid5(CONTRIBUTION, str(number)),
        sponsor_id=SPONSOR,
        kind="goods",
        lines=(ReceiptedLine(category="warm-clothes", specification={}, quantity=7),),
        quantity=7,
        measure="piece",
        code=Sealed(UUID(int=8), f"CODE{number}"),
        code_hash=f"{number:064x}",
        signatories=Sealed(UUID(int=8), f"SIGNED{number}"),
        issued_by=KEEPER,
        happened_at=MONDAY,
    )


def booking(
    paper: str, *, fund_id: UUID = FUND, after: int = 200, credit: int = 100
) -> FundEntryBooked:
    return FundEntryBooked(
        fund_id=fund_id,
        programme_id=PROGRAMME,
        entry_id=uuid5(fund_id, paper),
        lines=(
            EntryLine(account="bank", debit=100, credit=0),
            EntryLine(account="contributions", debit=0, credit=credit),
        ),
        balances=(
            AccountBalance(account="bank", debit=after + 100, credit=0),
            AccountBalance(account="contributions", debit=0, credit=after + credit),
        ),
        paper=paper,
        happened_at=MONDAY,
    )


def allocation() -> Log:
    log = Log("allocation")
    of_the_line = GIFT_FACTS | {
        "contribution_id": CONTRIBUTION,
        "contribution_line_id": GOODS_LINE,
        "kind": "goods",
        "category": "warm-clothes",
        "specification": {"size": "H120"},
        "measure": "piece",
    }
    log.add(f"lot-{LOT}", LotOpened(lot_id=LOT, quantity=5, **of_the_line))
    log.add(f"lot-{APART}", LotHeldApart(lot_id=APART, quantity=2, **of_the_line))
    for need in NEEDS:
        opened = NeedCoverOpened(
            need_id=need, child_id=need, group_id=None, children=1, **NEED_FACTS
        )
        log.add(f"need-cover-{need}", opened)
    for number, (need, line) in enumerate(zip(NEEDS, LINES, strict=True)):
        log.add(f"lot-{LOT}", reservation(need, line, kept=number + 1, drawn=0))
        log.add(f"need-cover-{need}", cover(need, line))
    log.add(f"lot-{LOT}", draw(drawn=1))
    log.add("delivery-1", signature())
    log.add(f"need-cover-{NEEDS[0]}", support())
    return log


def reservation(
    need: UUID, line: UUID, quantity: int = 1, *, kept: int = 3, drawn: int = 1
) -> LotReserved:
    return LotReserved(
        lot_id=LOT,
        programme_id=PROGRAMME,
        allocation_id=UUID(int=3),
        line_id=line,
        need_id=need,
        quantity=quantity,
        quantity_free=5 - kept - drawn,
        quantity_kept=kept,
        quantity_drawn=drawn,
        happened_at=MONDAY,
    )


def draw(*, drawn: int) -> LotDrawn:
    """By the first line, of all three."""
    return LotDrawn(
        lot_id=LOT,
        programme_id=PROGRAMME,
        line_id=LINES[0],
        quantity=1,
        quantity_free=2,
        quantity_kept=3 - drawn,
        quantity_drawn=drawn,
        happened_at=MONDAY,
    )


def cover(need: UUID, line: UUID, covered: int = 1) -> NeedCovered:
    return NeedCovered(
        need_id=need,
        programme_id=PROGRAMME,
        allocation_id=UUID(int=71),
        line_id=line,
        quantity=1,
        quantity_covered=covered,
        quantity_open=1 - covered,
        happened_at=MONDAY,
    )


def signature() -> DeliveryLineSigned:
    return DeliveryLineSigned(
        delivery_id=UUID(int=4),
        programme_id=PROGRAMME,
        line_id=LINES[0],
        lot_id=LOT,
        need_id=NEEDS[0],
        child_id=NEEDS[0],
        group_id=None,
        children=1,
        unit_id=COMMUNE,
        category="warm-clothes",
        quantity=1,
        measure="piece",
        campaign_id=CAMPAIGN,
        fund_id=FUND,
        contribution_id=CONTRIBUTION,
        sponsor_id=SPONSOR,
        signed_as="guardian",
        signatory=None,
        lines_signed=1,
        acknowledged_by=UUID(int=46),
        happened_at=MONDAY,
    )


def support() -> SupportDelivered:
    return support_delivered(
        need_id=NEEDS[0],
        programme_id=PROGRAMME,
        line_id=LINES[0],
        child_id=NEEDS[0],
        unit_id=COMMUNE,
        sponsor_id=SPONSOR,
        contribution_id=CONTRIBUTION,
        campaign_id=CAMPAIGN,
        fund_id=FUND,
        lot_id=LOT,
        delivery_id=UUID(int=4),
        happened_at=MONDAY,
    )
