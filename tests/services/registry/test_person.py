from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import PersonRegistered, RoleGranted, RoleRevoked
from services.registry.domain.person import (
    GrantEndsBeforeItBegins,
    GrantRole,
    OwnRoles,
    PersonNotRegistered,
    PersonRegisteredOtherwise,
    RegisterPerson,
    RevokeRole,
    RoleGrantedOtherwise,
    RoleNotGranted,
    RolesExcludeEachOther,
    person,
)
from tests.services.registry.samples import (
    CITY,
    COMMUNE,
    GRANT,
    KEEPER,
    MONDAY,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_GRANT,
    RULES,
    TUESDAY,
    sealed,
)
from tests.support.repeating import outcomes
from tests.support.spec import Given


def register(name="Bùi Thị Lan", happened_at=MONDAY):
    return RegisterPerson(
        person_id=OFFICER, kind="human", name=sealed(name), happened_at=happened_at
    )


def grant(
    role="accountant",
    *,
    grant_id=GRANT,
    unit_id=COMMUNE,
    valid_from=date(2024, 9, 1),
    valid_until=None,
    by=KEEPER,
):
    return GrantRole(
        grant_id=grant_id,
        person_id=OFFICER,
        role=role,
        unit_id=unit_id,
        valid_from=valid_from,
        valid_until=valid_until,
        rules=RULES,
        granted_by=by,
        happened_at=MONDAY,
    )


def revoke(grant_id=GRANT, by=KEEPER):
    return RevokeRole(grant_id=grant_id, person_id=OFFICER, revoked_by=by, happened_at=TUESDAY)


registered = PersonRegistered(
    person_id=OFFICER, kind="human", name=sealed("Bùi Thị Lan"), happened_at=MONDAY
)


def granted(role="accountant", grant_id=GRANT, unit_id=COMMUNE, valid_until=None):
    return RoleGranted(
        grant_id=grant_id,
        person_id=OFFICER,
        role=role,
        unit_id=unit_id,
        valid_from=date(2024, 9, 1),
        valid_until=valid_until,
        rules=RULES.named,
        granted_by=KEEPER,
        happened_at=MONDAY,
    )


revoked = RoleRevoked(grant_id=GRANT, person_id=OFFICER, revoked_by=KEEPER, happened_at=TUESDAY)


def test_a_person_is_registered_once():
    Given(person).when(register()).then(registered)
    Given(person, registered).when(register(happened_at=TUESDAY)).then_nothing()
    Given(person, registered).when(register("Ai khác")).then_rejected(PersonRegisteredOtherwise)


def test_a_role_is_granted_and_revoked_once():
    Given(person, registered).when(grant()).then(granted())
    Given(person, registered, granted()).when(grant()).then_nothing()
    Given(person, registered, granted()).when(revoke()).then(revoked)
    Given(person, registered, granted(), revoked).when(revoke()).then_nothing()


def test_a_grant_id_means_one_grant():
    same_id = grant(role="coordinator")
    Given(person, registered, granted()).when(same_id).then_rejected(RoleGrantedOtherwise)


def test_only_the_registered_hold_roles():
    Given(person).when(grant()).then_rejected(PersonNotRegistered)
    Given(person).when(revoke()).then_rejected(PersonNotRegistered)
    Given(person, registered).when(revoke()).then_rejected(RoleNotGranted)


def test_nobody_gives_or_takes_their_own_role():
    Given(person, registered).when(grant(by=OFFICER)).then_rejected(OwnRoles)
    Given(person, registered, granted()).when(revoke(by=OFFICER)).then_rejected(OwnRoles)


def test_a_grant_ends_after_it_begins():
    backwards = grant(valid_until=date(2024, 9, 1))
    Given(person, registered).when(backwards).then_rejected(GrantEndsBeforeItBegins)


def cashier(**changed):
    return grant("cashier", grant_id=OTHER_GRANT, **changed)


def test_accountant_and_cashier_are_never_one_person_in_one_unit():
    accountant = Given(person, registered, granted())
    accountant.when(cashier()).then_rejected(RolesExcludeEachOther)


def test_nor_a_pair_that_the_registers_pack_adds():
    more = replace(RULES, incompatible_roles=(frozenset({"storekeeper", "verifier"}),))
    verifier = Given(person, registered, granted("verifier"))
    storekeeper = grant("storekeeper", grant_id=OTHER_GRANT)
    verifier.when(replace(storekeeper, rules=more)).then_rejected(RolesExcludeEachOther)
    verifier.when(storekeeper).then(granted("storekeeper", OTHER_GRANT))


def test_nor_in_a_unit_that_contains_the_other():
    accountant = Given(person, registered, granted(unit_id=CITY))
    accountant.when(cashier()).then_rejected(RolesExcludeEachOther)


def test_in_two_units_it_is_one_person_still():
    elsewhere = cashier(unit_id=OTHER_COMMUNE)
    Given(person, registered, granted()).when(elsewhere).then_rejected(RolesExcludeEachOther)


def test_they_may_be_one_after_the_other():
    Given(person, registered, granted(), revoked).when(cashier()).then(
        granted("cashier", OTHER_GRANT)
    )
    until_september = granted(valid_until=date(2024, 9, 1))
    Given(person, registered, until_september).when(cashier()).then(granted("cashier", OTHER_GRANT))


grants = st.builds(
    grant,
    st.sampled_from(["accountant", "cashier", "coordinator"]),
    grant_id=st.sampled_from([GRANT, OTHER_GRANT]),
    unit_id=st.sampled_from([COMMUNE, OTHER_COMMUNE]),
    by=st.sampled_from([KEEPER, OFFICER]),
)
commands = st.one_of(st.just(register()), grants, st.builds(revoke, st.just(GRANT)))


@given(st.lists(commands, max_size=8), commands)
def test_repeating_an_accepted_command_changes_nothing(history, command):
    events, answers = outcomes(person, [*history, command])
    if answers[-1] is not None:
        assert person.decide(command, person.fold(events)) == []


@given(st.lists(commands, max_size=10))
def test_no_history_gives_one_person_both_roles_in_one_unit(history):
    events, _ = outcomes(person, history)
    gone = {event.grant_id for event in events if isinstance(event, RoleRevoked)}
    held = [
        (event.unit_id, event.role)
        for event in events
        if isinstance(event, RoleGranted) and event.grant_id not in gone
    ]
    for unit in (COMMUNE, OTHER_COMMUNE):
        assert not {(unit, "accountant"), (unit, "cashier")} <= set(held)
