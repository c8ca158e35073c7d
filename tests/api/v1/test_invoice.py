"""Invoices and the tries to draw their money, on the wire."""

import pytest

from foundation import outbox
from foundation.tenancy import tenant
from kernel.ids import new_id
from payments.commands import collect
from subscriptions.commands import drive
from tests.factories import (
    card_token,
    give_card,
    make_account,
    make_add_on,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.wire_client import Api

PERIOD = ("2026-01-31T23:00:00.000+00:00", "2026-02-28T23:00:00.000+00:00")
CREATED = "2026-02-09T23:00:00.000+00:00"


def billed(*handles, card="", until="2026-02-10", **plan):
    """A client of an account where these customers were billed for their subscriptions."""
    account_id = make_account()
    with tenant(account_id) as account:
        customers = make_customers(account, *handles)
        make_plan(account, **plan)
        make_add_on(account, "extra")
        make_subscriptions(account, *handles)
    for customer_id in customers if card else ():
        give_card(account_id, customer_id, token=card_token(card))
    set_clock(account_id, until)
    drive.bill(account_id, batches=20)
    if card:
        outbox.run(account_id, limit=100)
        collect.collect(account_id, batches=5)
    return Api(account_id)


def test_an_invoice_tells_all_of_itself():
    told = billed("one").get("/v1/invoice/inv-1-one").ok

    assert (told["handle"], told["customer"], told["subscription"]) == ("inv-1-one", "one", "one")
    assert (told["state"], told["type"], told["currency"]) == ("pending", "s", "EUR")
    assert (told["amount"], told["amount_vat"], told["amount_ex_vat"]) == (1990, 318, 1672)
    assert (told["org_amount"], told["settled_amount"], told["refunded_amount"]) == (1990, 0, 0)
    assert (told["plan"], told["plan_version"], told["period_number"]) == ("plan", 1, 1)
    assert (told["period_from"], told["period_to"]) == PERIOD
    assert told["created"] == told["due"] == told["accounting_created_date"] == CREATED
    assert (told["accounting_number"], told["number"]) == ("TEST-INV-2026-000001", 1)
    assert (told["transactions"], told["credits"], told["processing"]) == ([], [], False)
    assert "settled" not in told
    (line,) = told["order_lines"]
    assert (line["ordertext"], line["origin"], line["origin_handle"]) == ("Plan", "plan", "plan")
    assert (line["amount"], line["amount_vat"], line["amount_ex_vat"]) == (1990, 318, 1672)
    assert (line["unit_amount"], line["unit_amount_vat"]) == (1990, 318)
    assert (line["unit_amount_ex_vat"], line["quantity"], float(line["vat"])) == (1672, 1, 0.19)
    assert line["amount_defined_incl_vat"] is True
    assert (line["period_from"], line["period_to"]) == PERIOD


def test_a_net_price_is_told_as_one():
    told = billed("one", amount_incl_vat=False).get("/v1/invoice/inv-1-one").ok

    (line,) = told["order_lines"]
    assert (line["unit_amount_ex_vat"], line["unit_amount_vat"], line["unit_amount"]) == (
        1990,
        378,
        2368,
    )
    assert (told["amount"], line["amount_defined_incl_vat"]) == (2368, False)


def test_its_id_leads_to_it_too():
    api = billed("one")
    told = api.get("/v1/invoice/inv-1-one").ok

    assert api.get(f"/v1/invoice/{told['id']}").ok == told


def test_what_another_account_has_is_as_unknown_as_nothing(stranger):
    told = billed("one").get("/v1/invoice/inv-1-one").ok

    unknown = stranger.get(f"/v1/invoice/{new_id().hex}")
    assert unknown.refusal == (404, 31)
    for name in (told["handle"], told["id"]):
        foreign = stranger.get(f"/v1/invoice/{name}")
        assert foreign.refusal == (404, 31)
        sentence = foreign.json["message"].replace(name, "")
        assert sentence == unknown.json["message"].replace(unknown.json["path"][12:], "")


@pytest.mark.usefixtures("acquirer")
def test_a_paid_invoice_tells_how():
    api = billed("one", card="123")

    told = api.get("/v1/invoice/inv-1-one").ok

    assert (told["state"], told["settled_amount"], told["settled"]) == ("settled", 1990, CREATED)
    (paid,) = told["transactions"]
    assert (paid["state"], paid["type"], paid["amount"]) == ("settled", "settle", 1990)
    assert (paid["invoice"], paid["customer_handle"]) == ("inv-1-one", "one")
    card = paid["card_transaction"]
    assert (card["card_type"], card["transaction_card_type"]) == ("visa", "visa")
    assert (card["masked_card"], card["exp_date"]) == ("411111XXXXXX1111", "12-39")
    assert card["card"]["id"] == paid["payment_method"]
    assert {"gw_ref", "transaction_card_type"} <= set(card["card"])
    assert api.get(f"/v1/invoice/{told['id']}/transaction/{paid['id']}").ok == paid
    subscription = api.get("/v1/subscription/one").ok
    assert (subscription["settled_invoices"], subscription["settled_amount"]) == (1, 1990)


@pytest.mark.usefixtures("acquirer")
@pytest.mark.parametrize(
    ("code", "price", "error_state", "error"),
    [
        ("101", 1990, "hard_declined", "declined_by_acquirer"),
        ("102", 1990, "soft_declined", "insufficient_funds"),
        ("888", 1001, "processing_error", "acquirer_communication_error"),
    ],
)
def test_a_declined_try_tells_why(code, price, error_state, error):
    told = billed("one", card=code, price=price).get("/v1/invoice/inv-1-one").ok

    (declined,) = told["transactions"]
    assert (told["state"], declined["state"]) == ("pending", "failed")
    card = declined["card_transaction"]
    assert (card["error_state"], card["error"]) == (error_state, error)
    assert "failed" in declined
    assert "settled" not in declined


@pytest.mark.usefixtures("acquirer")
@pytest.mark.parametrize(
    ("state", "wire"),
    [("requested", "pending"), ("in_flight", "processing"), ("unknown", "processing")],
)
def test_a_try_on_its_way_is_told_as_such(state, wire, owner):
    api = billed("one", card="123", until="2026-01-20")
    set_clock(api.account_id, "2026-02-10")
    drive.bill(api.account_id, batches=5)
    outbox.run(api.account_id, limit=100)
    owner.execute("SET session_replication_role = replica")
    owner.execute(
        "UPDATE payments_paymentattempt SET state = %s WHERE account_id = %s",
        [state, api.account_id],
    )
    owner.execute("SET session_replication_role = origin")

    told = api.get("/v1/invoice/inv-1-one").ok

    assert (told["transactions"][0]["state"], told["processing"]) == (wire, True)
    assert told["transactions"][0]["card_transaction"]["error_state"] == "pending"


@pytest.mark.usefixtures("acquirer")
def test_a_transaction_belongs_to_its_invoice(stranger):
    api = billed("one", "two", card="123")
    one = api.get("/v1/invoice/inv-1-one").ok
    (paid,) = one["transactions"]

    for client, path in [
        (api, f"inv-1-two/transaction/{paid['id']}"),
        (api, f"inv-1-one/transaction/{new_id().hex}"),
        (api, "inv-1-one/transaction/nonsense"),
    ]:
        assert client.get(f"/v1/invoice/{path}").refusal == (404, 70)
    foreign = f"/v1/invoice/{one['id']}/transaction/{paid['id']}"
    assert stranger.get(foreign).refusal == (404, 31)


def handles(answer):
    return sorted(each["handle"] for each in answer.ok["content"])


@pytest.fixture(scope="module")
def shop(acquirer):
    """Three customers billed once; the first pays, the last has a card that is declined."""
    account_id = make_account()
    with tenant(account_id) as account:
        payer, _, decliner = make_customers(account, "a", "b", "c")
        make_plan(account)
        make_subscriptions(account, "a", "b", "c", start="2026-01-20")
    give_card(account_id, payer)
    give_card(account_id, decliner, token=card_token("101"))
    set_clock(account_id, "2026-02-10")
    drive.bill(account_id, batches=20)
    outbox.run(account_id, limit=100)
    collect.collect(account_id, batches=5)
    return Api(account_id)


A, B, C = ALL = ["inv-1-a", "inv-1-b", "inv-1-c"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ALL),
        ({"handle": "inv-1-a"}, [A]),
        ({"handle_prefix": "inv-1"}, ALL),
        ({"handle_contains": "-b"}, [B]),
        ({"state": "settled"}, [A]),
        ({"state": ["settled", "pending"]}, ALL),
        ({"state": "authorized"}, []),
        ({"exclude_state": "settled"}, [B, C]),
        ({"exclude_state": "authorized"}, ALL),
        ({"customer": "b"}, [B]),
        ({"subscription": "c"}, [C]),
        ({"subscription": "nobody"}, []),
        ({"amount": "<1990"}, []),
        ({"amount": "1990"}, ALL),
        ({"settled_amount": ">0"}, [A]),
        ({"partial_settled": "true"}, []),
        ({"partial_settled": "false"}, ALL),
        ({"currency": ["EUR", "DKK"]}, ALL),
        ({"currency": "DKK"}, []),
        ({"type": "s"}, ALL),
        ({"type": "co"}, []),
        ({"type": "ch"}, []),
        ({"type": ["s", "co"]}, ALL),
        ({"accounting_number_prefix": "TEST-INV"}, ALL),
        ({"accounting_number": "INV-2026-000001"}, []),
        ({"number": 4}, []),
        ({"due": ">2026-02-26"}, []),
        ({"range": "settled"}, [A]),
        ({"debtor_id": "1"}, []),
    ],
)
def test_the_list_is_filtered(shop, query, found):
    assert handles(shop.get("/v1/list/invoice", query)) == found


