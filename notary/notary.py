"""The notary of a log: grows its Merkle tree, and signs what extends everything signed before.

Tiles, right edge and checkpoint are durable in one transaction before anybody sees the checkpoint.
It signs only what extends the newest checkpoint in its database and on the topic; otherwise it
stops, and says why.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from audit.checkpoint import Checkpoint
from audit.merkle import (
    HASH_BYTES,
    TILE_WIDTH,
    ProofFails,
    RightEdge,
    check_consistency,
    consistency_proof,
)
from audit.tiles import subtrees_from
from eventing.fail_points import come_by
from eventing.leadership import Leadership
from eventing.record import leaf_hash
from eventing.topics import WrongTopicSettings
from notary.checkpoint_topic import CheckpointTopic, OpenTopic
from notary.keys import LogKeys, NotOurCheckpoint
from notary.tables import Tables

INTERVAL_S = 2.5
"""A record waits at most this long to be signed, and twice as long when Kafka is slow."""
BATCH_RECORDS = 10_000
BATCH_NOTES = 1_000

log = logging.getLogger(__name__)


class WillNotSign(Exception):
    """What is there does not extend what was signed: a person must find out why."""


@dataclass(slots=True)
class _Tree:
    """`size` is that of the newest checkpoint in the database, whose tree `edge` ends."""

    epoch: int
    size: int
    edge: RightEdge


class Notary:
    """`run` leads whenever it can, and signs while it leads."""

    def __init__(
        self,
        service: str,
        tables: Tables,
        topic: CheckpointTopic,
        keys: LogKeys,
        leadership: Leadership,
        *,
        interval_s: float = INTERVAL_S,
        batch_records: int = BATCH_RECORDS,
    ) -> None:
        self._service = service
        self._tables = tables
        self._topic = topic
        self._keys = keys
        self._leadership = leadership
        self._interval_s = interval_s
        self._batch_records = batch_records

    async def run(self) -> None:
        """For ever. Raises WillNotSign, WrongTopicSettings."""
        await self._leadership.lead(f"notary of {self._service}", self._lead)

    async def _lead(self) -> None:
        taken = await self._tables.take()
        tree = _Tree(taken.epoch, taken.size, taken.edge)
        try:
            async with self._topic.opened() as topic:
                await self._check_database(tree)
                largest = await self._check_topic(tree, topic)
                await self._check_extension(tree, largest)
                await self._release(tree, topic, largest.size if largest else 0, taken.released)
                more = await self._extend(tree, topic)
                # Only now: an alarm must not go out for a moment whenever it is looked into again.
                await self._tables.trouble(tree.epoch, None)
                while True:
                    if not more:
                        await asyncio.sleep(self._interval_s)
                    more = await self._extend(tree, topic)
        except (WillNotSign, WrongTopicSettings) as alarm:
            await self._tables.trouble(tree.epoch, str(alarm))
            raise

    async def _check_database(self, tree: _Tree) -> None:
        """The right edge is that of the newest checkpoint, and the checkpoint is ours."""
        newest = await self._tables.newest()
        if newest is None:
            if tree.size or tree.edge.size:
                raise WillNotSign("the database has a tree, and no checkpoint of it")
            return
        said = self._opened(newest.note, "the database")
        if said != Checkpoint(said.origin, newest.size, newest.root):
            raise WillNotSign(f"the note of checkpoint {newest.size} says something else")
        if not tree.size == tree.edge.size == newest.size or tree.edge.root() != newest.root:
            raise WillNotSign(
                f"the tree of {tree.edge.size} records in the database is not that of its newest"
                f" checkpoint, {newest.size}: one of them was changed"
            )
        head = await self._tables.head()
        if head < tree.size:
            raise WillNotSign(f"the log ends at {head}, and {tree.size} records were signed")

    async def _check_topic(self, tree: _Tree, topic: OpenTopic) -> Checkpoint | None:
        """All that came on the topic was signed here; return the largest of it."""
        came = self._ours(await topic.come())
        if not came:
            return None
        largest = max(came, key=lambda each: each.size)
        if largest.size > tree.size:
            raise WillNotSign(
                f"a checkpoint of {largest.size} records was published, and the newest in the"
                f" database is of {tree.size}: an older database was restored, or a copy signs too"
            )
        roots = await self._tables.roots({each.size for each in came})
        for each in came:
            if roots.get(each.size) != each.root:
                raise WillNotSign(
                    f"the checkpoint of {each.size} records that was published is not the one in"
                    " the database: the log was rewritten, or a copy signs too"
                )
        return largest

    async def _check_extension(self, tree: _Tree, older: Checkpoint | None) -> None:
        """The tree in the database begins with the one that was published.

        Two re-signed rows can agree with the topic and not with each other.
        """
        if older is None or older.size == tree.size:
            return
        wanted: set[tuple[int, int]] = set()

        def note(level: int, number: int, width: int) -> bytes:
            wanted.add((level, number))
            return bytes(width * HASH_BYTES)

        consistency_proof(older.size, tree.size, subtrees_from(note, tree.size))
        tiles = await self._tables.tiles(wanted)

        def read(level: int, number: int, width: int) -> bytes:
            if width < TILE_WIDTH:
                return b"".join(tree.edge.levels[level])
            return tiles[level, number]

        try:
            proof = consistency_proof(older.size, tree.size, subtrees_from(read, tree.size))
            check_consistency(older.size, older.root, tree.size, tree.edge.root(), proof)
        except (ProofFails, LookupError):
            raise WillNotSign(
                f"the tree of {tree.size} records does not extend the checkpoint of {older.size}"
                " that was published: the log was rewritten"
            ) from None

    async def _extend(self, tree: _Tree, topic: OpenTopic) -> bool:
        """Sign what has come; return whether there may be more of it already."""
        await self._check_topic(tree, topic)
        rows = await self._tables.records(tree.size, self._batch_records)
        if not rows:
            return False
        leaves: list[bytes] = []
        for position, row in enumerate(rows, tree.size + 1):
            if row["position"] != position:
                raise WillNotSign(f"position {position} is missing in the log")
            # The database computes the column, and whoever owns the database can stop that.
            if leaf_hash(row["record"]) != row["leaf"]:
                raise WillNotSign(f"the leaf at position {position} is not that of its record")
            leaves.append(row["leaf"])
        before = tree.size
        full = numbered(before, tree.edge.extend(leaves))
        checkpoint = Checkpoint(self._keys.origin, tree.edge.size, tree.edge.root())
        note = checkpoint.signed(*self._keys.signers)
        await self._tables.keep(tree.epoch, before, tree.edge, full, (checkpoint, note))
        tree.size = checkpoint.size
        come_by("notary:after-commit-before-release")
        await topic.publish([note])
        come_by("notary:after-release-before-checkpoint")
        await self._tables.release(tree.epoch, tree.size)
        return len(rows) == self._batch_records

    async def _release(self, tree: _Tree, topic: OpenTopic, published: int, believed: int) -> None:
        """Publish what a crash kept back, and what Kafka has lost."""
        if published < believed:
            log.error(
                "notary of %s: the topic lost checkpoints after %d; publishing them again",
                self._service,
                published,
            )
        while notes := await self._tables.notes(published, BATCH_NOTES):
            await topic.publish([kept.note for kept in notes])
            published = notes[-1].size
        if published != believed:
            await self._tables.release(tree.epoch, published)

    def _ours(self, notes: Sequence[str]) -> list[Checkpoint]:
        """What no known key signed says nothing of this log, whoever wrote it there."""
        found: list[Checkpoint] = []
        for note in notes:
            try:
                found.append(self._keys.opened(note))
            except NotOurCheckpoint as error:
                log.warning("%s: a note on the topic is passed over: %s", self._service, error)
        return found

    def _opened(self, note: str, where: str) -> Checkpoint:
        try:
            return self._keys.opened(note)
        except NotOurCheckpoint as error:
            raise WillNotSign(f"a checkpoint in {where} is not ours: {error}") from None


def numbered(size: int, full: Sequence[tuple[int, bytes]]) -> list[tuple[int, int, bytes]]:
    """Give the tiles that became full, of a tree that had `size` leaves, their numbers."""
    counts: dict[int, int] = {}
    result: list[tuple[int, int, bytes]] = []
    for level, hashes in full:
        number = counts.get(level, size // TILE_WIDTH ** (level + 1))
        result.append((level, number, hashes))
        counts[level] = number + 1
    return result
