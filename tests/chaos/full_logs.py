"""A log of each service in which everything happens that a read model knows of.

Facts that do not matter are made up: another value for each field of each event.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from console.contracts import sample
from contracts import allocation, donations, every_service, notifications, registry
from contracts.allocation import AllocationLine, DirectGiftLine
from contracts.donations import ContributionLine, InspectedLine, NumberedReceipt
from contracts.event import declarations
from contracts.sealed import Sealed
from eventing.record import Older
from tests.chaos.small_world import MODELS, MONDAY, Log

Step = tuple[type, dict[str, Any]]
"""What happens, and the facts of it that matter."""


class Telling(Log):
    """Each event happens before the one before it, so all but the first two are recorded late."""

    def tell(self, stream: str, cls: type, **facts: Any) -> Any:
        number = len(self.rows) + 1
        event = replace(
            sample(cls, f"{cls.__name__} {number}"),
            **{"happened_at": MONDAY - timedelta(hours=8 * number)} | facts,
        )
        self.add(stream, event)
        return event

    def go(self, stream: str, about: dict[str, Any], *way: Step | type) -> None:
        """Several things happen to one thing."""
        for step in way:
            cls, facts = step if isinstance(step, tuple) else (step, {})
            self.tell(stream, cls, **about | facts)


def id_(number: int) -> UUID:
    return UUID(int=number)


# --- registry ---


def registry_log() -> Telling:
    log = Telling("registry")
    log.tell("programme-1", registry.ProgrammeStarted)
    _organisation(log)
    log.tell("programme-2", registry.ProgrammeStarted)
    _persons(log)
    _needs(log)
    _reports(log)
    _running(log)
    return log


def _organisation(log: Telling) -> None:
    log.go(
        "unit-1",
        {"unit_id": id_(1)},
        registry.UnitEstablished,
        registry.UnitFigureDeclared,
        (registry.UnitFigureDeclared, {"children": 560}),
        registry.UnitSucceeded,
    )
    top = {"parent_id": None, "district_name": None, "priority": False}
    log.tell("unit-2", registry.UnitEstablished, unit_id=id_(2), **top)
    for number, region in ((3, "II"), (4, None)):
        earlier = {
            "unit_id": str(id_(number)),
            "code": "09703",
            "name": "Ba Vì",
            "kind": "commune",
            "parent_id": str(id_(2)),
            "region": region,
            "district": "Ba Vì",
            "valid_from": "2008-08-01",
            "happened_at": "2019-09-01T07:00:00+07:00",
        }
        log.add(f"unit-{number}", Older("unit-established", 1, earlier))
    first = {"person_id": id_(1), "grant_id": id_(1)}
    log.tell("person-1", registry.RoleGranted, **first)
    log.tell("person-2", registry.RoleGranted, **first | {"person_id": id_(2)})
    log.tell("person-1", registry.RoleGranted, **first | {"grant_id": id_(2)}, valid_until=None)
    log.tell("person-2", registry.RolePassed, **first | {"person_id": id_(2)})
    log.tell("person-1", registry.RoleRevoked, **first)
    log.tell("person-1", registry.PersonRegistered)
    log.tell("organisation", registry.FoundingKeeperAppointed)
    log.tell("person-1", registry.SignInGiven, person_id=id_(1))
    log.tell("person-1", registry.SignInTaken, person_id=id_(1))
    linked = (registry.AccountLinked, {"person_id": id_(1)})
    log.go("account-1", {"account_id": id_(31)}, registry.AccountProposed)
    log.go(
        "account-2",
        {"account_id": id_(32)},
        registry.AccountProposed,
        registry.AccountRefused,
        registry.AccountProposed,
        linked,
    )
    log.go("account-3", {"account_id": id_(33)}, linked, registry.AccountUnlinked)
    log.go("account-5", {"account_id": id_(35)}, registry.AccountProposed, registry.AccountRefused)
    again = (registry.AccountLinked, {"person_id": id_(2)})
    log.go("account-4", {"account_id": id_(34)}, linked, registry.AccountUnlinked, again)


def _persons(log: Telling) -> None:
    for number in (1, 2):
        log.tell(f"household-{number}", registry.HouseholdRegistered, household_id=id_(number))
        log.tell(f"child-{number}", registry.ChildRegistered, child_id=id_(number))
    for number in (21, 22):
        log.tell(f"group-{number}", registry.GroupRegistered, group_id=id_(number), children=30)
    log.tell("group-21", registry.GroupCounted, group_id=id_(21), children=28)
    log.tell("household-1", registry.HouseholdPlaced, household_id=id_(1))
    log.tell("household-1", registry.HouseholdStatusRecorded, household_id=id_(1))
    log.go(
        "child-1",
        {"child_id": id_(1)},
        (registry.ChildMeasured, {"measured_on": date(2024, 10, 2), "height_label": "H130"}),
        (registry.ChildMeasured, {"measured_on": date(2024, 10, 2), "height_label": "H120"}),
        (registry.ChildMeasured, {"measured_on": date(2024, 10, 1), "height_label": "H110"}),
        (registry.ChildEnrolled, {"school_year": "2024-2025", "grade": 4}),
        (registry.ChildEnrolled, {"school_year": "2023-2024", "grade": 3}),
        registry.CircumstanceAssessed,
        (registry.ChildCorrected, {"corrects": 1, "corrected": ("name",)}),
    )
    log.go(
        "child-2",
        {"child_id": id_(2)},
        (registry.ChildMeasured, {"measured_on": date(2024, 10, 2), "height_label": "H130"}),
        (registry.ChildMeasured, {"measured_on": date(2024, 10, 1), "height_label": "H110"}),
        (registry.ChildMeasureCorrected, {"corrects": 2, "measured_on": date(2024, 9, 1)}),
        (registry.ChildEnrolled, {"school_year": "2024-2025", "grade": 4}),
        (registry.ChildEnrolled, {"school_year": "2023-2024", "grade": 3}),
        (registry.ChildEnrolmentCorrected, {"corrects": 5, "school_year": "2022-2023"}),
        registry.CircumstanceAssessed,
        (registry.CircumstanceCorrected, {"corrects": 8}),
        (registry.ChildFactRetracted, {"corrects": 3}),
        (registry.ChildCorrected, {"corrects": 1, "corrected": ("birth-date", "household")}),
    )
    began = registry.ChildRegistered, registry.CircumstanceAssessed
    log.go("child-3", {"child_id": id_(3)}, *began)
    log.go(
        "child-4", {"child_id": id_(4)}, *began, (registry.CircumstanceCorrected, {"corrects": 2})
    )
    log.tell("household-2", registry.HouseholdMoved, household_id=id_(2))
    lives = registry.ChildMoved, registry.ChildLeft, registry.ChildReturned
    twice = registry.ChildMerged, registry.ChildrenToldApart
    for number, step in enumerate((*lives, *twice), 5):
        log.go(f"child-{number}", {"child_id": id_(number)}, registry.ChildRegistered, step)
    steps = registry.ChildRegistered, registry.ChildMerged, registry.ChildUnmerged
    log.go("child-10", {"child_id": id_(10)}, *steps)
    log.go(
        "disclosure-1",
        {"grant_id": id_(11)},
        registry.DisclosureGranted,
        (registry.NamesOpened, {"child_ids": (id_(1), id_(2))}),
        registry.NamesOpened,
        registry.DisclosureRevoked,
    )
    log.tell("disclosure-2", registry.DisclosureGranted, grant_id=id_(12))


def _needs(log: Telling) -> None:
    """Of the first only the record; each other one comes further, in its own way."""
    line = {"line_id": id_(60)}
    returned: Step = (registry.NeedReturned, {})
    withdrawn: Step = (registry.NeedWithdrawn, {})
    reserved = (registry.NeedReserved, line | {"quantity_reserved": 3, "quantity_met": 0})
    released = (registry.NeedReleased, line | {"quantity_reserved": 0, "quantity_met": 0})
    again = [(registry.NeedRecorded, {"quantity": 4}), (registry.NeedVerified, {})]
    little = (registry.NeedReserved, {"quantity": 1, "quantity_reserved": 2})
    part = (
        registry.NeedPartlyMet,
        line | {"quantity": 2, "quantity_reserved": 1, "quantity_met": 2},
    )
    more = (registry.NeedMet, {"quantity": 5, "quantity_met": 5})
    lapsed: Step = (registry.NeedLapsed, {})
    share = {"child_id": id_(1), "need_id": id_(1), "quantity": 2}
    log.tell("share-1", registry.ChildShareTaken, **share, quantity_taken=2)
    log.tell("share-1", registry.ChildShareFreed, **share, quantity_taken=0)
    ways: list[list[Step]] = [
        [],
        [returned],
        [returned, *again],
        [reserved],
        [(registry.NeedReserved, line | {"quantity": 1}), little],
        [reserved, released],
        [reserved, part],
        [reserved, more],
        [withdrawn],
        [reserved, withdrawn, released],
        [lapsed],
        [reserved, part, lapsed, (registry.NeedReconfirmed, {})],
        [reserved, lapsed, released, more],
    ]
    for number, way in enumerate(ways, 51):
        stream, about = f"need-{number}", {"need_id": id_(number)}
        log.tell(stream, registry.NeedRecorded, **about)
        if way and way[0] not in (returned, withdrawn):
            opened = (registry.NeedOpened, {"category": "surgery"})
            log.go(stream, about, registry.NeedVerified, opened)
        log.go(stream, about, *way)


def _reports(log: Telling) -> None:
    """The first is signed, drafted again, returned and issued again twice; one is accepted."""
    log.go(
        "report-1",
        {"report_id": id_(21), "issue": 1},
        registry.ReportDrafted,
        registry.ReportSigned,
        registry.ReportDrafted,
        registry.ReportSigned,
        registry.ReportSent,
        (registry.ReportReturned, {"reason": "figure-missing"}),
        (registry.ReportReissued, {"issue": 2}),
        (registry.ReportSigned, {"issue": 2}),
        (registry.ReportReissued, {"issue": 2, "reason": "late-fact"}),
    )
    log.go(
        "report-2",
        {"report_id": id_(22), "issue": 1},
        registry.ReportDrafted,
        registry.ReportSigned,
        registry.ReportSent,
        registry.ReportAccepted,
    )
    log.tell("report-3", registry.ReportDrafted, report_id=id_(23), issue=1)


def _running(log: Telling) -> None:
    log.tell("reactions-1", every_service.ReactionRefused)
    log.tell("parked-1", every_service.ParkedStreamRetried)
    log.tell("parked-1", every_service.ParkedStreamSkipped)
    shown = {"opening_id": id_(71), "subject_ids": (id_(1),)}
    log.tell("opening-1", every_service.PersonalDataOpened, **shown)
    log.tell("export-1", every_service.ListExported, export_id=id_(72))


# --- donations ---


def donations_log() -> Telling:
    log = Telling("donations")
    for number in (1, 2):
        log.tell(f"sponsor-{number}", donations.SponsorRegistered, sponsor_id=id_(number))
        log.tell(f"sponsor-{number}", donations.PublicityAgreed, sponsor_id=id_(number))
        log.tell(f"campaign-{number}", donations.CampaignOpened, campaign_id=id_(number))
        log.tell(f"fund-{number}", donations.FundOpened, fund_id=id_(number))
        log.tell(f"pledge-{number}", donations.PledgeMade, pledge_id=id_(number))
        log.tell(f"result-{number}", donations.PublishedResultRecorded)
        log.tell("sponsor-1", donations.PublicityWithdrawn, sponsor_id=id_(1))
        log.tell("fund-1", donations.FundEntryBooked, fund_id=id_(1))
    log.tell("pledge-1", donations.ContributionCounted, pledge_id=id_(1), quantity_counted=2)
    log.tell("pledge-1", donations.ContributionCounted, pledge_id=id_(1), quantity_counted=7)
    log.tell("pledge-1", donations.PledgeFulfilled, pledge_id=id_(1))
    log.tell("pledge-2", donations.PledgeFulfilled, pledge_id=id_(2))
    log.tell("pledge-2", donations.PledgeOpenAgain, pledge_id=id_(2))
    _gifts(log)
    made, settled = donations.PaymentMade, donations.AdvanceSettled
    authorised, failed = donations.PaymentAuthorised, donations.PaymentFailed
    ways: list[list[Step | type]] = [
        [],
        [authorised],
        [authorised, made],
        [authorised, made, settled],
        [authorised, made, failed],
    ]
    for number, way in enumerate(ways, 41):
        about = {"payment_id": id_(number)}
        log.go(f"payment-{number}", about, donations.PaymentDue, *way)
    return log


def _gifts(log: Telling) -> None:
    """One never came, one is receipted, of one the receipt is void, of one another one given.

    Of the second a correction waits, of the third one was refused; the fourth was corrected.
    """
    for number in range(31, 35):
        about = {"contribution_id": id_(number)}
        stream, lines = f"contribution-{number}", [id_(10 * number + n) for n in range(2)]
        announced = tuple(
            replace(sample(ContributionLine, f"line {line}"), line_id=line) for line in lines
        )
        log.tell(stream, donations.ContributionAnnounced, **about, lines=announced)
        if number == 31:
            log.tell(stream, donations.ContributionRefused, **about)
            continue
        found = tuple(
            replace(sample(InspectedLine, f"found {line}"), line_id=line, good=number + n)
            for n, line in enumerate(lines)
        )
        log.go(
            stream,
            about,
            donations.ContributionReceived,
            *((donations.ContributionLineInspected, {"line": line}) for line in found),
            (donations.ContributionAccepted, {"lines": found}),
        )
        receipt: dict[str, Any] = {"book": "HANG", "year": 2024, "number": number}
        _receipted(log, stream, about | receipt, replaces=None)
        if number == 32:
            log.tell(stream, donations.ContributionCorrectionProposed, **about, number=1)
        if number > 32:
            log.tell(stream, donations.ContributionReceiptCancelled, **about | receipt)
            void = about | receipt | {"code_hash": code_hash(number)}
            log.tell("receipt-book-1", donations.ReceiptCancelled, **void)
            right = tuple(replace(line, good=line.good + 7) for line in found)
            log.tell(stream, donations.ContributionCorrectionProposed, **about, number=1)
            if number == 33:
                log.tell(stream, donations.ContributionCorrectionRefused, **about, number=1)
        if number == 34:
            log.tell(stream, donations.ContributionCorrected, **about, number=1, lines=right)
            other = about | receipt | {"number": 35}
            _receipted(log, stream, other, replaces=NumberedReceipt(**receipt))


def _receipted(log: Telling, stream: str, receipt: dict[str, Any], **replaced: Any) -> None:
    code = {"code_hash": code_hash(receipt["number"])}
    sealed = Sealed(UUID(int=9), f"CODE{receipt['number']}")
    log.tell("receipt-book-1", donations.ReceiptIssued, **receipt | replaced | code, code=sealed)
    log.tell(stream, donations.ContributionReceipted, **receipt | code)


def code_hash(number: int) -> str:
    return f"{number:064x}"


# --- allocation ---

LISTED = [id_(60 + number) for number in range(13)]
SIGNED, BY_PROXY, ABSENT, PLANNED, RELEASED, REFUSED, APPROVED, OTHERS, OTHERS_TOO, *ENDED = LISTED
CLOSED, GIVEN_BACK, GIVEN_UP, CLOSED_TOO = ENDED
"""What becomes of each; two are given to other children than those on the list."""
PROPOSED, WAITING = id_(80), id_(81)
"""One is only proposed; one is planned and given to another child, and not signed yet."""
LOT, APART, USED_UP, FREE_AGAIN = id_(41), id_(42), id_(43), id_(44)


def line_of(line: UUID) -> AllocationLine:
    made_up: AllocationLine = sample(AllocationLine, f"line {line}")
    return replace(made_up, line_id=line, lot_id=LOT)


def allocation_log() -> Telling:
    log = Telling("allocation")
    log.tell("run-1", allocation.MatchingRunMade)
    log.tell("run-2", allocation.MatchingRunMade)
    for gift in (1, 2, 3, 4):
        lines = tuple(
            replace(sample(DirectGiftLine, f"gift {gift}"), line_id=id_(line))
            for line in (gift, 10 * gift)
        )
        told = {"direct_gift_id": id_(gift), "lines": lines}
        log.tell(f"gift-{gift}", allocation.DirectGiftRecorded, **told)
    log.tell("lot-41", allocation.LotOpened, lot_id=LOT, quantity=50)
    log.tell("lot-42", allocation.LotHeldApart, lot_id=APART)
    log.tell("lot-43", allocation.LotOpened, lot_id=USED_UP, quantity=1)
    log.tell("lot-44", allocation.LotOpened, lot_id=FREE_AGAIN, quantity=9)
    for number in (1, 2, 3):
        log.tell(f"cover-{number}", allocation.NeedCoverOpened, need_id=id_(number))
    log.tell("cover-1", allocation.NeedCovered, need_id=id_(1), quantity_open=1)
    log.tell("cover-1", allocation.NeedUncovered, need_id=id_(1), quantity_open=2)
    log.tell("cover-2", allocation.NeedCoverClosed, need_id=id_(2))
    log.tell("cover-3", allocation.NeedCovered, need_id=id_(3), quantity_open=0)
    log.tell("cover-1", allocation.NeedCoverLapsed, need_id=id_(1))
    for number in (4, 5):
        log.tell(f"cover-{number}", allocation.NeedCoverOpened, need_id=id_(number))
        log.tell(f"cover-{number}", allocation.NeedCoverLapsed, need_id=id_(number))
    log.tell("cover-5", allocation.NeedCoverRenewed, need_id=id_(5))
    log.tell("gift-1", allocation.DirectGiftRatified, direct_gift_id=id_(1))
    one_line = {"direct_gift_id": id_(1), "line_id": id_(10)}
    log.tell("gift-1", allocation.DirectGiftLineRefused, **one_line)
    log.tell("gift-3", allocation.DirectGiftRefused, direct_gift_id=id_(3))
    log.tell("gift-4", allocation.DirectGiftWithdrawn, direct_gift_id=id_(4))
    direct = {"way": "direct-gift", "contribution_id": None, "delivery_id": None}
    log.tell("cover-3", allocation.SupportDelivered, line_id=id_(1), **direct)
    _allocations(log)
    _deliveries(log)
    return log


def _allocations(log: Telling) -> None:
    one, other = {"allocation_id": id_(3)}, {"allocation_id": id_(4), "run_id": None}
    lines = tuple(line_of(line) for line in [*LISTED, WAITING])
    log.tell("allocation-3", allocation.AllocationProposed, **one, lines=lines)
    log.tell("allocation-4", allocation.AllocationProposed, **other, lines=(line_of(PROPOSED),))
    log.tell(f"line-{WAITING}", allocation.AllocationLineClaimed, **one, line_id=WAITING)
    log.tell("lot-43", allocation.LotReserved, lot_id=USED_UP, line_id=WAITING, quantity_free=0)
    for line in (each for each in LISTED if each != REFUSED):
        log.tell("lot-41", allocation.LotReserved, lot_id=LOT, line_id=line)
    refused = one | {"line_id": REFUSED, "code": "lot-is-empty"}
    log.tell("allocation-3", allocation.AllocationLineRefused, **refused)
    log.tell("allocation-3", allocation.AllocationApproved, **one)
    planned = one | {"delivery_id": id_(1), "line_ids": (SIGNED,)}
    log.tell("allocation-3", allocation.AllocationLinesPlanned, **planned)
    back = {"lot_id": LOT, "line_id": RELEASED}
    log.tell("allocation-3", allocation.AllocationLineReleased, **one, **back)
    log.tell("lot-41", allocation.LotReleased, **back)
    log.tell("lot-42", allocation.LotCorrected, lot_id=APART, quantity=3, quantity_free=0)
    log.tell("lot-44", allocation.LotCorrected, lot_id=FREE_AGAIN, quantity=8, quantity_free=8)
    given_back = {"lot_id": FREE_AGAIN, "line_id": id_(99)}
    log.tell("lot-44", allocation.LotReserved, **given_back, quantity_free=6)
    log.tell("lot-44", allocation.LotReleased, **given_back, quantity_free=9)


def _deliveries(log: Telling) -> None:
    """The first comes to its end, each other one a step less far."""
    words = [
        allocation.DeliveryDispatched,
        allocation.DeliveryHandedOver,
        allocation.DeliveryCompleted,
    ]
    on_the_list = [SIGNED, BY_PROXY, ABSENT, PLANNED, OTHERS, OTHERS_TOO, *ENDED]
    for number in range(1, 5):
        about = {"delivery_id": id_(number)}
        lines = tuple(line_of(line) for line in (on_the_list if number == 1 else [WAITING]))
        log.tell(f"delivery-{number}", allocation.DeliveryPlanned, **about, lines=lines)
        log.go(f"delivery-{number}", about, *words[: 4 - number])
    about = {"delivery_id": id_(1)}
    closed = {"lot_id": LOT, "reason": "not-collected"}
    for line, out in ((CLOSED, True), (GIVEN_BACK, True), (GIVEN_UP, False)):
        ends = about | closed | {"line_id": line, "out": out}
        log.tell("delivery-1", allocation.DeliveryLineClosed, **ends)
    back = about | {"lot_id": LOT, "line_id": GIVEN_BACK}
    log.tell("delivery-1", allocation.DeliveryLineReturned, **back)
    for line in (GIVEN_BACK, GIVEN_UP):
        log.tell("lot-41", allocation.LotReleased, lot_id=LOT, line_id=line)
    log.tell("delivery-1", allocation.DeliveryLineAbsent, **about, line_id=CLOSED_TOO)
    log.tell("delivery-1", allocation.DeliveryLineClosed, **about, **closed, line_id=CLOSED_TOO)
    log.tell("delivery-1", allocation.GiftsArrived, **about)
    given_up = {"allocation_id": id_(3), "line_id": GIVEN_UP}
    log.tell("allocation-3", allocation.AllocationLineGivenUp, **about, **given_up)
    log.tell("delivery-1", allocation.DeliveryLineAbsent, **about, line_id=SIGNED)
    for line, signed_as in (
        (SIGNED, "guardian"),
        (BY_PROXY, "proxy"),
        (OTHERS, "fingerprint"),
        (OTHERS_TOO, "guardian"),
    ):
        about = {"delivery_id": id_(1), "lot_id": LOT, "line_id": line}
        if line in (OTHERS, OTHERS_TOO):
            log.tell("delivery-1", allocation.DeliveryLineSubstituted, **about)
        signed = about | {"signed_as": signed_as}
        log.tell("delivery-1", allocation.DeliveryLineSigned, **signed)
        log.tell("lot-41", allocation.LotDrawn, lot_id=LOT, line_id=line, quantity_drawn=1)
        log.tell("cover-1", allocation.SupportDelivered, line_id=line)
    about = {"delivery_id": id_(1)}
    log.tell("delivery-1", allocation.DeliveryLineAbsent, **about, line_id=ABSENT)
    log.tell("delivery-1", allocation.DeliveryLineSubstitutionRatified, **about, line_id=OTHERS)
    log.tell("delivery-1", allocation.DeliveryLineSubstitutionRefused, **about, line_id=OTHERS_TOO)
    log.tell("delivery-4", allocation.DeliveryLineSubstituted, line_id=WAITING)
    log.tell("delivery-3", allocation.GiftsArrived, delivery_id=id_(3))
    _each_step_the_last(log)


def _each_step_the_last(log: Telling) -> None:
    """What tells of a line alone is the last of something too: its version shows it."""
    of_deliveries = (
        allocation.DeliveryLineSigned,
        allocation.DeliveryLineAbsent,
        allocation.DeliveryLineSubstituted,
        allocation.DeliveryLineSubstitutionRatified,
        allocation.DeliveryLineSubstitutionRefused,
    )
    of_allocations = (
        allocation.AllocationApproved,
        allocation.AllocationLineRefused,
        allocation.AllocationLinesPlanned,
    )
    for number, step in enumerate(of_deliveries, 20):
        about = {"delivery_id": id_(number)}
        planned = allocation.DeliveryPlanned
        log.go(f"delivery-{number}", about, (planned, {"lines": ()}), (step, {"line_id": id_(990)}))
    for number, step in enumerate(of_allocations, 30):
        about = {"allocation_id": id_(number)}
        log.go(f"allocation-{number}", about, (allocation.AllocationProposed, {"lines": ()}), step)


# --- notifications ---


def notifications_log() -> Telling:
    log = Telling("notifications")
    sending = (notifications.MessageSending, {"attempt": 1})
    again = (notifications.MessageSending, {"attempt": 2})
    failed, sent = notifications.MessageFailed, notifications.MessageSent
    unknown = notifications.MessageOutcomeUnknown
    ways: list[list[Step | type]] = [
        [],
        [sending, sent],
        [sending, failed],
        [sending, failed, again],
        [sending, unknown],
        [sending, unknown, notifications.MessageOutcomeDecided],
        [sending, failed, notifications.MessageGivenUp],
    ]
    for number, way in enumerate(ways, 1):
        about = {"message_id": id_(number)}
        channels = {"channels": ("email", "inbox") if number % 2 else ("inbox",)}
        log.tell(f"message-{number}", notifications.MessageDue, **about, **channels)
        log.go(f"message-{number}", about, *way)
    _subscriptions(log)
    return log


def _subscriptions(log: Telling) -> None:
    for number in (1, 2):
        about = {"sponsor_id": id_(1), "subscription_id": id_(number)}
        log.tell("sponsor-1", notifications.SubscriptionMade, **about)
    log.tell("sponsor-1", notifications.SubscriptionEnded, **about)
    noted, told = notifications.ArrivalNoted, notifications.ArrivalsTold
    log.go("sponsor-1", {"sponsor_id": id_(1)}, noted, noted, told)
    log.go("sponsor-2", {"sponsor_id": id_(2)}, noted)
    log.go("sponsor-3", {"sponsor_id": id_(3)}, notifications.RefusalNoted)
    made = notifications.CheckpointSubscriptionMade
    ended = notifications.CheckpointSubscriptionEnded
    due = notifications.CheckpointMessageDue
    log.go("auditor-1", {"person_id": id_(1)}, made, due, due, ended, (made, {"channels": ()}))
    log.go("auditor-2", {"person_id": id_(2)}, made, ended)


def _whole(service: str, told: Callable[[], Telling]) -> Log:
    """With what begins a row and is not told yet, once: a new event needs a line only to say more.

    What changes a row has to be told, in the order and with the facts that lead to it.
    """
    log = told()
    happened = {row.type for row in log.rows}
    handlers = [
        handler for models in MODELS.values() for each in models for handler in each.handlers
    ]
    for cls in dict.fromkeys(each.event for each in handlers if not each.changes_only):
        of = declarations[cls]
        if of.service == service and of.name not in happened:
            log.tell(f"{of.name}-1", cls)
    return log


_TOLD = {
    "registry": registry_log,
    "donations": donations_log,
    "allocation": allocation_log,
    "notifications": notifications_log,
}
LOGS = {service: partial(_whole, service, told) for service, told in _TOLD.items()}
