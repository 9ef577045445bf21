"""A winter in the fourteen communes, small: what four services would have published of it."""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import programmes
from contracts.sealed import Sealed
from edge.paper_codes import hash_of
from eventing.record import Recorded, Why
from tests.support.house import CODE_KEY

SEALED = Sealed(UUID(int=1), "c2VhbGVk")
BEGAN = datetime(2024, 11, 4, 2, tzinfo=UTC)
OFFICER, VERIFIER, COORDINATOR, STOREKEEPER, APPROVER, AUDITOR = (
    UUID(int=n) for n in range(901, 907)
)
VISITOR = UUID(int=0xB15170AA << 96)
REORGANISED_ON = date(2025, 7, 1)


def named(*names: object) -> UUID:
    return uuid5(NAMESPACE_URL, "urn:vongtay:story:" + ":".join(map(str, names)))


PROGRAMME, FUND, CAMPAIGN, CITY = (named(name) for name in ("programme", "fund", "winter", "city"))
ENTERPRISE, GIVER = named("sponsor", "enterprise"), named("sponsor", "giver")
JACKETS, MONEY = named("contribution", "jackets"), named("contribution", "money")
ALLOCATION = named("allocation")
CODE = "W1NT-ERC0-ATAA"
VOID_CODE = "V01D-W1NT-ERAA"
PACK = Path(next(iter(programmes.__path__))) / "hanoi-3874"


class Story:
    """Tells events as their services' topics would bring them; `because_of` is the last cause."""

    def __init__(self) -> None:
        self.told: list[Recorded] = []
        self.at = BEGAN
        self._positions: defaultdict[str, int] = defaultdict(int)
        self._versions: defaultdict[str, int] = defaultdict(int)

    def tell(
        self,
        service: str,
        stream: str,
        event: Any,
        *,
        by: UUID = COORDINATOR,
        because_of: Recorded | None = None,
    ) -> Recorded:
        self._positions[service] += 1
        self._versions[stream] += 1
        event_id = named("event", service, self._positions[service])
        recorded = Recorded(
            service,
            self._positions[service],
            stream,
            self._versions[stream],
            event_id,
            event,
            self.at,
            Why(
                actor=by,
                causation=because_of.event_id if because_of else None,
                correlation=because_of.why.correlation if because_of else event_id,
            ),
        )
        self.told.append(recorded)
        return recorded

    def registry(self, stream: str, event: Any, **more: Any) -> Recorded:
        return self.tell("registry", stream, event, **more)

    def donations(self, stream: str, event: Any, **more: Any) -> Recorded:
        return self.tell("donations", stream, event, **more)

    def allocation(self, stream: str, event: Any, **more: Any) -> Recorded:
        return self.tell("allocation", stream, event, **more)


def units_of_pack() -> list[dict[str, str]]:
    with (PACK / "units.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def unit_id(code: str, since: str = "2008-08-01") -> UUID:
    return named("unit", code, since)


BA_VI, KHANH_THUONG, MINH_QUANG = unit_id("09703"), unit_id("09712"), unit_id("09700")
NEW_BA_VI = unit_id("09700", "2025-07-01")
DELIVERY, SMALL_DELIVERY = named("delivery", "Ba Vì"), named("delivery", "Khánh Thượng")


def hashed(code: str) -> str:
    """As the houses of tests know it."""
    known = hash_of(CODE_KEY, code)
    assert known is not None, code
    return known
