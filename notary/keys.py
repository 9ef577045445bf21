"""The keys of a log: private ones in a file that its owner alone reads, public ones in another.

Both have a key a line, oldest first. While a key is replaced the private file has two, and both
sign; the public file keeps every key that ever signed. No key is ever in a database.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from audit.checkpoint import Checkpoint, NotACheckpoint, checkpoint_in
from audit.note import ED25519, NotANote, NotSigned, Signer, Verifier, read, signer, verifier

SEED_BYTES = 32
PRIVATE_MODE, PUBLIC_MODE = 0o600, 0o644


class NotTheLogsKeys(Exception):
    """A file holds no keys, not those of this log, or not all that belong together."""


class NotOurCheckpoint(Exception):
    """No key of the log signed it, or it is of another log."""


def make(private: Path, public: Path, log: str) -> Verifier:
    """The first key of a log, named as its origin. Raises FileExistsError, NotTheLogsKeys."""
    for path in (private, public):
        if path.exists():
            raise FileExistsError(f"{path.name} is there already")
    return _add(private, public, log, [], [])


def rotate(private: Path, public: Path) -> Verifier:
    """Add a key: from the next start on, each checkpoint is signed by both.

    Raises OSError, NotTheLogsKeys.
    """
    signers, verifiers = _signers(private), _verifiers(public)
    return _add(private, public, signers[-1].name, signers, verifiers)


def retire(private: Path) -> Sequence[Verifier]:
    """Keep the newest private key alone; return the others, which sign no more.

    Raises OSError, NotTheLogsKeys.
    """
    *older, newest = _signers(private)
    _write(private, PRIVATE_MODE, [newest])
    return [each.verifier for each in older]


def _add(
    private: Path, public: Path, log: str, signers: list[Signer], verifiers: list[Verifier]
) -> Verifier:
    added = Signer(log, ED25519, secrets.token_bytes(SEED_BYTES))
    try:
        signer(str(added))
    except NotANote:
        raise NotTheLogsKeys("a log's name has no spaces and no plus sign") from None
    # The public one first: a key that signs before anybody is told would be refused by all.
    _write(public, PUBLIC_MODE, [*verifiers, added.verifier])
    _write(private, PRIVATE_MODE, [*signers, added])
    return added.verifier


def _write(path: Path, mode: int, keys: Sequence[Signer | Verifier]) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{key}\n" for key in keys)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def _signers(path: Path) -> list[Signer]:
    try:
        found = [signer(line) for line in path.read_text().splitlines()]
    except NotANote as error:
        raise NotTheLogsKeys(f"{path.name}: {error}") from None
    if not found:
        raise NotTheLogsKeys(f"{path.name} holds no key")
    return found


def _verifiers(path: Path) -> list[Verifier]:
    try:
        return [verifier(line) for line in path.read_text().splitlines()]
    except NotANote as error:
        raise NotTheLogsKeys(f"{path.name}: {error}") from None


@dataclass(frozen=True, slots=True)
class LogKeys:
    """What a log signs with now, and all keys by which its checkpoints are known, oldest first."""

    origin: str
    signers: tuple[Signer, ...]
    verifiers: tuple[Verifier, ...]

    @classmethod
    def of(cls, origin: str, private: Path, public: Path) -> Self:
        """Raises OSError, NotTheLogsKeys."""
        signers, verifiers = _signers(private), _verifiers(public)
        if {key.name for key in signers} | {key.name for key in verifiers} != {origin}:
            raise NotTheLogsKeys(f"{private.name} or {public.name} is not of {origin}")
        if not {key.verifier for key in signers} <= {*verifiers}:
            raise NotTheLogsKeys(f"{public.name} lacks a key that {private.name} signs with")
        return cls(origin, tuple(signers), tuple(verifiers))

    @classmethod
    def known(cls, origin: str, public: Path) -> Self:
        """Keys that know checkpoints and sign none. Raises OSError, NotTheLogsKeys."""
        verifiers = _verifiers(public)
        if {key.name for key in verifiers} != {origin}:
            raise NotTheLogsKeys(f"{public.name} is not of {origin}")
        return cls(origin, (), tuple(verifiers))

    def opened(self, note: str) -> Checkpoint:
        """Raises NotOurCheckpoint."""
        try:
            signed = read(note)
            # All of them: one that does not hold is refused, whatever the others say.
            by = [key for key in self.verifiers if signed.signed_by(key)]
            checkpoint = checkpoint_in(signed.text)
        except (NotANote, NotSigned, NotACheckpoint) as error:
            raise NotOurCheckpoint(str(error)) from None
        if not by or checkpoint.origin != self.origin:
            raise NotOurCheckpoint("no key of this log signed it")
        return checkpoint
