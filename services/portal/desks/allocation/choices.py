"""What the desk of allocation chooses from: lines, open needs, who takes a delivery over."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from contracts.languages import Words
from edge.who_may_where import roles_held
from eventing.all_rows import all_rows
from services.portal.answers import today
from services.portal.desks.column import Column, told
from services.portal.desks.form import Option
from services.portal.desks.places import communes_of
from services.portal.desks.visit import Visit

A_PAGE = "200"
TAKES_OVER = ("commune-officer", "teacher", "partner")
Item = Mapping[str, Any]
_UNSAID = Words("", "")

own_communes = communes_of("coordinator")


async def named(at: Visit, items: Sequence[Item], id_: str) -> list[Option]:
    """Each by its commune, whom it is for where one may know that, and how much it is."""
    columns = (
        Column(name="unit_id", label=_UNSAID, kind="unit"),
        Column(name="child_id", label=_UNSAID, kind="child"),
        Column(name="category", label=_UNSAID, pack="category"),
        Column(name="specification", label=_UNSAID, kind="specification"),
        Column(name="quantity_open", label=_UNSAID),
        Column(name="quantity", label=_UNSAID),
        Column(name="measure", label=_UNSAID, pack="measure"),
    )
    said = await told(columns, at, items)
    found = []
    for item, words in zip(items, said, strict=True):
        unit, child, category, specification, still_open, quantity, measure = words
        how_much = f"{still_open if 'quantity_open' in item else quantity} {measure}"
        parts = (item.get("code") or "", unit, child, category, specification, how_much)
        found.append(Option(item[id_], ", ".join(each for each in parts if each not in {"", "—"})))
    return found


async def lines_of_run(at: Visit) -> Sequence[Option]:
    run = await at.ask("allocation", f"/matching-runs/{at.request.path_params['run_id']}")
    lines = [{**line, "category": run["category"]} for line in run["lines"]]
    return [
        Option(option.value, f"{number}. {option.label}")
        for number, option in enumerate(await named(at, lines, "line_id"), 1)
    ]


async def _lines(at: Visit, of: str, which: Callable[[Item], bool]) -> Sequence[Option]:
    answer = await at.ask("allocation", of.format_map(at.request.path_params))
    return await named(at, [line for line in answer["lines"] if which(line)], "line_id")


async def approved_lines(at: Visit) -> Sequence[Option]:
    return await _lines(
        at, "/allocations/{allocation_id}", lambda line: line["status"] == "approved"
    )


async def approved_lines_of_unit(at: Visit) -> Sequence[Option]:
    unit_id = at.request.path_params["unit_id"]
    return await _lines(
        at,
        "/allocations/{allocation_id}",
        lambda line: line["status"] == "approved" and line["unit_id"] == unit_id,
    )


async def waiting_lines(at: Visit) -> Sequence[Option]:
    return await _lines(
        at, "/deliveries/{delivery_id}", lambda line: line["status"] in {"planned", "absent"}
    )


async def lines_out(at: Visit) -> Sequence[Option]:
    """Closed ones whose goods are to come back."""
    return await _lines(at, "/deliveries/{delivery_id}", lambda line: line["status"] == "closed")


async def open_needs_of_unit(at: Visit) -> Sequence[Option]:
    asked = {"unit_id": at.request.path_params["unit_id"], "limit": A_PAGE}
    found = await at.ask("allocation", "/open-needs", asked)
    return await named(at, found["items"], "need_id")


async def who_takes_over(at: Visit) -> Sequence[Option]:
    """Who holds a role where the delivery goes that may take it over."""
    path = f"/deliveries/{at.request.path_params['delivery_id']}"
    unit_id = (await at.ask("allocation", path))["unit_id"]
    on = today(at.door)
    held = [
        role
        for role in await all_rows(at.door.rows, roles_held, unit_id=[UUID(unit_id)])
        if role.role in TAKES_OVER
        and not role.revoked
        and role.valid_from <= on
        and (role.valid_until is None or on < role.valid_until)
    ]
    named_ = {
        str(role.person_id): f"{at.write.say('role', role.role)} ({str(role.person_id)[-6:]})"
        for role in held
    }
    return [Option(person, label) for person, label in sorted(named_.items(), key=lambda it: it[1])]
