"""What clients of the past send, as they send it: each of their habits gets the answer it needs."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from foundation.tenancy import tenant
from tests.factories import GOOD_CARD, make_account, make_add_on, make_customers, make_plan
from tests.wire_client import Api

BASE = {"plan": "plan", "handle": "s-1", "customer": "one", "signup_method": "link"}
NEUTRAL: dict[str, Any] = {
    "test": True,
    "amount_incl_vat": True,
    "no_trial": False,
    "no_setup_fee": False,
    "generate_handle": False,
    "conditional_create": False,
    "end_date": None,
    "amount": None,
    "source": None,
    "create_customer": None,
    "metadata": [],
    "grace_duration": 172800,
    "add_ons": [],
    "coupon_codes": [],
    "subscription_discounts": [],
    "additional_costs": [],
    "additional_entitlements": [],
    "excluded_entitlements": [],
    "metered_billing_products": [],
    "phase_of_the_moon": "new",
}
"""All that a client with every member in hand sends where it wants nothing special."""
JSON = "application/json; charset=utf-8"


@pytest.fixture
def shop():
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account)
        make_add_on(account, "extra")
    return Api(account_id)


def test_what_asks_for_nothing_special_is_no_reason_to_refuse_a_subscription(shop):
    told = shop.post("/v1/subscription", BASE | NEUTRAL).ok

    assert (told["handle"], told["state"], told["quantity"]) == ("s-1", "active", 1)
    assert shop.get("/v1/subscription/s-1/metadata").ok == {}


@pytest.mark.parametrize("body", [None, {}, [], {"handle": "s-1"}, {"handle": "s-1", "x": None}])
@pytest.mark.parametrize("act", ["cancel", "expire"])
def test_an_act_needs_no_body_and_minds_no_more_than_it_knows(shop, act, body):
    assert shop.post("/v1/subscription", BASE).status == 200

    told = shop.post(f"/v1/subscription/s-1/{act}", body).ok

    assert (told["is_cancelled"], told["state"]) == (
        act == "cancel",
        "expired" if act == "expire" else "active",
    )


def test_a_cancellation_is_taken_back_with_the_handle_in_the_body(shop):
    assert shop.post("/v1/subscription", BASE).status == 200
    assert shop.post("/v1/subscription/s-1/cancel").status == 200

    assert shop.post("/v1/subscription/s-1/uncancel", {"handle": "s-1"}).ok["is_cancelled"] is False


def test_a_shop_writes_its_address_into_the_settings_that_it_has_read(shop):
    read = shop.get("/v1/account/webhook_settings").ok

    written = shop.put(
        "/v1/account/webhook_settings", read | {"urls": [*read["urls"], "https://shop.example/h"]}
    ).ok

    assert written == read | {"urls": ["https://shop.example/h"]}
    assert shop.get("/v1/account/webhook_settings").ok == written


@pytest.mark.parametrize("truth", ["true", "1", "false", "0"])
def test_booleans_and_repeated_words_of_a_query_are_read_as_either_client_writes_them(shop, truth):
    assert shop.post("/v1/subscription", BASE).status == 200
    is_true = truth in {"true", "1"}

    plans = shop.get("/v1/plan", {"only_active": truth}).ok
    listed = shop.get(
        "/v1/list/subscription", [("state", "active"), ("state", "on_hold"), ("in_trial", truth)]
    ).ok
    methods = shop.get("/v1/customer/one/payment_method", {"only_active": truth}).ok

    assert [each["handle"] for each in plans] == ["plan"]
    assert [each["handle"] for each in listed["content"]] == ([] if is_true else ["s-1"])
    assert methods == {"cards": [], "mps_subscriptions": []}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/account",
        "/v1/account/webhook_settings",
        "/v1/plan?only_active=true",
        "/v1/plan/plan/current",
        "/v1/list/plan?size=100&state=active",
        "/v1/add_on?size=100",
        "/v1/add_on/extra",
        "/v1/list/add_on?size=100&state=active",
        "/v1/coupon",
        "/v1/coupon?page=1&size=100&search=code:x",
        "/v1/discount",
        "/v1/list/customer?size=100&from=1970-01-01",
        "/v1/list/customer?handle=one&from=2020-01-01&size=10",
        "/v1/list/subscription?customer=one&size=100&from=2015-01-01T00:00:00.000Z",
        "/v1/list/payment_method?customer=one&state=active&from=1970-01-01&size=100",
        "/v1/list/invoice?state=settled&state=pending",
        "/v1/subscription?page=1&size=10&search=customer.handle:one",
        "/v1/customer?page=1&size=100",
        "/v1/invoice?page=1&size=100&sort=-created",
        "/v1/event?page=1&size=10&customer=one",
        "/v1/webhook?created_before=2030-01-01&size=10",
        "/v1/customer/one/payment_method?only_active=true",
        "/v1/error_codes",
    ],
)
def test_a_read_may_call_its_missing_body_json(shop, path):
    address, _, query = path.partition("?")

    assert shop.raw("GET", address, query=parse_qs(query), content_type=JSON).status == 200


def test_the_list_of_errors_is_read_without_a_key(nobody):
    codes = {each["code"]: each["error"] for each in nobody.get("/v1/error_codes").ok}

    assert codes[122] == "Request rate limit exceeded"


@pytest.mark.parametrize("metadata", [[], {}, None])
def test_an_empty_object_may_be_written_as_php_writes_it(shop, metadata):
    assert shop.post("/v1/customer", {"handle": "php", "metadata": metadata}).status == 200

    assert shop.get("/v1/customer/php/metadata").ok == {}


def test_what_is_added_as_a_source_is_shown_on_every_page_that_a_plugin_reads(shop):
    told = shop.post("/v1/subscription", BASE | {"signup_method": "source", "source": GOOD_CARD}).ok
    (active,) = told["active_payment_methods"]

    (card,) = shop.get("/v1/customer/one/payment_method", {"only_active": 1}).ok["cards"]
    (method,) = shop.get("/v1/subscription/s-1/pm").ok

    assert card["id"] == method["id"] == active
    for name in ("gw_ref", "card_type", "transaction_card_type", "masked_card", "exp_date"):
        assert card[name] == method["card"][name]
    assert method["card"]["gateway"]
    assert method["card"]["card_agreement"]


def test_the_add_ons_of_a_shop_are_told_in_both_forms(shop):
    one = shop.get("/v1/add_on/extra").ok

    assert (one["name"], one["amount"], one["currency"], one["type"], one["all_plans"]) == (
        "Extra",
        500,
        "EUR",
        "quantity",
        True,
    )
    assert shop.get("/v1/add_on", {"size": 100}).ok["content"] == [one]
    assert shop.get("/v1/list/add_on", {"state": "active"}).ok["content"] == [one]
    assert shop.get("/v1/list/add_on", {"all_plans": "false"}).ok["content"] == []
    assert shop.get("/v1/add_on", {"search": "handle:ex*"}).ok["total_elements"] == 1
    assert shop.get("/v1/add_on/none").refusal == (404, 113)


def test_an_add_on_is_used_under_its_own_name_unless_told_another(shop):
    told = shop.post("/v1/subscription", BASE | {"add_ons": [{"add_on": "extra"}]}).ok

    assert told["subscription_add_ons"] == ["extra"]
