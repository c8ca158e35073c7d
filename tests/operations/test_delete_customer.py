"""A customer goes once nothing of his runs or is open."""

from accounts.queries import business_now
from foundation.models import AuditRow, OutboxEvent
from foundation.tenancy import tenant
from kernel.errors import NotFound, Refused
from kernel.ids import new_id
from operations.commands.delete_customer import delete_customer
from subscriptions.commands import drive
from subscriptions.commands.expire import expire
from tests.factories import (
    NOON,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.witness import at_once, refused


def remove(account_id, customer_id):
    with tenant(account_id) as account:
        delete_customer(account=account, customer_id=customer_id, actor="test", now=NOON)


def test_who_has_nothing_goes_with_a_fact_and_a_trace():
    account_id = make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")

    remove(account_id, customer_id)

    with tenant(account_id) as account:
        kinds = list(OutboxEvent.objects.of(account).values_list("kind", flat=True))
        acts = list(AuditRow.objects.of(account).values_list("act", flat=True))
    assert "customer.deleted" in kinds
    assert "customer.deleted" in acts
    with refused(account_id, NotFound, "customer_not_found"):
        remove(account_id, customer_id)


def test_what_runs_or_is_open_holds_him():
    account_id = make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")
        make_plan(account)
        (running,) = make_subscriptions(account, "one")

    with refused(account_id, Refused, "customer_has_subscriptions"):
        remove(account_id, customer_id)
    set_clock(account_id, "2026-02-01T00:00")
    drive.bill(account_id, batches=10)
    with tenant(account_id) as account:
        expire(account=account, subscription_id=running, actor="test", now=business_now(account))
    with refused(account_id, Refused, "customer_has_open_invoices"):
        remove(account_id, customer_id)


def test_of_two_who_delete_at_once_one_finds_nobody():
    account_id = make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")

    outcomes = at_once(*[lambda: remove(account_id, customer_id)] * 2)

    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", "NotFound"]


def test_a_customer_of_another_account_is_as_unknown_as_none():
    account_id, other = make_account(), make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")

    for unknown in (customer_id, new_id()):
        with refused(other, NotFound, "customer_not_found"):
            remove(other, unknown)
