"""What a client saw of its commands: a JSON line for each attempt, to be compared with the logs."""

import json
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID


class Answer(NamedTuple):
    """What came back from a service, whole."""

    status: int
    content: bytes

    @property
    def is_success(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_client_error(self) -> bool:
        return HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR


class Journal:
    """Appends to a file. Times are of this machine's monotonic clock, in seconds."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def close(self) -> None:
        self._file.close()

    def note(
        self, service: str, by: UUID | None, key: UUID, began_s: float, got: Answer | None
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


def _outcome(service: str, got: Answer | None) -> dict[str, Any]:
    if got is None:
        return {"outcome": "unknown", "status": None, "position": None}
    if got.is_success:
        position = json.loads(got.content)["positions"][service]
        return {"outcome": "acknowledged", "status": got.status, "position": position}
    # Busy says, as a refusal does, that nothing has happened.
    refused = got.is_client_error or _code(got) == "busy"
    outcome = "refused" if refused else "unknown"
    return {"outcome": outcome, "status": got.status, "position": None}


def _code(got: Answer) -> str | None:
    try:
        code: str | None = json.loads(got.content).get("code")
    except ValueError:
        return None
    return code
