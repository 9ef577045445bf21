"""A service's README names each of its routes with who may, each event it publishes, each table."""

import importlib
import re
from pathlib import Path

import pytest

from contracts.event import declarations
from tests.support.house import HouseForTests
from tests.support.services import SERVICES

ROOT = Path(__file__).parents[2]
ROUTE = re.compile(r"`(?:(GET|PUT|POST|DELETE) )?(…?/[^`?]*)[^`]*`")
TABLES = ("| Route ", "| Page ", "| Address ")
STYLE = "/portal.css"


def readme(service):
    return (ROOT / "services" / service / "README.md").read_text()


def rows(service):
    """Each route that a table of routes names, with who may; a page is for GET."""
    inside = False
    for line in readme(service).splitlines():
        if line.startswith(TABLES):
            inside, of_pages = True, line.startswith("| Page | Data ")
        inside = inside and line.startswith("|")
        if not inside:
            continue
        _, first, second, *_ = line.split("|")
        last = ("GET", "")
        for method, path in ROUTE.findall(first + second if of_pages else first):
            further = path.startswith("…")
            whole = last[1].rpartition("/")[0] + path[1:] if further else path
            last = (method or (last[0] if further else "GET"), whole)
            yield last, second


DECLARED = tuple(f"services.portal.desks.{each}" for each in ("form_pages", "list_pages", "card"))
"""Whose pages a desk declares: a table of them is written (docs/permissions.md)."""


def routes(service):
    app = HouseForTests(service, SERVICES[service]).client.app
    own = f"services.{service}"
    return {
        (method, route.path.replace(":path", "")): app.state.house.permissions[route.endpoint]
        for route in app.routes
        if getattr(route, "endpoint", None) in app.state.house.permissions
        and route.endpoint.__wrapped__.__module__.startswith(own)
        and route.endpoint.__wrapped__.__module__ not in DECLARED
        for method in route.methods - {"HEAD"}
    }


@pytest.mark.parametrize("service", SERVICES)
def test_each_route_is_told_and_none_that_is_not(service):
    there, told = routes(service).keys(), [route for route, _ in rows(service)]
    assert there
    assert sorted(told) == sorted(there - {("GET", STYLE)})


@pytest.mark.parametrize("service", sorted(SERVICES.keys() - {"portal"}))
def test_who_may_is_told(service):
    may, told = routes(service), dict(rows(service))
    missing = [
        (route, role)
        for route, who in told.items()
        for role in may[route].roles or ()
        if role not in (told[as_one[0]] if (as_one := ROUTE.findall(who)) else who)
    ]
    assert missing == []


@pytest.mark.parametrize("service", SERVICES)
def test_each_event_is_told(service):
    published = {one.name for one in declarations.values() if one.service == service}
    _, _, after = readme(service).partition("\nOut: ")
    told = re.findall(r"`([a-z-]+)`", after.partition("\n\n")[0])
    assert sorted(told) == sorted(published)


@pytest.mark.parametrize("service", SERVICES)
def test_each_table_is_told(service):
    models = importlib.import_module(f"services.{service}.read_models").READ_MODELS
    _, _, after = readme(service).partition("\n## Read models\n")
    told = re.findall(r"`([a-z_]+)`", after.partition("\n## ")[0])
    assert {model.name.replace("-", "_") for model in models} - set(told) == set()
