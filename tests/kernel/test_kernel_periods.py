"""Schedules and periods: no gap, no overlap, no drift, exact shares."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid, Refused
from kernel.periods import (
    Boundary,
    Period,
    Proration,
    Schedule,
    ScheduleKind,
    boundary,
    first_anchor,
    local_moment,
    partial_share,
    period,
)

BERLIN = "Europe/Berlin"
ZONES = [BERLIN, "UTC", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "Asia/Gaza"]
MONTHLY = Schedule(ScheduleKind.MONTH_STARTDATE)
DAILY = Schedule(ScheduleKind.DAILY)
FIRST_OF_MONTH = Schedule(ScheduleKind.MONTH_FIXEDDAY, fixed_day=1)
MONDAYS = Schedule(ScheduleKind.WEEKLY_FIXEDDAY, fixed_day=1)
MONTH_END = Schedule(ScheduleKind.MONTH_LASTDAY)

lengths = st.integers(1, 24)
hours = st.integers(0, 23)
schedules = st.one_of(
    st.builds(Schedule, st.just(ScheduleKind.DAILY), lengths),
    st.builds(Schedule, st.just(ScheduleKind.MONTH_STARTDATE), lengths),
    st.builds(Schedule, st.just(ScheduleKind.WEEKLY_FIXEDDAY), lengths, st.integers(1, 7), hours),
    st.builds(
        Schedule,
        st.just(ScheduleKind.MONTH_FIXEDDAY),
        lengths,
        st.integers(1, 28),
        hours,
        st.none() | st.integers(1, 12),
    ),
    st.builds(
        Schedule,
        st.just(ScheduleKind.MONTH_LASTDAY),
        lengths,
        st.none(),
        hours,
        st.none() | st.integers(1, 12),
    ),
)
starts = st.builds(
    lambda local, zone: Boundary(local.replace(second=0, microsecond=0, fold=0), zone),
    st.datetimes(datetime.fromisoformat("2005-01-01"), datetime.fromisoformat("2040-12-31")),
    st.sampled_from(ZONES),
)


def at(text: str, zone: str = BERLIN) -> Boundary:
    return local_moment(text, zone)


def run(schedule: Schedule, anchor: Boundary, count: int) -> list[str]:
    return [boundary(schedule, anchor, n).on.isoformat() for n in range(count)]


@given(schedules, starts, st.integers(0, 60))
def test_periods_tile_without_gap_or_overlap(schedule: Schedule, start: Boundary, n: int) -> None:
    anchor = first_anchor(schedule, start)
    here, following = period(schedule, anchor, n), period(schedule, anchor, n + 1)
    assert here.end == following.start
    assert here.start.local < here.end.local
    assert here.start.instant <= here.end.instant
    assert here.service_to + timedelta(days=1) == following.service_from


@given(schedules, starts)
def test_the_first_anchor_is_the_first_fixed_day_not_before_the_start(
    schedule: Schedule, start: Boundary
) -> None:
    anchor = first_anchor(schedule, start)
    assert anchor.local >= start.local
    assert anchor.instant >= start.instant
    if not schedule.kind.has_fixed_start:
        assert anchor == start
        return
    assert (anchor.local.hour, anchor.local.minute) == (schedule.fixed_hour, 0)
    if schedule.kind is ScheduleKind.WEEKLY_FIXEDDAY:
        assert anchor.on.isoweekday() == schedule.fixed_day
        assert anchor.local - start.local < timedelta(days=8)
        return
    assert anchor.on.month in schedule.start_months
    if schedule.kind is ScheduleKind.MONTH_LASTDAY:
        assert (anchor.on + timedelta(days=1)).day == 1
    else:
        assert anchor.on.day == schedule.fixed_day


@given(st.integers(1, 31), st.integers(1, 120))
@pytest.mark.feature("F039")
def test_the_anchor_day_never_drifts(day: int, n: int) -> None:
    found = boundary(MONTHLY, at(f"2027-01-{day:02}"), n).on
    month_end = (found.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    assert found.day == min(day, month_end.day)


@pytest.mark.feature("F039")
def test_day_31_comes_back_after_february() -> None:
    assert run(MONTHLY, at("2027-01-31"), 5) == [
        "2027-01-31",
        "2027-02-28",
        "2027-03-31",
        "2027-04-30",
        "2027-05-31",
    ]
    assert run(MONTHLY, at("2028-01-31"), 3) == ["2028-01-31", "2028-02-29", "2028-03-31"]


@pytest.mark.parametrize(
    ("schedule", "start", "expected"),
    [
        (DAILY, "2027-02-27", ["2027-02-27", "2027-02-28", "2027-03-01"]),
        (
            Schedule(ScheduleKind.DAILY, length=10),
            "2027-02-27",
            ["2027-02-27", "2027-03-09", "2027-03-19"],
        ),
        (MONDAYS, "2027-01-06", ["2027-01-11", "2027-01-18", "2027-01-25"]),
        (MONDAYS, "2027-01-11", ["2027-01-11", "2027-01-18", "2027-01-25"]),
        (
            Schedule(ScheduleKind.WEEKLY_FIXEDDAY, length=2, fixed_day=7),
            "2027-01-11",
            ["2027-01-17", "2027-01-31", "2027-02-14"],
        ),
        (FIRST_OF_MONTH, "2027-01-16", ["2027-02-01", "2027-03-01", "2027-04-01"]),
        (FIRST_OF_MONTH, "2027-01-01", ["2027-01-01", "2027-02-01", "2027-03-01"]),
        (MONTH_END, "2027-01-16", ["2027-01-31", "2027-02-28", "2027-03-31"]),
        (MONTH_END, "2027-02-28", ["2027-02-28", "2027-03-31", "2027-04-30"]),
        (
            Schedule(ScheduleKind.MONTH_STARTDATE, length=12),
            "2028-02-29",
            ["2028-02-29", "2029-02-28", "2030-02-28"],
        ),
    ],
)
@pytest.mark.feature("F039")
def test_each_kind_of_schedule_gives_its_next_three_dates(
    schedule: Schedule, start: str, expected: list[str]
) -> None:
    assert run(schedule, first_anchor(schedule, at(start)), 3) == expected


@pytest.mark.feature("F040")
def test_a_quarter_with_base_month_1_starts_in_january_april_july_or_october() -> None:
    quarters = Schedule(ScheduleKind.MONTH_FIXEDDAY, length=3, fixed_day=1, base_month=1)
    first = {
        month: first_anchor(quarters, at(f"2027-{month:02}-02")).on.isoformat()
        for month in (1, 4, 8, 11)
    }
    assert first == {1: "2027-04-01", 4: "2027-07-01", 8: "2027-10-01", 11: "2028-01-01"}


def test_a_base_month_late_in_the_year_does_not_wrap_into_the_next() -> None:
    schedule = Schedule(ScheduleKind.MONTH_LASTDAY, length=5, base_month=6)
    assert list(schedule.start_months) == [6, 11]
    assert first_anchor(schedule, at("2027-12-01")).on == date(2028, 6, 30)


@pytest.mark.feature("F041")
def test_a_fixed_hour_decides_on_the_fixed_day_itself() -> None:
    at_nine = Schedule(ScheduleKind.MONTH_FIXEDDAY, fixed_day=1, fixed_hour=9)
    assert first_anchor(at_nine, at("2027-01-01T09:00")) == at("2027-01-01T09:00")
    assert first_anchor(at_nine, at("2027-01-01T09:01")) == at("2027-02-01T09:00")
    mondays_at_nine = Schedule(ScheduleKind.WEEKLY_FIXEDDAY, fixed_day=1, fixed_hour=9)
    assert first_anchor(mondays_at_nine, at("2027-01-11T09:01")) == at("2027-01-18T09:00")


@pytest.mark.feature("F041")
def test_the_local_hour_stays_across_the_change_of_clocks() -> None:
    anchor = at("2027-03-01")
    instants = [boundary(FIRST_OF_MONTH, anchor, n).instant for n in range(2)]
    assert instants == [
        datetime(2027, 2, 28, 23, tzinfo=UTC),
        datetime(2027, 3, 31, 22, tzinfo=UTC),
    ]


def test_a_start_in_the_skipped_hour_finds_no_anchor_behind_itself() -> None:
    at_two = Schedule(ScheduleKind.WEEKLY_FIXEDDAY, fixed_day=7, fixed_hour=2)
    assert first_anchor(at_two, at("2027-03-28T03:00")) == at("2027-04-04T02:00")
    at_three = Schedule(ScheduleKind.WEEKLY_FIXEDDAY, fixed_day=7, fixed_hour=3)
    assert first_anchor(at_three, at("2027-03-28T02:30")) == at("2027-04-04T03:00")


def test_a_manual_schedule_starts_at_once_and_has_no_periods() -> None:
    manual = Schedule(ScheduleKind.MANUAL)
    assert first_anchor(manual, at("2027-01-16T10:30")) == at("2027-01-16T10:30")
    with pytest.raises(Refused) as refusal:
        boundary(manual, at("2027-01-16"), 1)
    assert refusal.value.code == "schedule_has_no_periods"


def test_the_longest_schedule_still_has_a_next_boundary() -> None:
    longest = Schedule(ScheduleKind.MONTH_STARTDATE, length=12_000)
    assert boundary(longest, at("2027-01-31"), 1).on == date(3027, 1, 31)
    with pytest.raises(Invalid) as refusal:
        boundary(longest, at("2027-01-31"), 12)
    assert refusal.value.code == "date_out_of_range"


@pytest.mark.parametrize(
    ("kind", "length", "fixed_day", "fixed_hour", "base_month", "field"),
    [
        ("daily", 0, None, 0, None, "length"),
        ("daily", 12_001, None, 0, None, "length"),
        ("weekly_fixedday", 1, None, 0, None, "fixed_day"),
        ("weekly_fixedday", 1, 8, 0, None, "fixed_day"),
        ("month_fixedday", 1, None, 0, None, "fixed_day"),
        ("month_fixedday", 1, 29, 0, None, "fixed_day"),
        ("month_fixedday", 1, 0, 0, None, "fixed_day"),
        ("month_startdate", 1, 5, 0, None, "fixed_day"),
        ("month_lastday", 1, 28, 0, None, "fixed_day"),
        ("month_lastday", 1, None, 24, None, "fixed_hour"),
        ("month_lastday", 1, None, -1, None, "fixed_hour"),
        ("daily", 1, None, 5, None, "fixed_hour"),
        ("month_fixedday", 1, 1, 0, 13, "base_month"),
        ("month_fixedday", 1, 1, 0, 0, "base_month"),
        ("weekly_fixedday", 1, 1, 0, 1, "base_month"),
    ],
)
def test_a_schedule_that_cannot_be_names_its_field(
    kind: str,
    length: int,
    fixed_day: int | None,
    fixed_hour: int,
    base_month: int | None,
    field: str,
) -> None:
    with pytest.raises(Invalid) as refusal:
        Schedule(ScheduleKind(kind), length, fixed_day, fixed_hour, base_month)
    assert refusal.value.field == field
    assert field in str(refusal.value)


@pytest.mark.feature("F042")
def test_sign_up_on_the_16th_of_a_30_day_month_is_15_of_30_days() -> None:
    start = at("2027-06-16")
    anchor = first_anchor(FIRST_OF_MONTH, start)
    full = period(FIRST_OF_MONTH, anchor, -1)
    assert (full.service_from, full.service_to) == (date(2027, 6, 1), date(2027, 6, 30))
    share = partial_share(Period(start, anchor), full, Proration.DAYS)
    assert (share, Period(start, anchor).days, full.days) == (Fraction(15, 30), 15, 30)


@pytest.mark.feature("F043")
def test_days_count_the_start_day_whole_and_minutes_do_not() -> None:
    start = at("2027-06-16T12:00")
    anchor = first_anchor(FIRST_OF_MONTH, start)
    partial, full = Period(start, anchor), period(FIRST_OF_MONTH, anchor, -1)
    assert partial_share(partial, full, Proration.DAYS) == Fraction(15, 30)
    assert partial_share(partial, full, Proration.MINUTES) == Fraction(29, 60)


def test_a_day_of_23_hours_is_a_day_but_has_fewer_minutes() -> None:
    march = Period(at("2027-03-01"), at("2027-04-01"))
    moment = at("2027-03-28")
    assert march.days == 31
    assert march.share_from(moment, Proration.DAYS) == Fraction(4, 31)
    assert march.share_from(moment, Proration.MINUTES) == Fraction(4 * 24 - 1, 31 * 24 - 1)


def test_waiting_for_a_base_month_may_cost_more_than_a_period() -> None:
    novembers = Schedule(ScheduleKind.MONTH_FIXEDDAY, fixed_day=1, base_month=11)
    start = at("2027-09-01")
    anchor = first_anchor(novembers, start)
    full = period(novembers, anchor, -1)
    assert partial_share(Period(start, anchor), full, Proration.DAYS) == Fraction(61, 31)


def test_a_partial_and_a_full_period_end_together() -> None:
    with pytest.raises(Invalid) as refusal:
        partial_share(
            Period(at("2027-06-16"), at("2027-07-01")),
            Period(at("2027-05-01"), at("2027-06-01")),
            Proration.DAYS,
        )
    assert refusal.value.code == "partial_period_elsewhere"


@given(schedules, starts, st.integers(0, 5), st.floats(-0.2, 1.2), st.sampled_from(Proration))
def test_a_share_lies_between_nothing_and_all(
    schedule: Schedule, start: Boundary, n: int, where: float, by: Proration
) -> None:
    whole = period(schedule, first_anchor(schedule, start), n)
    moment = whole.start.local + (whole.end.local - whole.start.local) * where
    share = whole.share_from(Boundary(moment.replace(second=0, microsecond=0), start.zone), by)
    assert 0 <= share <= 1
    assert whole.share_from(whole.start, by) == 1
    assert whole.share_from(whole.end, by) == 0


@given(starts, st.integers(0, 40), st.integers(0, 40), st.sampled_from(Proration))
def test_the_share_ahead_never_grows(start: Boundary, one: int, other: int, by: Proration) -> None:
    whole = period(MONTHLY, start, 0)
    sooner, later = sorted([one, other])
    moments = [start.moved(start.local + timedelta(days=each)) for each in (sooner, later)]
    ahead = [whole.share_from(each, by) for each in moments]
    assert ahead[0] >= ahead[1]


def test_a_skipped_start_never_gives_more_than_all() -> None:
    whole = Period(at("2027-03-28T02:30"), at("2027-03-29T02:30"))
    assert whole.share_from(at("2027-03-28T03:00"), Proration.MINUTES) == 1


def test_a_skipped_moment_never_gives_less_than_nothing() -> None:
    whole = Period(at("2027-03-27T03:00"), at("2027-03-28T03:00"))
    assert whole.share_from(at("2027-03-28T02:30"), Proration.MINUTES) == 0


def test_a_day_that_never_dawned_has_no_minutes_to_share() -> None:
    lost = Period(at("2011-12-30", "Pacific/Apia"), at("2011-12-31", "Pacific/Apia"))
    noon = at("2011-12-30T12:00", "Pacific/Apia")
    assert lost.share_from(lost.start, Proration.MINUTES) == 1
    assert lost.share_from(noon, Proration.MINUTES) == 0
    assert lost.share_from(noon, Proration.DAYS) == 1


def test_a_period_holds_its_start_but_not_its_end() -> None:
    january = Period(at("2027-01-01"), at("2027-02-01"))
    assert january.contains(january.start.instant)
    assert january.contains(january.end.instant - timedelta(microseconds=1))
    assert not january.contains(january.end.instant)
    assert not january.contains(january.start.instant - timedelta(microseconds=1))


def test_a_day_cut_in_the_middle_belongs_to_the_later_period() -> None:
    first = Period(at("2027-01-01T14:00"), at("2027-02-01T14:00"))
    assert (first.service_from, first.service_to) == (date(2027, 1, 1), date(2027, 1, 31))


def test_a_stretch_within_one_day_serves_that_day() -> None:
    morning = Period(at("2027-01-01T09:00"), at("2027-01-01T14:00"))
    assert (morning.service_from, morning.service_to) == (date(2027, 1, 1), date(2027, 1, 1))
    assert morning.days == 0


def test_a_period_never_runs_backwards() -> None:
    with pytest.raises(Invalid) as refusal:
        Period(at("2027-02-01"), at("2027-01-01"))
    assert refusal.value.code == "period_ends_before_it_starts"


def test_two_zones_are_never_measured_together() -> None:
    abroad = at("2027-01-15", "America/Santiago")
    for act in (
        lambda: Period(at("2027-01-01"), abroad),
        lambda: Period(at("2027-01-01"), at("2027-02-01")).share_from(abroad, Proration.DAYS),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.code == "zone_mismatch"
