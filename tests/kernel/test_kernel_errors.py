"""Refusals: a stable code, plain values, a sentence for people."""

import pickle
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest

from kernel.errors import (
    Conflict,
    Invalid,
    KontorError,
    NotFound,
    Refused,
    TransitionRefused,
    Upstream,
)


class Colour(StrEnum):
    RED = "red"


def test_a_sentence_is_built_from_the_values() -> None:
    error = Refused("handle_taken", "The handle {handle} is taken.", handle="gold")
    assert str(error) == "The handle gold is taken."
    assert error.code == "handle_taken"


def test_without_a_sentence_the_code_becomes_one() -> None:
    assert str(Conflict("invoice_locked")) == "Invoice locked."
    assert str(Invalid("too_many", limit=3, field="lines")) == "Too many (limit: 3, field: lines)."


def test_values_become_plain_text_numbers_and_truth() -> None:
    values = Refused(
        "x",
        state=Colour.RED,
        id=UUID(int=1),
        rate=Decimal("1.50"),
        on=True,
        none=None,
        many=[Colour.RED, "b"],
    ).values
    assert values == {
        "state": "red",
        "id": "00000000-0000-0000-0000-000000000001",
        "rate": "1.50",
        "on": True,
        "none": None,
        "many": "red, b",
    }
    assert type(values["state"]) is str


def test_a_value_may_be_called_code() -> None:
    assert Refused("coupon_used", "{code} was used.", code="SPRING").values == {"code": "SPRING"}


@pytest.mark.parametrize("text", ["{0.__class__}", "{handle.__class__}", "{", "{unknown}", "%s"])
def test_braces_in_foreign_text_are_only_text(text: str) -> None:
    assert str(Refused("x", f"No {text} here.", handle="gold")) == f"No {text} here."
    assert str(Refused("x", "No {handle} here.", handle=text)) == f"No {text} here."


def test_a_very_long_value_is_cut_in_the_sentence_alone() -> None:
    error = Refused("x", "No {handle}.", handle="a" * 5000)
    assert len(str(error)) < 250
    assert error.values["handle"] == "a" * 5000


def test_not_found_tells_the_kind_and_the_key_and_nothing_else() -> None:
    error = NotFound("payment_method", "pm-1")
    assert str(error) == 'There is no payment method "pm-1".'
    assert error.code == "payment_method_not_found"
    assert error.values == {"kind": "payment_method", "key": "pm-1"}


def test_a_refused_transition_names_the_acts_that_are_possible() -> None:
    error = TransitionRefused("active", "resume", ["pause", "expire"])
    assert str(error) == (
        '"resume" is not possible in the state "active". Possible now: pause, expire.'
    )
    assert isinstance(error, Refused)
    assert error.code == "transition_refused"


def test_an_invalid_value_names_its_field() -> None:
    assert Invalid("x", field="currency").field == "currency"
    assert Invalid("x").field is None


@pytest.mark.parametrize(
    "error",
    [
        Refused("a", "b {c}", c=1),
        Invalid("a", field="b"),
        NotFound("plan", "gold"),
        Conflict("a"),
        Upstream("a"),
        TransitionRefused("a", "b", ["c"]),
    ],
)
def test_every_error_survives_the_way_to_another_process(error: KontorError) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert (arrived.code, arrived.values, str(arrived)) == (error.code, error.values, str(error))