@pytest.mark.parametrize(
    "query",
    [
        {"accounting_number": "TEST-INV-2026-000002"},
        {"accounting_number_contains": "-000002"},
        {"number": 2},
    ],
)
def test_the_list_is_filtered_by_number(shop, query):
    (found,) = shop.get("/v1/list/invoice", query).ok["content"]

    assert found["accounting_number"] == "TEST-INV-2026-000002"


def test_what_the_list_cannot_be_asked_yet_is_said(shop):
    assert shop.get("/v1/list/invoice", {"plan": "plan"}).refusal == (400, 43)


def test_the_old_list_is_searched(shop):
    assert handles(shop.get("/v1/invoice")) == ALL
    assert handles(shop.get("/v1/invoice", {"search": "customer:b state:pending"})) == [B]
    assert handles(shop.get("/v1/invoice", {"search": "handle:inv-1*"})) == ALL
    assert shop.get("/v1/invoice", {"search": "nothing"}).refusal == (400, 50)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2),
        ({"state": "settled"}, 1),
        ({"state": ["failed", "settled"]}, 2),
        ({"state": "refunded"}, 0),
        ({"type": "settle"}, 2),
        ({"type": "refund"}, 0),
        ({"payment_type": ["card", "sepa"]}, 2),
        ({"payment_type": "sepa"}, 0),
        ({"invoice": "inv-1-a"}, 1),
        ({"invoice": "nothing"}, 0),
        ({"card_type": "visa"}, 2),
        ({"card_type": "mc"}, 0),
        ({"card_prefix": "411111"}, 2),
        ({"card_postfix": "1111"}, 2),
        ({"card_postfix": "411"}, 0),
        ({"card_error": "declined_by_acquirer"}, 1),
        ({"card_gateway": "test"}, 2),
        ({"card_fingerprint": "x"}, 0),
        ({"payment_method": f"ca_{'0' * 32}"}, 0),
        ({"amount": ">=1990"}, 2),
    ],
)
def test_the_list_of_transactions_is_filtered(shop, query, count):
    assert shop.get("/v1/list/transaction", query).ok["count"] == count


def test_a_stranger_sees_none_of_it(shop, stranger):
    assert shop.get("/v1/list/invoice").ok["count"] == 3
    for path in ("/v1/list/invoice", "/v1/list/transaction", "/v1/invoice"):
        assert stranger.get(path).ok["content"] == []


@pytest.mark.parametrize("count", [2, 12])
def test_a_page_costs_the_same_whatever_is_on_it(count, django_assert_max_num_queries):
    api = billed(*(f"c-{number}" for number in range(count)))

    api.get("/v1/list/invoice").ok  # noqa: B018

    with django_assert_max_num_queries(STATEMENTS):
        found = api.get("/v1/list/invoice", {"size": 100})

    assert found.ok["count"] == count


STATEMENTS = 10
"""The door, one for the page and five for what hangs on it; with tries, their methods too."""
