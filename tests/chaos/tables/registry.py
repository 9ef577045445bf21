"""The tables of the registry."""

from datetime import datetime, timedelta

from tests.chaos.looked_at import World
from tests.chaos.tables.folding import (
    Data,
    Event,
    Expected,
    Story,
    Tables,
    copied,
    day_in_vietnam,
    events,
    stories,
)

SUPPORT = ("need-reserved", "need-released", "need-partly-met", "need-met")
OFFERED = ("need-opened", "need-lapsed", "need-reconfirmed")
JUDGED = ("need-opened", "need-reconfirmed")
NEED = ("need-verified", *OFFERED, "need-returned", "need-withdrawn", *SUPPORT)
ANSWERS = ("report-returned", "report-accepted")


def _needs(world: World) -> Expected:
    """What was returned is recorded again, and begins again."""
    found = stories(world, "registry", "need_id", "need-recorded", *NEED)
    return {key: _need(story) for key, story in found.items()}


def _need(story: Story) -> Data:
    opened = story.last("need-opened")
    supported = story.last(*SUPPORT)
    reserved, met = supported.get("quantity_reserved", 0), supported.get("quantity_met", 0)
    return {
        **copied(story.began, "programme_id", "child_id", "household_id", "unit_id", "category"),
        **copied(story.began, "group_id", "children"),
        **copied(story.began, "specification", "detail", "quantity", "measure", "needed_by"),
        "eligible_under": (opened or story.began)["eligible_under"],
        "recorded_by": story.began["recorded_by"],
        "recorded_at": story.began["happened_at"],
        "status": _status(story, met, reserved),
        "verified_by": story.last("need-verified").get("verified_by"),
        "priority_band": opened.get("priority_band"),
        "priority_rule": opened.get("priority_rule"),
        "priority_reasons": opened.get("priority_reasons"),
        "reason": story.last("need-returned", "need-withdrawn").get("reason"),
        "lapses_on": story.last("need-opened", "need-reconfirmed").get("lapses_on"),
        "judged_at": max((e.position for e in story.events if e.type in JUDGED), default=0),
        "reserved": reserved,
        "met": met,
        "version": story.version,
    }


def _status(story: Story, met: int, reserved: int) -> str:
    if story.has("need-withdrawn"):
        return "withdrawn"
    if met >= story.began["quantity"]:
        return "met"
    if "lapsed_on" in story.last(*OFFERED):
        return "lapsed"
    if met:
        return "partly-met"
    if reserved >= story.began["quantity"]:
        return "reserved"
    words = {"need-recorded": "recorded", "need-opened": "open", "need-returned": "returned"}
    return story.says(words)


def _grants(world: World) -> Expected:
    """A role ends by its term, or sooner, on the day in Vietnam on which it is revoked."""
    by = ("person_id", "grant_id")
    found = stories(world, "registry", by, "role-granted", "role-revoked", "role-passed")
    return {key: _grant(story) for key, story in found.items()}


def _grant(story: Story) -> Data:
    revoked = story.last("role-revoked")
    ends = [story.began["valid_until"] or "2200-01-01"]
    if revoked:
        at = datetime.fromisoformat(revoked["happened_at"])
        ends.append((at + timedelta(hours=7)).date().isoformat())
    return {
        **copied(story.began, "role", "valid_from", "valid_until"),
        "unit_id": story.last("role-granted", "role-passed")["unit_id"],
        "granted_by": story.began["granted_by"],
        "granted_at": story.began["happened_at"],
        "revoked_by": revoked.get("revoked_by"),
        "revoked_at": revoked.get("happened_at"),
        "ends_on": min(ends),
    }


def _children(world: World) -> Expected:
    found = stories(
        world,
        "registry",
        "child_id",
        "child-registered",
        "child-measured",
        "child-enrolled",
        "circumstance-assessed",
        *CORRECTIONS,
        *LIVED,
        *TWICE,
    )
    return {key: _child(story) for key, story in found.items()}


CORRECTIONS = (
    "child-corrected",
    "child-measure-corrected",
    "child-enrolment-corrected",
    "circumstance-corrected",
    "child-fact-retracted",
)
LIVED = ("child-moved", "child-left", "child-returned")
TWICE = ("child-merged", "child-unmerged", "children-told-apart")


