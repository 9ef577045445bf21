"""Forms that wait for their person: the same in memory and in PostgreSQL."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.portal.desks.unfinished import (
    KEPT_MAX,
    MemoryUnfinishedForms,
    PostgresUnfinishedForms,
    Unfinished,
)
from tests.support.databases import a_portal

LAN, HOA = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def a_form(person=LAN, hours=24):
    return Unfinished(
        id=uuid4(), person=person, until=NOW + timedelta(hours=hours), sealed=b"sealed"
    )


class Suite:
    async def test_it_is_found_by_its_own_person_until_it_expires(self, forms):
        form = a_form()
        await forms.keep(form)
        assert await forms.find(form.id, LAN, NOW) == form
        assert await forms.find(form.id, HOA, NOW) is None
        assert await forms.find(form.id, LAN, form.until) is None

    async def test_nobody_else_makes_it_forgotten(self, forms):
        form = a_form()
        await forms.keep(form)
        await forms.forget(form.id, HOA)
        assert await forms.find(form.id, LAN, NOW) == form
        await forms.forget(form.id, LAN)
        assert await forms.find(form.id, LAN, NOW) is None

    async def test_the_newest_push_out_the_older_of_the_same_person(self, forms):
        others = a_form(HOA, hours=0.5)
        own = [a_form(hours=hours) for hours in range(1, KEPT_MAX + 3)]
        for form in (others, *own):
            await forms.keep(form)
        kept = [form for form in own if await forms.find(form.id, LAN, NOW)]
        assert kept == own[-KEPT_MAX:]
        assert await forms.find(others.id, HOA, NOW) == others

    async def test_what_has_expired_is_forgotten(self, forms):
        old, new = a_form(hours=1), a_form(hours=2)
        await forms.keep(old)
        await forms.keep(new)
        await forms.forget_expired(NOW + timedelta(hours=1))
        assert await forms.find(old.id, LAN, NOW) is None
        assert await forms.find(new.id, LAN, NOW) == new


class TestInMemory(Suite):
    @pytest.fixture
    def forms(self):
        return MemoryUnfinishedForms()


class TestInPostgres(Suite):
    @pytest.fixture
    async def forms(self, templates):
        async with (
            templates.copy("a portal", a_portal) as copy,
            asyncpg.create_pool(copy.dsn, min_size=1, max_size=1) as pool,
        ):
            yield PostgresUnfinishedForms(pool)
