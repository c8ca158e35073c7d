"""Wall-clock moments in a zone, and how people and contracts write them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from kernel.clock import zone
from kernel.errors import Invalid

# What a person may enter. Reckoning goes further: an interval may be a thousand years long.
FIRST_YEAR, LAST_YEAR = 2000, 2199
_RECKONED_FROM, _RECKONED_TO = 1000, 9998

_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_MOMENT = re.compile(r"([0-9-]{8,10})(?:T([0-9]{2}):([0-5][0-9])(?::[0-5][0-9])?)?")


class Unit(StrEnum):
    """What trials and lifetimes are counted in."""

    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Boundary:
    """A minute on the wall clock of a place, as the contract names it.

    A time the clock skips happens as much later as the clock jumps; one it shows twice happens
    the first time.
    """

    local: datetime
    zone: str

    def __post_init__(self) -> None:
        local = self.local
        if local.tzinfo is not None or local.second or local.microsecond or local.fold:
            raise Invalid(
                "moment_not_local",
                "{moment} is not a whole minute on a wall clock.",
                moment=local.isoformat(),
            )
        if not _RECKONED_FROM <= local.year <= _RECKONED_TO:
            raise date_out_of_range(local.year)
        zone(self.zone)

    @classmethod
    def at(cls, instant: datetime, zone_name: str) -> "Boundary":
        """What the wall clock shows at this instant, cut to the minute. The second showing of a
        repeated time becomes the first, as a wall clock cannot tell them apart."""
        if instant.tzinfo is None:
            raise Invalid("naive_instant", "{at} has no time zone.", at=instant)
        local = instant.astimezone(zone(zone_name))
        return cls(local.replace(tzinfo=None, second=0, microsecond=0, fold=0), zone_name)

    @property
    def instant(self) -> datetime:
        """The same moment in UTC. Before a gap the zone's earlier offset counts (PEP 495), which
        is what carries a skipped time forward."""
        return _instant(self.local, self.zone)

    @property
    def on(self) -> date:
        """The date the contract names, even where that day never dawned (Apia, 30 Dec 2011)."""
        return self.local.date()

    @property
    def day_start(self) -> "Boundary":
        return Boundary(self.local.replace(hour=0, minute=0), self.zone)

    def moved(self, local: datetime) -> "Boundary":
        """Another moment in the same zone."""
        return Boundary(local, self.zone)


@lru_cache(maxsize=8192)
def _instant(local: datetime, zone_name: str) -> datetime:
    """Remembered, as the subscriptions of one run fall due at the same few moments."""
    return local.replace(tzinfo=zone(zone_name)).astimezone(UTC)


def later(start: Boundary, *, unit: Unit, length: int) -> Boundary:
    """`length` days or months on, at the same time of day, clipped to the end of the month."""
    move = add_months if unit is Unit.MONTHS else add_days
    return start.moved(move(start.local, length))


def trial_end(start: Boundary, unit: Unit, length: int, *, fixed_days: bool) -> Boundary:
    """With `fixed_days` the trial ends as its last day begins, else at the minute it started."""
    if length < 1:
        raise Invalid(
            "trial_too_short",
            "A trial lasts at least 1, not {length}.",
            field="trial_interval_length",
            length=length,
        )
    end = later(start, unit=unit, length=length)
    return end.day_start if fixed_days else end


def add_days(local: datetime, days: int) -> datetime:
    try:
        return local + timedelta(days=days)
    except OverflowError:
        raise date_out_of_range(local.year + days // 365) from None


def add_months(local: datetime, months: int, *, day: int | None = None) -> datetime:
    """The same day (or the one asked for) so many months on, or that month's last day."""
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    if not _RECKONED_FROM <= year <= _RECKONED_TO:
        raise date_out_of_range(year)
    wanted = local.day if day is None else day
    if wanted > 28:
        wanted = min(wanted, month_length(year, month + 1))
    return local.replace(year=year, month=month + 1, day=wanted)


def month_length(year: int, month: int) -> int:
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in {4, 6, 9, 11} else 31


def parse_date(text: str) -> date:
    """ "2027-02-28" or "20270228" between the years 2000 and 2199, else Invalid."""
    found = _DATE.fullmatch(text)
    if found is None or len(text) == 9:
        raise _invalid_date(text)
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise _invalid_date(text) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _invalid_date(text)
    return day


def local_moment(text: str, zone_name: str) -> Boundary:
    """A date, or a date and time to the minute or second ("2027-02-28T09:30"), on the wall clock
    of that zone. No time means the start of the day; seconds are cut off."""
    found = _MOMENT.fullmatch(text)
    if found is None or int(found[2] or 0) > 23:
        raise _invalid_date(text)
    day, hour, minute = parse_date(found[1]), int(found[2] or 0), int(found[3] or 0)
    return Boundary(datetime.combine(day, time(hour, minute)), zone_name)


def date_out_of_range(year: int) -> Invalid:
    return Invalid("date_out_of_range", "The calendar does not reach the year {year}.", year=year)


def _invalid_date(text: str) -> Invalid:
    return Invalid(
        "invalid_date",
        "'{text}' is not a date of the years {first} to {last}; write it like 2027-02-28 "
        "or 2027-02-28T09:30.",
        text=text,
        first=FIRST_YEAR,
        last=LAST_YEAR,
    )
