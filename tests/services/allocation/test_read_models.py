from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import AllocationApproved, MatchingRunMade
from eventing.read_model import ReadModel
from eventing.record import Recorded, decode
from services.allocation.domain.direct_gift import line_of
from services.allocation.read_models import READ_MODELS
from services.allocation.read_models.allocation_lines import allocation_lines
from services.allocation.read_models.allocations import allocations
from services.allocation.read_models.deliveries import deliveries
from services.allocation.read_models.direct_gifts import direct_gifts
from services.allocation.read_models.lots import lots
from services.allocation.read_models.matching_runs import matching_runs
from services.allocation.read_models.open_needs import open_needs
from services.allocation.read_models.substitutions import substitutions
from tests.services.allocation.examples import (
    APPROVER,
    COMMUNE,
    COORDINATOR,
    HOLDER,
    NEED,
    OFFICER,
    OTHER_COORDINATOR,
    OTHER_NEED,
    STOREKEEPER,
)
from tests.services.allocation.season import (
    Season,
    allocation_id,
    line_id,
    run_id,
)
from tests.support.answers import accepted
from tests.support.interleaving import interleavings

ONE_STREAM_A_ROW = [
    lots,
    open_needs,
    matching_runs,
    allocations,
    deliveries,
    substitutions,
    direct_gifts,
]
GIFT, REFUSED_GIFT, WITHDRAWN_GIFT = UUID(int=80), UUID(int=81), UUID(int=82)
SUBSTITUTES = [UUID(int=4100), UUID(int=4101)]
LAPSED, RECONFIRMED, STILL_OPEN = (UUID(int=n) for n in (9001, 9002, 9003))
Rows = dict[Any, Any]


def play(season: Season) -> None:
    """All that can happen: refused, given back, absent, by proxy, substituted, hand to hand."""
    lot_id = season.received(7, mendable=2)
    needs = season.needs(8)
    accepted(season.run())
    lines = [
        {"line_id": line_id(n), "need_id": need_id, "lot_id": lot_id, "quantity": 1}
        for n, need_id in enumerate(needs, 1)
    ]
    accepted(season.propose(lines=lines))
    accepted(season.approve())
    release = f"/allocations/{allocation_id(1)}/release"
    accepted(season.post(release, by=COORDINATOR, line_ids=[line_id(7)]))
    season.corrected(6)
    accepted(season.plan([line_id(n) for n in (1, 2, 3, 4)], 1))
    accepted(season.plan([line_id(5), line_id(6)], 2))
    accepted(season.step("dispatch", by=STOREKEEPER, waybill="XK-1"))
    accepted(season.step("handover", by=STOREKEEPER, handed_to=HOLDER))
    proxy: dict[str, Any] = {"signatory_name": "Bùi Thị Nhận Thay", "signatory_relation": "bà nội"}
    accepted(season.sign(line_id(1), signed_as="proxy", **proxy))
    lines = [{"line_id": line_id(2), "kept_until": "2024-12-31"}]
    accepted(season.step("absences", by=OFFICER, lines=lines))
    accepted(season.sign(line_id(2)))
    for number, need_id in enumerate(SUBSTITUTES, 3):
        season.need(need_id, child_id=need_id)
        reason, how = "Gia đình cháu Bùi Thị Đi Xa đã chuyển đi", "fingerprint"
        given: dict[str, Any] = {"line_id": line_id(number), "need_id": need_id}
        given |= {"reason": reason, "signed_as": how}
        accepted(season.step("substitutions", by=OFFICER, **given))
    judged = f"substitutions/{line_id(3)}/ratification", f"substitutions/{line_id(4)}/refusal"
    accepted(season.step(judged[0], by=OTHER_COORDINATOR))
    accepted(season.step(judged[1], by=OTHER_COORDINATOR, reason="Cháu Bùi Thị Đi Xa đã về"))
    accepted(season.direct_gift(GIFT, season.need(), season.need(OTHER_NEED)))
    accepted(season.step("dispatch", by=STOREKEEPER, number=2, waybill="XK-2"))
    ends: dict[str, Any] = {"line_ids": [line_id(6)], "reason": "child-left"}
    accepted(season.step("closings", by=OFFICER, number=2, **ends))
    accepted(season.step("returns", by=STOREKEEPER, number=2, line_ids=[line_id(6)]))
    season.withdrawn(OTHER_NEED)
    accepted(season.post(f"/direct-gifts/{GIFT}/ratification", by=APPROVER))
    for other, end in ((REFUSED_GIFT, "refusal"), (WITHDRAWN_GIFT, "withdrawal")):
        accepted(season.direct_gift(other, season.need(STILL_OPEN)))
        by = APPROVER if end == "refusal" else OFFICER
        accepted(season.post(f"/direct-gifts/{other}/{end}", by=by, reason="Biên bản nhầm"))
    season.lapsed(season.need(LAPSED))
    season.reconfirmed(season.lapsed(season.need(RECONFIRMED)))


@cache
def log() -> tuple[Recorded, ...]:
    season = Season()
    play(season)
    return tuple(decode(stored) for stored in season.house.store._log)


def folded(model: ReadModel[Any, Any], batch: Iterable[Recorded], rows: Rows | None = None) -> Rows:
    before = rows or {}
    wanted = [recorded for recorded in batch if type(recorded.event) in model.events]
    after = before | model.fold(before, wanted)
    return {key: row for key, row in after.items() if row is not None}


def test_the_story_has_every_event_that_a_table_is_made_of() -> None:
    happened = {type(recorded.event) for recorded in log()}
    ours = {
        event
        for model in READ_MODELS
        for event in model.events
        if event.__module__ == "contracts.allocation"
    }
    assert ours <= happened


