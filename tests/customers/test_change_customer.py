"""A change is a new version; what was known before stays as it was."""

import psycopg
import pytest

from customers import queries
from customers.commands.change import change
from customers.domain.details import Details
from customers.models import CustomerVersion
from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from kernel.errors import NotFound
from kernel.ids import new_id
from tests.factories import NOON, make_account, make_customers
from tests.witness import at_once, nothing_changes, refused


def versions(account_id):
    with tenant(account_id) as account:
        found = CustomerVersion.objects.of(account).order_by("number")
        return list(found.values_list("number", "company"))


def rename(account_id, customer_id, company):
    with tenant(account_id) as account:
        change(account=account, customer_id=customer_id, details=Details(company=company), now=NOON)


@pytest.fixture
def customer():
    account_id = make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")
    return account_id, customer_id


def test_a_change_writes_the_next_version_and_keeps_the_one_before(customer):
    account_id, customer_id = customer

    rename(account_id, customer_id, "New GmbH")

    assert versions(account_id) == [(1, ""), (2, "New GmbH")]
    with tenant(account_id) as account:
        current = queries.current_version(account, queries.by_handle(account, "one"))
        assert (current.number, current.company) == (2, "New GmbH")
        kinds = (
            OutboxEvent.objects.of(account).order_by("created_at").values_list("kind", flat=True)
        )
        assert list(kinds) == ["customer.created", "customer.changed"]


def test_the_same_again_changes_nothing(customer):
    account_id, customer_id = customer
    rename(account_id, customer_id, "New GmbH")

    with nothing_changes(account_id):
        rename(account_id, customer_id, "New GmbH")


def test_changes_made_at_once_follow_one_another(customer):
    account_id, customer_id = customer

    outcomes = at_once(
        *(lambda name=name: rename(account_id, customer_id, name) for name in ("A", "B", "C", "D"))
    )

    assert outcomes == [None] * 4
    assert [number for number, _ in versions(account_id)] == [1, 2, 3, 4, 5]


def test_a_customer_of_another_account_is_as_unknown_as_none(customer):
    other = make_account()

    for unknown in (customer[1], new_id()):
        with refused(other, NotFound, "customer_not_found"):
            rename(other, unknown, "Mine now")
    assert versions(customer[0]) == [(1, "")]


def test_a_version_refuses_every_change_even_from_the_owner_of_the_table(customer, owner):
    for statement in (
        "UPDATE customers_customerversion SET company = 'x'",
        "DELETE FROM customers_customerversion",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(statement)
