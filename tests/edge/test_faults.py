"""Each fault of what a process is told: one line that names the variable or file, and the cure."""

import asyncio
import json
from typing import ClassVar
from uuid import UUID

import asyncpg
import pytest

from deploy.embedded.ports import choose
from edge import settings
from edge.faults import WrongSettings, faults_of, told
from eventing.identity import mark
from eventing.key_database import KeyDatabase
from notary.checkpoint_topic import LOGS
from notary.keys import make
from tests.edge.test_processes import Process, environment, running, service

__all__ = ["environment", "service"]

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


class Settings(settings.Settings):
    service: ClassVar[str] = "notebook"


ORIGIN = "vongtay.test"


@pytest.fixture
def found(environment, stack, monkeypatch):
    """What is found of the whole environment, with some of it changed."""

    async def faults(process="web", **changed):
        as_told = {name: text for name, text in environment.items() if "VONGTAY_" in name}
        for name, value in (as_told | changed).items():
            monkeypatch.setenv(name, value)
        return [str(fault) for fault in await faults_of(told(Settings), process)]

    return faults


async def test_a_sound_environment_has_no_fault(found):
    assert await found() == []
    assert await found("worker") == []


@pytest.mark.parametrize(
    ("variable", "content", "says"),
    [
        ("VONGTAY_ISSUER_JWKS", None, "No such file"),
        ("VONGTAY_ISSUER_JWKS", b'{"keys": []}', "is no JSON Web Key Set with keys"),
        ("VONGTAY_MAC_KEY_FILE", None, "No such file"),
        ("VONGTAY_MAC_KEY_FILE", b"short", "holds fewer than 32 bytes"),
        ("VONGTAY_CODE_KEY_FILE", b"short", "có ít hơn 32 byte"),
        ("VONGTAY_KEY_ENCRYPTION_KEY_FILE", b"k" * 33, "holds 33 bytes, not 32"),
        ("VONGTAY_KAFKA_CA_FILE", b"no certificate", "holds no certificates"),
        ("VONGTAY_LOG_KEYS_FILE", b"\n", "is empty"),
    ],
)
async def test_a_file_is_named_with_its_variable(found, tmp_path, variable, content, says):
    path = tmp_path / "file-of-it"
    if content is not None:
        path.write_bytes(content)
    lines = await found(**{variable: str(path)})
    (line,) = [line for line in lines if str(path) in line]
    assert line.startswith(f"{variable}: ")
    assert says in line
    assert "\n" not in line


async def test_each_key_of_a_log_that_is_lacking_is_named(found, tmp_path):
    keys = tmp_path / "log-keys"
    keys.mkdir()
    for name in LOGS:
        whose = "somebody.test/registry" if name == "registry" else f"{ORIGIN}/{name}"
        make(tmp_path / f"{name}.key", keys / f"{name}.pub", whose)
    (keys / "donations.pub").unlink()
    lines = await found(VONGTAY_LOG_KEYS=str(keys), VONGTAY_ORIGIN=ORIGIN)
    assert [line.partition(": ")[0] for line in lines] == ["VONGTAY_LOG_KEYS"] * 2
    registry, donations = sorted(lines, key=lambda line: "donations.pub" in line)
    assert f"registry.pub is not of {ORIGIN}/registry" in registry
    assert "donations.pub: No such file" in donations


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("VONGTAY_DATABASE_URL", "postgresql://x@nowhere.invalid/x", "nowhere.invalid"),
        ("VONGTAY_DATABASE_URL", "nonsense", "no address of a database"),
        ("VONGTAY_KEYS_DATABASE_URL", "postgresql://x@127.0.0.1:1/x", "127.0.0.1 port 1"),
        ("VONGTAY_KAFKA", "nowhere.invalid:9092", "no host is called nowhere.invalid"),
        ("VONGTAY_KAFKA", "127.0.0.1:1", "nothing answers at 127.0.0.1 port 1"),
    ],
)
async def test_an_address_that_leads_nowhere_is_named(found, variable, value, says):
    (line,) = await found(**{variable: value})
    assert line.startswith(f"{variable}: ")
    assert says in line


async def test_another_server_is_looked_for_at_its_schemes_port(found, monkeypatch):
    servers = {
        "VONGTAY_ISSUER": "https://127.0.0.2/realms/x",
        "VONGTAY_SMTP_URL": "smtp://127.0.0.2",
    }
    monkeypatch.setattr(Settings, "other_servers", servers)
    lines = await found()
    assert [line.partition(": ")[0] for line in lines] == [*servers]
    assert "127.0.0.2 port 443" in lines[0]
    assert "127.0.0.2 port 25" in lines[1]


async def test_a_wrong_role_database_or_password_is_told_apart(found, environment):
    url = environment["VONGTAY_DATABASE_URL"]
    (line,) = await found(VONGTAY_DATABASE_URL=f"{url}_not_made")
    assert "has no database of this name" in line
    (line,) = await found(VONGTAY_DATABASE_URL=url.replace("@", "0@"))
    assert "refuses this role and password" in line
    assert url.split("@")[0].split(":")[-1] not in line


