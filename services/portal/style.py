"""The one style sheet."""

from functools import cache
from pathlib import Path

from fastapi import Response

from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes

routes = Routes(tag="style")


@routes.query("/portal.css", may=anyone("see-style"), include_in_schema=False)
async def style(_: ReadDoor) -> Response:
    return Response(
        _sheet(), media_type="text/css", headers={"Cache-Control": "public, max-age=3600"}
    )


@cache
def _sheet() -> str:
    return (Path(__file__).parent / "static" / "portal.css").read_text(encoding="utf-8")
