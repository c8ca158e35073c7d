"""Money: exact, bounded, one currency, and no cent lost."""

import copy
import pickle
from dataclasses import FrozenInstanceError
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.money import (
    CURRENCIES,
    Money,
    exponent,
    parse,
    round_half_away,
    show,
    total,
    zero,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 2**63 - 1
SMALLEST = -(2**63)
amounts = st.integers(-(10**15), 10**15)
fractions = st.fractions(min_value=-1000, max_value=1000)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_the_largest_and_the_smallest_amount_are_held() -> None:
    assert eur(LARGEST).minor == LARGEST
    assert eur(SMALLEST).minor == SMALLEST


@pytest.mark.parametrize("minor", [LARGEST + 1, SMALLEST - 1, 10**50])
def test_an_amount_beyond_64_bits_is_refused(minor: int) -> None:
    with pytest.raises(Invalid) as refusal:
        eur(minor)
    assert refusal.value.code == "amount_out_of_range"


def test_a_number_of_thousands_of_digits_is_refused_in_few_words() -> None:
    with pytest.raises(Invalid) as refusal:
        eur(10**5000)
    assert len(str(refusal.value)) < 200


def test_reckoning_beyond_64_bits_is_refused() -> None:
    acts: list[Callable[[], Money]] = [
        lambda: eur(LARGEST) + eur(1),
        lambda: eur(SMALLEST) - eur(1),
        lambda: -eur(SMALLEST),
        lambda: eur(LARGEST).times(2),
        lambda: eur(LARGEST).scaled(Fraction(3, 2)),
        lambda: total([eur(LARGEST), eur(1)], "EUR"),
    ]
    for act in acts:
        with pytest.raises(Invalid, match="more than an amount can hold"):
            act()


@pytest.mark.parametrize("minor", [1.0, True, "1", None, Decimal(1), Fraction(1)])
def test_only_a_whole_number_is_an_amount(minor: object) -> None:
    with pytest.raises(Invalid) as refusal:
        Money(minor, "EUR")  # type: ignore[arg-type]
    assert refusal.value.code == "amount_not_whole"


@pytest.mark.parametrize("currency", ["", "eur", "EU", "EURO", "XXX", "XAU", "XTS", "ABC", "EUR\0"])
def test_only_a_living_currency_is_a_currency(currency: str) -> None:
    for act in (lambda: Money(1, currency), lambda: exponent(currency)):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.code == "unknown_currency"


def test_two_currencies_are_never_taken_together() -> None:
    other = Money(1, "DKK")
    for act in (
        lambda: eur(1) + other,
        lambda: eur(1) - other,
        lambda: eur(1).compare(other),
        lambda: eur(1).is_less_than(other),
        lambda: eur(1).is_more_than(other),
        lambda: eur(1).capped_at(other),
        lambda: total([eur(1), other], "EUR"),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.code == "currency_mismatch"


def test_money_has_no_order_of_its_own() -> None:
    with pytest.raises(TypeError):
        assert eur(1) < eur(2)  # type: ignore[operator]


def test_equal_amounts_of_two_currencies_are_not_equal() -> None:
    assert eur(5) != Money(5, "USD")
    assert len({eur(5), eur(5), Money(5, "USD")}) == 2


def test_money_never_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        eur(5).minor = 6  # type: ignore[misc]


def test_money_survives_copying_and_pickling() -> None:
    assert pickle.loads(pickle.dumps(eur(5))) == copy.copy(eur(5)) == eur(5)


def test_comparison_says_less_equal_or_more() -> None:
    assert [eur(1).compare(eur(each)) for each in (0, 1, 2)] == [1, 0, -1]
    assert eur(1).is_less_than(eur(2))
    assert not eur(2).is_less_than(eur(2))
    assert eur(3).is_more_than(eur(2))
    assert not eur(2).is_more_than(eur(2))
    assert eur(5).capped_at(eur(3)) == eur(3) == eur(3).capped_at(eur(5))


def test_zero_is_neither_positive_nor_negative() -> None:
    signs = [(each.is_negative, each.is_zero, each.is_positive) for each in map(eur, (-1, 0, 1))]
    assert signs == [(True, False, False), (False, True, False), (False, False, True)]


@given(st.lists(amounts, max_size=20))
def test_the_total_is_the_sum(minors: list[int]) -> None:
    assert total(map(eur, minors), "EUR") == eur(sum(minors))


def test_the_total_of_nothing_is_zero() -> None:
    assert total([], "JPY") == zero("JPY") == Money(0, "JPY")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(49, 100), 0),
        (Fraction(-49, 100), 0),
        (Fraction(0), 0),
    ],
)
def test_a_half_goes_away_from_zero(value: Fraction, expected: int) -> None:
    assert round_half_away(value) == expected


