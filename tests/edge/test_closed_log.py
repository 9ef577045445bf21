"""A log that turns out to be an older one while its service runs."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from tests.edge.test_processes import Process, environment, note, running, service

__all__ = ["environment", "service"]

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


async def test_a_closed_log_takes_nothing_and_says_so(environment, tmp_path):
    async with running("web", environment, tmp_path) as web:
        assert (await note(web, environment, uuid4())).status_code == 200
        database = await asyncpg.connect(environment["VONGTAY_DATABASE_URL"])
        await database.execute("SELECT close_log('restore it first')")
        refused = await note(web, environment, uuid4())
        assert refused.status_code == 503
        assert refused.json()["code"] == "busy"
        said = await web.ready(lambda said: said["closed"])
        assert said["closed"] == "restore it first"
        assert not said["ready"]
        assert await database.fetchval("SELECT position FROM head") == 1
        await database.close()


@pytest.mark.parametrize(
    "elsewhere",
    [{"VONGTAY_ORIGIN": "elsewhere.test"}, {"NOTEBOOK": "another"}],
    ids=["another installation", "another service"],
)
async def test_nobody_goes_on_with_the_log_of_somebody_else(environment, tmp_path, elsewhere):
    async with running("web", environment, tmp_path) as web:
        assert (await note(web, environment, uuid4())).status_code == 200
    for kind in ("web", "worker"):
        wrong = Process(kind, environment | elsewhere, tmp_path / f"wrong-{kind}.log")
        assert await asyncio.to_thread(wrong.child.wait, 20) == 1
        assert "VONGTAY_ORIGIN" in wrong.log.read_text()
        await wrong.client.aclose()
    # It was not theirs to close: who owns it goes on.
    async with running("web", environment, tmp_path) as web:
        assert (await note(web, environment, uuid4())).status_code == 200
