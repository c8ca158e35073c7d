"""What the acquirer says is recorded once; what contradicts itself moves no money."""

from datetime import timedelta

import pytest

from foundation.models import DueItem, OutboxEvent, Parked
from foundation.tenancy import tenant
from invoicing.commands.settle import Settlement, settle
from invoicing.models import Invoice
from kernel.clock import wall_now
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.money import Money
from ledger.queries import balances
from payments import queries
from payments.commands import collect
from payments.commands.claim_attempts import LOOK_UP_KIND, claim_attempts
from payments.commands.record_attempts import record_attempts, release, send_again
from payments.commands.request_attempts import request_attempts
from payments.gateways.port import Outcome, OutcomeState
from payments.models import PaymentAttempt, PaymentMethod
from tests.factories import NOON
from tests.payments.test_request_attempts import claim_of, give, shop
from tests.witness import at_once, nothing_changes

LATER = timedelta(minutes=5)
LEASE = timedelta(seconds=90)
WALL = wall_now()


def word(attempt_id, state, *, error=None, amount=1190, currency="EUR"):
    said = Money(amount, currency) if amount is not None else None
    return Outcome(
        key=attempt_id, state=OutcomeState(state), error=error, gateway_reference="g-1", amount=said
    )


def say(account_id, *words, wall=WALL):
    with tenant(account_id) as account:
        record_attempts(account=account, outcomes=words, wall=wall, look_up_after=LATER)


def claim(account_id, limit=100, owner="me", now=WALL):
    with tenant(account_id) as account:
        return claim_attempts(account=account, limit=limit, owner=owner, now=now, lease=LEASE)


def in_flight(amount=1190, handle="inv-1"):
    """An account and an attempt that has been claimed for sending."""
    account_id = shop()
    give(account_id)
    invoice_id = claim_of(account_id, handle, amount)
    with tenant(account_id) as account:
        (attempt_id,) = request_attempts(account=account, invoice_ids=[invoice_id], now=NOON)
    claim(account_id)
    return account_id, attempt_id


def the_attempt(account_id):
    with tenant(account_id) as account:
        return PaymentAttempt.objects.of(account).get()


def the_invoice(account_id):
    with tenant(account_id) as account:
        return Invoice.objects.of(account).get()


def facts(account_id, kind):
    with tenant(account_id) as account:
        found = OutboxEvent.objects.of(account).filter(kind=kind)
        return list(found.values_list("payload", flat=True))


def parked(account_id):
    with tenant(account_id) as account:
        return list(Parked.objects.of(account).values_list("kind", "subject_id", "code"))


def drawn(account_id):
    with tenant(account_id) as account:
        return balances(account).get(("acquirer", "EUR"), 0)


def test_claiming_takes_each_attempt_once_under_a_lease_with_all_it_takes_to_send_it():
    account_id = shop()
    give(account_id)
    ids = [claim_of(account_id, f"inv-{n}", 100 + n) for n in range(3)]
    with tenant(account_id) as account:
        made = request_attempts(account=account, invoice_ids=ids, now=NOON)

    first, rest = claim(account_id, limit=2), claim(account_id)

    assert {each.id for each in first + rest} == set(made)
    assert (len(first), len(rest), claim(account_id)) == (2, 1, [])
    assert {(each.gateway, each.token) for each in first} == {("simulated", "token")}
    assert {each.amount for each in first + rest} == {Money(100 + n, "EUR") for n in range(3)}
    assert first[0].reference == f"{account_id.hex}.{first[0].id.hex}"
    with tenant(account_id) as account:
        rows = PaymentAttempt.objects.of(account)
        assert set(rows.values_list("state", "owner", "lease_until")) == {
            ("in_flight", "me", WALL + LEASE)
        }


def test_those_who_claim_at_once_share_the_attempts_out():
    account_id = shop()
    give(account_id)
    ids = [claim_of(account_id, f"inv-{n}") for n in range(12)]
    with tenant(account_id) as account:
        request_attempts(account=account, invoice_ids=ids, now=NOON)

    outcomes = at_once(*(lambda: claim(account_id, limit=5) for _ in range(4)))

    claimed = [each.id for batch in outcomes for each in batch]
    assert len(claimed) == len(set(claimed))
    assert len(claimed) + len(claim(account_id)) == 12