@given(fractions)
def test_rounding_is_symmetric_and_off_by_half_at_most(value: Fraction) -> None:
    assert round_half_away(-value) == -round_half_away(value)
    assert abs(round_half_away(value) - value) <= Fraction(1, 2)


@given(amounts, st.integers(-10_000, 10_000))
def test_scaling_agrees_with_decimal_half_up(minor: int, basis_points: int) -> None:
    exact = Decimal(minor) * Decimal(basis_points) / Decimal(10_000)
    expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert eur(minor).scaled(Fraction(basis_points, 10_000)) == eur(expected)


def test_a_refund_mirrors_its_charge_to_the_cent() -> None:
    tax = Fraction(19, 100)
    assert eur(-150).scaled(tax) == -eur(150).scaled(tax) == eur(-29)


def test_ten_euros_split_in_three_lose_nothing() -> None:
    assert eur(1000).split([1, 1, 1]) == [eur(333), eur(334), eur(333)]


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_the_parts_sum_to_the_whole_and_lie_next_to_their_share(
    minor: int, weights: list[int]
) -> None:
    parts = eur(minor).split(weights)
    assert total(parts, "EUR") == eur(minor)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(minor * weight, sum(weights))) < 1
        assert weight or part.is_zero


@given(amounts, st.integers(1, 40))
def test_equal_weights_give_parts_at_most_a_cent_apart(minor: int, n: int) -> None:
    parts = [each.minor for each in eur(minor).split([1] * n)]
    assert max(parts) - min(parts) <= 1


@given(amounts, st.lists(st.integers(-1000, 1000), min_size=1, max_size=8).filter(sum))
def test_splitting_a_refund_mirrors_splitting_the_charge(minor: int, weights: list[int]) -> None:
    assert eur(-minor).split(weights) == [-each for each in eur(minor).split(weights)]
    assert total(eur(minor).split(weights), "EUR") == eur(minor)


def test_a_discount_among_the_lines_takes_its_own_part() -> None:
    assert eur(152).split([1000, -200]) == [eur(190), eur(-38)]


def test_nothing_splits_into_nothings() -> None:
    assert zero("EUR").split([0, 0]) == [zero("EUR"), zero("EUR")]
    assert zero("EUR").split([]) == []


@pytest.mark.parametrize("weights", [[], [0], [5, -5]])
def test_weights_that_cancel_out_are_refused(weights: list[int]) -> None:
    with pytest.raises(Invalid) as refusal:
        eur(1).split(weights)
    assert refusal.value.code == "weights_cancel_out"


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("12.3", "EUR", 1230),
        ("12", "EUR", 1200),
        ("-0.05", "EUR", -5),
        ("-0.00", "EUR", 0),
        ("1234", "JPY", 1234),
        ("1.234", "BHD", 1234),
        ("007", "EUR", 700),
        ("92233720368547758.07", "EUR", LARGEST),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1\n",
        "+1",
        "--1",
        "1.",
        ".5",
        "-",
        "1e3",
        "1,5",
        "1.000,5",
        "1_000",
        "NaN",
        "Infinity",
        "1\x00",
        "\u0661",
        "0x1",
        "1.2.3",
        "\u22121",
        "1" * 5000,
    ],
)
def test_what_is_not_plainly_an_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(text, "EUR")
    assert refusal.value.code == "amount_malformed"


@pytest.mark.parametrize(
    ("text", "currency"), [("1.234", "EUR"), ("1.230", "EUR"), ("1.0", "JPY"), ("1.0000", "KWD")]
)
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(text, currency)
    assert refusal.value.code == "too_many_decimals"


def test_an_amount_too_large_to_hold_is_refused_when_read() -> None:
    with pytest.raises(Invalid) as refusal:
        parse("92233720368547758.08", "EUR")
    assert refusal.value.code == "amount_out_of_range"


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123450, "EUR", "1234.50 EUR"),
        (-5, "EUR", "-0.05 EUR"),
        (0, "EUR", "0.00 EUR"),
        (1234, "JPY", "1234 JPY"),
        (-1, "BHD", "-0.001 BHD"),
        (SMALLEST, "EUR", "-92233720368547758.08 EUR"),
    ],
)
def test_an_amount_is_shown_plainly(minor: int, currency: str, text: str) -> None:
    assert show(Money(minor, currency)) == text


@given(st.integers(SMALLEST, LARGEST), st.sampled_from(sorted(CURRENCIES)))
def test_what_is_shown_can_be_read_again(minor: int, currency: str) -> None:
    number, code = show(Money(minor, currency)).split(" ")
    assert parse(number, code) == Money(minor, currency)


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("BHD", 3), ("CLF", 4)])
def test_the_decimals_are_those_of_iso_4217(currency: str, places: int) -> None:
    assert exponent(currency) == places
