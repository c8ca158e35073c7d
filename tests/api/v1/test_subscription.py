"""Subscriptions on the wire: created, told, cancelled, taken back and ended."""

import pytest

from catalog.domain.terms import Trial
from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from kernel.ids import new_id
from kernel.moments import Unit
from payments.models import PaymentMethod
from subscriptions.commands import drive
from tests.factories import (
    GOOD_CARD,
    card_token,
    give_card,
    make_account,
    make_add_on,
    make_customers,
    make_plan,
    set_clock,
)
from tests.wire_client import Api
from tests.witness import at_once, nothing_changes

NOW = "2026-01-15T12:00:00.000+00:00"
ASKED = {"plan": "plan", "handle": "s-1", "customer": "one", "signup_method": "link"}
NET = {"handle": "a", "add_on": "extra", "amount": 1, "amount_incl_vat": False}


@pytest.fixture
def shop():
    """A client of an account with a customer, a plan and an add-on."""
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one", "two")
        make_plan(account)
        make_add_on(account, "extra")
    return Api(account_id)


def create(shop, **rest):
    return shop.post("/v1/subscription", ASKED | rest)


def refused(shop, **rest):
    """What a creation with these members is refused with; nothing changes by it."""
    asked = {name: each for name, each in (ASKED | rest).items() if each is not ...}
    with nothing_changes(shop.account_id):
        return shop.post("/v1/subscription", asked).refusal


def at(shop, moment):
    set_clock(shop.account_id, moment)
    drive.bill(shop.account_id, batches=20)


def test_a_new_subscription_tells_all_of_itself(shop):
    told = create(shop).ok

    assert told["handle"] == "s-1"
    assert (told["customer"], told["plan"], told["plan_version"]) == ("one", "plan", 1)
    assert (told["state"], told["test"], told["currency"]) == ("active", True, "EUR")
    assert (told["is_cancelled"], told["renewing"], told["has_started"]) == (False, True, True)
    assert (
        told["created"]
        == told["start_date"]
        == told["activated"]
        == "2026-01-15T12:00:00.000+00:00"
    )
    assert told["current_period_start"] == told["first_period_start"] == told["start_date"]
    assert told["next_period_start"] == "2026-02-15T12:00:00.000+00:00"
    assert (told["renewal_count"], told["quantity"], told["in_trial"]) == (1, 1, False)
    assert (told["pending_invoices"], told["pending_amount"]) == (1, 1990)
    assert (told["settled_invoices"], told["payment_method_added"]) == (0, False)
    assert told["active_payment_methods"] == told["subscription_add_ons"] == []
    assert told["hosted_page_links"]["payment_info"].startswith("http")
    assert "amount" not in told
    assert "expires" not in told
    assert shop.get("/v1/subscription/s-1").ok == told


def test_its_own_price_quantity_add_ons_and_start_count(shop):
    told = create(
        shop,
        amount=1000,
        amount_incl_vat=False,
        quantity=3,
        start_date="2026-02-01T00:00",
        add_ons=[{"handle": "mine", "add_on": "extra", "quantity": 2, "amount": 100}],
        metadata={"a": [1, {"b": None}]},
        grace_duration=3600,
    ).ok
    at(shop, "2026-02-01")
    invoice = shop.get("/v1/invoice/inv-1-s-1").ok

    assert (told["amount"], told["amount_incl_vat"], told["quantity"]) == (1000, False, 3)
    assert told["start_date"] == told["next_period_start"] == "2026-01-31T23:00:00.000+00:00"
    assert (told["has_started"], told["renewal_count"]) == (False, 0)
    assert (told["subscription_add_ons"], told["grace_duration"]) == (["mine"], 3600)
    assert [(each["origin"], each["amount_ex_vat"]) for each in invoice["order_lines"]] == [
        ("plan", 3000),
        ("add_on", 168),
    ]
    assert shop.get("/v1/subscription/s-1/metadata").ok == {"a": [1, {"b": None}]}


