"""What a subscription owes next: periods, shares, amounts and handles, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.terms import PartialPeriod
from kernel.errors import Invalid
from kernel.ids import new_id
from kernel.moments import Boundary, local_moment
from kernel.periods import Proration, Schedule, ScheduleKind
from subscriptions.domain.renewal import (
    Expiry,
    Item,
    PartialRule,
    Renewal,
    Rhythm,
    Terms,
    plan_renewal,
    renewal,
)
from subscriptions.domain.start import beginning

ZONE = "Europe/Berlin"
MONTHLY = Schedule(ScheduleKind.MONTH_STARTDATE)
ON_THE_FIRST = Schedule(ScheduleKind.MONTH_FIXEDDAY, fixed_day=1)
VAT = Fraction(19, 100)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def at(text: str) -> Boundary:
    return local_moment(text, ZONE)


def item(unit, quantity=1, handle="plan", *, incl_vat=True):
    return Item("plan", handle, handle.title(), quantity, unit, incl_vat, VAT)


def terms(
    start="2026-02-01",
    *items,
    schedule=MONTHLY,
    handling=PartialPeriod.BILL_PRORATED,
    by=Proration.DAYS,
    minimum=0,
    handle="sub",
    expires_at=None,
):
    """Of a subscription just created with this start."""
    begun = beginning(at(start), schedule, None, handling)
    rhythm = Rhythm(
        schedule, begun.anchor, begun.first_start or begun.start, 0, begun.has_partial_first
    )
    return Terms(
        new_id(),
        handle,
        new_id(),
        new_id(),
        "EUR",
        items or (item(1990),),
        rhythm,
        PartialRule(handling, by, minimum),
        expires_at,
    )


def after(planned: Renewal) -> Terms:
    """The terms once this period is open."""
    rhythm = planned.terms.rhythm
    moved = replace(rhythm, next_start=planned.stretch.period.end, period_count=planned.index + 1)
    return planned.terms._replace(rhythm=moved)


def first_periods(asked: Terms, count: int):
    made = []
    for _ in range(count):
        made.append(renewal(asked))
        asked = after(made[-1])
    return made


def amounts(planned: Renewal):
    return [line.amount_minor for line in planned.draft.lines]


SCHEDULES = st.one_of(
    st.builds(Schedule, st.just(ScheduleKind.DAILY), st.integers(1, 400)),
    st.builds(Schedule, st.just(ScheduleKind.MONTH_STARTDATE), st.integers(1, 24)),
    st.builds(Schedule, st.just(ScheduleKind.MONTH_LASTDAY), st.integers(1, 24)),
    st.builds(
        Schedule, st.just(ScheduleKind.WEEKLY_FIXEDDAY), st.integers(1, 8), st.integers(1, 7)
    ),
    st.builds(
        Schedule,
        st.just(ScheduleKind.MONTH_FIXEDDAY),
        st.integers(1, 12),
        st.integers(1, 28),
        st.integers(0, 23),
        st.none() | st.integers(1, 12),
    ),
)
STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(  # noqa: DTZ001
    lambda local: local.replace(second=0, microsecond=0, fold=0).isoformat(timespec="minutes")
)


@given(STARTS, SCHEDULES, st.sampled_from(PartialPeriod))
def test_periods_tile_without_gap_or_overlap(start, schedule, handling):
    made = first_periods(terms(start, schedule=schedule, handling=handling), 6)

    assert [each.index for each in made] == [0, 1, 2, 3, 4, 5]
    for one, following in pairwise(made):
        assert one.stretch.period.end == following.stretch.period.start
        assert one.draft.service_to < following.draft.service_from or one.stretch.period.days == 0


@given(STARTS, SCHEDULES, st.sampled_from(PartialPeriod), st.sampled_from(Proration))
def test_only_the_first_period_may_cost_less_and_every_other_costs_the_whole(
    start, schedule, handling, by
):
    made = first_periods(terms(start, schedule=schedule, handling=handling, by=by), 4)

    assert [amounts(each) for each in made[1:]] == [[1990]] * 3
    assert amounts(made[0])[0] >= 0


def test_day_31_comes_back_after_february():
    made = first_periods(terms("2026-01-31"), 4)

    assert [each.stretch.period.start.on for each in made] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_the_service_ends_the_day_before_the_next_period():
    made = renewal(terms("2026-02-01"))

    assert (made.draft.service_from, made.draft.service_to) == (date(2026, 2, 1), date(2026, 2, 28))
    (line,) = made.draft.lines
    assert (line.service_from, line.service_to) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.feature("F042")
@pytest.mark.parametrize(
    ("handling", "expected"),
    [
        (PartialPeriod.BILL_PRORATED, 1500),
        (PartialPeriod.BILL_FULL, 3000),
        (PartialPeriod.BILL_ZERO_AMOUNT, 0),
    ],
)
def test_the_16th_of_a_30_day_month_bills_fifteen_thirtieths_the_whole_or_zero(handling, expected):
    made = renewal(terms("2026-06-16", item(3000), schedule=ON_THE_FIRST, handling=handling))

    assert amounts(made) == [expected]
    assert (made.draft.service_from, made.draft.service_to) == (
        date(2026, 6, 16),
        date(2026, 6, 30),
    )


@pytest.mark.feature("F042")
def test_the_16th_of_a_30_day_month_bills_nothing_until_the_first_where_partial_is_not_billed():
    asked = terms("2026-06-16", item(3000), schedule=ON_THE_FIRST, handling=PartialPeriod.NO_BILL)

    assert plan_renewal(asked, at("2026-06-30T23:59").instant) is None
    made = plan_renewal(asked, at("2026-07-01").instant)
    assert isinstance(made, Renewal)
    assert (made.draft.service_from, amounts(made)) == (date(2026, 7, 1), [3000])


@pytest.mark.feature("F043")
@pytest.mark.parametrize(("by", "expected"), [(Proration.DAYS, 1500), (Proration.MINUTES, 1450)])
def test_the_same_start_at_noon_costs_the_whole_day_or_its_second_half(by, expected):
    """Noon of the 16th: 15 of 30 days, or 14.5 of 30."""
    made = renewal(terms("2026-06-16T12:00", item(3000), schedule=ON_THE_FIRST, by=by))

    assert amounts(made) == [expected]


@pytest.mark.feature("F044")
@pytest.mark.parametrize(("minimum", "expected"), [(100, 0), (41, 0), (40, 40), (0, 40)])
def test_a_prorated_amount_below_the_minimum_is_zero(minimum, expected):
    """12.00 for one of 30 days is 0.40."""
    made = renewal(terms("2026-06-30", item(1200), schedule=ON_THE_FIRST, minimum=minimum))

    assert amounts(made) == [expected]


def test_the_minimum_does_not_touch_a_whole_period():
    made = renewal(terms("2026-06-01", item(40), schedule=ON_THE_FIRST, minimum=100))

    assert amounts(made) == [40]


def test_an_hour_of_summer_time_is_worth_nothing_by_days_and_its_minutes_by_minutes():
    """March 2026 has 31 days less one hour; noon of the 16th leaves 15.5 days less that hour."""
    by_days = renewal(terms("2026-03-16T12:00", item(3100), schedule=ON_THE_FIRST))
    by_minutes = renewal(
        terms("2026-03-16T12:00", item(74300), schedule=ON_THE_FIRST, by=Proration.MINUTES)
    )

    assert amounts(by_days) == [1600]
    assert amounts(by_minutes) == [37100]


def test_quantity_times_price_is_prorated_as_a_whole_and_rounded_once():
    """7 times 0.33 is 2.31; its half is 1.155 and goes up, while 7 times 0.17 would be 1.19."""
    made = renewal(terms("2026-06-16", item(33, 7), schedule=ON_THE_FIRST))

    assert amounts(made) == [116]


def test_a_line_shows_quantity_and_price_by_unit():
    made = renewal(terms("2026-02-01", item(250, 4)))

    (line,) = made.draft.lines
    assert (line.quantity, line.unit_minor, line.amount_minor) == (4, 250, 1000)


def test_a_base_month_far_away_may_cost_more_than_one_period():
    """Quarterly from December, begun on 16 August: 107 days to go, of a quarter of 91."""
    schedule = Schedule(ScheduleKind.MONTH_FIXEDDAY, 3, fixed_day=1, base_month=12)

    made = renewal(terms("2026-08-16", item(9200), schedule=schedule))

    assert made.stretch.period.days == 107
    assert amounts(made) == [10818]


def test_a_line_of_zero_is_left_out_beside_another():
    made = renewal(terms("2026-02-01", item(0), item(500, handle="extra")))

    assert [(line.origin_handle, line.amount_minor) for line in made.draft.lines] == [
        ("extra", 500)
    ]


def test_where_every_line_is_zero_the_plan_stays_alone():
    made = renewal(terms("2026-02-01", item(0), item(0, handle="extra")))

    assert [(line.origin_handle, line.amount_minor) for line in made.draft.lines] == [("plan", 0)]


def test_an_amount_beyond_a_bigint_is_refused_and_the_largest_is_not():
    assert amounts(renewal(terms("2026-02-01", item(2**63 - 1)))) == [2**63 - 1]
    with pytest.raises(Invalid, match="2 times 4611686018427387904 minor units") as refused:
        renewal(terms("2026-02-01", item(2**62, 2)))
    assert refused.value.code == "amount_out_of_range"


def test_a_partial_period_longer_than_a_whole_one_is_refused_beyond_a_bigint_too():
    schedule = Schedule(ScheduleKind.MONTH_FIXEDDAY, 3, fixed_day=1, base_month=12)

    with pytest.raises(Invalid):
        renewal(terms("2026-08-16", item(2**63 - 1), schedule=schedule))


def test_the_handle_of_an_invoice_names_the_period_from_one():
    made = first_periods(terms("2026-02-01", handle="kunde-7"), 3)

    assert [each.draft.handle for each in made] == [
        "inv-1-kunde-7",
        "inv-2-kunde-7",
        "inv-3-kunde-7",
    ]


def test_a_handle_too_long_for_the_column_gives_way_to_the_id():
    asked = terms("2026-02-01", handle="h" * 255)

    assert renewal(asked).draft.handle == f"inv-1-{asked.subscription_id.hex}"


@given(st.integers(240, 255), st.integers(0, 10**6))
def test_no_handle_of_an_invoice_is_longer_than_its_column(length, index):
    asked = terms("2026-02-01", handle="h" * length)
    asked = asked._replace(rhythm=replace(asked.rhythm, period_count=index % 1200))

    assert len(renewal(asked).draft.handle) <= 255


@given(STARTS, SCHEDULES)
def test_asking_twice_gives_the_same_and_changes_nothing(start, schedule):
    asked = terms(start, schedule=schedule)

    assert plan_renewal(asked, FAR) == plan_renewal(asked, FAR)


def test_nothing_is_due_before_the_minute_it_starts():
    asked = terms("2026-02-01")
    start = at("2026-02-01").instant

    assert plan_renewal(asked, start - timedelta(microseconds=1)) is None
    assert isinstance(plan_renewal(asked, start), Renewal)


def test_one_period_at_a_time_however_late_it_is():
    planned = plan_renewal(terms("2026-02-01"), FAR)

    assert isinstance(planned, Renewal)
    assert planned.stretch.period.end.on == date(2026, 3, 1)


def test_a_subscription_that_ends_with_its_period_expires_then_and_not_before():
    asked = terms("2026-02-01", expires_at=at("2026-02-01").instant)

    assert plan_renewal(asked, at("2026-01-31T23:59").instant) is None
    assert plan_renewal(asked, at("2026-02-01").instant) == Expiry(asked)


def test_what_began_before_the_end_is_billed_before_it_expires():
    asked = terms("2026-02-01", expires_at=at("2026-03-01").instant)

    first = plan_renewal(asked, FAR)
    assert isinstance(first, Renewal)
    assert plan_renewal(after(first), FAR) == Expiry(after(first))


def test_a_manual_schedule_is_never_billed_by_itself_and_expires_when_it_ends():
    asked = terms("2026-02-01", schedule=Schedule(ScheduleKind.MANUAL))

    assert plan_renewal(asked, FAR) is None
    ending = asked._replace(expires_at=at("2026-05-07").instant)
    assert plan_renewal(ending, at("2026-05-06").instant) is None
    assert plan_renewal(ending, at("2026-05-07").instant) == Expiry(ending)
