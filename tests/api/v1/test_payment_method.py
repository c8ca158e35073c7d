"""Payment methods on the wire."""

import pytest

from foundation import outbox
from foundation.tenancy import tenant
from kernel.ids import new_id
from payments.commands import collect
from payments.models import PaymentMethod
from subscriptions.commands import drive
from tests.factories import (
    GOOD_CARD,
    card_token,
    give_card,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.wire_client import Api
from tests.witness import nothing_changes

pytestmark = pytest.mark.usefixtures("acquirer")
MASTER_CARD = "ct_test_5500000000000004_1130_123_x"


@pytest.fixture
def shop():
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one", "two")
    return Api(account_id)


def add(shop, source=GOOD_CARD, **rest):
    return shop.post("/v1/payment_method", {"source": source, "customer_handle": "one"} | rest)


def test_a_card_is_stored_by_its_token(shop):
    told = add(shop, reference="order 1").ok

    assert told["id"].startswith("ca_")
    assert (told["state"], told["customer"], told["payment_type"]) == ("active", "one", "card")
    assert (told["reference"], told["created"]) == ("order 1", "2026-01-15T12:00:00.000+00:00")
    card = told["card"]
    assert (card["card_type"], card["transaction_card_type"]) == ("visa", "visa")
    assert (card["masked_card"], card["exp_date"]) == ("411111XXXXXX1111", "12-39")
    assert {"gateway", "gw_ref", "card_agreement"} <= set(card)
    assert shop.get(f"/v1/payment_method/{told['id']}").ok == told


def test_the_same_token_again_is_answered_alike(shop):
    first = add(shop).ok

    assert add(shop).ok == first
    assert shop.get("/v1/list/payment_method").ok["count"] == 1


def test_a_customer_comes_along_and_a_known_one_is_used(shop):
    new = {"handle": "three", "email": "a@example.org"}

    told = [add(shop, customer_handle=None, customer=new).ok for _ in range(2)]

    assert {each["customer"] for each in told} == {"three"}
    assert shop.get("/v1/customer/three").ok["email"] == "a@example.org"


def test_what_is_owed_is_drawn_once_there_is_a_method(shop):
    with tenant(shop.account_id) as account:
        make_plan(account)
        make_subscriptions(account, "one")
    set_clock(shop.account_id, "2026-02-10")
    drive.bill(shop.account_id, batches=5)
    outbox.run(shop.account_id, limit=50)

    add(shop).ok  # noqa: B018
    outbox.run(shop.account_id, limit=50)
    collect.collect(shop.account_id, batches=5)

    assert shop.get("/v1/invoice/inv-1-one").ok["state"] == "settled"


@pytest.mark.parametrize(
    ("code", "number", "word"),
    [
        ("001", 77, "credit_card_expired"),
        ("002", 77, "declined_by_acquirer"),
        ("003", 77, "insufficient_funds"),
        ("004", 78, "acquirer_error"),
        ("005", 78, "acquirer_communication_error"),
    ],
)
def test_a_card_that_cannot_be_stored_is_said_why(shop, code, number, word):
    with nothing_changes(shop.account_id):
        answer = add(shop, card_token(code), customer={"handle": "x"}, customer_handle=None)

    assert answer.refusal == (400, number)
    assert answer.json["transaction_error"] == word


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"source": ""}, (422, 1)),
        ({"source": None}, (422, 1)),
        ({"source": 4}, (422, 1)),
        ({"source": "ct_unknown"}, (400, 34)),
        ({"source": "ct_test_4242424242424242_1239_123_x"}, (400, 34)),
        ({"customer_handle": "nobody"}, (404, 9)),
        ({"customer_handle": None}, (400, 18)),
        ({"customer_handle": None, "customer": {"email": "a@example.org"}}, (422, 1)),
        ({"reference": "x" * 256}, (422, 1)),
    ],
)
def test_what_cannot_be_is_refused_by_number_and_changes_nothing(shop, asked, refusal):
    with nothing_changes(shop.account_id):
        assert add(shop, **asked).refusal == refusal


def test_a_live_account_knows_no_test_tokens():
    account_id = make_account(is_live=True)
    with tenant(account_id) as account:
        make_customers(account, "one")

    assert add(Api(account_id)).refusal == (400, 34)


