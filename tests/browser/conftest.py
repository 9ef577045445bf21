"""A real Chromium before the desks, which run with their services in this process.

Chromium is the one that is installed (`make browser`); elsewhere these tests are skipped, in one
visible line. Who is signed in is said by a header: signing in has tests of its own.
"""

import asyncio
import shutil
import socket
import threading
import time
from urllib.request import urlopen

import httpx
import pytest
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from services.portal.app import make_app
from services.portal.desks.services import Services
from tests.services.portal.desks.conftest import CITY, COMMUNE, KEEPER, LAN, OTHER_KEEPER, URLS, Way
from tests.support.all_services import AllServices

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
STARTED_WITHIN_S = 20


class World:
    """`at` is where the portal answers; `way` leads from it to the services."""

    def __init__(self, services: AllServices) -> None:
        self.services = services
        self.way = Way(services)
        asked = Services(URLS, httpx.AsyncClient(transport=self.way))
        self.app = make_app(services.houses["portal"].house, services=asked)
        self.port = a_free_port()
        self.at = f"http://127.0.0.1:{self.port}"

    def serve(self):
        return served(self.app, self.port, "/portal.css")


def a_free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def served(app, port, ready):
    """Until what is returned is called. `ready` answers as soon as it does."""
    server = Server(
        app,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    until = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < until:
        try:
            urlopen(f"http://127.0.0.1:{port}{ready}", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server.stop
    raise AssertionError("it did not start")


def an_organisation() -> AllServices:
    """A city with a commune, two keepers, and somebody whose role ends."""
    services = AllServices()
    for keeper in (KEEPER, OTHER_KEEPER):
        services.grant(keeper, "organisation-keeper", CITY)

    def done(path, body):
        services.done("registry", "PUT", path, body, by=KEEPER)

    unit = {"code": "01", "name": "Hà Nội", "kind": "city", "valid_from": "2008-08-01"}
    done(f"/units/{CITY}", unit)
    unit = {"code": "09703", "name": "Ba Vì", "kind": "commune", "valid_from": "2019-01-01"}
    done(f"/units/{COMMUNE}", unit | {"parent_id": str(CITY)})
    done(f"/persons/{LAN}", {"name": "Bùi Thị Lan"})
    role = {"role": "verifier", "unit_id": str(COMMUNE), "valid_from": "2024-09-01"}
    done(f"/persons/{LAN}/roles/{COMMUNE}", role | {"valid_until": "2024-10-20"})
    return services


@pytest.fixture(scope="module")
def chromium():
    """Of a module: Playwright runs a loop in this thread, beside which no other test could."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: `make browser` as root, where it can be had")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - needs what is skipped for

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def world(chromium):
    made = World(an_organisation())
    stop = made.serve()
    yield made
    stop()


@pytest.fixture
def visit(world, chromium):
    """Opens a page as a browser of this width would, and closes it after the test."""
    contexts = []

    def open_(path="/viec-hom-nay", width=1280, by=KEEPER, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": 740},
            extra_http_headers={"Authorization": f"Bearer {by}"},
            locale="vi-VN",
            bypass_csp=True,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(world.at + path)
        return page

    yield open_
    for context in contexts:
        context.close()
