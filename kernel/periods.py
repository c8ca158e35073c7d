"""Schedules, their boundaries, and the periods between them.

Every boundary is counted from the anchor and none from its neighbour, so an anchor on the 31st
finds its way back after a short month. Shares are exact fractions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from kernel.errors import Invalid, Refused
from kernel.moments import (
    Boundary,
    Unit,
    add_days,
    add_months,
    later,
    local_moment,
    month_length,
    parse_date,
    trial_end,
)

__all__ = [
    "Boundary",
    "Period",
    "Proration",
    "Schedule",
    "ScheduleKind",
    "Unit",
    "boundary",
    "first_anchor",
    "later",
    "local_moment",
    "parse_date",
    "partial_share",
    "period",
    "trial_end",
]

_LENGTH_MAX = 12_000
_SECOND = timedelta(seconds=1)


class ScheduleKind(StrEnum):
    MANUAL = "manual"
    DAILY = "daily"
    WEEKLY_FIXEDDAY = "weekly_fixedday"
    MONTH_STARTDATE = "month_startdate"
    MONTH_FIXEDDAY = "month_fixedday"
    MONTH_LASTDAY = "month_lastday"

    @property
    def has_fixed_start(self) -> bool:
        """Whether the calendar, not the sign-up, says where full periods begin."""
        return self in _FIXED


class Proration(StrEnum):
    """Whether a part of a period is counted in local calendar days or in elapsed minutes."""

    DAYS = "days"
    MINUTES = "minutes"


_FIXED = frozenset(
    {ScheduleKind.WEEKLY_FIXEDDAY, ScheduleKind.MONTH_FIXEDDAY, ScheduleKind.MONTH_LASTDAY}
)
_FIXED_MONTHS = frozenset({ScheduleKind.MONTH_FIXEDDAY, ScheduleKind.MONTH_LASTDAY})
_FIXED_DAY_MAX = {ScheduleKind.WEEKLY_FIXEDDAY: 7, ScheduleKind.MONTH_FIXEDDAY: 28}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A billing rhythm: every `length` days, weeks or months.

    `fixed_day` is 1 (Monday) to 7 for weeks and 1 to 28 for months; `fixed_hour` and, for months,
    `base_month` belong to the fixed kinds only. Invalid names the field that is wrong.
    """

    kind: ScheduleKind
    length: int = 1
    fixed_day: int | None = None
    fixed_hour: int = 0
    base_month: int | None = None

    def __post_init__(self) -> None:
        _within("length", self.length, 1, _LENGTH_MAX)
        day_max = _FIXED_DAY_MAX.get(self.kind)
        if day_max is not None:
            _within("fixed_day", self.fixed_day, 1, day_max)
        elif self.fixed_day is not None:
            raise _not_used("fixed_day", self.kind)
        _within("fixed_hour", self.fixed_hour, 0, 23)
        if self.fixed_hour and self.kind not in _FIXED:
            raise _not_used("fixed_hour", self.kind)
        if self.base_month is not None:
            _within("base_month", self.base_month, 1, 12)
            if self.kind not in _FIXED_MONTHS:
                raise _not_used("base_month", self.kind)

    @property
    def start_months(self) -> range:
        """The months of the year in which a first full period may start."""
        if self.base_month is None:
            return range(1, 13)
        return range(self.base_month, 13, self.length)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to but without `end`, both in one zone and in this order."""

    start: Boundary
    end: Boundary

    def __post_init__(self) -> None:
        if self.start.zone != self.end.zone:
            raise _other_zone(self.start, self.end)
        if self.start.local > self.end.local:
            raise Invalid(
                "period_ends_before_it_starts",
                "A period cannot run from {start} to {end}.",
                start=self.start.local,
                end=self.end.local,
            )

    @property
    def days(self) -> int:
        """Calendar days of the place; a day of 23 or 25 hours is a day."""
        return (self.end.on - self.start.on).days

    @property
    def service_from(self) -> date:
        return self.start.on

    @property
    def service_to(self) -> date:
        """The last day paid for, inclusive. Where periods change in the middle of a day, the day
        belongs to the later one, so that service dates never overlap."""
        return max(self.start.on, self.end.on - timedelta(days=1))

    def contains(self, instant: datetime) -> bool:
        return self.start.instant <= instant < self.end.instant

    def share_from(self, moment: Boundary, by: Proration) -> Fraction:
        """What part of the period is still ahead, exactly: 1 up to its start, 0 from its end on.
        Counted in days, the day of `moment` is ahead as a whole."""
        if moment.zone != self.start.zone:
            raise _other_zone(moment, self.start)
        if moment.local <= self.start.local:
            return Fraction(1)
        if moment.local >= self.end.local:
            return Fraction(0)
        ahead = Period(moment, self.end)
        if by is Proration.DAYS:
            return _ratio(ahead.days, self.days)
        # A start the clock skipped may lie after a moment with a later name.
        whole = _seconds(self)
        return _ratio(min(_seconds(ahead), whole), whole)


def boundary(schedule: Schedule, anchor: Boundary, n: int) -> Boundary:
    """The n-th boundary; the anchor is number 0 and keeps its day and time of day for ever.
    Negative n looks back. Refused for a manual schedule, which has no boundaries."""
    if n == 0:
        return anchor
    kind, steps, local = schedule.kind, schedule.length * n, anchor.local
    if kind is ScheduleKind.MONTH_STARTDATE or kind is ScheduleKind.MONTH_FIXEDDAY:
        return anchor.moved(add_months(local, steps))
    if kind is ScheduleKind.MONTH_LASTDAY:
        return anchor.moved(add_months(local, steps, day=31))
    if kind is ScheduleKind.DAILY:
        return anchor.moved(add_days(local, steps))
    if kind is ScheduleKind.WEEKLY_FIXEDDAY:
        return anchor.moved(add_days(local, 7 * steps))
    raise Refused(
        "schedule_has_no_periods",
        "A manual schedule has no periods: its invoices are made on demand.",
    )


def period(schedule: Schedule, anchor: Boundary, n: int) -> Period:
    """The full period from boundary n to the next; number -1 is the one ending at the anchor."""
    return Period(boundary(schedule, anchor, n), boundary(schedule, anchor, n + 1))


def first_anchor(schedule: Schedule, start: Boundary) -> Boundary:
    """Where the first full period begins: `start` itself, or for the fixed kinds the first fixed
    day not before it, in a month that may start one."""
    if not schedule.kind.has_fixed_start:
        return start
    # Both, because around a skipped hour the names and the instants are not in the same order.
    local, instant = start.local, start.instant
    return next(
        each
        for each in _fixed_days(schedule, start)
        if each.local >= local and each.instant >= instant
    )


def partial_share(partial: Period, full: Period, by: Proration) -> Fraction:
    """What part of a full price the stretch before the first fixed boundary costs, where `full`
    is the period that would end there. Above 1 only where a base month makes the customer wait
    longer than a whole period."""
    if partial.end != full.end:
        raise Invalid(
            "partial_period_elsewhere",
            "The partial period ends {partial}, the full one {full}; both must end together.",
            partial=partial.end.local,
            full=full.end.local,
        )
    if by is Proration.DAYS:
        return _ratio(partial.days, full.days)
    return _ratio(_seconds(partial), _seconds(full))


def _fixed_days(schedule: Schedule, start: Boundary) -> Iterator[Boundary]:
    """Rising from at most a period before `start`, without end."""
    local = start.local.replace(hour=schedule.fixed_hour, minute=0)
    if schedule.kind is ScheduleKind.WEEKLY_FIXEDDAY:
        ahead = (schedule.fixed_day or 1) - local.isoweekday()
        for week in range(4):
            yield start.moved(add_days(local, ahead + 7 * week))
        return
    first_of_month = local.replace(day=1)
    for months in range(26):
        each = add_months(first_of_month, months)
        if each.month in schedule.start_months:
            day = schedule.fixed_day or month_length(each.year, each.month)
            yield start.moved(each.replace(day=day))


def _ratio(part: int, whole: int) -> Fraction:
    """A period without a countable day or minute has no share left once it has begun."""
    return Fraction(part, whole) if whole else Fraction(0)


def _seconds(stretch: Period) -> int:
    return max(0, (stretch.end.instant - stretch.start.instant) // _SECOND)


def _within(field: str, value: int | None, low: int, high: int) -> None:
    if value is None or not low <= value <= high:
        raise Invalid(
            f"schedule_{field}_out_of_range",
            "{field} must be from {low} to {high} for this schedule, not {value}.",
            field=field,
            low=low,
            high=high,
            value=value,
        )


def _not_used(field: str, kind: ScheduleKind) -> Invalid:
    return Invalid(
        f"schedule_{field}_not_used",
        "A schedule of type {kind} has no {field}; leave it out.",
        field=field,
        kind=kind,
    )


def _other_zone(one: Boundary, other: Boundary) -> Invalid:
    return Invalid(
        "zone_mismatch",
        "{one} and {other} are different time zones and cannot be measured together.",
        one=one.zone,
        other=other.zone,
    )
