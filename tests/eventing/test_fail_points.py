"""A process that was told to die at a point dies there, and only where it was told to."""

import os
import signal
import subprocess
import sys

import pytest

COMES_BY = """
from eventing.fail_points import come_by
for _ in range(3):
    come_by("relay:after-send")
    come_by("append:before-commit")
    print("went on", flush=True)
"""


def went_on(**environment):
    asked = {f"VONGTAY_{name.upper()}": value for name, value in environment.items()}
    done = subprocess.run(  # noqa: S603 - what is run stands above
        [sys.executable, "-c", COMES_BY],
        env={k: v for k, v in os.environ.items() if "VONGTAY_" not in k} | asked,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.count("went on")


@pytest.mark.parametrize(("times", "before"), [(1, 0), (3, 2)])
def test_it_dies_the_time_it_was_told_to(times, before):
    told = f"append:before-commit:{times}"
    assert went_on(mode="development", fail_at=told) == (-signal.SIGKILL, before)


def test_another_point_is_passed():
    assert went_on(mode="development", fail_at="append:elsewhere:1") == (0, 3)


def test_nothing_is_asked_for():
    assert went_on(mode="development") == (0, 3)


@pytest.mark.parametrize("mode", [{"mode": "production"}, {}])
def test_outside_development_nobody_is_heard(mode):
    assert went_on(fail_at="append:before-commit:1", **mode) == (0, 3)
