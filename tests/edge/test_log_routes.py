"""`/log/...` on a real log: an outsider proves it from the answers alone."""

import json
from uuid import UUID

import httpx
import pytest

from audit.checkpoint import opened
from audit.merkle import check_inclusion, inclusion_proof, root_of
from audit.note import verifier
from audit.tiles import subtrees_from, tile_path, tiles_of
from eventing.record import leaf_hash
from notary.published_log import PublishedLog
from tests.edge.conftest import BA_VI
from tests.edge.notebook import make_app
from tests.eventing.readers import database
from tests.notary.notarized import ORIGIN, SERVICE, log

__all__ = ["database", "log"]


@pytest.fixture
def auditor(house):
    return house.grant(UUID(int=8), "auditor", house.unit(BA_VI))


@pytest.fixture
async def client(house, log):
    house.house.log = PublishedLog(SERVICE, log.database.pool, log.public)
    transport = httpx.ASGITransport(app=make_app(house.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://log") as client:
        yield client


async def signed(log, count):
    end = await log.write(count)
    async with log.notary() as task:
        await log.signed(end, task)
    return end


async def test_an_outsider_proves_a_record_from_the_answers_alone(client, log):
    end = await signed(log, 700)
    (key,) = (await client.get("/log/keys")).text.splitlines()
    answer = await client.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    checkpoint, _ = opened(answer.text, verifier(key))
    assert (checkpoint.origin, checkpoint.size) == (ORIGIN, end)
    tiles = {}
    for tile in tiles_of(end):
        answer = await client.get(f"/log/{tile_path(*tile)}")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "application/octet-stream"
        tiles[tile] = answer.content
    subtree = subtrees_from(lambda *tile: tiles[tile], end)
    leaf = (await log.leaves(end))[411]
    check_inclusion(leaf, 411, end, inclusion_proof(411, end, subtree), checkpoint.root)


async def test_a_tile_is_the_same_when_it_has_become_full(client, log):
    await signed(log, 200)
    before = (await client.get("/log/tile/0/000.p/200")).content
    assert (await client.get("/log/tile/0/000")).status_code == 404
    await signed(log, 100)
    assert (await client.get("/log/tile/0/000.p/200")).content == before
    full = (await client.get("/log/tile/0/000")).content
    assert full[: len(before)] == before
    assert (await client.get("/log/tile/1/000.p/1")).content == root_of(
        [full[at : at + 32] for at in range(0, len(full), 32)]
    )


@pytest.mark.parametrize(
    "path",
    [
        "0/001.p/45",
        "0/002",
        "0/002.p/1",
        "0/001.p/0",
        "0/001.p/256",
        "0/001.p/044",
        "0/1",
        "0/x000/001.p/44",
        "0/x999/x999/x999/x999/x999/999",
        "2/000.p/1",
        "7/000",
    ],
)
async def test_what_is_no_tile_of_the_tree_is_not_there(client, log, path):
    await signed(log, 300)
    assert (await client.get("/log/tile/0/001.p/44")).status_code == 200
    answer = await client.get(f"/log/tile/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("level", ["8", "-1", "x"])
async def test_a_level_that_no_tree_has_is_not_valid(client, level):
    assert (await client.get(f"/log/tile/{level}/000")).status_code == 422


async def test_checkpoints_come_in_order_and_go_on_after_a_size(client, log):
    for _ in range(3):
        await signed(log, 10)
    answer = await client.get("/log/checkpoints")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["size"] for line in lines] == [10, 20, 30]
    assert all(log.keys.opened(line["note"]).size == line["size"] for line in lines)
    later = await client.get("/log/checkpoints?after=20")
    assert later.text.splitlines() == answer.text.splitlines()[2:]
    assert (await client.get("/log/checkpoints?after=30")).text == ""
    assert answer.headers["content-type"] == "application/x-ndjson"


async def test_before_kafka_has_a_checkpoint_nobody_sees_it(client, log):
    assert (await client.get("/log/checkpoint")).status_code == 404
    await signed(log, 10)
    first = (await client.get("/log/checkpoint")).text
    await signed(log, 10)
    await log.as_owner("UPDATE notary SET released = 10")
    assert (await client.get("/log/checkpoint")).text == first
    assert len((await client.get("/log/checkpoints")).text.splitlines()) == 1


async def test_an_auditor_takes_the_records_home(client, log, auditor):
    await log.write(30)
    headers = {"Authorization": f"Bearer {auditor}"}
    found, after = [], 0
    while page := (
        await client.get(f"/log/records?after={after}&limit=13", headers=headers)
    ).text.splitlines():
        assert len(page) <= 13
        found += [json.loads(line) for line in page]
        after = found[-1]["position"]
    assert [line["position"] for line in found] == list(range(1, 31))
    assert [leaf_hash(line["record"].encode()) for line in found] == await log.leaves(30)
    assert all(line["leaf"] == leaf_hash(line["record"].encode()).hex() for line in found)
    for bad in ("limit=0", "limit=5001", "after=-1", "after=x"):
        assert (await client.get(f"/log/records?{bad}", headers=headers)).status_code == 422


async def test_nobody_else_gets_the_records(client, log, accountant):
    await log.write(1)
    assert (await client.get("/log/records")).status_code == 401
    answer = await client.get("/log/records", headers={"Authorization": f"Bearer {accountant}"})
    assert answer.status_code == 403


async def test_a_log_without_keys_says_so(house, database):
    house.house.log = PublishedLog(SERVICE, database.pool, None)
    transport = httpx.ASGITransport(app=make_app(house.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://log") as client:
        assert (await client.get("/log/keys")).status_code == 404
