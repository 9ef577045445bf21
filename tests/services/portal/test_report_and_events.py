"""What the database sums: the report, the first page, communes, the event log."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from contracts.allocation import SupportDelivered
from contracts.registry import NeedMet, NeedRecorded, RoleGranted, UnitFigureDeclared
from eventing.read_model import ReadModel
from services.portal.figures import Universe, universes, universes_of
from services.portal.publication import SHOWN_FROM, At
from services.portal.publications import NotTheNext
from services.portal.read_models.gifts import gifts
from services.portal.read_models.lines import lines
from services.portal.read_models.needs import needs
from services.portal.read_models.support import support
from tests.services.portal.attacker import Attacker, targets_of
from tests.services.portal.conftest import AUGUST, WEEK, Portal, on_postgres
from tests.services.portal.counted import answers_of
from tests.services.portal.story import (
    AUDITOR,
    BA_VI,
    DELIVERY,
    FUND,
    JACKETS,
    KHANH_THUONG,
    MINH_QUANG,
    NEW_BA_VI,
    PROGRAMME,
    SMALL_DELIVERY,
    Story,
    named,
    unit_id,
    units_of_pack,
)
from tests.services.portal.test_pages import text
from tests.services.portal.winter import a_winter
from tests.support.checkpoints import publish

NOBODY, A_CLASS = UUID(int=404), named("a class")
CODES = {row["code"] for row in units_of_pack()}
MID_AUTUMN = (1_092_453_500, 1_595)


async def report(portal: Portal, by: UUID | None = None) -> dict[str, Any]:
    answer = await portal.get(f"/api/report?programme_id={PROGRAMME}", by=by)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def of(found: dict[str, Any], unit: UUID) -> dict[str, Any]:
    return next(one for one in found["communes"] if one["unit_id"] == str(unit))


async def test_the_report_holds_every_figure_for_an_auditor(portal: Portal) -> None:
    found = await report(portal, by=AUDITOR)
    assert found["published_on"] is None
    assert {one["code"] for one in found["communes"] if one["in_programme"]} == CODES
    ba_vi = of(found, BA_VI)
    counted = ("needs_recorded", "needs_verified", "needs_reserved", "needs_met")
    assert [ba_vi[name] for name in counted] == [12, 10, 1, 7]
    assert [ba_vi[name] for name in ("lines_allocated", "child_times", "children_distinct")] == [
        8,
        7,
        7,
    ]
    (clothes,) = [kind for kind in ba_vi["by_category"] if kind["category"] == "warm-clothes"]
    quantities = ("quantity_needed", "quantity_reserved", "quantity_delivered")
    assert [clothes[name] for name in quantities] == [8, 1, 7]


async def test_the_report_adds_up(portal: Portal) -> None:
    found = await report(portal, by=AUDITOR)
    totals, communes = found["totals"], found["communes"]
    for name in ("needs_recorded", "needs_verified", "needs_met", "child_times", "lines_allocated"):
        assert totals[name] == sum(commune[name] for commune in communes)
        for commune in [totals, *communes]:
            assert commune[name] == sum(kind[name] for kind in commune["by_category"])
    assert (totals["child_times"], totals["children_distinct"]) == (11, 11)
    assert totals["direct_gifts"] == 1


async def test_what_was_given_is_in_it(portal: Portal) -> None:
    given = {(one["category"], one["measure"]): one for one in (await report(portal))["given"]}
    jackets = given["warm-clothes", "piece"]
    told = ("pledged", "received", "good", "mendable", "refused")
    assert [jackets[name] for name in told] == [1000, 1000, 800, 150, 50]


async def test_what_another_body_published_stands_apart(portal: Portal) -> None:
    found = await report(portal)
    (result,) = found["published_results"]
    assert (result["amount"], result["child_times"]) == MID_AUTUMN
    assert str(MID_AUTUMN[0]) not in str(found["given"]) + str(found["totals"])
    shown = text((await portal.get("/")).text)
    assert "1.092.453.500" in shown
    assert "1.595" in shown


async def test_the_public_is_told_what_was_published_and_nothing_below_five(portal: Portal) -> None:
    found = await report(portal)
    assert found["published_on"] == AUGUST.isoformat().replace("+00:00", "Z")
    counts = ("needs_recorded", "needs_verified", "needs_met", "child_times", "children_distinct")
    told = 0
    for commune in [found["totals"], *found["communes"]]:
        for figures in [commune, *commune["by_category"]]:
            for name in counts:
                assert figures[name] is None or figures[name] >= SHOWN_FROM
                told += figures[name] is not None
    assert found["totals"]["needs_recorded"] == 266
    assert told > 15
    assert of(found, KHANH_THUONG)["child_times"] is None
    # Paid to one child: what it was follows from the price of one.
    (money,) = [one for one in found["totals"]["by_category"] if one["measure"] == "dong"]
    assert (money["child_times"], money["quantity_delivered"]) == (None, None)


async def test_it_stands_until_the_next_one_is_due(portal: Portal, winter: Story) -> None:
    first = (await portal.get("/api/publications")).json()
    assert (first["number"], first["before"]) == (1, None)
    assert await portal.publish(AUGUST + WEEK - timedelta.resolution) == 0
    assert await portal.publish(AUGUST + WEEK) == 1
    second = (await portal.get("/api/publications")).json()
    written = (await portal.get("/api/publications/1")).content
    assert json.loads(written) == first
    assert second["before"] == hashlib.sha256(written).hexdigest()
    assert (second["number"], second["told"]) == (2, first["told"])
    assert (await portal.get("/api/publications/3")).json()["code"] == "nothing-published"
    assert "Công bố lần 2, 08/08/2025" in text((await portal.get("/")).text)


async def test_a_past_day_is_shown_as_it_was_published_then(portal: Portal, winter: Story) -> None:
    assert await portal.publish(AUGUST + WEEK) == 1
    first_day, last_day_of_it, second_day = "2025-08-01", "2025-08-07", "2025-08-08"
    numbers = [
        (await portal.get(f"/api/publications?on={on}")).json()["number"]
        for on in (first_day, last_day_of_it, second_day, "2026-01-01")
    ]
    assert numbers == [1, 1, 2, 2]
    told = (await portal.get(f"/api/report?on={last_day_of_it}")).json()
    assert told == (await portal.get("/api/publications/1")).json()["report"]
    before = (await portal.get("/api/report?on=2025-07-31")).json()
    assert before["code"] == "nothing-published"


async def test_what_was_published_is_never_changed(portal: Portal, of_the_winter: str) -> None:
    owner = await asyncpg.connect(of_the_winter)
    try:
        for statement in (
            "UPDATE publications SET content = '{}'",
            "DELETE FROM publications",
            "TRUNCATE publications",
        ):
            with pytest.raises(asyncpg.RaiseError, match="never changed"):
                await owner.execute(statement)
    finally:
        await owner.close()
    last = await portal.publications.newest(PROGRAMME)
    assert last is not None
    with pytest.raises(NotTheNext):
        await portal.publications.add(last.publication, last.children)


def a_class_twice(story: Story) -> None:
    """A class of three that needs two things, and gets both of them directly."""
    need = next(one.event for one in story.told if isinstance(one.event, NeedRecorded))
    came = next(one.event for one in story.told if isinstance(one.event, SupportDelivered))
    a_class: dict[str, Any] = {
        "child_id": None,
        "group_id": A_CLASS,
        "children": 3,
        "unit_id": BA_VI,
    }
    for number in range(2):
        need_id = named("need", A_CLASS, number)
        story.registry(f"need-{need_id}", replace(need, need_id=need_id, **a_class))
        line_id = named("line", A_CLASS, number)
        way: dict[str, Any] = {"way": "direct-gift", "delivery_id": None, "contribution_id": None}
        told = replace(came, need_id=need_id, line_id=line_id, **a_class, **way)
        story.allocation(f"direct-gift-{line_id}", told)


async def test_what_the_database_counts_is_what_is_counted_by_hand(empty_portal: str) -> None:
    story = a_winter()
    a_class_twice(story)

    def rows(model: ReadModel[Any, Any]) -> list[Any]:
        of = [one for one in story.told if type(one.event) in model.events]
        found = [row for row in model.fold({}, of).values() if row is not None]
        return [row for row in found if getattr(row, "programme_id", None) == PROGRAMME]

    answers = answers_of(
        [msgspec.structs.asdict(row) for row in rows(needs)],
        [msgspec.structs.asdict(row) for row in rows(lines) if row.reserved_at is not None],
        [msgspec.structs.asdict(row) for row in rows(support)],
        {row.contribution_id: row.fund_id for row in rows(gifts)},
    )
    units = [unit_id(code) for code in sorted(CODES)]
    by_hand = figures_in(universes_of(answers, units))
    async with on_postgres(empty_portal, story.told) as portal:
        by_database = figures_in(await universes(portal.house.rows, PROGRAMME, units))
        found = await report(portal, by=AUDITOR)
    assert by_database == by_hand
    assert len(by_hand) > 300
    # Twice three children are six times, of three children and the one who got a gift before.
    assert by_database[At("direct_gifts")] == (7, 4, None)
    assert found["totals"]["direct_gifts"] == 7


def figures_in(found: Sequence[Universe]) -> dict[At, tuple[int, int, int | None]]:
    return {
        figure.at: (figure.value, figure.children, figure.quantity)
        for universe in found
        for figure in universe.figures.values()
    }


async def test_nobody_proves_a_small_number_of_the_winter(portal: Portal) -> None:
    (told,) = [await portal.publications.newest(PROGRAMME)]
    assert told is not None
    units = [unit.unit_id for unit in told.publication.report.communes]
    found = await universes(portal.house.rows, PROGRAMME, units)
    truth = {at: value for at, (value, _, _) in figures_in(found).items()}
    attacker = Attacker(
        units,
        [("warm-clothes", "piece"), ("scholarship", "dong")],
        {JACKETS: ("warm-clothes", "piece")},
        {DELIVERY: BA_VI, SMALL_DELIVERY: KHANH_THUONG},
        {JACKETS: FUND},
    )
    attacker.reads(told.publication.told)
    assert attacker.proves(targets_of(attacker, [truth])) == []


async def test_the_first_page_shows_the_fourteen_and_their_successors(portal: Portal) -> None:
    html = (await portal.get("/")).text
    assert html.count('class="tile') == 2 * 14
    assert html.count(" priority") >= 2 * 4
    shown = text(html)
    assert "nay là Ba Vì, Bất Bạt" in shown
    assert "266 nhu cầu đã lập" in shown
    assert "số liệu minh hoạ" in shown


async def test_a_figure_of_gifts_leads_to_its_events_and_one_of_children_to_none(
    portal: Portal,
) -> None:
    html = (await portal.get("/")).text
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/so-lieu/[^"]+)"', html)}
    assert len(links) >= 5
    for link in sorted(links):
        page = (await portal.get(link)).text
        opened = re.search(r'<th scope="row"><a href="(/su-kien/[a-z]+/\d+)"', page)
        assert (opened is None) == ("<h1>0 " in page), link


async def test_the_report_and_the_first_page_carry_the_newest_checkpoints(portal: Portal) -> None:
    assert (await report(portal))["checkpoints"] == []
    signed = publish(portal.house, "allocation", 321, datetime(2025, 8, 1, tzinfo=UTC))
    await portal.publish(AUGUST + WEEK)
    (checkpoint,) = (await report(portal))["checkpoints"]
    assert (checkpoint["origin"], checkpoint["size"]) == ("vongtay.test/allocation", 321)
    assert checkpoint["note"] == signed
    shown = text((await portal.get("/")).text)
    assert f"vongtay.test/allocation 321 {checkpoint['root']}" in shown
    assert signed.splitlines()[-1] in shown


async def test_a_commune_tells_what_it_was_and_became(portal: Portal) -> None:
    old = text((await portal.get(f"/xa/{MINH_QUANG}")).text)
    assert "Nay thuộc Ba Vì , Bất Bạt" in old
    new = text((await portal.get(f"/xa/{NEW_BA_VI}")).text)
    for before in ("Minh Quang", "Ba Vì", "Khánh Thượng"):
        assert before in new
    assert "không công bố" in new
    assert (await portal.get(f"/xa/{NOBODY}")).status_code == 404
    assert (await portal.get(f"/api/communes/{NOBODY}")).status_code == 404


async def test_a_communes_cells_are_those_of_the_whole_report(portal: Portal) -> None:
    commune = (await portal.get(f"/api/communes/{KHANH_THUONG}")).json()
    assert commune["figures"] == of(await report(portal), KHANH_THUONG)


async def test_the_page_before_the_reorganisation_names_no_successor(
    empty_portal: str,
) -> None:
    async with on_postgres(empty_portal, a_winter(reorganised=False).told) as portal:
        assert "nay là" not in text((await portal.get("/")).text)


async def test_without_a_programme_there_is_nothing_to_tell(empty_portal: str) -> None:
    async with on_postgres(empty_portal, []) as portal:
        assert "Chưa có chương trình nào" in (await portal.get("/")).text
        assert (await portal.get("/api/report")).status_code == 404


# --- the event log ---


async def test_events_come_newest_first_page_by_page(portal: Portal, winter: Story) -> None:
    seen: list[tuple[str, int]] = []
    path, pages = "/api/events?limit=200", 0
    while True:
        found = (await portal.get(path, by=AUDITOR)).json()
        seen += [(item["service"], item["position"]) for item in found["items"]]
        pages += 1
        assert pages < 10
        if found["next"] is None:
            break
        path = f"/api/events?limit=200&cursor={found['next']}"
    expected = sorted(
        winter.told, key=lambda one: (one.recorded_at, one.service, one.position), reverse=True
    )
    assert seen == [(one.service, one.position) for one in expected]


async def test_events_are_filtered(portal: Portal, winter: Story) -> None:
    met = [one for one in winter.told if isinstance(one.event, NeedMet)]
    found = (await portal.get("/api/events?type=need-met&limit=200", by=AUDITOR)).json()["items"]
    assert len(found) == len(met) == 10
    stream = found[0]["stream"]
    of_stream = (await portal.get(f"/api/events?stream={stream}", by=AUDITOR)).json()["items"]
    assert [item["type"] for item in of_stream] == [
        "need-met",
        "need-reserved",
        "need-opened",
        "need-verified",
        "need-recorded",
    ]
    of_day = await portal.get("/api/events?since=2025-07-01&until=2025-07-01&limit=200")
    assert {item["type"] for item in of_day.json()["items"]} == {
        "unit-established",
        "unit-succeeded",
    }
    assert (await portal.get("/api/events?until=2024-01-01")).json()["items"] == []


async def test_figures_of_a_commune_lead_an_auditor_to_its_events(
    portal: Portal, winter: Story
) -> None:
    path = f"/api/events?type=need-recorded&unit_id={BA_VI}"
    found = (await portal.get(path, by=AUDITOR)).json()
    expected = [
        one
        for one in winter.told
        if isinstance(one.event, NeedRecorded) and one.event.unit_id == BA_VI
    ]
    assert len(found["items"]) == len(expected) == 12
    assert not found["withheld"]


@pytest.mark.parametrize(
    "asked",
    [
        "type=support-delivered",
        "type=direct-gift-recorded",
        "type=delivery-planned",
        f"unit_id={KHANH_THUONG}&type=need-recorded",
        f"stream=delivery-{SMALL_DELIVERY}",
    ],
)
async def test_events_of_children_are_withheld_however_they_are_asked_for(
    portal: Portal, asked: str
) -> None:
    public = (await portal.get(f"/api/events?{asked}")).json()
    assert (public["items"], public["withheld"]) == ([], True)
    assert (await portal.get(f"/api/events?{asked}", by=AUDITOR)).json()["items"]
    shown = text((await portal.get(f"/su-kien?{asked}")).text)
    assert "nếu có ở phần giữ lại thì không nêu" in shown


async def test_events_about_persons_are_for_auditors(portal: Portal, winter: Story) -> None:
    (granted,) = [one for one in winter.told if isinstance(one.event, RoleGranted)]
    path = f"/api/events/registry/{granted.position}"
    assert (await portal.get(path)).json()["code"] == "withheld"
    assert (await portal.get(path, by=AUDITOR)).json()["type"] == "role-granted"
    assert (await portal.get("/api/events?type=role-granted")).json()["items"] == []
    assert len((await portal.get("/api/events?type=role-granted", by=AUDITOR)).json()["items"]) == 1


async def test_an_event_says_why_and_what_it_caused(portal: Portal, winter: Story) -> None:
    met = next(one for one in winter.told if isinstance(one.event, NeedMet))
    effect = (await portal.get(f"/api/events/registry/{met.position}", by=AUDITOR)).json()
    cause = effect["because_of"]
    assert (cause["type"], cause["service"]) == ("support-delivered", "allocation")
    back = (await portal.get(f"/api/events/allocation/{cause['position']}", by=AUDITOR)).json()
    assert [(one["type"], one["position"]) for one in back["caused"]] == [
        ("need-met", met.position)
    ]
    page = text((await portal.get(f"/su-kien/registry/{met.position}", by=AUDITOR)).text)
    assert "Vì đã có Hỗ trợ đến nơi" in page


async def test_three_clicks_lead_from_a_figure_to_its_cause(portal: Portal) -> None:
    events = (await portal.get("/su-kien?type=need-met", by=AUDITOR)).text
    first = re.findall(r'<th scope="row"><a href="(/su-kien/registry/\d+)"', events)[0]
    event = (await portal.get(first, by=AUDITOR)).text
    (cause,) = re.findall(r'href="(/su-kien/allocation/\d+)"', event)
    shown = text((await portal.get(cause, by=AUDITOR)).text)
    for told in ("Xảy ra", "Ghi nhận", "Ai làm", "Vì sao"):
        assert told in shown


async def test_an_event_of_a_child_says_nothing_of_the_child(portal: Portal, winter: Story) -> None:
    recorded = next(one for one in winter.told if isinstance(one.event, NeedRecorded))
    shown = (await portal.get(f"/su-kien/registry/{recorded.position}", by=AUDITOR)).text
    for secret in (
        recorded.event.child_id,
        recorded.event.unit_id,
        recorded.event.household_id,
        "H120",
    ):
        assert str(secret) not in shown
    figure = next(one for one in winter.told if isinstance(one.event, UnitFigureDeclared))
    shown = (await portal.get(f"/su-kien/registry/{figure.position}", by=AUDITOR)).text
    assert f"/xa/{figure.event.unit_id}" in shown


async def test_what_makes_no_sense_in_the_form_is_left_out_and_told(portal: Portal) -> None:
    answer = await portal.get("/su-kien?since=yesterday&causation=that&unit_id=Ba+V%C3%AC&type=")
    assert answer.status_code == 200
    assert "Đã bỏ qua, vì không hiểu được: mã đơn vị, do sự kiện, từ ngày" in text(answer.text)


async def test_no_event_is_at_places_that_do_not_exist(portal: Portal) -> None:
    for place, status in (
        ("registry/0", 404),
        ("registry/9999999999999999999", 404),
        ("nowhere/1", 404),
        ("registry/99999999999999999999", 422),
        ("registry/-1", 422),
    ):
        assert (await portal.get(f"/su-kien/{place}")).status_code == status
        assert (await portal.get(f"/api/events/{place}")).status_code == status


async def test_a_cursor_of_another_list_is_refused(portal: Portal) -> None:
    gifts = (await portal.get("/api/gifts?limit=1")).json()["next"]
    assert (await portal.get(f"/api/events?cursor={gifts}")).status_code == 422


async def test_figures_come_from_the_pack_not_from_the_code(portal: Portal) -> None:
    found = await report(portal, by=AUDITOR)
    assert {one["code"] for one in found["communes"] if one["priority"]} == {
        "09703",
        "09709",
        "09712",
        "10504",
    }
    assert of(found, unit_id("09709"))["direct_gifts"] == 1
