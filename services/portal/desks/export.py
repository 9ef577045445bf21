"""A list that somebody takes away as an Excel file, for a reason.

The service records it before the first row is read. The file is the answer itself: it lies nowhere
here, so that nobody finds it later, and a page can ask for it for an hour.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import Response

from contracts.vietnamese_day import vietnamese_day
from contracts.vocabulary import VOCABULARY
from edge.listing import LIMIT_MAX
from edge.refusals import CursorNotValid, FormOfAnother
from eventing.decider import Rejection
from eventing.ids import by_time
from services.portal.desks.column import told_for_a_sheet
from services.portal.desks.listing import ORDER, Asked, Listing, answered, asked_of
from services.portal.desks.visit import NotAnswered, Visit
from services.portal.desks.workbook import MEDIA_TYPE, Cell, workbook

EXPORT, REASON = "_export", "reason"
PAGE_ASKS_FOR = timedelta(hours=1)
ROWS_MAX = 10_000


class TooManyToExport(Rejection):
    code = "too-many-to-export"
    vi = "Danh sách có từ {at_most} dòng trở lên. Hãy lọc bớt rồi xuất lại."
    en = "The list has {at_most} rows or more. Filter it, then take it away."

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most


def fresh_export(listing: Listing, at: Visit) -> str:
    """What a list's page sends to take it away: of this person, for this list, for an hour."""
    until = at.door.now + PAGE_ASKS_FOR
    said = [str(by_time()), str(at.person), until]
    return at.door.house.cursors.seal(_of(listing), said)


async def taken_away(listing: Listing, at: Visit, said: Mapping[str, str]) -> Response:
    """Raises FormOfAnother, TooManyToExport, NotAnswered, Silent."""
    export_id = _export_id(listing, at, said.get(EXPORT, ""))
    asked = await asked_of(listing, at, said)
    await _record(listing, at, export_id, said.get(REASON, ""))
    items, positions = await _all_items(listing, at, asked)
    rows = await told_for_a_sheet(listing.columns, at, items)
    file = workbook(
        title=listing.title.in_(at.language),
        columns=[column.label.in_(at.language) for column in listing.columns],
        rows=rows,
        about=_about(listing, at, asked, export_id, said[REASON], len(rows), positions),
        about_title=at.write.t("Về tệp này", "About this file"),
    )
    name = f"{listing.path.strip('/').replace('/', '-')}-{vietnamese_day(at.door.now)}.xlsx"
    return Response(
        file,
        media_type=MEDIA_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _of(listing: Listing) -> str:
    return f"export {listing.path}"


def _export_id(listing: Listing, at: Visit, sealed: str) -> UUID:
    """Raises FormOfAnother."""
    try:
        export_id, person, until = at.door.house.cursors.open(
            _of(listing), sealed, tuple[UUID, UUID, datetime]
        )
    except CursorNotValid:
        raise FormOfAnother from None
    if person != at.person or at.door.now >= until:
        raise FormOfAnother
    return export_id


async def _record(listing: Listing, at: Visit, export_id: UUID, reason: str) -> None:
    """Raises NotAnswered, Silent."""
    answer = await at.services.tell(
        listing.service,
        "PUT",
        f"/exports/{export_id}",
        at.asker,
        key=export_id,
        body={"query": listing.query, "reason": reason},
    )
    if not answer.ok:
        raise NotAnswered(answer)


async def _all_items(
    listing: Listing, at: Visit, asked: Asked
) -> tuple[list[Mapping[str, Any]], Mapping[str, int]]:
    """With the positions of the first page: what came later may be in it too.

    Raises TooManyToExport, NotAnswered, Silent.
    """
    items: list[Mapping[str, Any]] = []
    positions: Mapping[str, int] | None = None
    place = {"limit": str(LIMIT_MAX), "count": "true"}
    while True:
        found = await answered(listing, at, asked, place)
        items += found["items"]
        positions = found.get("positions", {}) if positions is None else positions
        if max(len(items), found.get("count") or 0) >= ROWS_MAX:
            raise TooManyToExport(ROWS_MAX)
        after = found.get("next")
        if listing.whole or not after or not found["items"]:
            return items, positions
        place = {"limit": str(LIMIT_MAX), "cursor": after}


def _about(
    listing: Listing,
    at: Visit,
    asked: Asked,
    export_id: UUID,
    reason: str,
    rows: int,
    positions: Mapping[str, int],
) -> list[tuple[str, Cell]]:
    t = at.write.t
    about: list[tuple[str, Cell]] = [
        (t("Danh sách", "List"), listing.title.in_(at.language)),
        (t("Xuất lúc", "Taken away at"), at.write.moment(at.door.now)),
        (t("Lý do", "Reason"), VOCABULARY["export-reason"][reason].in_(at.language)),
        (t("Số dòng", "Rows"), rows),
    ]
    for each in asked.filters:
        if each.value:
            labels = {option.value: option.label for option in each.options}
            about.append((each.label, labels.get(each.value, each.value)))
    if asked.looked_for and listing.search:
        about.append((listing.search.label.in_(at.language), asked.looked_for))
    if order := listing.orders.get(asked.query.get(ORDER, "")):
        about.append((t("Sắp xếp", "Order"), order.in_(at.language)))
    recorded_up_to = ", ".join(f"{name}:{at_}" for name, at_ in sorted(positions.items()))
    about += [
        (t("Dữ liệu đến vị trí", "Holds what was recorded up to"), recorded_up_to),
        (t("Mã lần xuất, đã ghi vào nhật ký", "Recorded in the log under"), str(export_id)),
    ]
    return about
