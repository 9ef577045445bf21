"""`python -m tests.deploy.upgrade_window`: how long nobody answers while a web process is replaced.

As compose does it: the old process is asked to end, and when it has ended the new one starts. Told
are the times until the old one takes no more, until it has ended, and until the new one is ready;
once with a client that keeps its connection open, as a proxy does, and once without.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from console import databases, kafka_users
from console.run_folder import PROJECT
from deploy.embedded.ports import choose
from deploy.embedded.stack import temporary

SERVICE = "registry"
POLL_S = 0.02
WITHIN_S = 60.0
TIMES = 3
READY = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Passwords:
    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def password(self, role: str) -> str:
        return self._known.setdefault(role, uuid4().hex)


async def answers(port: int) -> bool:
    """Whether a process is ready there."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(READY)
        return (await reader.readline()).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
    finally:
        writer.close()


async def until(port: int, *, ready: bool) -> float:
    deadline = time.monotonic() + WITHIN_S
    while await answers(port) is not ready:
        if time.monotonic() > deadline:
            raise TimeoutError(f"port {port}: not {'ready' if ready else 'gone'}")
        await asyncio.sleep(POLL_S)
    return time.monotonic()


def start(environment: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", f"services.{SERVICE}.app"],
            cwd=PROJECT,
            env=dict(environment),
            stdout=said,
            stderr=said,
        )


async def replaced(environment: Mapping[str, str], log: Path, port: int, *, kept: bool) -> None:
    old = start(environment, log)
    try:
        await until(port, ready=True)
        connection = None
        if kept:
            reader, connection = await asyncio.open_connection("127.0.0.1", port)
            connection.write(READY)
            await reader.readuntil(b"\r\n\r\n")
        asked = time.monotonic()
        old.send_signal(signal.SIGTERM)
        gone = await until(port, ready=False)
        await asyncio.to_thread(old.wait, WITHIN_S)
        ended = time.monotonic()
        old = start(environment, log)
        ready = await until(port, ready=True)
        sys.stdout.write(
            f"kept open: {'yes' if kept else 'no':<4} takes no more {gone - asked:5.2f} s"
            f"  ended {ended - asked:5.2f} s  new one ready {ready - ended:5.2f} s"
            f"  nobody answers {ready - gone:5.2f} s\n"
        )
        if connection is not None:
            connection.close()
    finally:
        old.kill()
        old.wait()


async def measure(folder: Path) -> None:
    passwords = Passwords()
    with temporary() as stack:
        made = await databases.prepare(stack.postgres, (SERVICE,), passwords)
        users = kafka_users.KafkaUsers(stack.kafka)
        await asyncio.to_thread(users.prepare, (SERVICE,), passwords)
        (folder / "key").write_bytes(os.urandom(32))
        (folder / "jwks.json").write_text('{"keys": [{"kty": "oct", "k": "AAAA"}]}')
        port = choose(1)
        environment = {
            **{name: value for name, value in os.environ.items() if "VONGTAY_" not in name},
            # Compiled as in the image, here by the first start, which is not measured.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
            "VONGTAY_MODE": "development",
            "VONGTAY_DATABASE_URL": made[SERVICE].log,
            "VONGTAY_KEYS_DATABASE_URL": made[SERVICE].keys,
            "VONGTAY_KAFKA": stack.kafka.brokers,
            "VONGTAY_KAFKA_PASSWORD": passwords.password(kafka_users.password_name(SERVICE)),
            "VONGTAY_ISSUER_JWKS": str(folder / "jwks.json"),
            "VONGTAY_MAC_KEY_FILE": str(folder / "key"),
            "VONGTAY_CODE_KEY_FILE": str(folder / "key"),
            "VONGTAY_KEY_ENCRYPTION_KEY_FILE": str(folder / "key"),
            "VONGTAY_PORT": str(port),
        }
        for _ in range(TIMES):
            for kept in (True, False):
                await replaced(environment, folder / "log", port, kept=kept)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made_here:
        asyncio.run(measure(Path(made_here)))
