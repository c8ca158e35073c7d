"""A cancelled subscription ends with the period it has paid for, and owes nothing after."""

import threading
import time
from datetime import UTC, date, datetime

from django.db import connections

from accounts.queries import business_now
from catalog.domain.terms import PartialPeriod, Trial
from foundation.models import AuditRow, OutboxEvent
from foundation.tenancy import tenant
from kernel.errors import NotFound, Refused, TransitionRefused
from kernel.ids import new_id
from kernel.periods import Schedule, ScheduleKind, Unit, local_moment
from subscriptions import queries
from subscriptions.commands import drive
from subscriptions.commands.cancel import cancel
from subscriptions.commands.catch_up import CATCH_UP_MAX
from subscriptions.commands.renew import renew
from subscriptions.models import Subscription
from tests.factories import (
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.witness import at_once, papers, refused


def subscribed(start="2026-02-01", clock="2026-02-10", **plan):
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account, **plan)
        (subscription_id,) = make_subscriptions(account, "one", start=start)
    set_clock(account_id, clock)
    return account_id, subscription_id


def call_it_off(account_id, subscription_id):
    with tenant(account_id) as account:
        return cancel(
            account=account,
            subscription_id=subscription_id,
            actor="anna",
            now=business_now(account),
        )


def one(account_id):
    with tenant(account_id) as account:
        return queries.by_handle(account, "one")


def berlin(text):
    return local_moment(text, "Europe/Berlin").instant


def test_it_ends_where_the_next_period_would_have_begun():
    account_id, subscription_id = subscribed()
    drive.bill(account_id, batches=5)

    ends_at = call_it_off(account_id, subscription_id)

    assert ends_at == berlin("2026-03-01")
    row = one(account_id)
    assert (row.state, row.cancelled_at) == ("active", berlin("2026-02-10"))
    assert row.expires_at == row.due_at == ends_at
    with tenant(account_id) as account:
        fact = OutboxEvent.objects.of(account).get(kind="subscription.cancelled")
        assert fact.payload["subscription_id"] == subscription_id.hex
        audited = AuditRow.objects.of(account).get(act="subscription.cancelled")
        assert (audited.actor, audited.subject_id) == ("anna", subscription_id)


def test_no_invoice_has_a_service_after_the_end():
    """S11: a run a year later expires it and bills nothing more."""
    account_id, subscription_id = subscribed()
    drive.bill(account_id, batches=5)
    call_it_off(account_id, subscription_id)
    set_clock(account_id, "2027-02-10")

    progress = drive.bill(account_id, batches=20)

    assert (progress.renewed, progress.expired, progress.is_done) == (0, 1, True)
    assert [each.service_to for each in papers(account_id)] == [date(2026, 2, 28)]
    row = one(account_id)
    assert (row.state, row.due_at) == ("expired", None)
    assert row.expired_at == row.expires_at == berlin("2026-03-01")
    with tenant(account_id) as account:
        assert OutboxEvent.objects.of(account).filter(kind="subscription.expired").count() == 1


def test_it_expires_at_its_end_and_not_a_minute_before():
    account_id, subscription_id = subscribed()
    call_it_off(account_id, subscription_id)

    set_clock(account_id, "2026-02-28T23:59")
    assert drive.bill(account_id, batches=5).expired == 0
    set_clock(account_id, "2026-03-01")
    assert drive.bill(account_id, batches=5).expired == 1


