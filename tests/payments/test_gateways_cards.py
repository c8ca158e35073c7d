"""The test token form."""

import pytest

from kernel.errors import Invalid
from payments.acquirer.cards import BRANDS
from payments.gateways.cards import card_of_test_token, is_test_token


@pytest.mark.parametrize("pan", BRANDS)
@pytest.mark.feature("F021")
def test_every_test_card_can_be_written_as_a_token(pan):
    card = card_of_test_token(f"ct_test_{pan}_0731_888_customer_1")
    assert (card.pan, card.expiry, card.cvv) == (pan, "0731", "888")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "ct_test_",
        "ct_4111111111111111_0731_123_x",
        "ct_test_4111111111111111_0731_123",
        "ct_test_4111111111111111_0731_123_",
        "ct_test_4111111111111111_1331_123_x",
        "ct_test_4111111111111111_0031_123_x",
        "ct_test_4111111111111111_0731_12_x",
        "ct_test_4111 1111 1111 1111_0731_123_x",
        "ct_test_4111111111111111_0731_123_a\x00b",
        "ct_test_4111111111111111_0731_123_x\n",
        "ct_test_٤111111111111111_0731_123_x",
        "ct_test_4111111111111111_0731_123_" + "x" * 255,
    ],
)
def test_another_form_is_refused_without_repeating_it(token):
    with pytest.raises(Invalid) as refusal:
        card_of_test_token(token)
    assert refusal.value.code == "card_token_invalid"
    assert "4111" not in f"{refusal.value}{refusal.value.values}"


def test_another_number_is_refused_without_repeating_it():
    with pytest.raises(Invalid) as refusal:
        card_of_test_token("ct_test_4929939187355598_0731_123_x")
    assert refusal.value.code == "card_not_allowed"
    assert "4929939187355598" not in f"{refusal.value!r}{refusal.value}{refusal.value.values}"


def test_a_card_in_hand_prints_neither_number_nor_code():
    card = card_of_test_token("ct_test_4111111111111111_0731_987_x")
    shown = f"{card} {card!r} {[card]}"
    assert "4111" not in shown
    assert "987" not in shown


def test_only_the_test_form_is_taken_for_one():
    assert is_test_token("ct_test_4111111111111111_0731_123_x")
    assert not is_test_token("ct_0b5c")
