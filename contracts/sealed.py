"""A sealed field: personal data that only the context which holds its key can open."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Sealed:
    """AES-256-GCM under the data key `key_id` of one person and purpose.

    `ciphertext` is base64 of nonce (12 bytes), ciphertext and tag (16 bytes). What was sealed is
    padded to one of a few lengths, the shortest of which holds any code, name or short text.
    """

    key_id: UUID
    ciphertext: str
