"""A list that somebody takes away as a file: said with its reason before its rows are read.

The same in every service, for all of its lists. The rows themselves are asked for as ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.every_service import ExportReason, ListExported
from contracts.field_types import QueryPath
from edge.bodies import Strict
from edge.door import Accepted, Door
from edge.permission import May, signed_in
from edge.refusals import NotAllowed
from edge.routes import Routes
from eventing.decider import Decider, Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportList:
    export_id: UUID
    query: str
    reason: ExportReason
    exported_by: UUID
    happened_at: datetime


State = ListExported | None


class ListNotThere(Rejection):
    code = "list-not-there"
    kind = "absent"
    vi = "Không có danh sách này."
    en = "There is no such list."


class ExportedOtherwise(Rejection):
    code = "exported-otherwise"
    kind = "conflict"
    vi = "Mã này đã dùng cho một lần xuất khác."
    en = "Under this id another list was exported, or by somebody else."


def decide(command: ExportList, state: State) -> list[ListExported]:
    if state is not None:
        said = (state.query, state.reason, state.exported_by)
        if said != (command.query, command.reason, command.exported_by):
            raise ExportedOtherwise
        return []
    return [
        ListExported(
            export_id=command.export_id,
            query=command.query,
            reason=command.reason,
            exported_by=command.exported_by,
            happened_at=command.happened_at,
        )
    ]


def evolve(_state: State, event: ListExported) -> State:
    return event


export: Decider[ExportList, State, ListExported] = Decider(None, decide, evolve)


class ListToExport(Strict):
    """`query` is the list's path, as `/persons`."""

    query: QueryPath
    reason: ExportReason


def export_routes(queries: Mapping[str, May]) -> Routes:
    """`queries`: those of the service by their path, with who may ask each."""
    routes = Routes(tag="exports")

    @routes.command(
        "PUT",
        "/exports/{export_id}",
        may=signed_in("export-list"),
        refuses=[ListNotThere, NotAllowed, ExportedOtherwise],
    )
    async def record(export_id: UUID, body: ListToExport, door: Door) -> Accepted:
        """By whoever may ask for the list."""
        asked = queries.get(body.query)
        if asked is None:
            raise ListNotThere
        if asked.roles and not await door.holds(*asked.roles):
            raise NotAllowed(asked.name)
        command = ExportList(
            export_id=export_id,
            query=body.query,
            reason=body.reason,
            exported_by=door.person,
            happened_at=door.now,
        )
        return await door.execute(export, f"export-{export_id}", command)

    return routes
