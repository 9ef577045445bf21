"""The events that allocation publishes, on `vongtay.allocation.events`, keyed by stream.

Who did a step stands in `…_by`. If it was done for another, that is `on_behalf_of`; if another
entered it, that is `entered_by`; both empty: neither.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.donations import Earmark, Kind
from contracts.event import event
from contracts.field_types import (
    CategoryCode,
    Digest,
    MeasureCode,
    ReasonCode,
    RejectionCode,
    RuleName,
    WaybillNumber,
)
from contracts.registry import Specification
from contracts.rules_in_force import RulesInForce
from contracts.sealed import Sealed
from contracts.two_persons import TwoPersons

ClosingReason = Literal[
    "need-withdrawn", "child-left", "not-collected", "delivery-cancelled", "hand-over-failed"
]
"""Why a line of a delivery reaches nobody."""
UnmatchedReason = Literal["nothing-fits", "fitting-lots-used-up", "run-is-full"]
Way = Literal["signed-line", "substituted-line", "direct-gift"]
"""How support arrived: signed for on a list, by the listed child or by another; or handed over by
the sponsor."""
SignedAs = Literal["guardian", "proxy", "fingerprint", "responsible"]
"""As what somebody signs: for a child, the first three; for a group or a unit, the last."""

# --- lots ---


@event("lot-opened", vi="Thành lô sẵn có", en="Lot opened")
class LotOpened:
    """The good part of an accepted contribution line is available for allocation."""

    lot_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    contribution_id: UUID
    contribution_line_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: CategoryCode
    specification: Specification
    quantity: int
    measure: MeasureCode
    earmark: Earmark
    received_by: UUID
    inspected_by: tuple[UUID, ...]
    accepted_by: UUID
    happened_at: datetime


@event("lot-held-apart", vi="Để riêng chờ sửa", en="Held apart")
class LotHeldApart:
    """The mendable part of a line: kept apart, not available until mended."""

    lot_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    contribution_id: UUID
    contribution_line_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: CategoryCode
    specification: Specification
    quantity: int
    measure: MeasureCode
    earmark: Earmark
    received_by: UUID
    inspected_by: tuple[UUID, ...]
    accepted_by: UUID
    happened_at: datetime


@event("lot-corrected", vi="Điều chỉnh lô", en="Lot corrected")
class LotCorrected:
    """What had come was recorded wrongly: the lot holds, or held, `quantity`.

    `correction` is the number of the contribution's correction. `quantity_free` is below zero where
    more is promised or gone than came; the missing part is the first that a release fills.
    """

    lot_id: UUID
    programme_id: UUID
    contribution_id: UUID
    correction: int
    quantity: int
    quantity_free: int
    quantity_kept: int
    quantity_drawn: int
    happened_at: datetime


@event("lot-reserved", vi="Giữ trong lô", en="Lot reserved")
class LotReserved:
    """Part of the lot is kept for an approved line.

    Like all that follows in a lot it says what then is free, kept for lines, and drawn: together
    what the lot was opened with, or then corrected to.
    """

    lot_id: UUID
    programme_id: UUID
    allocation_id: UUID
    line_id: UUID
    need_id: UUID
    quantity: int
    quantity_free: int
    quantity_kept: int
    quantity_drawn: int
    happened_at: datetime


@event("lot-released", vi="Trả lại lô", en="Lot released")
class LotReleased:
    """What a line had kept is free again."""

    lot_id: UUID
    programme_id: UUID
    line_id: UUID
    quantity: int
    quantity_free: int
    quantity_kept: int
    quantity_drawn: int
    happened_at: datetime


@event("lot-drawn", vi="Xuất khỏi lô", en="Lot drawn")
class LotDrawn:
    """What a line had kept was given to the child."""

    lot_id: UUID
    programme_id: UUID
    line_id: UUID
    quantity: int
    quantity_free: int
    quantity_kept: int
    quantity_drawn: int
    happened_at: datetime


# --- the cover of a need ---


@event("need-cover-opened", vi="Mở phần che phủ nhu cầu", en="Need cover opened")
class NeedCoverOpened:
    """A need that registry opened may be covered, up to `quantity`. Its facts are frozen here.

    `happened_at` is when registry opened it: of two equally pressing needs the older goes first.
    """

    need_id: UUID
    programme_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    specification: Specification
    quantity: int
    measure: MeasureCode
    needed_by: date
    lapses_on: date
    priority_band: int
    registered_by: UUID | None
    recorded_by: UUID
    verified_by: UUID
    happened_at: datetime


@event("need-covered", vi="Che phủ nhu cầu", en="Need covered")
class NeedCovered:
    """A line covers part of the need: of an allocation, or of a direct gift (`allocation_id` None).

    `quantity_covered` and `quantity_open` are what then is covered of the need, and what is not.
    """

    need_id: UUID
    programme_id: UUID
    allocation_id: UUID | None
    line_id: UUID
    quantity: int
    quantity_covered: int
    quantity_open: int
    happened_at: datetime


@event("need-uncovered", vi="Bỏ che phủ nhu cầu", en="Need uncovered")
class NeedUncovered:
    """A line no longer covers the need."""

    need_id: UUID
    programme_id: UUID
    line_id: UUID
    quantity: int
    quantity_covered: int
    quantity_open: int
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLeft:
    """A line that still covers a need and has not arrived."""

    allocation_id: UUID
    line_id: UUID


@event("need-cover-closed", vi="Đóng phần che phủ nhu cầu", en="Need cover closed")
class NeedCoverClosed:
    """The need was withdrawn; nothing new covers it. `left` is to be given up."""

    need_id: UUID
    programme_id: UUID
    left: tuple[LineLeft, ...]
    happened_at: datetime


@event("support-delivered", vi="Hỗ trợ đến nơi", en="Support delivered")
class SupportDelivered:
    """Support reached a child, a group of children or a unit, in whatever way: once for each time.

    It stands by itself. `line_id` is what covered the need: a line, a direct gift's too.
    `child_id` or `group_id` says whom it reached. Of the gift what is known is named: a sponsor's
    contribution, by way of a lot and a fund; or a direct gift. `quantity_covered` and
    `quantity_delivered` are what is covered of the need and what of it arrived, up to now.
    `delivered_by` saw it into their hands; `checked_by` confirmed it before it counted,
    where that is asked for.
    """

    need_id: UUID
    programme_id: UUID
    line_id: UUID
    way: Way
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    measure: MeasureCode
    quantity: int
    quantity_covered: int
    quantity_delivered: int
    sponsor_id: UUID | None
    contribution_id: UUID | None
    campaign_id: UUID | None
    fund_id: UUID | None
    lot_id: UUID | None
    delivery_id: UUID | None
    direct_gift_id: UUID | None
    need_recorded_by: UUID
    need_verified_by: UUID
    received_by: UUID | None
    delivered_by: UUID
    on_behalf_of: UUID | None
    entered_by: UUID | None
    checked_by: UUID | None
    happened_at: datetime


@event("need-cover-lapsed", vi="Ngừng che phủ nhu cầu hết hạn", en="Need cover lapsed")
class NeedCoverLapsed:
    """The need was not reconfirmed by its day; nothing new covers it until it is."""

    need_id: UUID
    programme_id: UUID
    lapsed_on: date
    happened_at: datetime


@event("need-cover-renewed", vi="Che phủ lại nhu cầu", en="Need cover renewed")
class NeedCoverRenewed:
    """The need was reconfirmed: it may be covered until the day `lapses_on`."""

    need_id: UUID
    programme_id: UUID
    lapses_on: date
    happened_at: datetime


# --- matching and allocation ---


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedLine:
    """One proposed line with its reason and the next child who missed out.

    `reasons` are codes such as "size-exact", "size-one-larger", "earmark-unit", "band-1".
    """

    line_id: UUID
    need_id: UUID
    lot_id: UUID
    quantity: int
    reasons: tuple[ReasonCode, ...]
    runner_up_need_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedNeed:
    """Of a need that was looked at, and for which nothing was left."""

    need_id: UUID
    reason: UnmatchedReason


@event("matching-run-made", vi="Lập phương án phân bổ", en="Matching run made")
class MatchingRunMade:
    """The same inputs under the same rule give the same lines. `inputs_digest` is SHA-256, hex.

    `unit_ids`: whose needs were asked for. `left_out`: how many open needs, the
    least pressing ones, were too many for one run.
    """

    run_id: UUID
    programme_id: UUID
    category: CategoryCode
    unit_ids: tuple[UUID, ...]
    rule: RuleName
    rules: RulesInForce
    inputs_digest: Digest
    lines: tuple[MatchedLine, ...]
    unmatched: tuple[UnmatchedNeed, ...]
    left_out: int
    made_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationLine:
    """Part of a lot for a need, with the frozen facts that later steps decide by."""

    line_id: UUID
    allocation_id: UUID
    lot_id: UUID
    need_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    campaign_id: UUID
    fund_id: UUID
    contribution_id: UUID
    sponsor_id: UUID
    reasons: tuple[ReasonCode, ...]
    registered_by: UUID | None
    recorded_by: UUID
    verified_by: UUID
    received_by: UUID
    inspected_by: tuple[UUID, ...]
    accepted_by: UUID


@event("allocation-proposed", vi="Đề xuất phân bổ", en="Allocation proposed")
class AllocationProposed:
    """Parts of lots are meant for needs; another person must approve."""

    allocation_id: UUID
    programme_id: UUID
    run_id: UUID | None
    lines: tuple[AllocationLine, ...]
    rules: RulesInForce
    matched_by: UUID | None
    proposed_by: UUID
    happened_at: datetime


@event("allocation-line-claimed", vi="Giữ mã dòng phân bổ", en="Line of an allocation claimed")
class AllocationLineClaimed:
    """From here on the line's id means this line of this allocation, and no other."""

    line_id: UUID
    programme_id: UUID
    allocation_id: UUID
    happened_at: datetime


