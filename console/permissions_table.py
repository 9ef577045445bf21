"""docs/permissions.md: who may ask what, and where, from the entries that the doors themselves ask.

`python -m console.permissions_table` writes it again; `check` only compares.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from console.addresses import SERVICES
from contracts.roles import ROLES
from edge import schema_routes
from edge.exports import export_routes
from edge.log_routes import log_routes
from edge.operator_routes import operator_routes
from edge.permission import May
from edge.routes import Routes

DOCUMENT = Path(__file__).parents[1] / "docs" / "permissions.md"
COLUMNS = "| | entry | who | where |\n| --- | --- | --- | --- |"
EVERY_SERVICE = "every service"
HEAD = """# Who may ask what

Written by `make docs` from the entry beside each route, which its door asks before anything else
(`edge/permission.py`). *Within*: in a unit in which the role is held on that day, or below it; the
route names it, or its answer is limited to it. *Anywhere*: wherever the role is held; the answer is
limited to what that person may see. A role counts on the day on which it is asked for, by the tree
of units as it is then; a unit that another one alone took over lies in that one
(`edge/who_may_where.py`). *Newcomer*: also an account that stands for nobody yet. *Opens*: for
what it shows names or what is sealed, which an event records first (`edge/openings.py`).
What deciders add, two persons for one thing above all, is in `contracts/two_persons.py`.
"""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    path: str
    method: str
    name: str
    who: tuple[str, ...]
    where: str
    opens: str


def entries() -> dict[str, list[Entry]]:
    """By service."""
    of_all = [*_of_every_service()]
    found = {EVERY_SERVICE: sorted(of_all)}
    for service in SERVICES:
        module = "app" if service == "portal" else "routes"
        routes: Sequence[Routes] = import_module(f"services.{service}.{module}").ROUTES
        found[service] = sorted(each for one in routes for each in _entries(one))
    return found


def _of_every_service() -> Iterator[Entry]:
    # They look at their house when they are asked, and not when they are declared.
    nobodys = cast("Any", SimpleNamespace(read_models=()))
    for one in (
        operator_routes(nobodys, nobodys),
        log_routes(nobodys),
        export_routes({}),
        schema_routes.routes,
    ):
        yield from _entries(one)


def _entries(routes: Routes) -> Iterator[Entry]:
    for route in routes.declared:
        may = routes.permissions[route.endpoint]
        for method in sorted(route.methods or ()):
            yield Entry(route.path, method, may.name, _who(may), _where(may), may.opens or "")


def _who(may: May) -> tuple[str, ...]:
    if may.roles is None:
        return ("anyone",)
    if may.newcomers:
        return ("newcomer",)
    return tuple(sorted(may.roles)) or ("signed in",)


def _where(may: May) -> str:
    if not may.roles:
        return "own" if may.roles is not None else ""
    return "anywhere" if may.anywhere else "within"


def document() -> str:
    found = entries()
    parts = [HEAD]
    for service, listed in found.items():
        rows = "\n".join(
            f"| `{one.method} {one.path}` | {one.name} | {', '.join(one.who)} | {one.where} |"
            f" {one.opens} |"
            for one in listed
        )
        parts.append(
            f"## {service}\n\n| | entry | who | where | opens |\n"
            f"| --- | --- | --- | --- | --- |\n{rows}\n"
        )
    parts.append("## By role\n\n" + "\n".join(_by_role(found)) + "\n")
    return "\n".join(parts)


def _by_role(found: dict[str, list[Entry]]) -> Iterator[str]:
    by_role: defaultdict[str, list[str]] = defaultdict(list)
    for service, listed in found.items():
        for one in listed:
            for role in one.who:
                if role in ROLES:
                    by_role[role].append(f"{service} {one.name} ({one.where})")
    for role in sorted(ROLES):
        said = "; ".join(dict.fromkeys(by_role[role]))
        yield f"- **{role}**: {said or 'nothing yet'}"


def main() -> None:
    if sys.argv[1:] != ["check"]:
        DOCUMENT.write_text(document(), encoding="utf-8")
    elif DOCUMENT.read_text(encoding="utf-8") != document():
        sys.exit(f"{DOCUMENT.name} is not what the doors ask: make docs writes it again")


if __name__ == "__main__":
    main()
