"""`/schemas/...`: where each event's `dataschema` leads."""

import json
from urllib.parse import urlsplit

import pytest

from contracts.event import declared
from edge import schema_routes

RECORDS = sorted((schema_routes.SCHEMAS.parent / "golden").glob("*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_the_schema_of_every_published_event_is_there(house, path):
    said = json.loads(path.read_bytes())
    answer = house.get(urlsplit(said["dataschema"]).path, by=None)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    assert "max-age" in answer.headers["cache-control"]
    assert answer.content == (schema_routes.SCHEMAS / f"{path.stem}.json").read_bytes()
    assert answer.json()["$id"] == f"urn:vongtay:event:{said['type']}:{said['typeversion']}"


def test_there_is_none_of_what_was_never_published(house):
    newest = declared["unit-established"].version
    for path in (
        f"unit-established/{newest + 1}",
        "no-event/1",
        "..%2Fgolden%2Fneed-met/1",
        "need-met.v1/1",
    ):
        assert house.get(f"/schemas/{path}", by=None).status_code == 404, path
    assert house.get("/schemas/need-met/0", by=None).status_code == 422
