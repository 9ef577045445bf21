"""What notifications is told by its environment."""

from pathlib import Path
from typing import ClassVar

from edge import settings


class Settings(settings.Settings):
    """`public_urls` must name `donations`, where a contact is asked for.

    The program's own token is in `program_token_file`, which whoever runs the platform renews; in
    development it comes from the issuer that `public_urls` names.
    """

    service: ClassVar[str] = "notifications"

    smtp_url: str = "smtp://127.0.0.1:25"
    mail_from: str = "khong-tra-loi@vongtay.example"
    program_token_file: Path | None = None
