"""Checkpoints (C2SP tlog-checkpoint): a log's origin, size and root as a signed note's text."""

import base64
from dataclasses import dataclass

from audit.merkle import HASH_BYTES
from audit.note import Note, NotSigned, Signer, Verifier, read, sign

PLAIN_LINES = 3
SIZE_DIGITS_MAX = 18


class NotACheckpoint(Exception):
    """The text of the note does not state an origin, a size and a root."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`size` is how many records the log had, `root` their RFC 6962 tree's."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def signed(self, *signers: Signer) -> str:
        return sign(self.text, signers)


def checkpoint_in(text: str) -> Checkpoint:
    """Raises NotACheckpoint. Lines after the third are extensions and left alone."""
    lines = text.split("\n")
    if len(lines) < PLAIN_LINES or not lines[0] or not _is_size(lines[1]):
        raise NotACheckpoint("a checkpoint has an origin, a size and a root")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError:
        raise NotACheckpoint("a root is base64") from None
    if len(root) != HASH_BYTES or lines[1] != str(int(lines[1])):
        raise NotACheckpoint("a root has 32 bytes, a size no leading zeros")
    return Checkpoint(lines[0], int(lines[1]), root)


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= SIZE_DIGITS_MAX


def size_in(note: str) -> int:
    """What a note says, whoever has signed it. Raises NotANote, NotACheckpoint."""
    return checkpoint_in(read(note).text).size


def opened(note: str, log: Verifier) -> tuple[Checkpoint, Note]:
    """The checkpoint of a note that the log signed. Raises NotANote, NotSigned, NotACheckpoint."""
    read_note = read(note)
    if not read_note.signed_by(log):
        raise NotSigned(f"{log.name} has not signed it")
    return checkpoint_in(read_note.text), read_note
