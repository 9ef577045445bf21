import json
from uuid import UUID

import pytest

from console.season.journal import Answer, Journal

KEEPER, KEY = UUID(int=900), UUID(int=1)


@pytest.mark.parametrize(
    ("answer", "outcome", "position"),
    [
        (Answer(200, json.dumps({"positions": {"donations": 7}}).encode()), "acknowledged", 7),
        (Answer(409, json.dumps({"code": "pledge-made-otherwise"}).encode()), "refused", None),
        (Answer(503, json.dumps({"code": "busy"}).encode()), "refused", None),
        (Answer(503, json.dumps({"code": "outcome-unknown"}).encode()), "unknown", None),
        (Answer(500, b"no JSON"), "unknown", None),
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
