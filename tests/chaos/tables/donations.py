"""The tables of donations."""

from tests.chaos.looked_at import World
from tests.chaos.tables import everywhere
from tests.chaos.tables.folding import (
    Data,
    Expected,
    Story,
    Tables,
    copied,
    copies,
    stories,
)

RECEIPT = ("book", "year", "number")
FOUND = ("good", "mendable", "refused")


def _sponsors(world: World) -> Expected:
    return {
        key: {
            **copied(story.began, "person_id", "kind", "public_name", "name", "email"),
            "address": story.began.get("address"),
            "language": story.began.get("language", "vi"),
            "illustrative": story.began["illustrative"],
            "agreed_name": story.last("publicity-agreed", "publicity-withdrawn").get("public_name"),
            "version": story.version,
        }
        for key, story in stories(
            world,
            "donations",
            "sponsor_id",
            "sponsor-registered",
            "publicity-agreed",
            "publicity-withdrawn",
        ).items()
    }


def _fund_balances(world: World) -> Expected:
    return {
        (data["fund_id"], balance["account"]): copied(balance, "debit", "credit")
        for _, data in world.facts("donations", "fund-entry-booked")
        for balance in data["balances"]
    }


def _pledges(world: World) -> Expected:
    promised = ("campaign_id", "sponsor_id", "kind", "category", "quantity", "measure", "earmark")
    return {
        key: {
            **copied(story.began, *promised),
            "quantity_counted": story.last("contribution-counted").get("quantity_counted", 0),
            "fulfilled": bool(
                story.says({"pledge-fulfilled": "fulfilled", "pledge-open-again": ""})
            ),
            "version": story.version,
        }
        for key, story in stories(
            world,
            "donations",
            "pledge_id",
            "pledge-made",
            "contribution-counted",
            "pledge-fulfilled",
            "pledge-open-again",
        ).items()
    }


def fulfilled_pledges(world: World) -> set[str]:
    """All that was promised is there, and no correction said since that it is not."""
    fulfilled: set[str] = set()
    for row, data in world.facts("donations", "pledge-fulfilled", "pledge-open-again"):
        if row.type == "pledge-fulfilled":
            fulfilled.add(data["pledge_id"])
        else:
            fulfilled.discard(data["pledge_id"])
    return fulfilled


def _contributions(world: World) -> Expected:
    codes = {
        (data["contribution_id"], *_number(data).values()): data["code"]
        for _, data in world.facts("donations", "receipt-issued")
    }
    found = stories(
        world,
        "donations",
        "contribution_id",
        "contribution-announced",
        "contribution-received",
        "contribution-line-inspected",
        "contribution-accepted",
        "contribution-refused",
        "contribution-correction-proposed",
        "contribution-corrected",
        "contribution-correction-refused",
        "contribution-receipted",
        "contribution-receipt-cancelled",
    )
    return {key: _contribution(story, codes) for key, story in found.items()}


def _contribution(story: Story, codes: dict[tuple[str, ...], str]) -> Data:
    inspected = [data["line"] for data in story.all("contribution-line-inspected")]
    corrected = story.last("contribution-corrected")
    inspected += corrected.get("lines", [])
    received, accepted = story.last("contribution-received"), story.last("contribution-accepted")
    refused = story.last("contribution-refused")
    receipt = _standing(story)
    cancelled = story.last("contribution-receipt-cancelled")
    words = {
        "contribution-announced": "announced",
        "contribution-received": "received",
        "contribution-accepted": "accepted",
        "contribution-refused": "refused",
        "contribution-receipted": "receipted",
        "contribution-receipt-cancelled": "accepted",
    }
    by_line = {line["line_id"]: copied(line, *FOUND) for line in inspected}
    return {
        **copied(story.began, "campaign_id", "fund_id", "sponsor_id", "pledge_id", "kind"),
        "paid_in": (corrected or received).get("paid_in"),
        "measure": story.began["measure"],
        "earmark": story.began["earmark"],
        "status": story.says(words),
        "lines": [
            {
                **copied(line, "line_id", "category", "specification"),
                "announced": line["quantity"],
                **by_line.get(line["line_id"], dict.fromkeys(FOUND)),
            }
            for line in story.began["lines"]
        ],
        "announced": story.began["quantity"],
        **copied(
            corrected or story.last("contribution-line-inspected") or dict.fromkeys(FOUND, 0),
            *FOUND,
        ),
        "announced_at": story.began["happened_at"],
        "received_by": received.get("received_by"),
        "received_at": received.get("happened_at"),
        "accepted_by": accepted.get("accepted_by"),
        "accepted_at": accepted.get("happened_at"),
        "refusal": refused.get("reason"),
        "refused_by": refused.get("refused_by"),
        "refused_at": refused.get("happened_at"),
        **{f"receipt_{part}": receipt.get(part) for part in RECEIPT},
        "receipt_code": codes.get((story.began["contribution_id"], *_number(receipt).values())),
        "cancelled_receipt": _number(cancelled) or None,
        "correction": _waiting(story),
        "version": story.version,
    }


