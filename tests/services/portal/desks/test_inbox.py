"""Letters to whoever is signed in, and how many are unread."""

import pytest

from tests.services.notifications.news import PERSON, SPONSOR, arrived, react_now, registered
from tests.services.portal.desks.conftest import CITY, text
from tests.support.house import happened

SUBSCRIPTION = CITY


@pytest.fixture
def giver(desks):
    """Who has one letter in the inbox."""
    house = desks.services.houses["notifications"]
    house.rows.feed(happened(registered(SPONSOR, PERSON), service="donations"))
    asked = {"sponsor_id": str(SPONSOR), "channels": ["inbox"], "language": "vi"}
    house.call("PUT", f"/subscriptions/{SUBSCRIPTION}", asked, by=PERSON)
    react_now(house, arrived())
    return PERSON


async def test_what_is_unread_stands_on_the_first_page_until_it_is_read(desks, giver):
    assert "Hộp thư: 1 thư chưa đọc" in text((await desks.get("/viec-hom-nay", giver)).text)
    page = (await desks.get("/hop-thu", giver)).text
    assert "1 thư chưa đọc" in text(page)
    up_to = page.split('name="up_to" value="')[1].split('"')[0]
    for _ in range(2):
        answer = await desks.post("/hop-thu/da-doc", {"up_to": up_to}, by=giver)
        assert answer.status_code == 303
    there = (await desks.get(answer.headers["location"], giver)).text
    assert "Đã đọc hết" in text(there)
    assert "up_to" not in there
    assert "chưa đọc" not in text((await desks.get("/viec-hom-nay", giver)).text)


async def test_an_empty_inbox_says_what_to_do(desks):
    assert "Chưa có thư nào cho bạn" in text((await desks.get("/hop-thu")).text)


async def test_a_silent_service_takes_nothing_else_away(desks, giver):
    desks.way.cut = "before"
    assert (await desks.get("/viec-hom-nay", giver)).status_code == 200
    assert (await desks.get("/hop-thu", giver)).status_code == 503


async def test_what_is_no_instant_is_refused(desks, giver):
    answer = await desks.post("/hop-thu/da-doc", {"up_to": "x"}, by=giver)
    assert answer.status_code == 422
    assert (await desks.get("/hop-thu", by=None)).status_code == 401
