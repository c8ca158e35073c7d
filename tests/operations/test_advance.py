"""Moving an account's own clock."""

from datetime import datetime

import pytest

from accounts.queries import business_now
from foundation.models import Lease
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import Conflict, Invalid, Refused
from ledger.queries import unbalanced
from operations.commands import bill
from operations.commands.advance import LEASE_SECONDS, advance
from operations.commands.work_off import wait_for_outcomes
from operations.errors import RunPaused
from payments.queries import unknown_count, waiting_count
from subscriptions.commands import runs
from tests.factories import (
    card_token,
    make_account,
    make_customers,
    make_subscriptions,
    set_clock,
)
from tests.operations.ready import (
    HASTE,
    books_of,
    clock_of,
    instant,
    ready_account,
    runs_of,
    sheets_of,
)

pytestmark = pytest.mark.usefixtures("acquirer")


def test_what_falls_due_on_the_way_is_done_at_its_own_instant_and_in_its_order():
    account_id = ready_account("early")
    ready_account_beside(account_id, "later", start="2026-02-10")
    steps: list[datetime] = []

    advance(account_id, instant("2026-03-31"), on_step=steps.append)

    dates = ["2026-01-15T13:00", "2026-02-01", "2026-02-10", "2026-03-01", "2026-03-10"]
    assert steps == [instant(each) for each in dates]
    assert [each.due_by for each in runs_of(account_id)] == steps[1:]
    assert clock_of(account_id) == instant("2026-03-31")
    assert [each["settled"] for each in sheets_of(account_id)] == [1990, 0, 1990, 0]
    assert [each["open"] for each in sheets_of(account_id)] == [0, 1990, 0, 1990]


def ready_account_beside(account_id, handle, *, start):
    """One more customer, who has no card."""
    with tenant(account_id) as account:
        make_customers(account, handle)
        return make_subscriptions(account, handle, start=start)


def test_what_is_due_at_the_very_instant_of_arrival_is_done_too():
    account_id = ready_account("one")

    advance(account_id, instant("2026-02-01"))

    assert [each["settled"] for each in sheets_of(account_id)] == [1990]


def test_one_long_way_and_many_short_ones_come_to_the_same():
    at_once, in_steps = ready_account("one", "two"), ready_account("one", "two")

    advance(at_once, instant("2026-04-15"))
    for day in ("2026-01-31", "2026-02-01", "2026-02-01", "2026-03-20", "2026-04-15"):
        advance(in_steps, instant(day))

    assert sheets_of(in_steps) == sheets_of(at_once)
    assert [each.due_by for each in runs_of(in_steps)] == [each.due_by for each in runs_of(at_once)]
    assert clock_of(in_steps) == clock_of(at_once)


def test_an_account_in_real_time_is_refused():
    with pytest.raises(Refused, match="lives in real time"):
        advance(make_account(clock_at=None), instant("2026-02-01"))


def test_a_way_back_is_refused_and_the_clock_stays():
    account_id = make_account()
    before = clock_of(account_id)

    with pytest.raises(Refused, match="only forward"):
        advance(account_id, instant("2026-01-14"))

    assert clock_of(account_id) == before


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(Invalid, match="needs a time zone"):
        advance(make_account(), datetime(2026, 2, 1))  # noqa: DTZ001


def test_of_two_at_once_the_second_is_refused_and_the_first_arrives():
    account_id = ready_account("one")
    refusals = []

    def barge_in(_):
        with pytest.raises(Conflict) as refusal:
            advance(account_id, instant("2026-05-01"))
        refusals.append(refusal.value.code)

    advance(account_id, instant("2026-02-15"), on_step=barge_in)

    assert refusals == ["concurrent_resource_update"] * 2
    assert clock_of(account_id) == instant("2026-02-15")


def test_who_has_lost_the_lease_moves_the_clock_no_further():
    account_id = ready_account("one")
    before = clock_of(account_id)

    def take_away(_):
        with tenant(account_id) as account:
            Lease.objects.of(account).update(owner="somebody else")

    with pytest.raises(Conflict, match="being moved by somebody else"):
        advance(account_id, instant("2026-02-15"), on_step=take_away)

    assert clock_of(account_id) == before


def test_the_lease_is_given_back_on_arrival():
    account_id = make_account()

    advance(account_id, instant("2026-02-01"))

    with tenant(account_id) as account:
        assert not Lease.objects.of(account).exists()


