"""Where everything listens. Written to `.run/addresses.json` for whoever wants to look."""

from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

SERVICES = ("registry", "donations", "allocation", "notifications", "portal")


@dataclass(frozen=True, slots=True)
class Addresses:
    """`services`: name to the URL of its HTTP door; `workers`: name to the URL of its health.

    `issuer` gives tokens and sets the clock; `mail` shows the letters that were sent.
    """

    services: dict[str, str]
    workers: dict[str, str]
    issuer: str
    kafka: str
    mail: str

    def save(self, path: Path) -> None:
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(asdict(self))))
        unfinished.rename(path)


def load(path: Path) -> Addresses:
    """Raises FileNotFoundError when nothing has been started here."""
    return msgspec.json.decode(path.read_bytes(), type=Addresses)