def test_what_has_begun_and_is_not_billed_yet_is_billed_first():
    account_id, subscription_id = subscribed(clock="2026-04-10")

    assert call_it_off(account_id, subscription_id) == berlin("2026-05-01")
    assert [each.service_to for each in papers(account_id)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_cancelling_waits_for_a_run_that_is_billing_the_same_subscription():
    account_id, subscription_id = subscribed(clock="2026-03-10")
    is_held, ended = threading.Event(), []

    def bill_one_period():
        try:
            with tenant(account_id) as account:
                renew(
                    account=account, subscription_ids=[subscription_id], now=business_now(account)
                )
                is_held.set()
                time.sleep(0.3)
        finally:
            connections.close_all()

    run = threading.Thread(target=bill_one_period)
    run.start()
    assert is_held.wait(10)
    ended.append(call_it_off(account_id, subscription_id))
    run.join(10)

    assert ended == [berlin("2026-04-01")]
    assert [each.service_to for each in papers(account_id)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
    ]


def test_before_its_start_it_ends_there_and_is_never_billed():
    account_id, subscription_id = subscribed(start="2026-06-01")

    assert call_it_off(account_id, subscription_id) == berlin("2026-06-01")
    set_clock(account_id, "2026-12-01")
    assert drive.bill(account_id, batches=5).expired == 1
    assert papers(account_id) == []


def test_in_a_trial_it_ends_with_the_trial_and_is_never_billed():
    account_id, subscription_id = subscribed(trial=Trial(Unit.DAYS, 14))

    assert call_it_off(account_id, subscription_id) == berlin("2026-02-15")
    set_clock(account_id, "2026-12-01")
    drive.bill(account_id, batches=5)
    assert papers(account_id) == []


def test_in_a_stretch_that_is_not_billed_it_ends_with_the_stretch():
    account_id, subscription_id = subscribed(
        start="2026-02-05",
        schedule=Schedule(ScheduleKind.MONTH_FIXEDDAY, fixed_day=1),
        partial_period=PartialPeriod.NO_BILL,
    )

    assert call_it_off(account_id, subscription_id) == berlin("2026-03-01")
    assert papers(account_id) == []


def test_without_a_schedule_it_ends_now():
    account_id, subscription_id = subscribed(schedule=Schedule(ScheduleKind.MANUAL))

    assert call_it_off(account_id, subscription_id) == berlin("2026-02-10")
    assert drive.bill(account_id, batches=5).expired == 1
    assert one(account_id).state == "expired"


def test_cancelling_twice_is_refused():
    account_id, subscription_id = subscribed()
    call_it_off(account_id, subscription_id)

    with refused(account_id, Refused, "already_cancelled"):
        call_it_off(account_id, subscription_id)


def test_two_who_cancel_at_once_cancel_once():
    account_id, subscription_id = subscribed()

    outcomes = at_once(*(lambda: call_it_off(account_id, subscription_id) for _ in range(2)))

    assert sorted(type(each).__name__ for each in outcomes) == ["Refused", "datetime"]
    with tenant(account_id) as account:
        assert OutboxEvent.objects.of(account).filter(kind="subscription.cancelled").count() == 1


def test_what_has_ended_cannot_be_cancelled():
    account_id, subscription_id = subscribed()
    call_it_off(account_id, subscription_id)
    set_clock(account_id, "2026-03-01")
    drive.bill(account_id, batches=5)

    with refused(account_id, TransitionRefused, "transition_refused"):
        call_it_off(account_id, subscription_id)


def test_a_subscription_of_another_account_is_as_unknown_as_none():
    account_id, subscription_id = subscribed()
    other = make_account()

    for unknown in (subscription_id, new_id()):
        with refused(other, NotFound, "subscription_not_found"):
            call_it_off(other, unknown)
    assert one(account_id).cancelled_at is None


def test_more_periods_behind_than_one_transaction_should_bill_are_refused():
    account_id, subscription_id = subscribed(
        clock="2026-08-01", schedule=Schedule(ScheduleKind.DAILY)
    )
    assert (date(2026, 8, 1) - date(2026, 2, 1)).days > CATCH_UP_MAX

    with refused(account_id, Refused, "too_far_behind"):
        call_it_off(account_id, subscription_id)


def test_the_end_is_an_instant_in_the_account_on_real_time_too():
    account_id = make_account(clock_at=None)
    now = datetime(2026, 1, 20, 12, tzinfo=UTC)
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account)
        make_subscriptions(account, "one", start="2026-01-10")
        subscription_id = Subscription.objects.of(account).get().id

        ends_at = cancel(account=account, subscription_id=subscription_id, actor="a", now=now)

    assert ends_at == berlin("2026-02-10")
