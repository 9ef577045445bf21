import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest

from console.mail_sink import Settings, messages, serve
from deploy.embedded.ports import LOOPBACK, choose

START_WAIT_S = 10.0


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[Settings]:
    settings = Settings(port=choose(), smtp_port=choose(), mail_folder=tmp_path / "mail")
    serving = asyncio.create_task(serve(settings))
    async with asyncio.timeout(START_WAIT_S), httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(f"http://{LOOPBACK}:{settings.port}/healthz")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.02)
    yield settings
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


def letter(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "vongtay@example.org"
    message["To"] = "nguoi.tang@example.org"
    message["Subject"] = subject
    message["Message-ID"] = f"<{len(subject)}@example.org>"
    message.set_content("Áo ấm đã đến nơi.")
    return message


async def test_letters_are_kept_in_order_and_can_be_read(sink: Settings) -> None:
    for subject in ("Quà đã tới", "Biên nhận của bạn"):
        await aiosmtplib.send(letter(subject), hostname=LOOPBACK, port=sink.smtp_port)
    assert len(messages(sink.mail_folder)) == 2
    async with httpx.AsyncClient() as client:
        page = (await client.get(f"http://{LOOPBACK}:{sink.port}/")).text
    assert page.index("Biên nhận của bạn") < page.index("Quà đã tới")
    assert "Áo ấm đã đến nơi." in page


async def test_the_names_of_the_files_tell_nothing_about_anybody(sink: Settings) -> None:
    await aiosmtplib.send(letter("Quà đã tới"), hostname=LOOPBACK, port=sink.smtp_port)
    (kept,) = messages(sink.mail_folder)
    time_ns, _, unique = kept.stem.partition("-")
    assert time_ns.isdigit()
    assert len(bytes.fromhex(unique)) == 16
