"""The jars of Kafka: fetched once into the project's cache, and the same to the byte for everybody.

`kafka-jars.lock` names each jar with its size and SHA-256. Nothing that differs is ever run.
"""

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from jgo.maven import MavenContext, PythonResolver
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"  # without it the broker is mute
LOCK_FILE = Path(__file__).with_name("kafka-jars.lock")
CACHE = Path(__file__).parents[2] / ".cache" / "kafka"
DOWNLOADS_AT_ONCE = 4
TRIES_MAX = 3
TIMEOUT_S = 60


class NotTheJarsWePinned(Exception):
    """A jar's bytes are not those that were pinned. Nothing was started."""


@dataclass(frozen=True, slots=True)
class Jar:
    sha256: str
    size_bytes: int
    coordinate: str

    @property
    def file_name(self) -> str:
        _group, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def pinned(lock_file: Path = LOCK_FILE) -> list[Jar]:
    jars = []
    for line in lock_file.read_text().splitlines():
        if line and not line.startswith("#"):
            sha256, size_bytes, coordinate = line.split()
            jars.append(Jar(sha256, int(size_bytes), coordinate))
    return jars


def class_path(cache: Path, jars: list[Jar] | None = None) -> str:
    """Return the class path, after every jar was verified; fetch those that the cache lacks.

    Raises NotTheJarsWePinned; requests.RequestException when the repository cannot be reached.
    """
    wanted = pinned() if jars is None else jars
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        # Two starts at once (tests in parallel, a demo beside them) would fetch over each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [jar for jar in wanted if not (cache / jar.file_name).exists()]
        if missing:
            _fetch(missing, cache)
    for jar in wanted:
        _verify(jar, cache / jar.file_name)
    return ":".join(str(cache / jar.file_name) for jar in wanted)


def _verify(jar: Jar, path: Path) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise NotTheJarsWePinned(
            f"{path.name} has SHA-256 {found}, pinned is {jar.sha256}. "
            f"Delete {path.parent} to fetch it again."
        )


def _fetch(jars: list[Jar], cache: Path) -> None:
    incoming = cache / "incoming"
    # What an interrupted run left behind may be half a file.
    shutil.rmtree(incoming, ignore_errors=True)
    with _progress(sum(jar.size_bytes for jar in jars)) as advance:

        @contextmanager
        def count(_name: str, _size_bytes: int) -> Iterator[Callable[[int], None]]:
            yield advance

        resolver = PythonResolver(progress_callback=count)
        maven = MavenContext(resolver=resolver, repo_cache=incoming, timeout=TIMEOUT_S)

        def fetch_one(jar: Jar) -> None:
            fetched = _download(maven, jar)
            _verify(jar, fetched)
            fetched.replace(cache / jar.file_name)

        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            for _ in pool.map(fetch_one, jars):
                pass
    shutil.rmtree(incoming, ignore_errors=True)


def _download(maven: MavenContext, jar: Jar) -> Path:
    group, artifact, version = jar.coordinate.split(":")
    wanted = maven.project(group, artifact).at_version(version).artifact()
    for attempt in range(1, TRIES_MAX + 1):
        try:
            return Path(wanted.resolve())
        except requests.RequestException:
            if wanted.cached_path is not None:
                wanted.cached_path.unlink(missing_ok=True)
            if attempt == TRIES_MAX:
                raise
    raise AssertionError("the loop returns or raises")


def _progress(total_bytes: int) -> AbstractContextManager[Callable[[int], None]]:
    console = Console(stderr=True)
    return _bar(console, total_bytes) if console.is_terminal else _lines(console, total_bytes)


@contextmanager
def _bar(console: Console, total_bytes: int) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn("Tải Kafka · fetching Kafka"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("kafka", total=total_bytes)
        yield lambda size_bytes: progress.advance(task, size_bytes)


@contextmanager
def _lines(console: Console, total_bytes: int) -> Iterator[Callable[[int], None]]:
    size_mb = total_bytes / 1_000_000
    console.print(f"Tải Kafka · fetching Kafka ({size_mb:.0f} MB, once)", highlight=False)
    yield lambda _size_bytes: None
    console.print("Đã tải và kiểm tra · fetched and verified", highlight=False)


def pin() -> None:
    """Resolve Kafka's dependencies again and write the lock file (a deliberate, reviewed act)."""
    cache = Path(".cache/kafka-pin")
    maven = MavenContext(resolver=PythonResolver(), repo_cache=cache, timeout=TIMEOUT_S)
    inputs, transitive = maven.resolver.resolve([maven.create_dependency(KAFKA)])
    at_run_time = [each for each in transitive if each.scope in {"compile", "runtime"}]
    # Alone: resolved together, log4j's list of versions would bring an older Kafka client.
    logging, _known = maven.resolver.resolve([maven.create_dependency(LOGGING)], transitive=False)
    lines = []
    for dependency in [*inputs, *at_run_time, *logging]:
        content = Path(dependency.artifact.resolve()).read_bytes()
        coordinate = f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"
        lines.append(f"{hashlib.sha256(content).hexdigest()} {len(content):>9} {coordinate}")
    header = f"# {KAFKA} and what it needs. Written by: python -m deploy.embedded.kafka_jars\n"
    LOCK_FILE.write_text(header + "\n".join(sorted(lines, key=lambda line: line.split()[2])) + "\n")
    sys.stdout.write(f"{len(lines)} jars pinned in {LOCK_FILE.name}\n")


if __name__ == "__main__":
    pin()
