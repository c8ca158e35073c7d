"""Stretches of days that people ask for by name, counted from a day of their calendar."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from dashboard.chips import Words

Days = tuple[date, date]
DAY = timedelta(days=1)


def _yesterday(today: date) -> Days:
    return today - DAY, today - DAY


def _last_week(today: date) -> Days:
    monday = today - DAY * today.weekday()
    return monday - DAY * 7, monday - DAY


def _this_month(today: date) -> Days:
    return today.replace(day=1), months_later(today, 1) - DAY


def _last_month(today: date) -> Days:
    return months_later(today, -1), today.replace(day=1) - DAY


def _last_three_months(today: date) -> Days:
    return months_later(today, -3), today.replace(day=1) - DAY


def _last_year(today: date) -> Days:
    return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)


PRESETS: Mapping[str, tuple[Words, Callable[[date], Days]]] = {
    "yesterday": (_("Yesterday"), _yesterday),
    "last_week": (_("Last week"), _last_week),
    "this_month": (_("This month"), _this_month),
    "last_month": (_("Last month"), _last_month),
    "last_3_months": (_("Last 3 months"), _last_three_months),
    "last_year": (_("Last year"), _last_year),
}
"""Whole weeks, months and years of the calendar, first and last day included."""


def months_later(day: date, months: int) -> date:
    """The first day of the month that many months on."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
