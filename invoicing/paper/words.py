"""Amounts, dates and names as they stand on paper, in the document's language."""

import unicodedata
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_symbol

from kernel.money import exponent

LOCALES = {"de": "de", "en": "en_GB"}
MINUS, NO_BREAK = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
UNSEEN = frozenset(
    "\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
"""Characters that have no shape of their own and turn around or hide what stands beside them."""
STEERING = frozenset({"Cc", "Cs", "Co"})
"""Control characters, halves of characters, and those that mean what each font likes."""


def clean(text: str) -> str:
    """Somebody's text on one line, without what would steer the page instead of standing on it."""
    seen = (each for each in " ".join(text.split()) if each not in UNSEEN)
    return "".join(each for each in seen if unicodedata.category(each) not in STEERING).strip()


def amount(minor: int, currency: str, language: str) -> str:
    """The bare amount, for columns that name their currency once."""
    places = exponent(currency)
    value = Decimal(minor).scaleb(-places)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    text = format_decimal(abs(value), format=pattern, locale=LOCALES[language])
    return f"{MINUS}{text}" if minor < 0 else text


def money(minor: int, currency: str, language: str) -> str:
    """The amount with its currency, never broken over two lines."""
    symbol = get_currency_symbol(currency, locale=LOCALES[language])
    bare = amount(abs(minor), currency, language)
    sign = MINUS if minor < 0 else ""
    if language == "de":
        return f"{sign}{bare}{NO_BREAK}{symbol}"
    gap = NO_BREAK if symbol[-1].isalpha() else ""
    return f"{sign}{symbol}{gap}{bare}"


def number(value: int, language: str) -> str:
    """A whole number in groups of three."""
    text = format_decimal(abs(value), format="#,##0", locale=LOCALES[language])
    return f"{MINUS}{text}" if value < 0 else text


def percent(rate: Decimal, language: str) -> str:
    """A tax rate with as many places as it has."""
    text = format_decimal(rate * 100, format="0.####", locale=LOCALES[language])
    return f"{text}{NO_BREAK}%" if language == "de" else f"{text}%"


def day(value: date, language: str) -> str:
    """15.01.2026, or 15 Jan 2026."""
    return format_date(value, "medium", locale=LOCALES[language]).replace(" ", NO_BREAK)


def period(first: date, last: date, language: str) -> str:
    """From the first day to the last, both included; a single day alone."""
    if first == last:
        return day(first, language)
    dash = "\N{EN DASH}"
    return f"{day(first, language)} {dash} {day(last, language)}"


def in_fours(iban: str) -> str:
    """An IBAN in groups of four, as people copy it."""
    return NO_BREAK.join(iban[at : at + 4] for at in range(0, len(iban), 4))
