"""Whole minor units of one currency, one rounding rule, and a division that loses nothing.

Rates (a metered price, a tax of 8.1 %) are Fractions; where one meets money, `half_away` rounds.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from iso4217 import Currency

from kernel.errors import Invalid

_LARGEST = 2**63 - 1
_SMALLEST = -(2**63)
# Metals, test codes and units of account have no decimals to count in: nobody is billed in them.
_EXPONENTS: dict[str, int] = {
    str(each.code): int(each.exponent) for each in Currency if each.exponent is not None
}
CURRENCIES = frozenset(_EXPONENTS)
_AMOUNT = re.compile(r"(-?)([0-9]{1,30})(?:\.([0-9]{1,30}))?")
_put = object.__setattr__


@dataclass(frozen=True, slots=True, init=False)
class Money:
    """`minor` fits a signed 64-bit column, `currency` is a live ISO 4217 code; else Invalid.

    There is no order on it: whoever compares says how, and two currencies never compare.
    """

    minor: int
    currency: str

    def __init__(self, minor: int, currency: str) -> None:
        if type(minor) is not int or not _SMALLEST <= minor <= _LARGEST:
            raise _not_an_amount(minor)
        if currency not in CURRENCIES:
            raise _unknown_currency(currency)
        _put(self, "minor", minor)
        _put(self, "currency", currency)

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise _mismatch(self, other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise _mismatch(self, other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    @property
    def is_zero(self) -> bool:
        return self.minor == 0

    @property
    def is_positive(self) -> bool:
        """Above zero; zero itself is neither positive nor negative."""
        return self.minor > 0

    @property
    def is_negative(self) -> bool:
        return self.minor < 0

    def compare(self, other: "Money") -> int:
        """-1, 0 or 1 as this is less than, equal to or more than the other."""
        if self.currency != other.currency:
            raise _mismatch(self, other)
        return (self.minor > other.minor) - (self.minor < other.minor)

    def is_less_than(self, other: "Money") -> bool:
        return self.compare(other) < 0

    def is_more_than(self, other: "Money") -> bool:
        return self.compare(other) > 0

    def capped_at(self, limit: "Money") -> "Money":
        """The smaller of the two."""
        return limit if self.compare(limit) > 0 else self

    def times(self, quantity: int) -> "Money":
        """Exact: nothing is rounded."""
        return Money(self.minor * quantity, self.currency)

    def scaled(self, by: Fraction) -> "Money":
        """Multiplied exactly and rounded once, half a unit away from zero."""
        return Money(half_away(self.minor * by.numerator, by.denominator), self.currency)

    def split(self, weights: Sequence[int]) -> "list[Money]":
        """Parts in proportion to the weights that sum to exactly this amount.

        Each part is less than one unit from its exact share, or at most one where weights have
        both signs: they may be negative (a discount among lines) as long as they do not cancel
        out. Nothing splits into nothings always.
        """
        if self.minor == 0:
            return [self] * len(weights)
        whole = sum(weights)
        if whole == 0:
            raise Invalid(
                "weights_cancel_out",
                "{amount} cannot be divided by weights that sum to zero.",
                amount=show(self),
            )
        parts, handed_out, reached = [], 0, 0
        for weight in weights:
            reached += weight
            due = half_away(self.minor * reached, whole)
            parts.append(Money(due - handed_out, self.currency))
            handed_out = due
        return parts


def zero(currency: str) -> Money:
    return Money(0, currency)


def total(moneys: Iterable[Money], currency: str) -> Money:
    """The sum; zero of that currency for none, Invalid for a stranger among them."""
    minor = 0
    for each in moneys:
        if each.currency != currency:
            raise _mismatch(zero(currency), each)
        minor += each.minor
    return Money(minor, currency)


def round_half_away(value: Fraction) -> int:
    """To the nearest whole, a half away from zero: a refund then mirrors what was charged."""
    return half_away(value.numerator, value.denominator)


def exponent(currency: str) -> int:
    """How many decimals people write: 2 for EUR, 0 for JPY, 3 for BHD."""
    places = _EXPONENTS.get(currency)
    if places is None:
        raise _unknown_currency(currency)
    return places


def parse(text: str, currency: str) -> Money:
    """Read "1234.5" or "-0.05" exactly: ASCII digits, at most one point, at most one minus sign
    in front, never more decimals than the currency has."""
    places = exponent(currency)
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise Invalid(
            "amount_malformed",
            '"{text}" is not an amount; write it like -1234.50, without spaces or separators.',
            text=text,
        )
    sign, whole, decimals = found[1], found[2], found[3] or ""
    if len(decimals) > places:
        raise Invalid(
            "too_many_decimals",
            '"{text}" has more decimals than {currency} knows: at most {places}.',
            text=text,
            currency=currency,
            places=places,
        )
    minor = int(whole + decimals.ljust(places, "0"))
    return Money(-minor if sign else minor, currency)


def show(money: Money) -> str:
    """Plain and the same in every language, for logs and errors: "-1234.50 EUR"."""
    places = exponent(money.currency)
    sign = "-" if money.minor < 0 else ""
    digits = str(abs(money.minor)).rjust(places + 1, "0")
    if places == 0:
        return f"{sign}{digits} {money.currency}"
    return f"{sign}{digits[:-places]}.{digits[-places:]} {money.currency}"


def half_away(numerator: int, denominator: int) -> int:
    """`round_half_away` of a quotient given by its parts: the one place where a cent is made."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def _not_an_amount(minor: object) -> Invalid:
    if type(minor) is not int:
        return Invalid(
            "amount_not_whole",
            "An amount is a whole number of minor units, not {amount} ({type}).",
            amount=minor,
            type=type(minor).__name__,
        )
    return Invalid(
        "amount_out_of_range",
        "{amount} is more than an amount can hold ({smallest} to {largest} minor units).",
        amount=str(minor) if abs(minor) < 10**60 else "the number",
        smallest=_SMALLEST,
        largest=_LARGEST,
    )


def _unknown_currency(currency: object) -> Invalid:
    return Invalid(
        "unknown_currency",
        '"{currency}" is not a currency; use three capital letters of ISO 4217, such as EUR.',
        currency=currency,
    )


def _mismatch(one: Money, other: Money) -> Invalid:
    return Invalid(
        "currency_mismatch",
        "{one} and {other} are different currencies and cannot be taken together.",
        one=show(one),
        other=show(other),
    )
