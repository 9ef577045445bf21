"""Whom an account stands for. Two keepers bring somebody in; one alone brings in nobody."""

from uuid import UUID

import pytest

from contracts.registry import (
    AccountLinked,
    AccountProposed,
    AccountRefused,
    AccountUnlinked,
    SignInGiven,
    SignInTaken,
)
from services.registry.domain.account import (
    AccountIsNobodys,
    AccountLinkedAlready,
    AccountNotProposed,
    LinkAccount,
    ProposeAccount,
    RefuseAccount,
    UnlinkAccount,
    account,
)
from services.registry.domain.person import (
    GaveTheRoles,
    GaveTheSignIn,
    GiveSignIn,
    HasAnotherAccount,
    OwnAccount,
    PersonNotRegistered,
    TakeSignIn,
    TookTheSignIn,
    person,
)
from tests.services.registry.samples import KEEPER, MONDAY, OFFICER, TUESDAY, sealed
from tests.services.registry.test_person import grant, granted, registered
from tests.support.spec import Given

ACCOUNT, OTHER_ACCOUNT, CLERK = UUID(int=501), UUID(int=502), UUID(int=901)
IDENTITY = sealed("issuer, subject")

propose = ProposeAccount(
    account_id=ACCOUNT, identity=IDENTITY, said=sealed("Lan"), happened_at=MONDAY
)
refuse = RefuseAccount(account_id=ACCOUNT, refused_by=CLERK, happened_at=TUESDAY)
unlink = UnlinkAccount(account_id=ACCOUNT, unlinked_by=CLERK, happened_at=TUESDAY)


def link(person_id=OFFICER, identity=None):
    return LinkAccount(
        account_id=ACCOUNT,
        person_id=person_id,
        identity=identity,
        linked_by=CLERK,
        happened_at=TUESDAY,
    )


proposed = AccountProposed(
    account_id=ACCOUNT, identity=IDENTITY, said=sealed("Lan"), happened_at=MONDAY
)
refused = AccountRefused(account_id=ACCOUNT, refused_by=CLERK, happened_at=TUESDAY)
linked = AccountLinked(
    account_id=ACCOUNT,
    person_id=OFFICER,
    identity=IDENTITY,
    linked_by=CLERK,
    happened_at=TUESDAY,
)
unlinked = AccountUnlinked(
    account_id=ACCOUNT, person_id=OFFICER, unlinked_by=CLERK, happened_at=TUESDAY
)


@pytest.mark.parametrize("before", [[], [proposed, refused], [proposed, linked, unlinked]])
def test_an_account_of_nobody_is_proposed(before):
    Given(account, *before).when(propose).then(proposed)


@pytest.mark.parametrize("before", [[proposed], [proposed, linked]])
def test_what_waits_or_stands_for_somebody_is_not_proposed_again(before):
    Given(account, *before).when(propose).then_nothing()


def test_a_keeper_knows_nobody_behind_it():
    Given(account, proposed).when(refuse).then(refused)
    Given(account, proposed, refused).when(refuse).then_nothing()
    Given(account).when(refuse).then_rejected(AccountNotProposed)
    Given(account, proposed, linked).when(refuse).then_rejected(AccountLinkedAlready)


def test_it_stands_for_a_person_under_what_was_proposed():
    Given(account, proposed).when(link()).then(linked)
    Given(account, proposed).when(link(identity=sealed("something else"))).then(linked)


@pytest.mark.parametrize("before", [[], [proposed, refused], [linked, unlinked]])
def test_nobody_proposed_it_and_the_keeper_says_what_it_is(before):
    Given(account, *before).when(link()).then_rejected(AccountNotProposed)
    Given(account, *before).when(link(identity=IDENTITY)).then(linked)


def test_it_stands_for_one_person():
    Given(account, linked).when(link()).then_nothing()
    Given(account, linked).when(link(KEEPER)).then_rejected(AccountLinkedAlready)


def test_it_stands_for_nobody_any_more():
    Given(account, linked).when(unlink).then(unlinked)
    Given(account, linked, unlinked).when(unlink).then_nothing()
    Given(account).when(unlink).then_rejected(AccountIsNobodys)
    Given(account, proposed).when(unlink).then_rejected(AccountIsNobodys)


# --- the person's side ---


def give(by=CLERK, account_id=ACCOUNT, *, founding=False):
    return GiveSignIn(
        person_id=OFFICER,
        account_id=account_id,
        given_by=by,
        founding=founding,
        happened_at=TUESDAY,
    )


def given(by=CLERK):
    return SignInGiven(person_id=OFFICER, account_id=ACCOUNT, given_by=by, happened_at=TUESDAY)


taken = SignInTaken(person_id=OFFICER, account_id=ACCOUNT, taken_by=CLERK, happened_at=TUESDAY)
take = TakeSignIn(person_id=OFFICER, account_id=ACCOUNT, taken_by=CLERK, happened_at=TUESDAY)


def test_a_person_has_one_sign_in():
    Given(person, registered).when(give()).then(given())
    Given(person).when(give()).then_rejected(PersonNotRegistered)
    Given(person, registered, given()).when(give(account_id=OTHER_ACCOUNT)).then_rejected(
        HasAnotherAccount
    )
    Given(person, registered, given()).when(give()).then_nothing()
    Given(person, registered, given()).when(take).then(taken)
    Given(person, registered, given(), taken).when(take).then_nothing()
    Given(person, registered, given(), taken).when(give(KEEPER)).then(given(KEEPER))


def test_nobody_links_an_account_to_themselves():
    Given(person, registered).when(give(OFFICER)).then_rejected(OwnAccount)


def test_who_gave_the_roles_does_not_link_the_account():
    Given(person, registered, granted("accountant")).when(give(KEEPER)).then_rejected(GaveTheRoles)
    Given(person, registered, granted("accountant")).when(give(CLERK)).then(given())


def test_who_linked_the_account_does_not_give_the_roles():
    """Else one keeper makes up a person, and gives it roles, and is it."""
    Given(person, registered, given(KEEPER)).when(grant()).then_rejected(GaveTheSignIn)
    Given(person, registered, given(CLERK)).when(grant()).then(granted("accountant"))


def test_who_took_a_sign_in_does_not_give_the_next():
    """Else one keeper puts an account of their own in the place of an approver's."""
    before = [registered, granted("accountant"), given(), taken]
    Given(person, *before).when(give(CLERK)).then_rejected(TookTheSignIn)


def test_an_operator_does_both_for_the_founding_keepers():
    Given(person, registered, granted("organisation-keeper")).when(
        give(KEEPER, founding=True)
    ).then(given(KEEPER))
