"""`/log/...`: what lets anybody prove a service's log, and an auditor take it home.

The same in every service. `docs/audit-format.md` says how to use it.
"""

import re
from typing import Annotated

import msgspec
from fastapi import Path, Query, Response
from fastapi.responses import PlainTextResponse

from audit.merkle import TILE_WIDTH
from audit.tiles import GROUP, tile_path
from edge.bodies import NUMBER_IN_ADDRESS
from edge.door import ReadDoor
from edge.operator_routes import AUDITOR
from edge.permission import anyone, may
from edge.refusals import NotFound
from edge.routes import Routes
from eventing.record import leaf_hash
from notary.published_log import PublishedLog

CHECKPOINTS_MAX = 1_000
RECORDS_DEFAULT, RECORDS_MAX = 1_000, 5_000
LEVEL_MAX = 7
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NOT_LONG = {"Cache-Control": "public, max-age=1"}

_TILE = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([0-9]{1,3}))?")

Position = Annotated[
    int, NUMBER_IN_ADDRESS, Query(ge=0, lt=2**63, description="Give what follows.")
]


class Hashes(Response):
    media_type = "application/octet-stream"


class Lines(Response):
    """A JSON object a line."""

    media_type = "application/x-ndjson"


class CheckpointLine(msgspec.Struct, frozen=True):
    size: int
    note: str


class RecordLine(msgspec.Struct, frozen=True):
    """`record` is exactly the text whose UTF-8 was hashed; `leaf` is that hash, hex."""

    position: int
    leaf: str
    record: str


def log_routes(log: PublishedLog) -> Routes:
    routes = Routes(tag="log", waits=False)
    encoder = msgspec.json.Encoder()

    @routes.query(
        "/log/checkpoint",
        may=anyone("log.checkpoint"),
        refuses=[NotFound],
        response_class=PlainTextResponse,
    )
    async def show_checkpoint(door: ReadDoor) -> Response:
        """The newest checkpoint of this log, a signed note."""
        del door
        note = await log.newest()
        if note is None:
            raise NotFound
        return PlainTextResponse(note, headers=NOT_LONG)

    @routes.query("/log/checkpoints", may=anyone("log.checkpoints"), response_class=Lines)
    async def list_checkpoints(door: ReadDoor, after: Position = 0) -> Response:
        """Checkpoints of more than so many records, in order: size and note, a line each.

        No more than a thousand at once; an empty answer says that there is none.
        """
        del door
        kept = await log.notes(after, CHECKPOINTS_MAX)
        return Lines(encoder.encode_lines([CheckpointLine(each.size, each.note) for each in kept]))

    @routes.query("/log/tile/{level}/{tile:path}", may=anyone("log.tile"), response_class=Hashes)
    async def show_tile(
        level: Annotated[int, NUMBER_IN_ADDRESS, Path(ge=0, le=LEVEL_MAX)],
        tile: Annotated[str, Path(max_length=40)],
        door: ReadDoor,
    ) -> Response:
        """A tile of the tree: up to 256 hashes, joined (C2SP tlog-tiles). It never changes."""
        del door
        number, width = _tile_at(level, tile)
        hashes = await log.tile(level, number, width)
        if hashes is None:
            raise NotFound
        return Hashes(hashes, headers=FOR_EVER)

    @routes.query(
        "/log/keys",
        may=anyone("log.keys"),
        refuses=[NotFound],
        response_class=PlainTextResponse,
    )
    async def show_keys(door: ReadDoor) -> Response:
        """Public keys by which checkpoints of this log are known, old and new, one a line."""
        del door
        keys = log.keys()
        if keys is None:
            raise NotFound
        return PlainTextResponse(keys, headers=NOT_LONG)

    @routes.query(
        "/log/records", may=may("log.records", AUDITOR, anywhere=True), response_class=Lines
    )
    async def list_records(
        door: ReadDoor,
        after: Position = 0,
        limit: Annotated[int, NUMBER_IN_ADDRESS, Query(ge=1, le=RECORDS_MAX)] = RECORDS_DEFAULT,
    ) -> Response:
        """Records as in an export, in order; an empty answer says that there is none."""
        del door
        lines = [
            RecordLine(stored.position, leaf_hash(stored.record).hex(), stored.record.decode())
            for stored in await log.records(after, limit)
        ]
        return Lines(encoder.encode_lines(lines))

    return routes


def _tile_at(level: int, path: str) -> tuple[int, int]:
    """Number and width. Raises NotFound for what is not written as a tile's path is."""
    found = _TILE.fullmatch(path)
    if found is None:
        raise NotFound
    number = 0
    for group in found[1].split("/"):
        number = number * GROUP + int(group.removeprefix("x"))
    width = TILE_WIDTH if found[2] is None else int(found[2])
    if not 1 <= width <= TILE_WIDTH or tile_path(level, number, width) != f"tile/{level}/{path}":
        raise NotFound
    return number, width
