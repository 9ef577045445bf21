"""What a log shows of its tree over HTTP, asked by a reader for whom something does not fit."""

from contextlib import contextmanager

import pytest

from audit import remote_log
from eventing.record import leaf_hash
from notary.its_log import LogOverHttp
from notary.newest import NewestCheckpoints
from tests.audit.shown_log import ShownLog

SERVICE = "registry"
RECORDS = [b"record %d" % number for number in range(600)]
LEAVES = [leaf_hash(record) for record in RECORDS]
SIZES = (3, 256, 300, 512, 600)


@contextmanager
def shown(records=RECORDS, sizes=SIZES):
    checkpoints = NewestCheckpoints()
    with ShownLog(records, sizes).served() as url:
        yield LogOverHttp({SERVICE: url}, checkpoints), checkpoints


@pytest.mark.parametrize(
    ("after", "upto"),
    [(0, 1), (0, 256), (0, 600), (255, 257), (256, 512), (300, 301), (511, 600), (599, 600)],
)
async def test_leaves_of_any_positions_are_the_logs(after, upto):
    with shown() as (log, _):
        assert await log.leaves(SERVICE, after, upto) == LEAVES[after:upto]


async def test_older_checkpoints_become_known_by_the_page():
    with shown() as (log, checkpoints):
        await log.more_checkpoints(SERVICE, 3)
        # A page has two.
        assert checkpoints.of(SERVICE).size == 300
        await log.more_checkpoints(SERVICE, 300)
        assert checkpoints.of(SERVICE).size == 600
        assert checkpoints.largest(SERVICE, 0, 299).size == 256
        await log.more_checkpoints(SERVICE, 600)
        assert checkpoints.of(SERVICE).size == 600


async def test_what_is_not_shown_is_waited_for_and_never_made_up(monkeypatch):
    monkeypatch.setattr(remote_log, "ATTEMPTS", 1)
    with shown(RECORDS[:300], (300,)) as (log, _):
        with pytest.raises(TimeoutError):
            await log.leaves(SERVICE, 0, 301)
        with pytest.raises(TimeoutError, match="does not say where donations is"):
            await log.leaves("donations", 0, 1)
    away = LogOverHttp({SERVICE: "http://127.0.0.1:1"}, NewestCheckpoints())
    with pytest.raises(TimeoutError):
        await away.leaves(SERVICE, 0, 1)
    with pytest.raises(TimeoutError):
        await away.more_checkpoints(SERVICE, 0)
