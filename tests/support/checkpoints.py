"""Checkpoints as a log's notary would have published them, for pages that show the newest."""

from datetime import datetime

from audit.checkpoint import Checkpoint
from audit.note import ED25519, Signer
from edge.door import House

ORIGIN = "vongtay.test"
ROOT = b"\x07" * 32


def signer_of(service: str) -> Signer:
    return Signer(f"{ORIGIN}/{service}", ED25519, service.encode().ljust(32, b"\x01"))


def note(service: str, size: int, root: bytes = ROOT) -> str:
    return Checkpoint(f"{ORIGIN}/{service}", size, root).signed(signer_of(service))


def publish(
    house: House, service: str, size: int, published_at: datetime, root: bytes = ROOT
) -> str:
    """The house hears of it as it would from the topic."""
    text = note(service, size, root)
    house.checkpoints.take(service, text, published_at)
    return text
