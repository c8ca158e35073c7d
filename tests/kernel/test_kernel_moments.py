"""Wall-clock moments: gaps, repeats, and dates that do not exist."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.moments import add_months, later, month_length
from kernel.periods import Boundary, Unit, local_moment, parse_date, trial_end

BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        ("2027-01-01T00:00", BERLIN, "2026-12-31T23:00"),
        ("2027-07-01T00:00", BERLIN, "2027-06-30T22:00"),
        # skipped: 02:00-03:00 does not happen
        ("2027-03-28T02:00", BERLIN, "2027-03-28T01:00"),
        ("2027-03-28T02:30", BERLIN, "2027-03-28T01:30"),
        ("2027-03-28T03:00", BERLIN, "2027-03-28T01:00"),
        # shown twice: 02:00-03:00, the first counts
        ("2027-10-31T02:30", BERLIN, "2027-10-31T00:30"),
        ("2027-10-31T03:00", BERLIN, "2027-10-31T02:00"),
        # the clock goes by half an hour
        ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:45"),
        ("2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-04T14:45"),
        # midnight itself is skipped
        ("2024-09-08T00:00", "America/Santiago", "2024-09-08T04:00"),
        ("2024-09-08T01:00", "America/Santiago", "2024-09-08T04:00"),
        # a whole day is skipped
        ("2011-12-30T00:00", "Pacific/Apia", "2011-12-30T10:00"),
        ("2011-12-31T00:00", "Pacific/Apia", "2011-12-30T10:00"),
        ("2027-01-01T00:00", "Asia/Kathmandu", "2026-12-31T18:15"),
    ],
)
def test_skipped_times_move_forward_and_repeated_ones_take_the_first(
    local: str, zone: str, instant: str
) -> None:
    assert local_moment(local, zone).instant == utc(instant)


def test_the_date_is_the_one_the_contract_names() -> None:
    assert local_moment("2011-12-30", "Pacific/Apia").on == date(2011, 12, 30)


@pytest.mark.parametrize(
    "local",
    [
        datetime.fromisoformat("2027-01-01T00:00:01"),
        datetime.fromisoformat("2027-01-01T00:00:00.000001"),
        datetime.fromisoformat("2027-01-01").replace(fold=1),
        datetime(2027, 1, 1, tzinfo=UTC),
    ],
)
def test_a_boundary_is_a_whole_minute_without_a_zone_of_its_own(local: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        Boundary(local, BERLIN)
    assert refusal.value.code == "moment_not_local"


def test_a_boundary_in_no_place_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        Boundary(datetime.fromisoformat("2027-01-01"), "Europe/Bonn")
    assert refusal.value.code == "unknown_time_zone"


def test_an_instant_becomes_what_the_wall_clock_shows() -> None:
    instant = datetime(2026, 12, 31, 23, 30, 59, 999, tzinfo=UTC)
    assert Boundary.at(instant, BERLIN) == local_moment("2027-01-01T00:30", BERLIN)
    elsewhere = instant.astimezone(timezone(timedelta(hours=-5)))
    assert Boundary.at(elsewhere, BERLIN) == Boundary.at(instant, BERLIN)


def test_the_second_showing_of_a_time_becomes_the_first() -> None:
    again = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert Boundary.at(again, BERLIN).instant == again - timedelta(hours=1)


def test_an_instant_of_no_zone_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        Boundary.at(datetime.fromisoformat("2027-01-01"), BERLIN)
    assert refusal.value.code == "naive_instant"


@given(
    st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2199-12-01")),
    st.sampled_from([BERLIN, "Australia/Lord_Howe", "America/Santiago", "UTC"]),
)
def test_an_instant_comes_back_unless_the_clock_showed_it_before(
    moment: datetime, zone: str
) -> None:
    instant = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    back = Boundary.at(instant, zone).instant
    assert back in {instant, instant - timedelta(hours=1), instant - timedelta(minutes=30)}
    assert Boundary.at(back, zone) == Boundary.at(instant, zone)


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-30",
        "2027-02-29",
        "2027-13-01",
        "2027-00-01",
        "2027-04-31",
        "2027-01-00",
        "1999-12-31",
        "2200-01-01",
        "0000-01-01",
        "27-01-01",
        "2027-1-1",
        "2027-0101",
        "202701-01",
        "",
        "today",
        "2027-01-01 ",
        " 2027-01-01",
        "2027-01-01\n",
        "2027-01-01\x00",
        "20270101T",
        "\u0662\u0660\u0662\u0667-01-01",
        "2027/01/01",
        "2027-W01-1",
        "2027-001",
        "-2027-01-01",
    ],
)
def test_a_date_that_does_not_exist_is_refused(text: str) -> None:
    for act in (lambda: parse_date(text), lambda: local_moment(text, BERLIN)):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.code == "invalid_date"


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-30T00:00",
        "2027-02-28T24:00",
        "2027-02-28T23:60",
        "2027-02-28T23:59:60",
        "2027-02-28T1:00",
        "2027-02-28T",
        "2027-02-28 10:00",
        "2027-02-28T10:00Z",
        "2027-02-28T10:00+01:00",
        "2027-02-28T10:00:00.5",
        "2027-02-28t10:00",
    ],
)
def test_a_moment_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        local_moment(text, BERLIN)
    assert refusal.value.code == "invalid_date"


@pytest.mark.parametrize("text", ["2000-01-01", "2199-12-31", "2028-02-29", "20280229"])
def test_the_days_of_two_centuries_are_read(text: str) -> None:
    assert parse_date(text).strftime("%Y%m%d") == text.replace("-", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-02-28", datetime.fromisoformat("2027-02-28")),
        ("20270228", datetime.fromisoformat("2027-02-28")),
        ("2027-02-28T09:30", datetime.fromisoformat("2027-02-28T09:30")),
        ("2027-02-28T09:30:59", datetime.fromisoformat("2027-02-28T09:30")),
    ],
)
def test_a_moment_is_read_to_the_minute(text: str, expected: datetime) -> None:
    assert local_moment(text, BERLIN) == Boundary(expected, BERLIN)


@given(st.integers(2000, 2199), st.integers(1, 12))
@example(2000, 2)
@example(2100, 2)
def test_the_length_of_a_month_is_that_of_the_calendar(year: int, month: int) -> None:
    following = date(year + month // 12, month % 12 + 1, 1)
    assert month_length(year, month) == (following - date(year, month, 1)).days


def test_months_are_clipped_at_their_end_in_both_directions() -> None:
    end_of_march = datetime.fromisoformat("2027-03-31T09:30")
    assert add_months(end_of_march, -1) == datetime.fromisoformat("2027-02-28T09:30")
    assert add_months(end_of_march, 11) == datetime.fromisoformat("2028-02-29T09:30")
    assert add_months(end_of_march, -15) == datetime.fromisoformat("2025-12-31T09:30")


@pytest.mark.parametrize(
    ("unit", "length", "fixed_days", "end"),
    [
        (Unit.DAYS, 14, True, "2027-01-29T00:00"),
        (Unit.DAYS, 14, False, "2027-01-29T15:30"),
        (Unit.MONTHS, 1, True, "2027-02-15T00:00"),
        (Unit.MONTHS, 1, False, "2027-02-15T15:30"),
    ],
)
def test_a_trial_ends_at_the_start_of_a_day_or_to_the_minute(
    unit: Unit, length: int, fixed_days: bool, end: str
) -> None:
    start = local_moment("2027-01-15T15:30", BERLIN)
    assert trial_end(start, unit, length, fixed_days=fixed_days) == local_moment(end, BERLIN)


def test_a_trial_of_a_month_from_the_31st_ends_with_february() -> None:
    start = local_moment("2027-01-31", BERLIN)
    end = trial_end(start, Unit.MONTHS, 1, fixed_days=True)
    assert end == local_moment("2027-02-28", BERLIN)


def test_a_trial_of_nothing_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        trial_end(local_moment("2027-01-31", BERLIN), Unit.DAYS, 0, fixed_days=True)
    assert refusal.value.field == "trial_interval_length"


@pytest.mark.parametrize(("unit", "length"), [(Unit.DAYS, 10**10), (Unit.MONTHS, 10**6)])
def test_a_moment_beyond_the_calendar_is_refused(unit: Unit, length: int) -> None:
    with pytest.raises(Invalid) as refusal:
        later(local_moment("2027-01-31", BERLIN), unit=unit, length=length)
    assert refusal.value.code == "date_out_of_range"