@event("allocation-approved", vi="Duyệt phân bổ", en="Allocation approved")
class AllocationApproved:
    """From here on the goods are kept for the needs, but for lines refused in the same append."""

    allocation_id: UUID
    programme_id: UUID
    approved_by: UUID
    on_behalf_of: UUID | None = None
    entered_by: UUID | None = None
    happened_at: datetime


@event("allocation-line-refused", vi="Không duyệt một dòng", en="Allocation line refused")
class AllocationLineRefused:
    """One line could not be kept; `code` is the rejection that a lone line would have met."""

    allocation_id: UUID
    programme_id: UUID
    line_id: UUID
    need_id: UUID
    code: RejectionCode
    happened_at: datetime


@event("allocation-lines-planned", vi="Xếp dòng vào buổi trao", en="Lines planned for a delivery")
class AllocationLinesPlanned:
    """From here on these lines belong to this delivery and to no other."""

    allocation_id: UUID
    programme_id: UUID
    delivery_id: UUID
    line_ids: tuple[UUID, ...]
    happened_at: datetime


@event("allocation-line-released", vi="Trả lại một dòng", en="Allocation line released")
class AllocationLineReleased:
    """An approved line that no delivery has taken up is given back: lot and need are free again.

    `released_by` None: by itself, because the need was withdrawn.
    """

    allocation_id: UUID
    programme_id: UUID
    line_id: UUID
    lot_id: UUID
    need_id: UUID
    quantity: int
    released_by: UUID | None
    happened_at: datetime


