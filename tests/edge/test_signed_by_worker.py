"""The worker signs the log, the web process shows it; the alarm is seen in health."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from notary.keys import LogKeys, make
from tests.edge.test_processes import environment, running, service

__all__ = ["environment", "service"]

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


@pytest.fixture
async def signing(environment, service, tmp_path, stack):
    private, public = tmp_path / "notary.key", tmp_path / "notary.pub"
    make(private, public, f"here.test/{service}")
    yield environment | {
        "VONGTAY_ORIGIN": "here.test",
        "VONGTAY_NOTARY_KEY_FILE": str(private),
        "VONGTAY_LOG_KEYS_FILE": str(public),
    }
    admin = stack.kafka.admin()
    await admin.start()
    await admin.delete_topics([f"{service}.checkpoints"])
    await admin.close()


async def noted(web, environment):
    """One more event in the log, however long a busy machine takes over it."""
    path, key = f"/refusals/{uuid4()}", str(uuid4())
    headers = {"Authorization": f"Bearer {environment['TOKEN']}", "Idempotency-Key": key}
    async with asyncio.timeout(60):
        while (answer := await web.client.post(path, headers=headers)).status_code == 503:
            await asyncio.sleep(0.1)
    assert answer.status_code == 200, answer.text


async def test_what_the_worker_signs_the_web_shows_and_follows(signing, service, tmp_path):
    async with (
        running("web", signing, tmp_path) as web,
        running("worker", signing, tmp_path) as worker,
    ):
        await noted(web, signing)
        said = await worker.ready(lambda said: said["ready"] and said["signed"] == 1)
        assert "notary" in {part["name"] for part in said["parts"]}
        shown = (await web.client.get("/log/checkpoint")).raise_for_status().text
        assert (await web.client.get("/log/keys")).text == (tmp_path / "notary.pub").read_text()
        keys = LogKeys.of(f"here.test/{service}", tmp_path / "notary.key", tmp_path / "notary.pub")
        assert keys.opened(shown).size == 1
        async with asyncio.timeout(30):
            while (await web.client.get(f"/newest/{service}")).status_code != 200:
                await asyncio.sleep(0.1)
        assert (await web.client.get(f"/newest/{service}")).json() == 1
        assert "vongtay_notary_signed_position 1.0" in (await worker.client.get("/metrics")).text
        assert await worker.end() == 0
        assert await web.end() == 0


async def test_an_alarm_makes_the_worker_unready_and_stays_while_it_is_retried(
    signing, log_and_keys, tmp_path
):
    async with running("web", signing, tmp_path) as web:
        await noted(web, signing)
        await noted(web, signing)
        owner = await asyncpg.connect(log_and_keys.owner)
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM events WHERE position = 1; UPDATE relay SET published = 2")
        await owner.close()
        async with running("worker", signing, tmp_path) as worker:
            said = await worker.ready(lambda said: said["notary_alarm"])
            assert said["notary_alarm"] == "position 1 is missing in the log"
            assert (await worker.client.get("/readyz")).status_code == 503
            assert "vongtay_notary_alarm 1.0" in (await worker.client.get("/metrics")).text
            said = await web.ready(lambda said: said["notary_alarm"])
            # The log takes what happens; whoever looks is told.
            assert said["ready"]


async def test_keys_of_another_log_stop_the_notary_alone(signing, tmp_path):
    wrong = signing | {"VONGTAY_ORIGIN": "elsewhere.test"}
    async with (
        running("web", wrong, tmp_path) as web,
        running("worker", wrong, tmp_path) as worker,
    ):
        await noted(web, wrong)
        said = await worker.ready(
            lambda said: (
                said["published"] == 1
                and any(part["status"] == "failing" for part in said["parts"])
            )
        )
        (failing,) = [part for part in said["parts"] if part["status"] == "failing"]
        assert failing["name"] == "notary"
        assert "is not of elsewhere.test" in failing["error"]
        assert not said["ready"]
        assert said["signed"] == 0
