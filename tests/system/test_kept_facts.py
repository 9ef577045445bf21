import json

from tests.system.kept_facts import KEPT, README, differences, digest_in, kept_of


def fact(number: int, *, type_name: str = "lot-drawn", day: str = "2024-10-07") -> str:
    said = {
        "data": {"happened_at": f"{day}T02:00:00Z", "quantity": number},
        "service": "allocation",
        "type": type_name,
        "typeversion": "1",
    }
    return json.dumps(said)


THREE = [fact(1), fact(2), fact(3, day="2024-10-08")]
KEPT_THREE = kept_of(THREE)


def test_the_same_facts_differ_nowhere() -> None:
    assert differences(THREE, KEPT_THREE) == []


def test_a_fact_that_was_not_there_is_named_with_its_day() -> None:
    new = fact(4)
    assert differences([*THREE, new], KEPT_THREE) == [
        "allocation lot-drawn v1 2024-10-07: 0 facts are gone, 1 are new",
        f"  new: {new}",
    ]


def test_one_that_is_there_twice_is_new_once() -> None:
    assert differences([*THREE, fact(1)], KEPT_THREE)[1:] == [f"  new: {fact(1)}"]


def test_one_that_is_another_is_gone_and_new() -> None:
    other = fact(5, day="2024-10-08")
    assert differences([*THREE[:2], other], KEPT_THREE) == [
        "allocation lot-drawn v1 2024-10-08: 1 facts are gone, 1 are new",
        f"  new: {other}",
    ]


def test_a_kind_that_is_gone_and_one_that_is_new_are_told() -> None:
    assert differences([fact(3, type_name="lot-opened")], KEPT_THREE) == [
        "allocation lot-drawn v1 2024-10-07: 2 facts are gone, 0 are new",
        "allocation lot-drawn v1 2024-10-08: 1 facts are gone, 0 are new",
        "allocation lot-opened v1 2024-10-07: 0 facts are gone, 1 are new",
        f"  new: {fact(3, type_name='lot-opened')}",
    ]


def test_what_has_the_marks_of_others_is_not_the_same() -> None:
    digest = digest_in(KEPT_THREE)
    assert differences(THREE, KEPT_THREE.replace(digest, "0" * len(digest))) != []


def test_readme_shows_the_digest_of_the_kept_season() -> None:
    kept = digest_in(KEPT.read_text(encoding="utf-8"))
    assert f"SHA-256 {kept}\n" in README.read_text(encoding="utf-8")
