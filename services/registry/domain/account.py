"""An account at an OpenID Connect provider, and whom it stands for. Keepers link; never their own.

Stream `account-{account_id}`; linking also gives the person their one sign-in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.registry import AccountLinked, AccountProposed, AccountRefused, AccountUnlinked
from contracts.sealed import Sealed
from eventing.decider import CommandFor, Decider, Rejection
from services.registry.domain.person import GiveSignIn, TakeSignIn, person
from services.registry.domain.person import stream as person_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeAccount:
    """By whoever signs in with it."""

    account_id: UUID
    identity: Sealed
    said: Sealed
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseAccount:
    account_id: UUID
    refused_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAccount:
    """`identity`: what the keeper says it is, for an account that nobody proposed."""

    account_id: UUID
    person_id: UUID
    identity: Sealed | None
    linked_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkAccount:
    account_id: UUID
    unlinked_by: UUID
    happened_at: datetime


Command = ProposeAccount | RefuseAccount | LinkAccount | UnlinkAccount
Event = AccountProposed | AccountRefused | AccountLinked | AccountUnlinked


@dataclass(frozen=True, slots=True)
class Nobodys:
    """`was_linked`: it stood for somebody once."""

    was_linked: bool = False
    was_refused: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    fact: AccountProposed


@dataclass(frozen=True, slots=True)
class Linked:
    fact: AccountLinked


State = Nobodys | Proposed | Linked


class AccountNotProposed(Rejection):
    code = "account-not-proposed"
    kind = "absent"
    vi = "Chưa ai đề nghị tài khoản này."
    en = "Nobody proposed this account."


class AccountLinkedAlready(Rejection):
    code = "account-linked-already"
    kind = "conflict"
    vi = "Tài khoản này đã gắn với một người."
    en = "This account stands for somebody already."


class AccountIsNobodys(Rejection):
    code = "account-is-nobodys"
    kind = "absent"
    vi = "Tài khoản này không gắn với ai."
    en = "This account stands for nobody."


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case ProposeAccount():
            return propose(command, state)
        case RefuseAccount():
            return refuse(command, state)
        case LinkAccount():
            return link(command, state)
        case UnlinkAccount():
            return unlink(command, state)
        case _:
            assert_never(command)


def propose(command: ProposeAccount, state: State) -> list[Event]:
    match state:
        case Nobodys():
            return [
                AccountProposed(
                    account_id=command.account_id,
                    identity=command.identity,
                    said=command.said,
                    happened_at=command.happened_at,
                )
            ]
        case Proposed() | Linked():
            return []


def refuse(command: RefuseAccount, state: State) -> list[Event]:
    match state:
        case Proposed():
            return [
                AccountRefused(
                    account_id=command.account_id,
                    refused_by=command.refused_by,
                    happened_at=command.happened_at,
                )
            ]
        case Linked():
            raise AccountLinkedAlready
        case Nobodys(was_refused=True):
            return []
        case Nobodys():
            raise AccountNotProposed


def link(command: LinkAccount, state: State) -> list[Event]:
    identity = command.identity
    match state:
        case Linked(fact):
            if fact.person_id != command.person_id:
                raise AccountLinkedAlready
            return []
        case Proposed(fact):
            identity = fact.identity
        case Nobodys():
            pass
    if identity is None:
        raise AccountNotProposed
    return [
        AccountLinked(
            account_id=command.account_id,
            person_id=command.person_id,
            identity=identity,
            linked_by=command.linked_by,
            happened_at=command.happened_at,
        )
    ]


def unlink(command: UnlinkAccount, state: State) -> list[Event]:
    match state:
        case Linked(fact):
            return [
                AccountUnlinked(
                    account_id=command.account_id,
                    person_id=fact.person_id,
                    unlinked_by=command.unlinked_by,
                    happened_at=command.happened_at,
                )
            ]
        case Nobodys(was_linked=True):
            return []
        case Nobodys() | Proposed():
            raise AccountIsNobodys


def also(_: Command, __: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    for event in events:
        match event:
            case AccountLinked():
                give = GiveSignIn(
                    person_id=event.person_id,
                    account_id=event.account_id,
                    given_by=event.linked_by,
                    founding=False,
                    happened_at=event.happened_at,
                )
                yield CommandFor(person, person_stream(event.person_id), give)
            case AccountUnlinked():
                take = TakeSignIn(
                    person_id=event.person_id,
                    account_id=event.account_id,
                    taken_by=event.unlinked_by,
                    happened_at=event.happened_at,
                )
                yield CommandFor(person, person_stream(event.person_id), take)
            case AccountProposed() | AccountRefused():
                pass


def evolve(_: State, event: Event) -> State:
    match event:
        case AccountProposed():
            return Proposed(event)
        case AccountRefused():
            return Nobodys(was_refused=True)
        case AccountLinked():
            return Linked(event)
        case AccountUnlinked():
            return Nobodys(was_linked=True)
        case _:
            assert_never(event)


account: Decider[Command, State, Event] = Decider(Nobodys(), decide, evolve, also)


def stream(account_id: UUID) -> str:
    return f"account-{account_id}"