def test_a_trial_of_its_own_replaces_the_plans(shop):
    with tenant(shop.account_id) as account:
        make_plan(account, "tried", trial=Trial(Unit.DAYS, 3))

    plans = create(shop, handle="s-0", plan="tried").ok
    days = create(shop, handle="s-1", plan="tried", trial_period="P14D").ok
    months = create(shop, handle="s-2", plan="tried", trial_period="P1M").ok

    assert plans["trial_end"] == "2026-01-17T23:00:00.000+00:00"
    assert (days["in_trial"], days["trial_start"]) == (True, days["start_date"])
    assert days["trial_end"] == days["next_period_start"] == "2026-01-28T23:00:00.000+00:00"
    assert months["trial_end"] == "2026-02-14T23:00:00.000+00:00"
    for rest in (("s-3", "no_trial", True), ("s-4", "trial_period", "P0D")):
        none = create(shop, plan="tried", handle=rest[0], **{rest[1]: rest[2]}).ok
        assert "trial_end" not in none
        assert none["renewal_count"] == 1
    for text in ("PT3H", "P1M1D", "soon"):
        assert refused(shop, handle="s-9", trial_period=text) == (422, 1)


def test_a_handle_can_be_generated(shop):
    first = shop.post("/v1/subscription", ASKED | {"handle": None, "generate_handle": True}).ok
    second = shop.post("/v1/subscription", ASKED | {"handle": None, "generate_handle": True}).ok

    assert (first["handle"], second["handle"]) == ("sub-1", "sub-2")


def test_a_customer_comes_along_and_a_known_one_is_used(shop):
    new = {"handle": "three", "email": "a@example.org", "first_name": "Anna"}
    first = shop.post("/v1/subscription", ASKED | {"customer": None, "create_customer": new}).ok
    again = shop.post(
        "/v1/subscription",
        ASKED | {"customer": None, "create_customer": new | {"first_name": "B"}, "handle": "s-2"},
    ).ok

    assert first["customer"] == again["customer"] == "three"
    assert shop.get("/v1/customer/three").ok["first_name"] == "Anna"


def test_a_refused_subscription_leaves_no_customer_behind(shop):
    create(shop)

    assert refused(shop, customer=None, create_customer={"handle": "three"}) == (400, 11)
    assert shop.get("/v1/customer/three").refusal == (404, 9)


@pytest.mark.usefixtures("acquirer")
def test_a_card_token_becomes_the_customers_method(shop):
    told = create(shop, signup_method="source", source=GOOD_CARD).ok

    (method,) = told["active_payment_methods"]
    assert told["payment_method_added"]
    assert shop.get(f"/v1/payment_method/{method}").ok["card"]["masked_card"] == "411111XXXXXX1111"
    assert [each["id"] for each in shop.get("/v1/subscription/s-1/pm").ok] == [method]
    old = shop.get("/v1/subscription/s-1/payment_method").ok
    assert [each["id"] for each in old["cards"]] == [method]


@pytest.mark.usefixtures("acquirer")
def test_a_stored_method_can_be_the_source(shop):
    with tenant(shop.account_id) as account:
        (customer_id,) = make_customers(account, "three")
    method = f"ca_{give_card(shop.account_id, customer_id).hex}"

    told = create(shop, customer="three", signup_method="source", source=method).ok

    assert told["active_payment_methods"] == [method]


@pytest.mark.usefixtures("acquirer")
@pytest.mark.parametrize(
    ("code", "number", "word"),
    [("002", 77, "declined_by_acquirer"), ("004", 78, "acquirer_error")],
)
def test_a_card_that_is_refused_creates_nothing(shop, code, number, word):
    with nothing_changes(shop.account_id):
        answer = create(
            shop,
            customer=None,
            create_customer={"handle": "three"},
            signup_method="source",
            source=card_token(code),
        )

    assert answer.refusal == (400, number)
    assert answer.json["transaction_error"] == word


@pytest.mark.usefixtures("acquirer")
def test_methods_that_are_not_the_customers_own_are_unknown(shop, stranger):
    with tenant(stranger.account_id) as account:
        (foreign_id,) = make_customers(account, "one")
    with tenant(shop.account_id) as account:
        (other_id,) = make_customers(account, "three")
    methods = [
        f"ca_{give_card(stranger.account_id, foreign_id).hex}",
        f"ca_{give_card(shop.account_id, other_id).hex}",
        f"ca_{new_id().hex}",
    ]

    for each in methods:
        assert refused(shop, signup_method="source", source=each) == (404, 40)


