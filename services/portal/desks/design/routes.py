"""/thiet-ke: every part of the pages on one page. In development alone."""

from datetime import date

from fastapi import Request, Response

from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from services.portal.answers import NothingHere
from services.portal.desks.form import FieldShown, Option
from services.portal.pages import page

TOKENS = ("ink", "soft", "paper", "card", "line", "teal", "deep", "clay", "sun", "alarm")
BARS = (("2019", 120), ("2020", 310), ("2021", 280), ("2022", 420), ("2023", 390))

routes = Routes(tag="design")


@routes.query("/thiet-ke", may=anyone("see-design"), include_in_schema=False, refuses=[NothingHere])
async def show(request: Request, door: ReadDoor) -> Response:
    if not request.app.state.shows_design:
        raise NothingHere
    return page(
        request,
        door,
        "design/design.html",
        tokens=TOKENS,
        fields=_fields(),
        bars=BARS,
        most=max(count for _, count in BARS),
        on=date(2024, 9, 17),
        as_of={},
    )


def _fields() -> list[FieldShown]:
    choice = (Option("a", "Ba Vì"), Option("b", "Yên Bài"))
    return [
        _field("ten", "Họ và tên", "text", value="Nguyễn Thị Hòa"),
        _field("so-luong", "Số lượng", "number", value="1.234", unit="bộ"),
        _field("ngay", "Ngày", "day", help_="Ví dụ 5/7/2022.", error="Viết ngày như 5/7/2022."),
        _field("xa", "Xã", "choice", value="b", options=choice),
        _field("nhieu", "Các xã", "many", value="a", options=choice),
        _field("uu-tien", "Xã ưu tiên", "flag", value="true"),
        _field("ly-do", "Lý do", "long-text"),
    ]


def _field(
    name: str,
    label: str,
    kind: str,
    *,
    value: str = "",
    unit: str = "",
    help_: str = "",
    error: str = "",
    options: tuple[Option, ...] = (),
) -> FieldShown:
    return FieldShown(
        name=name,
        label=label,
        help=help_,
        unit=unit,
        kind=kind,
        required=True,
        values=[value] if value else [],
        options=options,
        longest=None,
        error=error,
    )
