"""Changing what an account says: locked when live, new versions for documents, all or nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import pytest
from django.db import connections

from accounts import queries
from accounts.commands.change_details import change_party, change_terms
from accounts.commands.open_account import NewAccount, open_account
from accounts.domain.details import Party, Terms
from accounts.models import Account, AccountVersion
from foundation import outbox
from foundation.models import AuditRow
from foundation.tenancy import WrongTenant, tenant
from invoicing.models import Document
from kernel.errors import Refused
from subscriptions.commands import drive
from tests.factories import (
    NOON,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)

BERLIN = Party(name="Muster GmbH", country="DE", city="Berlin")
HAMBURG = replace(BERLIN, city="Hamburg")


def change(account_id, *, party=None, terms=None):
    with tenant(account_id) as account:
        if party:
            change_party(account=account, party=party, actor="anna", now=NOON)
        if terms:
            change_terms(account=account, terms=terms, actor="anna", now=NOON)


def audited(account_id, act):
    with tenant(account_id) as account:
        rows = AuditRow.objects.of(account).filter(act=act).order_by("at", "id")
        return list(rows.values_list("details", flat=True))


def versions(account_id) -> list[tuple[int, str]]:
    with tenant(account_id) as account:
        rows = AccountVersion.objects.of(account).order_by("number")
        return list(rows.values_list("number", "city"))


# The currency.


@pytest.mark.feature("F007")
@pytest.mark.parametrize("state", ["live", "closed"])
def test_the_currency_of_an_account_that_is_or_was_live_stays_and_nothing_else_changes(state):
    account_id = make_account(is_live=True)
    with tenant(account_id):
        Account.objects.update(state=state)

    with pytest.raises(Refused, match="stays EUR") as refusal:
        change(account_id, terms=Terms(currency="CHF", payment_days=30))

    assert refusal.value.code == "currency_locked"
    with tenant(account_id) as account:
        assert (account.currency, account.payment_days) == ("EUR", 14)
    assert audited(account_id, "account.terms_changed") == []


@pytest.mark.feature("F007")
def test_the_other_terms_of_a_live_account_change_and_those_of_a_test_account_all():
    live, test = make_account(is_live=True), make_account()
    change(live, terms=Terms(payment_days=30))
    change(test, terms=Terms(currency="CHF", default_vat=Fraction(81, 1000)))
    with tenant(live) as account:
        assert (account.currency, account.payment_days) == ("EUR", 30)
    with tenant(test) as account:
        assert account.currency == "CHF"
        assert Fraction(account.default_vat) == Fraction(81, 1000)
    assert audited(test, "account.terms_changed") == [{"fields": ["currency", "default_vat"]}]


def test_the_same_terms_again_change_nothing_and_are_not_written_down():
    account_id = make_account()
    change(account_id, terms=Terms())
    assert audited(account_id, "account.terms_changed") == []


# The party.


def test_a_changed_address_is_a_new_version_and_the_old_one_stays_as_it_was():
    account_id = make_account()
    change(account_id, party=HAMBURG)
    assert versions(account_id) == [(1, "Berlin"), (2, "Hamburg")]
    with tenant(account_id) as account:
        assert queries.party(account).city == "Hamburg"
    assert audited(account_id, "account.party_changed") == [{"fields": ["city"]}]


def test_the_audit_names_the_fields_and_holds_no_personal_value():
    account_id = make_account()
    change(account_id, party=replace(BERLIN, name="Erika Musterfrau", email="erika@example.org"))
    (details,) = audited(account_id, "account.party_changed")
    assert details == {"fields": ["name", "email"]}


def test_the_same_party_again_makes_no_version():
    account_id = make_account()
    change(account_id, party=BERLIN)
    assert versions(account_id) == [(1, "Berlin")]


def test_six_who_change_the_party_at_once_make_six_versions_in_a_row():
    account_id = make_account()

    def work(n):
        try:
            change(account_id, party=replace(BERLIN, city=f"City {n}"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(6)))

    assert [number for number, _ in versions(account_id)] == [1, 2, 3, 4, 5, 6, 7]
    with tenant(account_id) as account:
        assert queries.party(account).number == 7


def test_who_stands_in_the_door_with_an_old_picture_of_the_account_still_makes_the_next_version():
    """The account was loaded before another change committed."""
    account_id = make_account()
    with tenant(account_id) as stale:
        pass
    change(account_id, party=HAMBURG)
    with tenant(account_id):
        change_party(account=stale, party=replace(BERLIN, city="Köln"), actor="ben", now=NOON)
    assert versions(account_id) == [(1, "Berlin"), (2, "Hamburg"), (3, "Köln")]


def test_a_document_keeps_the_party_it_was_issued_with():
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "anna")
        make_plan(account)
        make_subscriptions(account, "anna")
    for month, party in (("02", BERLIN), ("03", HAMBURG)):
        change(account_id, party=party)
        set_clock(account_id, f"2026-{month}-01T00:00")
        drive.bill(account_id, batches=10)
        outbox.drain(account_id, limit=10)
    with tenant(account_id) as account:
        cities = [
            AccountVersion.objects.of(account).get(id=version_id).city
            for version_id in Document.objects.of(account)
            .order_by("sequence")
            .values_list("account_version_id", flat=True)
        ]
    assert cities == ["Berlin", "Hamburg"]


# Another account.


def test_nothing_of_another_account_is_changed_from_inside_this_one():
    other = make_account()
    with tenant(other) as stranger:
        pass
    account_id = make_account()
    for work in (
        lambda: change_party(account=stranger, party=HAMBURG, actor="x", now=NOON),
        lambda: change_terms(account=stranger, terms=Terms(payment_days=1), actor="x", now=NOON),
    ):
        with pytest.raises(WrongTenant), tenant(account_id):
            work()
    assert versions(other) == [(1, "Berlin")]
    with tenant(other) as account:
        assert account.payment_days == 14


def test_a_second_account_of_the_same_merchant_sees_nothing_of_the_first():
    from accounts.commands.api_keys import create_key
    from accounts.models import ApiKey
    from catalog.models import Plan
    from customers.models import Customer

    first = make_account()
    with tenant(first) as account:
        make_customers(account, "anna")
        make_plan(account)
        create_key(account=account, name="shop", actor="anna", now=NOON)
    second = open_account(
        beside=first, new=NewAccount(handle="second", party=BERLIN, terms=Terms()), now=NOON
    )
    with tenant(second) as account:
        for model in (Customer, Plan, ApiKey):
            assert not model.objects.of(account).exists()
            assert not model._base_manager.exists()
        make_customers(account, "anna")
        make_plan(account)
    with tenant(first) as account:
        assert [each.handle for each in Customer.objects.of(account)] == ["anna"]
        assert ApiKey.objects.of(account).count() == 1
