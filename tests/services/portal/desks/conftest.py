"""A portal and the services that its desks ask, in one process."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode
from uuid import UUID

import httpx
import pytest

from services.portal.app import make_app
from services.portal.desks.services import Services
from tests.support.all_services import AllServices

KEEPER, OTHER_KEEPER, LAN = UUID(int=901), UUID(int=902), UUID(int=903)
CITY, COMMUNE = UUID(int=11), UUID(int=12)
SELECT = re.compile(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', re.DOTALL)
URLS = {
    name: f"http://{name}.test" for name in ("registry", "allocation", "donations", "notifications")
}


class Way(httpx.AsyncBaseTransport):
    """The way to the services: cut before they hear, or after they answered."""

    def __init__(self, all_services) -> None:
        self._apps = {
            f"{name}.test": httpx.ASGITransport(app=all_services.houses[name].client.app)
            for name in URLS
        }
        self.cut = ""
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request):
        self.sent.append(request)
        if self.cut == "before":
            raise httpx.ConnectError("cut")
        answer = await self._apps[request.url.host].handle_async_request(request)
        if self.cut == "after" and request.method != "GET":
            raise httpx.ReadError("cut")
        return answer


@dataclass
class Desks:
    services: AllServices
    way: Way
    client: httpx.AsyncClient

    @property
    def registry(self):
        return self.services.houses["registry"]

    async def get(self, path, by=KEEPER, **headers):
        return await self.client.get(path, headers=self._sent(by, headers))

    async def post(self, path, fields, by=KEEPER, **headers):
        body = urlencode(fields, doseq=True)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        sent = self._sent(by, headers) | kind
        answer = await self.client.post(path, content=body, headers=sent)
        self.services.settle()
        return answer

    async def sent(self, path, by, **typed):
        """A form that is filled in and accepted: the next page, as text."""
        answer = await self.post(path, await self.filled(path, by, **typed), by=by)
        assert answer.status_code == 303, text(answer.text)
        there = await self.get(answer.headers["location"], by)
        assert there.status_code == 200, text(there.text)
        assert "Đã ghi" in text(there.text)
        return there.text

    async def filled(self, path, by=KEEPER, **typed):
        """The fields of a form as a browser would send them, with what is typed into it."""
        return fields_of((await self.get(path, by)).text) | typed

    def _sent(self, by, headers):
        return headers if by is None else {"Authorization": f"Bearer {by}"} | headers


def fields_of(page):
    form = page[page.index('id="bieu-mau"') :]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and ('type="checkbox"' not in tag or " checked" in tag):
            several = 'type="checkbox"' in tag and unescape(name[1]) in found
            before = found.get(unescape(name[1])) if several else None
            found[unescape(name[1])] = unescape(value[1])
            if several:
                before = before if isinstance(before, list) else [before]
                found[unescape(name[1])] = [*before, unescape(value[1])]
    for name, options in SELECT.findall(form):
        if chosen := re.search(r'value="([^"]*)" selected', options):
            found[unescape(name)] = unescape(chosen[1])
    return found


def options_of(page, name):
    """What may be chosen of a field, by its words."""
    options = dict(SELECT.findall(page))[name]
    found = re.findall(r'<option value="([^"]+)"[^>]*>([^<]*)<', options)
    return {unescape(label): unescape(value) for value, label in found}


def text(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
async def desks():
    services = AllServices()
    way = Way(services)
    asked = Services(URLS, httpx.AsyncClient(transport=way))
    portal = services.houses["portal"]
    app = make_app(portal.house, services=asked)
    for keeper in (KEEPER, OTHER_KEEPER):
        services.grant(keeper, "organisation-keeper", CITY)
    body = {"code": "01", "name": "Hà Nội", "kind": "city", "valid_from": "2008-08-01"}
    services.done("registry", "PUT", f"/units/{CITY}", body, by=KEEPER)
    body = {"code": "09703", "name": "Ba Vì", "kind": "commune", "valid_from": "2019-01-01"}
    body["parent_id"] = str(CITY)
    services.done("registry", "PUT", f"/units/{COMMUNE}", body, by=KEEPER)
    services.done("registry", "PUT", f"/persons/{LAN}", {"name": "Bùi Thị Lan"}, by=KEEPER)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://portal.test"
    ) as client:
        yield Desks(services, way, client)
