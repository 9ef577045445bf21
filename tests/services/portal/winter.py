"""The winter as a whole: units, needs, what was handed out, the reorganisation after it."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts import allocation as al
from contracts import donations as do
from contracts import registry as re
from contracts.every_service import ParkedStreamSkipped, ReactionRefused
from programmes import packs
from tests.services.portal.story import (
    ALLOCATION,
    APPROVER,
    AUDITOR,
    BA_VI,
    CAMPAIGN,
    CITY,
    COORDINATOR,
    DELIVERY,
    ENTERPRISE,
    FUND,
    GIVER,
    JACKETS,
    KHANH_THUONG,
    OFFICER,
    PACK,
    PROGRAMME,
    REORGANISED_ON,
    SEALED,
    SMALL_DELIVERY,
    STOREKEEPER,
    VERIFIER,
    VISITOR,
    Story,
    named,
    unit_id,
    units_of_pack,
)
from tests.services.portal.winter_gifts import gifts
from tests.support.delivered import direct_gift_delivered, support_delivered

RULES = packs.installed().of_the_register.versions[0].named


def a_winter(*, reorganised: bool = True) -> Story:
    story = Story()
    _units(story)
    gifts(story)
    _needs(story)
    _handed_out(story)
    _published(story)
    _noticed(story)
    if reorganised:
        _reorganised(story)
    _signed_in(story)
    return story


def _signed_in(story: Story) -> None:
    account_id = named("account")
    linked = re.AccountLinked(
        account_id=account_id,
        person_id=AUDITOR,
        identity=SEALED,
        linked_by=OFFICER,
        happened_at=story.at,
    )
    story.registry(f"account-{account_id}", linked)


def _units(story: Story) -> None:
    city = re.UnitEstablished(
        unit_id=CITY,
        code="01",
        name="Thành phố Hà Nội",
        kind="city",
        parent_id=None,
        district_name=None,
        priority=False,
        valid_from=date(2008, 8, 1),
        happened_at=story.at,
    )
    story.registry(f"unit-{CITY}", city)
    for row in units_of_pack():
        _unit(story, row["code"], row["name"], row["district"], priority=row["priority"] == "yes")
    started = re.ProgrammeStarted(
        programme_id=PROGRAMME,
        code="3874/KH-LĐTB&XH",
        name="Tăng cường nguồn lực xã hội hỗ trợ trẻ em các xã vùng dân tộc thiểu số và miền núi",
        starts_on=date(2019, 9, 1),
        ends_on=date(2025, 12, 31),
        unit_ids=tuple(unit_id(row["code"]) for row in units_of_pack()),
        happened_at=story.at,
    )
    story.registry(f"programme-{PROGRAMME}", started)
    for number, row in enumerate(units_of_pack()):
        figure = re.UnitFigureDeclared(
            unit_id=unit_id(row["code"]),
            as_of=date(2024, 9, 30),
            children=1800 + 137 * number,
            source="Xã báo cáo",
            happened_at=story.at,
        )
        story.registry(f"unit-{unit_id(row['code'])}", figure)
    granted = re.RoleGranted(
        grant_id=named("grant"),
        person_id=AUDITOR,
        role="auditor",
        unit_id=CITY,
        valid_from=date(2019, 1, 1),
        valid_until=None,
        rules=None,
        granted_by=OFFICER,
        happened_at=story.at,
    )
    story.registry(f"person-{AUDITOR}", granted)


def _unit(
    story: Story,
    code: str,
    name: str,
    district: str | None,
    *,
    priority: bool,
    since: str = "2008-08-01",
) -> None:
    at = unit_id(code, since)
    unit = re.UnitEstablished(
        unit_id=at,
        code=code,
        name=name,
        kind="commune",
        parent_id=CITY,
        district_name=district,
        priority=priority,
        valid_from=date.fromisoformat(since),
        happened_at=story.at,
    )
    story.registry(f"unit-{at}", unit)


def _needs(story: Story) -> None:
    """In the n-th commune of the pack 6 + n needs of jackets and n of scholarships."""
    for number, row in enumerate(units_of_pack()):
        for kind, measure, quantity, count in (
            ("warm-clothes", "piece", 1, 6 + number),
            ("scholarship", "dong", 2_000_000, number),
        ):
            for at in range(count):
                _need(story, unit_id(row["code"]), row["code"], kind, measure, quantity, at)


def _need(
    story: Story, unit: UUID, code: str, kind: Any, measure: Any, quantity: int, at: int
) -> None:
    need, child = named("need", code, kind, at), named("child", code, at)
    stream = f"need-{need}"
    recorded = re.NeedRecorded(
        need_id=need,
        programme_id=PROGRAMME,
        child_id=child,
        group_id=None,
        children=1,
        household_id=named("household", code, at),
        unit_id=unit,
        category=kind,
        specification={"size": "H120", "gender": "female"} if kind == "warm-clothes" else {},
        detail=SEALED,
        quantity=quantity,
        measure=measure,
        needed_by=date(2024, 12, 15),
        eligible_under="poor@1",
        rules=RULES,
        recorded_by=OFFICER,
        happened_at=story.at,
    )
    story.registry(stream, recorded, by=OFFICER)
    if at == 0:
        return  # the first of each is still unverified
    verified = re.NeedVerified(
        need_id=need, programme_id=PROGRAMME, verified_by=VERIFIER, happened_at=story.at
    )
    story.registry(stream, verified, by=VERIFIER)
    opened = re.NeedOpened(
        need_id=need,
        programme_id=PROGRAMME,
        child_id=child,
        group_id=None,
        children=1,
        unit_id=unit,
        category=kind,
        specification=recorded.specification,
        quantity=quantity,
        measure=measure,
        needed_by=recorded.needed_by,
        birth_month="2016-03",
        gender="female",
        eligible_under="poor@1",
        priority_band=2,
        priority_rule="band@1",
        priority_reasons=SEALED,
        lapses_on=date(2025, 4, 8),
        rules=RULES,
        registered_by=OFFICER,
        recorded_by=OFFICER,
        verified_by=VERIFIER,
        happened_at=story.at,
    )
    story.registry(stream, opened, by=VERIFIER)


def line_of(code: str, at: int) -> al.AllocationLine:
    return al.AllocationLine(
        line_id=named("allocated", code, at),
        allocation_id=ALLOCATION,
        lot_id=named("lot", named("line", "H120")),
        need_id=named("need", code, "warm-clothes", at),
        child_id=named("child", code, at),
        group_id=None,
        children=1,
        unit_id=unit_id(code),
        category="warm-clothes",
        quantity=1,
        measure="piece",
        campaign_id=CAMPAIGN,
        fund_id=FUND,
        contribution_id=JACKETS,
        sponsor_id=ENTERPRISE,
        reasons=("size-exact",),
        registered_by=OFFICER,
        recorded_by=OFFICER,
        verified_by=VERIFIER,
        received_by=STOREKEEPER,
        inspected_by=(STOREKEEPER,),
        accepted_by=COORDINATOR,
    )


def _handed_out(story: Story) -> None:
    story.at += timedelta(days=10)
    ba_vi = [line_of("09703", at) for at in range(1, 9)]
    khanh_thuong = [line_of("09712", at) for at in range(1, 4)]
    _allocate(story, [*ba_vi, *khanh_thuong])
    _deliver(story, DELIVERY, BA_VI, ba_vi, absent=1)
    other = line_of("09712", 4)
    _deliver(story, SMALL_DELIVERY, KHANH_THUONG, khanh_thuong, proxies=1, instead_of_last=other)
    right = al.DeliveryLineSubstitutionRatified(
        delivery_id=SMALL_DELIVERY,
        programme_id=PROGRAMME,
        line_id=khanh_thuong[-1].line_id,
        need_id=other.need_id,
        unit_id=KHANH_THUONG,
        ratified_by=COORDINATOR,
        happened_at=story.at,
    )
    story.allocation(f"delivery-{SMALL_DELIVERY}", right)
    line = al.DirectGiftLine(
        line_id=named("direct", "line"),
        need_id=named("need", "09709", "scholarship", 1),
        child_id=named("child", "09709", 1),
        group_id=None,
        children=1,
        unit_id=unit_id("09709"),
        category="scholarship",
        quantity=2_000_000,
        measure="dong",
        need_registered_by=OFFICER,
        need_recorded_by=OFFICER,
        need_verified_by=VERIFIER,
    )
    gift = al.DirectGiftRecorded(
        direct_gift_id=named("direct"),
        programme_id=PROGRAMME,
        sponsor_id=GIVER,
        sponsored_by=None,
        unit_id=line.unit_id,
        minutes=SEALED,
        lines=(line,),
        recorded_by=OFFICER,
        happened_at=story.at - timedelta(days=5),
    )
    recorded = story.allocation(f"direct-gift-{gift.direct_gift_id}", gift, by=OFFICER)
    ratified = al.DirectGiftRatified(
        direct_gift_id=gift.direct_gift_id,
        programme_id=PROGRAMME,
        sponsor_id=GIVER,
        unit_id=gift.unit_id,
        parts=(
            al.DirectGiftPart(
                category="scholarship", quantity=2_000_000, measure="dong", children=1
            ),
        ),
        ratified_by=APPROVER,
        happened_at=story.at,
    )
    story.allocation(recorded.stream, ratified, by=APPROVER)
    delivered = direct_gift_delivered(
        gift.direct_gift_id,
        line_id=line.line_id,
        need_id=line.need_id,
        programme_id=PROGRAMME,
        child_id=line.child_id,
        unit_id=line.unit_id,
        category="scholarship",
        measure="dong",
        quantity=2_000_000,
        quantity_covered=2_000_000,
        quantity_delivered=2_000_000,
        sponsor_id=GIVER,
        delivered_by=OFFICER,
        checked_by=APPROVER,
        happened_at=gift.happened_at,
    )
    story.allocation(f"need-cover-{line.need_id}", delivered, by=APPROVER)


def _allocate(story: Story, lines: list[al.AllocationLine]) -> None:
    stream = f"allocation-{ALLOCATION}"
    proposed = al.AllocationProposed(
        allocation_id=ALLOCATION,
        programme_id=PROGRAMME,
        run_id=None,
        lines=tuple(lines),
        rules=RULES,
        matched_by=None,
        proposed_by=COORDINATOR,
        happened_at=story.at,
    )
    story.allocation(stream, proposed)
    approved = al.AllocationApproved(
        allocation_id=ALLOCATION, programme_id=PROGRAMME, approved_by=APPROVER, happened_at=story.at
    )
    story.allocation(stream, approved, by=APPROVER)
    kept_of_lot: Counter[UUID] = Counter()
    for line in lines:
        kept_of_lot[line.lot_id] += 1
        reserved = al.LotReserved(
            lot_id=line.lot_id,
            programme_id=PROGRAMME,
            line_id=line.line_id,
            allocation_id=ALLOCATION,
            need_id=line.need_id,
            quantity=1,
            quantity_free=800 - kept_of_lot[line.lot_id],
            quantity_kept=kept_of_lot[line.lot_id],
            quantity_drawn=0,
            happened_at=story.at,
        )
        story.allocation(f"lot-{line.lot_id}", reserved, by=APPROVER)
        covered = al.NeedCovered(
            need_id=line.need_id,
            programme_id=PROGRAMME,
            allocation_id=line.allocation_id,
            line_id=line.line_id,
            quantity=1,
            quantity_covered=1,
            quantity_open=0,
            happened_at=story.at,
        )
        cause = story.allocation(f"need-cover-{line.need_id}", covered, by=APPROVER)
        kept = re.NeedReserved(
            need_id=line.need_id,
            programme_id=PROGRAMME,
            line_id=line.line_id,
            quantity=1,
            quantity_reserved=1,
            quantity_met=0,
            happened_at=story.at,
        )
        story.registry(f"need-{line.need_id}", kept, because_of=cause)


def _deliver(
    story: Story,
    delivery_id: UUID,
    unit: UUID,
    lines: list[al.AllocationLine],
    absent: int = 0,
    proxies: int = 0,
    instead_of_last: al.AllocationLine | None = None,
) -> None:
    stream = f"delivery-{delivery_id}"
    planned = al.DeliveryPlanned(
        rules=RULES,
        two_persons=(),
        delivery_id=delivery_id,
        programme_id=PROGRAMME,
        unit_id=unit,
        activity=SEALED,
        planned_for=date(2024, 11, 25),
        lines=tuple(lines),
        approvals=(
            al.ApprovedLines(
                allocation_id=ALLOCATION,
                matched_by=None,
                proposed_by=COORDINATOR,
                approved_by=APPROVER,
            ),
        ),
        planned_by=COORDINATOR,
        happened_at=story.at,
    )
    story.allocation(stream, planned)
    story.at += timedelta(days=2)
    dispatched = al.DeliveryDispatched(
        delivery_id=delivery_id,
        programme_id=PROGRAMME,
        waybill="XK-12",
        dispatched_by=STOREKEEPER,
        happened_at=story.at,
    )
    story.allocation(stream, dispatched, by=STOREKEEPER)
    signed = lines[: len(lines) - absent]
    if instead_of_last is not None:
        signed[-1] = _substituted(story, delivery_id, signed[-1], instead_of_last)
    for number, line in enumerate(signed):
        event = al.DeliveryLineSigned(
            delivery_id=delivery_id,
            programme_id=PROGRAMME,
            line_id=line.line_id,
            lot_id=line.lot_id,
            need_id=line.need_id,
            child_id=line.child_id,
            group_id=None,
            children=1,
            unit_id=unit,
            category="warm-clothes",
            quantity=1,
            measure="piece",
            campaign_id=CAMPAIGN,
            fund_id=FUND,
            contribution_id=JACKETS,
            sponsor_id=ENTERPRISE,
            signed_as="proxy" if number < proxies else "guardian",
            signatory=SEALED if number < proxies else None,
            lines_signed=number + 1,
            acknowledged_by=OFFICER,
            happened_at=story.at,
        )
        story.allocation(stream, event, by=OFFICER)
        way = "signed-line"
        if instead_of_last is not None and line is signed[-1]:
            way = "substituted-line"
        delivered = support_delivered(
            need_id=line.need_id,
            programme_id=PROGRAMME,
            line_id=line.line_id,
            way=way,
            child_id=line.child_id,
            unit_id=unit,
            sponsor_id=ENTERPRISE,
            contribution_id=JACKETS,
            campaign_id=CAMPAIGN,
            fund_id=FUND,
            lot_id=line.lot_id,
            delivery_id=delivery_id,
            delivered_by=OFFICER,
            happened_at=story.at,
        )
        cause = story.allocation(f"need-cover-{line.need_id}", delivered, by=OFFICER)
        met = re.NeedMet(
            need_id=line.need_id,
            programme_id=PROGRAMME,
            line_id=line.line_id,
            quantity=1,
            quantity_reserved=0,
            quantity_met=1,
            happened_at=story.at,
        )
        story.registry(f"need-{line.need_id}", met, because_of=cause)
    for line in lines[len(signed) :]:
        missing = al.DeliveryLineAbsent(
            delivery_id=delivery_id,
            programme_id=PROGRAMME,
            line_id=line.line_id,
            need_id=line.need_id,
            kept_until=date(2024, 12, 31),
            happened_at=story.at,
        )
        story.allocation(stream, missing, by=OFFICER)


def _substituted(
    story: Story, delivery_id: UUID, line: al.AllocationLine, other: al.AllocationLine
) -> al.AllocationLine:
    """The line as it is given to another child, who signs for it next."""
    assert line.child_id is not None
    assert other.child_id is not None
    assert other.registered_by is not None
    substituted = al.DeliveryLineSubstituted(
        delivery_id=delivery_id,
        programme_id=PROGRAMME,
        line_id=line.line_id,
        lot_id=line.lot_id,
        replaced_need_id=line.need_id,
        replaced_child_id=line.child_id,
        need_id=other.need_id,
        child_id=other.child_id,
        unit_id=line.unit_id,
        category=line.category,
        quantity=line.quantity,
        measure=line.measure,
        reason=SEALED,
        rules=RULES,
        need_registered_by=other.registered_by,
        need_recorded_by=other.recorded_by,
        need_verified_by=other.verified_by,
        received_by=line.received_by,
        substituted_by=OFFICER,
        happened_at=story.at,
    )
    story.allocation(f"delivery-{delivery_id}", substituted, by=OFFICER)
    uncovered = al.NeedUncovered(
        need_id=line.need_id,
        programme_id=PROGRAMME,
        line_id=line.line_id,
        quantity=1,
        quantity_covered=0,
        quantity_open=1,
        happened_at=story.at,
    )
    cause = story.allocation(f"need-cover-{line.need_id}", uncovered, by=OFFICER)
    let_go = re.NeedReleased(
        need_id=line.need_id,
        programme_id=PROGRAMME,
        line_id=line.line_id,
        quantity=1,
        quantity_reserved=0,
        quantity_met=0,
        happened_at=story.at,
    )
    story.registry(f"need-{line.need_id}", let_go, because_of=cause)
    covered = al.NeedCovered(
        need_id=other.need_id,
        programme_id=PROGRAMME,
        allocation_id=line.allocation_id,
        line_id=line.line_id,
        quantity=1,
        quantity_covered=1,
        quantity_open=0,
        happened_at=story.at,
    )
    cause = story.allocation(f"need-cover-{other.need_id}", covered, by=OFFICER)
    kept = re.NeedReserved(
        need_id=other.need_id,
        programme_id=PROGRAMME,
        line_id=line.line_id,
        quantity=1,
        quantity_reserved=1,
        quantity_met=0,
        happened_at=story.at,
    )
    story.registry(f"need-{other.need_id}", kept, because_of=cause)
    return replace(line, need_id=other.need_id, child_id=other.child_id)


def _published(story: Story) -> None:
    amounts = (400_000_000, 360_270_000, 51_450_000, 18_998_500, 261_735_000)
    times = (200, 300, 500, 145, 450)
    result = do.PublishedResultRecorded(
        result_id=named("result"),
        unit_id=CITY,
        title="Trung thu 2024, Quỹ Bảo trợ trẻ em Hà Nội",
        source="Công bố ngày 17/9/2024",
        as_of=date(2024, 9, 17),
        lines=tuple(
            do.ResultLine(label=f"Khoản {number}", amount=amount, child_times=count)
            for number, (amount, count) in enumerate(zip(amounts, times, strict=True), 1)
        ),
        amount=sum(amounts),
        child_times=sum(times),
        recorded_by=COORDINATOR,
        happened_at=story.at,
    )
    story.donations(f"published-result-{result.result_id}", result)


def _noticed(story: Story) -> None:
    """What an auditor would look at: a reaction refused, a stream left out."""
    caused = story.told[-1]
    refused = ReactionRefused(
        reaction="open-lots",
        cause_service=caused.service,
        cause_position=caused.position,
        cause_event_id=caused.event_id,
        target_stream=f"lot-{named('lot', 'nowhere')}",
        code="lot-opened-otherwise",
        happened_at=story.at,
    )
    story.allocation(f"reaction-refused-{named('refused')}", refused, because_of=caused)
    skipped = ParkedStreamSkipped(
        consumer="lines",
        source_service="allocation",
        parked_stream=f"allocation-{named('allocation', 'odd')}",
        up_to_position=3,
        skipped_by=OFFICER,
        reason="record-is-wrong",
        happened_at=story.at,
    )
    story.tell("portal", f"parked-{named('parked')}", skipped, by=OFFICER)
    _names_opened(story)
    _issued_anew(story)


def _issued_anew(story: Story) -> None:
    """A report that was sent, and then again with one more child and a figure that was missing."""
    report_id, one_more = named("report"), re.Figure(name="Áo ấm", measure="child-time", value=9)
    clothes = re.Figure(name="Áo ấm", measure="child", value=7)
    drafted = re.ReportDrafted(
        report_id=report_id,
        programme_id=PROGRAMME,
        form="Báo cáo tháng, biểu 02",
        unit_id=BA_VI,
        period_from=date(2024, 10, 15),
        period_to=date(2024, 11, 14),
        due_on=date(2024, 11, 20),
        issue=1,
        figures=(clothes,),
        taken_up_to=(re.TakenUpTo(service="registry", position=100),),
        drafted_by=COORDINATOR,
        happened_at=story.at,
    )
    story.registry(f"report-{report_id}", drafted)
    signed = re.ReportSigned(
        report_id=report_id,
        programme_id=PROGRAMME,
        unit_id=BA_VI,
        issue=1,
        signed_by=APPROVER,
        happened_at=story.at,
    )
    story.registry(f"report-{report_id}", signed, by=APPROVER)
    sent = re.ReportSent(
        report_id=report_id,
        programme_id=PROGRAMME,
        unit_id=BA_VI,
        issue=1,
        addressee_id=CITY,
        sent_by=COORDINATOR,
        happened_at=story.at,
    )
    story.registry(f"report-{report_id}", sent)
    reissued = re.ReportReissued(
        report_id=report_id,
        programme_id=PROGRAMME,
        form=drafted.form,
        unit_id=BA_VI,
        period_from=drafted.period_from,
        period_to=drafted.period_to,
        due_on=drafted.due_on,
        issue=2,
        figures=(replace(clothes, value=8), one_more),
        changes=(
            re.FigureChanged(name="Áo ấm", measure="child", old=7, new=8),
            re.FigureChanged(name="Áo ấm", measure="child-time", old=None, new=9),
        ),
        taken_up_to=(re.TakenUpTo(service="registry", position=120),),
        reason="late-fact",
        reissued_by=COORDINATOR,
        happened_at=story.at,
    )
    story.registry(f"report-{report_id}", reissued)


def _names_opened(story: Story) -> None:
    """A sponsor may see the names of two children, and opens them."""
    children = tuple(named("child", "09703", at) for at in (1, 2))
    granted = re.DisclosureGranted(
        grant_id=named("disclosure"),
        person_id=VISITOR,
        child_ids=children,
        purpose="visit",
        ground="guardian-and-own-consent",
        paper="12/ĐY-2024",
        valid_until=date(2024, 12, 31),
        granted_by=COORDINATOR,
        happened_at=story.at,
    )
    story.registry(f"disclosure-{granted.grant_id}", granted)
    opened = re.NamesOpened(
        grant_id=granted.grant_id,
        purpose="visit",
        child_ids=children,
        children=len(children),
        openings=1,
        opened_by=VISITOR,
        happened_at=story.at,
    )
    story.registry(f"disclosure-{granted.grant_id}", opened, by=VISITOR)


def _reorganised(story: Story) -> None:
    story.at = datetime(2025, 7, 1, 1, tzinfo=UTC)
    with (PACK / "successors.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            _unit(story, row["code"], row["name"], None, priority=False, since=row["valid_from"])
    for row in units_of_pack():
        old = unit_id(row["code"])
        succeeded = re.UnitSucceeded(
            unit_id=old,
            successor_ids=tuple(
                unit_id(code, "2025-07-01") for code in row["successor_codes"].split()
            ),
            ended_on=REORGANISED_ON,
            decision="1656/NQ-UBTVQH15",
            happened_at=story.at,
        )
        story.registry(f"unit-{old}", succeeded)
