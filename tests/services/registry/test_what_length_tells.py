"""Whoever reads the topic guesses what was sealed, from all that can be seen of it: its length.

The guesser is the best there can be: it has been told the truth of all the others that look alike.
"""

import base64
from collections import Counter, defaultdict
from uuid import UUID

import pytest

from contracts.registry import (
    ChildRegistered,
    CircumstanceAssessed,
    HouseholdRegistered,
    HouseholdStatusRecorded,
    NeedOpened,
    NeedRecorded,
)
from contracts.sealed import Sealed
from eventing import sealing
from tests.services.registry.commune_house import (
    child_body,
    household_body,
    need_body,
    registry,
    status_body,
)
from tests.services.registry.samples import OFFICER, RULES, VERIFIER

STATUSES = ("poor", "near-poor", "escaped-recently", "none")
ETHNICITIES = ("Kinh", "Mường", "Dao", "Tày", "Nùng", "Ê Đê", "Hrê", "Xơ Đăng")
CARE = {
    "surgery": "Phẫu thuật tim, Bệnh viện Nhi Trung ương",
    "orthopaedics": "Nẹp chân",
    "rehabilitation": "Tập đi, mỗi tuần hai buổi, tại trạm y tế xã",
}


def looks(event):
    """All that an outsider sees of the event's sealed fields."""
    fields = {name: getattr(event, name) for name in event.__slots__}
    return tuple(
        (name, len(base64.b64decode(value.ciphertext)))
        for name, value in sorted(fields.items())
        if isinstance(value, Sealed)
    )


def guesses_right(seen):
    """How many of (look, truth) the best guesser hits, and how many without any look."""
    alike = defaultdict(Counter)
    for look, truth in seen:
        alike[look][truth] += 1
    blind = Counter(truth for _, truth in seen)
    return sum(max(each.values()) for each in alike.values()), max(blind.values())


class Commune:
    """Keeps beside the log what nobody else knows: the truth of every event."""

    def __init__(self):
        self.house = registry().with_programme()
        self.truths = defaultdict(list)

    def does(self, event_type, truth, method, path, body=None, by=OFFICER):
        self.house.done(method, path, body, by=by)
        event = next(one for one in reversed(self.house.events()) if isinstance(one, event_type))
        self.truths[event_type].append((looks(event), truth))

    def household(self, number, status):
        home = UUID(int=10_000 + number)
        village = None if number % 3 == 0 else f"Thôn {number}"
        body = household_body(head=f"Triệu Văn {'Sơn' * (number % 5 + 1)}", village=village)
        self.does(HouseholdRegistered, village is None, "PUT", f"/households/{home}", body)
        body = status_body(status, decision=f"{number}/QĐ-UBND")
        self.does(HouseholdStatusRecorded, status, "POST", f"/households/{home}/status", body)
        return home

    def child(self, number, home, ethnicity, circumstance):
        child = UUID(int=20_000 + number)
        body = child_body(household_id=str(home), ethnicity=ethnicity)
        self.does(ChildRegistered, ethnicity, "PUT", f"/children/{child}", body)
        kind, code = circumstance
        body, path = {"kind": kind, "code": code}, f"/children/{child}/circumstances"
        self.does(CircumstanceAssessed, circumstance, "POST", path, body)
        return child

    def need(self, number, child, category, reasons):
        need = UUID(int=30_000 + number)
        body = need_body(category, "dong", 2_000_000, child_id=str(child), detail=CARE[category])
        self.does(NeedRecorded, category, "PUT", f"/needs/{need}", body)
        self.does(NeedOpened, reasons, "POST", f"/needs/{need}/verification", by=VERIFIER)


def played():
    circumstances = [
        ("none", ""),
        *(("special", group.code) for group in RULES.groups),
        *(("at-risk", reason.code) for reason in RULES.at_risk),
    ]
    commune = Commune()
    for number, circumstance in enumerate(circumstances):
        status = STATUSES[number % len(STATUSES)]
        if "poor" in circumstance[1]:
            status = "poor"
        home = commune.household(number, status)
        child = commune.child(number, home, ETHNICITIES[number % len(ETHNICITIES)], circumstance)
        if circumstance[0] != "none":
            category = [*CARE][number % len(CARE)]
            commune.need(number, child, category, (status, circumstance[0]))
    return {event_type: guesses_right(seen) for event_type, seen in commune.truths.items()}


SECRETS = {
    HouseholdRegistered,
    HouseholdStatusRecorded,
    ChildRegistered,
    CircumstanceAssessed,
    NeedRecorded,
    NeedOpened,
}


def test_the_best_guesser_is_no_better_than_who_sees_nothing():
    guessed = played()
    assert guessed.keys() == SECRETS
    for event_type, (right, blind) in guessed.items():
        assert right == blind, event_type.__name__


def test_without_padding_the_guesser_finds_every_secret(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sealing, "_padded", lambda plain: plain + b"\x80")
    for event_type, (right, blind) in played().items():
        assert right > blind, event_type.__name__
