"""Celery's doors, called as a worker calls them: by the account's id, in any order, at any time."""

from datetime import timedelta

import pytest
from django.conf import settings

from foundation import jobs, outbox
from foundation.tenancy import tenant
from kernel.clock import wall_now
from payments.models import PaymentAttempt
from payments.tasks import look_up_attempts, perform_attempts
from subscriptions.models import BillingRun
from subscriptions.tasks import bill, close_run
from tests.factories import (
    card_token,
    give_card,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.witness import at_once, nothing_changes, papers


def due(acquirer, cvv="123"):
    account_id = make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")
        make_plan(account)
        make_subscriptions(account, "one")
    give_card(account_id, customer_id, token=card_token(cvv))
    set_clock(account_id, "2026-02-01")
    return account_id


def the_run(account_id):
    with tenant(account_id) as account:
        return BillingRun.objects.of(account).get()


def knock(account_id, *doors):
    for door in doors:
        door(str(account_id))


def test_the_doors_together_take_a_due_subscription_to_an_even_sheet(acquirer):
    account_id = due(acquirer)

    knock(account_id, bill)
    outbox.drain(account_id, limit=10)
    knock(account_id, perform_attempts, look_up_attempts)
    outbox.drain(account_id, limit=10)
    knock(account_id, close_run)

    run = the_run(account_id)
    assert run.state == "closed"
    assert run.sheet is not None
    assert run.sheet["is_even"]
    assert [each.state for each in papers(account_id)] == ["settled"]


@pytest.mark.parametrize("door", [bill, perform_attempts, look_up_attempts, close_run])
def test_a_door_opened_once_too_often_does_no_harm(acquirer, door):
    account_id = due(acquirer)
    knock(account_id, bill)
    outbox.drain(account_id, limit=10)
    knock(account_id, perform_attempts, close_run)

    with nothing_changes(account_id):
        at_once(*(lambda: knock(account_id, door) for _ in range(3)))


@pytest.mark.parametrize("door", [bill, perform_attempts, look_up_attempts, close_run])
def test_workers_keep_out_while_somebody_moves_the_accounts_clock(acquirer, door):
    account_id = due(acquirer, cvv="400")
    knock(account_id, bill)
    outbox.drain(account_id, limit=10)
    set_clock(account_id, "2026-03-01")
    with tenant(account_id) as account:
        jobs.take_lease(
            account=account, name=jobs.CLOCK_LEASE, owner="anna", now=wall_now(), seconds=60
        )

    with nothing_changes(account_id):
        knock(account_id, door)


def test_the_look_up_door_asks_about_a_sender_whose_lease_is_over(acquirer):
    account_id = due(acquirer)
    knock(account_id, bill)
    outbox.drain(account_id, limit=10)
    with tenant(account_id) as account:
        over = wall_now() - timedelta(seconds=settings.ATTEMPT_LEASE_SECONDS)
        PaymentAttempt.objects.of(account).update(state="in_flight", lease_until=over)

    knock(account_id, look_up_attempts)

    with tenant(account_id) as account:
        attempt = PaymentAttempt.objects.of(account).get()
        assert (attempt.state, attempt.not_found_since is not None) == ("unknown", True)
