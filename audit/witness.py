"""A witness: sees that a log only grows, and cosigns what it saw; it keeps one checkpoint a log.

Anyone runs it, anywhere but at the log's. What it has cosigned is on disk before anybody sees it,
so it never cosigns two histories, not even across a crash. The first checkpoint it takes as it is.
Each log is looked at in a thread of its own: what one of them answers, or how slowly, is no matter
of the others.
"""

import fcntl
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock, Thread
from typing import Literal

import msgspec

from audit.checkpoint import Checkpoint, NotACheckpoint, checkpoint_in
from audit.merkle import ProofFails, check_consistency, consistency_proof
from audit.note import NotANote, Note, NotSigned, Signer, Verifier, read
from audit.remote_log import LogDoesNotAnswer, RemoteLog
from audit.tiles import subtrees_from

FINDING = Literal[
    "cosigned", "nothing-signed", "silent", "not-signed", "went-back", "forked", "not-ours"
]
ALARMS = frozenset({"not-signed", "went-back", "forked", "not-ours"})
LOOK_WITHIN_S = 120.0
"""A log that has not been read by then is silent; its thread ends when it ends."""


class Seen(msgspec.Struct, frozen=True):
    """What a look at a log came to. `refused` is the note that was not cosigned, as evidence."""

    origin: str
    finding: FINDING
    size: int
    at: int
    says: str = ""
    refused: str | None = None

    @property
    def is_alarm(self) -> bool:
        return self.finding in ALARMS


@dataclass(frozen=True, slots=True)
class Watched:
    """A log: its keys, old and new, all named as its origin; and where it is shown."""

    keys: tuple[Verifier, ...]
    url: str

    @property
    def origin(self) -> str:
        return self.keys[0].name


class FolderInUse(OSError):
    """Another witness keeps its checkpoints there: two would not know of each other's."""


