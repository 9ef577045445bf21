"""The tables of allocation, and what became of each line, which the portal shows too."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from tests.chaos.looked_at import World
from tests.chaos.tables import everywhere
from tests.chaos.tables.folding import (
    Data,
    Expected,
    Story,
    Tables,
    by_key,
    copied,
    copies,
    events,
    stories,
)

LOT = (
    "programme_id",
    "campaign_id",
    "fund_id",
    "contribution_id",
    "contribution_line_id",
    "sponsor_id",
    "kind",
    "category",
    "specification",
    "quantity",
    "measure",
    "earmark",
    "received_by",
    "inspected_by",
    "accepted_by",
)
NEED = (
    "programme_id",
    "child_id",
    "group_id",
    "children",
    "unit_id",
    "category",
    "specification",
    "quantity",
    "measure",
    "needed_by",
    "priority_band",
    "registered_by",
    "recorded_by",
    "verified_by",
)


def _lots(world: World) -> Expected:
    moved = by_key(
        world,
        "allocation",
        "lot_id",
        "lot-corrected",
        "lot-reserved",
        "lot-released",
        "lot-drawn",
    )
    corrected = by_key(world, "allocation", "lot_id", "lot-corrected")
    lots: Expected = {}
    for row, data in world.facts("allocation", "lot-opened", "lot-held-apart"):
        last, apart = moved[data["lot_id"]], row.type == "lot-held-apart"
        free = last.get("quantity_free", 0 if apart else data["quantity"])
        lots[data["lot_id"],] = {
            **copied(data, *LOT),
            "quantity": (corrected[data["lot_id"]] or data)["quantity"],
            "opened_at": data["happened_at"],
            "quantity_free": free,
            "quantity_kept": last.get("quantity_kept", 0),
            "quantity_drawn": last.get("quantity_drawn", 0),
            "held_apart": apart,
            "available": free > 0,
        }
    return lots


def _open_needs(world: World) -> Expected:
    moved = by_key(world, "allocation", "need_id", "need-covered", "need-uncovered")
    closed = by_key(world, "allocation", "need_id", "need-cover-closed")
    told = by_key(world, "allocation", "need_id", "need-cover-lapsed", "need-cover-renewed")
    needs: Expected = {}
    for _, data in world.facts("allocation", "need-cover-opened"):
        need = data["need_id"]
        left = moved[need].get("quantity_open", data["quantity"])
        needs[need,] = {
            **copied(data, *NEED),
            "opened_at": data["happened_at"],
            "quantity_open": left,
            "withdrawn": need in closed,
            "lapsed": "lapsed_on" in told[need],
            "lapses_on": told[need].get("lapsed_on", {**data, **told[need]}["lapses_on"]),
            "open": left > 0 and need not in closed and "lapsed_on" not in told[need],
        }
    return needs


def _matching_runs(world: World) -> Expected:
    return {
        key: {
            **copied(story.began, "programme_id", "category", "unit_ids", "rule", "inputs_digest"),
            **copied(story.began, "lines", "unmatched", "left_out", "made_by"),
            "made_at": story.began["happened_at"],
        }
        for key, story in stories(world, "allocation", "run_id", "matching-run-made").items()
    }


def _allocations(world: World) -> Expected:
    found = stories(
        world,
        "allocation",
        "allocation_id",
        "allocation-proposed",
        "allocation-approved",
        "allocation-line-refused",
        "allocation-lines-planned",
        "allocation-line-released",
    )
    return {
        key: {
            **copied(story.began, "programme_id", "run_id", "proposed_by"),
            "unit_ids": sorted({line["unit_id"] for line in story.began["lines"]}),
            "line_count": len(story.began["lines"]),
            "refused_count": len(story.all("allocation-line-refused")),
            "status": "approved" if story.has("allocation-approved") else "proposed",
            "proposed_at": story.began["happened_at"],
            "approved_by": story.last("allocation-approved").get("approved_by"),
            "approved_at": story.last("allocation-approved").get("happened_at"),
            "version": story.version,
        }
        for key, story in found.items()
    }


def proposed(world: World) -> Iterator[tuple[Data, Data]]:
    """Each line with the proposal that it stands in."""
    for _, data in world.facts("allocation", "allocation-proposed"):
        for line in data["lines"]:
            yield data, line


def steps(world: World, approved: str) -> list[tuple[str, Mapping[str, Data]]]:
    """What may come of a line, the furthest first: a step never comes after a further one."""
    planned = {
        line["line_id"]: data
        for _, data in world.facts("allocation", "delivery-planned")
        for line in data["lines"]
    }
    if approved == "reserved":
        # As the portal tells it, by what is kept in the lot.
        back, before = [("released", _of_lines(world, "lot-released"))], []
    else:
        back = [("returned", _of_lines(world, "delivery-line-returned"))]
        before = [("released", _of_lines(world, "allocation-line-released"))]
    return [
        ("signed", _of_lines(world, "delivery-line-signed")),
        *back,
        ("closed", _of_lines(world, "delivery-line-closed")),
        ("absent", _of_lines(world, "delivery-line-absent")),
        ("planned", planned),
        *before,
        ("refused", _of_lines(world, "allocation-line-refused")),
        (approved, _of_lines(world, "lot-reserved")),
    ]


def _of_lines(world: World, kind: str) -> Mapping[str, Data]:
    return by_key(world, "allocation", "line_id", kind)


def told(line: str, came: list[tuple[str, Mapping[str, Data]]]) -> Data:
    """How far a line came, and what the steps to there said."""
    by_step = dict(came)
    return {
        "status": next((step for step, lines in came if line in lines), "proposed"),
        "delivery_id": by_step["planned"].get(line, {}).get("delivery_id"),
        "kept_until": by_step["absent"].get(line, {}).get("kept_until"),
        "signed_as": by_step["signed"].get(line, {}).get("signed_as"),
    }


def _allocation_lines(world: World) -> Expected:
    came = steps(world, "approved")
    refused = _of_lines(world, "allocation-line-refused")
    substituted = _of_lines(world, "delivery-line-substituted")
    closed = _of_lines(world, "delivery-line-closed")
    return {
        (line["line_id"],): {
            "allocation_id": data["allocation_id"],
            "programme_id": data["programme_id"],
            "need_id": line["need_id"],
            "line": line,
            **told(line["line_id"], came),
            "code": refused.get(line["line_id"], {}).get("code"),
            "closed_because": closed.get(line["line_id"], {}).get("reason"),
            "substitute_need_id": substituted.get(line["line_id"], {}).get("need_id"),
        }
        # An id belongs to the allocation that used it first.
        for data, line in reversed(list(proposed(world)))
    }


OF_LINES = (
    "delivery-line-closed",
    "delivery-line-returned",
    "gifts-arrived",
    "delivery-line-signed",
    "delivery-line-absent",
    "delivery-line-substituted",
    "delivery-line-substitution-ratified",
    "delivery-line-substitution-refused",
)


def _deliveries(world: World) -> Expected:
    signed = by_key(world, "allocation", "delivery_id", "delivery-line-signed")
    words = {
        "delivery-planned": "planned",
        "delivery-dispatched": "dispatched",
        "delivery-handed-over": "handed-over",
        "delivery-completed": "completed",
    }
    deliveries: Expected = {}
    began, *later = words
    found = stories(world, "allocation", "delivery_id", began, *later, *OF_LINES)
    for key, story in found.items():
        dispatched, handed = story.last("delivery-dispatched"), story.last("delivery-handed-over")
        deliveries[key] = {
            **copied(story.began, "programme_id", "unit_id", "activity", "planned_for"),
            "line_count": len(story.began["lines"]),
            "signed_count": signed[story.began["delivery_id"]].get("lines_signed", 0),
            "status": story.says(words),
            "waybill": dispatched.get("waybill"),
            "dispatched_at": dispatched.get("happened_at"),
            "handed_to": handed.get("handed_to"),
            "handed_over_at": handed.get("happened_at"),
            "list_closes_on": handed.get("list_closes_on"),
            **_ended(story),
            "completed_at": story.last("delivery-completed").get("happened_at"),
            "version": story.version,
        }
    return deliveries


def _ended(story: Story) -> Data:
    """The lines that are closed, and those of them whose goods are out."""
    closed = story.all("delivery-line-closed")
    back = {data["line_id"] for data in story.all("delivery-line-returned")}
    out = [data["line_id"] for data in closed if data["out"] and data["line_id"] not in back]
    return {"closed": [data["line_id"] for data in closed], "out": out}


def _due_list(world: World) -> Expected:
    """What is kept for an absent child, and a list, are over with the end of their last day."""
    running: Expected = {}
    signed, closed = "delivery-line-signed", "delivery-line-closed"
    ends = {"kept-no-longer": {signed, closed}, "list-closes": {"delivery-completed"}}
    starts = {
        "delivery-line-absent": ("kept-no-longer", "kept_until"),
        "delivery-handed-over": ("list-closes", "list_closes_on"),
    }
    types = (*starts, signed, closed, "delivery-completed")
    for event in events(world, "allocation", *types):
        for timer, of in ends.items():
            part = event.data["line_id"] if timer == "kept-no-longer" and event.type in of else ""
            if event.type in of:
                running.pop((timer, event.said["subject"], part), None)
        if event.type in starts:
            timer, day = starts[event.type]
            part = event.data.get("line_id", "")
            after = date.fromisoformat(event.data[day]) + timedelta(days=1)
            running[timer, event.said["subject"], part] = {
                "due_at": f"{after}T00:00:00+07:00",
                "position": event.position,
            }
    return running


def _substitutions(world: World) -> Expected:
    ratified, refused = (f"delivery-line-substitution-{word}" for word in ("ratified", "refused"))
    substitutions: Expected = {}
    for key, story in stories(
        world,
        "allocation",
        "line_id",
        "delivery-line-substituted",
        "delivery-line-signed",
        ratified,
        refused,
    ).items():
        judged = story.last(ratified, refused)
        words = {
            "delivery-line-substituted": "waiting",
            ratified: "ratified",
            refused: "refused",
        }
        substitutions[key] = {
            **copied(story.began, "delivery_id", "lot_id", "replaced_need_id", "replaced_child_id"),
            **copied(story.began, "need_id", "child_id", "unit_id", "category", "quantity"),
            **copied(story.began, "measure", "reason", "substituted_by"),
            "given_at": story.began["happened_at"],
            "signed_as": story.last("delivery-line-signed").get("signed_as"),
            "status": story.says(words),
            "judged_by": judged.get("ratified_by") or judged.get("refused_by"),
            "judged_at": judged.get("happened_at"),
            "refusal": judged.get("reason"),
        }
    return substitutions


def _direct_gifts(world: World) -> Expected:
    ends = {
        "direct-gift-ratified": ("ratified", "ratified_by"),
        "direct-gift-refused": ("refused", "refused_by"),
        "direct-gift-withdrawn": ("withdrawn", "withdrawn_by"),
    }
    refused = "direct-gift-line-refused"
    found = stories(world, "allocation", "direct_gift_id", "direct-gift-recorded", *ends, refused)
    unmet: defaultdict[str, list[str]] = defaultdict(list)
    for _, data in world.facts("allocation", "direct-gift-line-refused"):
        unmet[data["direct_gift_id"]].append(data["line_id"])
    gifts: Expected = {}
    for key, story in found.items():
        ended = next((name for name in ends if story.has(name)), None)
        status, by = ends[ended] if ended else ("recorded", "")
        ending = story.last(ended) if ended else {}
        gifts[key] = {
            **copied(story.began, "programme_id", "sponsor_id", "unit_id", "minutes", "lines"),
            **copied(story.began, "recorded_by"),
            "handed_over_at": story.began["happened_at"],
            "status": status,
            "refused_lines": unmet[story.began["direct_gift_id"]],
            "ended_by": ending.get(by),
            "reason": ending.get("reason"),
            "version": story.version,
        }
    return gifts


def _sponsors(world: World) -> Expected:
    return {
        (data["sponsor_id"],): copied(data, "person_id")
        for _, data in world.facts("donations", "sponsor-registered")
    }


TABLES: Tables = {
    "due_list": (("timer", "stream", "part"), _due_list),
    "programmes": everywhere.PROGRAMME,
    "lots": (("lot_id",), _lots),
    "open_needs": (("need_id",), _open_needs),
    "matching_runs": (("run_id",), _matching_runs),
    "allocations": (("allocation_id",), _allocations),
    "allocation_lines": (("line_id",), _allocation_lines),
    "deliveries": (("delivery_id",), _deliveries),
    "substitutions": (("line_id",), _substitutions),
    "direct_gifts": (("direct_gift_id",), _direct_gifts),
    "sponsors": (("sponsor_id",), _sponsors),
    "funds": copies("donations", "fund-opened", "fund_id", "unit_id"),
}
