"""The days of the season, in order: what happens on each, as calls that people would make.

A day asks the services for whatever an earlier day made, so the season can go on after any day.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date

from console.season import giving, handing_out, paying, publishing, registering
from console.season.pack import REORGANISED_ON, Commune
from console.season.stage import BOOKS, SCHOLARSHIPS, SURGERY, WINTER, Stage

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    title: str
    step: Step


def days_of(stage: Stage) -> list[Day]:
    quarters = [stage.pack.communes[start::4] for start in range(4)]
    days = [
        Day(date(2024, 9, 3), "Lập chương trình, giao vai trò", lambda: registering.set_up(stage))
    ]
    days += [
        Day(date(2024, 9, 9 + number), "Rà soát trẻ em", _for(stage, quarter, registering.register))
        for number, quarter in enumerate(quarters)
    ]
    days += [
        Day(
            date(2024, 9, 17),
            "Ghi kết quả Trung thu đã công bố",
            lambda: giving.published_result(stage),
        ),
        Day(date(2024, 10, 1), "Mở đợt vận động áo ấm", lambda: giving.open_winter(stage)),
        Day(date(2024, 10, 7), "Lập nhu cầu áo ấm", lambda: registering.record(stage, WINTER)),
        Day(
            date(2024, 10, 14), "Xác minh nhu cầu áo ấm", lambda: registering.verify(stage, WINTER)
        ),
        Day(
            date(2024, 11, 4),
            "Nhận 1.000 áo, kiểm nhận từng dòng",
            lambda: giving.receive_jackets(stage),
        ),
        Day(
            date(2024, 11, 18), "Lập phương án phân bổ áo", lambda: handing_out.match(stage, WINTER)
        ),
        Day(date(2024, 11, 20), "Trình danh sách", lambda: handing_out.propose(stage, WINTER)),
        Day(date(2024, 11, 21), "Phê duyệt danh sách", lambda: handing_out.approve(stage, WINTER)),
        Day(date(2024, 11, 25), "Chuẩn bị buổi trao", lambda: handing_out.plan(stage, WINTER)),
    ]
    days += [
        Day(
            on,
            "Trao áo ấm",
            _for(stage, stage.pack.communes[start::3], handing_out.hand_out_jackets),
        )
        for start, on in enumerate(handing_out.GIFT_DAYS)
    ]
    days += [
        Day(
            date(2024, 12, 20), "Em vắng mặt nhận áo", lambda: handing_out.absent_child_comes(stage)
        ),
        Day(date(2025, 1, 3), "Mở đợt vận động học bổng", lambda: giving.open_scholarships(stage)),
        Day(
            date(2025, 1, 6),
            "Lập nhu cầu học bổng",
            lambda: registering.record(stage, SCHOLARSHIPS),
        ),
        Day(date(2025, 1, 8), "Xác minh học bổng", lambda: registering.verify(stage, SCHOLARSHIPS)),
        Day(
            date(2025, 1, 10),
            "Nhận tiền học bổng",
            lambda: giving.receive_money(stage, SCHOLARSHIPS),
        ),
        Day(date(2025, 1, 13), "Phân bổ học bổng", lambda: handing_out.match(stage, SCHOLARSHIPS)),
        Day(date(2025, 1, 14), "Trình học bổng", lambda: handing_out.propose(stage, SCHOLARSHIPS)),
        Day(date(2025, 1, 15), "Duyệt học bổng", lambda: handing_out.approve(stage, SCHOLARSHIPS)),
        Day(
            date(2025, 1, 16),
            "Chuẩn bị trao học bổng",
            lambda: handing_out.plan(stage, SCHOLARSHIPS),
        ),
        Day(
            date(2025, 1, 17),
            "Tạm ứng tiền học bổng",
            lambda: paying.advance_scholarships(stage),
        ),
        Day(date(2025, 1, 20), "Trao học bổng", lambda: handing_out.hand_out(stage, SCHOLARSHIPS)),
        Day(date(2025, 1, 24), "Thanh toán tạm ứng", lambda: paying.settle_advance(stage)),
        Day(
            date(2025, 3, 1),
            "Sở Y tế tiếp nhận công tác trẻ em",
            lambda: registering.department_succeeded(stage),
        ),
        Day(
            date(2025, 3, 3),
            "Đòi tạm ứng quá hạn",
            lambda: paying.settle_overdue_advances(stage),
        ),
        Day(date(2025, 3, 10), "Lập hồ sơ phẫu thuật", lambda: registering.record(stage, SURGERY)),
        Day(
            date(2025, 3, 12),
            "Xác minh hồ sơ phẫu thuật",
            lambda: registering.verify(stage, SURGERY),
        ),
        Day(date(2025, 3, 14), "Mở đợt vận động phẫu thuật", lambda: giving.open_surgery(stage)),
        Day(
            date(2025, 3, 20),
            "Hai nhà tài trợ chuyển tiền",
            lambda: giving.receive_money(stage, SURGERY),
        ),
        Day(
            date(2025, 3, 24),
            "Phân bổ chi phí phẫu thuật",
            lambda: handing_out.match(stage, SURGERY),
        ),
        Day(
            date(2025, 3, 25),
            "Trình chi phí phẫu thuật",
            lambda: handing_out.propose(stage, SURGERY),
        ),
        Day(
            date(2025, 3, 26),
            "Duyệt chi phí phẫu thuật",
            lambda: handing_out.approve(stage, SURGERY),
        ),
        Day(date(2025, 4, 10), "Hẹn ngày phẫu thuật", lambda: handing_out.plan(stage, SURGERY)),
        Day(date(2025, 4, 14), "Em được phẫu thuật", lambda: handing_out.hand_out(stage, SURGERY)),
        Day(date(2025, 4, 18), "Trả tiền bệnh viện", lambda: paying.pay_hospital(stage)),
        Day(REORGANISED_ON, "Sắp xếp đơn vị hành chính", lambda: registering.reorganise(stage)),
        Day(
            date(2025, 7, 10),
            "Xếp hộ của xã bị chia tách",
            lambda: registering.place_households(stage),
        ),
        Day(
            date(2025, 8, 4),
            "Mở đợt vận động sách vở, xếp lớp mới",
            lambda: giving.open_books(stage),
        ),
        Day(date(2025, 8, 6), "Lập nhu cầu sách vở", lambda: registering.record(stage, BOOKS)),
        Day(date(2025, 8, 8), "Xác minh nhu cầu sách vở", lambda: registering.verify(stage, BOOKS)),
        Day(date(2025, 8, 11), "Nhận sách vở", lambda: giving.receive_books(stage)),
        Day(date(2025, 8, 13), "Phân bổ sách vở", lambda: handing_out.match(stage, BOOKS)),
        Day(
            date(2025, 8, 14), "Trình danh sách sách vở", lambda: handing_out.propose(stage, BOOKS)
        ),
        Day(
            date(2025, 8, 15), "Duyệt danh sách sách vở", lambda: handing_out.approve(stage, BOOKS)
        ),
        Day(date(2025, 8, 18), "Chuẩn bị trao sách vở", lambda: handing_out.plan(stage, BOOKS)),
        Day(date(2025, 8, 25), "Trao sách vở", lambda: handing_out.hand_out(stage, BOOKS)),
        Day(date(2025, 9, 5), "Công bố số liệu mùa này", lambda: publishing.published(stage)),
    ]
    return days


def _for(
    stage: Stage, communes: Iterable[Commune], step: Callable[[Stage, Commune], Awaitable[None]]
) -> Step:
    async def all_of_them() -> None:
        await stage.client.together(step(stage, commune) for commune in communes)

    return all_of_them
