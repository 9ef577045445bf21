"""The auditor's desk on PostgreSQL: what came since the last visit, and where each leads."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest

from contracts.allocation import DeliveryLineSubstituted, DeliveryLineSubstitutionRefused
from eventing.clock import system_clock
from notary.checkpoint_topic import LOGS
from services.portal.app import make_app
from services.portal.desks.auditor.routes import COOKIE
from services.portal.lateness import DAY_S, lateness
from services.portal.neighbours import Neighbours
from services.portal.read_models.events_seen import SERVICES
from tests.services.portal.conftest import on_postgres
from tests.services.portal.story import AUDITOR, COORDINATOR, OFFICER, SEALED, VISITOR
from tests.services.portal.test_checking import answering
from tests.services.portal.test_pages import text
from tests.services.portal.winter import a_winter
from tests.support.checkpoints import ORIGIN, publish

KINDS = (
    "recorded-late",
    "signed-by-proxy",
    "substituted",
    "receipt-cancelled",
    "report-reissued",
    "names-opened",
    "reaction-refused",
    "stream-skipped",
)
PARKED = [
    {
        "consumer": "lines",
        "source": "registry",
        "stream": "need-1",
        "first_position": 3,
        "last_position": 4,
        "records": 2,
        "error": "no such row",
        "attempts": 3,
        "parked_at": "2025-08-01T00:00:00Z",
    }
]


def verdict(service, finding="cosigned", size=7, **more):
    return {"origin": f"{ORIGIN}/{service}", "finding": finding, "size": size, "at": 0} | more


WITNESS = "https://witness.test"
URLS = {service: f"https://{service}.test" for service in SERVICES}


def neighbours(answers=None, witness=None):
    nothing = {f"https://{service}.test/parked": "[]" for service in SERVICES}
    return Neighbours(URLS, witness, URLS, answering(nothing | (answers or {})))


@pytest.fixture
async def desk(of_the_winter):
    """The portal, its neighbours without anything parked, and no witness."""
    async with on_postgres(
        of_the_winter, make_app=lambda house: make_app(house, neighbours())
    ) as portal:
        yield portal


async def seen(portal, path="/api/desk", by=AUDITOR):
    answer = await portal.get(path, by=by)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(found):
    return {each["kind"]: each["count"] for each in found["exceptions"]}


async def test_it_is_for_auditors(desk):
    for path in (
        "/api/desk",
        "/ban-kiem-tra",
        "/ban-kiem-tra/doi-chieu",
        "/api/desk/recorded-late",
    ):
        assert (await desk.get(path)).status_code == 401
        assert (await desk.get(path, by=OFFICER)).status_code == 403


async def test_each_kind_of_exception_is_found(desk, winter):
    found = await seen(desk)
    assert counts(found) == dict.fromkeys(KINDS, 1)
    assert [each["newest"][0]["type"] for each in found["exceptions"]] == [
        "direct-gift-recorded",
        "delivery-line-signed",
        "delivery-line-substituted",
        "receipt-cancelled",
        "report-reissued",
        "names-opened",
        "reaction-refused",
        "parked-stream-skipped",
    ]
    heads: dict[str, int] = {}
    for one in winter.told:
        heads[one.service] = max(one.position, heads.get(one.service, 0))
    assert found["as_of"] == heads


async def test_each_exception_leads_to_its_event_and_that_to_who_when_and_why(desk):
    page = (await desk.get("/ban-kiem-tra", by=AUDITOR)).text
    links = re.findall(r'<th scope="row"><a href="(/su-kien/[a-z]+/\d+)"', page)
    assert len(links) == len(KINDS)
    for link in links:
        event = await desk.get(link, by=AUDITOR)
        assert event.status_code == 200
        for told in ("Xảy ra", "Ghi nhận", "Ai làm", "Vì sao"):
            assert told in text(event.text)


async def test_a_cancelled_receipt_says_its_number_and_why(desk):
    page = (await desk.get("/ban-kiem-tra", by=AUDITOR)).text
    (link,) = re.findall(r'href="(/su-kien/donations/\d+)">Hủy phiếu', page)
    shown = text((await desk.get(link, by=AUDITOR)).text)
    for told in ("book A", "number 6", "reason wrong-giver", "year 2024"):
        assert told in shown
    assert "phiếu bị hủy" not in text(page)


async def test_a_refused_substitution_stands_beside_it_and_neither_says_who(empty_portal):
    story = a_winter()
    given = next(one for one in story.told if isinstance(one.event, DeliveryLineSubstituted))
    refused = DeliveryLineSubstitutionRefused(
        delivery_id=given.event.delivery_id,
        programme_id=given.event.programme_id,
        line_id=given.event.line_id,
        need_id=given.event.need_id,
        unit_id=given.event.unit_id,
        reason=SEALED,
        refused_by=COORDINATOR,
        happened_at=story.at,
    )
    story.allocation(given.stream, refused)
    async with on_postgres(
        empty_portal, story.told, lambda house: make_app(house, neighbours())
    ) as portal:
        page = (await portal.get("/ban-kiem-tra", by=AUDITOR)).text
        links = [
            re.search(rf'href="(/su-kien/allocation/\d+)">{said}', page)
            for said in ("Trao cho trẻ em khác", "Không xác nhận việc thay")
        ]
        assert counts(await seen(portal))["substituted"] == 2
        for link in links:
            told = (await portal.get(link[1], by=AUDITOR)).text
            assert str(given.event.line_id) in told
            for hidden in ("child_id", "replaced_child_id", "need_id", "reason"):
                assert str(getattr(given.event, hidden)) not in told
    assert "được thay" not in text(page)


async def test_who_opened_names_is_told_with_how_many_and_what_for(desk):
    (found,) = [each for each in (await seen(desk))["exceptions"] if each["kind"] == "names-opened"]
    (newest,) = found["newest"]
    assert newest["actor"] == str(VISITOR)
    assert (newest["facts"]["children"], newest["facts"]["purpose"]) == (2, "visit")
    for path in ("/ban-kiem-tra", "/ban-kiem-tra/ngoai-le/names-opened"):
        page = (await desk.get(path, by=AUDITOR)).text
        (row,) = re.findall(
            r'<tr>\s*<th scope="row"><a href="/su-kien/registry/\d+">Mở xem tên.*?</tr>',
            page,
            re.DOTALL,
        )
        assert text(row).endswith(f"{str(VISITOR)[:8]} 2 thăm hỏi")
        assert "ai đã mở tên của ai" not in text(page)
    (link,) = re.findall(r'href="(/su-kien/registry/\d+)">Mở xem tên', page)
    told = text((await desk.get(link, by=AUDITOR)).text)
    for child in newest["facts"]["child_ids"].split(", "):
        assert child in told
    assert (await desk.get(link)).status_code == 403
    assert (await desk.get(link, by=OFFICER)).status_code == 403


async def test_a_reissued_report_is_told_with_its_issue_and_how_many_figures_changed(desk):
    (found,) = [
        each for each in (await seen(desk))["exceptions"] if each["kind"] == "report-reissued"
    ]
    (newest,) = found["newest"]
    assert (newest["facts"]["issue"], newest["facts"]["changed_figures"]) == (2, 2)
    for path in ("/ban-kiem-tra", "/ban-kiem-tra/ngoai-le/report-reissued"):
        page = (await desk.get(path, by=AUDITOR)).text
        (row,) = re.findall(
            r'<tr>\s*<th scope="row"><a href="/su-kien/registry/\d+">Phát hành lại.*?</tr>',
            page,
            re.DOTALL,
        )
        assert text(row).endswith(f"{str(COORDINATOR)[:8]} 2 2")
        assert "Chỉ tiêu thay đổi" in text(page)
    (link,) = re.findall(r'href="(/su-kien/registry/\d+)">Phát hành lại báo cáo', page)
    told = text((await desk.get(link, by=AUDITOR)).text)
    for fact in ("reason late-fact", "issue 2", "changed_figures 2", "Báo cáo tháng, biểu 02"):
        assert fact in told
    # Its stream holds the issue that was sent before, as it was.
    (stream,) = set(re.findall(r'href="(/su-kien\?stream=report-[^"]+)"', page))
    story = text((await desk.get(stream, by=AUDITOR)).text)
    for told_before in ("Lập báo cáo", "Ký báo cáo", "Gửi báo cáo"):
        assert told_before in story


async def test_every_kind_of_exception_is_kept_here(desk):
    assert "Chưa ghi nhận" not in text((await desk.get("/ban-kiem-tra", by=AUDITOR)).text)


async def test_what_runs_wrong_is_told_to_auditors_alone(desk):
    page = (await desk.get("/ban-kiem-tra", by=AUDITOR)).text
    (refused,) = re.findall(r'href="(/su-kien/allocation/\d+)">Phản ứng bị từ chối', page)
    assert (await desk.get(refused)).status_code == 403


async def test_since_the_last_visit_there_is_only_what_came_after(desk, winter):
    as_of = (await seen(desk))["as_of"]
    everything = ",".join(f"{service}:{at}" for service, at in as_of.items())
    assert counts(await seen(desk, f"/api/desk?since={everything}")) == dict.fromkeys(KINDS, 0)
    refused = next(one for one in winter.told if one.stream.startswith("reaction-refused-"))
    before = f"registry:9999,allocation:{refused.position - 1},donations:9999,portal:1"
    only = counts(await seen(desk, f"/api/desk?since={before}"))
    assert only == {**dict.fromkeys(KINDS, 0), "reaction-refused": 1}


async def test_an_empty_list_says_up_to_which_position(desk):
    as_of = (await seen(desk))["as_of"]
    everything = ",".join(f"{service}:{at}" for service, at in as_of.items())
    shown = text((await desk.get(f"/ban-kiem-tra?since={everything}", by=AUDITOR)).text)
    at = f"{as_of['registry']:,}".replace(",", ".")
    empty = f"Không có, tính đến vị trí Nhu cầu {at}"
    assert shown.count(empty) == len(KINDS) + 1


async def test_the_browser_keeps_the_mark_of_the_last_visit(desk):
    page = html.unescape((await desk.get("/ban-kiem-tra", by=AUDITOR)).text)
    assert "Chưa có lần xem trước" in page
    (mark,) = re.findall(r'href="(/ban-kiem-tra\?moc=[^"]+)"', page)
    kept = await desk.get(mark, by=AUDITOR)
    cookie = kept.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    again = await desk.get("/ban-kiem-tra", by=AUDITOR)
    assert "set-cookie" not in again.headers
    assert "Không có, tính đến vị trí" in again.text
    assert '<span class="tally some">' not in again.text
    # The mark is on no list of positions that anybody could read or write.
    assert "registry" not in parse_qs(urlsplit(mark).query)["moc"][0]


async def test_nobody_elses_mark_makes_an_auditor_pass_over_anything(desk, winter):
    other = UUID(int=4711)
    page = html.unescape((await desk.get("/ban-kiem-tra", by=AUDITOR)).text)
    (mark,) = re.findall(r'href="(/ban-kiem-tra\?moc=[^"]+)"', page)
    altered = mark[:-4] + ("AAAA" if not mark.endswith("AAAA") else "BBBB")
    refused = await desk.get(altered, by=AUDITOR)
    assert refused.status_code == 422
    assert "set-cookie" not in refused.headers
    house = desk.house
    stolen = house.cursors.seal(f"desk of {other}", dict.fromkeys(SERVICES, 9999))
    assert (await desk.get(f"/ban-kiem-tra?moc={stolen}", by=AUDITOR)).status_code == 422
    cookie = {"Cookie": f"{COOKIE}={stolen}"}
    assert (
        '<span class="tally some">' in (await desk.get("/ban-kiem-tra", by=AUDITOR, **cookie)).text
    )


@pytest.mark.parametrize(
    "since", ["registry", "nowhere:1", "registry:x", "registry:-1", "registry:1;donations:2"]
)
async def test_what_is_no_position_is_refused(desk, since):
    answer = await desk.get("/api/desk", by=AUDITOR, params={"since": since})
    assert (answer.status_code, answer.json()["code"]) == (422, "since-not-valid")


async def test_all_of_a_kind_come_page_by_page_newest_first(empty_portal):
    story = a_winter()
    line = next(one for one in story.told if getattr(one.event, "signed_as", "") == "proxy")
    for _ in range(14):
        story.at += timedelta(days=1)
        story.allocation(line.stream, line.event)
    async with on_postgres(
        empty_portal, story.told, lambda house: make_app(house, neighbours())
    ) as portal:
        page = (await portal.get("/ban-kiem-tra", by=AUDITOR)).text
        (more,) = re.findall(r'href="(/ban-kiem-tra/ngoai-le/signed-by-proxy[^"]*)"', page)
        assert text((await portal.get(more, by=AUDITOR)).text).count("Ký nhận") == 15
        found, path = [], "/api/desk/signed-by-proxy?limit=4"
        for _ in range(4):
            part = await seen(portal, path)
            found += part["items"]
            path = f"/api/desk/signed-by-proxy?limit=4&cursor={part['next']}"
        assert part["next"] is None
        assert len({each["position"] for each in found}) == len(found) == 15
        assert found == sorted(found, key=lambda each: each["recorded_at"], reverse=True)
        # Recorded days after it happened, so late as well, but only after the days of its type.
        late = [one for one in story.told if one.event is line.event][1:]
        counted = sum(
            (one.recorded_at - one.event.happened_at).total_seconds() >= 2 * DAY_S for one in late
        )
        assert counts(await seen(portal))["recorded-late"] == 1 + counted


async def test_no_kind_that_is_not_there(desk):
    assert (await desk.get("/ban-kiem-tra/ngoai-le/odd", by=AUDITOR)).status_code == 404


def test_from_when_on_something_is_late_is_data_of_the_programme():
    late = lateness()
    assert late.other == 3 * DAY_S
    assert late.of["delivery-line-signed"] == 2 * DAY_S
    assert "unit-established" in late.never
    assert min(late.of.values()) >= DAY_S


# --- checkpoints, witness, parked, digests ---


def of(found, service):
    return next(each for each in found["logs"] if each["service"] == service)


async def test_the_age_of_each_checkpoint_is_told(desk, winter):
    publish(desk.house, "registry", 100, system_clock() - timedelta(minutes=3))
    found = await seen(desk)
    registry = of(found, "registry")
    assert 180 <= registry["age_s"] < 240
    assert registry["checkpoint"]["size"] == 100
    assert registry["seen"] == found["as_of"]["registry"] > 100
    assert of(found, "donations")["checkpoint"] is None
    shown = text((await desk.get("/ban-kiem-tra", by=AUDITOR)).text)
    assert "Mốc mới nhất 3 phút trước" in shown
    assert shown.count("Mốc mới nhất chưa có") == len(LOGS) - 1
    assert "Chưa có nhân chứng nào được cấu hình" in shown


async def with_neighbours(of_the_winter, there, path="/ban-kiem-tra"):
    async with on_postgres(of_the_winter, make_app=lambda house: make_app(house, there)) as portal:
        for service in LOGS:
            publish(portal.house, service, 7, datetime.now(UTC))
        data = await seen(portal)
        return data, (await portal.get(path, by=AUDITOR)).text


async def test_the_witnesss_verdict_is_told_as_it_says(of_the_winter):
    said = json.dumps(
        [
            verdict("registry"),
            verdict("donations", "forked", says="7 records do not begin with the 5", refused="x"),
            verdict("allocation", "silent", size=0),
        ]
    )
    there = neighbours({f"{WITNESS}/": said}, WITNESS)
    data, page = await with_neighbours(of_the_winter, there)
    assert [of(data, service)["verdict"]["finding"] for service in LOGS] == [
        "cosigned",
        "forked",
        "silent",
        "not-watched",
    ]
    shown = text(page)
    assert "TỪ CHỐI: lịch sử khác" in shown
    assert "7 records do not begin with the 5" in shown
    assert page.count('class="card alarm"') == 1
    assert "Chưa có nhân chứng" not in shown


@pytest.mark.parametrize("said", [None, "<html>", '[{"origin": "x", "finding": "fine"}]'])
async def test_a_witness_that_says_nothing_of_use_is_silent(of_the_winter, said):
    there = neighbours({} if said is None else {f"{WITNESS}/": said}, WITNESS)
    data, page = await with_neighbours(of_the_winter, there)
    assert {of(data, service)["verdict"]["finding"] for service in LOGS} == {"witness-silent"}
    assert "nhân chứng không trả lời" in text(page)


async def test_parked_streams_lead_to_their_events_and_silence_is_not_none(of_the_winter):
    there = neighbours({"https://donations.test/parked": json.dumps(PARKED)})
    there.services = {name: url for name, url in URLS.items() if name != "allocation"}
    _, page = await with_neighbours(of_the_winter, there)
    assert 'href="/su-kien/registry/3"' in page
    assert 'href="/su-kien?stream=need-1"' in page
    assert "Phân bổ: không biết" in text(page)
    assert "no such row" in page


async def test_the_services_are_asked_with_the_auditors_own_token(of_the_winter):
    asked = []

    async def answer(request):
        asked.append((str(request.url), request.headers.get("authorization")))
        return httpx.Response(200, text="[]")

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    there = Neighbours(URLS, WITNESS, URLS, client)
    await with_neighbours(of_the_winter, there)
    given = dict(asked)
    assert given["https://registry.test/parked"] == f"Bearer {AUDITOR}"
    assert given[f"{WITNESS}/"] is None


async def test_live_digests_stand_beside_their_positions(of_the_winter):
    base = "https://registry.test/read-models"
    there = neighbours(
        {
            base: json.dumps(
                [
                    {"name": "needs", "version": 1, "private": False, "positions": {}},
                    {"name": "names", "version": 1, "private": True, "positions": {}},
                ]
            ),
            f"{base}/needs/digest": json.dumps(
                {"name": "needs", "version": 1, "digest": "ab" * 32, "positions": {"registry": 12}}
            ),
        }
    )
    path = "/ban-kiem-tra/doi-chieu?service=registry"
    _, page = await with_neighbours(of_the_winter, there, path)
    shown = text(page)
    assert "needs registry:12 " + "ab" * 32 in shown
    assert "names" not in shown


async def test_a_service_that_gives_no_digests_is_told(desk):
    page = await desk.get("/ban-kiem-tra/doi-chieu", by=AUDITOR)
    assert "Cổng thông tin: không trả lời" in text(page.text)
    assert (await desk.get("/ban-kiem-tra/doi-chieu?service=x", by=AUDITOR)).status_code == 404
