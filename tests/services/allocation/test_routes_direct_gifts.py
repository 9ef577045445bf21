from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.allocation import (
    DirectGiftLineRefused,
    DirectGiftRatified,
    DirectGiftRecorded,
    NeedCovered,
    SupportDelivered,
)
from contracts.vietnamese_day import begins
from tests.services.allocation.examples import (
    APPROVER,
    COMMUNE,
    COORDINATOR,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    RECORDER,
    SPONSOR,
    VERIFIER,
    cover_opened,
)
from tests.services.allocation.season import (
    AUDITOR,
    OTHER_APPROVER,
    OTHER_OFFICER,
    STRANGER,
    Season,
    line_id,
)
from tests.support.answers import accepted, refused, shown
from tests.support.house import MONDAY

GIFT, OTHER_GIFT = UUID(int=80), UUID(int=81)
MINUTES = "Biên bản trao trực tiếp, có bà Bùi Thị Chứng Kiến ký"
REASON = "Ông Bùi Văn Nhận nói chưa ai đến trao"


def record(
    season: Season,
    gift: UUID = GIFT,
    *,
    needs: tuple[UUID, ...] = (NEED,),
    quantity: int = 1,
    by: UUID = OFFICER,
    **changed: object,
) -> Any:
    lines = [{"need_id": need, "quantity": quantity} for need in needs]
    body = {"sponsor_id": SPONSOR, "unit_id": COMMUNE, "lines": lines, "minutes": MINUTES}
    return season.put(f"/direct-gifts/{gift}", by=by, **(body | changed))


def ratify(season: Season, *, by: UUID = APPROVER, gift: UUID = GIFT) -> Any:
    return season.post(f"/direct-gifts/{gift}/ratification", by=by)


def refuse(season: Season, *, by: UUID = APPROVER) -> Any:
    return season.post(f"/direct-gifts/{GIFT}/refusal", by=by, reason=REASON)


def withdraw(season: Season, *, by: UUID = OFFICER) -> Any:
    return season.post(f"/direct-gifts/{GIFT}/withdrawal", by=by, reason=REASON)


def still_open(season: Season) -> int:
    """How much of the need may still be covered."""
    items = shown(season.get("/open-needs", by=APPROVER))["items"]
    return sum(need["quantity_open"] for need in items if need["need_id"] == str(NEED))


def test_recorded_it_blocks_no_need(season: Season) -> None:
    lot_id = season.received()
    season.need()
    yesterday = MONDAY - timedelta(days=1)
    accepted(record(season, happened_at=yesterday))
    recorded = season.house.events()[-1]
    assert isinstance(recorded, DirectGiftRecorded)
    assert recorded.happened_at == yesterday
    assert still_open(season) == 1
    assert "Chứng Kiến" not in repr(season.house.events())
    accepted(season.propose_by_hand(lot_id))
    accepted(season.approve())


def test_twenty_bags_are_one_command_and_one_ratification(season: Season) -> None:
    needs = tuple(season.needs(20))
    accepted(record(season, needs=needs))
    accepted(ratify(season))
    events = season.house.events()
    (ratified,) = [event for event in events if isinstance(event, DirectGiftRatified)]
    ((part),) = ratified.parts
    assert (part.quantity, part.children) == (20, 20)
    delivered = [event for event in events if isinstance(event, SupportDelivered)]
    assert {event.need_id for event in delivered} == set(needs)
    assert {event.direct_gift_id for event in delivered} == {GIFT}
    assert len({event.line_id for event in delivered}) == 20


def test_the_sponsor_is_known(season: Season) -> None:
    season.need()
    refused(record(season, sponsor_id=UUID(int=404)), 404, "sponsor-not-known")


def test_it_is_never_recorded_ahead(season: Season) -> None:
    season.need()
    answer = record(season, happened_at=MONDAY + timedelta(days=1))
    refused(answer, 422, "not-yet-happened")


def test_another_gift_of_that_id(season: Season) -> None:
    season.need(quantity=2)
    accepted(record(season))
    refused(record(season, quantity=2), 409, "direct-gift-recorded-otherwise")


def test_a_need_stands_in_it_once_and_is_of_the_unit_and_programme(season: Season) -> None:
    season.need()
    refused(record(season, needs=(NEED, NEED)), 422, "same-need-twice")
    other = season.need(UUID(int=4900), unit_id=OTHER_COMMUNE)
    refused(record(season, needs=(NEED, other)), 422, "need-of-another-unit")
    foreign = season.need(UUID(int=4901), programme_id=UUID(int=4902))
    refused(record(season, needs=(NEED, foreign)), 422, "lines-of-two-programmes")


