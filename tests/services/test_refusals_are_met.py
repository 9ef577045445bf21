"""Each rejection that a route names is met in a test that goes through the door of its service.

Told by its code, which such a test compares: a code that stands in none was never seen refused.
"""

from pathlib import Path

import pytest

from tests.support.house import HouseForTests
from tests.support.services import SERVICES

HERE = Path(__file__).parent


def named(service):
    """The codes that the routes of a service name, the door's own aside."""
    refuses = HouseForTests(service, SERVICES[service]).client.app.state.refuses
    own = f"services.{service}."
    return {one.code for each in refuses.values() for one in each if one.__module__.startswith(own)}


def through_the_door(service):
    """What the tests say that compare an answer of the service."""
    texts = [file.read_text() for file in (HERE / service).rglob("*.py")]
    return "".join(text for text in texts if "refused(" in text or "status_code" in text)


@pytest.mark.parametrize("service", SERVICES)
def test_each_rejection_that_a_route_names_is_met_through_the_door(service):
    codes, tried = named(service), through_the_door(service)
    assert codes
    unmet = {code for code in codes if f'"{code}"' not in tried}
    assert unmet == set()
