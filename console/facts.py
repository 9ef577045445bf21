"""What a season amounts to: one digest over its facts, whatever order and time they came in.

Positions, versions, recorded times, event ids and ciphertext are left out: they differ between two
runs of the same season. All else is the same, or something is wrong.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from eventing.record import StoredRecord

SEALED = {"key_id", "ciphertext"}


def facts_digest(records: Iterable[StoredRecord]) -> str:
    """SHA-256, hex, over the sorted facts of any number of logs."""
    facts = sorted(_fact(stored) for stored in records)
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _fact(stored: StoredRecord) -> str:
    said = json.loads(stored.record)
    kept = {name: said[name] for name in ("source", "subject", "type", "typeversion", "actor")}
    return json.dumps(
        kept | {"data": _open(said["data"])}, ensure_ascii=False, sort_keys=True, indent=None
    )


def _open(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == SEALED:
            return "sealed"
        return {name: _open(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_open(part) for part in value]
    return value
