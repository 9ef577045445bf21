"""Names of persons: how they are found without tones, and in which order they are listed."""

from unicodedata import combining, normalize

from anyascii import anyascii

from edge.vietnamese_order import alphabetical, one_way_written

Order = tuple[bytes, bytes, bytes, str]


def search_key(name: str) -> str:
    """Without tones and marks, lower case, single spaces: "Đinh Thị Hòa" and "đinh thi hoà" meet.

    Letters of other alphabets become those that are typed for them; one that nobody types stays.
    The key of what is not to be seen is empty, and nobody is found by it.
    """
    typed = (_typed(letter) for letter in normalize("NFKC", one_way_written(name)))
    return " ".join("".join(typed).lower().split())


def _typed(letter: str) -> str:
    return anyascii(letter) or ("" if combining(letter) else letter)


def sort_key(name: str) -> Order:
    """By given name, then family name, then middle names; any text has its place."""
    family, *rest = one_way_written(name).split() or [""]
    *middle, given = rest or [family]
    first = family if rest else ""
    return alphabetical(given), alphabetical(first), alphabetical(" ".join(middle)), name
