"""A sponsor: who gives. Their name and address are sealed; a public name only as they wish.

What an organisation is called is said when it is registered. An individual agrees to be named, and
may withdraw that: then nobody is told the name any more.

Stream `sponsor-{sponsor_id}`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.donations import (
    PublicityAgreed,
    PublicityWithdrawn,
    SponsorKind,
    SponsorRegistered,
)
from contracts.languages import Language
from contracts.sealed import Sealed
from eventing.decider import Decider, Rejection

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSponsor:
    sponsor_id: UUID
    person_id: UUID | None
    kind: SponsorKind
    public_name: str | None
    name: Sealed
    address: Sealed | None = None
    email: Sealed | None
    language: Language
    illustrative: bool
    registered_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSponsorRegistered:
    """Asked by a pledge or contribution in its own append."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeToPublicity:
    public_name: Sealed
    recorded_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawPublicity:
    recorded_by: UUID
    happened_at: datetime


Publicity = AgreeToPublicity | WithdrawPublicity
Command = RegisterSponsor | CheckSponsorRegistered | Publicity
Event = SponsorRegistered | PublicityAgreed | PublicityWithdrawn

# --- State ---


@dataclass(frozen=True, slots=True)
class NotRegistered:
    pass


@dataclass(frozen=True, slots=True)
class Registered:
    """`agreed`: to be named, as it holds now."""

    entry: SponsorRegistered
    agreed: PublicityAgreed | None = None


State = NotRegistered | Registered

# --- Rejections ---


class SponsorNotRegistered(Rejection):
    code = "sponsor-not-registered"
    kind = "absent"
    vi = "Chưa có nhà tài trợ này trong sổ."
    en = "This sponsor is not registered."


class IndividualIsNotNamed(Rejection):
    """What stands in an event in clear can never be withdrawn."""

    code = "individual-is-not-named"
    vi = "Tên cá nhân luôn được niêm phong; không ghi tên công khai."
    en = "The name of an individual is always sealed; no public name is recorded."


class OnlyIndividualsAgree(Rejection):
    """What an organisation is called stands in the register."""

    code = "only-individuals-agree"
    vi = "Chỉ cá nhân mới cần đồng ý công khai tên; tên tổ chức đã ghi khi lập sổ."
    en = "Only individuals agree to be named; an organisation's name was said when it registered."


class SponsorRegisteredOtherwise(Rejection):
    code = "sponsor-registered-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng để ghi nhà tài trợ với thông tin khác."
    en = "A sponsor was registered under this id with other details."


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case RegisterSponsor():
            return register(command, state)
        case CheckSponsorRegistered():
            return check_registered(state)
        case AgreeToPublicity() | WithdrawPublicity():
            return agree_or_withdraw(command, state)
        case _:
            assert_never(command)


def register(command: RegisterSponsor, state: State) -> list[Event]:
    entry = SponsorRegistered(
        sponsor_id=command.sponsor_id,
        person_id=command.person_id,
        kind=command.kind,
        public_name=command.public_name,
        name=command.name,
        address=command.address,
        email=command.email,
        language=command.language,
        illustrative=command.illustrative,
        registered_by=command.registered_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotRegistered):
        if command.kind == "individual" and command.public_name is not None:
            raise IndividualIsNotNamed
        return [entry]
    if replace(entry, happened_at=state.entry.happened_at) == state.entry:
        return []
    raise SponsorRegisteredOtherwise


def check_registered(state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise SponsorNotRegistered
    return []


def agree_or_withdraw(command: Publicity, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise SponsorNotRegistered
    if state.entry.kind != "individual":
        raise OnlyIndividualsAgree
    before = state.agreed
    if isinstance(command, WithdrawPublicity):
        if before is None:
            return []
        return [
            PublicityWithdrawn(
                sponsor_id=state.entry.sponsor_id,
                recorded_by=command.recorded_by,
                happened_at=command.happened_at,
            )
        ]
    if before is not None and before.public_name == command.public_name:
        return []
    return [
        PublicityAgreed(
            sponsor_id=state.entry.sponsor_id,
            public_name=command.public_name,
            recorded_by=command.recorded_by,
            happened_at=command.happened_at,
        )
    ]


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    if isinstance(event, SponsorRegistered):
        return Registered(event)
    assert isinstance(state, Registered), "only a registered sponsor agrees to be named"
    return replace(state, agreed=event if isinstance(event, PublicityAgreed) else None)


sponsor: Decider[Command, State, Event] = Decider(NotRegistered(), decide, evolve)


def stream(sponsor_id: UUID) -> str:
    return f"sponsor-{sponsor_id}"