def test_a_success_settles_the_claim_books_it_and_says_so():
    account_id, attempt_id = in_flight()

    say(account_id, word(attempt_id, "succeeded"))

    attempt = the_attempt(account_id)
    assert (attempt.state, attempt.gateway_reference, attempt.ended_at) == (
        "succeeded",
        "g-1",
        WALL,
    )
    assert (attempt.lease_until, attempt.next_look_at) == (None, None)
    assert the_invoice(account_id).state == "settled"
    assert drawn(account_id) == 1190
    assert facts(account_id, "payment.succeeded") == [
        {"attempt_id": attempt_id.hex, "invoice_id": attempt.invoice_id.hex}
    ]


def test_the_same_word_again_late_and_doubled_changes_nothing():
    account_id, attempt_id = in_flight()
    say(account_id, word(attempt_id, "succeeded"))

    with nothing_changes(account_id):
        say(account_id, word(attempt_id, "succeeded"), word(attempt_id, "succeeded"))
        say(account_id, word(attempt_id, "processing"))
        say(account_id, word(attempt_id, "unknown", amount=None))


def test_a_word_said_by_two_at_once_settles_once():
    account_id, attempt_id = in_flight()

    outcomes = at_once(*(lambda: say(account_id, word(attempt_id, "succeeded")) for _ in range(4)))

    assert outcomes == [None] * 4
    assert drawn(account_id) == 1190
    assert len(facts(account_id, "payment.succeeded")) == 1


@pytest.mark.parametrize(
    ("state", "error", "is_final"),
    [
        ("soft_declined", "insufficient_funds", False),
        ("hard_declined", "credit_card_expired", True),
    ],
)
def test_a_decline_leaves_the_claim_open_and_says_so(state, error, is_final):
    account_id, attempt_id = in_flight()

    say(account_id, word(attempt_id, state, error=error))

    assert (the_attempt(account_id).state, the_attempt(account_id).error) == (state, error)
    assert (the_invoice(account_id).state, the_invoice(account_id).open_minor) == ("pending", 1190)
    assert drawn(account_id) == 0
    (fact,) = facts(account_id, "collection.failed")
    assert (fact["attempt_id"], fact["error"], fact["is_final"]) == (
        attempt_id.hex,
        error,
        is_final,
    )


@pytest.mark.parametrize(
    ("state", "error", "method_state"),
    [
        ("hard_declined", "credit_card_lost_or_stolen", "failed"),
        ("soft_declined", "insufficient_funds", "active"),
        ("hard_declined", "acquirer_error", "active"),
    ],
)
def test_a_hard_decline_fails_the_method_unless_the_chain_was_at_fault(state, error, method_state):
    account_id, attempt_id = in_flight()

    say(account_id, word(attempt_id, state, error=error))

    with tenant(account_id) as account:
        assert PaymentMethod.objects.of(account).get().state == method_state
    failed = facts(account_id, "payment_method.failed")
    assert [each["error"] for each in failed] == ([error] if method_state == "failed" else [])


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("succeeded", "hard_declined"),
        ("succeeded", "soft_declined"),
        ("hard_declined", "succeeded"),
        ("soft_declined", "succeeded"),
        ("soft_declined", "hard_declined"),
    ],
)
def test_a_word_that_overturns_the_last_one_is_parked_and_moves_nothing(first, then):
    account_id, attempt_id = in_flight()
    say(account_id, word(attempt_id, first, error="reason"))
    money, state = drawn(account_id), the_invoice(account_id).state

    say(account_id, word(attempt_id, then, error="reason"))
    say(account_id, word(attempt_id, then, error="reason"))

    assert the_attempt(account_id).state == first
    assert (drawn(account_id), the_invoice(account_id).state) == (money, state)
    assert parked(account_id) == [("attempt", attempt_id, "contradicting_outcome")]


@pytest.mark.parametrize("other", [{"amount": 1189}, {"currency": "USD"}, {"amount": 11900}])
def test_a_success_over_other_money_is_parked_and_no_longer_asked_for(other):
    account_id, attempt_id = in_flight()

    say(account_id, word(attempt_id, "succeeded", **other))

    attempt = the_attempt(account_id)
    assert (attempt.state, attempt.lease_until, attempt.next_look_at) == ("unknown", None, None)
    assert drawn(account_id) == 0
    assert parked(account_id) == [("attempt", attempt_id, "contradicting_outcome")]
    with tenant(account_id) as account:
        assert queries.questions(account, WALL + timedelta(days=365), 10) == []
        assert queries.next_question_at(account) is None
        assert queries.waiting_count(account) == 0
        sentence = Parked.objects.of(account).get().sentence
    assert sentence.startswith("asked for 1190 EUR, the acquirer says")


