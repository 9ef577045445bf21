"""From here to a nation: what this run's figures come to at ten thousand events a second.

A pure function of what was measured; what was not measured is an assumption, and is printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from math import ceil

from bench.figures import Measured, number

MICROSECONDS = 1_000_000
TERABYTE = 10**12
HOUR_S = 3600
HOURS_A_YEAR = 365 * 24

# The figures that it rests on, by part and name; a run without one of them says nothing.
SPEEDS = {
    "append": ("a", "our store, 64"),
    "publish": ("c", "relay"),
    "keep a read model level": ("d", "read model"),
}
REBUILT = ("e", "rebuild")
VERIFIED = ("i", "verify, uncompressed export, one core")
WEB_US = ("h", "our command: web process")
APPEND_US = ("h", "our command: postgres")
WORKER_US = ("h", "at 1,000 events/s: worker")
FOLLOWER_US = ("h", "at 1,000 events/s: portal's worker")
ROWS_US = ("h", "fold from Kafka: postgres")
BROKER_US = ("h", "publish: kafka")
RELAY_US = ("h", "publish: postgres")
ON_DISK = [("h", "on disk: events"), ("h", "on disk: commands")]
IN_KAFKA = ("h", "in Kafka, gzip")
RECORD = ("h", "the record itself")
NEEDED = [
    *SPEEDS.values(),
    REBUILT,
    VERIFIED,
    WEB_US,
    APPEND_US,
    WORKER_US,
    FOLLOWER_US,
    ROWS_US,
    BROKER_US,
    RELAY_US,
    *ON_DISK,
    IN_KAFKA,
    RECORD,
]


@dataclass(frozen=True, slots=True)
class Assumed:
    """What a nation is taken to be; each is printed with what follows from it."""

    children: int = 1_000_000
    peak_per_s: int = 10_000
    busy_hours: int = 480
    quiet_share: float = 0.01
    used_share: float = 0.5
    proven_per_s: int = 1_000
    followers: int = 4
    kafka_copies: int = 3
    database_copies: int = 2


MEANING = {
    "children": "children cared for",
    "peak_per_s": "events a second at the peak, all to one service: the hardest case",
    "busy_hours": "hours a year at the peak: sixty days of a winter drive, eight hours each",
    "quiet_share": "of the peak, in all other hours",
    "used_share": "of what a log or a core can do is used at the peak",
    "proven_per_s": "events a second at which (f) was measured, all processes on one machine",
    "followers": "other services read every event, each as the portal does",
    "kafka_copies": "copies in Kafka",
    "database_copies": "copies of each database: it, and its standby",
}


@dataclass(frozen=True, slots=True)
class Nation:
    """`logs_by_latency` are wanted if no log may take more than (f) was measured at."""

    events_a_year: float
    events_a_child: float
    logs: int
    slowest: str
    logs_by_latency: int
    web_processes: int
    cores: int
    database_tb: float
    kafka_tb: float
    kafka_tb_at_most: float
    rebuild_hours: float
    verify_hours: float


MEANING_OF_A_ROW = {
    "events_a_year": "events a year",
    "events_a_child": "events a year for each child",
    "logs": "logs (shards) by speed",
    "logs_by_latency": "logs (shards) by what (f) has proven",
    "web_processes": "web processes, a core each, among the cores below",
    "cores": "cores in all, at the peak",
    "database_tb": "TB a year in PostgreSQL, with indexes and copies",
    "kafka_tb": "TB a year in Kafka, with copies",
    "kafka_tb_at_most": "TB a year in Kafka if records could not be compressed at all",
    "rebuild_hours": "hours to rebuild a read model from a year of one log",
    "verify_hours": "hours to verify a year of one log, on one core",
}


def nation(measured: Measured, assumed: Assumed) -> Nation:
    """Raises KeyError when the run lacks a figure that is needed."""

    def of(figure: tuple[str, str]) -> float:
        return measured.figure(*figure).median

    def cores(microseconds: float) -> int:
        return ceil(assumed.peak_per_s * microseconds / MICROSECONDS / assumed.used_share)

    busy_s = assumed.busy_hours * HOUR_S
    quiet_s = HOURS_A_YEAR * HOUR_S - busy_s
    a_year = assumed.peak_per_s * (busy_s + quiet_s * assumed.quiet_share)
    speeds = {name: of(figure) for name, figure in SPEEDS.items()}
    slowest = min(speeds, key=lambda name: speeds[name])
    logs = ceil(assumed.peak_per_s / (speeds[slowest] * assumed.used_share))
    # Each follower's rows cost PostgreSQL what the service's own do.
    following = assumed.followers * of(FOLLOWER_US) + (assumed.followers + 1) * of(ROWS_US)
    publishing = of(BROKER_US) * assumed.kafka_copies + of(RELAY_US)
    of_an_event = of(WEB_US) + of(APPEND_US) + of(WORKER_US) + following + publishing
    on_disk = sum(map(of, ON_DISK)) * assumed.database_copies
    return Nation(
        events_a_year=a_year,
        events_a_child=a_year / assumed.children,
        logs=logs,
        slowest=slowest,
        logs_by_latency=ceil(assumed.peak_per_s / assumed.proven_per_s),
        web_processes=cores(of(WEB_US)),
        cores=cores(of_an_event),
        database_tb=a_year * on_disk / TERABYTE,
        kafka_tb=a_year * of(IN_KAFKA) * assumed.kafka_copies / TERABYTE,
        kafka_tb_at_most=a_year * of(RECORD) * assumed.kafka_copies / TERABYTE,
        rebuild_hours=a_year / logs / of(REBUILT) / HOUR_S,
        verify_hours=a_year / logs / of(VERIFIED) / HOUR_S,
    )


def lines(measured: Measured, assumed: Assumed | None = None) -> Iterator[str]:
    """The table with its assumptions; nothing when only some parts were measured."""
    found = {(figure.part, figure.name) for figure in measured.figures}
    if not found.issuperset(NEEDED):
        return
    assumed = assumed or Assumed()
    it = nation(measured, assumed)
    yield from (
        "",
        "### A nation, computed from the figures above",
        "",
        "| Assumed | |",
        "|---:|---|",
    )
    for each in fields(assumed):
        yield f"| {getattr(assumed, each.name):,} | {MEANING[each.name]} |"
    yield from ("", "| What follows | |", "|---|---:|")
    for name, meaning in MEANING_OF_A_ROW.items():
        value = getattr(it, name)
        yield f"| {meaning} | {f'{value:,}' if isinstance(value, int) else number(value)} |"
    yield from (
        "",
        f"The slowest step of a log, which decides how many there are: to {it.slowest}.",
    )
