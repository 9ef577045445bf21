import pytest

from tests.services.allocation.season import Season


@pytest.fixture
def season() -> Season:
    return Season()
