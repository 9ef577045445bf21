"""A record may hold any instant. No read model, replay or digest of any service ends for one."""

import json
from pathlib import Path

import pytest

from eventing.record import StoredRecord
from eventing.replay import replay
from services.allocation.read_models import READ_MODELS as ALLOCATION
from services.donations.read_models import READ_MODELS as DONATIONS
from services.notifications.read_models import READ_MODELS as NOTIFICATIONS
from services.portal.read_models import READ_MODELS as PORTAL
from services.registry.read_models import READ_MODELS as REGISTRY

GOLDEN = sorted((Path(__file__).parents[2] / "contracts" / "golden").glob("*.json"))
MODELS = {
    "allocation": ALLOCATION,
    "donations": DONATIONS,
    "notifications": NOTIFICATIONS,
    "portal": PORTAL,
    "registry": REGISTRY,
}
INSTANTS = {
    "0001-01-01T00:00:00Z": True,
    "0001-01-01T00:00:00+14:00": True,
    "0002-01-01T00:00:00-12:00": False,
    "9998-12-31T23:59:59+14:00": False,
    "9999-12-31T23:59:59.999999Z": True,
    "9999-12-31T23:59:59-12:00": True,
}


def at(golden, when):
    record = json.loads(golden.read_bytes())
    record["time"] = when
    record["data"]["happened_at"] = when
    return record


class Log:
    """As many streams as there are events, each with one, which happened at the instant."""

    def __init__(self, service, when):
        written = [at(golden, when) for golden in GOLDEN]
        self.records = [
            StoredRecord(service, place, json.dumps(one | {"subject": f"one-{place}"}).encode())
            for place, one in enumerate(
                (one for one in written if one["source"].endswith(f"/{service}")), 1
            )
        ]

    async def start(self, after):
        self.given = after

    async def next(self, limit, _wait_s):
        given, self.given = self.given, len(self.records)
        return self.records[given : given + limit]

    async def stop(self):
        pass


async def replayed(service, when):
    logs = {name: Log(name, when) for name in MODELS}
    ends = {name: len(log.records) for name, log in logs.items()}
    models = [model for model in MODELS[service] if not model.private]
    found = await replay(service, models, logs.get, {model.name: ends for model in models})
    assert all(len(one.digest) == 64 for one in found.values())
    return {name: one.parked for name, one in found.items()}


@pytest.mark.parametrize(("when", "parked"), INSTANTS.items())
@pytest.mark.parametrize("service", MODELS)
async def test_a_replay_goes_on_and_counts_what_it_parked(service, when, parked):
    # A sample that stands alone may be parked for what it lacks, whenever it happened.
    usual = await replayed(service, "2025-01-02T03:04:05Z")
    found = await replayed(service, when)
    assert sum(found.values()) > sum(usual.values()) if parked else found == usual
