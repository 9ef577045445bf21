"""Asking donations for a contact, over HTTP with donations' real door."""

import asyncio
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from edge.program_token import ProgramAtProvider, ProgramToken
from services.donations.app import make_app as make_donations
from services.notifications.contacts import Contact, ContactOutOfReach, DonationsContacts
from services.notifications.settings import Settings
from tests.support.house import HouseForTests

SPONSOR, PROGRAM = UUID(int=101), UUID(int=700)


async def a_token() -> str:
    return str(PROGRAM)


async def test_a_contact_is_told_by_donations_and_kept_nowhere() -> None:
    donations = HouseForTests("donations", make_donations)
    city = donations.unit(UUID(int=1))
    coordinator = donations.grant(UUID(int=2), "coordinator", city)
    donations.grant(PROGRAM, "contact-reader", city)
    body = {"kind": "individual", "name": "Trần Thị Mai", "email": "mai@example.org"}
    await asyncio.to_thread(donations.call, "PUT", f"/sponsors/{SPONSOR}", body, by=coordinator)
    app = donations.client.app
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        ask = DonationsContacts(client, "http://donations", a_token)
        assert await ask(SPONSOR) == Contact(name="Trần Thị Mai", email="mai@example.org")
        with pytest.raises(ContactOutOfReach):
            await ask(UUID(int=404))


async def test_donations_out_of_reach_is_told_as_that() -> None:
    async with httpx.AsyncClient() as client:
        ask = DonationsContacts(client, "http://127.0.0.1:1", a_token)
        with pytest.raises(ContactOutOfReach):
            await ask(SPONSOR)


async def test_no_token_means_no_contact_yet() -> None:
    program = ProgramAtProvider("http://127.0.0.1:1", "http://127.0.0.1:1", "a program", None)
    async with httpx.AsyncClient() as client:
        ask = DonationsContacts(client, "http://127.0.0.1:1", ProgramToken(program))
        with pytest.raises(ContactOutOfReach):
            await ask(SPONSOR)


def settings(tmp_path: Path, **other: object) -> Settings:
    given = {
        "mode": "development",
        "database_url": "postgresql://",
        "keys_database_url": "postgresql://",
        "kafka": "127.0.0.1:9092",
        "kafka_password": "a password of no server at all",
        "issuer_jwks": tmp_path / "jwks.json",
        "mac_key_file": tmp_path / "mac",
        "code_key_file": tmp_path / "codes",
        "key_encryption_key_file": tmp_path / "key",
        "provider_url": "http://127.0.0.1:2",
        "public_urls": {"donations": "http://127.0.0.1:1"},
    }
    return Settings(**(given | other))  # type: ignore[arg-type]


def test_settings_say_where_a_contact_is_asked_for(tmp_path: Path) -> None:
    assert settings(tmp_path).mail_from.endswith("@vongtay.example")
    with pytest.raises(ValueError, match="donations"):
        settings(tmp_path, public_urls={})
    with pytest.raises(ValueError, match="PROVIDER_URL"):
        settings(tmp_path, provider_url=None)


def test_production_has_credentials_of_its_own_and_says_them_over_https(tmp_path: Path) -> None:
    production: dict[str, object] = {
        "mode": "production",
        "issuer": "https://id.example",
        "origin": "vongtay.example",
        "log_keys": tmp_path,
        "provider_url": None,
    }
    with pytest.raises(ValueError, match="PROGRAM_SECRET"):
        settings(tmp_path, **production)
    secret = {"program_secret": "a secret of this program"}
    assert settings(tmp_path, **production, **secret).program.url == "https://id.example"
    with pytest.raises(ValueError, match="https"):
        settings(tmp_path, **production | secret | {"provider_url": "http://id.example"})


async def test_a_check_tries_whether_a_token_is_given(tmp_path: Path) -> None:
    told = settings(tmp_path, provider_url="http://127.0.0.1:1")
    assert await told.faults_beside("web") == []
    (fault,) = await told.faults_beside("worker")
    assert str(fault).startswith("VONGTAY_PROVIDER_URL: ")
    assert "vongtay-notifications" in str(fault)
