"""What a list of rows is, wherever the rows are kept."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct
from msgspec.structs import replace

from eventing.all_rows import all_rows
from eventing.questions import question
from eventing.read_model import ReadModel

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
DAY = date(2024, 10, 7)


class Work(Struct, frozen=True):
    unit: str
    work_id: UUID
    name: str | None
    due_on: date | None
    band: int
    at: datetime
    done: bool
    places: tuple[UUID, ...]


work: ReadModel[Any, Work] = ReadModel(
    name="work",
    row=Work,
    key=("unit", "work_id"),
    handlers=(),
    indexes=(("due_on",),),
)
LETTERS = ("Đỗ Ánh", "đo", "á", "a", "A%", "_", "zz", None)
QUESTIONS: list[dict[str, Any]] = [
    {},
    {"order": ("due_on",)},
    {"order": ("-due_on", "band")},
    {"order": ("name", "-at")},
    {"order": ("-work_id",)},
    {"order": ("done", "-name", "due_on"), "band": [1, 2]},
    {"at_most": {"due_on": DAY}, "order": ("due_on",), "done": False},
    {"at_least": {"due_on": DAY, "band": 1}, "at_most": {"due_on": DAY + timedelta(2)}},
    {"at_least": {"name": "a"}, "order": ("name",)},
    {"contains": {"name": "%"}},
    {"contains": {"name": "nh"}, "order": ("-band",)},
    {"name": None, "order": ("band",)},
    {"any_of": {"places": [UUID(int=1), UUID(int=9)]}},
    {"any_of": {"places": [UUID(int=2), UUID(int=3)]}, "order": ("-due_on",), "done": False},
    {"at_least": {"at": MONDAY}, "unit": "x", "order": ("at",)},
    {"order": ("-at", "-unit", "-work_id")},
    {"order": ("band", "unit", "work_id")},
]


def some_rows(seed: int, count: int = 60) -> list[Work]:
    chance = random.Random(seed)  # noqa: S311 - examples, the same each time
    return [
        Work(
            chance.choice(("x", "y")),
            UUID(int=chance.randrange(2**128)),
            chance.choice(LETTERS),
            chance.choice((None, DAY, DAY + timedelta(chance.randrange(-3, 4)))),
            chance.randrange(3),
            MONDAY + timedelta(hours=chance.randrange(-5, 6)),
            chance.random() < 0.5,
            tuple(UUID(int=chance.randrange(4)) for _ in range(chance.randrange(4))),
        )
        for _ in range(count)
    ]


def naive(rows: list[Work], asked: dict[str, Any]) -> list[Work]:
    """The same said otherwise: filters one by one, and one comparable key for a row."""
    for column, value in asked.items():
        if column in Work.__struct_fields__:
            members = value if isinstance(value, list) else [value]
            rows = [row for row in rows if getattr(row, column) in members]
    for column, low in asked.get("at_least", {}).items():
        rows = [row for row in rows if (at := getattr(row, column)) is not None and not at < low]
    for column, high in asked.get("at_most", {}).items():
        rows = [row for row in rows if (at := getattr(row, column)) is not None and not at > high]
    for column, part in asked.get("contains", {}).items():
        rows = [row for row in rows if (getattr(row, column) or "").count(part)]
    for column, wanted in asked.get("any_of", {}).items():
        rows = [row for row in rows if not set(getattr(row, column)).isdisjoint(wanted)]
    rows = sorted(rows, key=lambda row: (row.unit, row.work_id))
    for column in reversed(asked.get("order", ())):
        name, sign = column.lstrip("-"), -1 if column[0] == "-" else 1
        ranks = sorted({getattr(row, name) for row in rows} - {None})
        last = len(ranks)
        rows = sorted(
            rows,
            key=lambda row: (
                last
                if getattr(row, name) is None
                else sign * (ranks.index(getattr(row, name)) - (0 if sign == 1 else last))
            ),
        )
        if sign == -1:
            with_value = [row for row in rows if getattr(row, name) is not None]
            rows = with_value + [row for row in rows if getattr(row, name) is None]
    return rows


class RowsSuite:
    """Subclasses give `hold`: rows to a `Rows` that keeps them."""

    @pytest.mark.parametrize("asked", QUESTIONS, ids=str)
    async def test_a_list_is_what_is_asked_for_in_its_order(self, hold, asked):
        given = some_rows(1)
        rows = await hold(given)
        found = list(await rows.where(work, limit=1000, **asked))
        assert found == naive(given, asked)
        assert found, "an example that finds nothing shows nothing"
        assert list(await rows.where(work, limit=3, **asked)) == found[:3]

    @pytest.mark.parametrize("asked", QUESTIONS, ids=str)
    async def test_a_count_is_of_what_the_list_holds_up_to_its_bound(self, hold, asked):
        given = some_rows(1)
        rows = await hold(given)
        expected = len(naive(given, asked))
        assert await rows.count(work, bound=1000, **asked) == expected
        assert await rows.count(work, bound=2, **asked) == min(2, expected)

    @pytest.mark.parametrize("asked", QUESTIONS, ids=str)
    async def test_pages_go_on_where_the_last_one_ended(self, hold, asked, monkeypatch):
        monkeypatch.setattr("eventing.all_rows.ROWS_A_PAGE", 4)
        given = some_rows(2)
        rows = await hold(given)
        assert await all_rows(rows, work, **asked) == naive(given, asked)

    async def test_a_page_goes_on_behind_a_row_that_is_gone(self, hold):
        given = some_rows(3)
        gone, *rest = naive(given, {"order": ("-due_on",)})
        place = question(work, order=("-due_on",)).place_of(gone)
        rows = await hold(rest)
        found = await rows.where(work, limit=1000, after=place, order=("-due_on",))
        assert list(found) == rest

    async def test_nothing_is_asked_of_what_is_no_column(self, hold):
        rows = await hold(some_rows(4, 1))
        for asked in (
            {"colour": "red"},
            {"order": ("colour",)},
            {"at_most": {"colour": 1}},
            {"contains": {"colour": "r"}},
            {"any_of": {"colour": []}},
        ):
            with pytest.raises(TypeError, match="colour"):
                await rows.where(work, limit=1, **asked)
        with pytest.raises(TypeError, match="None"):
            await rows.where(work, limit=1, at_most={"due_on": None})

    async def test_a_row_is_found_by_its_key(self, hold):
        given = some_rows(5, 3)
        rows = await hold(given)
        assert await rows.get(work, (given[1].unit, given[1].work_id)) == given[1]
        assert await rows.get(work, ("z", given[1].work_id)) is None


def held(rows: list[Work]) -> dict[Any, Work]:
    return {work.key_of(row): replace(row) for row in rows}
