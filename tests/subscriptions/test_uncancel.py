"""A cancellation can be taken back until the end has come."""

import pytest

from accounts.queries import business_now
from foundation.models import AuditRow, OutboxEvent
from foundation.tenancy import tenant
from kernel.errors import NotFound, Refused, TransitionRefused
from kernel.ids import new_id
from kernel.periods import Schedule, ScheduleKind, local_moment
from subscriptions import queries
from subscriptions.commands import drive
from subscriptions.commands.cancel import cancel
from subscriptions.commands.uncancel import uncancel
from tests.factories import make_account, make_customers, make_plan, make_subscriptions, set_clock
from tests.witness import at_once, papers, refused


def cancelled(**plan):
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account, **plan)
        (subscription_id,) = make_subscriptions(account, "one")
    set_clock(account_id, "2026-02-10")
    with tenant(account_id) as account:
        cancel(
            account=account,
            subscription_id=subscription_id,
            actor="anna",
            now=business_now(account),
        )
    return account_id, subscription_id


def take_back(account_id, subscription_id):
    with tenant(account_id) as account:
        uncancel(
            account=account,
            subscription_id=subscription_id,
            actor="anna",
            now=business_now(account),
        )


def one(account_id):
    with tenant(account_id) as account:
        return queries.by_handle(account, "one")


def test_it_renews_again_where_it_would_have_ended():
    account_id, subscription_id = cancelled()

    take_back(account_id, subscription_id)

    row = one(account_id)
    assert (row.state, row.cancelled_at, row.expires_at) == ("active", None, None)
    assert row.due_at == local_moment("2026-03-01", "Europe/Berlin").instant
    set_clock(account_id, "2026-03-01")
    assert drive.bill(account_id, batches=5).renewed == 1
    assert len(papers(account_id)) == 2
    with tenant(account_id) as account:
        fact = OutboxEvent.objects.of(account).get(kind="subscription.uncancelled")
        assert fact.payload["subscription_id"] == subscription_id.hex
        audited = AuditRow.objects.of(account).get(act="subscription.uncancelled")
        assert (audited.actor, audited.subject_id) == ("anna", subscription_id)


def test_taking_back_what_was_taken_back_is_refused():
    account_id, subscription_id = cancelled()
    take_back(account_id, subscription_id)

    with refused(account_id, Refused, "not_cancelled"):
        take_back(account_id, subscription_id)


def test_two_who_take_it_back_at_once_do_it_once():
    account_id, subscription_id = cancelled()

    outcomes = at_once(*(lambda: take_back(account_id, subscription_id) for _ in range(2)))

    assert sorted(str(each and each.code) for each in outcomes) == ["None", "not_cancelled"]


@pytest.mark.parametrize("moment", ["2026-03-01", "2026-05-01"])
def test_at_the_end_it_is_too_late_though_no_run_has_noted_it(moment):
    account_id, subscription_id = cancelled()
    set_clock(account_id, moment)

    with refused(account_id, Refused, "end_reached"):
        take_back(account_id, subscription_id)


def test_without_a_schedule_the_end_has_come_with_the_cancellation():
    account_id, subscription_id = cancelled(schedule=Schedule(ScheduleKind.MANUAL))

    with refused(account_id, Refused, "end_reached"):
        take_back(account_id, subscription_id)


def test_what_has_ended_does_not_come_back():
    account_id, subscription_id = cancelled()
    set_clock(account_id, "2026-03-01")
    drive.bill(account_id, batches=5)

    with refused(account_id, TransitionRefused, "transition_refused"):
        take_back(account_id, subscription_id)


def test_a_subscription_of_another_account_is_as_unknown_as_none():
    account_id, subscription_id = cancelled()
    other = make_account()

    for unknown in (subscription_id, new_id()):
        with refused(other, NotFound, "subscription_not_found"):
            take_back(other, unknown)
    assert one(account_id).cancelled_at is not None