async def test_a_password_that_kafka_does_not_know_is_told(found):
    (line,) = await found(VONGTAY_KAFKA_PASSWORD="0" * 32)
    assert line.startswith("VONGTAY_KAFKA_PASSWORD: ")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("VONGTAY_KAFKA", "kafka", "host:port"),
        ("VONGTAY_KAFKA", "kafka:port", "host:port"),
        ("VONGTAY_DATABASE_URL", "", "is not set"),
        ("VONGTAY_PUBLIC_URLS", "{", "JSON"),
        ("VONGTAY_MODE", "prod", "'development' or 'production'"),
    ],
)
async def test_a_setting_that_makes_no_sense_is_one_line(found, variable, value, says):
    with pytest.raises(WrongSettings) as caught:
        await found(**{variable: value})
    line = str(caught.value)
    assert line.startswith(f"{variable}: ")
    assert says in line
    assert "\n" not in line


@pytest.mark.parametrize("kind", ["web", "worker"])
@pytest.mark.parametrize(
    "changed",
    [
        {"VONGTAY_KAFKA": "kafka"},
        {"VONGTAY_DATABASE_URL": "", "VONGTAY_MAC_KEY_FILE": ""},
        {"VONGTAY_KEY_ENCRYPTION_KEY_FILE": "/absent/key-encryption.key"},
    ],
    ids=["kafka without port", "two not set", "absent key"],
)
async def test_a_process_that_lacks_something_ends_with_a_line_for_each(
    environment, tmp_path, kind, changed
):
    wrong = Process(kind, environment | changed, tmp_path / "wrong.log")
    assert await asyncio.to_thread(wrong.child.wait, 30) == 1
    await wrong.client.aclose()
    lines = [json.loads(line)["why"] for line in wrong.log.read_text().splitlines()]
    assert sorted(line.partition(":")[0] for line in lines) == sorted(changed)


async def test_what_is_away_is_told_with_its_cure_and_makes_unready(environment, tmp_path):
    url = f"postgresql://x@127.0.0.1:{choose(1)}/x"
    async with running("web", environment | {"VONGTAY_DATABASE_URL": url}, tmp_path) as web:
        assert (await web.client.get("/readyz")).status_code == 503
        said = [json.loads(line) for line in web.log.read_text().splitlines()]
        whys = [line["why"] for line in said if line["message"] == "not well"]
        (why,) = [why for why in whys if why.startswith("VONGTAY_DATABASE_URL: ")]
        assert "nothing answers" in why
        assert "không có trả lời" in why


async def refused(kind, environment, tmp_path):
    wrong = Process(kind, environment, tmp_path / f"refused-{kind}.log")
    assert await asyncio.to_thread(wrong.child.wait, 30) == 1
    await wrong.client.aclose()
    return wrong.log.read_text()


async def written(environment):
    database = await asyncpg.connect(environment["VONGTAY_DATABASE_URL"])
    try:
        closed = await database.fetchval("SELECT closed FROM head")
        return closed, await database.fetch("SELECT * FROM identity ORDER BY name")
    finally:
        await database.close()


@pytest.mark.parametrize("kind", ["web", "worker"])
@pytest.mark.parametrize("holds", ["log", "keys"])
async def test_an_empty_database_of_another_service_is_left_as_it_is(
    environment, log_and_keys, tmp_path, kind, holds
):
    owner = await asyncpg.connect(log_and_keys.owner)
    await mark(owner, holds, "another")
    await owner.close()
    before = await written(environment)
    assert f"holds the {holds} of another" in await refused(kind, environment, tmp_path)
    assert await written(environment) == before


@pytest.mark.parametrize(
    ("kind", "variable"),
    [("web", "VONGTAY_MAC_KEY_FILE"), ("worker", "VONGTAY_CODE_KEY_FILE")],
)
async def test_another_key_of_commands_or_codes_is_refused(environment, tmp_path, kind, variable):
    async with running("web", environment, tmp_path):
        pass
    (tmp_path / "other").write_bytes(b"o" * 32)
    wrong = environment | {variable: str(tmp_path / "other")}
    before = await written(environment)
    assert f"{variable} holds another key" in await refused(kind, wrong, tmp_path)
    assert await written(environment) == before
    async with running(kind, environment, tmp_path):
        pass


@pytest.mark.parametrize("kind", ["web", "worker"])
async def test_another_key_encryption_key_is_refused_before_it_seals(environment, tmp_path, kind):
    sealer = KeyDatabase(environment["VONGTAY_KEYS_DATABASE_URL"], (tmp_path / "key").read_bytes())
    await sealer.seal(UUID(int=1), "person", "name", "Hoa")
    await sealer.close()
    (tmp_path / "other").write_bytes(b"o" * 32)
    wrong = environment | {"VONGTAY_KEY_ENCRYPTION_KEY_FILE": str(tmp_path / "other")}
    assert "VONGTAY_KEY_ENCRYPTION_KEY_FILE does not open" in await refused(kind, wrong, tmp_path)
    async with running(kind, environment, tmp_path) as right:
        assert (await right.client.get("/healthz")).status_code == 200
