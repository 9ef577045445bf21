"""Logs in which everything happens that a read model knows of.

Facts that do not matter are made up: another value for each field of each event.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from console.contracts import sample
from contracts.registry import (
    HouseholdPlaced,
    HouseholdRegistered,
    NeedMet,
    NeedOpened,
    NeedPartlyMet,
    NeedRecorded,
    NeedReleased,
    NeedReserved,
    NeedReturned,
    NeedVerified,
    NeedWithdrawn,
)
from tests.chaos.small_world import MONDAY, Log


class Telling(Log):
    """Each event happens an hour before the one before it, so the later ones are recorded late."""

    def tell(self, stream: str, cls: type, **facts: Any) -> Any:
        number = len(self.rows) + 1
        event = replace(
            sample(cls, f"{cls.__name__} {number}"),
            **{"happened_at": MONDAY - timedelta(hours=number)} | facts,
        )
        self.add(stream, event)
        return event


def id_(number: int) -> UUID:
    return UUID(int=number)


def registry() -> Log:
    log = Telling("registry")
    _households(log)
    _needs(log)
    return log


def _households(log: Telling) -> None:
    for number in (1, 2):
        log.tell(f"household-{number}", HouseholdRegistered, household_id=id_(number))
    log.tell("household-1", HouseholdPlaced, household_id=id_(1), unit_id=id_(3))


def _needs(log: Telling) -> None:
    """Of the first only the record; each other one comes further, in its own way."""
    line = {"line_id": id_(60)}
    ways: list[list[tuple[type, dict[str, Any]]]] = [
        [],
        [(NeedReturned, {})],
        [(NeedReturned, {}), (NeedRecorded, {"quantity": 4}), (NeedVerified, {})],
        [(NeedReserved, line)],
        [(NeedReserved, line | {"quantity": 1}), (NeedReserved, {"quantity": 1})],
        [(NeedReserved, line), (NeedReleased, line)],
        [(NeedReserved, line), (NeedPartlyMet, line | {"quantity": 2, "quantity_met": 2})],
        [(NeedReserved, {}), (NeedMet, {"quantity": 5, "quantity_met": 5})],
        [(NeedWithdrawn, {})],
        [(NeedReserved, line), (NeedWithdrawn, {}), (NeedReleased, line)],
    ]
    for number, way in enumerate(ways, 51):
        stream, about = f"need-{number}", {"need_id": id_(number)}
        log.tell(stream, NeedRecorded, **about)
        if way and way[0][0] not in (NeedReturned, NeedWithdrawn):
            log.tell(stream, NeedVerified, **about)
            log.tell(stream, NeedOpened, **about)
        for cls, facts in way:
            log.tell(stream, cls, **about | facts)
