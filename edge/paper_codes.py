"""Secret codes that people carry on paper: made, read as people write them, kept as a hash.

A code is 60 random bits in Crockford's base32, so that O and 0, or I, L and 1, are the same letter.
Logs and tables hold only its hash under a key of the installation: who reads them can neither use
nor try codes.
"""

import hashlib
import hmac
import secrets
import unicodedata

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LETTERS = 12
GROUP_LETTERS = 4
WRITTEN_CHARACTERS_MAX = 40
_SAME = str.maketrans("OIL", "011", " -.\u00a0\t\n\r")


def new_code() -> str:
    """As it is printed: `7K3M-Q9TV-2XHR`."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))
    groups = range(0, CODE_LETTERS, GROUP_LETTERS)
    return "-".join(letters[at : at + GROUP_LETTERS] for at in groups)


def hash_of(key: bytes, written: str) -> str | None:
    """Hex of HMAC-SHA-256 over the code that was meant; None: no code looks like that."""
    if len(written) > WRITTEN_CHARACTERS_MAX:
        return None
    letters = unicodedata.normalize("NFKC", written).upper().translate(_SAME)
    if len(letters) != CODE_LETTERS or not set(letters) <= set(LETTERS):
        return None
    return hmac.digest(key, b"paper-code\x00" + letters.encode(), hashlib.sha256).hex()
