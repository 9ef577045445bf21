"""What notifications is told by its environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, model_validator

from edge import settings
from edge.mail_address import mail_address


def _is_mail_address(text: str) -> str:
    mail_address(text)
    return text


class Settings(settings.Settings):
    """`public_urls` must name `donations`, where a contact is asked for.

    The program's own token is in `program_token_file`, which whoever runs the platform renews; in
    development it comes from the issuer that `public_urls` names.
    """

    service: ClassVar[str] = "notifications"

    smtp_url: str = "smtp://127.0.0.1:25"
    """The mail server that letters are given to."""
    mail_from: Annotated[str, AfterValidator(_is_mail_address)] = "khong-tra-loi@vongtay.example"
    """The sender's address on letters."""
    program_token_file: Path | None = None
    """This program's own access token, renewed by whoever runs the platform; read at each use."""

    @property
    def other_servers(self) -> Mapping[str, str]:
        return {"VONGTAY_SMTP_URL": self.smtp_url}

    @model_validator(mode="after")
    def _names_what_it_asks(self) -> Self:
        if "donations" not in self.public_urls:
            raise ValueError("VONGTAY_PUBLIC_URLS must name donations")
        if self.program_token_file is None:
            if self.mode == "production":
                raise ValueError("production needs VONGTAY_PROGRAM_TOKEN_FILE")
            if "issuer" not in self.public_urls:
                raise ValueError("VONGTAY_PUBLIC_URLS must name the issuer, or set a token file")
        return self
