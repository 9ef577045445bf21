import subprocess
import sys

from tests.chaos import ports
from tests.chaos.ports import BLOCK, own

TELL = "from tests.chaos.ports import own; print(own(3), flush=True); input()"


def test_another_run_keeps_away_even_while_nobody_listens(monkeypatch):
    """Both have only the same few blocks to choose from, and the first uses none of its ports."""
    monkeypatch.setattr(ports, "LAST", ports.FIRST + 4 * BLOCK)
    other = subprocess.Popen(
        [sys.executable, "-c", f"import tests.chaos.ports as p; p.LAST = {ports.LAST}; {TELL}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout
        assert other.stdin
        theirs = {int(port) // BLOCK for port in other.stdout.readline().strip("[]\n").split(",")}
        ours: set[int] = set()
        try:
            while True:
                ours |= {port // BLOCK for port in own(3)}
        except OSError:
            assert ours
            assert theirs.isdisjoint(ours)
    finally:
        other.communicate("\n", timeout=10)