def test_a_person_has_a_parked_attempt_asked_for_again():
    account_id, attempt_id = in_flight()
    say(account_id, word(attempt_id, "succeeded", amount=1))

    with tenant(account_id) as account:
        release(account=account, attempt_id=attempt_id, by="anna", wall=WALL)

    with tenant(account_id) as account:
        assert [each.id for each in queries.questions(account, WALL, 10)] == [attempt_id]
        with pytest.raises(NotFound):
            release(account=account, attempt_id=attempt_id, by="anna", wall=WALL)
    say(account_id, word(attempt_id, "succeeded"))
    assert drawn(account_id) == 1190


def test_money_for_a_claim_that_was_settled_otherwise_parks_the_attempt_and_not_the_others():
    account_id, attempt_id = in_flight()
    invoice_id = the_attempt(account_id).invoice_id
    with tenant(account_id) as account:
        settle(account=account, settlements=[Settlement(invoice_id, new_id(), 1190)], now=NOON)
    other = claim_of(account_id, "inv-2")
    with tenant(account_id) as account:
        (second,) = request_attempts(account=account, invoice_ids=[other], now=NOON)
    claim(account_id)

    collect.record(account_id, [word(attempt_id, "succeeded"), word(second, "succeeded")])

    assert parked(account_id) == [("attempt", attempt_id, "over_settled")]
    with tenant(account_id) as account:
        states = dict(PaymentAttempt.objects.of(account).values_list("id", "state"))
        assert states == {attempt_id: "unknown", second: "succeeded"}
        assert queries.questions(account, WALL + timedelta(days=1), 10) == []


@pytest.mark.parametrize("state", ["unknown", "processing"])
def test_what_is_not_final_waits_to_be_looked_up(state):
    account_id, attempt_id = in_flight()

    say(account_id, word(attempt_id, state, error="timeout", amount=None))

    attempt = the_attempt(account_id)
    assert (attempt.state, attempt.error, attempt.next_look_at) == (
        "unknown",
        "timeout",
        WALL + LATER,
    )
    assert the_invoice(account_id).state == "pending"
    with tenant(account_id) as account:
        assert queries.questions(account, WALL + LATER - timedelta(seconds=1), 10) == []
        assert [each.id for each in queries.questions(account, WALL + LATER, 10)] == [attempt_id]
    due_at = DueItem.objects.filter(account_id=account_id, kind=LOOK_UP_KIND)
    assert WALL + LATER in set(due_at.values_list("due_at", flat=True))


def test_while_an_outcome_is_unknown_nothing_else_is_asked_for():
    account_id, attempt_id = in_flight()
    say(account_id, word(attempt_id, "unknown", amount=None))
    invoice_id = the_attempt(account_id).invoice_id

    with nothing_changes(account_id), tenant(account_id) as account:
        assert request_attempts(account=account, invoice_ids=[invoice_id], now=NOON) == []


def test_after_a_decline_the_claim_may_be_asked_for_again():
    account_id, attempt_id = in_flight()
    say(account_id, word(attempt_id, "soft_declined", error="insufficient_funds"))
    invoice_id = the_attempt(account_id).invoice_id

    with tenant(account_id) as account:
        (again,) = request_attempts(account=account, invoice_ids=[invoice_id], now=NOON)

    assert again != attempt_id


def test_only_an_attempt_of_unknown_outcome_is_sent_again():
    account_id, attempt_id = in_flight()

    with nothing_changes(account_id), tenant(account_id) as account:
        assert not send_again(account=account, attempt_id=attempt_id)
    say(account_id, word(attempt_id, "unknown", amount=None))
    with tenant(account_id) as account:
        assert send_again(account=account, attempt_id=attempt_id)
    assert (the_attempt(account_id).id, the_attempt(account_id).state) == (attempt_id, "requested")


def test_a_late_answer_to_the_first_sending_ends_an_attempt_that_waits_to_be_sent_again():
    account_id, attempt_id = in_flight()
    say(account_id, word(attempt_id, "unknown", amount=None))
    with tenant(account_id) as account:
        send_again(account=account, attempt_id=attempt_id)

    say(account_id, word(attempt_id, "succeeded"))

    assert the_attempt(account_id).state == "succeeded"
    assert claim(account_id) == []
    assert drawn(account_id) == 1190


def test_a_word_about_an_attempt_of_another_account_is_not_heard():
    account_id, attempt_id = in_flight()
    other = shop()

    with nothing_changes(account_id), nothing_changes(other):
        say(other, word(attempt_id, "succeeded"), word(new_id(), "succeeded"))
