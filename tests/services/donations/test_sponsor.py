from dataclasses import replace
from datetime import datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.sealed import Sealed
from services.donations.domain.sponsor import (
    CheckSponsorRegistered,
    RegisterSponsor,
    SponsorNotRegistered,
    SponsorRegisteredOtherwise,
    sponsor,
)
from tests.services.donations.examples import (
    COORDINATOR,
    GIVER,
    KEY,
    MONDAY,
    SPONSOR,
    STOREKEEPER,
    TUESDAY,
    sponsor_registered,
)
from tests.support.repeating import assert_repeating_changes_nothing
from tests.support.spec import Given


def register(
    *, by: UUID = COORDINATOR, name: str = "bmFtZQ==", at: datetime = MONDAY
) -> RegisterSponsor:
    return RegisterSponsor(
        sponsor_id=SPONSOR,
        person_id=GIVER,
        kind="enterprise",
        public_name="Công ty May Việt Ngọc",
        name=Sealed(KEY, name),
        email=None,
        language="vi",
        illustrative=True,
        registered_by=by,
        happened_at=at,
    )


def test_a_sponsor_is_registered() -> None:
    Given(sponsor).when(register()).then(sponsor_registered)


def test_asking_again_later_changes_nothing() -> None:
    Given(sponsor, sponsor_registered).when(register(at=TUESDAY)).then_nothing()


def test_another_name_is_another_sponsor() -> None:
    other = register(name="b3RoZXI=")
    Given(sponsor, sponsor_registered).when(other).then_rejected(SponsorRegisteredOtherwise)


def test_another_registrar_is_not_the_same_registration() -> None:
    other = register(by=STOREKEEPER)
    Given(sponsor, sponsor_registered).when(other).then_rejected(SponsorRegisteredOtherwise)


def test_a_registered_sponsor_passes_the_check() -> None:
    Given(sponsor, sponsor_registered).when(CheckSponsorRegistered()).then_nothing()


def test_an_unknown_sponsor_does_not() -> None:
    Given(sponsor).when(CheckSponsorRegistered()).then_rejected(SponsorNotRegistered)


commands = st.builds(
    register,
    by=st.sampled_from([COORDINATOR, STOREKEEPER]),
    name=st.sampled_from(["bmFtZQ==", "b3RoZXI="]),
    at=st.sampled_from([MONDAY, TUESDAY]),
)


@given(st.lists(commands, max_size=3), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[RegisterSponsor], command: RegisterSponsor
) -> None:
    assert_repeating_changes_nothing(sponsor, history, command)


def test_what_happened_otherwise_keeps_its_own_time() -> None:
    later = replace(sponsor_registered, happened_at=TUESDAY)
    Given(sponsor, later).when(register(at=MONDAY)).then_nothing()