@event("allocation-line-given-up", vi="Thôi một dòng đã xếp buổi trao", en="Planned line given up")
class AllocationLineGivenUp:
    """The need of a line was withdrawn that a delivery has taken up: the delivery closes it."""

    allocation_id: UUID
    programme_id: UUID
    delivery_id: UUID
    line_id: UUID
    need_id: UUID
    happened_at: datetime


# --- delivery ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedLines:
    """Whose work an allocation is, of which a delivery takes lines up."""

    allocation_id: UUID
    matched_by: UUID | None
    proposed_by: UUID
    approved_by: UUID
    on_behalf_of: UUID | None = None


@event("delivery-planned", vi="Lên lịch trao", en="Delivery planned")
class DeliveryPlanned:
    """Approved lines of one commune that are handed out together on one day.

    `activity` seals what the occasion is called. `two_persons` are pairs of parts that the
    programme's pack adds to those that are never one person's, under these `rules`.
    """

    delivery_id: UUID
    programme_id: UUID
    unit_id: UUID
    activity: Sealed
    planned_for: date
    lines: tuple[AllocationLine, ...]
    approvals: tuple[ApprovedLines, ...]
    rules: RulesInForce
    two_persons: tuple[TwoPersons, ...]
    planned_by: UUID
    happened_at: datetime


