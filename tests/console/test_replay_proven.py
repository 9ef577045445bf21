"""A replay from Kafka: with a log's keys nothing that the log did not sign gets in."""

import asyncio

import pytest
from typer.testing import CliRunner

from console import audit, replay
from console.__main__ import app
from console.replay import Proven, log_keys_of
from eventing.record import StoredRecord
from eventing.sources import NothingIsTrue
from notary.keys import LogKeys, make, rotate
from tests.notary.test_proven_source import SERVICE, Topic, World, all_of, keys, log

__all__ = ["keys"]


@pytest.fixture
def proven(keys, monkeypatch):
    """Of a world's checkpoints, over what is on its topic."""

    def made(true, sizes, on_topic):
        world = World(keys, true)

        async def read_all(_kafka, checkpoints):
            for size in sizes:
                checkpoints.take(SERVICE, world.note(size), None)

        monkeypatch.setattr(replay, "read_all", read_all)
        monkeypatch.setattr(replay, "from_kafka", lambda _kafka, _to: lambda _name: Topic(on_topic))
        return Proven(None, {SERVICE: keys})

    return made


async def replayed(proven, positions=None):
    signed = await proven.read_checkpoints()
    source = proven.make_source(signed if positions is None else positions)(SERVICE)
    await source.start(0)
    return dict(signed), await all_of(source)


async def test_what_is_signed_is_given_and_nothing_beyond(proven):
    true = log(50)
    assert await replayed(proven(true, (10, 40), true)) == ({SERVICE: 40}, true[:40])
    assert await replayed(proven(true, (), true), {SERVICE: 50}) == ({SERVICE: 0}, [])


@pytest.mark.parametrize("at", [1, 10, 11, 40])
async def test_what_was_changed_ends_it(proven, at):
    true = log(50)
    changed = [*true[: at - 1], StoredRecord(SERVICE, at, b"another"), *true[at:]]
    with pytest.raises(NothingIsTrue):
        await replayed(proven(true, (10, 40), changed))


async def test_a_log_whose_key_is_not_given_is_taken_as_it_is(proven):
    true = log(50)
    source = proven(true, (40,), true).make_source({"donations": 50})("donations")
    await source.start(0)
    assert await all_of(source) == true


def test_keys_are_put_together_by_the_log_that_they_name(tmp_path):
    for service in ("registry", "donations"):
        make(tmp_path / service, tmp_path / f"{service}.pub", f"vongtay.test/{service}")
    rotate(tmp_path / "registry", tmp_path / "registry.pub")
    given = [
        line
        for service in ("registry", "donations")
        for line in (tmp_path / f"{service}.pub").read_text().splitlines()
    ]
    found = log_keys_of(given)
    assert found == {
        service: LogKeys.known(f"vongtay.test/{service}", tmp_path / f"{service}.pub")
        for service in ("registry", "donations")
    }
    assert len(found["registry"].verifiers) == 2


def test_it_says_what_is_proven_and_what_is_not(keys, tmp_path, monkeypatch):
    async def heads(_access):
        return {"registry": 12, "donations": 30, "portal": 0}

    async def read_checkpoints(_self):
        return {"registry": 7}

    asked = {}

    async def digests(_make_source, positions):
        await asyncio.sleep(0)
        asked.update(positions)
        return []

    monkeypatch.setattr(audit, "heads", heads)
    monkeypatch.setattr(Proven, "read_checkpoints", read_checkpoints)
    monkeypatch.setattr(audit, "digests_of", digests)
    (tmp_path / "password").write_text("secret")
    arguments = ["replay", "--kafka", "reader@127.0.0.1:1"]
    arguments += ["--kafka-password-file", str(tmp_path / "password")]
    said = CliRunner().invoke(app, [*arguments, "--key", str(keys.verifiers[0])])
    assert said.exit_code == 0, said.output
    assert "registry: khớp chữ ký đến 7 · as signed up to 7" in said.stderr
    assert "donations: không kiểm chữ ký" in said.stderr
    assert "portal" not in said.stderr
    assert asked == {"registry": 7, "donations": 30, "portal": 0}
    unproven = CliRunner().invoke(app, arguments)
    assert unproven.stderr.count("not proven: no key was given") == 2
