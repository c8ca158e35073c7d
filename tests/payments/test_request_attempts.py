"""Money is asked for once per claim, from whatever path, and never without a means to draw it."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection

from customers.queries import by_handle
from foundation import outbox
from foundation.models import DueItem, OutboxEvent
from foundation.tenancy import tenant
from invoicing.commands.settle import Settlement, settle
from invoicing.models import Invoice
from kernel.errors import Invalid, NotFound, Refused
from kernel.ids import new_id
from payments import queries
from payments.commands.add_methods import NewMethod, add_methods, store_test_card
from payments.commands.collect import gateway_of
from payments.commands.request_attempts import DUE_KIND, request_attempts
from payments.gateways.port import StoredCard
from payments.models import PaymentAttempt, PaymentMethod
from tests.factories import GOOD_CARD, NOON, make_account, make_customers
from tests.invoicing.drafts import issue_one, line
from tests.witness import at_once, nothing_changes, refused

CARD = StoredCard(token="token", brand="visa", masked_number="411111XXXXXX1111", expiry="1239")


def shop(*customers):
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, *(customers or ("one",)))
    return account_id


def give(account_id, handle="one", card=CARD):
    with tenant(account_id) as account:
        (method_id,) = add_methods(
            account=account, methods=[NewMethod(by_handle(account, handle).id, card)], now=NOON
        )
    return method_id


def claim_of(account_id, handle="inv-1", amount=1190, **rest):
    with tenant(account_id) as account:
        return issue_one(account, handle, line(amount), **rest)


def ask(account_id, *invoice_ids):
    with tenant(account_id) as account:
        return request_attempts(account=account, invoice_ids=invoice_ids, now=NOON)


def attempts(account_id):
    with tenant(account_id) as account:
        found = PaymentAttempt.objects.of(account).order_by("id")
        return list(found.values_list("invoice_id", "state", "amount_minor", "currency"))


def failures(account_id):
    with tenant(account_id) as account:
        facts = OutboxEvent.objects.of(account).filter(kind="collection.failed")
        return list(facts.order_by("created_at", "position").values_list("payload", flat=True))


def test_an_open_claim_gets_an_attempt_for_what_is_open_by_the_newest_active_method():
    account_id = shop()
    give(account_id)
    newest = give(account_id)
    invoice_id = claim_of(account_id)
    with tenant(account_id) as account:
        settle(account=account, settlements=[Settlement(invoice_id, new_id(), 190)], now=NOON)

    (attempt_id,) = ask(account_id, invoice_id)

    with tenant(account_id) as account:
        attempt = PaymentAttempt.objects.of(account).get()
        assert (attempt.id, attempt.invoice_id, attempt.method_id) == (
            attempt_id,
            invoice_id,
            newest,
        )
        assert (attempt.state, attempt.amount_minor, attempt.currency) == ("requested", 1000, "EUR")
        assert (attempt.lease_until, attempt.next_look_at, attempt.ended_at) == (None, None, None)
    assert DueItem.objects.filter(account_id=account_id, kind=DUE_KIND).count() == 1


def test_asking_twice_asks_once():
    account_id = shop()
    give(account_id)
    invoice_id = claim_of(account_id)
    ask(account_id, invoice_id)

    with nothing_changes(account_id):
        assert ask(account_id, invoice_id, invoice_id) == []


def test_twenty_who_ask_at_once_get_one_attempt_between_them():
    account_id = shop()
    give(account_id)
    invoice_id = claim_of(account_id)

    outcomes = at_once(*(lambda: ask(account_id, invoice_id) for _ in range(20)))

    assert sorted(map(len, outcomes)) == [0] * 19 + [1]
    assert attempts(account_id) == [(invoice_id, "requested", 1190, "EUR")]


@pytest.mark.parametrize("busy", ["requested", "in_flight", "unknown"])
def test_the_database_lets_no_second_attempt_be_busy_with_a_claim(owner, busy):
    account_id = shop()
    give(account_id)
    ask(account_id, claim_of(account_id))
    columns = "account_id, invoice_id, method_id, amount_minor, currency, error, gateway_reference"

    with pytest.raises(psycopg.errors.UniqueViolation, match="payment_attempt_one_busy"):
        owner.execute(
            f"INSERT INTO payments_paymentattempt (id, state, owner, created_at, {columns}) "
            f"SELECT gen_random_uuid(), %s, '', now(), {columns} "
            "FROM payments_paymentattempt WHERE account_id = %s",
            [busy, account_id],
        )


def test_a_claim_whose_customer_has_no_method_is_a_failed_collection():
    account_id = shop()
    invoice_id = claim_of(account_id)

    assert ask(account_id, invoice_id) == []

    (fact,) = failures(account_id)
    assert (fact["invoice_id"], fact["attempt_id"], fact["error"], fact["is_final"]) == (
        invoice_id.hex,
        None,
        "no_payment_method",
        True,
    )
    assert attempts(account_id) == []


def test_a_failed_method_is_as_good_as_none():
    account_id = shop()
    method_id = give(account_id)
    with tenant(account_id) as account:
        PaymentMethod.objects.of(account).filter(id=method_id).update(state="failed")
    invoice_id = claim_of(account_id)

    assert ask(account_id, invoice_id) == []
    assert len(failures(account_id)) == 1


def test_settled_cancelled_and_free_claims_and_those_of_others_are_passed_over():
    account_id, other = shop(), shop()
    give(account_id)
    give(other)
    foreign = claim_of(other)
    free = claim_of(account_id, "free", 0)
    paid = claim_of(account_id, "paid", 100)
    cancelled = claim_of(account_id, "cancelled", 100)
    with tenant(account_id) as account:
        settle(account=account, settlements=[Settlement(paid, new_id(), 100)], now=NOON)
        Invoice.objects.of(account).filter(id=cancelled).update(state="cancelled")

    with nothing_changes(account_id), nothing_changes(other):
        assert ask(account_id, free, paid, cancelled, foreign, new_id()) == []


def test_each_customer_pays_by_a_method_of_her_own():
    account_id = shop("one", "two", "three")
    methods = {give(account_id, each) for each in ("one", "two")}
    claims = [
        claim_of(account_id, f"inv-{each}", customer=each) for each in ("one", "two", "three")
    ]

    made = ask(account_id, *claims)

    assert len(made) == 2
    with tenant(account_id) as account:
        found = PaymentAttempt.objects.of(account)
        assert set(found.values_list("method_id", flat=True)) == methods
    assert [each["invoice_id"] for each in failures(account_id)] == [claims[2].hex]


def test_what_is_issued_is_asked_for_when_it_is_heard_and_only_once():
    account_id = shop()
    give(account_id)
    invoice_id = claim_of(account_id)

    assert outbox.drain(account_id, limit=10) > 0
    assert attempts(account_id) == [(invoice_id, "requested", 1190, "EUR")]
    with nothing_changes(account_id):
        outbox.drain(account_id, limit=10)


def test_a_new_method_draws_what_its_customer_still_owes_and_what_no_other_does():
    account_id = shop("one", "two")
    owed = [claim_of(account_id, "a", 100), claim_of(account_id, "b", 200)]
    claim_of(account_id, "c", 300, customer="two")
    ask(account_id, *owed)

    give(account_id)
    outbox.drain(account_id, limit=10)

    assert attempts(account_id) == [
        (owed[0], "requested", 100, "EUR"),
        (owed[1], "requested", 200, "EUR"),
    ]


def test_a_method_added_while_a_claim_is_issued_draws_it_all_the_same():
    """Neither transaction sees the other; the one that is heard last sees both."""
    account_id = shop()
    with ThreadPoolExecutor(1) as elsewhere:
        with tenant(account_id) as account:
            customer_id = by_handle(account, "one").id
            add_methods(account=account, methods=[NewMethod(customer_id, CARD)], now=NOON)
            invoice_id = elsewhere.submit(issued_and_heard, account_id).result()
        outbox.drain(account_id, limit=10)

    assert attempts(account_id) == [(invoice_id, "requested", 1190, "EUR")]


def issued_and_heard(account_id):
    try:
        invoice_id = claim_of(account_id)
        outbox.drain(account_id, limit=10)
        return invoice_id
    finally:
        connection.close()


def test_a_method_for_a_customer_of_another_account_is_refused_as_for_none():
    account_id, other = shop(), shop()
    with tenant(other) as account:
        foreign = by_handle(account, "one").id

    for unknown in (foreign, new_id()):
        with refused(account_id, NotFound, "customer_not_found"), tenant(account_id) as account:
            add_methods(account=account, methods=[NewMethod(unknown, CARD)], now=NOON)


def test_a_method_holds_the_acquirers_token_and_no_card_number(acquirer):
    account_id = shop()
    with tenant(account_id) as account:
        card = store_test_card(account=account, token=GOOD_CARD, gateway=gateway_of("simulated"))

    give(account_id, card=card)

    with tenant(account_id) as account:
        row = PaymentMethod.objects.of(account).values().get()
    assert (row["brand"], row["masked_number"], row["expiry"]) == (
        "visa",
        "411111XXXXXX1111",
        "1239",
    )
    assert "4111111111111111" not in str(row)


def test_a_live_account_takes_no_test_card(acquirer):
    account_id = make_account(is_live=True)

    with refused(account_id, Refused, "test_card_refused"), tenant(account_id) as account:
        store_test_card(account=account, token=GOOD_CARD, gateway=gateway_of("simulated"))


@pytest.mark.parametrize(
    ("token", "error", "code"),
    [
        ("ct_test_4242424242424242_1239_123_x", Invalid, "card_not_allowed"),
        ("4111111111111111", Invalid, "card_token_invalid"),
        ("ct_test_4111111111111111_1339_123_x", Invalid, "card_token_invalid"),
        ("ct_test_4111111111111111_1239_001_x", Refused, "credit_card_expired"),
    ],
)
def test_a_card_that_cannot_be_taken_is_refused_without_a_word_of_its_number(
    acquirer, token, error, code
):
    account_id = shop()

    with refused(account_id, error, code) as caught, tenant(account_id) as account:
        store_test_card(account=account, token=token, gateway=gateway_of("simulated"))
    assert "4242" not in str(caught.value)
    assert "4111" not in str(caught.value)


def test_a_method_of_another_account_is_as_unknown_as_none():
    account_id, other = shop(), shop()
    method_id = give(account_id)

    with tenant(other) as account:
        for unknown in (method_id, new_id()):
            with pytest.raises(NotFound, match=f'There is no payment method "{unknown}"'):
                queries.method(account, unknown)


def test_an_attempt_keeps_what_it_asks_for_even_against_a_superuser(owner):
    account_id = shop()
    give(account_id)
    ask(account_id, claim_of(account_id))

    for change in ("amount_minor = 1", "currency = 'USD'", "invoice_id = gen_random_uuid()"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(
                f"UPDATE payments_paymentattempt SET {change} WHERE account_id = %s", [account_id]
            )


def test_an_attempt_is_asked_for_in_the_currency_of_its_claim():
    account_id = shop()
    give(account_id)
    invoice_id = claim_of(account_id, "yen", 1000, currency="JPY")

    ask(account_id, invoice_id)

    assert attempts(account_id) == [(invoice_id, "requested", 1000, "JPY")]