def _waiting(story: Story) -> Data | None:
    """The proposed correction that nobody has judged."""
    waiting = None
    for event in story.events:
        if event.type == "contribution-correction-proposed":
            waiting = copied(event.data, "number", "lines", "paid_in", *FOUND)
            waiting |= copied(event.data, "reason", "proposed_by")
        elif event.type in ("contribution-corrected", "contribution-correction-refused"):
            waiting = None
    return waiting


def _standing(story: Story) -> Data:
    """The receipt that was given for it and not cancelled; empty if there is none."""
    receipts: Data = {}
    for event in story.events:
        if event.type == "contribution-receipted":
            receipts = event.data
        elif event.type == "contribution-receipt-cancelled":
            receipts = {}
    return receipts


def _number(data: Data) -> Data:
    return copied(data, *RECEIPT) if data else {}


def _receipts(world: World) -> Expected:
    found = stories(world, "donations", "code_hash", "receipt-issued", "receipt-cancelled")
    return {
        key: {
            **copied(story.began, *RECEIPT, "contribution_id", "sponsor_id", "kind", "lines"),
            "quantity": story.began["quantity"],
            **copied(story.began, "measure", "signatories", "issued_by"),
            "issued_at": story.began["happened_at"],
            "status": "cancelled" if story.has("receipt-cancelled") else "issued",
            "replaces": story.began.get("replaces"),
            "reason": story.last("receipt-cancelled").get("reason"),
            "cancelled_by": story.last("receipt-cancelled").get("cancelled_by"),
            "cancelled_at": story.last("receipt-cancelled").get("happened_at"),
        }
        for key, story in found.items()
    }


CAMPAIGN = copies(
    "donations",
    "campaign-opened",
    "campaign_id",
    "programme_id",
    "fund_id",
    "name",
    "category",
    "target",
    "measure",
    "starts_on",
    "ends_on",
    "illustrative",
)


def _payments(world: World) -> Expected:
    became = {
        "payment-due": "due",
        "payment-authorised": "authorised",
        "payment-made": "paid",
        "payment-failed": "failed",
        "advance-settled": "settled",
    }
    found = stories(world, "donations", "payment_id", *became)
    return {
        key: {
            **copied(story.began, "programme_id", "fund_id", "purpose", "amount", "person_id"),
            **copied(story.began, "partner", "due_on"),
            "status": story.says(became),
            "paid_in": story.last("payment-made").get("paid_in"),
            "reference": story.last("payment-made").get("reference"),
            "settle_by": (
                story.last("payment-made").get("settle_by")
                if story.says(became) == "paid"
                else None
            ),
            "failure": story.last("payment-failed").get("reason"),
            "handed_out": story.last("advance-settled").get("handed_out"),
            "returned": story.last("advance-settled").get("returned"),
            "version": story.version,
        }
        for key, story in found.items()
    }


FUND = copies("donations", "fund-opened", "fund_id", "programme_id", "unit_id", "name")
FUND_SHOWN = copies("donations", "fund-opened", "fund_id", "programme_id", "name")
"""These two the portal shows as they are."""
TABLES: Tables = {
    "programmes": everywhere.PROGRAMME,
    "sponsors": (("sponsor_id",), _sponsors),
    "funds": FUND,
    "payments": (("payment_id",), _payments),
    "fund_balances": (("fund_id", "account"), _fund_balances),
    "campaigns": CAMPAIGN,
    "pledges": (("pledge_id",), _pledges),
    "contributions": (("contribution_id",), _contributions),
    "receipts": (("code_hash",), _receipts),
    "published_results": copies(
        "donations",
        "published-result-recorded",
        "result_id",
        "unit_id",
        "title",
        "source",
        "as_of",
        "lines",
        "amount",
        "child_times",
    ),
}
