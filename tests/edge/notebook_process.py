"""The notebook as real processes: `python -m tests.edge.notebook_process web|worker`."""

import os
import sys
from typing import ClassVar
from uuid import UUID

from edge import settings
from edge.accounts import Accounts
from edge.serving import settings_of
from edge.web import serve
from edge.worker import Work, work
from notary import newest
from notary.checkpoint_topic import CheckpointTopic
from tests.edge.notebook import make_app, refusals


class Settings(settings.Settings):
    service: ClassVar[str] = os.environ.get("NOTEBOOK", "notebook")


async def _itself(_: Accounts, account_id: UUID, _tick: float) -> UUID:
    return account_id


if __name__ == "__main__":
    # Whom an account stands for, a registry says, and a notebook has none.
    Accounts.person_of = _itself  # type: ignore[method-assign,assignment]
    # The topic of the programme's logs has no partition for a notebook.
    of_its_own = {"topic": f"{Settings.service}.checkpoints", "logs": (Settings.service,)}
    for function in (CheckpointTopic.__init__, newest.follow):
        function.__kwdefaults__ = {**(function.__kwdefaults__ or {}), **of_its_own}
    if sys.argv[1] == "web":
        serve(settings_of(Settings), lambda it: make_app(it.house), [refusals])
    else:
        work(settings_of(Settings), Work(read_models=[refusals]))
