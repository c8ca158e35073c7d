"""Renewing opens each period once, whoever asks and however often."""

import threading
from datetime import UTC, date, datetime

import psycopg
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.queries import business_now
from foundation import faultpoint
from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from kernel.ids import new_id
from kernel.periods import Schedule, ScheduleKind, local_moment
from ledger.queries import balances, unbalanced
from subscriptions import queries
from subscriptions.commands import drive
from subscriptions.commands.renew import Renewed, renew
from subscriptions.models import BillingPeriod, Subscription
from tests.factories import (
    make_account,
    make_add_on,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.witness import at_once, nothing_changes, papers

NOTHING = Renewed(0, 0)


def due(*handles, clock="2026-02-01", start="2026-02-01", **plan):
    """An account with a subscription for each handle, on whose clock it is `clock`."""
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, *handles)
        make_plan(account, **plan)
        ids = make_subscriptions(account, *handles, start=start)
    set_clock(account_id, clock)
    return account_id, ids


def renew_all(account_id, ids, run_id=None):
    with tenant(account_id) as account:
        return renew(
            account=account, subscription_ids=ids, now=business_now(account), run_id=run_id
        )


def test_a_due_subscription_gets_its_period_its_invoice_its_entry_and_its_fact():
    account_id, (subscription_id,) = due("one")

    assert renew_all(account_id, [subscription_id]) == Renewed(renewed=1, expired=0)

    with tenant(account_id) as account:
        period = BillingPeriod.objects.of(account).values().get()
        invoice_id = period["invoice_id"]
        assert period == {
            "id": period["id"],
            "account_id": account_id,
            "subscription_id": subscription_id,
            "index": 0,
            "starts_at": datetime(2026, 1, 31, 23, tzinfo=UTC),
            "ends_at": datetime(2026, 2, 28, 23, tzinfo=UTC),
            "start_on": date(2026, 2, 1),
            "end_on": date(2026, 3, 1),
            "invoice_id": invoice_id,
            "run_id": None,
        }
        row = Subscription.objects.of(account).get()
        assert (row.period_count, row.next_start) == (1, "2026-03-01T00:00")
        assert row.due_at == datetime(2026, 2, 28, 23, tzinfo=UTC)
        assert balances(account) == {
            ("receivable", "EUR"): 1990,
            ("deferred_revenue", "EUR"): -1672,
            ("vat", "EUR"): -318,
        }
        assert unbalanced(account) == []
        facts = OutboxEvent.objects.of(account).filter(kind="subscription.renewed")
        assert facts.get().payload == {
            "subscription_id": subscription_id.hex,
            "customer_id": row.customer_id.hex,
            "invoice_id": invoice_id.hex,
            "period_index": 0,
        }
    (paper,) = papers(account_id)
    assert (paper.number, paper.issued_on) == ("TEST-INV-2026-000001", date(2026, 2, 1))
    assert (paper.service_from, paper.service_to) == (date(2026, 2, 1), date(2026, 2, 28))


def test_what_is_not_due_yet_is_left_alone():
    account_id, ids = due("one", clock="2026-01-31T23:59")

    with nothing_changes(account_id):
        assert renew_all(account_id, ids) == NOTHING


def test_renewing_twice_opens_one_period():
    account_id, ids = due("one")
    renew_all(account_id, ids)

    with nothing_changes(account_id):
        assert renew_all(account_id, ids) == NOTHING


def test_a_backlog_is_worked_off_period_by_period_in_order():
    account_id, ids = due("one", clock="2026-05-03", start="2026-01-31")

    assert [renew_all(account_id, ids).renewed for _ in range(5)] == [1, 1, 1, 1, 0]

    assert [(each.handle, each.service_from) for each in papers(account_id)] == [
        ("inv-1-one", date(2026, 1, 31)),
        ("inv-2-one", date(2026, 2, 28)),
        ("inv-3-one", date(2026, 3, 31)),
        ("inv-4-one", date(2026, 4, 30)),
    ]


def test_a_run_works_off_a_backlog_without_being_asked_again():
    account_id, _ = due("one", "two", clock="2026-05-03", start="2026-01-31")

    progress = drive.bill(account_id, batches=20)

    assert (progress.renewed, progress.is_done) == (8, True)


def test_what_another_transaction_holds_is_left_to_it_and_asked_again():
    account_id, ids = due("held", "free")
    is_held, may_go = threading.Event(), threading.Event()

    def hold():
        try:
            with tenant(account_id) as account:
                list(Subscription.objects.of(account).select_for_update().filter(id=ids[0]))
                is_held.set()
                assert may_go.wait(10)
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert is_held.wait(10)
        progress = drive.bill(account_id, batches=5)
        assert (progress.renewed, progress.is_done) == (1, False)
        assert [each.handle for each in papers(account_id)] == ["inv-1-free"]
    finally:
        may_go.set()
        holder.join(10)

    assert drive.bill(account_id, batches=5).is_done
    assert [each.handle for each in papers(account_id)] == ["inv-1-free", "inv-1-held"]


def test_six_who_renew_the_same_at_once_bill_each_period_once():
    handles = [f"s{n:02}" for n in range(30)]
    account_id, ids = due(*handles)

    outcomes = at_once(*(lambda: renew_all(account_id, ids) for _ in range(6)))

    assert sum(each.renewed for each in outcomes) == 30
    made = papers(account_id)
    assert sorted(each.handle for each in made) == [f"inv-1-{each}" for each in handles]
    assert [each.number for each in made] == [f"TEST-INV-2026-{n:06}" for n in range(1, 31)]


