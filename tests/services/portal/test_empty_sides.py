"""Every page, while either side of a join has nothing yet.

Topics come in any order and at any distance: each table is once the only empty one and once the
only one that holds anything.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import reduce
from typing import Any

import asyncpg
import pytest
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from eventing.read_model import ReadModel
from eventing.row_tables import RowTable
from services.portal.app import make_app
from services.portal.figure_events import FIGURES
from services.portal.read_models import READ_MODELS
from tests.services.portal.conftest import Portal, on_postgres
from tests.services.portal.story import AUDITOR, BA_VI, CODE, DELIVERY, FUND, JACKETS, Story

pytestmark = pytest.mark.timeout(300)

IN_ADDRESSES = {
    "{contribution_id}": str(JACKETS),
    "{fund_id}": str(FUND),
    "{delivery_id}": str(DELIVERY),
    "{unit_id}": str(BA_VI),
    "{service}/{position}": "registry/1",
    "{kind}": "signed-by-proxy",
}
FIGURE = "{figure}"


def addresses(portal: Portal) -> list[str]:
    """Of whatever pages there are: a new one is asked for without being named here."""
    found = {
        route.path
        for route in make_app(portal.house).routes
        if isinstance(route, APIRoute)
        and route.response_class is HTMLResponse
        and "GET" in (route.methods or ())
    }
    assert {"/", "/qua/{contribution_id}", "/xa/{unit_id}"} <= found
    filled = [
        reduce(lambda path, one: path.replace(*one), IN_ADDRESSES.items(), at) for at in found
    ]
    unsaid = [path for path in filled if "{" in path.replace(FIGURE, "")]
    assert not unsaid, "say in IN_ADDRESSES what stands there"
    figures = [path for path in filled if FIGURE in path]
    assert figures
    each = [path.replace(FIGURE, figure) for path in figures for figure in FIGURES]
    return [*sorted({*filled} - {*figures}), *each, f"/tra-cuu?ma={CODE}"]


async def failing(portal: Portal, paths: Iterable[str]) -> list[tuple[str, str]]:
    found = []
    for path in paths:
        try:
            status = (await portal.get(path, by=AUDITOR)).status_code
        except Exception as error:  # noqa: BLE001 - what no handler took is a 500 for who asked
            found.append((path, repr(error)))
        else:
            if status >= 500:
                found.append((path, str(status)))
    return found


class Emptied:
    """The tables of the portal, some of them emptied for a while."""

    def __init__(self, dsn: str, winter: Story) -> None:
        self._dsn = dsn
        self._winter = winter

    @asynccontextmanager
    async def without(self, models: Iterable[ReadModel[Any, Any]]) -> AsyncIterator[None]:
        connection = await asyncpg.connect(self._dsn)
        tables = [RowTable(model, model.version, 1) for model in models]
        try:
            for table in tables:
                await connection.execute(f'TRUNCATE {table.schema}."{table.name}"')
            yield
            for table in tables:
                of = [each for each in self._winter.told if type(each.event) in table.model.events]
                await table.write(connection, table.model.fold({}, of))
        finally:
            await connection.close()


async def test_pages_stand_while_any_one_table_is_empty(of_the_winter: str, winter: Story) -> None:
    async with on_postgres(of_the_winter) as portal:
        emptied = Emptied(of_the_winter, winter)
        paths = addresses(portal)
        assert not await failing(portal, paths)
        wrong = {}
        for model in READ_MODELS:
            async with emptied.without([model]):
                if found := await failing(portal, paths):
                    wrong[model.name] = found
        assert not wrong


async def test_pages_stand_while_one_table_alone_holds_rows(
    of_the_winter: str, winter: Story
) -> None:
    async with on_postgres(of_the_winter) as portal:
        emptied = Emptied(of_the_winter, winter)
        paths = addresses(portal)
        wrong = {}
        for kept in READ_MODELS:
            others = [model for model in READ_MODELS if model.name not in (kept.name, "programmes")]
            async with emptied.without(others):
                if found := await failing(portal, paths):
                    wrong[kept.name] = found
        assert not wrong
