"""What a subscription tells of itself costs the same number of statements for one as for many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.queries import business_now
from catalog.domain.terms import Trial
from foundation import outbox
from foundation.tenancy import tenant
from invoicing.domain.lifecycle import State as ClaimState
from invoicing.models import Invoice
from invoicing.queries import claims
from kernel.ids import new_id
from kernel.periods import Schedule, ScheduleKind, Unit, local_moment
from payments import queries as payments
from payments.commands import collect
from subscriptions.commands import drive
from subscriptions.commands.cancel import cancel
from subscriptions.commands.expire import expire
from subscriptions.domain.lifecycle import ExpireReason, State
from subscriptions.domain.start import NewAddOnUse
from subscriptions.queries.facts import (
    CustomerCounts,
    counts_by_customer,
    facts,
    periods_by_invoice,
)
from tests.factories import (
    give_card,
    make_account,
    make_add_on,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)


def berlin(text):
    return local_moment(text, "Europe/Berlin").instant


def shop(*handles, clock="2026-04-10", start="2026-02-01", plan=None, **rest):
    account_id = make_account()
    with tenant(account_id) as account:
        customers = make_customers(account, *handles)
        make_plan(account, **(plan or {}))
        make_add_on(account, "extra")
        ids = make_subscriptions(account, *handles, start=start, **rest)
    set_clock(account_id, clock)
    drive.bill(account_id, batches=20)
    return account_id, customers, ids


def told(account_id, id_):
    with tenant(account_id) as account:
        return facts(account, [id_])[id_]


def act(account_id, id_, verb):
    with tenant(account_id) as account:
        verb(account=account, subscription_id=id_, actor="a", now=business_now(account))


def test_it_tells_its_plan_periods_and_claims():
    account_id, (customer_id,), (id_,) = shop("one", add_ons=(NewAddOnUse("extra"),))

    fact = told(account_id, id_)

    assert (fact.handle, fact.customer, fact.customer_id) == ("one", "one", customer_id)
    assert (fact.plan, fact.plan_version, fact.currency) == ("plan", 1, "EUR")
    assert (fact.state, fact.quantity, fact.period_count) == (State.ACTIVE, 1, 3)
    assert (fact.first_start_at, fact.previous_start_at) == (
        berlin("2026-02-01"),
        berlin("2026-03-01"),
    )
    assert (fact.current_start_at, fact.next_start_at) == (
        berlin("2026-04-01"),
        berlin("2026-05-01"),
    )
    assert fact.add_ons == ("extra",)
    assert (fact.is_renewing, fact.why_expired, fact.had_method) == (True, None, False)
    pending = fact.claimed(ClaimState.PENDING)
    assert (pending.count, pending.gross_minor, pending.settled_minor) == (3, 3 * 2490, 0)
    assert fact.claimed(ClaimState.SETTLED).count == 0


def test_before_its_first_period_it_has_no_running_one():
    account_id, _, (id_,) = shop("one", start="2026-06-01")

    fact = told(account_id, id_)

    assert (fact.first_start_at, fact.previous_start_at, fact.current_start_at) == (None,) * 3
    assert fact.next_start_at == berlin("2026-06-01")


def test_in_its_first_period_it_has_no_previous_one():
    account_id, _, (id_,) = shop("one", clock="2026-02-10")

    fact = told(account_id, id_)

    assert (fact.first_start_at, fact.previous_start_at) == (berlin("2026-02-01"), None)
    assert fact.current_start_at == berlin("2026-02-01")


def test_without_a_schedule_it_has_no_periods_and_goes_on():
    plan = {"schedule": Schedule(ScheduleKind.MANUAL)}
    account_id, _, (id_,) = shop("one", plan=plan)

    fact = told(account_id, id_)

    assert (fact.current_start_at, fact.next_start_at, fact.is_renewing) == (None, None, True)


def test_a_cancelled_one_still_tells_where_its_period_ends():
    account_id, _, (id_,) = shop("one")
    act(account_id, id_, cancel)

    fact = told(account_id, id_)

    assert (fact.is_renewing, fact.state) == (False, State.ACTIVE)
    assert fact.next_start_at == fact.expires_at == berlin("2026-05-01")


def test_an_ended_one_tells_why():
    account_id, _, (id_,) = shop("one")
    act(account_id, id_, expire)

    fact = told(account_id, id_)

    assert (fact.why_expired, fact.next_start_at) == (ExpireReason.ON_DEMAND, None)
    assert fact.expired_at == berlin("2026-04-10")


def test_its_trial_is_told_until_it_is_over():
    plan = {"trial": Trial(Unit.DAYS, 14)}
    account_id, _, (id_,) = shop("one", clock="2026-02-02", plan=plan)

    fact = told(account_id, id_)

    assert fact.trial_end_at == berlin("2026-02-15")
    assert fact.is_in_trial(berlin("2026-01-20"))
    assert fact.is_in_trial(berlin("2026-02-14T23:59"))
    assert not fact.is_in_trial(berlin("2026-02-15"))


@pytest.mark.usefixtures("acquirer")
def test_it_tells_its_method_and_what_was_settled():
    account_id, (customer_id,), (id_,) = shop("one", clock="2026-02-10")
    method_id = give_card(account_id, customer_id)
    outbox.run(account_id, limit=50)
    collect.collect(account_id, batches=5)

    fact = told(account_id, id_)

    assert (fact.method_id, fact.had_method) == (method_id, True)
    assert fact.claimed(ClaimState.SETTLED).settled_minor == 1990


@pytest.mark.parametrize("count", [1, 40])
def test_a_page_of_any_size_costs_four_statements(count):
    handles = [f"s-{n}" for n in range(count)]
    account_id, _, ids = shop(*handles, clock="2026-02-10")

    with tenant(account_id) as account, CaptureQueriesContext(connection) as seen:
        found = facts(account, ids)

    assert set(found) == set(ids)
    assert len(seen) == 4


def test_nothing_is_told_of_what_the_account_does_not_have():
    _, _, ids = shop("one", clock="2026-02-10")
    other_id, customers, _ = shop("one", clock="2026-02-10")

    with tenant(other_id) as account:
        assert facts(account, [*ids, new_id()]) == {}
        assert counts_by_customer(account, [new_id()], business_now(account)) == {}
        assert claims.sums_by_subscription(account, ids) == {}
        assert list(claims.sums_by_customer(account, customers)) == customers


def test_a_customers_subscriptions_are_counted_by_how_they_stand():
    account_id = make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")
        make_plan(account)
        make_plan(account, "trial", trial=Trial(Unit.DAYS, 300))
        ids = [
            make_subscriptions(account, name, customer="one", plan=plan)[0]
            for name, plan in [
                ("a", "plan"),
                ("b", "plan"),
                ("c", "plan"),
                ("d", "trial"),
                ("e", "trial"),
            ]
        ]
    set_clock(account_id, "2026-02-10")
    for at, verb in [(1, cancel), (2, expire), (4, cancel)]:
        act(account_id, ids[at], verb)

    with tenant(account_id) as account:
        found = counts_by_customer(account, [customer_id], business_now(account))

    assert found[customer_id] == CustomerCounts(
        active=4,
        trial_active=1,
        trial_cancelled=1,
        expired=1,
        on_hold=0,
        cancelled=2,
        non_renewing=2,
    )


def test_a_claim_tells_its_lines_its_number_and_its_period():
    account_id, _, (id_,) = shop("one", clock="2026-02-10", add_ons=(NewAddOnUse("extra"),))
    with tenant(account_id) as account:
        invoice = Invoice.objects.of(account).get()

        fact = claims.claim_facts(account, [invoice.id])[invoice.id]
        period = periods_by_invoice(account, [invoice.id])[invoice.id]

    assert (fact.handle, fact.customer, fact.subscription_id) == ("inv-1-one", "one", id_)
    assert (fact.gross_minor, fact.net_minor + fact.tax_minor) == (2490, 2490)
    assert (fact.number, fact.sequence) == ("TEST-INV-2026-000001", 1)
    assert [(each.origin, each.origin_handle, each.gross_minor) for each in fact.lines] == [
        ("plan", "plan", 1990),
        ("add_on", "extra", 500),
    ]
    assert (period.subscription, period.plan, period.plan_version) == ("one", "plan", 1)
    assert (period.index, period.starts_at) == (0, berlin("2026-02-01"))
    assert period.ends_at == berlin("2026-03-01")


def test_a_claim_is_found_by_its_handle_and_by_its_id():
    account_id, _, _ = shop("one", clock="2026-02-10")
    with tenant(account_id) as account:
        invoice = Invoice.objects.of(account).get()

        assert claims.id_of(account, "inv-1-one") == invoice.id
        assert claims.id_of(account, invoice.id.hex) == invoice.id


@pytest.mark.parametrize("count", [1, 20])
def test_a_page_of_claims_and_their_attempts_costs_four_statements(count):
    handles = [f"s-{n}" for n in range(count)]
    account_id, _, _ = shop(*handles, clock="2026-02-10")

    with tenant(account_id) as account:
        ids = list(Invoice.objects.of(account).values_list("id", flat=True))
        with CaptureQueriesContext(connection) as seen:
            found = claims.claim_facts(account, ids)
            payments.attempts_by_invoice(account, ids)

    assert len(found) == count
    assert len(seen) == 4