@pytest.mark.usefixtures("acquirer")
def test_a_method_that_failed_or_is_not_drawn_from_is_refused(shop):
    with tenant(shop.account_id) as account:
        (customer_id,) = make_customers(account, "three")
    old, new = (give_card(shop.account_id, customer_id) for _ in range(2))
    by = {"customer": "three", "signup_method": "source"}

    assert refused(shop, **by, source=f"ca_{old.hex}") == (400, 43)
    with tenant(shop.account_id) as account:
        PaymentMethod.objects.of(account).filter(id=new).update(state="failed")
    assert refused(shop, **by, source=f"ca_{new.hex}") == (400, 147)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"plan": "other"}, (404, 10)),
        ({"plan": ...}, (422, 1)),
        ({"plan_version": 2}, (404, 10)),
        ({"customer": "nobody"}, (404, 9)),
        ({"customer": ...}, (400, 18)),
        ({"handle": ...}, (422, 1)),
        ({"handle": "a b"}, (422, 1)),
        ({"signup_method": "other"}, (422, 1)),
        ({"signup_method": "source"}, (400, 110)),
        ({"source": GOOD_CARD}, (400, 111)),
        ({"signup_method": "source", "source": "ct_unknown"}, (400, 34)),
        ({"signup_method": "source", "source": "ca_unknown"}, (400, 34)),
        ({"test": False}, (400, 21)),
        ({"quantity": 0}, (422, 1)),
        ({"amount": -1}, (422, 1)),
        ({"amount": 2**63 - 1, "quantity": 2}, (400, 1)),
        ({"start_date": "2025-12-01"}, (400, 37)),
        ({"start_date": "soon"}, (422, 1)),
        ({"add_ons": [{"handle": "a", "add_on": "none"}]}, (404, 113)),
        ({"add_ons": [{"handle": "a", "add_on": "extra"}] * 2}, (400, 114)),
        ({"add_ons": [{"handle": "a", "add_on": "extra", "fixed_amount": True}]}, (400, 43)),
        (
            {
                "add_ons": [
                    {"handle": "a", "add_on": "extra", "amount": 1, "amount_incl_vat": False}
                ]
            },
            (400, 43),
        ),
        ({"end_date": "2027-01-01"}, (400, 43)),
        ({"coupon_codes": ["x"]}, (400, 43)),
        ({"subscription_discounts": [{"discount": "x"}]}, (400, 43)),
        ({"additional_costs": [{"amount": 1}]}, (400, 43)),
        ({"metered_billing_products": [{"handle": "x"}]}, (400, 43)),
        ({"additional_entitlements": ["x"]}, (400, 43)),
        ({"conditional_create": True}, (400, 43)),
    ],
)
def test_what_cannot_be_is_refused_by_number_and_changes_nothing(shop, asked, refusal):
    assert refused(shop, **asked) == refusal


def test_a_live_account_takes_no_test_data():
    account_id = make_account(is_live=True)
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account)
    live = Api(account_id)

    assert refused(live, test=True) == (400, 20)
    assert refused(live, signup_method="source", source=GOOD_CARD) == (400, 34)


def test_the_same_handle_again_is_refused(shop):
    create(shop)

    assert refused(shop) == (400, 11)


def test_what_another_account_has_is_as_unknown_as_nothing(shop, stranger):
    create(shop)

    for path in ("", "/pm", "/payment_method", "/metadata"):
        foreign = stranger.get(f"/v1/subscription/s-1{path}")
        unknown = stranger.get(f"/v1/subscription/s-2{path}")
        assert foreign.refusal == unknown.refusal == (404, 12)
        assert foreign.json["message"].replace("s-1", "s-2") == unknown.json["message"]
    for act in ("cancel", "uncancel", "expire"):
        assert stranger.post(f"/v1/subscription/s-1/{act}").refusal == (404, 12)
    assert shop.get("/v1/subscription/s-1").ok["renewing"]


