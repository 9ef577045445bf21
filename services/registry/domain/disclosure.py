"""Who may see which children by name, for what, on which ground, until when; each opening counted.

Stream `disclosure-{grant_id}`. It stands on no other stream: who was registered stays so.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from contracts.registry import (
    DisclosureGranted,
    DisclosureGround,
    DisclosurePurpose,
    DisclosureRevoked,
    NamesOpened,
    PersonRegistered,
)
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import Decider, Rejection
from programmes.days import birthday

OWN_CONSENT_FROM_YEARS = 7
SHOWN_AGAIN_FOR = timedelta(minutes=10)
"""An answer that was lost is given once more; later, seeing a name is another opening."""
BY_CONSENT_ALONE: frozenset[DisclosurePurpose] = frozenset({"visit", "sponsorship"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantDisclosure:
    """`oldest_born_on` is the birth date of the oldest of the children."""

    grant_id: UUID
    grantee: PersonRegistered
    child_ids: tuple[UUID, ...]
    oldest_born_on: date
    purpose: DisclosurePurpose
    ground: DisclosureGround
    paper: str
    valid_until: date
    granted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeDisclosure:
    revoked_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNames:
    """It happens now: nobody says afterwards that they saw a name."""

    opened_by: UUID
    happened_at: datetime


Command = GrantDisclosure | RevokeDisclosure | OpenNames
Event = DisclosureGranted | DisclosureRevoked | NamesOpened


@dataclass(frozen=True, slots=True)
class NotGranted:
    pass


@dataclass(frozen=True, slots=True)
class Granted:
    fact: DisclosureGranted
    revoked: DisclosureRevoked | None = None
    opened: NamesOpened | None = None

    def holds(self, at: datetime) -> bool:
        return self.revoked is None and vietnamese_day(at) < self.fact.valid_until

    def shows(self, at: datetime) -> bool:
        """Were the names opened just now, while it holds?"""
        if self.opened is None or not self.holds(at):
            return False
        return at - self.opened.happened_at <= SHOWN_AGAIN_FOR


State = NotGranted | Granted


class DisclosureNotGranted(Rejection):
    code = "disclosure-not-granted"
    kind = "absent"
    vi = "Chưa có lần cho phép xem tên này."
    en = "No names were disclosed under this id."


class DisclosureGrantedOtherwise(Rejection):
    code = "disclosure-granted-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho một lần cho phép xem tên khác."
    en = "Other names were disclosed under this id, or to somebody else."


class DisclosureToOneself(Rejection):
    code = "disclosure-to-oneself"
    kind = "forbidden"
    vi = "Không ai tự cho phép mình xem tên trẻ em."
    en = "Nobody discloses names to themselves."


class DisclosureToAProgram(Rejection):
    code = "disclosure-to-a-program"
    vi = "Chỉ người mới được phép xem tên trẻ em."
    en = "Names are disclosed to people alone, never to a program."


class DisclosureEndsBeforeItBegins(Rejection):
    code = "disclosure-ends-before-it-begins"
    vi = "Thời hạn xem tên kết thúc trước khi bắt đầu."
    en = "The disclosure ends before it begins."


class ConsentNeeded(Rejection):
    """A sponsor sees names by consent alone, whatever else the law may allow."""

    code = "consent-needed"
    vi = "Thăm hỏi và nhận đỡ đầu chỉ được xem tên khi có sự đồng ý."
    en = "For visits and sponsorship names are disclosed by consent alone."


class OwnConsentNeeded(Rejection):
    code = "own-consent-needed"
    vi = "Có trẻ em đủ {years} tuổi trước khi hết hạn: cần cả sự đồng ý của chính trẻ em."
    en = "A child is {years} or older before it ends: the child's own consent is needed too."

    def __init__(self, years: int) -> None:
        self.years = years


class OnlyTheGranteeOpens(Rejection):
    code = "only-the-grantee-opens"
    kind = "forbidden"
    vi = "Chỉ người được cho phép mới mở được tên."
    en = "Only the person to whom the names were disclosed opens them."


class DisclosureExpired(Rejection):
    code = "disclosure-expired"
    kind = "forbidden"
    vi = "Thời hạn xem tên đã hết."
    en = "The time in which the names could be opened is over."


class DisclosureRevokedAlready(Rejection):
    code = "disclosure-revoked-already"
    kind = "forbidden"
    vi = "Sự cho phép xem tên đã bị thu hồi."
    en = "This disclosure was revoked."


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case GrantDisclosure():
            return grant(command, state)
        case RevokeDisclosure():
            return revoke(command, state)
        case OpenNames():
            return open_names(command, state)
        case _:
            assert_never(command)


def grant(command: GrantDisclosure, state: State) -> list[Event]:
    if command.granted_by == command.grantee.person_id:
        raise DisclosureToOneself
    granted = DisclosureGranted(
        grant_id=command.grant_id,
        person_id=command.grantee.person_id,
        child_ids=command.child_ids,
        purpose=command.purpose,
        ground=command.ground,
        paper=command.paper,
        valid_until=command.valid_until,
        granted_by=command.granted_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, Granted):
        if replace(granted, happened_at=state.fact.happened_at) != state.fact:
            raise DisclosureGrantedOtherwise
        return []
    _check(command)
    return [granted]


def _check(command: GrantDisclosure) -> None:
    if command.grantee.kind == "program":
        raise DisclosureToAProgram
    if command.valid_until <= vietnamese_day(command.happened_at):
        raise DisclosureEndsBeforeItBegins
    if command.purpose in BY_CONSENT_ALONE and command.ground == "law":
        raise ConsentNeeded
    # Who turns seven while it holds is asked beforehand: nothing would end it on the birthday.
    asked_too_from = birthday(command.oldest_born_on, OWN_CONSENT_FROM_YEARS)
    if command.ground == "guardian-consent" and asked_too_from < command.valid_until:
        raise OwnConsentNeeded(OWN_CONSENT_FROM_YEARS)


def revoke(command: RevokeDisclosure, state: State) -> list[Event]:
    if isinstance(state, NotGranted):
        raise DisclosureNotGranted
    if state.revoked is not None:
        return []
    return [
        DisclosureRevoked(
            grant_id=state.fact.grant_id,
            revoked_by=command.revoked_by,
            happened_at=command.happened_at,
        )
    ]


def open_names(command: OpenNames, state: State) -> list[Event]:
    """Each opening is an event: that names were opened before does not make this one untold."""
    if isinstance(state, NotGranted):
        raise DisclosureNotGranted
    if command.opened_by != state.fact.person_id:
        raise OnlyTheGranteeOpens
    if state.revoked is not None:
        raise DisclosureRevokedAlready
    if not state.holds(command.happened_at):
        raise DisclosureExpired
    return [
        NamesOpened(
            grant_id=state.fact.grant_id,
            purpose=state.fact.purpose,
            child_ids=state.fact.child_ids,
            children=len(state.fact.child_ids),
            openings=(state.opened.openings if state.opened else 0) + 1,
            opened_by=command.opened_by,
            happened_at=command.happened_at,
        )
    ]


def evolve(state: State, event: Event) -> State:
    match event:
        case DisclosureGranted():
            return Granted(event)
        case DisclosureRevoked():
            assert isinstance(state, Granted), "only what was granted is revoked"
            return replace(state, revoked=event)
        case NamesOpened():
            assert isinstance(state, Granted), "only what was granted is opened"
            return replace(state, opened=event)
        case _:
            assert_never(event)


disclosure: Decider[Command, State, Event] = Decider(NotGranted(), decide, evolve)


def stream(grant_id: UUID) -> str:
    return f"disclosure-{grant_id}"