@event("delivery-dispatched", vi="Xuất kho", en="Dispatched")
class DeliveryDispatched:
    """The goods left the store with a waybill."""

    delivery_id: UUID
    programme_id: UUID
    waybill: WaybillNumber
    dispatched_by: UUID
    happened_at: datetime


@event("delivery-handed-over", vi="Bàn giao", en="Handed over")
class DeliveryHandedOver:
    """The commune or school took the goods over.

    Up to the end of `list_closes_on` its list is signed; then what nobody signed for is closed, but
    for what is kept for an absent child.
    """

    delivery_id: UUID
    programme_id: UUID
    handed_to: UUID
    handed_over_by: UUID
    list_closes_on: date
    on_behalf_of: UUID | None = None
    entered_by: UUID | None = None
    happened_at: datetime


@event("delivery-line-signed", vi="Ký nhận", en="Signed for")
class DeliveryLineSigned:
    """Somebody signed for one line: for a child, or as the one responsible for a group or a unit.

    `signatory` seals the name and relation of a proxy or a responsible person. `children` are those
    of the group that were given it. `lines_signed` are those of the delivery that then are signed.
    """

    delivery_id: UUID
    programme_id: UUID
    line_id: UUID
    lot_id: UUID
    need_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    campaign_id: UUID
    fund_id: UUID
    contribution_id: UUID
    sponsor_id: UUID
    signed_as: SignedAs
    signatory: Sealed | None
    lines_signed: int
    acknowledged_by: UUID
    on_behalf_of: UUID | None = None
    entered_by: UUID | None = None
    happened_at: datetime


@event("delivery-line-absent", vi="Vắng mặt, giữ lại", en="Absent, kept")
class DeliveryLineAbsent:
    """Nobody came for the child; it is kept until a day and may still be signed."""

    delivery_id: UUID
    programme_id: UUID
    line_id: UUID
    need_id: UUID
    kept_until: date
    happened_at: datetime


@event("delivery-line-substituted", vi="Trao cho trẻ em khác", en="Given to another child")
class DeliveryLineSubstituted:
    """The listed child does not come for good: the gift went to another child of the commune.

    `need_id`, `child_id` and `unit_id` are the substitute's; `reason` is sealed under the replaced
    child. Who signed for it, and how, says the line's `delivery-line-signed` in the same append.
    """

    delivery_id: UUID
    programme_id: UUID
    line_id: UUID
    lot_id: UUID
    replaced_need_id: UUID
    replaced_child_id: UUID
    need_id: UUID
    child_id: UUID
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    reason: Sealed
    rules: RulesInForce
    need_registered_by: UUID
    need_recorded_by: UUID
    need_verified_by: UUID
    received_by: UUID
    substituted_by: UUID
    happened_at: datetime


@event("delivery-line-substitution-ratified", vi="Xác nhận việc thay", en="Substitution ratified")
class DeliveryLineSubstitutionRatified:
    """Somebody who had no part in it confirmed that the substitute was rightly given the gift."""

    delivery_id: UUID
    programme_id: UUID
    line_id: UUID
    need_id: UUID
    unit_id: UUID
    ratified_by: UUID
    happened_at: datetime


@event(
    "delivery-line-substitution-refused", vi="Không xác nhận việc thay", en="Substitution refused"
)
class DeliveryLineSubstitutionRefused:
    """Somebody who had no part in it says that it was not right, and why (sealed).

    The gift is given, so lot and needs stay as they are. `reason` is sealed under the substitute.
    """

    delivery_id: UUID
    programme_id: UUID
    line_id: UUID
    need_id: UUID
    unit_id: UUID
    reason: Sealed
    refused_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftArrived:
    """What one delivery brought of one contribution."""

    contribution_id: UUID
    sponsor_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    children: int


