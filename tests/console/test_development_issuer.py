import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import KeySet

from console.development_issuer import (
    AUDIENCE,
    ISSUER,
    REFUSED_EXIT_CODE,
    TOKEN_LIFE_S,
    key_in,
    make_app,
    public,
    signing_in,
)

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA")


def app(folder: Path) -> FastAPI:
    return issuer(folder, folder / "clock")


def issuer(folder: Path, clock: Path | None) -> FastAPI:
    key = key_in(folder / "key")
    return make_app(key, clock, signing_in(key, "http://portal.test"))


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "console.development_issuer"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_token_says_who_and_is_verified_by_the_published_keys(tmp_path: Path) -> None:
    client = TestClient(app(tmp_path))
    person = uuid4()
    answer = client.post(
        "/token-for-anybody", json={"person": str(person), "program": "season"}
    ).json()
    published = KeySet.import_key_set(client.get("/jwks.json").json())
    claims = jwt.decode(answer["access_token"], published, algorithms=["EdDSA"]).claims
    assert (claims["sub"], claims["azp"]) == (str(person), "season")
    assert (claims["iss"], claims["aud"]) == (ISSUER, AUDIENCE)
    assert claims["exp"] - claims["iat"] == TOKEN_LIFE_S == answer["expires_in"]


def test_what_is_published_is_not_the_private_key(tmp_path: Path) -> None:
    key = key_in(tmp_path / "key")
    private = json.loads((tmp_path / "key").read_text())
    assert private["d"] not in json.dumps(public(key))


def test_the_key_stays_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = key_in(tmp_path / "key")
    assert key_in(tmp_path / "key").kid == first.kid
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_the_clock_is_set_for_whoever_reads_the_file(tmp_path: Path) -> None:
    client = TestClient(app(tmp_path))
    now = datetime(2024, 9, 3, 2, tzinfo=UTC)
    client.post("/clock", json={"now": now.isoformat()}).raise_for_status()
    assert datetime.fromisoformat((tmp_path / "clock").read_text()) == now
    assert datetime.fromisoformat(client.get("/clock").json()["now"]) == now


def test_every_change_of_the_clock_can_be_seen(tmp_path: Path) -> None:
    client = TestClient(app(tmp_path))
    changed = []
    for day in range(1, 20):
        now = datetime(2024, 9, day, tzinfo=UTC)
        client.post("/clock", json={"now": now.isoformat()}).raise_for_status()
        changed.append((tmp_path / "clock").stat().st_mtime_ns)
    assert changed == sorted(set(changed))


def test_an_instant_without_its_offset_is_no_instant(tmp_path: Path) -> None:
    answer = TestClient(app(tmp_path)).post("/clock", json={"now": "2024-09-03T09:00:00"})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY


def test_without_a_clock_file_time_is_the_systems(tmp_path: Path) -> None:
    client = TestClient(issuer(tmp_path, None))
    assert client.get("/clock").status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("environment", [{"VONGTAY_MODE": "production"}, {}])
def test_it_refuses_production_and_silence_about_the_mode(environment: dict[str, str]) -> None:
    ended = start(environment)
    assert ended.returncode == REFUSED_EXIT_CODE
    assert "VONGTAY_MODE=development" in ended.stderr
