"""Debtor numbers, metadata and notes of customers."""

import pytest

from customers import queries
from customers.commands.create import create
from customers.commands.debtors import give_number
from customers.commands.delete import delete
from customers.commands.metadata import keep_metadata
from customers.commands.note import note
from customers.domain.details import NewCustomer
from foundation.handles import generated
from foundation.tenancy import tenant
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.ids import new_id
from tests.factories import NOON, make_account, make_customers
from tests.witness import at_once, nothing_changes, refused


@pytest.fixture
def pair():
    account_id = make_account()
    with tenant(account_id) as account:
        one, two = make_customers(account, "one", "two")
    return account_id, one, two


def give(account_id, customer_id, number):
    with tenant(account_id) as account:
        give_number(account=account, customer_id=customer_id, number=number)


def test_a_debtor_number_is_given_once_to_one_customer(pair):
    account_id, one, two = pair
    give(account_id, one, 7)

    with nothing_changes(account_id):
        give(account_id, one, 7)
    with refused(account_id, Refused, "debtor_number_fixed"):
        give(account_id, one, 8)
    with refused(account_id, Conflict, "debtor_number_taken"):
        give(account_id, two, 7)
    with refused(account_id, Invalid, "invalid_debtor_number"):
        give(account_id, two, 0)
    with refused(account_id, NotFound, "customer_not_found"):
        give(account_id, new_id(), 9)


def test_of_two_that_give_one_number_at_once_one_is_refused_in_words(pair):
    account_id, one, two = pair

    outcomes = at_once(lambda: give(account_id, one, 7), lambda: give(account_id, two, 7))

    kinds = sorted(type(each).__name__ for each in outcomes)
    assert kinds == ["Conflict", "NoneType"]


def test_two_accounts_may_give_the_same_number(pair):
    account_id, one, _ = pair
    other = make_account()
    with tenant(other) as account:
        (theirs,) = make_customers(account, "theirs")

    give(account_id, one, 7)
    give(other, theirs, 7)

    with tenant(other) as account:
        assert queries.facts(account, [theirs])[theirs].debtor_number == 7


def test_a_batch_with_one_number_twice_creates_nobody(pair):
    account_id, *_ = pair

    with refused(account_id, Conflict, "debtor_number_taken"), tenant(account_id) as account:
        create(
            account=account,
            customers=[NewCustomer(each, debtor_number=5) for each in ("a", "b")],
            now=NOON,
        )


def test_metadata_take_the_place_of_those_before(pair):
    account_id, one, _ = pair
    for kept in ({"a": 1}, {"b": ["ü", None]}, None):
        with tenant(account_id) as account:
            keep_metadata(account=account, customer_id=one, metadata=kept)
        with tenant(account_id) as account:
            assert queries.by_handle(account, "one").metadata == kept
    with refused(account_id, NotFound, "customer_not_found"), tenant(account_id) as account:
        keep_metadata(account=account, customer_id=new_id(), metadata={})


def test_a_note_says_something_about_somebody(pair):
    account_id, one, _ = pair

    def write(customer_id, words):
        with tenant(account_id) as account:
            note(account=account, customer_id=customer_id, words=words, author=("", ""), now=NOON)

    write(one, "Rief an.")
    with refused(account_id, Invalid, "note_empty"):
        write(one, " \n")
    with refused(account_id, Invalid, "text_too_long"):
        write(one, "x" * 10_001)
    with refused(account_id, NotFound, "customer_not_found"):
        write(new_id(), "x")
    with tenant(account_id) as account:
        assert [each.text for each in queries.notes(account, one)] == ["Rief an."]


def test_who_is_deleted_is_found_by_id_alone(pair):
    account_id, one, _ = pair

    with tenant(account_id) as account:
        delete(account=account, customer_id=one, actor="test", now=NOON)

    with tenant(account_id) as account:
        assert queries.facts(account, [one])[one].deleted_at == NOON
        with pytest.raises(NotFound):
            queries.fact(account, "one")
    with refused(account_id, NotFound, "customer_not_found"), tenant(account_id) as account:
        delete(account=account, customer_id=one, actor="test", now=NOON)


def test_generated_handles_are_counted_over_the_years_and_skip_those_in_use():
    account_id = make_account()

    def next_handle():
        with tenant(account_id) as account:
            return generated(account, "cust", {"cust-2"}.__contains__)

    assert [next_handle() for _ in range(3)] == ["cust-1", "cust-3", "cust-4"]