def test_what_another_account_has_is_as_unknown_as_nothing(shop, stranger):
    told = add(shop).ok
    unknown_id = f"ca_{new_id().hex}"

    foreign = stranger.get(f"/v1/payment_method/{told['id']}")
    unknown = stranger.get(f"/v1/payment_method/{unknown_id}")
    assert foreign.refusal == unknown.refusal == (404, 40)
    assert foreign.json["message"].replace(told["id"], unknown_id) == unknown.json["message"]
    assert stranger.get("/v1/payment_method/nonsense").refusal == (404, 40)
    assert stranger.get("/v1/customer/one/payment_method").refusal == (404, 9)
    assert add(stranger).refusal == (404, 9)


def test_old_clients_get_a_customers_cards(shop):
    failed, active = add(shop).ok["id"], add(shop, MASTER_CARD).ok["id"]
    with tenant(shop.account_id) as account:
        PaymentMethod.objects.of(account).filter(brand="visa").update(state="failed")

    def found(**query):
        answer = shop.get("/v1/customer/one/payment_method", query).ok
        assert answer["mps_subscriptions"] == []
        return [each["id"] for each in answer["cards"]]

    assert found() == [active, failed]
    assert found(only_active="true") == [active]
    assert found(only_active="0") == [active, failed]
    (card, _) = shop.get("/v1/customer/one/payment_method").ok["cards"]
    assert (card["card_type"], card["transaction_card_type"]) == ("mc", "mc")
    assert {"gw_ref", "state", "customer", "masked_card"} <= set(card)
    assert shop.get("/v1/customer/two/payment_method").ok["cards"] == []


@pytest.fixture
def three(shop):
    """A failed visa and an active master card of one, a visa of two, who has a subscription."""
    add(shop, reference="r-1").ok  # noqa: B018
    add(shop, MASTER_CARD).ok  # noqa: B018
    with tenant(shop.account_id) as account:
        failed = PaymentMethod.objects.of(account).filter(brand="visa")
        failed.update(state="failed", failed_at="2026-01-14T12:00Z")
        make_plan(account)
        make_subscriptions(account, "two")
    add(shop, customer_handle="two").ok  # noqa: B018
    return shop


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 3),
        ({"state": "active"}, 2),
        ({"state": ["active", "failed"]}, 3),
        ({"state": "deleted"}, 0),
        ({"customer": "one"}, 2),
        ({"subscription": "two"}, 1),
        ({"subscription": "nothing"}, 0),
        ({"reference": "r-1"}, 1),
        ({"failed": "2026-01-14"}, 1),
        ({"failed": ">2026-01-15"}, 0),
        ({"payment_type": "card"}, 3),
        ({"payment_type": ["sepa"]}, 0),
        ({"card_type": "mc"}, 1),
        ({"transaction_card_type": ["mc", "visa"]}, 3),
        ({"card_prefix": "4111"}, 2),
        ({"card_postfix": "0004"}, 1),
        ({"card_gateway": "test"}, 3),
        ({"card_agreement": "other"}, 0),
        ({"id": "nonsense"}, 0),
        ({"mps_external_id": "x"}, 0),
    ],
)
def test_the_list_is_filtered(three, query, count):
    assert three.get("/v1/list/payment_method", query).ok["count"] == count


def test_the_list_finds_one_by_its_id(three):
    (found, *_) = three.get("/v1/list/payment_method").ok["content"]

    listed = three.get("/v1/list/payment_method", {"id": found["id"]}).ok["content"]

    assert listed == [found]


def test_a_page_of_a_stranger_is_empty(three, stranger):
    assert three.get("/v1/list/payment_method").ok["count"] == 3
    assert stranger.get("/v1/list/payment_method").ok["content"] == []


@pytest.mark.parametrize("count", [1, 12])
def test_a_page_costs_the_same_whatever_is_on_it(shop, count, django_assert_max_num_queries):
    with tenant(shop.account_id) as account:
        customers = make_customers(account, *(f"c-{number}" for number in range(count)))
    for each in customers:
        give_card(shop.account_id, each)

    shop.get("/v1/list/payment_method").ok  # noqa: B018

    with django_assert_max_num_queries(6):
        found = shop.get("/v1/list/payment_method", {"size": 100})

    assert found.ok["count"] == count
