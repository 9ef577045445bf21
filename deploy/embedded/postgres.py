"""PostgreSQL 18 from a Python wheel, as a child process on the loopback interface."""

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

import asyncpg

from deploy.embedded import postgres_programs
from deploy.embedded.leash import FOLDER, Child, Preparation, Program, runs_as
from deploy.embedded.password import password_in
from deploy.embedded.ports import LOOPBACK, choose

SUPERUSER = "postgres"
CONNECTIONS_MAX = 300
AS_OPERATED = {"shared_buffers": "512MB", "max_wal_size": "4GB"}
"""Of docker-compose.yml, which says why: what is measured here is what operators run."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """`durable=False` forgets data in a power cut: for tests, which never look again."""

    folder: Path
    log: IO[bytes]
    inherited: tuple[int, ...] = ()
    durable: bool = True

    name: ClassVar[str] = "postgres"
    # SIGINT disconnects everybody and stops cleanly; SIGQUIT leaves recovery to the next start.
    stop_signals: ClassVar[list[tuple[int, float]]] = [(signal.SIGINT, 10.0), (signal.SIGQUIT, 3.0)]

    def start(self, wanted_port: int) -> tuple[Child, int]:
        """Return at once; `answers` says when it does."""
        port = choose(wanted_port)
        programs = postgres_programs.for_user(runs_as(self.folder), beside=self.folder)
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": str(CONNECTIONS_MAX),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
            **AS_OPERATED,
            **({} if self.durable else {"fsync": "off", "full_page_writes": "off"}),
        }
        program = Program(
            command=[
                str(programs / "postgres"),
                "-D",
                f"{FOLDER}/data",
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            preparations=[self._initdb(programs)],
            folder=str(self.folder),
            never_root=True,
            death_signal=signal.SIGINT,
        )
        return Child(program, self.log, inherited=self.inherited), port

    def address(self, port: int) -> str:
        """Return the superuser's address."""
        return f"postgresql://{SUPERUSER}:{self._password()}@{LOOPBACK}:{port}/postgres"

    async def answers(self, address: str) -> bool:
        """Whether it takes a query now."""
        try:
            connection = await asyncpg.connect(address, timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        try:
            return bool(await connection.fetchval("SELECT true"))
        finally:
            await connection.close()

    def _initdb(self, programs: Path) -> Preparation:
        self._password()
        command = [
            str(programs / "initdb"),
            "-D",
            f"{FOLDER}/data.unfinished",
            "--username",
            SUPERUSER,
            "--pwfile",
            f"{FOLDER}/{self._password_file.name}",
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            # The same order of text on every machine, and no locale that one may lack.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *([] if self.durable else ["--no-sync"]),
        ]
        return Preparation(command, "data.unfinished", "data")

    @property
    def _password_file(self) -> Path:
        return self.folder / "superuser-password"

    def _password(self) -> str:
        return password_in(self._password_file)
