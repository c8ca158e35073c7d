"""Subscriptions are created all or none, and what is due at once is billed at once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from catalog.domain.terms import PartialPeriod, Trial
from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.money import Money
from kernel.periods import Schedule, ScheduleKind, Unit, local_moment
from subscriptions import queries
from subscriptions.commands import drive
from subscriptions.commands.create import create
from subscriptions.domain.start import NewAddOnUse, NewSubscription
from subscriptions.models import BillingPeriod, Subscription, SubscriptionAddOn
from tests.factories import (
    NOON,
    make_account,
    make_add_on,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.witness import at_once, papers, refused

ON_THE_FIRST = Schedule(ScheduleKind.MONTH_FIXEDDAY, fixed_day=1)
BERLIN = "Europe/Berlin"


def shop(*customers, clock_at=NOON, plan=None, **account_terms):
    """An account with customers and one plan."""
    account_id = make_account(clock_at=clock_at, **account_terms)
    with tenant(account_id) as account:
        make_customers(account, *(customers or ("one",)))
        make_plan(account, **(plan or {}))
    return account_id


def subscribe(account_id, handle="one", start=None, **rest):
    with tenant(account_id) as account:
        new = NewSubscription(
            **{"handle": handle, "customer": handle, "plan": "plan"} | rest,
            start=local_moment(start, account.timezone) if start else None,
        )
        (subscription_id,) = create(
            account=account, subscriptions=[new], now=account.clock_at or NOON
        )
    return subscription_id


def stored(account_id, handle="one"):
    with tenant(account_id) as account:
        return queries.by_handle(account, handle)


def test_a_subscription_that_starts_now_is_billed_at_once_for_its_first_period():
    account_id = shop()

    subscription_id = subscribe(account_id)

    row = stored(account_id)
    assert row.id == subscription_id
    assert (row.state, row.quantity, row.price_minor) == ("active", 1, None)
    assert (row.timezone, row.anchor_local) == (BERLIN, "2026-01-15T13:00")
    assert (row.period_count, row.next_start) == (1, "2026-02-15T13:00")
    assert row.due_at == datetime(2026, 2, 15, 12, tzinfo=UTC)
    (paper,) = papers(account_id)
    assert (paper.handle, paper.gross, paper.tax) == ("inv-1-one", 1990, 318)
    assert (paper.service_from, paper.service_to) == (date(2026, 1, 15), date(2026, 2, 14))
    with tenant(account_id) as account:
        period = BillingPeriod.objects.of(account).get()
        assert (period.index, period.start_on, period.end_on, period.run_id) == (
            0,
            date(2026, 1, 15),
            date(2026, 2, 15),
            None,
        )
        events = OutboxEvent.objects.of(account).filter(kind__startswith="subscription.")
        assert list(events.order_by("position").values_list("kind", flat=True)) == [
            "subscription.created",
            "subscription.renewed",
        ]


def test_a_start_in_the_future_bills_nothing_until_then():
    account_id = shop()

    subscribe(account_id, start="2026-03-01")

    row = stored(account_id)
    assert papers(account_id) == []
    assert (row.period_count, row.due_at) == (0, datetime(2026, 2, 28, 23, tzinfo=UTC))
    set_clock(account_id, "2026-02-28T23:59")
    assert drive.bill(account_id, batches=5).renewed == 0
    set_clock(account_id, "2026-03-01")
    assert drive.bill(account_id, batches=5).renewed == 1
    assert [each.service_from for each in papers(account_id)] == [date(2026, 3, 1)]


def test_a_start_up_to_one_period_back_is_billed_at_once():
    account_id = shop()

    subscribe(account_id, start="2025-12-15T13:01")

    assert [(each.service_from, each.service_to) for each in papers(account_id)] == [
        (date(2025, 12, 15), date(2026, 1, 14))
    ]


def test_a_start_in_the_past_of_a_fixed_day_bills_the_partial_and_the_full_period_at_once():
    account_id = shop(plan={"price": 3100, "schedule": ON_THE_FIRST})

    subscribe(account_id, start="2025-12-22")

    assert [(each.service_from, each.gross) for each in papers(account_id)] == [
        (date(2025, 12, 22), 1000),
        (date(2026, 1, 1), 3100),
    ]


def test_a_start_more_than_one_period_back_is_refused():
    account_id = shop()

    with refused(account_id, Refused, "start_too_early"):
        subscribe(account_id, start="2025-12-15T13:00")


@pytest.mark.parametrize(
    ("handling", "expected"),
    [
        (PartialPeriod.BILL_PRORATED, [1500]),
        (PartialPeriod.BILL_FULL, [3000]),
        (PartialPeriod.BILL_ZERO_AMOUNT, [0]),
        (PartialPeriod.NO_BILL, []),
    ],
)
@pytest.mark.feature("F042")
def test_signing_up_on_the_16th_of_a_30_day_month_bills_as_the_plan_says(handling, expected):
    account_id = shop(
        clock_at=local_moment("2026-06-16T09:30", BERLIN).instant,
        plan={"price": 3000, "schedule": ON_THE_FIRST, "partial_period": handling},
    )

    subscribe(account_id)

    assert [each.gross for each in papers(account_id)] == expected
    set_clock(account_id, "2026-07-01")
    drive.bill(account_id, batches=5)
    assert papers(account_id)[-1].gross == 3000
    assert papers(account_id)[-1].service_from == date(2026, 7, 1)


@pytest.mark.feature("F043")
@pytest.mark.parametrize(("prorates_days", "expected"), [(True, 1500), (False, 1450)])
def test_the_same_start_costs_two_amounts_by_days_and_by_the_minute(prorates_days, expected):
    account_id = shop(
        clock_at=local_moment("2026-06-16T12:00", BERLIN).instant,
        plan={"price": 3000, "schedule": ON_THE_FIRST, "prorates_days": prorates_days},
    )

    subscribe(account_id)

    assert [each.gross for each in papers(account_id)] == [expected]


@pytest.mark.feature("F044")
@pytest.mark.parametrize(("minimum", "expected"), [(100, 0), (40, 40)])
def test_a_prorated_amount_below_the_plans_minimum_is_zero(minimum, expected):
    account_id = shop(
        clock_at=local_moment("2026-06-30", BERLIN).instant,
        plan={"price": 1200, "schedule": ON_THE_FIRST, "minimum_prorated_minor": minimum},
    )

    subscribe(account_id)

    (paper,) = papers(account_id)
    assert (paper.gross, paper.state) == (expected, "pending" if expected else "settled")


@pytest.mark.parametrize(
    ("trial", "first_day", "moment"),
    [
        (Trial(Unit.DAYS, 14), date(2026, 1, 29), "2026-01-29T00:00"),
        (Trial(Unit.DAYS, 14, fixed_days=False), date(2026, 1, 29), "2026-01-29T13:00"),
        (Trial(Unit.MONTHS, 1), date(2026, 2, 15), "2026-02-15T00:00"),
    ],
)
def test_no_invoice_comes_before_the_trial_ends_and_one_when_it_does(trial, first_day, moment):
    account_id = shop(plan={"trial": trial})

    subscribe(account_id)

    ends_at = local_moment(moment, BERLIN)
    row = stored(account_id)
    assert (row.trial_end_at, row.due_at) == (ends_at.instant, ends_at.instant)
    day_before = ends_at.moved(ends_at.local.replace(day=ends_at.local.day - 1)).local.isoformat()
    set_clock(account_id, day_before[:16])
    drive.bill(account_id, batches=5)
    assert papers(account_id) == []
    set_clock(account_id, moment)
    drive.bill(account_id, batches=5)
    assert [each.service_from for each in papers(account_id)] == [first_day]


def test_a_trial_can_be_left_out():
    account_id = shop(plan={"trial": Trial(Unit.DAYS, 14)})

    subscribe(account_id, has_trial=False)

    assert len(papers(account_id)) == 1
    assert stored(account_id).trial_end_at is None


@pytest.mark.feature("F056")
@pytest.mark.parametrize(("given", "quantity", "gross"), [(None, 3, 5970), (2, 2, 3980)])
def test_the_plans_quantity_is_taken_unless_another_is_given(given, quantity, gross):
    account_id = shop(plan={"quantity": 3})

    subscribe(account_id, quantity=given)

    assert stored(account_id).quantity == quantity
    assert [each.gross for each in papers(account_id)] == [gross]


@pytest.mark.feature("F045")
@pytest.mark.parametrize(
    ("incl_vat", "expected"),
    [(True, (7538, 1432, 8970)), (False, (8970, 1704, 10674))],
    ids=["gross", "net"],
)
def test_net_vat_and_gross_agree_for_three_times_2990_in_both_modes(incl_vat, expected):
    account_id = shop(plan={"price": 2990, "amount_incl_vat": incl_vat})

    subscribe(account_id, quantity=3)

    (paper,) = papers(account_id)
    assert (paper.net, paper.tax, paper.gross) == expected


@pytest.mark.parametrize(
    ("incl_vat", "expected"), [(True, (840, 160, 1000)), (False, (1000, 190, 1190))]
)
def test_a_price_of_its_own_replaces_the_plans_in_its_own_mode(incl_vat, expected):
    account_id = shop()

    subscribe(account_id, price=Money(1000, "EUR"), price_incl_vat=incl_vat)

    (paper,) = papers(account_id)
    assert (paper.net, paper.tax, paper.gross) == expected


def test_add_ons_stand_beside_the_plan_with_their_own_quantity_price_and_rate():
    account_id = shop()
    with tenant(account_id) as account:
        make_add_on(account, "seat", price=500)
        make_add_on(account, "book", price=1000, vat=Fraction(7, 100))

    subscribe(
        account_id,
        add_ons=(
            NewAddOnUse("seat", quantity=3),
            NewAddOnUse("book", price=Money(2000, "EUR"), handle="books"),
        ),
    )

    (paper,) = papers(account_id)
    assert paper.lines == [
        "(plan,1,1672,318,1990)",
        "(books,1,1869,131,2000)",
        "(seat,3,1261,239,1500)",
    ]
    assert (paper.net, paper.tax, paper.gross) == (4802, 688, 5490)
    with tenant(account_id) as account:
        uses = SubscriptionAddOn.objects.of(account).order_by("handle")
        assert list(uses.values_list("handle", "quantity", "price_minor")) == [
            ("books", 1, 2000),
            ("seat", 3, None),
        ]


@pytest.mark.parametrize(("vat", "tax"), [(None, 181), (Fraction(7, 100), 130), (Fraction(0), 0)])
def test_the_plans_rate_beats_the_accounts(vat, tax):
    account_id = shop(default_vat=Fraction(1, 10), plan={"vat": vat})

    subscribe(account_id)

    assert [each.tax for each in papers(account_id)] == [tax]


def test_a_manual_schedule_is_never_due():
    account_id = shop(plan={"schedule": Schedule(ScheduleKind.MANUAL)})

    subscribe(account_id)

    assert stored(account_id).due_at is None
    assert papers(account_id) == []


def test_many_are_created_in_order_or_none_at_all():
    account_id = shop("one", "two", "three")

    with tenant(account_id) as account:
        ids = make_subscriptions(account, "three", "one", "two")
        assert [queries.by_handle(account, each).id for each in ("three", "one", "two")] == ids

    with refused(account_id, NotFound, "customer_not_found"), tenant(account_id) as account:
        make_customers(account, "four")
        make_subscriptions(account, "four", "nobody")


def test_a_handle_in_use_is_refused_and_so_is_one_given_twice():
    account_id = shop("one", "two")
    subscribe(account_id)

    with refused(account_id, Conflict, "handle_taken"):
        subscribe(account_id)
    with refused(account_id, Conflict, "handle_taken"), tenant(account_id) as account:
        make_subscriptions(account, "two", "two")


def test_of_two_who_take_one_handle_at_once_the_second_is_refused_and_one_period_is_billed():
    account_id = shop()

    outcomes = at_once(lambda: subscribe(account_id), lambda: subscribe(account_id))

    refusals = [each for each in outcomes if isinstance(each, Exception)]
    assert [str(each) for each in refusals] == ["There is already a subscription of that handle."]
    assert [each.number for each in papers(account_id)] == ["TEST-INV-2026-000001"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"customer": "nobody"}, "customer_not_found"),
        ({"plan": "nothing"}, "plan_not_found"),
        ({"add_ons": (NewAddOnUse("nothing"),)}, "add_on_not_found"),
    ],
)
def test_what_another_account_has_is_as_unknown_as_what_nobody_has(wrong, code):
    account_id, other = shop(), shop("nobody")
    with tenant(other) as account:
        make_plan(account, "nothing")
        make_add_on(account, "nothing")

    with refused(account_id, NotFound, code):
        subscribe(account_id, **wrong)


def test_another_currency_than_the_plans_is_refused():
    account_id = shop()
    with tenant(account_id) as account:
        make_add_on(account, "dollars", currency="USD")
        make_add_on(account, "euros")

    for wrong in (
        {"price": Money(100, "USD")},
        {"add_ons": (NewAddOnUse("dollars"),)},
        {"add_ons": (NewAddOnUse("euros", price=Money(1, "USD")),)},
    ):
        with refused(account_id, Invalid, "wrong_currency"):
            subscribe(account_id, **wrong)


def test_a_start_on_another_clock_than_the_accounts_is_refused():
    account_id = shop()

    with refused(account_id, Invalid, "other_zone"), tenant(account_id) as account:
        create(
            account=account,
            subscriptions=[
                replace(
                    NewSubscription(handle="one", customer="one", plan="plan"),
                    start=local_moment("2026-02-01", "Asia/Tokyo"),
                )
            ],
            now=NOON,
        )


LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    ("wrong", "start"),
    [
        ({"price": Money(LARGEST, "EUR"), "quantity": 2}, "2026-02-01"),
        ({"add_ons": (NewAddOnUse("seat", 1_000_000, Money(10**13, "EUR")),)}, "2026-02-01"),
    ],
)
def test_price_times_quantity_beyond_a_bigint_is_refused_though_it_is_billed_later(wrong, start):
    account_id = shop()
    with tenant(account_id) as account:
        make_add_on(account, "seat")

    with refused(account_id, Invalid, "amount_out_of_range"):
        subscribe(account_id, start=start, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": Money(LARGEST, "EUR"), "price_incl_vat": False},
        {"price": Money(LARGEST, "EUR"), "add_ons": (NewAddOnUse("seat"),)},
    ],
    ids=["with its tax", "with its add-on"],
)
def test_a_total_beyond_a_bigint_is_refused(wrong):
    account_id = shop()
    with tenant(account_id) as account:
        make_add_on(account, "seat")

    with refused(account_id, Refused, "invalid_draft"):
        subscribe(account_id, **wrong)


def test_the_largest_amount_is_billed_to_the_cent():
    account_id = shop(plan={"price": LARGEST, "vat": Fraction(0)})

    subscribe(account_id)

    assert [each.gross for each in papers(account_id)] == [LARGEST]


def test_the_database_keeps_a_subscription_inside_its_account(owner):
    """Wall 3: neither customer nor plan of another account can be written on it."""
    one, other = shop(), shop()
    subscribe(one)
    subscribe(other)

    with tenant(one) as account:
        foreign = Subscription.objects.of(account).get()
    for column in ("customer_id", "plan_version_id"):
        with pytest.raises(Exception, match="violates foreign key"):
            owner.execute(
                f"UPDATE subscriptions_subscription SET {column} = %s WHERE account_id = %s",
                [getattr(foreign, column), other],
            )


@pytest.mark.parametrize("start", ["2026-02-30", "2026-13-01", "1999-12-31", "2026-02-01T24:00"])
def test_a_start_on_a_day_or_hour_that_does_not_exist_is_refused(start):
    account_id = shop()

    with refused(account_id, Invalid, "invalid_date"):
        subscribe(account_id, start=start)
