"""The worker process of a service: publishes its log, keeps its read models, reacts, keeps time.

Each part is supervised; what each leads, it leads in one process of the service at a time.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from edge.connected import Connected, connected
from edge.health import answer_health
from edge.logs import log
from edge.serving import listen, run
from edge.settings import Settings
from edge.starting import see_that_the_files_are_there, see_that_the_log_is_the_newest
from edge.supervision import Supervisor, Task
from edge.watch import Watch
from eventing.compared import WillNotStart
from eventing.following import MakeSource
from eventing.head_watch import HeadWatch
from eventing.kafka_source import KafkaSource
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.reaction_runner import ReactionRunner
from eventing.reactions import Reaction
from eventing.read_model import ReadModel
from eventing.read_model_runner import ReadModelRunner
from eventing.relay import Relay
from eventing.sources import Source
from eventing.timers import NAME as TIMERS
from eventing.timers import TimerRunner, Timers
from notary.checkpoint_topic import LOGS, CheckpointTopic
from notary.its_log import LogOverHttp
from notary.keys import LogKeys, NotTheLogsKeys
from notary.newest import follow
from notary.notary import Notary
from notary.proven_source import ProvenSource
from notary.tables import Tables

END_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a service does by itself; `parts` are what no other service has.

    The due-list of its timers is one of its read models.
    """

    read_models: Sequence[ReadModel[Any, Any]]
    reactions: Sequence[Reaction] = ()
    timers: Timers | None = None
    has_outside_effects: bool = False
    """What its reactions bring about is not taken back: they wait until their cause is proven."""
    parts: Callable[[Connected, Leadership], Sequence[Task]] = lambda _opened, _leadership: ()


def work(settings: Settings, what: Work) -> None:
    """The worker process of a service, until it is asked to end."""

    async def main() -> None:
        see_that_the_files_are_there(settings, "worker")
        async with connected(settings, what.read_models) as it:
            await see_that_the_log_is_the_newest(it)
            leadership = Leadership(settings.database_url)
            try:
                timers = _timers(it, leadership, what.timers)
                await _go_on(it, _tasks(it, leadership, what, timers), timers)
            finally:
                await leadership.close()

    run(settings, "worker", main)


async def _go_on(it: Connected, tasks: Sequence[Task], timers: TimerRunner | None) -> None:
    settings, house = it.settings, it.house
    supervisor = Supervisor(tasks, house.metrics.restarted)
    app = FastAPI(title=f"{settings.service} worker", openapi_url=None)
    watch = Watch(
        it,
        "worker",
        it.files,
        supervisor.parts,
        lambda: timers.given_until if timers else None,
    )
    answer_health(app, watch, house.metrics)
    working = asyncio.ensure_future(supervisor.run())
    try:
        await listen(app, settings.host, settings.health_port)
    finally:
        working.cancel()
        # A part that does not let go is left to the end of the process: its leadership ends too.
        await asyncio.wait([working], timeout=END_WITHIN_S)


def _tasks(
    it: Connected, leadership: Leadership, what: Work, timers: TimerRunner | None
) -> list[Task]:
    settings, house = it.settings, it.house
    head = HeadWatch(house.executor.store.head)

    def proven(*, only_vouched: bool = False, tells: bool = False) -> MakeSource:
        def source(service: str) -> Source:
            if service == settings.service:
                return LogSource(house.executor.store, head)
            kafka = KafkaSource(
                service,
                settings.kafka_access,
                passed_over=it.passed_over,
                false=it.false_records,
            )
            if not house.checkpoints.vouches_for(service):
                return kafka
            return ProvenSource(
                kafka,
                house.checkpoints,
                its_log,
                it.false_records.found,
                it.vouched.tell if tells else None,
                only_vouched=only_vouched,
            )

        return source

    its_log = LogOverHttp(settings.public_urls, house.checkpoints)
    relay = Relay(
        settings.service,
        it.pool,
        settings.kafka_access,
        leadership,
        head=head,
        replication=settings.topic_replication,
    )
    models = ReadModelRunner(
        settings.service,
        what.read_models,
        it.pool,
        leadership,
        proven(tells=True),
        house.sealer,
    )
    reactions = ReactionRunner(
        house.executor,
        what.reactions,
        it.pool,
        leadership,
        proven(only_vouched=what.has_outside_effects),
    )
    return [
        Task("relay", relay.run),
        Task("read models", models.run),
        Task("checkpoints", lambda: follow(settings.kafka_access, house.checkpoints)),
        Task("vouched", it.vouched.run),
        *signing(it, leadership),
        *([Task("reactions", reactions.run)] if what.reactions else []),
        *([Task(TIMERS, timers.run)] if timers else []),
        *what.parts(it, leadership),
    ]


def _timers(it: Connected, leadership: Leadership, timers: Timers | None) -> TimerRunner | None:
    if timers is None:
        return None
    house = it.house
    return TimerRunner(house.executor, timers, house.rows, it.pool, leadership)


def signing(it: Connected, leadership: Leadership) -> Sequence[Task]:
    """Raises WillNotStart when a log that has to be signed would not be."""
    if it.settings.notary_key_file is not None:
        return [Task("notary", lambda: _notarize(it, leadership))]
    if it.settings.service not in LOGS:
        return ()
    if it.settings.mode == "production":
        raise WillNotStart("production signs its log: set VONGTAY_NOTARY_KEY_FILE")
    log.warning("this log is not signed: VONGTAY_NOTARY_KEY_FILE is not set")
    return ()


async def _notarize(it: Connected, leadership: Leadership) -> None:
    """Raises what the notary raises; NotTheLogsKeys; OSError for a key file that cannot be read."""
    settings = it.settings
    private, public = settings.notary_key_file, settings.log_keys_file
    if private is None or public is None:
        raise NotTheLogsKeys("a notary needs VONGTAY_NOTARY_KEY_FILE and VONGTAY_LOG_KEYS_FILE")
    topic = CheckpointTopic(
        settings.service, settings.kafka_access, replication=settings.topic_replication
    )
    keys = LogKeys.of(f"{settings.origin}/{settings.service}", private, public)
    await Notary(
        settings.service,
        Tables(it.pool),
        topic,
        keys,
        leadership,
        interval_s=settings.notary_interval_s,
    ).run()
