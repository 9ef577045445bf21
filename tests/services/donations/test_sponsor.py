from dataclasses import replace
from datetime import datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import PublicityAgreed, PublicityWithdrawn
from contracts.sealed import Sealed
from services.donations.domain.sponsor import (
    AgreeToPublicity,
    CheckSponsorRegistered,
    OnlyIndividualsAgree,
    RegisterSponsor,
    SponsorNotRegistered,
    SponsorRegisteredOtherwise,
    WithdrawPublicity,
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


AS_AGREED, OTHERWISE = Sealed(KEY, "TGFu"), Sealed(KEY, "QmE=")
individual = replace(sponsor_registered, kind="individual", public_name=None)
agreed = PublicityAgreed(
    sponsor_id=SPONSOR, public_name=AS_AGREED, recorded_by=GIVER, happened_at=MONDAY
)
no_longer = PublicityWithdrawn(sponsor_id=SPONSOR, recorded_by=GIVER, happened_at=TUESDAY)


def agree(name: Sealed = AS_AGREED) -> AgreeToPublicity:
    return AgreeToPublicity(public_name=name, recorded_by=GIVER, happened_at=MONDAY)


def withdraw() -> WithdrawPublicity:
    return WithdrawPublicity(recorded_by=GIVER, happened_at=TUESDAY)


def test_an_individual_agrees_to_be_named_and_may_withdraw_it() -> None:
    Given(sponsor, individual).when(agree()).then(agreed)
    Given(sponsor, individual, agreed).when(agree()).then_nothing()
    other = replace(agreed, public_name=OTHERWISE)
    Given(sponsor, individual, agreed).when(agree(OTHERWISE)).then(other)
    Given(sponsor, individual, agreed).when(withdraw()).then(no_longer)
    Given(sponsor, individual, agreed, no_longer).when(withdraw()).then_nothing()
    Given(sponsor, individual, agreed, no_longer).when(agree()).then(agreed)


def test_an_organisation_does_not_agree_nor_who_is_not_registered() -> None:
    for asked in (agree(), withdraw()):
        Given(sponsor, sponsor_registered).when(asked).then_rejected(OnlyIndividualsAgree)
        Given(sponsor).when(asked).then_rejected(SponsorNotRegistered)


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
