from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import GroupCounted, GroupRegistered
from services.registry.domain.group import (
    CHILDREN_MIN,
    ConfirmGroup,
    CountGroup,
    GroupChangedMeanwhile,
    GroupNotRegistered,
    GroupRegisteredOtherwise,
    GroupTooSmall,
    RegisterGroup,
    group,
)
from tests.services.registry.samples import COMMUNE, MONDAY, OFFICER, TUESDAY, sealed
from tests.support.repeating import outcomes
from tests.support.spec import Given

GROUP = UUID(int=121)

registered = GroupRegistered(
    group_id=GROUP,
    unit_id=COMMUNE,
    territory=sealed(str(COMMUNE)),
    children=30,
    description=sealed("Lớp 3A"),
    registered_by=OFFICER,
    happened_at=MONDAY,
)


def register(children=30, *, happened_at=MONDAY):
    return RegisterGroup(
        group_id=GROUP,
        unit_id=COMMUNE,
        territory=sealed(str(COMMUNE)),
        children=children,
        description=sealed("Lớp 3A"),
        registered_by=OFFICER,
        happened_at=happened_at,
    )


def count(children=28):
    return CountGroup(children=children, counted_by=OFFICER, happened_at=TUESDAY)


def counted(children=28):
    return GroupCounted(
        group_id=GROUP, unit_id=COMMUNE, children=children, counted_by=OFFICER, happened_at=TUESDAY
    )


def test_a_group_is_registered_once():
    Given(group).when(register()).then(registered)
    Given(group, registered).when(register(happened_at=TUESDAY)).then_nothing()
    Given(group, registered).when(register(29)).then_rejected(GroupRegisteredOtherwise)


def test_fewer_than_five_are_no_group():
    Given(group).when(register(4)).then_rejected(GroupTooSmall)
    Given(group).when(register(5)).then(replace(registered, children=5))
    Given(group, registered).when(count(4)).then_rejected(GroupTooSmall)


def test_a_group_is_counted_anew():
    Given(group, registered).when(count()).then(counted())
    Given(group, registered, counted()).when(count()).then_nothing()
    Given(group, registered, counted()).when(register()).then_nothing()
    Given(group).when(count()).then_rejected(GroupNotRegistered)


def test_a_decision_holds_only_for_the_group_as_it_was_seen():
    seen = ConfirmGroup(seen=group.fold([registered]))
    Given(group, registered).when(seen).then_nothing()
    Given(group, registered, counted()).when(seen).then_rejected(GroupChangedMeanwhile)
    Given(group).when(seen).then_rejected(GroupNotRegistered)


commands = st.one_of(st.builds(register, st.integers(3, 7)), st.builds(count, st.integers(3, 7)))


@given(st.lists(commands, max_size=6))
def test_no_group_is_ever_so_small_that_one_could_be_recognised(history):
    events, _ = outcomes(group, history)
    assert all(event.children >= CHILDREN_MIN for event in events)


@given(st.lists(commands, max_size=6), commands)
def test_repeating_an_accepted_command_changes_nothing(history, command):
    events, answers = outcomes(group, [*history, command])
    if answers[-1] is not None:
        assert group.decide(command, group.fold(events)) == []
