"""The portal's tables with a row for each event: all that it shows of it, and why to look at it.

What anyone may see of an event is listed here a second time: a fact that is shown and not listed
here is a violation, as one that is listed and not shown.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.chaos.looked_at import World
from tests.chaos.tables.everywhere import unit
from tests.chaos.tables.folding import Data, Event, Expected, Tables, events


def _words(text: str) -> set[str]:
    return set(text.split())


LATE = timedelta(days=1)
FOR_ALL = _words(
    """
    programme-started unit-established unit-succeeded unit-figure-declared
    report-drafted report-signed report-sent report-returned report-accepted report-reissued
    sponsor-registered fund-opened fund-entry-booked campaign-opened pledge-made pledge-fulfilled
    contribution-announced contribution-received contribution-counted
    contribution-line-inspected contribution-accepted contribution-refused
    contribution-correction-proposed contribution-corrected contribution-correction-refused
    contribution-receipted contribution-receipt-cancelled receipt-issued receipt-cancelled
    published-result-recorded lot-opened lot-held-apart lot-corrected
    """
)
OF_GIFTS = {"bank", "cash", "contributions"}
"""Accounts of what comes in; a booking of any other pays for a child."""
LEADS_ON = _words(
    """
    allocation_id campaign_id contribution_id contribution_line_id delivery_id direct_gift_id
    entry_id fund_id line_id lot_id pledge_id programme_id report_id result_id run_id sponsor_id
    """
)
"""Of an event about one child's need nothing else is shown."""
OPEN = LEADS_ON | _words(
    """
    activity addressee_id as_of book category cause_event_id cause_position cause_service children
    code consumer decision district_name due_on ended_on ends_on form illustrative issue kind
    measure name number paper parent_id parked_stream period_from period_to planned_for priority
    public_name quantity quantity_met reaction rule source source_service starts_on target
    target_stream title unit_id up_to_position valid_from valid_until waybill year
    """
)
COUNTED = {
    "allocation-proposed": {"lines": "lines"},
    "delivery-planned": {"lines": "lines"},
    "direct-gift-recorded": {"lines": "lines"},
    "matching-run-made": {"lines": "lines"},
    "report-drafted": {"figures": "figures"},
    "report-reissued": {"figures": "figures", "changed_figures": "changes"},
}
"""Of these lists it is shown how long they are, under these names."""
SHOWN_TOO = {
    "disclosure-granted": {"purpose", "ground", "person_id"},
    "names-opened": {"purpose"},
    "personal-data-opened": {"purpose", "subjects"},
    "list-exported": {"query", "reason"},
    "receipt-cancelled": {"reason"},
    "report-returned": {"reason"},
    "report-reissued": {"reason"},
}
WHY = {
    "delivery-line-substituted": "substituted",
    "delivery-line-substitution-refused": "substituted",
    "receipt-cancelled": "receipt-cancelled",
    "report-reissued": "report-reissued",
    "names-opened": "names-opened",
    "reaction-refused": "reaction-refused",
    "parked-stream-skipped": "stream-skipped",
}


def _all(world: World) -> Iterator[Event]:
    for service in world.logs:
        yield from events(world, service)


def _events_seen(world: World) -> Expected:
    return {
        (event.service, str(event.position)): {
            "event_id": event.said["id"],
            "type": event.type,
            "stream": event.said["subject"],
            "version": event.version,
            "happened_at": event.said["time"],
            "recorded_at": event.said["recordedtime"],
            "actor": event.said["actor"],
            "on_behalf_of": event.said.get("onbehalfof"),
            "causation": event.said.get("causationid"),
            "correlation": event.said.get("correlationid"),
            "unit_id": event.data.get("unit_id"),
            "for_all": event.type in FOR_ALL
            and (
                event.type != "fund-entry-booked"
                or {line["account"] for line in event.data["lines"]} <= OF_GIFTS
            )
            and (event.type != "sponsor-registered" or event.data["kind"] != "individual"),
            "facts": _facts(event),
        }
        for event in _all(world)
    }


def _facts(event: Event) -> Data:
    data = unit(event.data) if event.type == "unit-established" else event.data
    shown = LEADS_ON if data.keys() & {"child_id", "need_id"} else OPEN
    shown = shown | SHOWN_TOO.get(event.type, set())
    facts = {
        name: value
        for name, value in data.items()
        if name in shown and isinstance(value, str | int)
    }
    facts |= {name: len(data[of]) for name, of in COUNTED.get(event.type, {}).items()}
    if event.type in ("disclosure-granted", "names-opened"):
        facts["child_ids"] = ", ".join(data["child_ids"])
    if event.type == "receipt-issued" and (replaced := data.get("replaces")):
        facts["replaces"] = f"{replaced['book']}/{replaced['year']} {replaced['number']}"
    return facts


def _exceptions(world: World) -> Expected:
    return {
        (event.service, str(event.position), why): {
            "type": event.type,
            "delay_s": _delay(event) // timedelta(seconds=1),
        }
        for event in _all(world)
        for why in _reasons(event)
    }


def _reasons(event: Event) -> Iterator[str]:
    if _delay(event) >= LATE:
        yield "recorded-late"
    if event.data.get("signed_as") == "proxy":
        yield "signed-by-proxy"
    if event.type in WHY:
        yield WHY[event.type]


def _delay(event: Event) -> timedelta:
    recorded, happened = event.said["recordedtime"], event.said["time"]
    return datetime.fromisoformat(recorded) - datetime.fromisoformat(happened)


TABLES: Tables = {
    "events_seen": (("service", "position"), _events_seen),
    "exceptions": (("service", "position", "kind"), _exceptions),
}
