"""ETags and 304, gzip and CORS: what each reading carries, and never more than is for everybody."""

import gzip
import re
from uuid import UUID

import pytest

from tests.edge.notebook import make_app
from tests.support.house import HouseForTests

CITY, ACCOUNTANT = UUID(int=1), UUID(int=2)
FUND = f"/funds/{UUID(int=3)}"
ELSEWHERE = {"Origin": "https://bao.example"}
SIGNED_IN = {"Authorization": f"Bearer {ACCOUNTANT}"}
PACKED = {"Accept-Encoding": "gzip"}


@pytest.fixture
def house():
    one = HouseForTests("donations", make_app)
    one.grant(ACCOUNTANT, "accountant", one.unit(CITY))
    body = {"name": "Nguồn vận động", "unit_id": str(CITY)}
    assert one.call("PUT", FUND, body, by=ACCOUNTANT).status_code == 200
    return one


def schema(house, **headers):
    return house.client.get("/schemas/fund-opened/1", headers=headers)


def test_what_is_known_is_not_sent_again(house):
    first = schema(house)
    tag = first.headers["ETag"]
    assert re.fullmatch(r'W/"[\w-]{22}"', tag)
    for known in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = schema(house, **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert "Content-Length" not in again.headers
    assert schema(house, **{"If-None-Match": '"another"'}).content == first.content


def test_an_answer_that_shows_a_version_is_known_by_all_that_it_says(house):
    seen = house.get(FUND, by=None)
    assert seen.headers["ETag"].startswith('"1.')
    known = {"If-None-Match": seen.headers["ETag"]}
    assert house.client.get(FUND, headers=known).status_code == 304
    # The version alone does not tell what else the answer shows.
    assert house.client.get(FUND, headers={"If-None-Match": '"1"'}).status_code == 200


def test_a_refusal_has_no_etag(house):
    answer = house.client.get(f"/funds/{UUID(int=404)}", headers={"If-None-Match": "*"})
    assert answer.status_code == 404
    assert "ETag" not in answer.headers


def test_what_needs_a_name_is_neither_named_nor_kept(house):
    answer = house.get("/funds", by=ACCOUNTANT, If_None_Match="*")
    assert answer.status_code == 200
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_head_tells_what_get_would(house):
    get, head = schema(house), house.client.head("/schemas/fund-opened/1")
    assert head.headers["ETag"] == get.headers["ETag"]
    known = {"If-None-Match": get.headers["ETag"]}
    assert house.client.head("/schemas/fund-opened/1", headers=known).status_code == 304


def packed(answer):
    return answer.headers.get("Content-Encoding")


def test_what_is_for_everybody_is_packed(house):
    plain, answer = schema(house, **{"Accept-Encoding": "identity"}), schema(house, **PACKED)
    assert (packed(plain), packed(answer)) == (None, "gzip")
    assert answer.content == plain.content
    assert int(answer.headers["Content-Length"]) < len(plain.content) / 2
    assert answer.headers["ETag"] == plain.headers["ETag"]
    assert len(gzip.compress(plain.content, 6)) == int(answer.headers["Content-Length"])
    assert {"Accept-Encoding", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))


def test_nothing_is_packed_for_who_says_who_they_are(house):
    """BREACH: how well an answer packs would tell what secret stands in it."""
    for said in (SIGNED_IN, {"Cookie": "a=b"}):
        answer = schema(house, **PACKED, **said)
        assert answer.status_code == 200
        assert packed(answer) is None
    assert packed(house.client.get("/secret", headers=PACKED)) is None
    answer = house.client.get("/mine-at-length", headers=PACKED | SIGNED_IN)
    assert (answer.status_code, packed(answer)) == (200, None)


def test_another_sites_page_reads_nothing_unless_it_is_set(house):
    assert "Access-Control-Allow-Origin" not in schema(house, **ELSEWHERE).headers
    asked = ELSEWHERE | {"Access-Control-Request-Method": "GET"}
    assert house.client.options("/schemas/fund-opened/1", headers=asked).status_code == 405


def test_another_sites_page_reads_what_is_public_and_nothing_else(house):
    house.house.read_from_elsewhere = True
    for headers in ({}, PACKED):
        answer = schema(house, **ELSEWHERE, **headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    known = {"If-None-Match": answer.headers["ETag"]}
    again = schema(house, **ELSEWHERE, **known)
    assert (again.status_code, again.headers["Access-Control-Allow-Origin"]) == (304, "*")
    asked = ELSEWHERE | {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    assert house.client.options(FUND, headers=asked).status_code == 200
    with_a_token = asked | {"Access-Control-Request-Headers": "authorization"}
    assert house.client.options(FUND, headers=with_a_token).status_code == 400
    to_write = asked | {"Access-Control-Request-Method": "PUT"}
    assert house.client.options(FUND, headers=to_write).status_code == 405
    for path in ("/funds", "/mine"):
        assert house.client.options(path, headers=asked).status_code == 405
        answer = house.client.get(path, headers=ELSEWHERE | SIGNED_IN)
        assert answer.status_code == 200
        assert "Access-Control-Allow-Origin" not in answer.headers
