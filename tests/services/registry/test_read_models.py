from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import HouseholdPlaced, NeedPartlyMet, NeedReleased
from eventing.record import Recorded, Why
from eventing.sealing import MemorySealer
from services.registry.domain.standing import Circumstance, StatusPeriod
from services.registry.opening import HOUSEHOLD as HOUSEHOLD_PURPOSE
from services.registry.opening import PROFILE
from services.registry.read_models import READ_MODELS
from services.registry.read_models.children import Child, Enrolled, Measured, children
from services.registry.read_models.children_by_name import children_by_name
from services.registry.read_models.disclosures import Disclosure, disclosures
from services.registry.read_models.household_standings import household_standings
from services.registry.read_models.households import Household, households
from services.registry.read_models.needs import Need, needs
from tests.services.registry.samples import (
    BORN_ON,
    CHILD,
    COMMUNE,
    GRANT,
    HOUSEHOLD,
    LINE,
    MONDAY,
    NEED,
    OFFICER,
    OTHER_CHILD,
    OTHER_LINE,
    PRIVACY_OFFICER,
    PROGRAMME,
    SPONSOR,
    SUCCESSOR,
    TODAY,
    TUESDAY,
    assessed,
    child_enrolled,
    child_measured,
    child_registered,
    home_registered,
    near_poor,
    sealed,
)
from tests.services.registry.test_disclosure import granted as disclosure_granted
from tests.services.registry.test_disclosure import opened as names_opened
from tests.services.registry.test_disclosure import revoked as disclosure_revoked
from tests.services.registry.test_need import (
    lapsed,
    met,
    opened,
    reconfirmed,
    recorded,
    reserved,
    returned,
    verified,
    withdrawn,
)
from tests.support.interleaving import interleavings

THURSDAY = TUESDAY + timedelta(days=2)


def stream_of(name, events):
    return [
        Recorded("registry", at, name, at, UUID(int=at), event, MONDAY, Why(actor=OFFICER))
        for at, event in enumerate(events, 1)
    ]


def rows(model, *events):
    return list(model.fold({}, stream_of("one", events)).values())


def need_after(*events):
    (row,) = rows(needs, *events)
    return row


asked_for_three = replace(recorded, quantity=3)
OPEN = (asked_for_three, verified, replace(opened, quantity=3))
released = NeedReleased(
    need_id=NEED,
    programme_id=PROGRAMME,
    line_id=LINE,
    quantity=1,
    quantity_reserved=0,
    quantity_met=0,
    happened_at=TUESDAY,
)


# --- needs ---


@pytest.mark.parametrize(
    ("events", "status", "kept", "arrived"),
    [
        ((recorded,), "recorded", 0, 0),
        ((recorded, returned), "returned", 0, 0),
        ((recorded, returned, recorded), "recorded", 0, 0),
        ((recorded, withdrawn), "withdrawn", 0, 0),
        (OPEN, "open", 0, 0),
        ((*OPEN, reserved(2)), "open", 2, 0),
        ((*OPEN, lapsed), "lapsed", 0, 0),
        ((*OPEN, reserved(3), lapsed), "lapsed", 3, 0),
        ((*OPEN, lapsed, reconfirmed()), "open", 0, 0),
        ((*OPEN, reserved(3), lapsed, reconfirmed()), "reserved", 3, 0),
        ((*OPEN, lapsed, withdrawn), "withdrawn", 0, 0),
        ((*OPEN, lapsed, met(3, 3)), "met", 0, 3),
        ((*OPEN, reserved(2), reserved(1, OTHER_LINE, 2)), "reserved", 3, 0),
        ((*OPEN, reserved(1), released), "open", 0, 0),
        ((*OPEN, reserved(2), met(2, 2, fact=NeedPartlyMet)), "partly-met", 0, 2),
        ((*OPEN, reserved(3), met(3, 3)), "met", 0, 3),
        ((*OPEN, met(3, 3), met(1, 4, OTHER_LINE)), "met", 0, 4),
        ((*OPEN, withdrawn, met(3, 3)), "withdrawn", 0, 3),
    ],
)
def test_how_far_a_need_is(events, status, kept, arrived):
    row = need_after(*events)
    assert (row.status, row.reserved, row.met) == (status, kept, arrived)
    assert row.version == len(events)


def test_an_open_need_shows_band_rule_and_who_verified():
    row = need_after(*OPEN)
    assert (row.priority_band, row.priority_rule, row.verified_by) == (
        1,
        "priority@1",
        verified.verified_by,
    )


# --- children, households: pseudonyms ---


def test_the_newest_measure_and_school_year_show():
    older = replace(child_measured, measured_on=date(2024, 1, 1), height_label="H110")
    last_year = replace(child_enrolled, school_year="2023-2024", grade=3)
    events = (child_registered, child_measured, older, child_enrolled, last_year)
    assert rows(children, *events, assessed("special", "hiv")) == [
        Child(
            child_id=CHILD,
            household_id=HOUSEHOLD,
            unit_id=COMMUNE,
            birth_month="2015-03",
            gender="female",
            height_label="H120",
            measured_on=date(2024, 9, 20),
            school_year="2024-2025",
            grade=4,
            registered_by=OFFICER,
            registered_household_id=HOUSEHOLD,
            measures=(
                Measured(2, "H120", date(2024, 9, 20)),
                Measured(3, "H110", date(2024, 1, 1)),
            ),
            grades=(Enrolled(4, "2024-2025", 4), Enrolled(5, "2023-2024", 3)),
            version=6,
        )
    ]


