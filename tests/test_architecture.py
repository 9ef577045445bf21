"""What ARCHITECTURE.md tells of a command's way is the way that a command goes."""

import re
import sys
import threading
from pathlib import Path

from tests.services.registry.commune_house import need_body, ready_for_needs
from tests.services.registry.samples import NEED, OFFICER

ROOT = Path(__file__).parents[1]
IN_PLACE_OF = {"eventing/memory_store.py": "eventing/postgres_store.py"}


def files_that_ran(call):
    ran = set()

    def note(frame, _event, _argument):
        ran.add(frame.f_code.co_filename)

    before = sys.gettrace()
    threading.settrace(note)
    sys.settrace(note)
    try:
        call()
    finally:
        sys.settrace(before)
        threading.settrace(None)
    ours = {Path(file).relative_to(ROOT) for file in ran if Path(file).is_relative_to(ROOT)}
    return {str(file) for file in ours if file.parts[0] not in {"tests", ".venv"}}


def test_each_file_on_the_way_of_a_command_is_told():
    house = ready_for_needs()
    answers = []
    ran = files_that_ran(
        lambda: answers.append(house.call("PUT", f"/needs/{NEED}", need_body(), by=OFFICER))
    )
    assert answers[0].status_code == 200
    assert "services/registry/domain/need.py" in ran
    way = (ROOT / "ARCHITECTURE.md").read_text().partition("## One command, one way")[2]
    told = set(re.findall(r"`([\w/]+\.py)`", way.partition("\n## ")[0]))
    ends = {file.rpartition("/")[2] for file in told if file.count("/") < 2}
    untold = {IN_PLACE_OF.get(file, file) for file in ran} - told
    assert {file for file in untold if not file.endswith(tuple(f"/{end}" for end in ends))} == set()