def test_a_need_is_not_met_twice(season: Season) -> None:
    first, other = season.needs(2)
    accepted(record(season, needs=(first,)))
    accepted(record(season, OTHER_GIFT, needs=(first, other)))
    accepted(ratify(season))
    since = len(season.house.events())
    accepted(ratify(season, gift=OTHER_GIFT))
    kinds = [type(event) for event in season.house.events(since)]
    assert kinds == [DirectGiftRatified, DirectGiftLineRefused, NeedCovered, SupportDelivered]
    (listed,) = [
        gift
        for gift in shown(season.get("/direct-gifts?status=ratified", by=AUDITOR))["items"]
        if gift["direct_gift_id"] == str(OTHER_GIFT)
    ]
    refused_line = season.house.events(since)[1]
    assert listed["refused_lines"] == [str(refused_line.line_id)]
    assert refused_line.code == "need-covered-already"


def test_with_all_needs_covered_otherwise_the_ratification_is_refused(season: Season) -> None:
    season.need()
    accepted(record(season))
    accepted(record(season, OTHER_GIFT))
    accepted(ratify(season))
    refused(ratify(season, gift=OTHER_GIFT), 409, "need-covered-already")
    fields = refused(record(season, UUID(int=82)), 409, "need-covered-already")
    assert fields["quantity_open"] == 0


def test_nobody_chooses_the_id_by_which_it_covers(season: Season) -> None:
    """So a line of an allocation under the gift's own id is no hindrance."""
    lot_id = season.received()
    season.need(quantity=3)
    accepted(season.propose_by_hand(lot_id))
    accepted(season.approve())
    accepted(record(season, line_id(1)))
    accepted(ratify(season, gift=line_id(1)))


def test_a_need_that_is_not_open(season: Season) -> None:
    refused(record(season), 404, "need-not-open")
    season.need()
    season.lapsed(NEED)
    season.house.now = begins(cover_opened.lapses_on)
    refused(record(season), 409, "need-has-lapsed")
    season.withdrawn()
    refused(record(season), 409, "need-is-withdrawn")


def test_what_was_handed_over_in_time_is_recorded_and_ratified_later(season: Season) -> None:
    season.need()
    in_time = begins(cover_opened.lapses_on) - timedelta(hours=5)
    season.house.now = in_time + timedelta(days=7)
    season.lapsed(NEED)
    accepted(record(season, happened_at=in_time))
    accepted(ratify(season))
    assert isinstance(season.house.events()[-1], SupportDelivered)


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
    fields = refused(ratify(season, by=OTHER_APPROVER), 409, "direct-gift-ended-otherwise")
    assert fields == {"ended": "ratified"}


@pytest.mark.parametrize("end", [refuse, withdraw])
def test_refused_or_withdrawn_the_need_is_as_open_as_before(season: Season, end: Any) -> None:
    season.need()
    accepted(record(season))
    accepted(end(season))
    assert still_open(season) == 1
    refused(ratify(season), 409, "direct-gift-ended-otherwise")
    gift = shown(season.get(f"/direct-gifts/{GIFT}", by=APPROVER))
    assert gift["reason"] == REASON
    assert "Bùi Văn Nhận" not in repr(season.house.events())
    accepted(record(season, OTHER_GIFT))
    accepted(ratify(season, gift=OTHER_GIFT))


def test_only_another_person_refuses_and_only_one_who_works_there_withdraws(
    season: Season,
) -> None:
    season.need()
    accepted(record(season, by=COORDINATOR))
    refused(refuse(season, by=COORDINATOR), 403, "involved-cannot-ratify")
    refused(withdraw(season, by=OTHER_OFFICER), 403, "outside-your-unit")
    refused(withdraw(season, by=AUDITOR), 403, "not-allowed")


@pytest.mark.parametrize(
    ("person", "role"),
    [(COORDINATOR, "given-directly"), (VERIFIER, "verified"), (RECORDER, "recorded")],
)
def test_who_had_a_part_in_it_never_ratifies(season: Season, person: UUID, role: str) -> None:
    season.need()
    accepted(record(season, by=COORDINATOR))
    fields = refused(ratify(season, by=person), 403, "involved-cannot-ratify")
    assert fields == {"role": role}


def test_nothing_ends_before_it_is_recorded(season: Season) -> None:
    for end in (ratify, refuse, withdraw):
        refused(end(season), 404, "direct-gift-not-recorded")
    refused(season.get(f"/direct-gifts/{GIFT}", by=APPROVER), 404, "direct-gift-not-recorded")


def test_who_ratifies_reads_the_minutes_and_the_auditor_does_not(season: Season) -> None:
    season.need()
    accepted(record(season))
    assert shown(season.get(f"/direct-gifts/{GIFT}", by=APPROVER))["minutes"] == MINUTES
    refused(season.get(f"/direct-gifts/{GIFT}", by=AUDITOR), 403, "not-allowed")
    refused(season.get(f"/direct-gifts/{GIFT}", by=OTHER_OFFICER), 403, "outside-your-unit")
    (listed,) = shown(season.get("/direct-gifts?status=recorded", by=AUDITOR))["items"]
    assert "minutes" not in listed
    assert shown(season.get("/direct-gifts", by=OTHER_OFFICER))["items"] == []


def test_who_recorded_the_need_records_no_gift_for_it(season: Season) -> None:
    season.need()
    fields = refused(record(season, by=RECORDER), 403, "involved-cannot-record")
    assert fields == {"role": "recorded"}