def _child(story: Story) -> Data:
    measures = _standing(story, "child-measured", "child-measure-corrected")
    grades = _standing(story, "child-enrolled", "child-enrolment-corrected")
    measured, enrolled = _newest(measures, "measured_on"), _newest(grades, "school_year")
    who = story.last("child-registered", "child-corrected")
    lived = [each for kind in LIVED for each in _standing(story, kind, "")]
    lived.sort(key=lambda each: int(each["version"]))
    moved = _newest([each for each in lived if "from_household_id" in each], "happened_at")
    gone = _newest([each for each in lived if "from_household_id" not in each], "happened_at")
    return {
        **copied(who, "unit_id", "birth_month", "gender"),
        "registered_household_id": who["household_id"],
        "household_id": (moved or who)["household_id"],
        "left": "how" in gone,
        "merged_into": story.last("child-merged", "child-unmerged").get("into_child_id"),
        "lived": [
            {
                **copied(each, "version", "happened_at"),
                "household_id": each["household_id"] if "from_household_id" in each else None,
                "left": None if "from_household_id" in each else "how" in each,
            }
            for each in lived
        ],
        **copied(story.began, "registered_by"),
        "measures": [copied(each, "version", "height_label", "measured_on") for each in measures],
        "grades": [copied(each, "version", "school_year", "grade") for each in grades],
        "height_label": measured.get("height_label"),
        "measured_on": measured.get("measured_on"),
        "school_year": enrolled.get("school_year"),
        "grade": enrolled.get("grade"),
        "decided_on_less": max((e.position for e in story.events if _questions(e)), default=0),
        "version": story.version,
    }


def _questions(event: Event) -> bool:
    """May a need have been judged by what this says is otherwise?"""
    if event.type == "child-corrected":
        return not {"household", "birth-date", "gender"}.isdisjoint(event.data["corrected"])
    return event.type in (*CORRECTIONS, *LIVED, "child-merged")


def _standing(story: Story, said: str, corrected: str) -> list[Data]:
    """What was said in the end, in the order in which it was said first."""
    stands: list[Data] = []
    for event in story.events:
        told = {**event.data, "version": event.version}
        if event.type == said:
            stands.append(told)
        elif event.type in (corrected, "child-fact-retracted"):
            right = [told] if event.type == corrected else []
            stands = [
                then
                for each in stands
                for then in (right if each["version"] == event.data["corrects"] else [each])
            ]
    return stands


def _newest(told: list[Data], by: str) -> Data:
    """By its own date; of two of the same date the one recorded later."""
    return max(reversed(told), key=lambda data: data[by], default={})


def _households(world: World) -> Expected:
    lived = ("household-placed", "household-moved")
    found = stories(world, "registry", "household_id", "household-registered", *lived)
    return {
        key: {
            "unit_id": story.last("household-registered", *lived)["unit_id"],
            "registered_unit_id": story.began["unit_id"],
            "registered_by": story.began["registered_by"],
            "placed": story.has("household-placed"),
        }
        for key, story in found.items()
    }


def _groups(world: World) -> Expected:
    found = stories(world, "registry", "group_id", "group-registered", "group-counted")
    return {
        key: {
            **copied(story.began, "unit_id", "description", "registered_by"),
            "children": story.last("group-registered", "group-counted")["children"],
            "version": story.version,
        }
        for key, story in found.items()
    }


def _disclosures(world: World) -> Expected:
    found = stories(
        world,
        "registry",
        "grant_id",
        "disclosure-granted",
        "disclosure-revoked",
        "names-opened",
    )
    return {
        key: {
            **copied(story.began, "person_id", "child_ids", "purpose", "ground", "paper"),
            **copied(story.began, "valid_until", "granted_by"),
            "granted_at": story.began["happened_at"],
            "revoked_by": story.last("disclosure-revoked").get("revoked_by"),
            "revoked_at": story.last("disclosure-revoked").get("happened_at"),
            "openings": story.last("names-opened").get("openings", 0),
            "last_opened_at": story.last("names-opened").get("happened_at"),
            "version": story.version,
        }
        for key, story in found.items()
    }


