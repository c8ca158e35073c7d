"""How amounts, dates and instants look in the reader's language."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import TypeAlias

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol
from django.utils.translation import get_language

from kernel.clock import zone
from kernel.money import exponent

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
LOCALES = {"de": "de_DE", "en": "en_GB"}

_TOUCHING = re.compile(r"(?<=[A-Z]{3})(?=-?\d)")

Day: TypeAlias = date


def locale() -> Locale:
    """The reader's; English where nothing else is known."""
    return _locale((get_language() or "en")[:2])


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language, "en_GB"))


def decimal_of(minor: int, currency: str) -> Decimal:
    """Exactly the amount, in whole units of the currency."""
    return Decimal(minor).scaleb(-exponent(currency))


def money(minor: int, currency: str) -> str:
    """The amount with its currency, a true minus where it is negative."""
    shown = format_currency(decimal_of(minor, currency), currency, locale=locale())
    # A currency without a sign of its own shows its letters, and letters need room.
    return _TOUCHING.sub("\N{NO-BREAK SPACE}", shown).replace("-", MINUS)


def amount(minor: int, currency: str) -> str:
    """The amount alone, for a column that names its currency once."""
    places = exponent(currency)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    shown = format_decimal(decimal_of(minor, currency), pattern, locale=locale())
    return shown.replace("-", MINUS)


def symbol(currency: str) -> str:
    return str(get_currency_symbol(currency, locale=locale()))


def number(value: int | Decimal) -> str:
    return str(format_decimal(value, locale=locale())).replace("-", MINUS)


def percent(value: Decimal) -> str:
    """A rate between 0 and 1 as people write it, with the places that it has."""
    return str(format_percent(value, "#,##0.######\N{NO-BREAK SPACE}%", locale=locale()))


def day(value: Day) -> str:
    """21 Nov 2026."""
    return str(format_date(value, "medium", locale=locale()))


def month(value: Day) -> str:
    """November 2026."""
    return str(format_skeleton("yMMMM", datetime.combine(value, time.min), locale=locale()))


def short_month(value: Day) -> str:
    """Nov."""
    return str(format_date(value, "LLL", locale=locale()))


def day_of(at: datetime, zone_name: str) -> str:
    """The instant's date on that zone's calendar."""
    return day(at.astimezone(zone(zone_name)).date())


def moment(at: datetime, zone_name: str) -> str:
    """Date and minute in that zone."""
    return str(format_datetime(at.astimezone(zone(zone_name)), "medium", locale=locale())).rsplit(
        ":", 1
    )[0]


def whole_moment(at: datetime, zone_name: str) -> str:
    """All there is to say of the instant, for the hover: its second and its zone."""
    shown = format_datetime(at.astimezone(zone(zone_name)), "long", locale=locale())
    return f"{shown} ({zone_name})"


def period(start: Day, last: Day) -> str:
    """From the first to the last day, both included."""
    return f"{day(start)} {DASH} {day(last)}"


def country(code: str) -> str:
    """The country's name, or its letters where it has none."""
    return str(locale().territories.get(code, code)) if code else ""


def countries() -> list[tuple[str, str]]:
    """Every country by letters and name, in the order of the names."""
    codes = [str(each) for each in locale().territories]
    letters = {each for each in codes if len(each) == 2 and each.isalpha()} - _NO_COUNTRIES
    return sorted(((each, country(each)) for each in letters), key=lambda each: each[1])


_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
