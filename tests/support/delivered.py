"""One warm jacket that reached a child by a signed line, for whoever reacts to it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.allocation import SupportDelivered

JACKET = SupportDelivered(
    need_id=UUID(int=801),
    programme_id=UUID(int=802),
    line_id=UUID(int=803),
    way="signed-line",
    child_id=UUID(int=804),
    group_id=None,
    children=1,
    unit_id=UUID(int=805),
    category="warm-clothes",
    measure="piece",
    quantity=1,
    quantity_covered=1,
    quantity_delivered=1,
    sponsor_id=UUID(int=806),
    contribution_id=UUID(int=807),
    campaign_id=UUID(int=808),
    fund_id=UUID(int=809),
    lot_id=UUID(int=810),
    delivery_id=UUID(int=811),
    direct_gift_id=None,
    need_recorded_by=UUID(int=812),
    need_verified_by=UUID(int=813),
    received_by=UUID(int=814),
    delivered_by=UUID(int=815),
    on_behalf_of=None,
    entered_by=None,
    checked_by=None,
    happened_at=datetime(2024, 10, 7, 2, tzinfo=UTC),
)
NEVER_IN_STOCK: dict[str, Any] = {
    "way": "direct-gift",
    "contribution_id": None,
    "campaign_id": None,
    "fund_id": None,
    "lot_id": None,
    "delivery_id": None,
    "received_by": None,
}


def support_delivered(**changed: Any) -> SupportDelivered:
    return replace(JACKET, **changed)


def direct_gift_delivered(direct_gift_id: UUID, **changed: Any) -> SupportDelivered:
    its_own = {"line_id": direct_gift_id, "direct_gift_id": direct_gift_id}
    return replace(JACKET, **(NEVER_IN_STOCK | its_own | changed))
