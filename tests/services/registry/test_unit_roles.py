from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import GrantOfPerson, RoleHeldInUnit, UnitRolesPassed
from services.registry.domain.unit_roles import GRANTS_AT_ONCE_MAX, HoldRole, PassRoles, unit_roles
from tests.services.registry.samples import COMMUNE, MONDAY, OTHER_SUCCESSOR, SUCCESSOR, TUESDAY
from tests.support.spec import Given

ENDED_ON = date(2025, 7, 1)


def grant(number):
    return GrantOfPerson(grant_id=UUID(int=number), person_id=UUID(int=number % 7))


def hold(number, happened_at=MONDAY):
    return HoldRole(unit_id=COMMUNE, grant=grant(number), happened_at=happened_at)


def held(number):
    return RoleHeldInUnit(
        unit_id=COMMUNE,
        grant_id=grant(number).grant_id,
        person_id=grant(number).person_id,
        happened_at=MONDAY,
    )


def pass_on(successor_id=SUCCESSOR):
    return PassRoles(
        unit_id=COMMUNE, successor_id=successor_id, passed_on=ENDED_ON, happened_at=MONDAY
    )


def passed(*numbers):
    return UnitRolesPassed(
        unit_id=COMMUNE,
        successor_id=SUCCESSOR,
        passed_on=ENDED_ON,
        grants=tuple(map(grant, numbers)),
        happened_at=MONDAY,
    )


def test_a_role_is_noted_once():
    Given(unit_roles).when(hold(1)).then(held(1))
    Given(unit_roles, held(1)).when(hold(1, happened_at=TUESDAY)).then_nothing()


def test_the_one_successor_takes_all_of_them_over_once():
    Given(unit_roles, held(1), held(2)).when(pass_on()).then(passed(1, 2))
    Given(unit_roles, held(2), held(1)).when(pass_on()).then(passed(1, 2))
    after = Given(unit_roles, held(1), passed(1))
    after.when(pass_on()).then_nothing()
    after.when(pass_on(OTHER_SUCCESSOR)).then_nothing()


def test_what_comes_to_a_vanished_unit_goes_on():
    Given(unit_roles, held(1), passed(1)).when(hold(2)).then(held(2), passed(2))
    Given(unit_roles, passed()).when(hold(2)).then(held(2), passed(2))


@given(st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_no_role_is_left_behind_and_none_passes_twice(before, after):
    state, gone = unit_roles.initial, []
    commands = [*map(hold, before), pass_on(), *map(hold, after), pass_on()]
    for command in commands:
        for event in unit_roles.decide(command, state):
            state = unit_roles.evolve(state, event)
            gone += event.grants if isinstance(event, UnitRolesPassed) else ()
    assert sorted(gone, key=str) == sorted(map(grant, {*before, *after}), key=str)


def test_so_many_roles_pass_that_no_record_is_too_large():
    many = range(GRANTS_AT_ONCE_MAX + 1)
    state = unit_roles.fold(map(held, many))
    parts = unit_roles.decide(pass_on(), state)
    assert [len(event.grants) for event in parts] == [GRANTS_AT_ONCE_MAX, 1]
