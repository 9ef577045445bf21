"""A giver who agreed is named on the pages, and no longer when they withdraw it."""

import httpx
import pytest

from services.donations.app import make_app as donations_app
from services.portal import neighbours
from services.portal.app import make_app
from services.portal.neighbours import Neighbours
from services.portal.publications import MemoryPublications
from tests.services.donations.door import DonationsDoor
from tests.services.donations.examples import CONTRIBUTION, GIVER, SPONSOR
from tests.support.answers import accepted, shown
from tests.support.house import HouseForTests, happened
from tests.support.in_clear import in_clear

NAME, PATH = "Bà Nguyễn Thị Lan", f"/sponsors/{SPONSOR}/public-name"


class Both:
    """Donations, and the portal that asks it for names."""

    def __init__(self) -> None:
        self.donations = DonationsDoor(HouseForTests("donations", donations_app))
        self.donations.register_sponsor(kind="individual", public_name=None)
        self.donations.open_fund()
        self.donations.open_campaign()
        self.donations.given_accepted()
        transport = httpx.ASGITransport(self.donations.house.client.app)
        asks = Neighbours(
            {"donations": "http://donations"}, client=httpx.AsyncClient(transport=transport)
        )
        self.portal = HouseForTests(
            "portal", lambda house: make_app(house, asks, publications=MemoryPublications())
        )
        self.portal.rows.feed(happened(*self.donations.events(), service="donations"))

    def pages(self) -> list[str]:
        paths = (f"/qua/{CONTRIBUTION}", "/qua", f"/api/gifts/{CONTRIBUTION}", "/api/gifts")
        answers = [self.portal.get(path, by=None) for path in paths]
        assert {answer.status_code for answer in answers} == {200}
        return [answer.text for answer in answers]


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Both:
    monkeypatch.setattr(neighbours, "KEPT_S", 0.0)
    return Both()


def test_who_agreed_is_named_until_they_withdraw_it(both: Both) -> None:
    assert not any(NAME in page for page in both.pages())
    accepted(both.donations.put(PATH, {"public_name": NAME}, by=GIVER))
    assert all(NAME in page for page in both.pages())
    accepted(both.donations.post(f"{PATH}/withdrawal", by=GIVER))
    assert not any(NAME in page for page in both.pages())
    for house in (both.donations.house, both.portal):
        for stored in house.store._log:
            assert NAME not in in_clear(stored.record)
    assert NAME not in repr(both.portal.rows._rows)


async def test_who_was_erased_is_named_no_more(both: Both) -> None:
    accepted(both.donations.put(PATH, {"public_name": NAME}, by=GIVER))
    await both.donations.house.sealer.destroy(SPONSOR, "publicity")
    assert shown(both.donations.get(f"/public-names?sponsor_id={SPONSOR}", by=None)) == {
        "items": []
    }


def test_nobody_is_named_where_donations_is_not_reached(both: Both) -> None:
    accepted(both.donations.put(PATH, {"public_name": NAME}, by=GIVER))
    alone = HouseForTests(
        "portal", lambda house: make_app(house, publications=MemoryPublications())
    )
    alone.rows.feed(happened(*both.donations.events(), service="donations"))
    assert NAME not in alone.get(f"/qua/{CONTRIBUTION}", by=None).text
