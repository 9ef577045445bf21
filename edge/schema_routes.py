"""`/schemas/...`: the JSON Schema of every event version, to which each event's `dataschema` leads.

The same in every service, for all events: the schemas belong to the contracts.
"""

from functools import cache
from pathlib import Path as File
from typing import Annotated

from fastapi import Path, Response

import contracts
from edge.door import ReadDoor
from edge.permission import anyone
from edge.refusals import NotFound
from edge.routes import Routes

# Its words may still be put better; what it means may not change.
A_DAY = {"Cache-Control": "public, max-age=86400"}
NAME_MAX = 60
SCHEMAS = File(contracts.__file__).parent / "schemas"

routes = Routes(tag="schemas", waits=False)


class JsonSchema(Response):
    media_type = "application/schema+json"


@routes.query(
    "/schemas/{event}/{version}",
    may=anyone("schemas.show"),
    refuses=[NotFound],
    response_class=JsonSchema,
)
async def show_schema(
    event: Annotated[str, Path(max_length=NAME_MAX)],
    version: Annotated[int, Path(ge=1, lt=2**31)],
    door: ReadDoor,
) -> Response:
    """The schema of an event's `data`, exactly as `contracts/schemas` has it."""
    del door
    schema = published().get((event, version))
    if schema is None:
        raise NotFound
    return JsonSchema(schema, headers=A_DAY)


@cache
def published() -> dict[tuple[str, int], bytes]:
    """Every schema ever published, by event and version. Files are read once, none by name."""
    found = {}
    for path in SCHEMAS.glob("*.v*.json"):
        name, _, version = path.stem.rpartition(".v")
        found[name, int(version)] = path.read_bytes()
    return found
