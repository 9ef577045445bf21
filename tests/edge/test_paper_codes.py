from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from edge.guessing import ADDRESSES_MAX, WINDOW_S, WRONG_MAX, WRONG_OF_ALL_MAX, Guesses
from edge.paper_codes import CODE_LETTERS, LETTERS, hash_of, new_code
from edge.settings import addresses
from edge.web import behind

KEY, OTHER_KEY = b"a key", b"another"


def test_a_code_has_sixty_random_bits() -> None:
    codes = [new_code() for _ in range(500)]
    assert len(set(codes)) == 500
    assert len(LETTERS) ** CODE_LETTERS == 2**60
    assert {len(code) for code in codes} == {14}
    for place in range(14):
        seen = {code[place] for code in codes}
        assert seen == {"-"} if place in (4, 9) else len(seen) > 25


@pytest.mark.parametrize(
    "written",
    [
        "7K1M-0TV2-XHR9",
        "7k1m 0tv2 xhr9",
        "7KIM-OTV2-XHR9",
        "7klm.otv2.xhr9",
        " 7K1M0TV2XHR9\n",
        "\uff17K1M-0TV2-XHR9",
    ],
)
def test_a_code_is_read_as_it_was_meant(written: str) -> None:
    assert hash_of(KEY, written) == hash_of(KEY, "7K1M0TV2XHR9")


@pytest.mark.parametrize(
    "written", ["", "7K1M-0TV2-XHR", "7K1M-0TV2-XHR99", "7K1M-0TV2-XHRU", " " * 41]
)
def test_what_looks_like_no_code_has_no_hash(written: str) -> None:
    assert hash_of(KEY, written) is None


def test_a_hash_is_of_one_key_and_one_code() -> None:
    code, other = new_code(), new_code()
    assert len({hash_of(KEY, code), hash_of(OTHER_KEY, code), hash_of(KEY, other)}) == 3


def test_an_address_is_told_no_more_wrong_than_its_bound_until_the_window_ends() -> None:
    guesses = Guesses()
    assert [guesses.wrong("192.0.2.1", 0.0) for _ in range(WRONG_MAX + 2)] == [
        *[False] * WRONG_MAX,
        True,
        True,
    ]
    assert not guesses.wrong("192.0.2.2", 1.0)
    assert not guesses.wrong("192.0.2.1", float(WINDOW_S))


def test_who_has_a_network_of_addresses_has_no_more_tries() -> None:
    guesses = Guesses()
    assert any(guesses.wrong(f"2001:db8::{n:x}", 0.0) for n in range(1, WRONG_MAX + 2))
    assert not guesses.wrong("2001:db8:0:1::1", 0.0)


def test_all_together_are_bounded_too_and_so_is_what_is_remembered() -> None:
    guesses = Guesses()
    told = [guesses.wrong(f"10.0.{n // 250}.{n % 250}", 0.0) for n in range(ADDRESSES_MAX + 100)]
    assert told.index(True) == WRONG_OF_ALL_MAX
    assert all(told[WRONG_OF_ALL_MAX:])
    assert len(guesses._tries) == ADDRESSES_MAX
    assert not guesses.wrong("10.9.9.9", float(WINDOW_S))


# --- behind a proxy ---


async def no_body() -> Any:
    raise AssertionError("nothing is read")


async def nobody_hears(_message: Any) -> None:
    raise AssertionError("nothing is sent")


async def address_seen(peer: str, forwarded: list[str], trusted: str) -> str:
    seen = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    scope: Any = {"type": "http", "client": (peer, 1), "headers": headers}
    await behind(app, addresses(trusted))(scope, no_body, nobody_hears)
    (address,) = seen
    return str(address)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "seen"),
    [
        ("203.0.113.9", ["198.51.100.1"], "", "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "10.0.0.0/8", "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1"], "10.0.0.1", "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1, 10.0.0.2"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.1", [], "10.0.0.0/8", "10.0.0.1"),
        ("::1", ["198.51.100.1"], "127.0.0.1, ::1", "198.51.100.1"),
    ],
)
async def test_only_a_proxy_of_ours_says_where_a_request_comes_from(
    peer: str, forwarded: list[str], trusted: str, seen: str
) -> None:
    assert await address_seen(peer, forwarded, trusted) == seen


@pytest.mark.parametrize("said", ["everybody", "10.0.0.0/33", "*", "10.0.0.1/8"])
def test_what_is_no_address_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        addresses(said)
