"""What a client saw of its commands: a JSON line for each attempt, to be compared with the logs."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx


class Journal:
    """Appends to a file. Times are of this machine's monotonic clock, in seconds."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def close(self) -> None:
        self._file.close()

    def note(
        self, service: str, by: UUID | None, key: UUID, began_s: float, got: httpx.Response | None
    ) -> None:
        """How an attempt ended; None: without an answer."""
        line = {
            "service": service,
            "principal": str(by),
            "key": str(key),
            **_outcome(service, got),
            "began_s": began_s,
            "ended_s": time.monotonic(),
        }
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def _outcome(service: str, got: httpx.Response | None) -> dict[str, Any]:
    if got is None:
        return {"outcome": "unknown", "status": None, "position": None}
    if got.is_success:
        position = got.json()["positions"][service]
        return {"outcome": "acknowledged", "status": got.status_code, "position": position}
    # Busy says, as a refusal does, that nothing has happened.
    refused = got.is_client_error or _code(got) == "busy"
    outcome = "refused" if refused else "unknown"
    return {"outcome": outcome, "status": got.status_code, "position": None}


def _code(got: httpx.Response) -> str | None:
    try:
        code: str | None = got.json().get("code")
    except ValueError:
        return None
    return code