def test_a_paused_run_holds_the_clock_until_it_is_resumed():
    account_id = ready_account("one")
    set_clock(account_id, "2026-02-01")
    with tenant(account_id) as account:
        now = business_now(account)
        runs.open_or_join(account=account, now=now)
        runs.pause(account=account, reason="look first", actor="test", now=now)

    with pytest.raises(RunPaused, match="look first"):
        advance(account_id, instant("2026-03-01"))
    assert clock_of(account_id) == instant("2026-02-01")

    bill.resume(account_id, by="test")
    advance(account_id, instant("2026-03-01"))
    assert [each["settled"] for each in sheets_of(account_id)] == [1990, 1990]


def test_an_outcome_that_is_unknown_yet_stands_in_flight_and_does_not_hold_the_clock():
    account_id = ready_account("late", card=card_token("402"))

    advance(account_id, instant("2026-02-01"))

    (sheet,) = sheets_of(account_id)
    assert (sheet["in_flight"], sheet["open"], sheet["difference"]) == (1990, 0, 0)
    with tenant(account_id) as account:
        assert unknown_count(account) == 1


FAULTS = (
    "billing.before_commit:1:crash",
    "billing.after_commit:1:crash",
    "payments.claimed:1:crash",
    "payments.called:1:crash",
    "advance.moved:2:crash",
)


def test_killed_at_any_point_it_is_repeated_and_nothing_is_missing_or_double(
    kontor, owner, acquirer
):
    account_id = ready_account("one", "two")

    for fault in FAULTS:
        killed = kontor("advance", str(account_id), "2026-06-01", faults=fault)
        assert killed.returncode == -9, (fault, killed.stderr[-2000:])
        let_leases_end(owner, account_id)
    arrived = kontor("advance", str(account_id), "2026-06-01")

    assert arrived.returncode == 0, arrived.stderr[-2000:]
    wait_for_outcomes(account_id, HASTE)
    assert all(each.sheet["is_even"] for each in runs_of(account_id))
    assert [(each.settled, each.in_flight) for each in books_of(account_id)] == [(3980, 0)] * 5
    charges = charges_of(acquirer, account_id)
    assert [each["captures"] for each in charges] == [1] * 10
    with tenant(account_id) as account:
        assert (waiting_count(account), unbalanced(account)) == (0, [])


def let_leases_end(owner, account_id):
    """As if the dead process's minute had passed."""
    for statement in (
        "UPDATE foundation_lease SET expires_at = %(now)s WHERE account_id = %(account)s",
        (
            "UPDATE payments_paymentattempt SET lease_until = %(now)s "
            "WHERE account_id = %(account)s AND state = 'in_flight'"
        ),
    ):
        owner.execute(statement, {"now": wall_now(), "account": account_id})


def charges_of(acquirer, account_id):
    """What the acquirer's own book has under the account's reference."""
    charges = acquirer.charges().values()
    return [each for each in charges if each["reference"].startswith(account_id.hex)]


def test_a_dead_process_of_this_machine_is_not_waited_for(kontor):
    account_id = ready_account("one")
    killed = kontor("advance", str(account_id), "2026-02-01", faults="advance.moved:1:crash")
    assert killed.returncode == -9

    advance(account_id, instant("2026-02-01"))

    assert [each.documents for each in books_of(account_id)] == [1990]


def test_the_lease_of_another_machines_process_ends_within_minutes(kontor):
    account_id = ready_account("one")
    kontor("advance", str(account_id), "2026-02-01", faults="advance.moved:1:crash")
    with tenant(account_id) as account:
        lease = Lease.objects.of(account).get()
        pid = lease.owner.split(":")[1]
        Lease.objects.of(account).update(owner=f"elsewhere:{pid}:1")

    with pytest.raises(Conflict):
        advance(account_id, instant("2026-02-01"))

    assert (lease.expires_at - wall_now()).total_seconds() <= LEASE_SECONDS


def test_what_is_due_on_arrival_can_be_left_to_the_next_move():
    account_id = ready_account("one")

    advance(account_id, instant("2026-02-01"), leaves_last=True)
    assert (clock_of(account_id), runs_of(account_id)) == (instant("2026-02-01"), [])

    advance(account_id, instant("2026-02-01"))
    assert [each.documents for each in books_of(account_id)] == [1990]
