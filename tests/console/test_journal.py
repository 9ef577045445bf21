import json
from uuid import UUID

import httpx
import pytest

from console.season.journal import Journal

KEEPER, KEY = UUID(int=900), UUID(int=1)


@pytest.mark.parametrize(
    ("answer", "outcome", "position"),
    [
        (httpx.Response(200, json={"positions": {"donations": 7}}), "acknowledged", 7),
        (httpx.Response(409, json={"code": "pledge-made-otherwise"}), "refused", None),
        (httpx.Response(503, json={"code": "busy"}), "refused", None),
        (httpx.Response(503, json={"code": "outcome-unknown"}), "unknown", None),
        (httpx.Response(500, text="no JSON"), "unknown", None),
        (None, "unknown", None),
    ],
)
def test_what_an_attempt_came_to(tmp_path, answer, outcome, position):
    journal = Journal(tmp_path / "journal")
    journal.note("donations", KEEPER, KEY, 1.5, answer)
    journal.close()
    (line,) = (tmp_path / "journal").read_text().splitlines()
    said = json.loads(line)
    assert (said["outcome"], said["position"]) == (outcome, position)
    assert said["key"] == str(KEY)
    assert said["began_s"] == 1.5
    assert said["ended_s"] > 0
