"""The telco data set's rows as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from operations.domain.telco import MEANS, PLANS, list_price, subscriber
from payments.acquirer.cards import BRANDS
from payments.gateways.cards import card_of_test_token

MONTHLY = "Month-to-month"


@given(st.integers(0, 20_000))
def test_a_charge_is_its_decimal_text_to_the_cent(cents):
    """20.05 as a binary number is a little less than 20.05; its text is not."""
    charge = repr(cents / 100)

    assert subscriber(1, charge, MONTHLY, MEANS[0]).charge_minor == cents


def test_a_charge_with_a_third_place_is_refused():
    with pytest.raises(Invalid, match="more decimals"):
        subscriber(1, "29.855", MONTHLY, MEANS[0])


@pytest.mark.parametrize(("contract", "means"), [("Weekly", MEANS[0]), (MONTHLY, "Cash")])
def test_a_word_the_data_set_is_not_known_to_hold_is_refused(contract, means):
    with pytest.raises(Invalid, match="Row 7 of the data set"):
        subscriber(7, "1.0", contract, means)


def test_every_contract_has_its_plan():
    assert [subscriber(1, "1.0", each, MEANS[0]).plan for each in PLANS] == [
        "month-to-month",
        "one-year",
        "two-year",
    ]


def test_a_mailed_check_has_nothing_to_draw_from():
    assert subscriber(1, "1.0", MONTHLY, "Mailed check").card is None


@pytest.mark.parametrize("means", MEANS[:-1])
def test_cards_are_magic_ones_the_same_every_time_and_some_of_them_fail(means):
    people = [subscriber(number, "1.0", MONTHLY, means) for number in range(3000)]

    cards = [card_of_test_token(each.card or "") for each in people]

    again = [subscriber(number, "1.0", MONTHLY, means).card for number in range(3000)]
    assert again == [each.card for each in people]
    assert {each.pan for each in cards} <= BRANDS.keys()
    failing = sum(each.cvv != "123" for each in cards)
    assert 100 < failing < 600


def test_a_plan_costs_the_middle_charge_of_its_contract():
    people = [subscriber(n, f"{n}.0", "One year", MEANS[0]) for n in (5, 1, 9)]

    assert (list_price(people, "One year"), list_price(people, "Two year")) == (500, 0)
