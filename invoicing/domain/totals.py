"""The one rounding rule: lines once, tax once per rate, and everything adds up.

A line's amount arrives rounded, in the side its price is defined in. Tax is rounded once per
rate over all lines of that rate (EN 16931, BR-CO-17). It goes back to the lines by running
totals: each line gets the rounded tax up to and with it less that before it. So no line is off
by a cent or more, and lines, rates and totals agree to the cent whatever the signs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from invoicing.domain.draft import DraftLine


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net, tax and gross of a line in minor units; gross is always net plus tax."""

    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True)
class Totals:
    """A document's sums and those of its lines, in the order of the lines."""

    lines: tuple[Amounts, ...]
    net: int
    tax: int
    gross: int


def totals(lines: Sequence[DraftLine]) -> Totals:
    """Amounts of each line and of the whole; sums of lines equal the totals exactly."""
    running: dict[Fraction, int] = {}
    amounts = []
    net = tax = gross = 0
    for line in lines:
        rate = line.vat_rate
        for_net, for_gross, unit = _weights(rate)
        before = running.get(rate, 0)
        after = before + line.amount_minor * (for_gross if line.incl_vat else for_net)
        running[rate] = after
        line_tax = _rounded(after, unit) - _rounded(before, unit)
        line_net = line.amount_minor - line_tax if line.incl_vat else line.amount_minor
        amounts.append(Amounts(line_net, line_tax, line_net + line_tax))
        net += line_net
        tax += line_tax
        gross += line_net + line_tax
    return Totals(tuple(amounts), net, tax, gross)


@lru_cache(maxsize=1024)
def _weights(rate: Fraction) -> tuple[int, int, int]:
    """The tax in one minor unit of net and of gross, in parts of a common `unit`.

    For a rate p/q it is p/q of net and p/(p+q) of gross; both over q(p+q) are whole numbers.
    """
    p, q = rate.numerator, rate.denominator
    return p * (p + q), p * q, q * (p + q)


def _rounded(parts: int, unit: int) -> int:
    """Half a unit goes away from zero, so a credit mirrors its invoice."""
    whole = (abs(parts) * 2 + unit) // (unit * 2)
    return whole if parts >= 0 else -whole
