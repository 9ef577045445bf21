"""The two processes of a service, for real: started, asked, ended."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from deploy.embedded.ports import choose
from eventing.kept_file import LOOK_AGAIN_S
from tests.eventing.readers import service
from tests.support.stack import as_told

__all__ = ["service"]

PROJECT = Path(__file__).parents[2]
CHILD = "Nguyễn Thị Hoa Mai"
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


@pytest.fixture
def environment(stack, log_and_keys, service, tmp_path):
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    (tmp_path / "jwks.json").write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    (tmp_path / "key").write_bytes(os.urandom(32))
    claims = {
        "iss": "vongtay-development",
        "aud": "vongtay",
        "sub": str(UUID(int=7)),
        "exp": int(time.time()) + 600,
    }
    return {
        **{name: value for name, value in os.environ.items() if "VONGTAY_" not in name},
        "NOTEBOOK": service,
        "TOKEN": jwt.encode({"alg": "EdDSA", "kid": key.kid}, claims, key, algorithms=["EdDSA"]),
        "VONGTAY_MODE": "development",
        "VONGTAY_DATABASE_URL": log_and_keys.dsn,
        "VONGTAY_KEYS_DATABASE_URL": log_and_keys.dsn,
        **as_told(stack.kafka),
        "VONGTAY_ISSUER_JWKS": str(tmp_path / "jwks.json"),
        "VONGTAY_MAC_KEY_FILE": str(tmp_path / "key"),
        "VONGTAY_CODE_KEY_FILE": str(tmp_path / "key"),
        "VONGTAY_KEY_ENCRYPTION_KEY_FILE": str(tmp_path / "key"),
    }


class Process:
    def __init__(self, kind, environment, log, program="tests.edge.notebook_process"):
        self.port = choose()
        self.log = log
        variable = "VONGTAY_PORT" if kind == "web" else "VONGTAY_HEALTH_PORT"
        with log.open("wb") as out:
            self.child = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", program, kind],
                env=environment | {variable: str(self.port)},
                cwd=PROJECT,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=10)

    async def answers(self):
        async with asyncio.timeout(30):
            while True:
                assert self.child.poll() is None, self.log.read_text()
                try:
                    return (await self.client.get("/healthz")).raise_for_status()
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    async def ready(self, condition):
        """The first answer of /readyz that is as wanted."""
        said = None
        try:
            async with asyncio.timeout(30):
                while True:
                    said = (await self.client.get("/readyz")).json()
                    if condition(said):
                        return said
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{said}\n{self.log.read_text()}") from None

    async def end(self, number=signal.SIGTERM):
        self.child.send_signal(number)
        return await asyncio.to_thread(self.child.wait, 20)


@asynccontextmanager
async def running(kind, environment, tmp_path, program="tests.edge.notebook_process"):
    process = Process(kind, environment, tmp_path / f"{kind}.log", program)
    try:
        await process.answers()
        yield process
    finally:
        process.child.kill()
        process.child.wait()
        await process.client.aclose()


async def note(web, environment, event_id):
    return await web.client.post(
        f"/refusals/{event_id}",
        headers={
            "Authorization": f"Bearer {environment['TOKEN']}",
            "Idempotency-Key": str(uuid4()),
        },
    )


async def test_a_command_reaches_kafka_and_the_read_model_and_can_be_read(
    environment, service, tmp_path
):
    async with (
        running("web", environment, tmp_path) as web,
        running("worker", environment, tmp_path) as worker,
    ):
        event_id = uuid4()
        answer = await note(web, environment, event_id)
        assert answer.json() == {"positions": {service: 1}}
        await worker.ready(
            lambda said: said["ready"] and said["published"] == 1 and said["consumers"]
        )
        asked = f"/refusals/{event_id}?min_position={service}:1"
        assert (await web.client.get(asked)).json() == "note"
        said = await worker.ready(lambda said: said["consumers"][0]["position"] == 1)
        assert said["refused"] == 1
        assert {part["name"] for part in said["parts"]} == {
            "relay",
            "read models",
            "checkpoints",
            "vouched",
        }
        assert said["database"]
        assert said["kafka"]
        metrics = (await worker.client.get("/metrics")).text
        assert "vongtay_log_head_position 1.0" in metrics
        assert "vongtay_relay_published_position 1.0" in metrics
        metrics = (await web.client.get("/metrics")).text
        assert 'route="/refusals/{event_id}",status="200"' in metrics
        assert "vongtay_append_batch_commands_count 1.0" in metrics
        assert await worker.end() == 0
        assert await web.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_request_that_was_begun_is_finished(environment, tmp_path, number):
    async with running("web", environment, tmp_path) as web:
        answers = [asyncio.ensure_future(note(web, environment, uuid4())) for _ in range(20)]
        await asyncio.sleep(0.02)
        assert await web.end(number) == 0
        done = await asyncio.gather(*answers, return_exceptions=True)
        accepted = sum(isinstance(one, httpx.Response) for one in done)
        connection = await asyncpg.connect(environment["VONGTAY_DATABASE_URL"])
        written = await connection.fetchval("SELECT count(*) FROM commands")
        await connection.close()
        assert accepted == written


async def test_no_name_gets_into_the_log_of_a_process(environment, tmp_path):
    async with running("web", environment, tmp_path) as web:
        headers = {"Authorization": f"Bearer {environment['TOKEN']}"}
        assert (await web.client.get(f"/broken/{CHILD}")).status_code == 500
        await web.client.get(f"/{CHILD}?{CHILD}", headers=headers)
        await web.client.put(f"/funds/{CHILD}", json={"name": CHILD}, headers=headers)
        assert await web.end() == 0
        text = web.log.read_text()
        assert "Hoa" not in text
        assert "Nguy" not in text
        lines = [json.loads(line) for line in text.splitlines()]
        assert sum(line["message"] == "request" for line in lines) == 3


async def test_a_database_that_is_away_makes_it_unready_not_dead(environment, tmp_path):
    nowhere = environment | {"VONGTAY_DATABASE_URL": f"postgresql://x@127.0.0.1:{choose(1)}/x"}
    async with running("web", nowhere, tmp_path) as web:
        said = await web.client.get("/readyz")
        assert (said.status_code, said.json()["database"]) == (503, False)
        answer = await note(web, environment, uuid4())
        assert answer.status_code == 503
        assert answer.json()["code"] in {"busy", "unavailable"}


async def test_a_key_set_half_written_is_told_and_those_signed_in_go_on(environment, tmp_path):
    keys = tmp_path / "jwks.json"
    whole = keys.read_bytes()
    async with running("web", environment, tmp_path) as web:
        assert (await note(web, environment, uuid4())).status_code == 200
        keys.write_bytes(whole[:20])
        await asyncio.sleep(LOOK_AGAIN_S)
        said = await web.ready(lambda said: said["files"])
        assert (said["ready"], said["files"]) == (True, ["jwks.json: JSONDecodeError"])
        assert (await note(web, environment, uuid4())).status_code == 200
        keys.write_bytes(whole)
        await web.ready(lambda said: not said["files"])
        assert await web.end() == 0
    keys.unlink()
    async with running("web", environment, tmp_path) as web:
        said = await web.ready(lambda said: said["files"])
        assert (said["ready"], said["files"]) == (False, ["jwks.json: No such file or directory"])
        assert (await note(web, environment, uuid4())).json()["code"] == "unavailable"


async def test_kafka_away_leaves_the_web_ready_and_the_worker_not(environment, tmp_path):
    nowhere = environment | {"VONGTAY_KAFKA": f"127.0.0.1:{choose(1)}"}
    async with (
        running("web", nowhere, tmp_path) as web,
        running("worker", nowhere, tmp_path) as worker,
    ):
        event_id = uuid4()
        assert (await note(web, environment, event_id)).status_code == 200
        said = await web.ready(lambda said: said["consumers"])
        assert (said["ready"], said["kafka"]) == (True, False)
        said = await worker.ready(lambda said: said["consumers"][0]["position"] == 1)
        assert (said["ready"], said["kafka"], said["published"]) == (False, False, 0)
        assert 0 < said["oldest_unpublished_s"] < 60
