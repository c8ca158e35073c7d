"""The one rounding rule: lines, rates and totals agree to the cent, whatever the lines."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.draft import DraftLine
from invoicing.domain.totals import totals

RATES = st.sampled_from(["0", "0.19", "0.07", "0.081", "0.333", "0.5", "0.025"]).map(Fraction)
RATES |= st.integers(0, 999_999).map(lambda n: Fraction(n, 10**6))
AMOUNTS = st.integers(-9, 9) | st.integers(-(10**13), 10**13)


def line(amount, rate="0.19", *, incl_vat=True):
    return DraftLine(
        "plan",
        "plan",
        "Plan",
        1,
        amount,
        amount,
        incl_vat,
        Fraction(rate),
        date(2026, 1, 1),
        date(2026, 1, 31),
    )


LINES = st.lists(st.tuples(AMOUNTS, RATES, st.booleans()), min_size=1, max_size=8).map(
    lambda rows: [line(amount, rate, incl_vat=incl_vat) for amount, rate, incl_vat in rows]
)


def exact_tax(each):
    """The definition in other words than the code's: what of the amount is tax, not rounded."""
    share = each.vat_rate / (1 + each.vat_rate) if each.incl_vat else each.vat_rate
    return each.amount_minor * share


def half_away(value):
    whole, rest = divmod(abs(value), 1)
    rounded = whole + 1 if rest >= Fraction(1, 2) else whole
    return rounded if value >= 0 else -rounded


def sums(made):
    return made.net, made.tax, made.gross


@given(LINES)
def test_lines_add_up_to_the_totals_and_every_gross_is_net_plus_tax(lines):
    made = totals(lines)

    assert made.net == sum(each.net for each in made.lines)
    assert made.tax == sum(each.tax for each in made.lines)
    assert made.gross == sum(each.gross for each in made.lines) == made.net + made.tax
    assert all(each.gross == each.net + each.tax for each in made.lines)


@given(LINES)
def test_a_line_keeps_its_amount_in_the_side_its_price_is_defined_in(lines):
    made = totals(lines)

    stated = [
        each.gross if one.incl_vat else each.net
        for one, each in zip(lines, made.lines, strict=True)
    ]
    assert stated == [each.amount_minor for each in lines]


@given(LINES)
def test_the_tax_of_each_rate_is_the_exact_sum_rounded_once(lines):
    made = totals(lines)

    exact: dict[Fraction, Fraction] = defaultdict(Fraction)
    given_back: dict[Fraction, int] = defaultdict(int)
    for one, each in zip(lines, made.lines, strict=True):
        exact[one.vat_rate] += exact_tax(one)
        given_back[one.vat_rate] += each.tax
    assert dict(given_back) == {rate: half_away(tax) for rate, tax in exact.items()}


@given(LINES)
def test_a_credit_of_everything_mirrors_the_invoice_line_by_line(lines):
    made = totals(lines)

    mirrored = totals([each._replace(amount_minor=-each.amount_minor) for each in lines])

    assert [(-each.net, -each.tax, -each.gross) for each in mirrored.lines] == list(made.lines)
    assert sums(mirrored) == (-made.net, -made.tax, -made.gross)


@given(LINES.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_the_order_of_the_lines_changes_no_total(both):
    lines, shuffled = both

    assert sums(totals(shuffled)) == sums(totals(lines))


@given(LINES)
def test_no_line_is_off_its_exact_tax_by_more_than_a_cent(lines):
    made = totals(lines)

    for one, each in zip(lines, made.lines, strict=True):
        assert abs(each.tax - exact_tax(one)) <= 1


@given(LINES)
def test_where_all_lines_have_one_sign_no_line_is_off_by_a_whole_cent(lines):
    charged = [each._replace(amount_minor=abs(each.amount_minor)) for each in lines]

    made = totals(charged)

    for one, each in zip(charged, made.lines, strict=True):
        assert abs(each.tax - exact_tax(one)) < 1


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([line(2999)], (2520, 479, 2999), id="29.99 gross at 19 %"),
        pytest.param([line(2520, incl_vat=False)], (2520, 479, 2999), id="25.20 net at 19 %"),
        pytest.param([line(1000, "0.081")], (925, 75, 1000), id="10.00 gross at 8.1 %"),
        pytest.param(
            [line(10_000, "0.081", incl_vat=False)], (10_000, 810, 10_810), id="8.1 % net"
        ),
        pytest.param([line(1000, "0.1")], (909, 91, 1000), id="1000 JPY gross at 10 %"),
        pytest.param([line(995, "0.1", incl_vat=False)], (995, 100, 1095), id="995 JPY: 99.5 up"),
        pytest.param([line(1990), line(-1990)], (0, 0, 0), id="a discount of everything"),
        pytest.param([line(1990, "0")], (1990, 0, 1990), id="zero rate"),
        pytest.param([line(0)], (0, 0, 0), id="nothing"),
        pytest.param(
            [line(1000), line(1000, "0.07"), line(1000, incl_vat=False)],
            (1000 - 160 + 1000 - 65 + 1000, 160 + 65 + 190, 3190),
            id="two rates, and net beside gross",
        ),
    ],
)
def test_golden_amounts(lines, expected):
    assert sums(totals(lines)) == expected


@pytest.mark.feature("F141")
def test_three_lines_with_a_third_of_a_cent_of_tax_each_owe_one_cent():
    made = totals([line(1, "0.333", incl_vat=False)] * 3)

    assert sums(made) == (3, 1, 4)
    assert [each.tax for each in made.lines] == [0, 1, 0]


def test_tax_is_rounded_once_and_not_line_by_line():
    """Twelve times 0.0665 is 0.798: rounded line by line it would be 0.84."""
    made = totals([line(35, incl_vat=False)] * 12)

    assert made.tax == 80


def test_a_discount_takes_back_the_tax_it_lowers():
    made = totals([line(1990), line(-199)])

    assert [tuple(each) for each in made.lines] == [(1672, 318, 1990), (-167, -32, -199)]
    assert sums(made) == (1505, 286, 1791)
