"""A short run of `make chaos`, so that what it proves at length is tried each time."""

import json
import os
from collections import Counter

import pytest

from tests.chaos.run import Asked, Outcome, keep, run

SEED = 565
"""With it twelve faults are of ten kinds, a leader that freezes and wakes among them."""


@pytest.mark.stack
@pytest.mark.skipif(
    os.environ.get("STACK", "embedded") != "embedded", reason="only its own servers may be killed"
)
@pytest.mark.timeout(900)
def test_a_season_under_fault_loses_nothing():
    outcome = run(Asked(seed=SEED, days_max=6, faults_a_day=2, frozen_s=3.0, with_disk=False))
    assert outcome.wrong == [], outcome.faults
    assert outcome.kinds.total() >= 8, (outcome.kinds, outcome.faults)
    assert outcome.commands > 100
    assert outcome.events > 100


def test_what_a_failed_run_leaves_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.chaos.run.FAILURES", tmp_path / "failures")
    (tmp_path / "run" / "logs").mkdir(parents=True)
    (tmp_path / "run" / "logs" / "kafka.log").write_text("last words")
    (tmp_path / "run" / "journal.ndjson").write_text("{}")
    outcome = Outcome(7, ["a web process killed"], Counter(kill_web=1), wrong=["Kafka lacks 3"])
    keep(outcome, tmp_path / "run")
    kept = tmp_path / "failures" / "seed-7"
    said = json.loads((kept / "outcome.json").read_text())
    assert (said["seed"], said["kinds"], said["wrong"]) == (7, {"kill_web": 1}, ["Kafka lacks 3"])
    assert (kept / "logs" / "kafka.log").read_text() == "last words"
    assert (kept / "journal.ndjson").exists()
