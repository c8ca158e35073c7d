"""Lists of subscriptions on the wire."""

import pytest

from foundation.tenancy import tenant
from subscriptions.models import Subscription
from tests.factories import make_account, make_customers, make_plan
from tests.wire_client import Api

ASKED = {"plan": "plan", "handle": "s-1", "customer": "one", "signup_method": "link"}


@pytest.fixture
def shop():
    """A client of an account with two customers and a plan."""
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one", "two")
        make_plan(account)
    return Api(account_id)


def create(shop, **rest):
    return shop.post("/v1/subscription", ASKED | rest)


def handles(answer):
    return sorted(each["handle"] for each in answer.ok["content"])


@pytest.fixture
def many(shop):
    """Six subscriptions that differ."""
    create(shop)
    create(shop, handle="s-2", customer="two", quantity=3)
    create(shop, handle="s-3", amount=500)
    create(shop, handle="t-4", trial_period="P14D")
    create(shop, handle="t-5", start_date="2026-06-01")
    create(shop, handle="t-6")
    shop.post("/v1/subscription/s-2/cancel").ok  # noqa: B018
    shop.post("/v1/subscription/t-6/expire").ok  # noqa: B018
    return shop


ALL = ["s-1", "s-2", "s-3", "t-4", "t-5", "t-6"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ALL),
        ({"handle": "s-1"}, ["s-1"]),
        ({"handle_prefix": "s-"}, ALL[:3]),
        ({"handle_contains": "-4"}, ["t-4"]),
        ({"customer": "two"}, ["s-2"]),
        ({"plan": "plan"}, ALL),
        ({"plan": "other"}, []),
        ({"state": "expired"}, ["t-6"]),
        ({"state": ["active", "expired"]}, ALL),
        ({"state": "on_hold"}, []),
        ({"quantity": ">1"}, ["s-2"]),
        ({"amount": "500"}, ["s-3"]),
        ({"renewing": "false"}, ["s-2", "t-6"]),
        ({"renewing": "1"}, ["s-1", "s-3", "t-4", "t-5"]),
        ({"in_trial": "true"}, ["t-4"]),
        ({"in_trial": "0"}, ["s-1", "s-2", "s-3", "t-5", "t-6"]),
        ({"has_started": "false"}, ["t-5"]),
        ({"renewal_count": "0"}, ["t-4", "t-5"]),
        ({"expire_reason": "ondemand"}, ["t-6"]),
        ({"expire_reason": "dunning"}, []),
        ({"start_date": ">2026-05-01"}, ["t-5"]),
        ({"trial_start": "2026-01-15"}, ["t-4"]),
        ({"current_period_start": "2026-01-15"}, ["s-1", "s-2", "s-3", "t-6"]),
        ({"cancelled_date": "2026-01-15"}, ["s-2"]),
        ({"refunded_amount": "0"}, ALL),
        ({"refunded_amount": ">0"}, []),
        ({"coupon_handle": "x"}, []),
        ({"payment_method": f"ca_{'0' * 32}"}, []),
    ],
)
def test_the_list_is_filtered(many, query, found):
    assert handles(many.get("/v1/list/subscription", query)) == found


@pytest.mark.parametrize("name", ["settled_amount", "payment_method_added", "add_on_handle"])
def test_what_the_list_cannot_be_asked_yet_is_said_and_not_passed_over(shop, name):
    assert shop.get("/v1/list/subscription", {name: "1"}).refusal == (400, 43)


def test_the_list_goes_on_from_page_to_page(many):
    create(many, handle="u-7")
    for number in range(8, 13):
        create(many, handle=f"u-{number}")

    first = many.get("/v1/list/subscription", {"size": 10}).ok
    rest = many.get(
        "/v1/list/subscription", {"size": 10, "next_page_token": first["next_page_token"]}
    ).ok

    assert (first["count"], rest["count"]) == (10, 2)
    assert "next_page_token" not in rest
    found = [each["handle"] for each in first["content"] + rest["content"]]
    assert len(set(found)) == 12


def test_the_old_list_is_searched(many):
    def found(**query):
        return handles(many.get("/v1/subscription", query))

    assert found() == ALL
    assert found(search="customer.handle:two") == ["s-2"]
    assert found(search="state:expired") == ["t-6"]
    assert found(search="handle:t-*") == ["t-4", "t-5", "t-6"]
    page = many.get("/v1/subscription", {"page": 2, "size": 4}).ok
    assert (page["total_elements"], page["total_pages"], page["count"]) == (6, 2, 2)
    assert many.get("/v1/subscription", {"search": "nonsense"}).refusal == (400, 50)


@pytest.mark.parametrize("count", [2, 12])
def test_a_page_costs_the_same_whatever_is_on_it(shop, count, django_assert_max_num_queries):
    for number in range(count):
        create(shop, handle=f"s-{number}")

    shop.get("/v1/list/subscription").ok  # noqa: B018

    with django_assert_max_num_queries(STATEMENTS):
        found = shop.get("/v1/list/subscription", {"size": 100})

    assert found.ok["count"] == count


STATEMENTS = 9
"""The door, one for the page and four for what hangs on it."""


def test_a_page_of_a_stranger_is_empty(many, stranger):
    assert stranger.get("/v1/list/subscription").ok["content"] == []
    with tenant(stranger.account_id) as account:
        assert not Subscription.objects.of(account).exists()
