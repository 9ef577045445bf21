"""How the writer cuts what waits into batches; what it commits is the store suite's to see."""

import asyncio
from uuid import uuid4

import pytest

from eventing.event_store import Append, Key
from eventing.group_commit import BATCH_MAX, WHOLE_MAX, GroupCommit


class Server:
    """Commits each batch after a while; `batches` are their sizes."""

    def __init__(self):
        self.batches = []

    async def open(self):
        return self

    async def fetchval(self, _statement, principals, *_columns):
        self.batches.append(len(principals))
        await asyncio.sleep(0.001)
        return list(range(1, len(principals) + 1))


async def commanded(callers, times):
    server = Server()
    commit = GroupCommit(server)

    async def one():
        for _ in range(times):
            await commit.append([Append(f"s-{uuid4()}", 0, [])], Key(uuid4(), uuid4(), b""))

    await asyncio.gather(*(one() for _ in range(callers)))
    assert sum(server.batches) == callers * times
    return server.batches


@pytest.mark.parametrize("callers", [1, 5, WHOLE_MAX])
async def test_few_go_together(callers):
    assert await commanded(callers, 4) == [callers] * 4


@pytest.mark.parametrize("callers", [2 * WHOLE_MAX, 64, 256, 2 * BATCH_MAX])
async def test_of_many_one_half_gets_ready_while_the_other_is_committed(callers):
    assert await commanded(callers, 4) == [callers // 2] * 8


async def test_a_batch_has_its_bound():
    assert max(await commanded(3 * BATCH_MAX, 2)) == BATCH_MAX
