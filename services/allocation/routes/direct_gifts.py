"""Direct gifts: handed over by the sponsor himself, recorded with minutes, ratified by another."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from contracts.allocation import DirectGiftLine, DirectGiftRecorded
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import NOW, Dated, LongText, Quantity, Strict
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.routes import Routes
from eventing.decider import Rejection
from services.allocation.domain.direct_gift import (
    DirectGiftEndedOtherwise,
    DirectGiftNotRecorded,
    DirectGiftRecordedOtherwise,
    InvolvedCannotRatify,
    InvolvedCannotRecord,
    NeedOfAnotherUnit,
    NotRecorded,
    RatifyDirectGift,
    RecordDirectGift,
    RefuseDirectGift,
    SameNeedTwice,
    WithdrawDirectGift,
    direct_gift,
    line_of,
    stream,
)
from services.allocation.domain.line import LinesOfTwoProgrammes
from services.allocation.domain.matching import OpenNeed
from services.allocation.domain.need_cover import (
    NeedCoveredAlready,
    NeedCoveredOtherwise,
    NeedHasLapsed,
    NeedIsWithdrawn,
    NeedNotOpen,
)
from services.allocation.domain.recipients import ChildrenCountedOtherwise, children_given
from services.allocation.read_models.direct_gifts import DirectGiftStatus, direct_gifts
from services.allocation.read_models.open_needs import open_needs
from services.allocation.read_models.sponsors import sponsors
from services.allocation.routes.lines import CHILDREN_MAX, LINES_MAX
from services.allocation.routes.rule import hands_out_for
from services.allocation.routes.shown import DirectGiftListed, DirectGiftShown

PURPOSE = "direct-gift"


class SponsorNotKnown(Rejection):
    code = "sponsor-not-known"
    kind = "absent"
    vi = "Chưa có tổ chức, cá nhân ủng hộ này trong sổ."
    en = "This sponsor is not registered."


routes = Routes(tag="direct gifts")


class NeedToMeet(Strict):
    """`children`: how many of a group got it, said of a group alone."""

    need_id: UUID
    quantity: Quantity
    children: Annotated[int, Field(ge=1, le=CHILDREN_MAX)] | None = None


class DirectGiftToRecord(Dated):
    """`unit_id`: where it was handed over; each line is of a child of that unit."""

    sponsor_id: UUID
    unit_id: UUID
    lines: Annotated[list[NeedToMeet], Field(min_length=1, max_length=LINES_MAX)]
    minutes: LongText


class Reason(Dated):
    reason: LongText


@routes.command(
    "PUT",
    "/direct-gifts/{direct_gift_id}",
    may=may("record-direct-gift", "commune-officer", "coordinator"),
    refuses=[
        SponsorNotKnown,
        DirectGiftRecordedOtherwise,
        SameNeedTwice,
        NeedOfAnotherUnit,
        LinesOfTwoProgrammes,
        InvolvedCannotRecord,
        ChildrenCountedOtherwise,
        NeedNotOpen,
        NeedCoveredAlready,
        NeedIsWithdrawn,
        NeedHasLapsed,
    ],
)
async def record(direct_gift_id: UUID, body: DirectGiftToRecord, door: Door) -> Accepted:
    """What was handed over, for all children at once; it meets no need before it is ratified."""
    await door.within(body.unit_id)
    sponsor = await door.rows.get(sponsors, body.sponsor_id)
    if sponsor is None:
        raise SponsorNotKnown
    programme_id, lines = await lines_of(direct_gift_id, body.lines, door)
    command = RecordDirectGift(
        direct_gift_id=direct_gift_id,
        programme_id=programme_id,
        sponsor_id=sponsor.sponsor_id,
        sponsored_by=sponsor.person_id,
        unit_id=body.unit_id,
        hands_out_for=await hands_out_for(body.unit_id, door.rows, vietnamese_day(door.now)),
        minutes=await door.seal(direct_gift_id, PURPOSE, "minutes", body.minutes),
        lines=lines,
        recorded_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(direct_gift, stream(direct_gift_id), command)


async def lines_of(
    direct_gift_id: UUID, wanted: list[NeedToMeet], door: Door
) -> tuple[UUID, tuple[DirectGiftLine, ...]]:
    """The programme and the lines.

    Raises NeedNotOpen, LinesOfTwoProgrammes, ChildrenCountedOtherwise.
    """
    need_ids = sorted({one.need_id for one in wanted})
    rows = await door.rows.where(open_needs, need_id=need_ids, limit=LINES_MAX)
    needs = {need.need_id: need for need in rows}
    if len(needs) < len(need_ids):
        raise NeedNotOpen
    programmes = {need.programme_id for need in rows}
    if len(programmes) > 1:
        raise LinesOfTwoProgrammes
    lines = [line_for(direct_gift_id, one, needs[one.need_id]) for one in wanted]
    return programmes.pop(), tuple(lines)


def line_for(direct_gift_id: UUID, wanted: NeedToMeet, need: OpenNeed) -> DirectGiftLine:
    """Raises ChildrenCountedOtherwise."""
    line_id = line_of(direct_gift_id, need.need_id)
    return DirectGiftLine(
        line_id=line_id,
        need_id=need.need_id,
        child_id=need.child_id,
        group_id=need.group_id,
        children=children_given(line_id, need.group_id, need.children, wanted.children),
        unit_id=need.unit_id,
        category=need.category,
        quantity=wanted.quantity,
        measure=need.measure,
        need_registered_by=need.registered_by,
        need_recorded_by=need.recorded_by,
        need_verified_by=need.verified_by,
    )


async def recorded(direct_gift_id: UUID, door: Door) -> DirectGiftRecorded:
    """Raises DirectGiftNotRecorded, OutsideYourUnit."""
    state = await door.state(direct_gift, stream(direct_gift_id))
    if isinstance(state, NotRecorded):
        raise DirectGiftNotRecorded
    gift: DirectGiftRecorded = state.gift
    await door.within(gift.unit_id)
    return gift


JUDGE = [DirectGiftNotRecorded, DirectGiftEndedOtherwise, InvolvedCannotRatify]


@routes.command(
    "POST",
    "/direct-gifts/{direct_gift_id}/ratification",
    judges="/direct-gifts/{direct_gift_id}",
    may=may("ratify-direct-gift", "approver"),
    refuses=[*JUDGE, NeedCoveredAlready, NeedCoveredOtherwise, NeedIsWithdrawn, NeedHasLapsed],
)
async def ratify(direct_gift_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    """A line whose need is covered otherwise is refused alone; if all are, so is this."""
    await recorded(direct_gift_id, door)
    command = RatifyDirectGift(ratified_by=door.person, happened_at=door.happened(body.happened_at))
    return await door.execute(direct_gift, stream(direct_gift_id), command)


@routes.command(
    "POST",
    "/direct-gifts/{direct_gift_id}/refusal",
    judges="/direct-gifts/{direct_gift_id}",
    may=may("refuse-direct-gift", "approver"),
    refuses=JUDGE,
)
async def refuse(direct_gift_id: UUID, body: Reason, door: Door) -> Accepted:
    await recorded(direct_gift_id, door)
    command = RefuseDirectGift(
        reason=await door.seal(direct_gift_id, PURPOSE, "reason", body.reason),
        refused_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(direct_gift, stream(direct_gift_id), command)


@routes.command(
    "POST",
    "/direct-gifts/{direct_gift_id}/withdrawal",
    judges="/direct-gifts/{direct_gift_id}",
    may=may("withdraw-direct-gift", "commune-officer", "coordinator"),
    refuses=[DirectGiftNotRecorded, DirectGiftEndedOtherwise],
)
async def withdraw(direct_gift_id: UUID, body: Reason, door: Door) -> Accepted:
    """What was recorded by mistake, before anybody judged it."""
    await recorded(direct_gift_id, door)
    command = WithdrawDirectGift(
        reason=await door.seal(direct_gift_id, PURPOSE, "reason", body.reason),
        withdrawn_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(direct_gift, stream(direct_gift_id), command)


@routes.query(
    "/direct-gifts",
    may=may("see-direct-gifts", "coordinator", "commune-officer", "approver", "auditor"),
)
async def listed(
    door: ListDoor, *, status: DirectGiftStatus | None = None
) -> Page[DirectGiftListed]:
    wanted: dict[str, Any] = {} if status is None else {"status": status}
    wanted["unit_id"] = sorted(await door.area())
    return await door.page(direct_gifts, DirectGiftListed.of, **wanted)


@routes.query(
    "/direct-gifts/{direct_gift_id}",
    may=may(
        "read-direct-gift-minutes",
        "commune-officer",
        "coordinator",
        "approver",
        opens="judge-direct-gift",
    ),
    refuses=[DirectGiftNotRecorded],
)
async def see(direct_gift_id: UUID, door: ReadDoor) -> DirectGiftShown:
    """With its minutes and the reason, opened for whoever judges them or works in the unit."""
    await door.fresh(direct_gifts)
    row = await door.rows.get(direct_gifts, direct_gift_id)
    if row is None:
        raise DirectGiftNotRecorded
    await door.within(row.unit_id)
    door.version(row.version)
    minutes = await door.open(direct_gift_id, PURPOSE, "minutes", row.minutes)
    reason = row.reason and await door.open(direct_gift_id, PURPOSE, "reason", row.reason)
    return DirectGiftShown(**DirectGiftListed.of(row).model_dump(), minutes=minutes, reason=reason)
