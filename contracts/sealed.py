"""A sealed field: personal data that only the context which holds its key can open."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Sealed:
    """AES-256-GCM under the data key `key_id` of one person and purpose.

    `ciphertext` is base64 of nonce (12 bytes), ciphertext and tag (16 bytes).
    """

    key_id: UUID
    ciphertext: str
