from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from console.settled import Consumer, NotSettled, Part, Readiness, under_way

NOW = datetime(2024, 9, 3, 2, tzinfo=UTC)


def worker(service: str, head: int, published: int | None = None, **more: Any) -> Readiness:
    at = head if published is None else published
    return Readiness(
        ready=True, service=service, process="worker", head=head, published=at, now=NOW, **more
    )


def reads(source: str, position: int) -> tuple[Consumer, ...]:
    return (Consumer("lots_held", source, position, "running"),)


def test_all_is_settled_when_everything_is_published_and_read() -> None:
    assert (
        under_way(
            [worker("donations", 7), worker("allocation", 3, consumers=reads("donations", 7))]
        )
        == []
    )


def test_what_is_not_yet_published_is_under_way() -> None:
    assert under_way([worker("donations", 7, 6)]) == ["donations worker published 6 of 7"]


def test_what_is_not_yet_read_is_under_way() -> None:
    found = under_way(
        [worker("donations", 7), worker("allocation", 3, consumers=reads("donations", 6))]
    )
    assert found == ["allocation worker: lots_held read 6 of 7 from donations"]


def test_the_newest_head_that_any_process_knows_counts() -> None:
    web = Readiness(ready=True, service="donations", process="web", head=8, published=8, now=NOW)
    assert under_way([worker("donations", 7), web]) == ["donations worker published 7 of 8"]


def test_who_goes_by_the_old_clock_is_under_way() -> None:
    later = NOW.replace(day=4)
    assert under_way([worker("donations", 7)], later) == [
        "donations worker is still at 2024-09-03T02:00:00+00:00"
    ]


def test_who_has_not_given_what_is_due_is_under_way() -> None:
    timers = (Part("timers"),)
    leads, stands_by = worker("allocation", 3, parts=timers), worker("allocation", 3, parts=timers)
    owes = ["allocation has not given what is due"]
    before = NOW.replace(day=2)
    assert under_way([leads, stands_by], NOW) == owes
    assert under_way([msgspec.structs.replace(leads, given_until=before), stands_by], NOW) == owes
    assert under_way([msgspec.structs.replace(leads, given_until=NOW), stands_by], NOW) == []
    assert under_way([worker("donations", 7)], NOW) == []


def test_a_hole_is_an_alarm_and_not_a_wait() -> None:
    with pytest.raises(NotSettled, match="misses positions"):
        under_way([worker("donations", 7, holes=(5,))])


def test_readiness_is_read_from_what_processes_say() -> None:
    said = {
        "ready": True,
        "service": "donations",
        "process": "worker",
        "head": 7,
        "published": 7,
        "consumers": [{"name": "a", "source": "registry", "position": 2, "status": "running"}],
        "parked": 0,
        "refused": 1,
        "holes": [],
        "now": "2024-09-03T02:00:00Z",
    }
    read = msgspec.json.decode(msgspec.json.encode(said), type=Readiness)
    assert read.consumers == (Consumer("a", "registry", 2, "running"),)
    assert read.now == NOW
