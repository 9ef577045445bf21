"""A proof that one record is in a log, to be kept with a receipt (C2SP tlog-proof).

The record itself is the proof's extra data, so that the file says all: what, where, signed by whom.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from audit.checkpoint import Checkpoint, NotACheckpoint, opened
from audit.export import Export
from audit.merkle import HASH_BYTES, ProofFails, RightEdge, check_inclusion, inclusion_proof
from audit.note import NotANote, NotSigned, Verifier
from audit.signed import Signed
from eventing.record import leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
HASHES_MAX = 64
INDEX_DIGITS_MAX = 16


class NotAProof(Exception):
    """The text is no proof, or its record cannot be read."""


class CannotBeProved(Exception):
    """No checkpoint that the export has covers the record, or the log is not that of it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`index` counts from 0: the position less one."""

    record: bytes
    index: int
    hashes: tuple[bytes, ...]
    note: str

    @property
    def text(self) -> str:
        lines = [HEADER, f"extra {_base64(self.record)}", f"index {self.index}"]
        return "\n".join([*lines, *map(_base64, self.hashes), "", self.note])


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def proof_in(text: str) -> Proof:
    """Raises NotAProof."""
    head, separator, note = text.partition("\n\n")
    header, *lines = head.split("\n")
    if not separator or header != HEADER or len(lines) > HASHES_MAX + 2:
        raise NotAProof(f"a proof begins with {HEADER} and ends with a checkpoint")
    try:
        extra, index, *hashes = lines
        record = base64.b64decode(_after("extra ", extra), validate=True)
        number = _after("index ", index)
        proof = tuple(base64.b64decode(each, validate=True) for each in hashes)
    except ValueError:
        raise NotAProof("a proof has the record as extra, an index, and hashes") from None
    if not (number.isascii() and number.isdigit() and len(number) <= INDEX_DIGITS_MAX):
        raise NotAProof("an index is a number of a few digits")
    if number != str(int(number)):
        raise NotAProof("an index is a number without leading zeros")
    if any(len(each) != HASH_BYTES for each in proof):
        raise NotAProof("a hash has 32 bytes")
    return Proof(record, int(number), proof, note)


def _after(word: str, line: str) -> str:
    if not line.startswith(word):
        raise ValueError(line)
    return line.removeprefix(word)


def check_proof(proof: Proof, log: Verifier) -> Checkpoint:
    """The checkpoint whose tree has the record. Raises NotAProof, NotSigned, ProofFails."""
    try:
        checkpoint, _ = opened(proof.note, log)
    except (NotANote, NotACheckpoint) as error:
        raise NotAProof(str(error)) from error
    if checkpoint.origin != log.name:
        raise NotSigned(f"{log.name} does not sign for {checkpoint.origin}")
    leaf = leaf_hash(proof.record)
    check_inclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return checkpoint


def prove(export: Export, service: str, position: int, signed: Sequence[Signed]) -> Proof:
    """Prove a record by the newest checkpoint of which all records are here.

    Raises CannotBeProved, NotAnExport.
    """
    there = sum(1 for _ in export.records(service))
    covering = [each for each in signed if there >= each.size >= position > 0]
    if not covering:
        raise CannotBeProved(f"no checkpoint covers position {position} of {service}")
    newest = covering[-1]
    ranges: list[tuple[int, int]] = []

    def noted(start: int, end: int) -> bytes:
        ranges.append((start, end))
        return b""

    index = position - 1
    inclusion_proof(index, newest.size, noted)
    # Together with the record they are the whole tree, so one reading gives all of them.
    records = (record for _, record in export.records(service))
    roots: dict[tuple[int, int], bytes] = {}
    proved = b""
    for start, end in sorted([*ranges, (index, position)]):
        edge = RightEdge()
        for record in islice(records, end - start):
            edge.extend([leaf_hash(record)])
            proved = record if start == index else proved
        roots[start, end] = edge.root()
    proof = Proof(proved, index, tuple(roots[each] for each in ranges), newest.note)
    try:
        check_inclusion(leaf_hash(proved), index, newest.size, proof.hashes, newest.checkpoint.root)
    except ProofFails:
        raise CannotBeProved(
            f"{service} is not what was signed at {newest.size}: verify says where"
        ) from None
    return proof
