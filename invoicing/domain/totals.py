"""The one rounding rule: lines once, tax once per rate, and everything adds up.

A line's amount arrives rounded, in the side its price is defined in. Tax is rounded once per
rate over all lines of that rate (EN 16931, BR-CO-17). It goes back to the lines by running
totals: each line gets the rounded tax up to and with it less that before it. So no line is off
by a cent or more while all have one sign, nor ever by more than a cent; and lines, rates and
totals agree to the cent whatever the signs.
"""

from collections.abc import Sequence
from typing import NamedTuple

from invoicing.domain.draft import DraftLine
from kernel.money import half_away


class Amounts(NamedTuple):
    """Net, tax and gross of a line in minor units; gross is always net plus tax."""

    net: int
    tax: int
    gross: int


class Totals(NamedTuple):
    """A document's sums and those of its lines, in the order of the lines."""

    lines: tuple[Amounts, ...]
    net: int
    tax: int
    gross: int


def totals(lines: Sequence[DraftLine]) -> Totals:
    """Amounts of each line and of the whole; sums of lines equal the totals exactly.

    Lines with gross prices get their tax before those with net ones, so that where both meet
    the order of the lines decides neither net nor gross.
    """
    first = lines[0].incl_vat if lines else True
    if all(line.incl_vat is first for line in lines):
        return _in_turn(lines)
    turns = sorted(range(len(lines)), key=lambda at: not lines[at].incl_vat)
    made = _in_turn([lines[at] for at in turns])
    amounts = dict(zip(turns, made.lines, strict=True))
    return made._replace(lines=tuple(amounts[at] for at in range(len(lines))))


def _in_turn(lines: Sequence[DraftLine]) -> Totals:
    running: dict[tuple[int, int], int] = {}
    amounts = []
    net = tax = gross = 0
    for line in lines:
        rate, amount = line.vat_rate, line.amount_minor
        key = p, q = rate.numerator, rate.denominator
        # The tax in one minor unit is p/q of net and p/(p+q) of gross: whole parts of q(p+q).
        unit = q * (p + q)
        before = running.get(key, 0)
        running[key] = after = before + amount * (p * q if line.incl_vat else p * (p + q))
        line_tax = half_away(after, unit) - half_away(before, unit)
        line_net = amount - line_tax if line.incl_vat else amount
        amounts.append(Amounts(line_net, line_tax, line_net + line_tax))
        net += line_net
        tax += line_tax
        gross += line_net + line_tax
    return Totals(tuple(amounts), net, tax, gross)
