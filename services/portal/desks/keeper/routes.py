"""The desk of an organisation keeper: units, persons, and who holds what where on a date."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from contracts.vietnamese_day import vietnamese_day
from edge.permission import may
from edge.routes import Routes
from services.portal.desks.desk import Desk, Task
from services.portal.desks.form_pages import add_form
from services.portal.desks.front import add_front
from services.portal.desks.keeper import words
from services.portal.desks.keeper.forms import FORMS
from services.portal.desks.keeper.lists import LISTS
from services.portal.desks.list_pages import add_listing
from services.portal.desks.visit import Visit

ENDING_WITHIN = timedelta(days=30)
TASKS_MAX = "50"
KEEPER = may("keep-organisation", *words.WHO, anywhere=True)

routes = Routes(tag="keeper")

for form in FORMS:
    add_form(routes, form)
for listing in LISTS:
    add_listing(routes, listing)


add_front(routes, "/to-chuc", words.DESK, words.SAYS, KEEPER, LISTS)


async def ending_roles(at: Visit) -> Sequence[Task]:
    """Roles that end within a month: renewed, or left to end."""
    by = (vietnamese_day(at.door.now) + ENDING_WITHIN).isoformat()
    query = {"ending_by": by, "order": "ends_on", "limit": TASKS_MAX}
    found = await at.ask("registry", "/roles", query)
    return [
        Task(
            path=at.write.href(
                f"/to-chuc/nguoi/{each['person_id']}/giao-vai-tro",
                role=each["role"],
                unit_id=each["unit_id"],
            ),
            what=at.write.t("Vai trò sắp hết hạn: ", "A role ends: ")
            + f"{at.write.say('role', each['role'])}, {each['person'] or '—'}",
            due_on=date.fromisoformat(each["ends_on"]),
            unit_id=UUID(each["unit_id"]),
        )
        for each in found["items"]
    ]


async def accounts_to_confirm(at: Visit) -> Sequence[Task]:
    """Somebody has signed in whom nobody has linked to a person yet."""
    found = await at.ask("registry", "/accounts", {"limit": TASKS_MAX})
    return [
        Task(
            path=f"/to-chuc/tai-khoan/{each['account_id']}/xac-nhan",
            what=at.write.t("Xác nhận tài khoản: ", "Confirm an account: ") + (each["said"] or "—"),
        )
        for each in found["items"]
    ]


DESK = Desk(
    path="/to-chuc",
    title=words.DESK,
    routes=routes,
    may=KEEPER,
    tasks=dict.fromkeys(words.WHO, (accounts_to_confirm, ending_roles)),
)
