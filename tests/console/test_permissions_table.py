"""docs/permissions.md says what the doors ask, of every route."""

from importlib import import_module

import pytest
from fastapi.routing import APIRoute

from console.addresses import SERVICES
from console.permissions_table import DOCUMENT, EVERY_SERVICE, document, entries
from tests.support.house import HouseForTests


def test_the_document_is_what_the_doors_ask():
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "make docs writes it again"


@pytest.mark.parametrize("service", SERVICES)
def test_no_route_is_left_out(service):
    house = HouseForTests(service, import_module(f"services.{service}.app").make_app)
    found = entries()
    told = {(one.method, one.path, one.name) for one in found[service] + found[EVERY_SERVICE]}
    served = {
        (method, route.path, house.house.permissions[route.endpoint].name)
        for route in house.client.app.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert served
    assert served <= told
