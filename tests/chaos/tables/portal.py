"""The tables of the portal, but for those with a row for each event."""

from collections.abc import Iterator

from tests.chaos.looked_at import World
from tests.chaos.tables import donations, everywhere
from tests.chaos.tables.allocation import proposed, steps, told
from tests.chaos.tables.folding import (
    Data,
    Expected,
    Key,
    Story,
    Tables,
    by_key,
    copied,
    copies,
    events,
    stories,
)

SUPPORT = ("need-reserved", "need-released", "need-partly-met", "need-met")
LAPSING = ("need-lapsed", "need-reconfirmed")
NEED = ("need-verified", "need-opened", "need-returned", "need-withdrawn")
GIFT = ("programme_id", "campaign_id", "fund_id", "sponsor_id", "pledge_id", "kind")
INSPECTED = "contribution-line-inspected"


def _needs(world: World) -> Expected:
    """What was returned is recorded again, and begins again."""
    found = stories(
        world,
        "registry",
        "need_id",
        "need-recorded",
        *NEED,
        *LAPSING,
        *SUPPORT,
    )
    return {key: _need(story) for key, story in found.items()}


def _need(story: Story) -> Data:
    judged = {"need-verified": False, "need-returned": True, "need-withdrawn": False}
    last = [event.type for event in story.events if event.type in judged][-1:]
    return {
        **copied(story.began, "programme_id", "unit_id", "child_id", "group_id", "children"),
        **copied(story.last("need-recorded", "need-opened"), "category", "measure", "quantity"),
        "quantity_reserved": story.last(*SUPPORT).get("quantity_reserved", 0),
        "quantity_met": story.last(*SUPPORT).get("quantity_met", 0),
        "verified": story.has("need-verified"),
        "returned": last == ["need-returned"],
        "withdrawn": story.has("need-withdrawn"),
        "lapsed": [event.type for event in story.events if event.type in LAPSING][-1:]
        == ["need-lapsed"],
    }


def _pledges(world: World) -> Expected:
    counted = by_key(world, "donations", "pledge_id", "contribution-counted")
    fulfilled = donations.fulfilled_pledges(world)
    return {
        (data["pledge_id"],): {
            **copied(data, "programme_id", "campaign_id", "sponsor_id", "kind", "category"),
            **copied(data, "measure", "quantity"),
            "quantity_come": counted[data["pledge_id"]].get("quantity_counted", 0),
            "fulfilled": data["pledge_id"] in fulfilled,
        }
        for _, data in world.facts("donations", "pledge-made")
    }


def _gifts(world: World) -> Expected:
    found = stories(
        world,
        "donations",
        "contribution_id",
        "contribution-announced",
        "contribution-received",
        INSPECTED,
        "contribution-accepted",
        "contribution-refused",
        "contribution-correction-proposed",
        "contribution-corrected",
        "contribution-correction-refused",
        "contribution-receipted",
        "contribution-receipt-cancelled",
    )
    return {
        key: {
            **copied(story.began, *GIFT),
            "accepted": story.has("contribution-accepted"),
            "steps": list(_steps(story)),
        }
        for key, story in found.items()
    }


def _steps(story: Story) -> Iterator[Data]:
    """All, but of several inspected lines only the last."""
    last = max((e.position for e in story.events if e.type == INSPECTED), default=None)
    for event in story.events:
        if event.type != INSPECTED or event.position == last:
            yield event.step


def _gift_lines(world: World) -> Expected:
    accepted = by_key(world, "donations", "contribution_id", "contribution-accepted")
    inspected = {
        (data["contribution_id"], data["line"]["line_id"]): data["line"] | {"at": event.position}
        for event, data in world.facts("donations", INSPECTED)
    }
    for event, data in world.facts("donations", "contribution-corrected"):
        inspected |= {
            (data["contribution_id"], line["line_id"]): line | {"at": event.position}
            for line in data["lines"]
        }
    lines: Expected = {}
    for _, data in world.facts("donations", "contribution-announced"):
        for line in data["lines"]:
            key = data["contribution_id"], line["line_id"]
            found = inspected.get(key, {})
            lines[key] = {
                **copied(data, "programme_id", "campaign_id"),
                **copied(line, "category", "specification", "measure"),
                "announced": line["quantity"],
                "inspected": key in inspected,
                "good": found.get("good", 0),
                "mendable": found.get("mendable", 0),
                "refused": found.get("refused", 0),
                "accepted": data["contribution_id"] in accepted,
                "found_position": found.get("at"),
            }
    return lines


