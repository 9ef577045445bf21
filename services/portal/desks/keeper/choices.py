"""What a keeper chooses from: units in force, and roles."""

from collections.abc import Sequence
from typing import Any

from contracts.roles import ROLES
from contracts.vietnamese_day import vietnamese_day
from contracts.vocabulary import VOCABULARY
from services.portal.desks.form import Option
from services.portal.desks.visit import Visit

PAGES_MAX = 10
A_PAGE = "200"


async def units(at: Visit) -> Sequence[Option]:
    """Those that are in force today, by their names. Raises Silent, NotAnswered."""
    today = vietnamese_day(at.door.now).isoformat()
    found = [
        each for each in await all_units(at) if each["ended_on"] is None or each["ended_on"] > today
    ]
    named = [Option(each["unit_id"], f"{each['name']} ({each['code']})") for each in found]
    return sorted(named, key=lambda option: option.label)


async def all_units(at: Visit) -> list[Any]:
    """Raises Silent, NotAnswered."""
    items: list[Any] = []
    query = {"limit": A_PAGE}
    for _ in range(PAGES_MAX):
        page = await at.ask("registry", "/units", query)
        items += page["items"]
        if page["next"] is None:
            break
        query = {"limit": A_PAGE, "cursor": page["next"]}
    return items


async def persons(at: Visit) -> Sequence[Option]:
    """Raises Silent, NotAnswered."""
    found = await at.ask("registry", "/persons", {"limit": A_PAGE})
    return [Option(each["person_id"], each["name"] or "—") for each in found["items"]]


async def account_statuses(at: Visit) -> Sequence[Option]:
    words = VOCABULARY["account-status"]
    return [Option(status, said.in_(at.language)) for status, said in words.items()]


async def roles(at: Visit) -> Sequence[Option]:
    named = [Option(role, at.write.say("role", role)) for role in ROLES]
    return sorted(named, key=lambda option: option.label)
