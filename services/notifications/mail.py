"""The mail server: it took the letter, it said no, or nobody knows. No letter is logged."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from contracts.languages import Language
from edge.mail_address import NoMailAddress, mail_address
from services.notifications.wording import Wording

TIMEOUT_S = 20.0
PERMANENT_FROM = 500


class NotTaken(Exception):
    """It certainly did not go out. `passing`: it may, later."""

    def __init__(self, code: str, *, passing: bool) -> None:
        self.code = code
        self.passing = passing
        super().__init__(code)


class OutcomeNotKnown(Exception):
    """The connection was lost when the server may already have taken it."""


SendMail = Callable[[EmailMessage], Awaitable[None]]
"""Raises NotTaken, OutcomeNotKnown."""


def letter(
    message_id: UUID,
    wording: Wording,
    *,
    language: Language,
    sender: str,
    to: str,
    date: datetime,
) -> EmailMessage:
    """The Message-ID is the message's own, so that receivers too see a repetition as one.

    Raises NotTaken when `to` is no address.
    """
    mail = EmailMessage()
    try:
        mail["To"] = mail_address(to)
    except NoMailAddress as error:
        raise NotTaken("no-address", passing=False) from error
    mail["From"] = Address("Vòng Tay", addr_spec=sender)
    mail["Subject"] = wording.subject
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = language
    mail.set_content(wording.body)
    return mail


class SmtpServer:
    """`url` is smtp://host:port or smtps://user:password@host:port."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("the mail server's URL is smtp://host:port or smtps://host:port")
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def __call__(self, mail: EmailMessage) -> None:
        """Raises NotTaken, OutcomeNotKnown."""
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls,
            username=self._user,
            password=self._password,
            timeout=TIMEOUT_S,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError):
            raise NotTaken("mail-server-out-of-reach", passing=True) from None
        try:
            await client.send_message(mail)
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as answer:
            raise _refused(answer) from None
        except aiosmtplib.SMTPNotSupported:
            raise NotTaken("no-address", passing=False) from None
        except (aiosmtplib.SMTPException, OSError):
            raise OutcomeNotKnown from None
        finally:
            client.close()


def _refused(
    answer: aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused,
) -> NotTaken:
    status = (
        answer.recipients[0].code
        if isinstance(answer, aiosmtplib.SMTPRecipientsRefused)
        else answer.code
    )
    return NotTaken(f"mail-server-said-{status}", passing=status < PERMANENT_FROM)
