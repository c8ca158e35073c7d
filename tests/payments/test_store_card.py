"""A card token becomes a payment method once, and only in a test account."""

import pytest

from accounts.queries import business_now
from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from kernel.errors import Invalid, NotFound, Refused, Upstream
from kernel.ids import new_id
from payments import queries
from payments.commands.store_card import hold, keep
from payments.models import PaymentMethod
from tests.factories import GOOD_CARD, card_token, make_account, make_customers
from tests.witness import at_once, refused

pytestmark = pytest.mark.usefixtures("acquirer")


def shop(**terms):
    account_id = make_account(**terms)
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")
    return account_id, customer_id


def kept(account_id, customer_id, held, **rest):
    with tenant(account_id) as account:
        return keep(
            account=account,
            customer_id=customer_id,
            held=held,
            now=business_now(account),
            **rest,
        )


def methods(account_id):
    with tenant(account_id) as account:
        return list(PaymentMethod.objects.of(account))


def test_a_held_card_becomes_the_customers_method():
    account_id, customer_id = shop()

    method_id = kept(account_id, customer_id, hold(account_id, token=GOOD_CARD), reference="r-1")

    (method,) = methods(account_id)
    assert (method.id, method.customer_id, method.reference) == (method_id, customer_id, "r-1")
    assert (method.brand, method.masked_number, method.expiry) == (
        "visa",
        "411111XXXXXX1111",
        "1239",
    )
    with tenant(account_id) as account:
        assert OutboxEvent.objects.of(account).filter(kind="payment_method.added").count() == 1
        assert queries.usable_methods(account, [customer_id]) == {customer_id: method_id}


def test_neither_number_nor_code_is_kept():
    account_id, customer_id = shop()
    kept(account_id, customer_id, hold(account_id, token=GOOD_CARD))

    (method,) = methods(account_id)
    assert "4111111111111111" not in str(vars(method))
    assert GOOD_CARD not in str(vars(method))


def test_the_same_token_again_is_the_same_method():
    account_id, customer_id = shop()
    first = kept(account_id, customer_id, hold(account_id, token=GOOD_CARD))

    assert kept(account_id, customer_id, hold(account_id, token=GOOD_CARD)) == first
    assert len(methods(account_id)) == 1


def test_those_who_keep_the_same_token_at_once_keep_one_method():
    account_id, customer_id = shop()
    held = [hold(account_id, token=GOOD_CARD) for _ in range(3)]

    found = at_once(*(lambda one=one: kept(account_id, customer_id, one) for one in held))

    assert len(set(found)) == 1
    assert len(methods(account_id)) == 1
    with tenant(account_id) as account:
        assert OutboxEvent.objects.of(account).filter(kind="payment_method.added").count() == 1


def test_another_customer_may_have_the_same_card():
    account_id, customer_id = shop()
    with tenant(account_id) as account:
        (other_id,) = make_customers(account, "two")
    first = kept(account_id, customer_id, hold(account_id, token=GOOD_CARD))

    assert kept(account_id, other_id, hold(account_id, token=GOOD_CARD)) != first


def test_a_token_whose_method_has_failed_can_be_stored_anew():
    account_id, customer_id = shop()
    first = kept(account_id, customer_id, hold(account_id, token=GOOD_CARD))
    with tenant(account_id) as account:
        PaymentMethod.objects.of(account).update(state="failed")

    second = kept(account_id, customer_id, hold(account_id, token=GOOD_CARD))

    assert second != first
    with tenant(account_id) as account:
        assert queries.usable_methods(account, [customer_id]) == {customer_id: second}


@pytest.mark.parametrize(
    ("code", "error", "refusal"),
    [
        ("001", Refused, "credit_card_expired"),
        ("002", Refused, "declined_by_acquirer"),
        ("003", Refused, "insufficient_funds"),
        ("004", Upstream, "acquirer_error"),
        ("005", Upstream, "acquirer_communication_error"),
    ],
)
def test_a_card_that_cannot_be_stored_changes_nothing(code, error, refusal):
    account_id, _ = shop()

    with refused(account_id, error, refusal):
        hold(account_id, token=card_token(code))


@pytest.mark.parametrize(
    "token", ["", "ct_unknown", "ct_test_", "ct_test_4111111111111111_1339_1_x"]
)
def test_a_token_of_another_form_is_no_token(token):
    account_id, _ = shop()

    with refused(account_id, Invalid, "card_token_invalid"):
        hold(account_id, token=token)


def test_a_live_account_takes_no_test_token():
    account_id, _ = shop(is_live=True)

    with refused(account_id, Refused, "test_card_refused"):
        hold(account_id, token=GOOD_CARD)


def test_a_customer_of_another_account_is_as_unknown_as_none():
    account_id, _ = shop()
    _, stranger_id = shop()
    held = hold(account_id, token=GOOD_CARD)

    for unknown in (stranger_id, new_id()):
        with refused(account_id, NotFound, "customer_not_found"):
            kept(account_id, unknown, held)
