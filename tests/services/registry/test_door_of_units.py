from itertools import pairwise
from uuid import UUID

import pytest

from contracts.registry import ProgrammeStarted, UnitEstablished, UnitFigureDeclared, UnitSucceeded
from tests.services.registry.commune_house import (
    AFTER_THE_REORGANISATION,
    Registry,
    registry,
    succession_body,
    unit_body,
)
from tests.services.registry.samples import (
    CITY,
    COMMUNE,
    KEEPER,
    OFFICER,
    OTHER_COMMUNE,
    PROGRAMME,
    PROGRAMME_CODE,
    SUCCESSOR,
)
from tests.support.house import happened

NOWHERE = UUID(int=404)
OUTSIDE = (403, "outside-your-unit")


def programme_body(**changed):
    return {
        "code": PROGRAMME_CODE,
        "name": "Kế hoạch 3874",
        "starts_on": "2019-09-01",
        "ends_on": "2025-12-31",
        "unit_ids": [str(COMMUNE)],
    } | changed


def figure_body(children=650):
    return {"as_of": "2024-06-30", "children": children, "source": "UBND xã"}


# --- units ---


def test_units_are_established_and_seen_by_anyone():
    house = registry()
    assert isinstance(house.events()[0], UnitEstablished)
    listed = house.seen("/units", by=None)["items"]
    assert [unit["name"] for unit in listed] == [
        "Hà Nội",
        "Ba Vì",
        "Trần Phú",
        "Ba Vì (mới)",
        "Bất Bạt",
    ]
    assert house.seen(f"/units/{COMMUNE}", by=None)["priority"] is True


def test_a_unit_that_is_not_there():
    assert registry().refused("GET", f"/units/{NOWHERE}", by=None) == (404, "unit-not-established")


def test_no_event_places_a_household_below_its_commune():
    house, village = registry(), UUID(int=405)
    body = unit_body("Yên Sơn", "09703.1", "village", COMMUNE)
    house.done("PUT", f"/units/{village}", body, by=KEEPER)
    house.grant(OFFICER, "commune-officer", CITY)
    household = {"unit_id": str(village), "head": "Triệu Văn Sơn"}
    house.rows.feed(happened(house.events()[-1]))
    told = house.refused("PUT", f"/households/{UUID(int=406)}", household, by=OFFICER)
    assert told == (422, "unit-is-no-commune")


def test_a_units_id_means_one_unit():
    other = unit_body("Ba Trại")
    assert registry().refused("PUT", f"/units/{COMMUNE}", other, by=KEEPER) == (
        409,
        "unit-established-otherwise",
    )


def test_a_unit_needs_its_parent():
    orphan = unit_body("Ba Trại", parent=NOWHERE)
    assert registry().refused("PUT", f"/units/{UUID(int=7)}", orphan, by=KEEPER) == (
        404,
        "unit-not-established",
    )


def test_only_a_keeper_establishes():
    assert registry().refused("PUT", f"/units/{UUID(int=7)}", unit_body(), by=OFFICER) == (
        403,
        "not-allowed",
    )


def test_a_keeper_of_a_commune_establishes_below_it_alone():
    house, new = registry(), UUID(int=0xAB)
    of_a_commune = house.grant(UUID(int=6_001), "organisation-keeper", COMMUNE)
    for parent in (CITY, OTHER_COMMUNE, None):
        asked = house.refused("PUT", f"/units/{new}", unit_body(parent=parent), by=of_a_commune)
        assert asked == ((404, "unit-not-established") if parent is None else OUTSIDE)
    village = unit_body("Yên Sơn", "09703.1", "village", COMMUNE)
    house.done("PUT", f"/units/{new}", village, by=of_a_commune)
    house.done("PUT", f"/units/{UUID(int=0xAC)}", village | {"parent_id": str(new)}, by=KEEPER)


def test_a_unit_is_succeeded():
    house = registry().succeeded_by(SUCCESSOR)
    assert any(isinstance(event, UnitSucceeded) for event in house.events())
    shown = house.seen(f"/units/{COMMUNE}", by=None)
    assert (shown["ended_on"], shown["successor_ids"]) == ("2025-07-01", [str(SUCCESSOR)])


@pytest.mark.parametrize(
    ("unit_id", "body", "refusal"),
    [
        (NOWHERE, succession_body(SUCCESSOR), (404, "unit-not-established")),
        (COMMUNE, succession_body(NOWHERE), (404, "unit-not-established")),
        (COMMUNE, succession_body(COMMUNE), (422, "unit-cannot-succeed-itself")),
        (
            COMMUNE,
            succession_body(SUCCESSOR, ended_on="2008-08-01"),
            (422, "ends-before-it-was-valid"),
        ),
        (COMMUNE, succession_body(SUCCESSOR, ended_on="2025-06-30"), (409, "unit-not-in-force")),
        (COMMUNE, succession_body(SUCCESSOR, ended_on="2025-07-03"), (422, "ends-in-the-future")),
    ],
    ids=["no unit", "no successor", "itself", "too early", "successor not yet valid", "tomorrow"],
)
def test_a_succession_that_cannot_be(unit_id, body, refusal):
    house = registry()
    house.now = AFTER_THE_REORGANISATION
    assert house.refused("POST", f"/units/{unit_id}/succession", body, by=KEEPER) == refusal


