"""Donations behind its real door, with one person for each role."""

import pytest

from services.donations.app import make_app
from tests.services.donations.door import DonationsDoor
from tests.support.house import HouseForTests


@pytest.fixture
def door():
    return DonationsDoor(HouseForTests("donations", make_app))
