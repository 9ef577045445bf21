"""Holds a restored log against all that was signed of it, and brings the checkpoints back.

The whole log is hashed again: its root must be the signed one, at the newest checkpoint that the
database has and at each later one that was published.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg

from audit.checkpoint import Checkpoint
from audit.merkle import TILE_WIDTH, RightEdge
from eventing.record import leaf_hash
from notary.checkpoint_topic import TAIL_NOTES, CheckpointTopic
from notary.keys import LogKeys, NotOurCheckpoint
from notary.notary import numbered

BATCH_RECORDS = 10_000
FARTHER = 8
"""How many times as far back is looked for the newest checkpoint that the database has."""


class NotWhatWasSigned(Exception):
    """The log is not the one that was signed, or ends before what was signed."""


@dataclass(slots=True)
class _Tree:
    edge: RightEdge
    tiles: list[tuple[int, int, bytes]]


async def bring_back_checkpoints(
    owner: "asyncpg.Connection[Any]", topic: CheckpointTopic, keys: LogKeys | None
) -> int:
    """Return the size of the newest checkpoint, against which the log was held; 0 for none.

    `keys` None: allowed only for a log that nobody has signed.
    Raises NotWhatWasSigned, NotOurCheckpoint, WrongTopicSettings, KafkaError, TimeoutError.
    """
    kept = await owner.fetchrow(
        "SELECT size, root, note FROM checkpoints ORDER BY size DESC LIMIT 1"
    )
    size = 0 if kept is None else int(kept["size"])
    notes = await _notes_after(topic, keys, size)
    signed = ([(size, kept["root"], kept["note"])] if kept is not None else []) + notes
    if not signed:
        return 0
    if keys is None:
        raise NotWhatWasSigned("checkpoints of this log exist: give its public keys (--log-keys)")
    tree = _Tree(RightEdge(), [])
    for at, root, note in signed:
        await _grow(owner, tree, at)
        if keys.opened(note).root != root or tree.edge.root() != root:
            raise NotWhatWasSigned(f"the first {at} records are not those that were signed")
    tiles = [
        (level, number, hashes)
        for level, number, hashes in tree.tiles
        if number >= size // TILE_WIDTH ** (level + 1)
    ]
    async with owner.transaction():
        await owner.copy_records_to_table("tiles", records=tiles)
        await owner.copy_records_to_table(
            "checkpoints", records=notes, columns=("size", "root", "note")
        )
        await owner.execute(
            "UPDATE notary SET epoch = epoch + 1, size = $1, right_edge = $2, trouble = NULL,"
            " released = CASE WHEN $3 THEN $1 ELSE released END",
            tree.edge.size,
            [b"".join(level) for level in tree.edge.levels],
            bool(notes),
        )
    return tree.edge.size


async def _notes_after(
    topic: CheckpointTopic, keys: LogKeys | None, size: int
) -> list[tuple[int, bytes, str]]:
    """Published checkpoints of more records, smallest first."""
    look_back = TAIL_NOTES
    while True:
        async with topic.opened(look_back) as open_topic:
            came = await open_topic.come()
        if came and keys is None:
            raise NotWhatWasSigned("checkpoints were published: give the public keys (--log-keys)")
        opened = _ours(came, keys) if keys is not None else []
        # Fewer than asked for: these are all.
        if len(came) < look_back or min((said.size for said, _ in opened), default=size) <= size:
            break
        look_back *= FARTHER
    found: dict[int, tuple[int, bytes, str]] = {}
    for said, note in opened:
        if said.size > size and found.setdefault(said.size, (said.size, said.root, note))[1] != (
            said.root
        ):
            raise NotWhatWasSigned(f"two checkpoints of {said.size} records were published")
    return [found[each] for each in sorted(found)]


def _ours(notes: Sequence[str], keys: LogKeys) -> list[tuple[Checkpoint, str]]:
    """What no known key signed says nothing of this log."""
    found: list[tuple[Checkpoint, str]] = []
    for note in notes:
        with suppress(NotOurCheckpoint):
            found.append((keys.opened(note), note))
    return found


async def _grow(owner: "asyncpg.Connection[Any]", tree: _Tree, size: int) -> None:
    """Extend the tree over the log, up to `size` records."""
    while tree.edge.size < size:
        before = tree.edge.size
        leaves = await _leaves(owner, before, min(size, before + BATCH_RECORDS))
        if not leaves:
            raise NotWhatWasSigned(
                f"{size} records were signed and published, the log ends at {before}: records are"
                " lost in Kafka too. Somebody's export may still have them"
            )
        tree.tiles += numbered(before, tree.edge.extend(leaves))


async def _leaves(owner: "asyncpg.Connection[Any]", after: int, upto: int) -> Sequence[bytes]:
    rows = await owner.fetch(
        "SELECT position, record FROM events WHERE position > $1 AND position <= $2"
        " ORDER BY position",
        after,
        upto,
    )
    if rows and rows[-1]["position"] != after + len(rows):
        raise NotWhatWasSigned(f"a position between {after} and {upto} is missing in the log")
    return [leaf_hash(row["record"]) for row in rows]