def test_cancelled_taken_back_and_ended(shop):
    create(shop)

    cancelled = shop.post("/v1/subscription/s-1/cancel", {"handle": "s-1"}).ok
    assert (cancelled["state"], cancelled["is_cancelled"], cancelled["renewing"]) == (
        "active",
        True,
        False,
    )
    assert cancelled["expires"] == cancelled["next_period_start"] == "2026-02-15T12:00:00.000+00:00"
    assert shop.post("/v1/subscription/s-1/cancel").refusal == (400, 22)

    back = shop.post("/v1/subscription/s-1/uncancel").ok
    assert (back["is_cancelled"], back["renewing"]) == (False, True)
    assert "expires" not in back
    assert shop.post("/v1/subscription/s-1/uncancel").refusal == (400, 1)

    ended = shop.post("/v1/subscription/s-1/expire", {"compensation_method": "none"}).ok
    assert (ended["state"], ended["expire_reason"]) == ("expired", "ondemand")
    assert ended["expired_date"] == "2026-01-15T12:00:00.000+00:00"
    for act in ("cancel", "uncancel", "expire"):
        assert shop.post(f"/v1/subscription/s-1/{act}").refusal == (400, 13)
    with tenant(shop.account_id) as account:
        said = OutboxEvent.objects.of(account).filter(kind__startswith="subscription.")
        assert [each.kind for each in said.order_by("created_at", "position")] == [
            "subscription.created",
            "subscription.renewed",
            "subscription.cancelled",
            "subscription.uncancelled",
            "subscription.expired",
        ]


def test_a_cancelled_one_expires_at_its_end(shop):
    create(shop)
    shop.post("/v1/subscription/s-1/cancel").ok  # noqa: B018
    set_clock(shop.account_id, "2026-02-16")

    assert shop.post("/v1/subscription/s-1/uncancel").refusal == (400, 13)
    drive.bill(shop.account_id, batches=5)

    told = shop.get("/v1/subscription/s-1").ok
    assert (told["state"], told["expire_reason"]) == ("expired", "cancelled")
    assert "next_period_start" not in told


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("cancel", {"expire_at": "2026-03-01"}),
        ("cancel", {"notice_periods": 1}),
        ("expire", {"compensation_method": "full_refund"}),
        ("expire", {"compensation_method": "prorated_refund"}),
    ],
)
def test_what_would_change_money_and_is_not_offered_is_said(shop, act, body):
    create(shop)

    with nothing_changes(shop.account_id):
        assert shop.post(f"/v1/subscription/s-1/{act}", body).refusal == (400, 43)


def test_what_is_kept_with_it_is_replaced_and_forgotten(shop):
    create(shop)

    assert shop.get("/v1/subscription/s-1/metadata").ok == {}
    assert shop.put("/v1/subscription/s-1/metadata", {"a": 1}).ok == {"a": 1}
    assert shop.put("/v1/subscription/s-1/metadata", {"b": {"c": [1]}}).ok == {"b": {"c": [1]}}
    assert shop.get("/v1/subscription/s-1/metadata").ok == {"b": {"c": [1]}}
    assert shop.delete("/v1/subscription/s-1/metadata").ok == {}
    assert shop.get("/v1/subscription/s-1/metadata").ok == {}


def test_nobody_is_told_without_a_key(nobody):
    assert nobody.get("/v1/subscription/s-1").refusal == (401, 6)
    assert nobody.post("/v1/subscription", ASKED).refusal == (401, 6)


def test_of_those_who_create_the_same_at_once_one_does(shop):
    keys = [Api(shop.account_id) for _ in range(3)]

    answers = at_once(*(lambda api=each: create(api) for each in keys))

    assert sorted(each.status for each in answers) == [200, 400, 400]
    assert {each.refusal for each in answers if each.status == 400} == {(400, 11)}
    assert shop.get("/v1/list/subscription").ok["count"] == 1


@pytest.mark.parametrize("act", ["cancel", "expire"])
def test_of_those_who_end_it_at_once_one_does(shop, act):
    create(shop)
    keys = [Api(shop.account_id) for _ in range(3)]

    answers = at_once(*(lambda api=each: api.post(f"/v1/subscription/s-1/{act}") for each in keys))

    assert sorted(each.status for each in answers) == [200, 400, 400]
