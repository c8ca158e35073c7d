"""Opening accounts: test and live, beside each other, and never with what cannot be."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from django.db import IntegrityError, connection

from accounts import queries
from accounts.commands.open_account import NewAccount, open_account, open_organisation
from accounts.domain.details import Party, Terms
from accounts.models import Account, AccountVersion, Organisation
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import Conflict, Invalid
from kernel.ids import new_id
from tests.factories import NOON, make_account
from tests.foundation.furnished import broken_off

PARTY = Party(name="Muster GmbH", country="DE", city="Berlin")


def new(handle="main", **rest) -> NewAccount:
    return NewAccount(**{"handle": handle, "party": PARTY, "terms": Terms()} | rest)


def open_(first=None, *, subdomain=None, name="Muster"):
    label = subdomain or new_id().hex
    return open_organisation(name=name, subdomain=label, first=first or new(), now=NOON)


def accounts_in_all(owner) -> tuple[int, ...]:
    tables = ("accounts_account", "accounts_organisation", "accounts_accountversion")
    return tuple(owner.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in tables)


def test_an_account_is_opened_with_its_party_and_terms():
    terms = Terms(currency="CHF", timezone="Europe/Zurich", default_vat=Fraction(81, 1000))
    account_id = open_(new(terms=terms))
    with tenant(account_id) as account:
        assert (account.state, account.currency, account.timezone) == (
            "test",
            "CHF",
            "Europe/Zurich",
        )
        assert Fraction(account.default_vat) == Fraction(81, 1000)
        party = queries.party(account)
        assert (party.number, party.name, party.city) == (1, "Muster GmbH", "Berlin")


def test_test_and_live_are_two_accounts_of_one_organisation():
    test_id = open_()
    live_id = open_account(beside=test_id, new=new("live", is_live=True), now=NOON)
    with tenant(test_id) as test:
        organisation_id = test.organisation_id
    with tenant(live_id) as live:
        assert (live.state, live.organisation_id) == ("live", organisation_id)
        assert [each.id for each in Organisation.objects.all()] == [organisation_id]
        assert [each.id for each in Account.objects.all()] == [live_id]


def test_a_taken_subdomain_is_refused_and_nothing_is_left(owner):
    open_(subdomain="muster-gmbh")
    before = accounts_in_all(owner)
    with pytest.raises(Conflict, match="muster-gmbh") as refusal:
        open_(subdomain="muster-gmbh")
    assert refusal.value.code == "subdomain_taken"
    assert accounts_in_all(owner) == before


def test_a_taken_handle_is_refused_in_the_organisation_and_free_in_another():
    first = open_(new("shop"))
    with pytest.raises(Conflict, match="shop") as refusal:
        open_account(beside=first, new=new("shop"), now=NOON)
    assert refusal.value.code == "handle_taken"
    open_(new("shop"))


# Two clocks.


def test_a_test_account_may_own_a_clock_and_lives_by_it():
    with tenant(open_(new(clock_at=NOON))) as account:
        assert queries.business_now(account) == NOON
        assert queries.business_today(account).isoformat() == "2026-01-15"
    with tenant(open_()) as account:
        assert abs(queries.business_now(account) - wall_now()) < timedelta(minutes=1)


def test_a_live_account_cannot_own_a_clock():
    with pytest.raises(Invalid) as refusal:
        new(is_live=True, clock_at=NOON)
    assert (refusal.value.code, refusal.value.field) == ("own_clock_refused", "clock_at")


@pytest.mark.parametrize(
    ("is_live", "change"), [(True, {"clock_at": NOON}), (False, {"state": "live"})]
)
def test_a_live_account_has_no_clock_in_the_database_either(is_live, change):
    refused = pytest.raises(IntegrityError, match="account_live_has_real_time")
    with broken_off(make_account(is_live=is_live)), refused:
        Account.objects.update(**change)


def test_a_clock_without_a_zone_is_refused():
    with pytest.raises(Invalid):
        new(clock_at=datetime(2026, 1, 1))  # noqa: DTZ001


# What cannot be.


@pytest.mark.parametrize(
    ("make", "blamed"),
    [
        (lambda: Terms(currency="XYZ"), "unknown_currency"),
        (lambda: Terms(currency="eur"), "unknown_currency"),
        (lambda: Terms(currency=""), "unknown_currency"),
        (lambda: Terms(timezone="Europe/Entenhausen"), "unknown_time_zone"),
        (lambda: Terms(timezone="../../etc/passwd"), "unknown_time_zone"),
        (lambda: Terms(timezone="posixrules"), "unknown_time_zone"),
        (lambda: Terms(timezone=""), "unknown_time_zone"),
        (lambda: Terms(language="fr"), "language"),
        (lambda: Terms(language=""), "language"),
        (lambda: Terms(default_vat=Fraction(1)), "default_vat"),
        (lambda: Terms(default_vat=Fraction(-1, 100)), "default_vat"),
        (lambda: Terms(default_vat=Fraction(1, 3)), "default_vat"),
        (lambda: Terms(invoice_prefix=""), "invoice_prefix"),
        (lambda: Terms(invoice_prefix="RE 1"), "invoice_prefix"),
        (lambda: Terms(invoice_prefix="R" * 21), "invoice_prefix"),
        (lambda: Terms(payment_days=-1), "payment_days"),
        (lambda: Terms(payment_days=366), "payment_days"),
        (lambda: replace(PARTY, name=""), "name"),
        (lambda: replace(PARTY, name="  \t"), "name"),
        (lambda: replace(PARTY, name="a\x00b"), "name"),
        (lambda: replace(PARTY, name="\ud83d"), "name"),
        (lambda: replace(PARTY, name="n" * 256), "name"),
        (lambda: replace(PARTY, address2="a\x00"), "address2"),
        (lambda: replace(PARTY, postal_code="1" * 21), "postal_code"),
        (lambda: replace(PARTY, city="c" * 101), "city"),
        (lambda: replace(PARTY, phone="1" * 51), "phone"),
        (lambda: replace(PARTY, vat_id="1" * 31), "vat_id"),
        (lambda: replace(PARTY, country="de"), "country"),
        (lambda: replace(PARTY, country="DEU"), "country"),
        (lambda: replace(PARTY, country=""), "country"),
        (lambda: new(""), "handle"),
        (lambda: new("a b"), "handle"),
        (lambda: new("h" * 256), "handle"),
        (lambda: new("a\x00"), "handle"),
        (lambda: new("shop\n"), "handle"),
        (lambda: open_(subdomain="Muster"), "subdomain"),
        (lambda: open_(subdomain="-muster"), "subdomain"),
        (lambda: open_(subdomain="muster-"), "subdomain"),
        (lambda: open_(subdomain="muster.gmbh"), "subdomain"),
        (lambda: open_(subdomain="m" * 64), "subdomain"),
        (lambda: open_(name="a\x00b"), "name"),
        (lambda: open_(name="n" * 256), "name"),
    ],
)
def test_bad_input_is_refused_with_its_field_and_nothing_is_changed(owner, make, blamed):
    before = accounts_in_all(owner)
    with pytest.raises(Invalid) as refusal:
        make()
    assert blamed in {refusal.value.field, refusal.value.code}
    assert str(refusal.value).endswith(".")
    assert accounts_in_all(owner) == before


@pytest.mark.feature("F003")
@pytest.mark.parametrize("vat_id", ["ATU12345678", "ATU13585627", "DE136695976", "FR40303265045"])
def test_a_vat_id_in_its_countrys_pattern_is_accepted_and_kept(vat_id):
    account_id = open_(new(party=replace(PARTY, vat_id=vat_id)))
    with tenant(account_id) as account:
        assert queries.party(account).vat_id == vat_id


@pytest.mark.feature("F003")
@pytest.mark.parametrize(
    "vat_id", ["AT12345", "ATU1234567", "ATU123456789", "ATX12345678", "DE12345", "XX123", "12345"]
)
def test_a_vat_id_that_is_none_is_refused(vat_id):
    with pytest.raises(Invalid) as refusal:
        replace(PARTY, vat_id=vat_id)
    assert (refusal.value.code, refusal.value.field) == ("invalid_vat_id", "vat_id")


def test_the_longest_that_may_be_said_fits_into_its_columns():
    longest = Party(
        name="n" * 255,
        country="DE",
        address="a" * 255,
        address2="b" * 255,
        postal_code="1" * 20,
        city="c" * 100,
        email="e" * 255,
        phone="1" * 50,
        website="w" * 255,
    )
    terms = Terms(timezone="America/Argentina/ComodRivadavia", invoice_prefix="P" * 20)
    account_id = open_(new("h" * 255, party=longest, terms=terms), subdomain=f"s{new_id().hex}")
    with tenant(account_id) as account:
        assert queries.party(account).city == "c" * 100


def test_an_account_cannot_point_to_another_accounts_party():
    with tenant(make_account()) as stranger:
        foreign = stranger.version_id
    account_id = make_account()
    with pytest.raises(IntegrityError, match="account_version_id_wall"), tenant(account_id):
        Account.objects.update(version_id=foreign)
    with tenant(account_id) as account, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_accountversion WHERE id = %s", [foreign])
        assert cursor.fetchone() == (0,)
        assert AccountVersion.objects.of(account).count() == 1