@event("delivery-line-closed", vi="Đóng một dòng, không trao", en="Line closed")
class DeliveryLineClosed:
    """The line reaches nobody; its need is let go.

    What had not left the store is free again with this; what is `out` comes back later.
    `closed_by` None: by itself, when the need was withdrawn or a day had passed.
    """

    delivery_id: UUID
    programme_id: UUID
    line_id: UUID
    lot_id: UUID
    need_id: UUID
    unit_id: UUID
    contribution_id: UUID
    sponsor_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    reason: ClosingReason
    out: bool
    closed_by: UUID | None
    happened_at: datetime


@event("delivery-line-returned", vi="Nhập lại kho", en="Back in the store")
class DeliveryLineReturned:
    """What was out for a closed line is back in the store, and free again."""

    delivery_id: UUID
    programme_id: UUID
    line_id: UUID
    lot_id: UUID
    need_id: UUID
    quantity: int
    returned_by: UUID
    happened_at: datetime


@event("gifts-arrived", vi="Quà đã đến tay", en="Gifts arrived")
class GiftsArrived:
    """What of whose gift a delivery has brought that it had not said before: `line_ids`.

    Said when its list closes, and with its last line; each line once.
    """

    delivery_id: UUID
    programme_id: UUID
    unit_id: UUID
    line_ids: tuple[UUID, ...]
    gifts: tuple[GiftArrived, ...]
    happened_at: datetime


@event("delivery-completed", vi="Trao xong", en="Completed")
class DeliveryCompleted:
    """Every line is signed or closed."""

    delivery_id: UUID
    programme_id: UUID
    unit_id: UUID
    lines_signed: int
    lines_closed: int
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectGiftLine:
    """What one need was given of it; `line_id` covers it once the gift is ratified.

    `children` are those of a group that were there.
    """

    line_id: UUID
    need_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    need_registered_by: UUID | None
    need_recorded_by: UUID
    need_verified_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectGiftPart:
    """All of one category that the gift brought, and to how many children."""

    category: CategoryCode
    quantity: int
    measure: MeasureCode
    children: int


@event("direct-gift-recorded", vi="Trao trực tiếp", en="Direct gift recorded")
class DirectGiftRecorded:
    """A sponsor handed over what never entered stock; it stands on minutes (sealed) alone.

    It covers no need before another person ratifies it. `sponsored_by`: who the sponsor is, where
    they are a person known here.
    """

    direct_gift_id: UUID
    programme_id: UUID
    sponsor_id: UUID
    sponsored_by: UUID | None
    unit_id: UUID
    minutes: Sealed
    lines: tuple[DirectGiftLine, ...]
    recorded_by: UUID
    happened_at: datetime


@event("direct-gift-ratified", vi="Xác nhận trao trực tiếp", en="Direct gift ratified")
class DirectGiftRatified:
    """Another person confirmed the minutes: that all this reached the children.

    Their needs are covered and met, but for lines refused in the same append.
    """

    direct_gift_id: UUID
    programme_id: UUID
    sponsor_id: UUID
    unit_id: UUID
    parts: tuple[DirectGiftPart, ...]
    ratified_by: UUID
    happened_at: datetime


@event(
    "direct-gift-line-refused",
    vi="Dòng trao trực tiếp không tính vào nhu cầu",
    en="Line of a direct gift refused",
)
class DirectGiftLineRefused:
    """The gift meets no need with this line; `code` says why, as that the need is covered."""

    direct_gift_id: UUID
    programme_id: UUID
    line_id: UUID
    need_id: UUID
    code: RejectionCode
    happened_at: datetime


@event("direct-gift-refused", vi="Từ chối xác nhận trao trực tiếp", en="Direct gift refused")
class DirectGiftRefused:
    """Another person does not confirm the minutes, and says why (sealed): no need is met."""

    direct_gift_id: UUID
    programme_id: UUID
    unit_id: UUID
    reason: Sealed
    refused_by: UUID
    happened_at: datetime


@event("direct-gift-withdrawn", vi="Rút lại việc ghi trao trực tiếp", en="Direct gift withdrawn")
class DirectGiftWithdrawn:
    """What was recorded is taken back before anybody judged it, and why (sealed)."""

    direct_gift_id: UUID
    programme_id: UUID
    unit_id: UUID
    reason: Sealed
    withdrawn_by: UUID
    happened_at: datetime
