"""Two clocks and the local date."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from kernel.clock import business_now, local_date, wall_now, zone
from kernel.errors import Invalid


def test_wall_time_is_real_and_in_utc() -> None:
    assert wall_now().tzinfo is UTC
    assert abs(wall_now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_an_account_without_a_clock_lives_in_real_time() -> None:
    assert abs(business_now(None) - wall_now()) < timedelta(seconds=5)


def test_a_frozen_clock_stands_still_and_speaks_utc() -> None:
    frozen = datetime(2027, 1, 31, 1, 0, tzinfo=timezone(timedelta(hours=1)))
    assert business_now(frozen) == datetime(2027, 1, 31, 0, 0, tzinfo=UTC)
    assert business_now(frozen).tzinfo is UTC


def test_a_frozen_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        business_now(datetime.fromisoformat("2027-01-31"))
    assert refusal.value.code == "naive_instant"


@pytest.mark.parametrize(
    ("zone_name", "expected"),
    [
        ("Europe/Berlin", date(2027, 1, 1)),
        ("America/Los_Angeles", date(2026, 12, 31)),
        ("Pacific/Apia", date(2027, 1, 1)),
        ("UTC", date(2026, 12, 31)),
    ],
)
def test_the_local_date_is_that_of_the_zone(zone_name: str, expected: date) -> None:
    assert local_date(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), zone_name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Europe",
        "Europe/Bonn",
        "../../etc/passwd",
        "/etc/localtime",
        "right/UTC",
        "a\x00b",
        "localtime",
        "Europe/Berlin ",
        "x" * 5000,
    ],
)
def test_what_is_no_place_is_no_zone(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        zone(name)
    assert refusal.value.code == "unknown_time_zone"
