"""A subscription that is ended now owes what had begun, and nothing after."""

from datetime import date

from accounts.queries import business_now
from foundation.models import AuditRow, OutboxEvent
from foundation.tenancy import tenant
from kernel.errors import NotFound, Refused, TransitionRefused
from kernel.ids import new_id
from kernel.periods import Schedule, ScheduleKind, local_moment
from subscriptions import queries
from subscriptions.commands import drive
from subscriptions.commands.cancel import cancel
from subscriptions.commands.expire import expire
from tests.factories import make_account, make_customers, make_plan, make_subscriptions, set_clock
from tests.witness import at_once, papers, refused


def subscribed(clock="2026-02-10", **plan):
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account, **plan)
        (subscription_id,) = make_subscriptions(account, "one")
    set_clock(account_id, clock)
    return account_id, subscription_id


def end(account_id, subscription_id, *, by=expire):
    with tenant(account_id) as account:
        by(
            account=account,
            subscription_id=subscription_id,
            actor="anna",
            now=business_now(account),
        )


def one(account_id):
    with tenant(account_id) as account:
        return queries.by_handle(account, "one")


def said(account_id):
    with tenant(account_id) as account:
        return OutboxEvent.objects.of(account).filter(kind="subscription.expired").count()


def test_it_ends_now_and_is_never_billed_again():
    account_id, subscription_id = subscribed()

    end(account_id, subscription_id)

    row = one(account_id)
    now = local_moment("2026-02-10", "Europe/Berlin").instant
    assert (row.state, row.expired_at, row.expire_reason) == ("expired", now, "on_demand")
    assert (row.due_at, row.cancelled_at, said(account_id)) == (None, None, 1)
    set_clock(account_id, "2026-12-01")
    drive.bill(account_id, batches=5)
    assert [each.service_to for each in papers(account_id)] == [date(2026, 2, 28)]
    with tenant(account_id) as account:
        audited = AuditRow.objects.of(account).get(act="subscription.expired")
        assert (audited.actor, audited.subject_id) == ("anna", subscription_id)


def test_what_has_begun_and_is_not_billed_yet_is_billed_first():
    account_id, subscription_id = subscribed(clock="2026-04-10")

    end(account_id, subscription_id)

    assert [each.service_to for each in papers(account_id)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_a_cancelled_one_that_still_runs_ends_at_once():
    account_id, subscription_id = subscribed()
    end(account_id, subscription_id, by=cancel)

    end(account_id, subscription_id)

    row = one(account_id)
    assert (row.state, row.expire_reason, row.due_at) == ("expired", "on_demand", None)


def test_one_whose_end_had_come_ends_there_because_it_was_cancelled():
    account_id, subscription_id = subscribed()
    end(account_id, subscription_id, by=cancel)
    set_clock(account_id, "2026-03-05")

    end(account_id, subscription_id)

    row = one(account_id)
    assert (row.expire_reason, row.expired_at) == ("cancelled", row.expires_at)
    assert said(account_id) == 1


def test_a_run_that_ends_it_says_that_it_was_cancelled():
    account_id, subscription_id = subscribed()
    end(account_id, subscription_id, by=cancel)
    set_clock(account_id, "2026-03-05")

    drive.bill(account_id, batches=5)

    assert one(account_id).expire_reason == "cancelled"


def test_ending_twice_is_refused():
    account_id, subscription_id = subscribed()
    end(account_id, subscription_id)

    with refused(account_id, TransitionRefused, "transition_refused"):
        end(account_id, subscription_id)


def test_two_who_end_it_at_once_end_it_once():
    account_id, subscription_id = subscribed()

    outcomes = at_once(*(lambda: end(account_id, subscription_id) for _ in range(2)))

    assert sorted(str(each and each.code) for each in outcomes) == ["None", "transition_refused"]
    assert said(account_id) == 1


def test_more_periods_behind_than_one_transaction_should_bill_are_refused():
    account_id, subscription_id = subscribed(
        clock="2026-08-01", schedule=Schedule(ScheduleKind.DAILY)
    )

    with refused(account_id, Refused, "too_far_behind"):
        end(account_id, subscription_id)


def test_a_subscription_of_another_account_is_as_unknown_as_none():
    account_id, subscription_id = subscribed()
    other = make_account()

    for unknown in (subscription_id, new_id()):
        with refused(other, NotFound, "subscription_not_found"):
            end(other, unknown)
    assert one(account_id).state == "active"