placed = HouseholdPlaced(
    household_id=HOUSEHOLD,
    from_unit_id=COMMUNE,
    unit_id=SUCCESSOR,
    decision=sealed("7/QĐ-UBND"),
    placed_by=OFFICER,
    happened_at=TUESDAY,
)


def test_a_placed_household_remembers_its_first_unit():
    assert rows(households, home_registered, placed) == [
        Household(
            household_id=HOUSEHOLD,
            unit_id=SUCCESSOR,
            registered_unit_id=COMMUNE,
            registered_by=OFFICER,
            placed=True,
        )
    ]


# --- names disclosed ---


def test_a_disclosure_counts_its_openings_and_says_when_the_last_one_was():
    later = replace(names_opened, openings=2, happened_at=THURSDAY)
    (row,) = rows(disclosures, disclosure_granted, names_opened, later)
    assert row == Disclosure(
        grant_id=GRANT,
        person_id=SPONSOR,
        child_ids=(CHILD, OTHER_CHILD),
        purpose="sponsorship",
        ground="guardian-and-own-consent",
        paper="12/ĐY-2024",
        valid_until=date(2024, 11, 1),
        granted_by=PRIVACY_OFFICER,
        granted_at=MONDAY,
        openings=2,
        last_opened_at=THURSDAY,
        version=3,
    )


def test_a_revoked_disclosure_says_by_whom_and_keeps_its_openings():
    (row,) = rows(disclosures, disclosure_granted, names_opened, disclosure_revoked)
    assert (row.revoked_by, row.revoked_at, row.openings) == (PRIVACY_OFFICER, TUESDAY, 1)


# --- private ones: opened before they are folded ---


async def family(sealer):
    """The same facts, sealed with keys that are there."""

    async def of_child(field, text):
        return await sealer.seal(CHILD, PROFILE, field, text)

    async def of_home(field, text):
        return await sealer.seal(HOUSEHOLD, HOUSEHOLD_PURPOSE, field, text)

    registered = replace(
        child_registered,
        name=await of_child("name", "Triệu Thị Hoà"),
        birth_date=await of_child("birth_date", BORN_ON.isoformat()),
        guardian=await of_child("guardian", "Triệu Văn Sơn"),
        ethnicity=await of_child("ethnicity", "Dao"),
    )
    disabled = replace(
        assessed("special", "disability"),
        circumstance=await of_child("circumstance", "special:disability"),
    )
    home = replace(
        home_registered,
        head=await of_home("head", "Triệu Văn Sơn"),
        village=await of_home("village", "Yên Sơn"),
        territory=await of_home("territory", str(COMMUNE)),
    )
    poor = replace(near_poor, status=await of_home("status", "near-poor"))
    return [registered, disabled], [home, poor, placed]


async def private_rows(model, sealer, events):
    batch = await model.opened(stream_of("one", events), sealer)
    return list(model.fold({}, batch).values())


async def test_a_child_is_known_by_name_and_circumstances():
    sealer = MemorySealer()
    of_child, _ = await family(sealer)
    (row,) = await private_rows(children_by_name, sealer, of_child)
    assert (row.name, row.name_key, row.birth_date) == ("Triệu Thị Hoà", "trieu thi hoa", BORN_ON)
    assert row.circumstances() == (Circumstance("special", "disability", TODAY),)


async def test_a_household_is_known_by_head_and_status():
    sealer = MemorySealer()
    _, of_home = await family(sealer)
    (row,) = await private_rows(household_standings, sealer, of_home)
    assert (row.head, row.village, row.unit_id) == ("Triệu Văn Sơn", "Yên Sơn", SUCCESSOR)
    assert row.territory_id == COMMUNE
    assert row.periods() == (StatusPeriod("near-poor", date(2024, 1, 1), date(2025, 1, 1)),)


async def test_a_rebuild_after_erasure_knows_nothing_any_more():
    sealer = MemorySealer()
    of_child, of_home = await family(sealer)
    await sealer.destroy(CHILD, PROFILE)
    await sealer.destroy(HOUSEHOLD, HOUSEHOLD_PURPOSE)
    (row,) = await private_rows(children_by_name, sealer, of_child)
    assert (row.name, row.name_key, row.birth_date, row.told) == (None, None, None, ())
    (home,) = await private_rows(household_standings, sealer, of_home)
    assert (home.head, home.village, home.territory_id, home.decided) == (None, None, None, ())


def test_only_the_rows_that_are_opened_are_private():
    assert {model.name for model in READ_MODELS if model.private} == {
        "children_by_name",
        "household_standings",
        "persons_by_name",
    }
    assert all(model.opens_sealed == model.private for model in READ_MODELS)


# --- neither interleaving nor batching matters ---


def of_number(number, events):
    ids = {"need_id": UUID(int=500 + number)}
    return stream_of(f"need-{number}", [replace(event, **ids) for event in events])


STORIES = [
    of_number(1, [recorded, returned, recorded]),
    of_number(2, [*OPEN, reserved(2), met(2, 2, fact=NeedPartlyMet)]),
    of_number(3, [*OPEN, reserved(3), met(3, 3), withdrawn]),
]


@given(interleavings(STORIES), st.integers(1, 4))
def test_neither_interleaving_nor_batching_matters(log, batch_size):
    found: dict[UUID, Need] = {}
    for start in range(0, len(log), batch_size):
        changed = needs.fold(found, log[start : start + batch_size])
        found |= {key: row for key, row in changed.items() if row}
    apart: dict[UUID, Need | None] = {}
    for story in STORIES:
        apart |= needs.fold({}, story)
    assert found == apart


def test_each_model_has_a_name_of_its_own():
    names = [model.name for model in READ_MODELS]
    assert len(names) == len(set(names))
