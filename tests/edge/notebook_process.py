"""The notebook as real processes: `python -m tests.edge.notebook_process web|worker`."""

import os
import sys
from typing import ClassVar

from edge import settings
from edge.web import serve
from edge.worker import Work, work
from tests.edge.notebook import make_app, refusals


class Settings(settings.Settings):
    service: ClassVar[str] = os.environ.get("NOTEBOOK", "notebook")


if __name__ == "__main__":
    if sys.argv[1] == "web":
        serve(Settings(), make_app, [refusals])
    else:
        work(Settings(), Work(read_models=[refusals]))
