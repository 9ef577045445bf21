"""What two services show of the same facts is the same, in whatever order they come."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from services.donations.domain.pledge import pledge
from services.donations.read_models.pledges import pledges as pledges_of_donations
from services.portal.read_models.needs import needs as needs_of_the_portal
from services.portal.read_models.pledges import pledges as pledges_of_the_portal
from services.registry.domain.need import need
from services.registry.read_models.needs import needs as needs_of_the_registry
from tests.services.donations.examples import PLEDGE
from tests.services.donations.test_pledge import contributions, make
from tests.services.donations.test_pledge import count as count_contribution
from tests.services.registry.samples import LINE, NEED, OTHER_LINE
from tests.services.registry.test_need import OPEN, arrive, release, reserve
from tests.support.house import happened
from tests.support.repeating import after

lines = st.sampled_from([LINE, OTHER_LINE])
support = st.one_of(
    st.builds(reserve, st.integers(1, 3), lines),
    st.builds(release, lines),
    st.builds(arrive, st.integers(1, 3), lines),
)


def shown(model: Any, key: Any, events: list[Any], service: str) -> Any:
    return model.fold({}, happened(*events, service=service))[key]


@given(st.lists(support, max_size=10))
@example([reserve(2), arrive(2, OTHER_LINE), release()])
def test_registry_and_portal_count_the_support_of_a_need_alike(commands: list[Any]) -> None:
    events: list[Any] = list(OPEN)
    for command in commands:
        events += need.decide(command, need.fold(events))
    here = shown(needs_of_the_registry, NEED, events, "registry")
    there = shown(needs_of_the_portal, NEED, events, "registry")
    assert (there.quantity_reserved, there.quantity_met) == (here.reserved, here.met)
    assert there.quantity_reserved >= 0


@given(st.lists(st.builds(count_contribution, st.integers(1, 12), contributions), max_size=6))
def test_donations_and_portal_count_what_came_for_a_pledge_alike(commands: list[Any]) -> None:
    events = after(pledge, [make(quantity=10), *commands])
    here = shown(pledges_of_donations, PLEDGE, events, "donations")
    there = shown(pledges_of_the_portal, PLEDGE, events, "donations")
    assert (there.quantity_come, there.fulfilled) == (here.quantity_counted, here.fulfilled)
