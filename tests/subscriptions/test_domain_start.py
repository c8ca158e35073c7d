"""How a subscription begins, and what may not begin."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.terms import PartialPeriod, Trial
from kernel.errors import Invalid, Refused
from kernel.moments import local_moment
from kernel.money import Money
from kernel.periods import Schedule, ScheduleKind, Unit
from subscriptions.domain.start import NewAddOnUse, NewSubscription, beginning, refuse_too_early

ZONE = "Europe/Berlin"
MONTHLY = Schedule(ScheduleKind.MONTH_STARTDATE)
ON_THE_FIRST = Schedule(ScheduleKind.MONTH_FIXEDDAY, fixed_day=1)
PRORATED = PartialPeriod.BILL_PRORATED


def at(text):
    return local_moment(text, ZONE)


def begin(start, schedule=MONTHLY, trial=None, partial=PRORATED):
    return beginning(at(start), schedule, trial, partial)


def test_without_a_trial_the_first_period_begins_at_the_start():
    begun = begin("2026-01-31T10:30")

    assert begun.first_start == begun.anchor == at("2026-01-31T10:30")
    assert begun.trial_end is None
    assert not begun.has_partial_first


@pytest.mark.parametrize(
    ("trial", "end"),
    [
        (Trial(Unit.DAYS, 14), "2026-02-14"),
        (Trial(Unit.DAYS, 14, fixed_days=False), "2026-02-14T10:30"),
        (Trial(Unit.MONTHS, 1), "2026-02-28"),
        (Trial(Unit.MONTHS, 1, fixed_days=False), "2026-02-28T10:30"),
    ],
)
def test_the_first_period_begins_when_the_trial_ends_at_midnight_or_to_the_minute(trial, end):
    begun = begin("2026-01-31T10:30", trial=trial)

    assert begun.trial_end == begun.first_start == begun.anchor == at(end)


def test_a_fixed_day_after_the_trial_makes_the_stretch_between_a_partial_period():
    begun = begin("2026-01-20", ON_THE_FIRST, Trial(Unit.DAYS, 14))

    assert begun.first_start == begun.trial_end == at("2026-02-03")
    assert begun.anchor == at("2026-03-01")
    assert begun.has_partial_first


def test_a_trial_that_ends_on_the_fixed_day_leaves_no_partial_period():
    begun = begin("2026-01-18", ON_THE_FIRST, Trial(Unit.DAYS, 14))

    assert begun.first_start == begun.anchor == at("2026-02-01")
    assert not begun.has_partial_first


def test_a_stretch_that_is_not_billed_is_no_period_at_all():
    begun = begin("2026-01-20", ON_THE_FIRST, partial=PartialPeriod.NO_BILL)

    assert begun.first_start == begun.anchor == at("2026-02-01")
    assert not begun.has_partial_first


def test_a_manual_schedule_has_no_first_period():
    begun = begin("2026-01-20", Schedule(ScheduleKind.MANUAL), Trial(Unit.DAYS, 14))

    assert begun.first_start is None
    assert begun.trial_end == at("2026-02-03")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001
    st.sampled_from([MONTHLY, ON_THE_FIRST, Schedule(ScheduleKind.MONTH_LASTDAY, 3)]),
    st.none() | st.builds(Trial, st.sampled_from(Unit), st.integers(1, 40), st.booleans()),
    st.sampled_from(PartialPeriod),
)
def test_nothing_is_billed_before_the_trial_ends(start, schedule, trial, partial):
    start = start.replace(second=0, microsecond=0, fold=0).isoformat(timespec="minutes")

    begun = begin(start, schedule, trial, partial)

    assert begun.first_start.local >= (begun.trial_end or begun.start).local
    assert begun.anchor.local >= begun.first_start.local
    assert begun.has_partial_first == (begun.first_start != begun.anchor)


NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize("start", ["2026-02-15T13:01", "2026-03-15T13:00", "2027-03-15"])
def test_a_start_within_the_last_period_or_ahead_is_taken(start):
    refuse_too_early(at(start), MONTHLY, NOW)


def test_a_start_a_whole_period_back_is_refused():
    with pytest.raises(Refused, match="more than one billing period back") as refused:
        refuse_too_early(at("2026-02-15T13:00"), MONTHLY, NOW)
    assert refused.value.code == "start_too_early"


def test_without_a_schedule_no_start_is_too_early():
    refuse_too_early(at("2001-01-01"), Schedule(ScheduleKind.MANUAL), NOW - timedelta(0))


def new(**rest):
    return NewSubscription(**{"handle": "s", "customer": "c", "plan": "p"} | rest)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"handle": ""}, "invalid_handle"),
        ({"handle": "a b"}, "invalid_handle"),
        ({"handle": "a\x00b"}, "invalid_handle"),
        ({"handle": "h" * 256}, "invalid_handle"),
        ({"customer": "\ud800"}, "invalid_handle"),
        ({"plan": "a\x00"}, "invalid_handle"),
        ({"quantity": 0}, "invalid_quantity"),
        ({"quantity": 1_000_001}, "invalid_quantity"),
        ({"price": Money(-1, "EUR")}, "invalid_amount"),
    ],
)
def test_what_cannot_be_a_subscription_is_refused_before_anything_is_looked_up(wrong, code):
    with pytest.raises(Invalid) as refused:
        new(**wrong)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [
        {"add_on": "a\x00"},
        {"add_on": "a", "handle": "\udfff"},
        {"add_on": "a", "quantity": 0},
        {"add_on": "a", "price": Money(-1, "EUR")},
    ],
)
def test_what_cannot_be_an_add_on_is_refused(wrong):
    with pytest.raises(Invalid):
        NewAddOnUse(**wrong)


def test_two_uses_of_one_add_on_need_two_handles():
    with pytest.raises(Invalid, match="seat is attached twice") as refused:
        new(add_ons=(NewAddOnUse("seat"), NewAddOnUse("other", handle="seat")))
    assert refused.value.code == "add_on_twice"

    new(add_ons=(NewAddOnUse("seat"), NewAddOnUse("seat", handle="second")))


def test_a_hundred_add_ons_are_taken_and_one_more_is_not():
    uses = tuple(NewAddOnUse(f"a{n}") for n in range(101))

    new(add_ons=uses[:100])
    with pytest.raises(Invalid):
        new(add_ons=uses)
