"""Prometheus metrics of one process. Labels are bounded: route templates, never paths."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from edge.readiness import Readiness

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
COMMANDS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

MEDIA_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        of = self.registry
        self._requests = Histogram(
            "vongtay_request_seconds",
            "How long requests took, by route template and status",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=of,
        )
        self._batch = Histogram(
            "vongtay_append_batch_commands",
            "Commands committed together",
            buckets=COMMANDS,
            registry=of,
        )
        self._append = Histogram(
            "vongtay_append_seconds", "How long one commit took", buckets=SECONDS, registry=of
        )
        self._restarts = Counter(
            "vongtay_part_restarts_total",
            "Parts of the worker started again",
            ("part",),
            registry=of,
        )
        self._head = Gauge("vongtay_log_head_position", "Last position of the log", registry=of)
        self._published = Gauge(
            "vongtay_relay_published_position", "Last position published", registry=of
        )
        self._relay_lag = Gauge(
            "vongtay_relay_lag_events", "Events recorded and not yet published", registry=of
        )
        self._relay_lag_seconds = Gauge(
            "vongtay_relay_lag_seconds", "Age of the oldest event not yet published", registry=of
        )
        self._signed = Gauge(
            "vongtay_notary_signed_position", "Size of the newest published checkpoint", registry=of
        )
        self._unsigned_seconds = Gauge(
            "vongtay_notary_unsigned_seconds",
            "Age of the oldest event that no published checkpoint covers",
            registry=of,
        )
        self._notary_alarm = Gauge(
            "vongtay_notary_alarm",
            "1 when what is there does not extend what was signed",
            registry=of,
        )
        self._position = Gauge(
            "vongtay_consumer_position",
            "How far a consumer is",
            ("consumer", "source"),
            registry=of,
        )
        self._lag = Gauge(
            "vongtay_consumer_lag_events",
            "How far behind its source's head, where known",
            ("consumer", "source"),
            registry=of,
        )
        self._parked = Gauge("vongtay_parked_streams", "Streams waiting for a person", registry=of)
        self._refused = Gauge(
            "vongtay_reactions_refused", "Reactions that a rule refused", registry=of
        )
        self._holes = Gauge("vongtay_log_holes", "Positions that did not come", registry=of)
        self._unknown = Gauge(
            "vongtay_unknown_events",
            "Events of types or versions that this code does not know",
            ("source",),
            registry=of,
        )
        self._silent = Gauge(
            "vongtay_readers_silent", "Readers that hear nothing from Kafka", registry=of
        )
        self._ahead = Gauge(
            "vongtay_readers_ahead", "Readers that have read more than a log has", registry=of
        )
        self._false_records = Gauge(
            "vongtay_false_records", "What topics claimed and their logs never held", registry=of
        )
        self._vouched = Gauge(
            "vongtay_vouched_position",
            "How far what is read of a log is covered by a checkpoint of it",
            ("source",),
            registry=of,
        )
        self._passed_over = Gauge(
            "vongtay_messages_passed_over",
            "Messages that are no records of ours, since the process began",
            ("topic",),
            registry=of,
        )
        self._files = Gauge(
            "vongtay_files_in_trouble",
            "Files read again while running that hold nothing usable now",
            registry=of,
        )
        self._ready = Gauge("vongtay_ready", "1 when ready", registry=of)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).observe(seconds)

    def appended(self, commands: int, seconds: float) -> None:
        self._batch.observe(commands)
        self._append.observe(seconds)

    def restarted(self, part: str) -> None:
        self._restarts.labels(part).inc()

    def text(self, now: Readiness | None) -> bytes:
        """All of it as Prometheus reads it; None: only what is counted here."""
        if now is not None:
            self._look(now)
        return generate_latest(self.registry)

    def _look(self, now: Readiness) -> None:
        self._ready.set(now.ready)
        for topic, messages in now.passed_over.items():
            self._passed_over.labels(topic).set(messages)
        self._files.set(len(now.files))
        if not now.database:
            # What is not known stays as it was last: zeros would end alarms, and raise new ones.
            return
        self._head.set(now.head)
        self._published.set(now.published)
        self._relay_lag.set(max(0, now.head - now.published))
        self._relay_lag_seconds.set(now.oldest_unpublished_s)
        self._signed.set(now.signed)
        self._unsigned_seconds.set(now.oldest_unsigned_s)
        self._notary_alarm.set(now.notary_alarm is not None)
        self._parked.set(now.parked)
        self._refused.set(now.refused)
        self._holes.set(len(now.holes))
        self._silent.set(len(now.silent))
        self._ahead.set(len(now.ahead))
        self._false_records.set(now.false_records)
        for source, position in now.vouched.items():
            self._vouched.labels(source).set(position)
        self._unknown.clear()
        for unknown in now.unknown:
            self._unknown.labels(unknown.source).inc(unknown.records)
        for consumer in now.consumers:
            self._position.labels(consumer.name, consumer.source).set(consumer.position)
            if consumer.lag is not None:
                self._lag.labels(consumer.name, consumer.source).set(consumer.lag)
