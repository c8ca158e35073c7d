"""When a delivery that failed is tried again, and when it is given up."""

from datetime import datetime, timedelta

FIRST_GAPS = tuple(timedelta(minutes=each) for each in (2, 10, 20, 30))
HOURLY_TRIES = 23
LATER_GAP = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)
"""Counted from the making of the delivery, or from the day somebody had it sent again; what had to
wait behind others all that time is tried once."""


def gap(tries: int) -> timedelta:
    """How long to wait after so many failed tries: minutes, then hours, then four hours."""
    assert tries >= 1, "nothing has failed yet"
    if tries <= len(FIRST_GAPS):
        return FIRST_GAPS[tries - 1]
    return timedelta(hours=1) if tries <= len(FIRST_GAPS) + HOURLY_TRIES else LATER_GAP


def next_try(tries: int, *, began_at: datetime, now: datetime) -> datetime | None:
    """The next try after the `tries`-th failed at `now`; nothing when it is to be given up."""
    at = now + gap(tries)
    return at if at <= began_at + GIVE_UP_AFTER else None


def span(tries: int) -> timedelta:
    """From the first to the last of so many tries, were each refused at once."""
    return sum(map(gap, range(1, tries)), timedelta())
