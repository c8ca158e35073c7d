"""What may happen between two steps of a runner: another settles, or the database goes away."""

import threading

import pytest
from django.db import connection, connections

from foundation import outbox
from foundation.tenancy import tenant
from payments import queries as payments
from payments.commands import collect
from payments.gateways.perform import perform
from payments.gateways.port import Outcome, OutcomeState
from subscriptions import queries
from subscriptions.commands import drive
from tests.factories import (
    GOOD_CARD,
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


def with_requested_attempt(token=GOOD_CARD):
    """An account with one claim, about to be collected by this card."""
    account_id = make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")
        make_plan(account, price=1990)
        make_subscriptions(account, "one")
    give_card(account_id, customer_id, token=token)
    set_clock(account_id, "2026-02-01T00:00")
    drive.bill(account_id, batches=10)
    outbox.drain(account_id, limit=10)
    return account_id


def the_claim(account_id):
    with tenant(account_id) as account:
        (run,) = queries.runs(account, 10)
        ((_, invoice_id),) = queries.invoices_of_run(account, run.id, 0, 10)
        (attempt,) = payments.attempts_of(account, [invoice_id])
    return run, attempt


def test_a_payment_that_comes_in_while_the_sheet_is_drawn_up_leaves_it_even(monkeypatch):
    account_id = with_requested_attempt(EXECUTED_WITHOUT_AN_ANSWER)
    collect.collect(account_id, batches=10)
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


def test_a_connection_that_dies_during_the_calls_loses_no_answer(monkeypatch, owner):
    account_id = with_requested_attempt()

    def and_the_server_restarts(*asked, **how):
        said = perform(*asked, **how)
        owner.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        return said

    monkeypatch.setattr("payments.commands.collect.perform", and_the_server_restarts)
    collect.collect(account_id, batches=1)

    assert the_claim(account_id)[1].state == "succeeded"
