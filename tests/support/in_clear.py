"""What a record tells whoever has no key: a short word may stand in a ciphertext by chance."""

import re

_CIPHERTEXT = re.compile(rb'"ciphertext":"[A-Za-z0-9+/]{32,}=*"')
"""As long as what is padded: a word that was never sealed is left."""


def in_clear(record: bytes) -> str:
    """The record without what is sealed in it."""
    return _CIPHERTEXT.sub(b"", record).decode()
