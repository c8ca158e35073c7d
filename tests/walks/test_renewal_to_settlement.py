"""Walk A, down to the ledger and the acquirer."""

import pytest

from foundation import outbox
from foundation.tenancy import tenant
from ledger.queries import balances, unbalanced
from payments.commands import collect
from subscriptions import queries
from subscriptions.commands import drive
from tests.factories import (
    card_token,
    give_card,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)

pytestmark = pytest.mark.usefixtures("acquirer")


def run_to_the_end(account_id):
    """Everything that workers would do, one after the other."""
    drive.bill(account_id, batches=100)
    outbox.drain(account_id, limit=100)
    collect.collect(account_id, batches=100)
    outbox.drain(account_id, limit=100)
    return drive.finish(account_id)


def test_a_due_subscription_is_invoiced_posted_collected_settled_and_the_sheet_is_even():
    account_id = make_account()
    with tenant(account_id) as account:
        paying, poor = make_customers(account, "paying", "poor")
        make_plan(account, price=1990)
        make_subscriptions(account, "paying", "poor")
    give_card(account_id, paying)
    give_card(account_id, poor, token=card_token("102"))
    set_clock(account_id, "2026-02-01T00:00")

    assert run_to_the_end(account_id)

    with tenant(account_id) as account:
        (run,) = queries.runs(account, 10)
        assert run.sheet == {
            "is_even": True,
            "currencies": {
                "EUR": {
                    "claims": 2,
                    "lines": 3980,
                    "documents": 3980,
                    "ledger": 3980,
                    "settled": 1990,
                    "in_flight": 0,
                    "open": 1990,
                    "difference": 0,
                }
            },
            "disagreements": [],
        }
        assert balances(account) == {
            ("receivable", "EUR"): 1990,
            ("deferred_revenue", "EUR"): -3344,
            ("vat", "EUR"): -636,
            ("acquirer", "EUR"): 1990,
        }
        assert unbalanced(account) == []