def test_a_succession_is_recorded_once():
    house = registry().succeeded_by(SUCCESSOR)
    path = f"/units/{COMMUNE}/succession"
    assert house.refused("POST", path, succession_body(OTHER_COMMUNE), by=KEEPER) == (
        409,
        "unit-succeeded-otherwise",
    )


# --- declared figures ---


def test_a_figure_of_a_day_to_come_is_refused():
    house, body = registry(), figure_body() | {"as_of": "2024-10-08"}
    path = f"/units/{COMMUNE}/figures"
    assert house.refused("POST", path, body, by=OFFICER) == (422, "figure-of-the-future")


@pytest.mark.parametrize("who", [OFFICER, KEEPER])
def test_a_figure_is_declared_by_the_communes_officer_or_a_keeper(who):
    house = registry()
    house.done("POST", f"/units/{COMMUNE}/figures", figure_body(), by=who)
    assert isinstance(house.events()[-1], UnitFigureDeclared)
    assert house.seen(f"/units/{COMMUNE}", by=None)["children"] == 650


def test_a_figure_of_another_commune_is_not_ones_own():
    house = registry()
    path = f"/units/{OTHER_COMMUNE}/figures"
    assert house.refused("POST", path, figure_body(), by=OFFICER) == (403, "outside-your-unit")


def test_how_many_children_a_village_has_is_not_told():
    house, village = registry(), UUID(int=407)
    body = unit_body("Yên Sơn", "09703.2", "village", COMMUNE)
    house.done("PUT", f"/units/{village}", body, by=KEEPER)
    told = house.refused("POST", f"/units/{village}/figures", figure_body(3), by=KEEPER)
    assert told == (422, "village-is-not-told")


def test_a_figure_of_what_is_not_established():
    house = Registry()
    path = f"/units/{CITY}/figures"
    assert house.refused("POST", path, figure_body(), by=KEEPER) == (404, "unit-not-established")


# --- programmes ---


def test_a_programme_starts():
    house = registry().with_programme()
    assert isinstance(house.events()[-1], ProgrammeStarted)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"code": "1/KH"}, (422, "programme-without-rules")),
        ({"ends_on": "2019-08-31"}, (422, "ends-before-it-starts")),
        ({"unit_ids": [str(NOWHERE)]}, (404, "unit-not-established")),
    ],
    ids=["no rules", "backwards", "no unit"],
)
def test_a_programme_that_cannot_be(changed, refusal):
    house, path = registry(), f"/programmes/{PROGRAMME}"
    assert house.refused("PUT", path, programme_body(**changed), by=KEEPER) == refusal


def test_a_keeper_of_a_commune_starts_a_programme_for_it_alone():
    house, path = registry(), f"/programmes/{PROGRAMME}"
    of_a_commune = house.grant(UUID(int=6_001), "organisation-keeper", COMMUNE)
    both = programme_body(unit_ids=[str(COMMUNE), str(OTHER_COMMUNE)])
    assert house.refused("PUT", path, both, by=of_a_commune) == OUTSIDE
    house.done("PUT", path, programme_body(), by=of_a_commune)


def test_a_programmes_id_means_one_programme():
    house = registry().with_programme()
    other = programme_body(name="Kế hoạch khác")
    assert house.refused("PUT", f"/programmes/{PROGRAMME}", other, by=KEEPER) == (
        409,
        "programme-started-otherwise",
    )


@pytest.mark.parametrize("between", [0, 1, 3])
def test_no_unit_comes_after_itself_through_whatever_others(between):
    house = registry()
    house.now = AFTER_THE_REORGANISATION
    chain = [COMMUNE, *(UUID(int=0xC0 + number) for number in range(between)), SUCCESSOR]
    for number, unit_id in enumerate(chain[1:-1]):
        body = unit_body(f"Xã {number}", f"100{number}")
        house.done("PUT", f"/units/{unit_id}", body, by=KEEPER)
    for unit_id, successor in pairwise(chain):
        body = succession_body(successor, ended_on="2025-07-01")
        house.done("POST", f"/units/{unit_id}/succession", body, by=KEEPER)
    back = succession_body(COMMUNE, ended_on="2025-07-02")
    path = f"/units/{SUCCESSOR}/succession"
    assert house.refused("POST", path, back, by=KEEPER) == (409, "succession-in-a-circle")
