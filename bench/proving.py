"""What an auditor waits for: verifying an uncompressed export, and replaying one, on one core.

`python -m bench.proving [EVENTS]` measures it alone; no server is needed.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.checkpoint import Checkpoint
from audit.export import Export, ExportWriter, line_of
from audit.merkle import RightEdge
from audit.note import ED25519, Signer
from audit.verify import verify
from bench.figures import Figure, Goal, Measured
from bench.ground import Ground
from bench.material import SERVICE, history
from console.replay import digests, from_export, positions_in
from eventing.installation import DEVELOPMENT_ORIGIN
from eventing.record import leaf_hash

PART = "i"
EVENTS = 1_000_000
ROUNDS = 3
EVENTS_PER_CHECKPOINT = 1_000
VERIFIED_PER_S = 150_000
REPLAY_WITHIN_S = 120.0
ORIGIN = DEVELOPMENT_ORIGIN
KEY = Signer(f"{ORIGIN}/{SERVICE}", ED25519, b"\x01" * 32)


async def measure(ground: Ground, measured: Measured) -> None:
    """As a part of `python -m bench`."""
    await asyncio.to_thread(_measure, ground.size(EVENTS), ground.rounds, measured)


def _measure(events: int, rounds: int, measured: Measured) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        _export(path, events)
        speeds = [events / _verified(path) for _ in range(rounds)]
        replayed = [_replayed(path) for _ in range(rounds)]
    verifying = Figure(
        part=PART,
        name="verify, uncompressed export, one core",
        unit="events/s",
        values=tuple(speeds),
        note=f"{events:,} events, a checkpoint for each {EVENTS_PER_CHECKPOINT:,}; all checks",
    )
    replaying = Figure(
        part=PART,
        name="replay of every open read model",
        unit="s",
        values=tuple(replayed),
        note=f"{events:,} events of pledges, in memory, with digests",
    )
    measured.figures += [verifying, replaying]
    measured.goals += [
        Goal(
            part=PART,
            what="verify",
            reached=verifying.median,
            unit="events/s",
            at_least=VERIFIED_PER_S,
        ),
        Goal(
            part=PART,
            what="replay of a million events",
            reached=replaying.median * EVENTS / events,
            unit="s",
            at_most=REPLAY_WITHIN_S,
        ),
    ]


def _export(path: Path, events: int) -> None:
    writer = ExportWriter(path, ORIGIN, datetime.now(UTC), compressed=False)
    edge = RightEdge()
    notes: list[tuple[int, str]] = []
    with writer.log(SERVICE) as log:
        for position, new in enumerate(islice(history(events), events), 1):
            log.add(position, line_of(position, new.record))
            edge.extend([leaf_hash(new.record)])
            if position % EVENTS_PER_CHECKPOINT == 0:
                signed = Checkpoint(KEY.name, position, edge.root()).signed(KEY)
                notes.append((position, signed))
    writer.write_notes(notes)
    writer.write_keys([str(KEY.verifier)])


def _verified(path: Path) -> float:
    """How many seconds of a core it takes. Raises AssertionError if it finds a fault."""
    began = time.process_time()
    verdict = verify(path)
    took = time.process_time() - began
    assert verdict.holds, verdict.faults[:3]
    return took


def _replayed(path: Path) -> float:
    began = time.process_time()
    found = asyncio.run(digests(from_export(Export(path)), positions_in(path)))
    took = time.process_time() - began
    assert not any(each.parked for each in found)
    return took


def main() -> None:
    measured = Measured(began_at=datetime.now(UTC).isoformat(), quick=False, machine={})
    _measure(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS, ROUNDS, measured)
    for figure in measured.figures:
        print(f"{figure.name:<44} {figure.median:>14,.1f} {figure.unit}  ({figure.note})")
    for goal in measured.goals:
        mark = "met" if goal.met else "MISSED"
        print(f"{goal.what:<44} {goal.reached:>14,.1f} {goal.wanted} {mark}")


if __name__ == "__main__":
    main()
