"""What a season amounts to: one digest over its facts, whatever order and time they came in.

Origins, positions, versions, recorded times, event ids, ciphertext and hashes of random codes are
left out: they differ between two runs of the same season. So are the figures that result from an
event and those before it; attempts at a letter, for one that is tried while its server is down
fails, and is due again; and who was shown what, for who asks again is shown it again. All else is
the same, or something is wrong.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from eventing.kafka_access import KafkaAccess
from eventing.kafka_source import KafkaSource
from eventing.record import StoredRecord
from eventing.sources import HoleInTheLog

SEALED = {"key_id", "ciphertext"}
NO_FACTS = {
    "message-sending",
    "message-sent",
    "message-failed",
    "message-outcome-unknown",
    "personal-data-opened",
}
RESULTING = {
    "balances",
    "lines_signed",
    "openings",
    "quantity_counted",
    "quantity_covered",
    "quantity_delivered",
    "quantity_drawn",
    "quantity_free",
    "quantity_kept",
    "quantity_met",
    "quantity_open",
    "quantity_reserved",
    "quantity_taken",
}
"""What an event says that things then come to, which depends on who else came first."""
OF_RANDOM_CODES = {"code_hash"}
READ_AT_ONCE = 1_000
NEXT_WITHIN_S = 30.0


async def published(kafka: KafkaAccess, heads: Mapping[str, int]) -> list[StoredRecord]:
    """Every record of the services up to these positions. Raises HoleInTheLog, KafkaError."""
    records: list[StoredRecord] = []
    for service, head in heads.items():
        if head == 0:
            continue
        source = KafkaSource(service, kafka)
        try:
            await source.start(0)
            read = 0
            while read < head:
                got = await source.next(min(READ_AT_ONCE, head - read), NEXT_WITHIN_S)
                if not got:
                    raise HoleInTheLog(service, read + 1)
                records += got
                read += len(got)
        finally:
            await source.stop()
    return records


def facts_digest(records: Iterable[StoredRecord]) -> str:
    """SHA-256, hex, over the sorted facts of any number of logs."""
    return digest_of(facts(records))


def digest_of(sorted_facts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted_facts).encode()).hexdigest()


def facts(records: Iterable[StoredRecord]) -> list[str]:
    """Each fact as a line of JSON, in the order of their bytes."""
    said = (json.loads(stored.record) for stored in records)
    return sorted(_fact(each) for each in said if each["type"] not in NO_FACTS)


def _fact(said: dict[str, Any]) -> str:
    kept = {name: said[name] for name in ("subject", "type", "typeversion", "actor")}
    kept["service"] = said["source"].rpartition("/")[2]
    left_out = RESULTING | OF_RANDOM_CODES
    data = {name: _open(part) for name, part in said["data"].items() if name not in left_out}
    return json.dumps(kept | {"data": data}, ensure_ascii=False, sort_keys=True, indent=None)


def _open(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == SEALED:
            return "sealed"
        return {name: _open(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_open(part) for part in value]
    return value