def test_drivers_at_once_bill_a_backlog_once_and_join_one_run():
    handles = [f"s{n}" for n in range(12)]
    account_id, _ = due(*handles, clock="2026-04-15")

    outcomes = at_once(*(lambda: drive.bill(account_id, batches=50) for _ in range(4)))

    assert sum(each.renewed for each in outcomes) == 36
    assert len({each.run_id for each in outcomes}) == 1
    made = papers(account_id)
    assert sorted(each.handle for each in made) == sorted(
        f"inv-{n}-{each}" for each in handles for n in (1, 2, 3)
    )
    with tenant(account_id) as account:
        assert {each.id for each in queries.runs(account, 10)} == {outcomes[0].run_id}


def test_the_database_lets_no_period_be_opened_twice(owner):
    account_id, ids = due("one")
    renew_all(account_id, ids)

    columns = "account_id, subscription_id, index, starts_at, ends_at, start_on, end_on, invoice_id"
    with pytest.raises(psycopg.errors.UniqueViolation, match="billing_period_once"):
        owner.execute(
            f"INSERT INTO subscriptions_billingperiod ({columns}) "
            f"SELECT {columns} FROM subscriptions_billingperiod WHERE account_id = %s",
            [account_id],
        )


def test_the_database_lets_no_period_be_changed(owner):
    for statement in (
        "UPDATE subscriptions_billingperiod SET index = 9",
        "DELETE FROM subscriptions_billingperiod",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(statement)


@pytest.mark.parametrize(
    "point",
    ["subscriptions.locked", "subscriptions.advanced", "invoicing.after_number", "ledger.posted"],
)
def test_a_renewal_that_breaks_in_the_middle_leaves_nothing_and_comes_back_whole(point):
    account_id, ids = due("one")

    with nothing_changes(account_id):
        faultpoint.arm(f"{point}:1:raise")
        try:
            with pytest.raises(faultpoint.InjectedFault):
                renew_all(account_id, ids)
        finally:
            faultpoint.arm("")

    assert renew_all(account_id, ids) == Renewed(1, 0)
    assert [each.number for each in papers(account_id)] == ["TEST-INV-2026-000001"]


def test_subscriptions_of_another_account_are_not_touched():
    account_id, ids = due("one")
    other, _ = due("one")

    with nothing_changes(account_id):
        assert renew_all(other, [*ids, new_id()]) == NOTHING


def test_a_time_of_day_that_the_clock_skips_comes_an_hour_later_and_returns_the_day_after():
    """29 March 2026 has no 02:30 in Berlin: that period begins at 03:30 and the next at 02:30."""
    account_id, ids = due(
        "one",
        start="2026-03-28T02:30",
        clock="2026-03-30T02:30",
        schedule=Schedule(ScheduleKind.DAILY),
    )

    for _ in range(3):
        renew_all(account_id, ids)

    with tenant(account_id) as account:
        periods = BillingPeriod.objects.of(account).order_by("index")
        assert list(periods.values_list("starts_at", flat=True)) == [
            datetime(2026, 3, 28, 1, 30, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
            datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
        ]


@pytest.mark.feature("F040")
def test_a_quarterly_plan_from_january_bills_in_january_april_july_and_october():
    quarterly = Schedule(ScheduleKind.MONTH_FIXEDDAY, 3, fixed_day=1, base_month=1)
    account_id, _ = due("one", start="2026-01-15", clock="2027-01-01", schedule=quarterly)

    drive.bill(account_id, batches=20)

    assert [each.service_from for each in papers(account_id)] == [
        date(2026, 1, 15),
        date(2026, 4, 1),
        date(2026, 7, 1),
        date(2026, 10, 1),
        date(2027, 1, 1),
    ]


@pytest.mark.feature("F041")
def test_an_invoice_is_made_at_the_fixed_hour_of_the_place_and_not_before():
    at_six = Schedule(ScheduleKind.MONTH_FIXEDDAY, fixed_day=1, fixed_hour=6)
    account_id, _ = due("one", start="2026-07-01T06:00", clock="2026-07-01T05:59", schedule=at_six)

    assert drive.bill(account_id, batches=5).renewed == 0
    set_clock(account_id, "2026-07-01T06:00")
    assert drive.bill(account_id, batches=5).renewed == 1

    with tenant(account_id) as account:
        starts_at = BillingPeriod.objects.of(account).get().starts_at
    assert starts_at == local_moment("2026-07-01T06:00", "Europe/Berlin").instant


def test_renewing_takes_the_same_number_of_queries_for_fifty_as_for_one():
    handles = [f"s{n}" for n in range(50)]
    account_id, ids = due(*handles)
    other, (single,) = due("one")
    with tenant(account_id) as account:
        make_add_on(account, "unused")

    def count(account_id, ids):
        with CaptureQueriesContext(connection) as captured:
            renew_all(account_id, ids)
        return len(captured)

    renew_all(*due("first"))
    for_fifty, for_one = count(account_id, ids), count(other, [single])

    assert for_fifty == for_one
    assert for_one <= 28
    assert len(papers(account_id)) == 50
