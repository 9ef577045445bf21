"""The report of a programme, as a person reads it on a terminal; figures come from the portal."""

from typing import Any

from rich.console import Console
from rich.table import Table

from programmes import packs


def show_report(report: dict[str, Any], console: Console) -> None:
    """Print what `GET /api/report` of the portal answers."""
    console.print(_units(report))
    console.print(_given(report))
    for result in report["published_results"]:
        console.print(
            f"[bold]{result['title']}[/bold] ({result['source']}; không cộng vào số liệu trên · "
            f"not added to the figures above): {number(result['amount'])} đồng, "
            f"{number(result['child_times'])} lượt trẻ em"
        )
    at = ", ".join(f"{service}:{position}" for service, position in report["as_of"].items())
    console.print(f"Số liệu minh hoạ · illustrative data. Tại vị trí · as of {at}")
    for signed in report["checkpoints"]:
        # As it was signed, so that who keeps the page can hold a log against it.
        console.print("Mốc ký · checkpoint:")
        console.print(signed["note"], highlight=False, markup=False, soft_wrap=True)


def _units(report: dict[str, Any]) -> Table:
    table = Table(title="Theo xã · by commune (★ xã ưu tiên của kế hoạch · priority commune)")
    table.add_column("Xã")
    for heading in (
        "Trẻ em\nchildren",
        "Nhu cầu\nrecorded",
        "Xác minh\nverified",
        "Phân bổ\nallocated",
        "Đáp ứng\nmet",
        "Trẻ được hỗ trợ\nchildren helped",
        "Lượt trẻ em\nchild-times",
    ):
        table.add_column(heading, justify="right")
    for unit in report["communes"]:
        star = " ★" if unit["priority"] else ""
        successors = f" → {', '.join(unit['successors'])}" if unit["successors"] else ""
        table.add_row(
            f"{unit['code']} {unit['name']}{star}{successors}",
            number(unit["children_declared"]),
            *_counts(unit),
        )
    table.add_section()
    table.add_row("Tổng · total", "", *_counts(report["totals"]))
    return table


def _counts(figures: dict[str, Any]) -> list[str]:
    names = (
        "needs_recorded",
        "needs_verified",
        "lines_allocated",
        "needs_met",
        "children_distinct",
        "child_times",
    )
    return [number(figures[name]) for name in names]


def _given(report: dict[str, Any]) -> Table:
    table = Table(title="Theo loại · by category")
    table.add_column("")
    for heading in (
        "Đăng ký\npledged",
        "Tiếp nhận\nreceived",
        "Dùng được\ngood",
        "Sửa được\nmendable",
        "Từ chối\nrefused",
        "Đã trao\ndelivered",
    ):
        table.add_column(heading, justify="right")
    delivered = {
        each["category"]: each["quantity_delivered"] for each in report["totals"]["by_category"]
    }
    called = packs.installed().called
    for given in report["given"]:
        category = called("category", given["category"], "vi")
        measure = called("measure", given["measure"], "vi")
        table.add_row(
            f"{category} ({measure})",
            *(number(given[name]) for name in ("pledged", "received", "good", "mendable")),
            number(given["refused"]),
            number(delivered.get(given["category"], 0)),
        )
    return table


def number(value: int | None) -> str:
    """As Vietnamese writes it, 1.092.453.500; a figure that is not published is a dash."""
    return "–" if value is None else f"{value:,}".replace(",", ".")
