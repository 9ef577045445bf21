"""The page on which anybody learns what a checkpoint is, and what carries the newest ones."""

import html
import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import typer

from console.__main__ import app as console
from notary.checkpoint_topic import LOGS
from notary.newest import NewestCheckpoints
from services.portal.app import make_app
from services.portal.neighbours import Neighbours
from services.portal.publications import MemoryPublications
from tests.docs_commands import PROJECT, _commands, _wrong
from tests.services.portal.story import CODE, JACKETS
from tests.services.portal.test_pages import get, look_up, text
from tests.support.checkpoints import note, publish, signer_of
from tests.support.house import HouseForTests

AT = datetime(2025, 8, 1, 1, tzinfo=UTC)


def answering(answers):
    """A client whose other side says what is given, by address; all else is not there."""

    async def answer(request):
        told = answers.get(str(request.url))
        return httpx.Response(404) if told is None else httpx.Response(200, text=told)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


def keys_of(service):
    return f"{signer_of(service).verifier}\n"


@pytest.fixture
def signed(in_memory):
    """Every log has a checkpoint; the registry shows its keys, the others are silent."""
    urls = {service: f"https://{service}.test" for service in LOGS}
    client = answering({"https://registry.test/log/keys": keys_of("registry")})
    there = Neighbours(urls, None, urls, client)
    published = MemoryPublications()
    house = HouseForTests("portal", lambda it: make_app(it, there, publications=published))
    house.rows = in_memory.rows
    house.house.rows = in_memory.rows
    for number, service in enumerate(LOGS, 1):
        publish(house.house, service, 100 * number, AT)
    return house


def test_the_page_shows_each_note_as_it_was_signed_and_the_keys(signed):
    shown = html.unescape(signed.client.get("/tu-kiem-chung").text)
    for number, service in enumerate(LOGS, 1):
        assert note(service, 100 * number) in shown
    assert keys_of("registry").strip() in shown
    assert text(shown).count("Chưa lấy được khoá công khai của sổ này.") == 3


def test_the_same_is_there_as_data(signed):
    found = signed.get("/api/checkpoints", by=None).json()
    assert [each["service"] for each in found["checkpoints"]] == list(LOGS)
    assert found["keys"]["registry"] == [keys_of("registry").strip()]
    assert found["keys"]["donations"] is None
    assert found["witness"] is None


def test_before_anything_is_signed_it_says_so(in_memory):
    assert "Chưa có mốc nào được ký" in get(in_memory, "/tu-kiem-chung")
    assert "Chưa có mốc nào được ký" in get(in_memory, f"/qua/{JACKETS}")


def test_two_histories_are_told_to_anybody(signed):
    publish(signed.house, "donations", 200, AT, root=b"\x08" * 32)
    assert "sổ này có hai lịch sử" in get(signed, "/tu-kiem-chung")
    assert "HAI LỊCH SỬ" in look_up(signed, CODE)


@pytest.mark.parametrize("by_code", [False, True])
def test_a_receipts_page_carries_the_newest_checkpoints(signed, by_code):
    shown = look_up(signed, CODE) if by_code else get(signed, f"/qua/{JACKETS}")
    _, _, root, _, signature = note("donations", 200).splitlines()
    assert f"vongtay.test/donations 200 {root}" in shown
    assert signature in shown


def commands_on(page):
    blocks = re.findall(r'<pre class="commands".*?><code>(.*?)</code>', page, re.DOTALL)
    return [line for block in blocks for line in html.unescape(block).splitlines() if line.strip()]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_command_on_the_page_exists_with_its_options(signed, language):
    root: Any = typer.main.get_command(console)
    known = _commands(root)
    lines = commands_on(signed.client.get("/tu-kiem-chung", params={"lang": language}).text)
    assert len(lines) == 1 + 1 + len(LOGS) + 4
    for line in lines:
        assert _wrong(line, set(), known, PROJECT, PROJECT) is None
        program, group, name, *rest = line.split()
        assert (program, group) == ("vongtay", "audit")
        command = root.commands[group].commands[name]
        context = command.make_context(name, [], resilient_parsing=True)
        options = {option for each in command.get_params(context) for option in each.opts}
        assert {word for word in rest if word.startswith("-")} <= options


def test_a_planted_command_that_does_not_exist_is_found():
    known = _commands(typer.main.get_command(console))
    assert _wrong("vongtay audit verfiy so-sach", set(), known, PROJECT, PROJECT)


def test_the_witness_command_names_log_and_address(signed):
    shown = signed.client.get("/tu-kiem-chung").text
    assert "--log vongtay.test/registry=https://registry.test" in shown


def test_a_log_is_called_by_its_key_before_anything_is_signed(signed):
    signed.house.checkpoints = NewestCheckpoints()
    shown = signed.client.get("/tu-kiem-chung").text
    assert "--log vongtay.test/registry=https://registry.test" in shown
    assert "--log vongtay.example/donations=https://donations.test" in shown
