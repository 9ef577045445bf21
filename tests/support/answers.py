"""What a service answered, as tests ask for it."""

from typing import Any


def shown(answer: Any) -> Any:
    """What a query gives."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def accepted(answer: Any) -> dict[str, int]:
    """The positions from which on a command's outcome is seen."""
    positions: dict[str, int] = shown(answer)["positions"]
    return positions


def refused(answer: Any, status: int, code: str) -> Any:
    """The fields that the refusal speaks of."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()["fields"]