class Witness:
    """`folder` keeps a cosigned note for each log and, if one was refused, the last refused."""

    def __init__(
        self,
        signer: Signer,
        folder: Path,
        logs: Sequence[Watched],
        now: Callable[[], float] = time.time,
        look_within_s: float = LOOK_WITHIN_S,
    ) -> None:
        """Raises FolderInUse while another one, in whatever process, has not been closed."""
        folder.mkdir(parents=True, exist_ok=True)
        self._locked = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._locked)
            raise FolderInUse(f"another witness uses {folder}") from error
        self._signer, self._folder, self._now = signer, folder, now
        self._look_within_s = look_within_s
        self._logs = {log.origin: log for log in logs}
        self._seen: dict[str, Seen] = {}
        self._looking: dict[str, Thread] = {}
        self._not_kept: dict[str, OSError] = {}
        self._keeping = Lock()

    def close(self) -> None:
        """Whatever is still looked at cosigns nothing any more."""
        with self._keeping:
            self._logs = {}
            os.close(self._locked)

    @property
    def origins(self) -> list[str]:
        return list(self._logs)

    def cosigned(self, origin: str) -> str | None:
        """The last note that was cosigned, with our line."""
        path = self._path(origin)
        if origin not in self._logs or not path.exists():
            return None
        # What was spoilt there is no text of ours, and is found to be none.
        return path.read_bytes().decode(errors="replace")

    def seen(self) -> list[Seen]:
        return list(self._seen.values())

    def look(self) -> list[Seen]:
        """Look at every log once. Raises OSError when what was seen cannot be kept."""
        for log in self._logs.values():
            looking = self._looking.get(log.origin)
            if looking is None or not looking.is_alive():
                self._looking[log.origin] = Thread(target=self._see, args=(log,), daemon=True)
                self._looking[log.origin].start()
        until = time.monotonic() + self._look_within_s
        for origin, looking in self._looking.items():
            looking.join(max(0.0, until - time.monotonic()))
            if looking.is_alive():
                before = self._seen.get(origin)
                says = f"not read within {self._look_within_s:.0f} s"
                size = before.size if before else 0
                self._seen[origin] = self._say(self._logs[origin], "silent", size, says)
        if self._not_kept:
            raise self._not_kept.popitem()[1]
        return self.seen()

    def _see(self, log: Watched) -> None:
        try:
            self._seen[log.origin] = self._look_at(log)
        except OSError as error:
            self._not_kept[log.origin] = error
        except Exception as error:  # noqa: BLE001 - whatever a log makes us do, it is of that log
            says = f"{type(error).__name__}: {error}"
            self._seen[log.origin] = self._say(log, "silent", 0, says)

    def _look_at(self, log: Watched) -> Seen:
        try:
            known = self._known(log.origin)
        except (NotANote, NotSigned, NotACheckpoint) as error:
            # Nobody but the witness's keeper can say what it had seen: it cosigns no more of it.
            return self._say(log, "not-ours", 0, str(error))
        try:
            with RemoteLog(log.url) as remote:
                text = remote.checkpoint()
                if text is None:
                    return self._empty(log, known)
                return self._judge(log, remote, text, known)
        except LogDoesNotAnswer as error:
            return self._say(log, "silent", known.size if known else 0, str(error))

    def _empty(self, log: Watched, known: Checkpoint | None) -> Seen:
        if known is None:
            return self._say(log, "nothing-signed", 0)
        return self._say(log, "went-back", known.size, "it shows no checkpoint any more")

    def _judge(self, log: Watched, remote: RemoteLog, text: str, known: Checkpoint | None) -> Seen:
        size = known.size if known else 0
        try:
            note = read(text)
            new = checkpoint_in(note.text)
            by = [key for key in log.keys if note.signed_by(key)]
        except (NotANote, NotACheckpoint, NotSigned) as error:
            return self._refuse(log, "not-signed", size, str(error), text)
        if not by or new.origin != log.origin:
            return self._refuse(log, "not-signed", size, "no key of the log signed it", text)
        if known is not None and new.size < known.size:
            says = f"it shows {new.size} records, {known.size} were signed before"
            return self._refuse(log, "went-back", size, says, text)
        try:
            if known is not None and known.size:
                self._see_that_it_grew(remote, known, new)
        except ProofFails as error:
            says = f"{new.size} records do not begin with the {known.size if known else 0}: {error}"
            return self._refuse(log, "forked", size, says, text)
        return self._cosign(log, note, new)

    @staticmethod
    def _see_that_it_grew(remote: RemoteLog, known: Checkpoint, new: Checkpoint) -> None:
        """Raises ProofFails, LogDoesNotAnswer."""
        proof = consistency_proof(known.size, new.size, subtrees_from(remote.tile, new.size))
        check_consistency(known.size, known.root, new.size, new.root, proof)

    def _cosign(self, log: Watched, note: Note, new: Checkpoint) -> Seen:
        """Only the log's own lines are taken over: others, in our name too, may be anything."""
        names = {(key.name, key.key_hash) for key in log.keys}
        lines = [line for line in note.lines if line.signer in names]
        ours = self._signer.line(note.text, int(self._now()))
        self._keep(self._path(log.origin), f"{note.text}\n{''.join(map(str, lines))}{ours}")
        return self._say(log, "cosigned", new.size)

    def _refuse(self, log: Watched, finding: FINDING, size: int, says: str, note: str) -> Seen:
        self._keep(self._path(log.origin).with_suffix(".refused"), note)
        return self._say(log, finding, size, says, note)

    def _say(
        self, log: Watched, finding: FINDING, size: int, says: str = "", refused: str | None = None
    ) -> Seen:
        return Seen(log.origin, finding, size, int(self._now()), says, refused)

    def _known(self, origin: str) -> Checkpoint | None:
        """Raises NotANote, NotSigned, NotACheckpoint when what is kept is not what we cosigned."""
        text = self.cosigned(origin)
        if text is None:
            return None
        note = read(text)
        own = self._signer.verifier
        # Any of them: a log could once put lines in our name before ours.
        if not any(own.holds(note.text, line.signature) for line in note.lines_of(own)):
            raise NotSigned(f"what is kept of {origin} was not cosigned by {self._signer.name}")
        return checkpoint_in(note.text)

    def _path(self, origin: str) -> Path:
        return self._folder / f"{sha256(origin.encode()).hexdigest()[:32]}.note"

    def _keep(self, path: Path, text: str) -> None:
        """Durable before it is told: file, then name."""
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with self._keeping:
            if not self._logs:
                return
            unfinished.replace(path)
            os.fsync(self._locked)
