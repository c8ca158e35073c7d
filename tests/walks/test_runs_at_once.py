"""What another runner may do between two statements of a run that is being closed."""

import threading

import pytest
from django.db import connections

from foundation import outbox
from foundation.tenancy import tenant
from payments import queries as payments
from payments.commands import collect
from payments.gateways.port import Outcome, OutcomeState
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

EXECUTED_WITHOUT_AN_ANSWER = card_token("400")


def with_unknown_outcome():
    """An account whose run waits to be closed over one claim of which nobody knows the outcome."""
    account_id = make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")
        make_plan(account, price=1990)
        make_subscriptions(account, "one")
    give_card(account_id, customer_id, token=EXECUTED_WITHOUT_AN_ANSWER)
    set_clock(account_id, "2026-02-01T00:00")
    drive.bill(account_id, batches=10)
    outbox.drain(account_id, limit=10)
    collect.collect(account_id, batches=10)
    return account_id


def the_claim(account_id):
    with tenant(account_id) as account:
        (run,) = queries.runs(account, 10)
        ((_, invoice_id),) = queries.invoices_of_run(account, run.id, 0, 10)
        (attempt,) = payments.attempts_of(account, [invoice_id])
    return run, attempt


def test_a_payment_that_comes_in_while_the_sheet_is_drawn_up_leaves_it_even(monkeypatch):
    account_id = with_unknown_outcome()
    _, attempt = the_claim(account_id)

    def settle():
        found = Outcome(
            key=attempt.id,
            state=OutcomeState.SUCCEEDED,
            error=None,
            gateway_reference="sim",
            amount=None,
        )
        collect.record(account_id, [found])
        connections.close_all()

    meanwhile = threading.Thread(target=settle)
    attempts_of = payments.attempts_of

    def after_the_other(account, invoice_ids):
        if not meanwhile.ident:
            meanwhile.start()
            meanwhile.join(0.5)
        return attempts_of(account, invoice_ids)

    monkeypatch.setattr(payments, "attempts_of", after_the_other)
    drive.finish(account_id)
    meanwhile.join(10)

    run, attempt = the_claim(account_id)
    assert (run.sheet["is_even"], run.sheet["disagreements"]) == (True, [])
    assert attempt.state == "succeeded"
