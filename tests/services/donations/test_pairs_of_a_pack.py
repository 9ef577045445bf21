"""Pairs of two persons that a programme's pack adds hold for a gift from its announcement on."""

import shutil
from uuid import UUID

import pytest

from contracts.donations import ContributionAnnounced
from contracts.two_persons import TwoPersons
from programmes import packs
from services.donations.app import make_app
from tests.programmes.conftest import CACHES
from tests.services.donations.door import CITY, DonationsDoor
from tests.services.donations.examples import ACCOUNTANT, COORDINATOR, STOREKEEPER
from tests.support.answers import accepted, refused
from tests.support.house import HouseForTests

PAIRS = """two_persons = [
    ["announced", "received"],
    ["announced", "inspected"],
    ["announced", "receipted"],
    ["received", "correction-proposed"],
]
"""
OTHER_ACCOUNTANT = UUID(int=61)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The plan's pack, with these pairs besides."""
    root = tmp_path_factory.mktemp("packs")
    pack = root / "hanoi-3874"
    shutil.copytree(packs.FOLDER / "hanoi-3874", pack)
    version = pack / "versions" / "1.toml"
    text = version.read_text(encoding="utf-8")
    version.write_text(text.replace("version = 1\n", f"version = 1\n{PAIRS}", 1), encoding="utf-8")
    (pack / "versions.lock").unlink()
    packs.lock_new_versions(pack)
    return root


@pytest.fixture
def door(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "ROOTS", [folder])
        for cache in CACHES:
            cache.cache_clear()
        one = DonationsDoor(HouseForTests("donations", make_app))
        for person, role in (
            (COORDINATOR, "storekeeper"),
            (COORDINATOR, "accountant"),
            (OTHER_ACCOUNTANT, "accountant"),
        ):
            one.house.grant(person, role, CITY)
        one.given_a_campaign()
        yield one
    for cache in CACHES:
        cache.cache_clear()


def test_they_are_frozen_when_it_is_announced(door):
    accepted(door.announce(pledge_id=None))
    announced = door.events()[-1]
    assert isinstance(announced, ContributionAnnounced)
    assert announced.two_persons == (
        TwoPersons(first="announced", second="inspected"),
        TwoPersons(first="announced", second="receipted"),
        TwoPersons(first="announced", second="received"),
        TwoPersons(first="correction-proposed", second="received"),
    )


def test_each_step_asks_for_them(door):
    accepted(door.announce(pledge_id=None))
    assert refused(door.receive(by=COORDINATOR), 403, "involved-cannot-receive") == {
        "role": "announced"
    }
    accepted(door.receive())
    assert refused(door.inspect(by=COORDINATOR), 403, "involved-cannot-inspect") == {
        "role": "announced"
    }
    accepted(door.inspect())
    accepted(door.accept())
    told = refused(door.receipt(by=COORDINATOR), 403, "involved-cannot-issue-receipt")
    assert told == {"role": "announced"}
    told = refused(
        door.propose_correction(by=STOREKEEPER), 403, "involved-cannot-propose-correction"
    )
    assert told == {"role": "received"}
    accepted(door.propose_correction(by=ACCOUNTANT))
