"""A real SMTP server that delivers nothing: it keeps each message in a folder, and shows them.

HTTP beside it: /healthz, and / lists what came, so that a newcomer can read the letters.
"""

import asyncio
import email
import email.policy
import time
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from pydantic_settings import BaseSettings, SettingsConfigDict

from edge.serving import end, listen

MESSAGE_BYTES_MAX = 5_000_000
SHOWN_MAX = 200


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="VONGTAY_", use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """The address to listen at."""
    smtp_port: int = 8025
    """Where it takes letters."""
    port: int = 8026
    """Where it shows them, over HTTP."""
    mail_folder: Path
    """Where it keeps them."""


class KeepInFolder:
    """Accepts for everybody. File names tell when, never who."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        unfinished = self._folder / f"{time.time_ns()}-{uuid4().hex}.unfinished"
        unfinished.write_bytes(envelope.original_content or b"")
        unfinished.rename(unfinished.with_suffix(".eml"))
        return "250 kept"


def messages(folder: Path) -> list[Path]:
    """Return the files in the order in which the messages came."""
    return sorted(folder.glob("*.eml"))


def make_app(folder: Path) -> FastAPI:
    app = FastAPI(title="Vòng Tay: mail sink")

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/", response_class=PlainTextResponse)
    def newest() -> str:
        return "\n\n――――――\n\n".join(
            _readable(path) for path in reversed(messages(folder)[-SHOWN_MAX:])
        )

    return app


def _readable(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    head = [f"{name}: {message[name]}" for name in ("Date", "To", "Subject", "Message-ID")]
    return "\n".join([*head, "", body.get_content() if body is not None else ""])


async def serve(settings: Settings) -> None:
    settings.mail_folder.mkdir(parents=True, exist_ok=True)
    sink = KeepInFolder(settings.mail_folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, data_size_limit=MESSAGE_BYTES_MAX, enable_SMTPUTF8=True, loop=loop),
        settings.host,
        settings.smtp_port,
    )
    async with server:
        app = make_app(settings.mail_folder)
        await listen(app, settings.host, settings.port)


def main() -> None:
    asyncio.run(serve(Settings()))
    end(0)


if __name__ == "__main__":
    main()
