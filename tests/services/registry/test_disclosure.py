from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import (
    DisclosureGranted,
    DisclosureRevoked,
    NamesOpened,
    PersonRegistered,
)
from services.registry.domain.disclosure import (
    ConsentNeeded,
    DisclosureEndsBeforeItBegins,
    DisclosureExpired,
    DisclosureGrantedOtherwise,
    DisclosureNotGranted,
    DisclosureRevokedAlready,
    DisclosureToAProgram,
    DisclosureToOneself,
    GrantDisclosure,
    OnlyTheGranteeOpens,
    OpenNames,
    OwnConsentNeeded,
    RevokeDisclosure,
    disclosure,
)
from tests.services.registry.samples import (
    BORN_ON,
    CHILD,
    GRANT,
    KEEPER,
    MONDAY,
    OFFICER,
    OTHER_CHILD,
    PRIVACY_OFFICER,
    SPONSOR,
    TUESDAY,
    sealed,
)
from tests.support.repeating import outcomes
from tests.support.spec import Given

UNTIL = date(2024, 11, 1)

sponsor = PersonRegistered(
    person_id=SPONSOR, kind="human", name=sealed("Lê Văn Tài"), happened_at=MONDAY
)


def grant(happened_at=MONDAY, **changed):
    told = {
        "grantee": sponsor,
        "child_ids": (CHILD, OTHER_CHILD),
        "oldest_born_on": BORN_ON,
        "purpose": "sponsorship",
        "ground": "guardian-and-own-consent",
        "paper": "12/ĐY-2024",
        "valid_until": UNTIL,
        "granted_by": PRIVACY_OFFICER,
    }
    return GrantDisclosure(grant_id=GRANT, happened_at=happened_at, **(told | changed))


def open_names(by=SPONSOR, happened_at=TUESDAY):
    return OpenNames(opened_by=by, happened_at=happened_at)


def revoke(by=PRIVACY_OFFICER):
    return RevokeDisclosure(revoked_by=by, happened_at=TUESDAY)


granted = DisclosureGranted(
    grant_id=GRANT,
    person_id=SPONSOR,
    child_ids=(CHILD, OTHER_CHILD),
    purpose="sponsorship",
    ground="guardian-and-own-consent",
    paper="12/ĐY-2024",
    valid_until=UNTIL,
    granted_by=PRIVACY_OFFICER,
    happened_at=MONDAY,
)
revoked = DisclosureRevoked(grant_id=GRANT, revoked_by=PRIVACY_OFFICER, happened_at=TUESDAY)
opened = NamesOpened(
    grant_id=GRANT,
    purpose="sponsorship",
    child_ids=(CHILD, OTHER_CHILD),
    children=2,
    openings=1,
    opened_by=SPONSOR,
    happened_at=TUESDAY,
)


# --- granted ---


def test_names_are_disclosed_to_a_person():
    Given(disclosure).when(grant()).then(granted)


def test_granting_again_changes_nothing():
    Given(disclosure, granted).when(grant(happened_at=TUESDAY)).then_nothing()
    Given(disclosure, granted, revoked).when(grant()).then_nothing()


@pytest.mark.parametrize(
    "changed",
    [
        {"child_ids": (CHILD,)},
        {"purpose": "inspection"},
        {"ground": "guardian-consent"},
        {"paper": "13/ĐY-2024"},
        {"valid_until": date(2025, 11, 1)},
        {"grantee": replace(sponsor, person_id=OFFICER)},
        {"granted_by": KEEPER},
    ],
)
def test_an_id_is_one_grant(changed):
    Given(disclosure, granted).when(grant(**changed)).then_rejected(DisclosureGrantedOtherwise)


def test_nobody_discloses_to_themselves():
    Given(disclosure).when(grant(granted_by=SPONSOR)).then_rejected(DisclosureToOneself)


def test_no_program_is_shown_a_name():
    program = replace(sponsor, kind="program")
    Given(disclosure).when(grant(grantee=program)).then_rejected(DisclosureToAProgram)


