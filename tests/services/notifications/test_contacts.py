"""Asking donations for a contact, over HTTP with donations' real door."""

import asyncio
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.donations.app import make_app as make_donations
from services.notifications.contacts import Contact, ContactOutOfReach, DonationsContacts
from services.notifications.program_token import DevelopmentToken, TokenFile
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


async def test_no_token_means_no_contact_yet(tmp_path: Path) -> None:
    async with httpx.AsyncClient() as client:
        for token in (
            TokenFile(tmp_path / "absent"),
            DevelopmentToken(client, "http://127.0.0.1:1", PROGRAM),
        ):
            with pytest.raises(ContactOutOfReach):
                await DonationsContacts(client, "http://127.0.0.1:1", token)(SPONSOR)


async def test_a_token_file_is_read_afresh_each_time(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("first\n")
    token = TokenFile(path)
    assert await token() == "first"
    path.write_text("second\n")
    assert await token() == "second"


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
        "public_urls": {"donations": "http://127.0.0.1:1", "issuer": "http://127.0.0.1:2"},
    }
    return Settings(**(given | other))  # type: ignore[arg-type]


def test_settings_say_where_a_contact_is_asked_for(tmp_path: Path) -> None:
    assert settings(tmp_path).mail_from.endswith("@vongtay.example")
    with pytest.raises(ValueError, match="donations"):
        settings(tmp_path, public_urls={})
    with pytest.raises(ValueError, match="issuer"):
        settings(tmp_path, public_urls={"donations": "http://127.0.0.1:1"})


def test_production_takes_its_token_from_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PROGRAM_TOKEN_FILE"):
        settings(
            tmp_path,
            mode="production",
            issuer="https://id.example",
            origin="vongtay.example",
            log_keys=tmp_path,
        )
