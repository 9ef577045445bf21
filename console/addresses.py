"""Where everything listens. Written to `.run/addresses.json` for whoever wants to look."""

from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from eventing.kafka_access import KafkaAccess

SERVICES = ("registry", "donations", "allocation", "notifications", "portal")


@dataclass(frozen=True, slots=True)
class KafkaLogin:
    """Of a user who reads. The password stays in its own file."""

    brokers: str
    user: str
    password_file: str

    @property
    def access(self) -> KafkaAccess:
        """Raises OSError."""
        password = Path(self.password_file).read_text(encoding="utf-8").strip()
        return KafkaAccess(self.brokers, self.user, password)


@dataclass(frozen=True, slots=True)
class Addresses:
    """`services`: name to the URL of its HTTP door; `workers`: name to the URL of its health.

    `issuer` gives tokens and sets the clock; `mail` shows the letters that were sent.
    """

    services: dict[str, str]
    workers: dict[str, str]
    issuer: str
    kafka: KafkaLogin
    mail: str

    def save(self, path: Path) -> None:
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(asdict(self))))
        unfinished.rename(path)


def load(path: Path) -> Addresses:
    """Raises FileNotFoundError when nothing has been started here."""
    return msgspec.json.decode(path.read_bytes(), type=Addresses)