def test_a_disclosure_ends_after_its_day():
    monday, tuesday = date(2024, 10, 7), date(2024, 10, 8)
    Given(disclosure).when(grant(valid_until=monday)).then_rejected(DisclosureEndsBeforeItBegins)
    Given(disclosure).when(grant(valid_until=tuesday)).then(replace(granted, valid_until=tuesday))


@pytest.mark.parametrize("purpose", ["visit", "sponsorship"])
def test_a_sponsor_is_shown_names_by_consent_alone(purpose):
    by_law = grant(purpose=purpose, ground="law", paper="23/2012/QH13")
    Given(disclosure).when(by_law).then_rejected(ConsentNeeded)


@pytest.mark.parametrize("purpose", ["signed-list", "inspection"])
def test_the_law_is_enough_for_lists_and_inspections(purpose):
    by_law = {"purpose": purpose, "ground": "law", "paper": "23/2012/QH13"}
    Given(disclosure).when(grant(**by_law)).then(replace(granted, **by_law))


def test_who_turns_seven_before_the_end_consents_too():
    seven_on_the_last_day = {"oldest_born_on": date(2017, 10, 31), "ground": "guardian-consent"}
    Given(disclosure).when(grant(**seven_on_the_last_day)).then_rejected(OwnConsentNeeded)
    seven_afterwards = {"oldest_born_on": date(2017, 11, 1), "ground": "guardian-consent"}
    Given(disclosure).when(grant(**seven_afterwards)).then(
        replace(granted, ground="guardian-consent")
    )


# --- revoked ---


def test_a_disclosure_is_revoked_once():
    Given(disclosure, granted).when(revoke()).then(revoked)
    Given(disclosure, granted, revoked).when(revoke(by=KEEPER)).then_nothing()


def test_only_what_was_granted_is_revoked():
    Given(disclosure).when(revoke()).then_rejected(DisclosureNotGranted)


# --- opened ---


def test_each_opening_is_told():
    Given(disclosure, granted).when(open_names()).then(opened)
    Given(disclosure, granted, opened).when(open_names()).then(replace(opened, openings=2))


def test_only_what_was_granted_is_opened():
    Given(disclosure).when(open_names()).then_rejected(DisclosureNotGranted)


@pytest.mark.parametrize("by", [PRIVACY_OFFICER, OFFICER, KEEPER])
def test_nobody_else_opens_the_names(by):
    Given(disclosure, granted).when(open_names(by=by)).then_rejected(OnlyTheGranteeOpens)


def test_after_the_revocation_nobody_opens():
    Given(disclosure, granted, revoked).when(open_names()).then_rejected(DisclosureRevokedAlready)


def test_names_are_opened_to_the_last_day_in_viet_nam():
    last = datetime(2024, 10, 31, 16, 59, 59, tzinfo=UTC)
    after = datetime(2024, 10, 31, 17, tzinfo=UTC)
    Given(disclosure, granted).when(open_names(happened_at=last)).then(
        replace(opened, happened_at=last)
    )
    Given(disclosure, granted).when(open_names(happened_at=after)).then_rejected(DisclosureExpired)


commands = st.one_of(
    st.builds(grant, granted_by=st.sampled_from([PRIVACY_OFFICER, SPONSOR])),
    st.builds(revoke),
    st.builds(
        open_names,
        by=st.sampled_from([SPONSOR, OFFICER]),
        happened_at=st.integers(0, 60).map(lambda days: MONDAY + timedelta(days=days)),
    ),
)


@given(st.lists(commands, max_size=12))
def test_names_are_opened_only_while_a_grant_to_that_person_holds(asked):
    events, _ = outcomes(disclosure, asked)
    holds = False
    for event in events:
        match event:
            case DisclosureGranted():
                assert event.person_id != event.granted_by
                holds = True
            case DisclosureRevoked():
                holds = False
            case NamesOpened():
                assert holds
                assert (event.opened_by, event.children) == (SPONSOR, len(granted.child_ids))
