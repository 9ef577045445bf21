from uuid import UUID

import pytest

from contracts.donations import FundOpened
from eventing.all_rows import ROWS_A_PAGE, TooManyRows, all_rows, each_row
from eventing.memory_rows import MemoryRows
from eventing.memory_store import MemoryStore
from tests.edge.notebook import PROGRAMME, funds
from tests.support.house import MONDAY, happened

MORE_THAN_A_PAGE = ROWS_A_PAGE + 1


@pytest.fixture(scope="module")
def rows():
    rows = MemoryRows(MemoryStore("registry"))
    opened = [
        FundOpened(
            fund_id=UUID(int=number),
            programme_id=PROGRAMME,
            unit_id=UUID(int=3),
            name="Quỹ",
            opened_by=UUID(int=1),
            happened_at=MONDAY,
        )
        for number in range(MORE_THAN_A_PAGE)
    ]
    rows.feed(happened(*opened, service="donations"))
    return rows


async def test_all_are_given_in_order_however_many_pages_they_fill(rows):
    found = await all_rows(rows, funds)
    assert [row.fund_id.int for row in found] == [*range(MORE_THAN_A_PAGE)]
    assert await all_rows(rows, funds, fund_id=UUID(int=7)) == [found[7]]


@pytest.mark.parametrize("bound", [1, ROWS_A_PAGE - 1, ROWS_A_PAGE])
async def test_a_part_is_never_given_for_the_whole(rows, bound):
    with pytest.raises(TooManyRows, match=f"{bound} of funds"):
        await all_rows(rows, funds, bound=bound)


async def test_as_many_as_are_allowed_are_given(rows):
    assert len(await all_rows(rows, funds, bound=MORE_THAN_A_PAGE)) == MORE_THAN_A_PAGE


async def test_whoever_looks_at_one_after_the_other_is_stopped_too(rows):
    found = each_row(rows, funds, bound=3)
    for _ in range(3):
        await anext(found)
    with pytest.raises(TooManyRows):
        await anext(found)
