from uuid import UUID, uuid5

import pytest

from tests.edge.notebook import make_app
from tests.support.databases import a_log_and_keys
from tests.support.house import HouseForTests

BA_VI = UUID(int=100)
YEN_BAI = UUID(int=101)


@pytest.fixture
async def log_and_keys(templates):
    """One database holds both here; the role is what it is in production."""
    async with templates.copy("a log and keys", a_log_and_keys) as copy:
        yield copy


@pytest.fixture
def house():
    return HouseForTests("donations", make_app)


@pytest.fixture
def accountant(house):
    return house.grant(uuid5(BA_VI, "accountant"), "accountant", house.unit(BA_VI))


@pytest.fixture
def open_fund(house, accountant):
    def opened(number=1, name="Quỹ áo ấm", *, by=accountant, unit=BA_VI, **more):
        body = {"name": name, "unit_id": str(unit)}
        return house.call("PUT", f"/funds/{UUID(int=number)}", body, by=by, **more)

    return opened


@pytest.fixture
def lenient(house):
    """As in production: what is unexpected is logged and told, not raised."""
    house.be_lenient()
    return house