def _reports(world: World) -> Expected:
    """Drafted or issued again under its number, an issue begins again."""
    issues = stories(
        world,
        "registry",
        ("report_id", "issue"),
        ("report-drafted", "report-reissued"),
        "report-signed",
        "report-sent",
        *ANSWERS,
    )
    reports: Expected = {}
    for (report, issue), story in issues.items():
        following = issues.get((report, str(int(issue) + 1)))
        reports[report, issue] = _report(story) | {
            "followed_by": int(issue) + 1 if following else None,
            "version": max(story.version, following.events[0].version if following else 0),
        }
    return reports


def _report(story: Story) -> Data:
    signed, sent = story.last("report-signed"), story.last("report-sent")
    answer = story.last(*ANSWERS)
    words = {
        "report-drafted": "drafted",
        "report-reissued": "drafted",
        "report-signed": "signed",
        "report-sent": "sent",
        "report-returned": "returned",
        "report-accepted": "accepted",
    }
    return {
        **copied(story.began, "programme_id", "form", "unit_id", "period_from", "period_to"),
        **copied(story.began, "due_on", "figures", "taken_up_to"),
        "status": story.says(words),
        "changes": story.began.get("changes", []),
        "reissue_reason": story.began.get("reason"),
        "drafted_by": story.began.get("drafted_by") or story.began["reissued_by"],
        "drafted_at": story.began["happened_at"],
        "signed_by": signed.get("signed_by"),
        "signed_at": signed.get("happened_at"),
        "addressee_id": sent.get("addressee_id"),
        "sent_by": sent.get("sent_by"),
        "sent_at": sent.get("happened_at"),
        "return_reason": story.last("report-returned").get("reason"),
        "answered_by": answer.get("returned_by") or answer.get("accepted_by"),
        "answered_at": answer.get("happened_at"),
    }


def _due_list(world: World) -> Expected:
    """A need lapses when its day begins in Vietnam, unless something of it ends that before."""
    running: Expected = {}
    starts, ends = (
        ("need-opened", "need-reconfirmed"),
        ("need-lapsed", "need-met", "need-withdrawn"),
    )
    for event in events(world, "registry", *starts, *ends):
        place = ("need-lapses", event.said["subject"], "")
        running.pop(place, None)
        if event.type in starts:
            due_at = f"{event.data['lapses_on']}T00:00:00+07:00"
            running[place] = {"due_at": due_at, "position": event.position}
    return running


def _account_requests(world: World) -> Expected:
    found: Expected = {}
    for event in events(
        world,
        "registry",
        "account-proposed",
        "account-refused",
        "account-linked",
        "account-unlinked",
    ):
        row = found.setdefault((event.data["account_id"],), {"said": None})
        row["status"] = event.type.removeprefix("account-")
        row["person_id"] = event.data["person_id"] if event.type == "account-linked" else None
        for sealed in ("identity", "said"):
            row[sealed] = event.data.get(sealed, row.get(sealed))
    return found


def _recorded_on(story: Story, kind: str) -> str | None:
    told = (event.said["recordedtime"] for event in story.events if event.type == kind)
    return next(map(day_in_vietnam, told), None)


def _unit_histories(world: World) -> Expected:
    found = stories(
        world,
        "registry",
        "unit_id",
        "unit-established",
        "unit-succeeded",
        "unit-figure-declared",
    )
    return {
        key: {
            **copied(story.began, "valid_from"),
            "recorded_on": day_in_vietnam(story.events[0].said["recordedtime"]),
            "ended_on": story.last("unit-succeeded").get("ended_on"),
            "successor_ids": story.last("unit-succeeded").get("successor_ids", []),
            "succeeded_on": _recorded_on(story, "unit-succeeded"),
            "declared": [
                {
                    **copied(event.data, "as_of", "children"),
                    "recorded_on": day_in_vietnam(event.said["recordedtime"]),
                }
                for event in story.events
                if event.type == "unit-figure-declared"
            ],
        }
        for key, story in found.items()
    }


TABLES: Tables = {
    "unit_histories": (("unit_id",), _unit_histories),
    "account_requests": (("account_id",), _account_requests),
    "due_list": (("timer", "stream", "part"), _due_list),
    "needs": (("need_id",), _needs),
    "grants": (("person_id", "grant_id"), _grants),
    "children": (("child_id",), _children),
    "households": (("household_id",), _households),
    "groups": (("group_id",), _groups),
    "disclosures": (("grant_id",), _disclosures),
    "reports": (("report_id", "issue"), _reports),
}
