"""Takes a log home over HTTP: records as the service states them, checkpoints, keys, tiles."""

import time
from collections.abc import Callable

from audit.checkpoint import NotACheckpoint, checkpoint_in
from audit.export import ExportWriter
from audit.merkle import TILE_WIDTH
from audit.note import NotANote, read
from audit.remote_log import LogDoesNotAnswer, RemoteLog

TOLD_EVERY = 1_000
SIGNED_WITHIN_S = 20.0
"""A notary signs every few seconds while there is news."""
POLL_S = 0.5


def newest_of(log: RemoteLog) -> tuple[str, int]:
    """Origin and size of the newest checkpoint; nothing and 0 where there is none.

    Raises LogDoesNotAnswer.
    """
    note = log.checkpoint()
    if note is None:
        return "", 0
    try:
        checkpoint = checkpoint_in(read(note).text)
    except (NotANote, NotACheckpoint) as error:
        raise LogDoesNotAnswer(f"{log.url} shows a checkpoint that is none: {error}") from error
    return checkpoint.origin, checkpoint.size


def export_log(
    writer: ExportWriter,
    service: str,
    log: RemoteLog,
    signed: int,
    told: Callable[[str, int], None],
) -> None:
    """Go on with a service's part of an export. Raises LogDoesNotAnswer, NotAnExport.

    `signed` is the size of the newest checkpoint, asked for before: the log must have so many
    records, and if it has fewer the checkpoints that say so are kept all the same. What is not
    signed yet is waited for: nobody vouches for records behind the newest checkpoint.
    """
    count = 0
    with writer.log(service) as lines:
        told(service, lines.position)
        for position, line in log.records(lines.position):
            lines.add(position, line)
            count += 1
            if count % TOLD_EVERY == 0:
                told(service, TOLD_EVERY)
        told(service, count % TOLD_EVERY)
        covered = _covering(log, lines.position) if signed else 0
        for position, line in log.records(lines.position) if covered > lines.position else ():
            if position > covered:
                break
            lines.add(position, line)
        end = max(lines.position, signed)
    notes = [each for each in log.checkpoints(0) if each.size <= end]
    writer.write_notes((each.size, each.note) for each in notes)
    size = max((each.size for each in notes), default=0)
    add_keys_and_tiles(writer, service, log, size)


def _covering(log: RemoteLog, position: int) -> int:
    """The newest checkpoint's size, once it covers a position, or nobody signs it in time."""
    until = time.monotonic() + SIGNED_WITHIN_S
    while True:
        _, size = newest_of(log)
        if size >= position or time.monotonic() > until:
            return size
        time.sleep(POLL_S)


def add_keys_and_tiles(writer: ExportWriter, service: str, log: RemoteLog, size: int) -> None:
    """What anybody may see of a log, for a tree of `size` records. Raises LogDoesNotAnswer."""
    writer.write_keys(log.keys())
    for start in range(0, size, TILE_WIDTH):
        number = start // TILE_WIDTH
        if not writer.has_tile(service, number):
            tile = log.tile(0, number, min(TILE_WIDTH, size - start))
            writer.write_tile(service, number, tile)
