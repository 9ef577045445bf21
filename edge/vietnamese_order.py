"""The Vietnamese alphabet's order of text, any text: the Unicode consortium's own (ICU, `vi`).

No Python library offers ICU's collation with what it needs to run, and PostgreSQL does not where it
was built without; icu4py brings the whole of ICU, of which the two functions below are called.
"""

import ctypes
import re
from functools import cache, lru_cache
from importlib.metadata import files
from unicodedata import category, normalize

from icu4py import icu_version_info

LOCALE = b"vi"
KEYS_KEPT_MAX = 8_192
LOOK_ALIKES = str.maketrans({"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ"})
"""Letters that are typed for Đ, and look the same."""
TONE_ON_THE_FIRST = re.compile(
    "(?P<first>o)(?P<tone>[\u0300\u0301\u0303\u0309\u0323])(?P<second>[ae])"
    "|(?P<u>u)(?P<its_tone>[\u0300\u0301\u0303\u0309\u0323])(?P<y>y)",
    re.IGNORECASE,
)
"""Two schools put the tone of oa, oe and uy on either letter: hòa, hoà."""
TONE_ON_THE_SECOND = r"\g<first>\g<second>\g<tone>\g<u>\g<y>\g<its_tone>"


class Collator:
    """ICU's collator of a locale; both functions are ICU's C interface."""

    def __init__(self, locale: bytes) -> None:
        library = ctypes.CDLL(_library())
        version = icu_version_info[0]
        opened = library[f"ucol_open_{version}"]
        opened.restype = ctypes.c_void_p
        opened.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
        self._key = library[f"ucol_getSortKey_{version}"]
        self._key.restype = ctypes.c_int32
        self._key.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int32,
            ctypes.c_char_p,
            ctypes.c_int32,
        ]
        status = ctypes.c_int(0)
        self._collator = opened(locale, ctypes.byref(status))
        if not self._collator or status.value > 0:
            raise OSError(f"ICU cannot order text in {locale!r}: {status.value}")

    def key(self, text: str) -> bytes:
        """Return bytes that are in the order in which the texts are."""
        units = text.encode("utf-16-le", "surrogatepass")
        count, room = len(units) // 2, 64 + 2 * len(units)
        while True:
            held = ctypes.create_string_buffer(room)
            needed: int = self._key(self._collator, units, count, held, room)
            if needed <= room:
                return held.raw[:needed]
            room = needed


def alphabetical(text: str) -> bytes:
    """Return the key by which texts are sorted: letters, then tones, then capitals.

    However a letter was typed and wherever its tone was put, it has one place.
    """
    return _key(one_way_written(text))


def one_way_written(text: str) -> str:
    """The same for all ways to type it: look-alikes of Đ, places of a tone, spaces, the unseen."""
    seen = "".join(letter for letter in text if category(letter) != "Cf")
    marked = normalize("NFD", " ".join(seen.translate(LOOK_ALIKES).split()))
    return normalize("NFC", TONE_ON_THE_FIRST.sub(TONE_ON_THE_SECOND, marked))


@lru_cache(maxsize=KEYS_KEPT_MAX)
def _key(text: str) -> bytes:
    return _collator().key(text)


@cache
def _collator() -> Collator:
    return Collator(LOCALE)


def _library() -> str:
    for file in files("icu4py") or ():
        if "icui18n" in file.name:
            return str(file.locate())
    raise OSError("icu4py has come without ICU's library of collation")
