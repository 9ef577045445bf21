"""What all tests share: the stack, the mark of those that need it, and whose turn it is."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from edge.serving import collect_rarely
from tests.support.databases import Templates
from tests.support.stack import Stack, fresh_database, give_back, stack
from tests.support.turns import turn

__all__ = ["fresh_database", "stack"]

os.environ.setdefault(
    "HYPOTHESIS_STORAGE_DIRECTORY", str(Path(__file__).parents[1] / ".cache" / "hypothesis")
)

# How long an example takes says how busy the machine is, and nothing about our code. A change is
# judged by the same examples each time, and a few of them by `make test-fast`; `make properties`
# looks for new ones, and for more.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("few", settings.get_profile("same"), max_examples=15)
settings.register_profile(
    "new", max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")

# What ignores them (`nohup`, a job in the background of a script) hands that down, and a program
# that is sent one by a test would then never end.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


# As the services do it; what collecting the tests makes stays to the end.
collect_rarely()


TESTS = Path(__file__).parent
LONG = {
    "audit/test_any_bytes.py": "searches",
    "audit/test_crafted.py": "searches",
    "audit/test_remote_export.py": "waits as a network does",
    "audit/test_witness.py": "waits as a network does",
    "browser": "a browser",
    "chaos/test_machine.py": "searches",
    "console/test_development_issuer.py": "processes",
    "console/test_supervisor.py": "processes",
    "deploy/test_keycloak.py": "a provider and a browser",
    "edge/test_openapi_is_true.py": "searches",
    "edge/test_permission_matrix.py": "every door for every role",
    "edge/test_serving.py": "waits as a network does",
    "notary/test_its_log.py": "a log of many pages",
    "services/portal/test_suppression.py": "solves",
    "services/test_two_persons.py": "searches",
    "services/test_vocabulary.py": "reads all that is declared",
}
"""What takes seconds without a server; `make test-fast` leaves it to `make test`."""


@pytest.fixture(scope="session")
def templates(stack: Stack) -> Iterator[Templates]:
    """Give databases by copying them."""
    made = Templates(stack)
    yield made
    asyncio.run(made.drop())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is long is not even read where it is left out."""
    if "not long" not in config.getoption("markexpr"):
        return None
    return True if str(collection_path.relative_to(TESTS)) in LONG else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the stack or is long, so that nobody forgets; what needs the machine is last.

    Raises FileNotFoundError for a long one that is no more.
    """
    long = {path.resolve(strict=True) for path in map(TESTS.joinpath, LONG)}
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker("stack")
        if not long.isdisjoint((item.path, *item.path.parents)):
            item.add_marker("long")
    items.sort(key=_is_alone)


def pytest_collection_finish() -> None:
    collect_rarely()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Outside of all that measures a test's time: to wait for one's turn is not to be slow."""
    with turn(_shared_by_workers(item.config), alone=_is_alone(item)):
        return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Give back what this worker shares with the others."""
    give_back(session.config)


def _shared_by_workers(config: pytest.Config) -> Path | None:
    if not hasattr(config, "workerinput"):
        return None
    folder: Path = config._tmp_path_factory.getbasetemp().parent  # type: ignore[attr-defined]
    return folder


def _is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None
