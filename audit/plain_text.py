r"""Text of which nobody knows who wrote it, as it may be shown on a terminal, in JSON or a page.

Control characters move the cursor and colour the screen; those for the direction of writing make
a line read otherwise than it is. Both are shown as what they are: `\x1b`, `\u202e`.
"""

import re

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, those of no width, those that turn the direction, halves of pairs."""

SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """One line, in which nothing is hidden."""
    return UNSEEN.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    if short := SHORT.get(character):
        return short
    return character.encode("unicode-escape", "surrogatepass").decode()


def visible_json(text: str) -> str:
    """JSON that says the same: such characters stand in strings alone, and may be escaped there."""
    return UNSEEN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    if found[0] == "\n":
        return "\n"
    raw = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{raw[at : at + 4]}" for at in range(0, len(raw), 4))
