"""What there is to do today, by role: each task leads to the form that ends it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.portal.desks.desk import Task, Tasks
from services.portal.desks.visit import Visit

TASKS_MAX = "50"


async def needs_to_verify(at: Visit) -> Sequence[Task]:
    found = await _items(at, "registry", "/needs", {"status": "recorded"})
    return [
        Task(
            path=f"/nhu-cau/{each['need_id']}/xac-minh",
            what=at.write.t("Xác minh: ", "Verify: ") + _need(at, each),
            due_on=date.fromisoformat(each["needed_by"]),
        )
        for each in found
    ]


async def needs_to_reconfirm(at: Visit) -> Sequence[Task]:
    found = await _items(at, "registry", "/needs/to-reconfirm", {})
    return [
        Task(
            path=f"/nhu-cau/{each['need_id']}/xac-nhan-lai",
            what=at.write.t("Xác nhận lại: ", "Reconfirm: ") + _need(at, each),
            due_on=date.fromisoformat(each["lapses_on"]) if each.get("lapses_on") else None,
        )
        for each in found
    ]


async def allocations_to_approve(at: Visit) -> Sequence[Task]:
    found = await _items(at, "allocation", "/allocations", {"status": "proposed"})
    return [
        Task(
            path=f"/phan-bo/{each['allocation_id']}/duyet",
            what=at.write.t("Duyệt phân bổ", "Approve an allocation"),
        )
        for each in found
    ]


BY_ROLE: Mapping[str, tuple[Tasks, ...]] = {
    "verifier": (needs_to_verify, needs_to_reconfirm),
    "commune-officer": (needs_to_reconfirm,),
    "approver": (allocations_to_approve,),
}
"""Beside those of the desks: of roles that have no desk yet."""


async def _items(
    at: Visit, service: str, path: str, query: Mapping[str, str]
) -> Sequence[Mapping[str, Any]]:
    """Raises Silent, NotAnswered."""
    answer = await at.ask(service, path, {**query, "limit": TASKS_MAX})
    items: Sequence[Mapping[str, Any]] = answer["items"]
    return items


def _need(at: Visit, need: Mapping[str, Any]) -> str:
    category = at.write.say("category", need["category"])
    return f"{category}, {at.write.n(need['quantity'])} {at.write.say('measure', need['measure'])}"
