"""Vietnamese names: how they are found without tones, and in which order they are listed."""

from unicodedata import normalize

LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""Level, huyền, hỏi, ngã, sắc, nặng: the order in which they are listed, as combining marks."""
LETTER_MARKS = {"\u0306", "\u0302", "\u031b"}
"""The breve, circumflex and horn that make another letter, not another tone."""

Order = tuple[tuple[int, ...], tuple[int, ...]]


def search_key(name: str) -> str:
    """Without tones and marks, lower case, single spaces: "Đinh Thị Hòa" and "đinh thi hoà" meet.

    The đ has no decomposition, so it is replaced by hand.
    """
    marked = normalize("NFD", name.lower().replace("đ", "d"))
    bare = "".join(letter for letter in marked if normalize("NFC", letter).isascii())
    return " ".join(bare.split())


def sort_key(name: str) -> tuple[Order, Order, Order]:
    """By given name, then family name, then middle names; letters before tones."""
    words = name.split()
    if not words:
        return (((), ()), ((), ()), ((), ()))
    *rest, given = words
    return (_order(given), _order(" ".join(rest[:1])), _order(" ".join(rest[1:])))


def _order(word: str) -> Order:
    letters: list[int] = []
    tones: list[int] = []
    for mark in normalize("NFD", word.lower()):
        if mark in TONES and tones:
            tones[-1] = TONES.index(mark)
        elif mark in LETTER_MARKS and letters:
            letters[-1] = _rank(normalize("NFC", LETTERS[letters[-1]] + mark))
        else:
            letters.append(_rank(mark))
            tones.append(0)
    return tuple(letters), tuple(tones)


def _rank(letter: str) -> int:
    """A space before all letters, anything unknown after them."""
    if letter == " ":
        return -1
    at = LETTERS.find(letter)
    return at if at >= 0 else len(LETTERS) + ord(letter[0])
