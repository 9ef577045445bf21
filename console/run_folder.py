"""`.run/`: the data, secrets, keys, logs and addresses of what runs here. Never in git."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from eventing.installation import DEVELOPMENT_ORIGIN, Installation

PROJECT = Path(__file__).parents[1]
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class RunFolder:
    path: Path = PROJECT / ".run"

    @property
    def addresses(self) -> Path:
        return self.path / "addresses.json"

    @property
    def clock(self) -> Path:
        return self.path / "clock"

    @property
    def issuer_key(self) -> Path:
        return self._secrets / "issuer-key.json"

    @property
    def issuer_jwks(self) -> Path:
        return self.path / "issuer-jwks.json"

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    @property
    def season(self) -> Path:
        """How far the season has been played on these data."""
        return self.path / "season.json"

    def installation(self, portal: str) -> Installation:
        """What runs here: another than whatever ran here before, or runs elsewhere."""
        path = self.path / "origin"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".unfinished")
            unfinished.write_text(f"{secrets.token_hex(4)}.{DEVELOPMENT_ORIGIN}")
            unfinished.rename(path)
        return Installation(path.read_text(), f"{portal}/schemas")

    def log(self, process: str) -> Path:
        folder = self.path / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{process}.log"

    def password(self, role: str) -> str:
        """Return the password of a database role or a user of Kafka, made at the first call."""
        return self.password_file(role).read_text()

    def password_file(self, role: str) -> Path:
        return self._secret(f"{role}.password", secrets.token_urlsafe(24).encode())

    def key_file(self, name: str) -> Path:
        """Return a file of 32 random bytes, made at the first call."""
        return self._secret(f"{name}.key", secrets.token_bytes(KEY_BYTES))

    @property
    def log_keys(self) -> Path:
        """A folder with the public keys of all logs."""
        folder = self.path / "log-keys"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def notary_key(self, service: str) -> Path:
        """The private keys that sign the service's log: a file as `vongtay notary-key` makes it."""
        return self._secrets / f"{service}-notary.key"

    @property
    def _secrets(self) -> Path:
        folder = self.path / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _secret(self, name: str, if_new: bytes) -> Path:
        path = self._secrets / name
        if not path.exists():
            unfinished = path.with_name(f"{name}.unfinished")
            unfinished.touch(mode=0o600)
            unfinished.write_bytes(if_new)
            unfinished.rename(path)
        return path