def _lots(world: World) -> Expected:
    corrected = by_key(world, "allocation", "lot_id", "lot-corrected")
    return {
        (event.data["lot_id"],): {
            **copied(event.data, "contribution_id", "contribution_line_id"),
            "quantity": (corrected[event.data["lot_id"]] or event.data)["quantity"],
            "held_apart": event.type == "lot-held-apart",
            "opened": event.step,
        }
        for event in events(world, "allocation", "lot-opened", "lot-held-apart")
    }


def _lines(world: World) -> Expected:
    """Of a signed line need, child and quantity are those that were given it, listed or not."""
    came = steps(world, "reserved")
    by_step = dict(came)
    reserved = {
        event.data["line_id"]: event for event in events(world, "allocation", "lot-reserved")
    }
    lines: Expected = {}
    for data, line in proposed(world):
        id_ = line["line_id"]
        signed = by_step["signed"].get(id_, {})
        kept = None if id_ in by_step["released"] else reserved.get(id_)
        lines[id_,] = {
            **copied(data, "programme_id", "allocation_id"),
            **copied(line, "contribution_id", "lot_id", "category", "measure"),
            **copied(signed or line, "need_id", "child_id", "unit_id", "quantity"),
            **copied(signed or line, "group_id", "children"),
            **told(id_, came),
            "reserved_at": kept and kept.data["happened_at"],
            "reserved_position": kept and kept.position,
        }
    return lines


def _deliveries(world: World) -> Expected:
    found = stories(
        world,
        "allocation",
        "delivery_id",
        "delivery-planned",
        "delivery-dispatched",
        "delivery-handed-over",
        "delivery-completed",
    )
    return {
        key: {
            **copied(story.began, "programme_id", "unit_id", "planned_for"),
            "lines": len(story.began["lines"]),
            "completed": story.has("delivery-completed"),
            "steps": [event.step for event in story.events],
        }
        for key, story in found.items()
    }


def _support(world: World) -> Expected:
    return {
        (data["line_id"],): {
            **copied(data, "programme_id", "unit_id", "child_id", "group_id", "children"),
            **copied(data, "category", "measure"),
            **copied(data, "quantity", "way", "contribution_id", "delivery_id"),
            "delivered_at": data["happened_at"],
            "position": event.position,
        }
        for event, data in world.facts("allocation", "support-delivered")
    }


def _fund_entries(world: World) -> Expected:
    return {
        (event.data["fund_id"], event.data["entry_id"]): {
            **copied(event.data, "lines", "paper"),
            "booked": event.step,
        }
        for event in events(world, "donations", "fund-entry-booked")
    }


def _receipts(world: World) -> Expected:
    receipts: dict[Key, Data] = {}
    for key, story in stories(
        world, "donations", "code_hash", "receipt-issued", "receipt-cancelled"
    ).items():
        issued, *cancelled = story.events
        receipts[key] = {
            **copied(issued.data, "book", "year", "number", "contribution_id", "kind"),
            **copied(issued.data, "quantity", "measure"),
            "issued": issued.step,
            "replaces": issued.data.get("replaces"),
            "cancelled": cancelled[-1].step if cancelled else None,
            "reason": cancelled[-1].data["reason"] if cancelled else None,
        }
    return receipts


def _published_results(world: World) -> Expected:
    return {
        (event.data["result_id"],): {
            **copied(event.data, "title", "source", "as_of", "lines", "amount", "child_times"),
            "recorded": event.step,
        }
        for event in events(world, "donations", "published-result-recorded")
    }


TABLES: Tables = {
    "needs": (("need_id",), _needs),
    "pledges": (("pledge_id",), _pledges),
    "gifts": (("contribution_id",), _gifts),
    "gift_lines": (("contribution_id", "line_id"), _gift_lines),
    "lots": (("lot_id",), _lots),
    "lines": (("line_id",), _lines),
    "deliveries": (("delivery_id",), _deliveries),
    "support": (("line_id",), _support),
    "funds": donations.FUND_SHOWN,
    "fund_entries": (("fund_id", "entry_id"), _fund_entries),
    "programmes": everywhere.PROGRAMME,
    "campaigns": donations.CAMPAIGN,
    "sponsors": copies(
        "donations", "sponsor-registered", "sponsor_id", "kind", "public_name", "illustrative"
    ),
    "receipts": (("code_hash",), _receipts),
    "published_results": (("result_id",), _published_results),
}
