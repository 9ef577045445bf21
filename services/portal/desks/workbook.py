"""Rows as an Excel file. Text stays text, whatever it begins with: nobody's name is a formula."""

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CELL_CHARACTERS_MAX = 32_767
SHEET_NAME_CHARACTERS_MAX = 31
NOT_IN_A_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
WIDTH_MIN, WIDTH_MAX = 8, 60

Cell = str | int | date | datetime | None


def workbook(
    *,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    about: Sequence[tuple[str, Cell]],
    about_title: str,
) -> bytes:
    """An .xlsx of two sheets: the rows under their columns, and what the file is.

    A `datetime` is as a clock on the wall shows it: Excel knows no time zones.
    """
    into = BytesIO()
    book = Workbook(into, {"in_memory": True})
    formats = _Formats(book)
    sheet = book.add_worksheet(_sheet_name(title))
    for at, label in enumerate(columns):
        _write(sheet, 0, at, label, formats, formats.head)
    for number, row in enumerate(rows, start=1):
        for at, cell in enumerate(row):
            _write(sheet, number, at, cell, formats)
    for at, label in enumerate(columns):
        longest = max((len(str(row[at])) for row in rows if row[at] is not None), default=0)
        sheet.set_column(at, at, min(max(len(label), longest, WIDTH_MIN) + 2, WIDTH_MAX))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    second = book.add_worksheet(_sheet_name(about_title))
    for number, (label, cell) in enumerate(about):
        _write(second, number, 0, label, formats, formats.head)
        _write(second, number, 1, cell, formats)
    second.set_column(0, 1, WIDTH_MAX / 2)
    book.close()
    return into.getvalue()


class _Formats:
    def __init__(self, book: Workbook) -> None:
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.day = book.add_format({"num_format": "dd/mm/yyyy"})
        self.moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        self.number = book.add_format({"num_format": "#,##0"})
        self.text = book.add_format({"num_format": "@"})
        # Edited, or saved as CSV and opened again, it is still no formula.
        self.quoted = book.add_format({"num_format": "@", "quote_prefix": True})


def _write(
    sheet: Worksheet, row: int, at: int, cell: Cell, formats: _Formats, own: Format | None = None
) -> None:
    match cell:
        case None:
            return
        case datetime():
            sheet.write_datetime(row, at, cell, own or formats.moment)
        case date():
            sheet.write_datetime(row, at, cell, own or formats.day)
        case int():
            sheet.write_number(row, at, cell, own or formats.number)
        case str():
            text = cell[:CELL_CHARACTERS_MAX]
            format_ = formats.quoted if text.startswith(STARTS_A_FORMULA) else formats.text
            sheet.write_string(row, at, text, own or format_)


def _sheet_name(title: str) -> str:
    return title.translate(NOT_IN_A_SHEET_NAME).strip()[:SHEET_NAME_CHARACTERS_MAX]
