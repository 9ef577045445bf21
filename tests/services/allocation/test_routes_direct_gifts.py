from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.allocation import DirectGiftRatified, DirectGiftRecorded, NeedCovered
from tests.services.allocation.examples import (
    APPROVER,
    COORDINATOR,
    NEED,
    OFFICER,
    RECORDER,
    SPONSOR,
    VERIFIER,
)
from tests.services.allocation.season import (
    AUDITOR,
    OTHER_APPROVER,
    OTHER_OFFICER,
    STRANGER,
    Season,
    accepted,
    line_id,
    refused,
    shown,
)
from tests.support.house import MONDAY

GIFT, OTHER_GIFT = UUID(int=80), UUID(int=81)
MINUTES = "Biên bản trao trực tiếp, có bà Bùi Thị Chứng Kiến ký"


def record(season: Season, gift: UUID = GIFT, *, by: UUID = OFFICER, **changed: object) -> Any:
    body = {"sponsor_id": SPONSOR, "need_id": NEED, "quantity": 1, "minutes": MINUTES}
    return season.put(f"/direct-gifts/{gift}", by=by, **(body | changed))


def ratify(season: Season, *, by: UUID = APPROVER) -> Any:
    return season.post(f"/direct-gifts/{GIFT}/ratification", by=by)


def test_it_covers_the_need_in_the_same_append(season: Season) -> None:
    season.need()
    yesterday = MONDAY - timedelta(days=1)
    accepted(record(season, happened_at=yesterday))
    accepted(record(season))
    recorded, covered = season.house.events()[-2:]
    assert isinstance(recorded, DirectGiftRecorded)
    assert isinstance(covered, NeedCovered)
    assert (recorded.happened_at, covered.line_id) == (yesterday, GIFT)
    assert "Chứng Kiến" not in repr(season.house.events())


def test_it_is_never_recorded_ahead(season: Season) -> None:
    season.need()
    answer = record(season, happened_at=MONDAY + timedelta(days=1))
    refused(answer, 422, "not-yet-happened")


def test_another_gift_of_that_id(season: Season) -> None:
    season.need(quantity=2)
    accepted(record(season))
    refused(record(season, quantity=2), 409, "direct-gift-recorded-otherwise")


def test_a_need_is_not_met_twice(season: Season) -> None:
    season.need()
    accepted(record(season))
    fields = refused(record(season, OTHER_GIFT), 409, "need-covered-already")
    assert fields == {"quantity_open": 0, "covered_by": [str(GIFT)]}


@pytest.mark.parametrize("quantity", [1, 2])
def test_an_id_that_a_line_used(season: Season, quantity: int) -> None:
    lot_id = season.received()
    season.need(quantity=3)
    accepted(season.propose_by_hand(lot_id))
    accepted(season.approve())
    since = len(season.house.events())
    answer = record(season, line_id(1), quantity=quantity)
    refused(answer, 409, "need-covered-otherwise")
    assert answer.json()["detail"] == "Dưới mã này, nhu cầu đã được đáp ứng từ một nguồn khác."
    assert season.house.events(since) == []
    accepted(record(season, quantity=quantity))


def test_a_need_that_is_not_open(season: Season) -> None:
    refused(record(season), 404, "need-not-open")
    season.need()
    season.withdrawn()
    refused(record(season), 409, "need-is-withdrawn")


def test_an_officer_of_another_commune_records_nothing_here(season: Season) -> None:
    season.need()
    refused(record(season, by=OTHER_OFFICER), 403, "outside-your-unit")
    refused(record(season, by=STRANGER), 403, "not-allowed")


def test_another_person_ratifies(season: Season) -> None:
    season.need()
    accepted(record(season))
    accepted(ratify(season))
    accepted(ratify(season))
    ratified = [e for e in season.house.events() if isinstance(e, DirectGiftRatified)]
    assert [event.ratified_by for event in ratified] == [APPROVER]
    refused(ratify(season, by=OTHER_APPROVER), 409, "direct-gift-ratified-otherwise")


@pytest.mark.parametrize(
    ("person", "role"),
    [(COORDINATOR, "given-directly"), (VERIFIER, "verified"), (RECORDER, "recorded")],
)
def test_who_had_a_part_in_it_never_ratifies(season: Season, person: UUID, role: str) -> None:
    season.need()
    accepted(record(season, by=COORDINATOR))
    fields = refused(ratify(season, by=person), 403, "involved-cannot-ratify")
    assert fields == {"role": role}


def test_nothing_is_ratified_before_it_is_recorded(season: Season) -> None:
    refused(ratify(season), 404, "direct-gift-not-recorded")
    refused(season.get(f"/direct-gifts/{GIFT}", by=APPROVER), 404, "direct-gift-not-recorded")


def test_who_ratifies_reads_the_minutes_and_the_auditor_does_not(season: Season) -> None:
    season.need()
    accepted(record(season))
    assert shown(season.get(f"/direct-gifts/{GIFT}", by=APPROVER))["minutes"] == MINUTES
    refused(season.get(f"/direct-gifts/{GIFT}", by=AUDITOR), 403, "not-allowed")
    refused(season.get(f"/direct-gifts/{GIFT}", by=OTHER_OFFICER), 403, "outside-your-unit")
    (listed,) = shown(season.get("/direct-gifts?ratified=false", by=AUDITOR))["items"]
    assert "minutes" not in listed
    assert shown(season.get("/direct-gifts", by=OTHER_OFFICER))["items"] == []


def test_who_recorded_the_need_records_no_gift_for_it(season: Season) -> None:
    season.need()
    fields = refused(record(season, by=RECORDER), 403, "involved-cannot-record")
    assert fields == {"role": "recorded"}
