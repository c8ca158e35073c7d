"""The sheet is even when every book says the same of every claim, and else names the claim."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.domain.sheet import NAMED_MAX, ClaimFacts, disagreement, sheet


def facts(handle="inv-1", gross=1990, settled=0, in_flight=0, currency="EUR"):
    """A claim on which all agree."""
    return ClaimFacts(
        handle=handle,
        currency=currency,
        lines=gross,
        document=gross,
        claim=gross,
        booked=gross,
        settled=settled,
        collected=settled,
        taken=settled,
        in_flight=in_flight,
    )


def test_what_is_open_is_what_is_neither_settled_nor_in_flight():
    made = sheet([facts(settled=1990), facts(gross=500, in_flight=500), facts(gross=70)])

    assert made.is_even
    assert made.as_json() == {
        "is_even": True,
        "currencies": {
            "EUR": {
                "claims": 3,
                "lines": 2560,
                "documents": 2560,
                "ledger": 2560,
                "settled": 1990,
                "in_flight": 500,
                "open": 70,
                "difference": 0,
            }
        },
        "disagreements": [],
    }


def test_currencies_are_never_added_together():
    made = sheet([facts(gross=100), facts(gross=7, currency="JPY")])

    assert {name: each.lines for name, each in made.columns.items()} == {"EUR": 100, "JPY": 7}


def test_a_run_without_claims_is_even():
    assert sheet([]).is_even


STATED = ("lines", "document", "claim", "booked")
PAID = ("settled", "collected", "taken")


@pytest.mark.parametrize("book", STATED + PAID)
@pytest.mark.parametrize("by", [-1, 1])
def test_a_cent_in_one_book_makes_the_sheet_uneven_and_names_the_claim(book, by):
    claim = facts("inv-7", gross=1990, settled=1000)

    made = sheet([facts("inv-6"), replace(claim, **{book: getattr(claim, book) + by})])

    assert not made.is_even
    (named,) = made.disagreements
    assert named.startswith("inv-7: ")
    assert str(getattr(claim, book) + by) in named


def test_more_settled_than_claimed_is_named():
    assert "more is settled" in disagreement(facts(gross=100, settled=60, in_flight=41))


def test_two_errors_that_cancel_out_in_the_sums_are_still_named():
    made = sheet([replace(facts("a"), lines=1991), replace(facts("b"), lines=1989)])

    assert [column.difference for column in made.columns.values()] == [0]
    assert not made.is_even
    assert len(made.disagreements) == 2


def test_only_the_first_twenty_are_named():
    made = sheet(replace(facts(f"inv-{n}"), lines=0) for n in range(50))

    assert len(made.disagreements) == NAMED_MAX == 20


AMOUNTS = st.integers(0, 3)
CLAIMS = st.builds(
    ClaimFacts,
    handle=st.just("inv"),
    currency=st.sampled_from(["EUR", "CHF"]),
    **dict.fromkeys((*STATED, *PAID, "in_flight"), AMOUNTS),
)
AGREED = st.tuples(AMOUNTS, AMOUNTS, AMOUNTS).map(
    lambda three: facts(gross=sum(three), settled=three[0], in_flight=three[1])
)


@given(st.lists(AGREED | CLAIMS, max_size=4))
def test_a_sheet_is_even_exactly_when_every_book_agrees_on_every_claim(claims):
    agree = all(
        each.lines == each.document == each.claim == each.booked
        and each.settled == each.collected == each.taken
        and each.settled + each.in_flight <= each.claim
        for each in claims
    )

    assert sheet(claims).is_even == agree
