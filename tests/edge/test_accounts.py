"""Which person an account stands for: from when, until when, and how soon that is known."""

from uuid import UUID, uuid4

import pytest
from fastapi import Request

from contracts.registry import AccountLinked, AccountUnlinked
from contracts.sealed import Sealed
from edge.accounts import Accounts, KnownByAccount, Principal
from edge.tokens import Identity, Token
from edge.who_may_where import FRESH_FOR_S
from eventing.memory_rows import MemoryRows
from eventing.memory_store import MemoryStore
from tests.support.house import KEEPER, MONDAY, happened

HOA, LAN = UUID(int=7), UUID(int=8)
IDENTITY = Identity("issuer", "hoa@example.vn")
ACCOUNT = IDENTITY.account_id


def linked(person=HOA):
    return AccountLinked(
        account_id=ACCOUNT,
        person_id=person,
        identity=Sealed(uuid4(), "sealed"),
        linked_by=KEEPER,
        happened_at=MONDAY,
    )


UNLINKED = AccountUnlinked(
    account_id=ACCOUNT, person_id=HOA, unlinked_by=KEEPER, happened_at=MONDAY
)


@pytest.fixture
def rows():
    return MemoryRows(MemoryStore("donations"))


async def test_an_account_stands_for_somebody_once_it_is_linked_until_it_is_not(rows):
    known = Accounts(rows)
    assert await known.person_of(ACCOUNT, 0.0) is None
    rows.feed(happened(linked()))
    assert await known.person_of(ACCOUNT, 0.1) == HOA
    rows.feed(happened(linked(), UNLINKED))
    assert await known.person_of(ACCOUNT, 0.2) == HOA
    assert await known.person_of(ACCOUNT, 0.1 + FRESH_FOR_S) is None


async def test_it_may_stand_for_somebody_else_afterwards(rows):
    rows.feed(happened(linked(), UNLINKED, linked(LAN)))
    assert await Accounts(rows).person_of(ACCOUNT, 0.0) == LAN


@pytest.mark.parametrize(("vouched", "person"), [(0, None), (1, HOA), (2, HOA)])
async def test_a_link_counts_when_it_is_vouched_for(rows, vouched, person):
    async def covered():
        return vouched

    rows.feed(happened(linked()))
    assert await Accounts(rows, covered).person_of(ACCOUNT, 0.0) == person


async def test_its_end_counts_at_once(rows):
    async def covered():
        return 1

    rows.feed(happened(linked(), UNLINKED))
    assert await Accounts(rows, covered).person_of(ACCOUNT, 0.0) is None


async def test_what_is_remembered_is_bounded(rows, monkeypatch):
    monkeypatch.setattr("edge.accounts.PERSONS_REMEMBERED_MAX", 3)
    known = Accounts(rows)
    for number in range(5):
        account = UUID(int=number)
        rows.feed(
            happened(
                AccountLinked(
                    account_id=account,
                    person_id=HOA,
                    identity=Sealed(uuid4(), ""),
                    linked_by=KEEPER,
                    happened_at=MONDAY,
                )
            )
        )
        await known.person_of(account, 0.0)
    assert len(known._known) == 3


async def test_who_asks_is_who_the_registry_says_behind_the_token(rows):
    async def verifier(authorization):
        assert authorization == "Bearer x"
        return Token(IDENTITY, "portal")

    who_asks = KnownByAccount(verifier, Accounts(rows))
    asked = Request({"type": "http", "headers": [(b"authorization", b"Bearer x")]})
    stranger = await who_asks(asked)
    assert stranger == Principal(None, "portal", IDENTITY)
    assert stranger.actor == ACCOUNT
    rows.feed(happened(linked()))
    assert (await who_asks(asked)).actor == HOA
    assert await who_asks(Request({"type": "http", "headers": []})) is None
