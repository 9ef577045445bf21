"""The tables of notifications."""

from datetime import datetime

from tests.chaos.looked_at import World
from tests.chaos.tables.folding import (
    Data,
    Expected,
    Story,
    Tables,
    copied,
    copies,
    day_in_vietnam,
    events,
    stories,
)

BECAME = {
    "message-due": "due",
    "checkpoint-message-due": "due",
    "message-sending": "sending",
    "message-sent": "sent",
    "message-failed": "failed",
    "message-outcome-unknown": "unknown",
    "message-outcome-decided": "due",
    "message-given-up": "given-up",
}
DUE = ("message-due", "checkpoint-message-due")


def _messages(world: World) -> Expected:
    found = stories(world, "notifications", "message_id", DUE, *(BECAME.keys() - set(DUE)))
    return {key: _message(story) for key, story in found.items()}


def _message(story: Story) -> Data:
    """To a sponsor of what arrived, or to an auditor of checkpoints: the other's facts are none."""
    due = story.began
    return {
        "sponsor_id": due.get("sponsor_id"),
        "person_id": due.get("person_id"),
        "occasion": due.get("occasion", "checkpoint-signed"),
        "in_inbox": "inbox" in due["channels"],
        "by_email": "email" in due["channels"],
        "language": due["language"],
        "address": due.get("address"),
        "arrivals": due.get("arrivals", []),
        "not_taken": due.get("not_taken", []),
        "checkpoints": due.get("checkpoints", []),
        "due_at": due["happened_at"],
        "due_event_id": story.events[0].said["id"],
        "status": story.says(BECAME),
        "attempts": len(story.all("message-sending")),
        "code": story.last("message-failed").get("code"),
        "changed_at": story.last(*BECAME)["happened_at"],
    }


def _subscriptions(world: World) -> Expected:
    found = stories(
        world,
        "notifications",
        ("sponsor_id", "subscription_id"),
        "subscription-made",
        "subscription-ended",
    )
    return {
        key: {
            **copied(story.began, "occasion", "channels", "language"),
            "made_by": story.began["made_by"],
            "made_at": story.began["happened_at"],
            "ended_at": story.last("subscription-ended").get("happened_at"),
        }
        for key, story in found.items()
    }


def _checkpoint_subscriptions(world: World) -> Expected:
    """A new one replaces the one before, but what was told stays told."""
    made = "checkpoint-subscription-made"
    found = stories(world, "notifications", "person_id", made, "checkpoint-subscription-ended")
    told = stories(world, "notifications", "person_id", "checkpoint-message-due")
    return {
        key: {
            **copied(story.began, "channels", "language"),
            "running": not story.has("checkpoint-subscription-ended"),
            "made_at": story.began["happened_at"],
            "told_on": day_in_vietnam(told[key].began["happened_at"]) if key in told else None,
            "told": {
                each["service"]: each["size"]
                for each in (told[key].began["checkpoints"] if key in told else [])
            },
        }
        for key, story in found.items()
    }


def _due_list(world: World) -> Expected:
    """Who is to be told in the morning, by the last that was noted for them."""
    running: Expected = {}
    starts = ("arrival-noted", "refusal-noted")
    for event in events(world, "notifications", *starts, "arrivals-told"):
        morning = str(int(datetime.fromisoformat(event.data["tell_at"]).timestamp()))
        place = ("sponsor-is-told", event.said["subject"], morning)
        running.pop(place, None)
        if event.type in starts:
            running[place] = {"due_at": event.data["tell_at"], "position": event.position}
    return running


TABLES: Tables = {
    "messages": (("message_id",), _messages),
    "subscriptions": (("sponsor_id", "subscription_id"), _subscriptions),
    "checkpoint_subscriptions": (("person_id",), _checkpoint_subscriptions),
    "due_list": (("timer", "stream", "part"), _due_list),
    "inboxes": copies("notifications", "inbox-read", "person_id", "up_to"),
    "sponsors": copies("donations", "sponsor-registered", "sponsor_id", "person_id"),
}
