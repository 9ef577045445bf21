"""Named points at which a development process can be told to die, as a crash there would be.

`VONGTAY_FAIL_AT=<point>:<n>` ends the process with SIGKILL the n-th time it comes by. Without it,
and in production always, a point costs one comparison.
"""

import os
import signal


class _FailAt:
    def __init__(self) -> None:
        asked = os.environ.get("VONGTAY_FAIL_AT", "")
        if os.environ.get("VONGTAY_MODE") != "development":
            asked = ""
        self._point, _, times = asked.rpartition(":")
        self._left = int(times) if self._point else 0

    def __call__(self, point: str) -> None:
        if point != self._point:
            return
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


come_by = _FailAt()