def test_of_a_lot_all_is_free_reserved_or_given() -> None:
    held_apart, stock = sorted(folded(lots, log()).values(), key=lambda lot: lot.quantity)
    assert (stock.quantity_free, stock.quantity_kept, stock.quantity_drawn) == (1, 1, 4)
    assert (stock.quantity, stock.available) == (6, True)
    assert (held_apart.held_apart, held_apart.available) == (True, False)


def test_a_need_is_open_until_it_is_covered_or_withdrawn() -> None:
    needs = folded(open_needs, log())
    assert [needs[need].open for need in sorted(needs)] == [
        False,  # a direct gift
        False,  # withdrawn
        *[False] * 2,
        *[True] * 2,  # let go: their gifts went to other children
        False,
        True,  # its line was closed
        True,  # given back
        True,  # refused
        *[False] * 2,  # the other children's
        False,  # lapsed
        True,  # reconfirmed
        True,  # its direct gifts were refused and withdrawn
    ]
    assert (needs[NEED].quantity_open, needs[OTHER_NEED].withdrawn) == (0, True)


def test_each_line_says_what_became_of_it() -> None:
    lines = folded(allocation_lines, log())
    assert [lines[line_id(n)].status for n in range(1, 9)] == [
        *["signed"] * 4,
        "planned",
        "returned",
        "released",
        "refused",
    ]
    assert [lines[line_id(n)].signed_as for n in (1, 2, 3)] == ["proxy", "guardian", "fingerprint"]
    assert lines[line_id(6)].closed_because == "child-left"
    assert lines[line_id(8)].code == "more-than-the-lot-holds"
    assert [lines[line_id(n)].substitute_need_id for n in (2, 3, 4)] == [None, *SUBSTITUTES]


def test_who_was_given_a_gift_instead_and_what_another_person_says_of_it() -> None:
    rows = [row for _, row in sorted(folded(substitutions, log()).items())]
    lines = folded(allocation_lines, log())
    assert [(row.need_id, row.replaced_need_id) for row in rows] == [
        (need_id, lines[line_id(n)].need_id) for n, need_id in enumerate(SUBSTITUTES, 3)
    ]
    assert [(row.status, row.judged_by) for row in rows] == [
        ("ratified", OTHER_COORDINATOR),
        ("refused", OTHER_COORDINATOR),
    ]
    assert {row.signed_as for row in rows} == {"fingerprint"}
    assert [row.refusal is not None for row in rows] == [False, True]


@pytest.mark.parametrize("model", [allocations, deliveries, direct_gifts])
def test_a_row_has_the_version_that_its_stream_has(model: ReadModel[Any, Any]) -> None:
    """Whatever the event: else an ETag would be older, or newer, than what is shown."""
    head = {recorded.stream: recorded.version for recorded in log()}
    kind = model.name.removesuffix("s").replace("_", "-")
    kind = {"deliverie": "delivery"}.get(kind, kind)
    rows = folded(model, log())
    assert {f"{kind}-{key}": row.version for key, row in rows.items()} == {
        stream: version for stream, version in head.items() if stream.startswith(f"{kind}-")
    }


def test_allocations_runs_deliveries_and_direct_gifts_are_counted() -> None:
    (allocation,) = folded(allocations, log()).values()
    assert (allocation.status, allocation.line_count, allocation.refused_count) == (
        "approved",
        8,
        1,
    )
    assert allocation.unit_ids == (COMMUNE,)
    (run,) = folded(matching_runs, log()).values()
    assert (run.run_id, len(run.lines), len(run.unmatched)) == (run_id(1), 7, 1)
    first, second = (row for _, row in sorted(folded(deliveries, log()).items()))
    assert (first.status, first.line_count, first.signed_count) == ("completed", 4, 4)
    assert (second.status, second.signed_count) == ("dispatched", 0)
    assert (len(second.closed), second.out) == (1, ())
    gifts = folded(direct_gifts, log())
    assert [(gifts[gift].status, gifts[gift].ended_by) for gift in sorted(gifts)] == [
        ("ratified", APPROVER),
        ("refused", APPROVER),
        ("withdrawn", OFFICER),
    ]
    assert gifts[GIFT].refused_lines == (line_of(GIFT, OTHER_NEED),)


@pytest.fixture(scope="module", autouse=True)
def _story_is_told() -> None:
    """Outside of the properties, whose single examples have a deadline."""
    log()


@pytest.mark.parametrize("model", ONE_STREAM_A_ROW, ids=lambda model: model.name)
@given(data=st.data())
def test_the_order_of_streams_does_not_matter(
    model: ReadModel[Any, Any], data: st.DataObject
) -> None:
    streams: dict[str, list[Recorded]] = {}
    for recorded in log():
        if type(recorded.event) in model.events:
            streams.setdefault(recorded.stream, []).append(recorded)
    shuffled = data.draw(interleavings(list(streams.values())))
    assert folded(model, shuffled) == folded(model, log())


@given(st.sampled_from(READ_MODELS), st.lists(st.integers(0, 60), max_size=3))
def test_wherever_a_reader_stops_it_goes_on_to_the_same_rows(
    model: ReadModel[Any, Any], stops: list[int]
) -> None:
    rows: Rows = {}
    bounds = [0, *sorted(stops), len(log())]
    for start, end in pairwise(bounds):
        rows = folded(model, log()[start:end], rows)
    everything = folded(model, log())
    assert model.digest(rows.values()) == model.digest(everything.values())


def test_no_name_is_in_the_story() -> None:
    assert "Bùi Thị" not in repr(log())
    kinds = {type(recorded.event) for recorded in log()}
    assert {AllocationApproved, MatchingRunMade} <= kinds
