"""`/toi` tells what each role may, and it is what the pages grant."""

from uuid import UUID

import pytest

from services.portal.desks import DESKS, FORMS, LISTS
from services.portal.desks.what_roles_may import what_roles_may
from tests.services.portal.desks.conftest import CITY, KEEPER, text

PERSON = UUID(int=78)
ROLES = sorted({role for each in (*LISTS, *FORMS) for role in each.who})


async def test_a_keeper_reads_what_they_may(desks):
    page = (await desks.get("/toi", KEEPER)).text
    assert "quản trị tổ chức" in text(page)
    assert '<a href="/to-chuc/nguoi">' in page
    assert "Giao vai trò" in text(page)
    assert "Phê duyệt" not in text(page)


async def test_a_role_without_pages_says_so(desks):
    desks.services.grant(PERSON, "contact-reader", CITY)
    assert "chưa có trang làm việc" in text((await desks.get("/toi", PERSON)).text)


@pytest.mark.parametrize("role", ROLES)
async def test_what_a_role_is_told_to_see_it_sees(desks, role):
    desks.services.grant(PERSON, role, CITY)
    told = what_roles_may(DESKS, LISTS, FORMS)[role]
    assert told.sees
    for path in told.sees.keys() - {"/ban-kiem-tra"}:  # which asks PostgreSQL for sums
        assert (await desks.get(path, PERSON)).status_code == 200, path
    titles = {form.title for form in FORMS if role in form.who}
    assert set(told.sends) == titles
