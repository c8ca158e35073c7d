"""Customers on the wire."""

import pytest

from accounts.queries import business_now
from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from subscriptions.commands import drive
from tests.factories import make_account, make_plan, make_subscriptions, set_clock
from tests.wire_client import Api
from tests.witness import nothing_changes

ANNA = {
    "handle": "anna@example.com",
    "email": "anna@example.com",
    "address": "Hauptstr. 1",
    "address2": "Hinterhaus",
    "city": "Berlin",
    "country": "DE",
    "phone": "+49 30 123",
    "company": "Anna & Co. „KG“",
    "vat": "DE136695976",
    "language": "de",
    "first_name": "Anna",
    "last_name": "Ågård",
    "postal_code": "10115",
    "debtor_id": 4711,
}


def told(api):
    with tenant(api.account_id) as account:
        found = OutboxEvent.objects.of(account).order_by("created_at", "position")
        return list(found.values_list("kind", flat=True))


def test_a_customer_is_answered_as_it_was_created(api):
    made = api.post("/v1/customer", ANNA).ok

    assert {name: made[name] for name in ANNA} == ANNA
    assert made["created"] == "2026-01-15T12:00:00.000+00:00"
    assert (made["test"], made["active_subscriptions"], made["settled_amount"]) == (True, 0, 0)
    assert api.get("/v1/customer/anna@example.com").ok == made
    assert told(api) == ["customer.created"]


def test_a_handle_is_made_where_one_is_asked_for_and_never_one_that_is_taken(api):
    api.post("/v1/customer", {"handle": "cust-2"})

    made = [api.post("/v1/customer", {"generate_handle": True}).ok["handle"] for _ in range(2)]

    assert made == ["cust-1", "cust-3"]


def test_without_a_handle_nobody_is_created(api):
    with nothing_changes(api.account_id):
        assert api.post("/v1/customer", {}).refusal == (422, 1)
        assert api.post("/v1/customer").refusal == (422, 1)


def test_a_handle_is_given_once(api):
    api.post("/v1/customer", {"handle": "one"})

    with nothing_changes(api.account_id):
        assert api.post("/v1/customer", {"handle": "one"}).refusal == (400, 11)


def test_a_debtor_id_is_given_once_and_stays(api):
    api.post("/v1/customer", {"handle": "one", "debtor_id": 7})
    api.post("/v1/customer", {"handle": "two"})

    with nothing_changes(api.account_id):
        assert api.post("/v1/customer", {"handle": "x", "debtor_id": 7}).refusal == (400, 161)
        assert api.put("/v1/customer/two", {"debtor_id": 7}).refusal == (400, 161)
        assert api.put("/v1/customer/one", {"debtor_id": 8}).refusal == (400, 162)
    assert api.put("/v1/customer/one", {"company": "A"}).ok["debtor_id"] == 7
    assert api.put("/v1/customer/two", {"debtor_id": 8}).ok["debtor_id"] == 8


@pytest.mark.parametrize(("is_live", "said", "code"), [(False, False, 21), (True, True, 20)])
def test_test_and_live_are_not_mixed(is_live, said, code):
    api = Api(make_account(is_live=is_live))

    with nothing_changes(api.account_id):
        assert api.post("/v1/customer", {"handle": "x", "test": said}).refusal == (400, code)
    assert api.post("/v1/customer", {"handle": "x", "test": not said}).ok["test"] is not is_live


def test_an_update_replaces_all_that_it_may_change(api):
    api.post("/v1/customer", ANNA)

    put = api.put("/v1/customer/anna@example.com", {"company": "Neu", "unknown": [1]}).ok

    assert put["company"] == "Neu"
    assert not {"email", "address", "first_name", "vat"} & set(put)
    assert put["debtor_id"] == 4711
    assert api.get("/v1/customer/anna@example.com").ok == put


def test_what_a_customer_has_is_counted(api):
    with tenant(api.account_id) as account:
        make_plan(account, price=1190)
    api.post("/v1/customer", {"handle": "anna"})
    with tenant(api.account_id) as account:
        make_subscriptions(account, "anna")
    set_clock(api.account_id, "2026-02-01T00:00")
    drive.bill(api.account_id, batches=10)

    found = api.get("/v1/customer/anna").ok

    assert (found["subscriptions"], found["active_subscriptions"]) == (1, 1)
    assert (found["pending_invoices"], found["pending_amount"]) == (1, 1190)
    assert found["settled_invoices"] == found["expired_subscriptions"] == 0


def test_a_customer_is_deleted_once_nothing_runs_and_nothing_is_open(api):
    with tenant(api.account_id) as account:
        make_plan(account)
    api.post("/v1/customer", {"handle": "anna"})
    api.post("/v1/customer", {"handle": "bert"})
    with tenant(api.account_id) as account:
        make_subscriptions(account, "anna")

    with nothing_changes(api.account_id):
        assert api.delete("/v1/customer/anna").refusal == (400, 32)
    gone = api.delete("/v1/customer/bert").ok

    assert (gone["handle"], gone["deleted"]) == ("bert", "2026-01-15T12:00:00.000+00:00")
    assert told(api)[-1] == "customer.deleted"
    assert api.get("/v1/customer/bert").refusal == (404, 9)
    assert api.delete("/v1/customer/bert").refusal == (404, 9)
    assert api.post("/v1/customer", {"handle": "bert"}).refusal == (400, 11)


def test_a_customer_with_an_open_invoice_is_not_deleted(api):
    from subscriptions.commands.expire import expire

    with tenant(api.account_id) as account:
        make_plan(account)
    api.post("/v1/customer", {"handle": "anna"})
    with tenant(api.account_id) as account:
        (running,) = make_subscriptions(account, "anna")
    set_clock(api.account_id, "2026-02-01T00:00")
    drive.bill(api.account_id, batches=10)
    with tenant(api.account_id) as account:
        expire(account=account, subscription_id=running, actor="test", now=business_now(account))

    with nothing_changes(api.account_id):
        assert api.delete("/v1/customer/anna").refusal == (400, 33)


def test_metadata_come_back_as_they_went_in(api):
    kept = {"a": [1, 2.5, None, True, {"ü": "x"}], "b": {}, "": "", "big": 2**62}
    api.post("/v1/customer", {"handle": "one", "metadata": {"first": 1}})

    assert api.get("/v1/customer/one/metadata").ok == {"first": 1}
    assert api.put("/v1/customer/one/metadata", kept).ok == kept
    assert api.get("/v1/customer/one/metadata").ok == kept
    assert api.delete("/v1/customer/one/metadata").ok == {}
    assert api.get("/v1/customer/one/metadata").ok == {}


def test_metadata_have_bounds(api):
    api.post("/v1/customer", {"handle": "one"})
    deep: dict[str, object] = {}
    for _ in range(30):
        deep = {"a": deep}

    with nothing_changes(api.account_id):
        for wrong in (deep, {"a": "x" * 70_000}, [1], "x", {"a": 2**64}):
            assert api.put("/v1/customer/one/metadata", wrong).refusal == (422, 1)


def test_notes_are_listed_with_the_newest_first(api):
    api.post("/v1/customer", {"handle": "one"})
    first = api.post("/v1/customer/one/note", {"note": "Rief an.", "user_name": "Eva"}).ok
    second = api.post("/v1/customer/one/note", {"note": "Rief wieder an."}).ok

    assert api.get("/v1/customer/one/note").ok == [second, first]
    assert (first["note"], first["user_name"], "user_name" in second) == ("Rief an.", "Eva", False)
    with nothing_changes(api.account_id):
        assert api.post("/v1/customer/one/note", {"note": " "}).refusal == (400, 1)


def test_a_customer_of_another_account_is_as_unknown_as_none(api, stranger):
    stranger.post("/v1/customer", {"handle": "theirs"})
    ways = [
        ("GET", "/v1/customer/{}", None),
        ("PUT", "/v1/customer/{}", {"company": "mine"}),
        ("DELETE", "/v1/customer/{}", None),
        ("GET", "/v1/customer/{}/metadata", None),
        ("PUT", "/v1/customer/{}/metadata", {"a": 1}),
        ("DELETE", "/v1/customer/{}/metadata", None),
        ("GET", "/v1/customer/{}/note", None),
        ("POST", "/v1/customer/{}/note", {"note": "x"}),
    ]

    with nothing_changes(stranger.account_id), nothing_changes(api.account_id):
        for method, path, body in ways:
            foreign = api.call(method, path.format("theirs"), body)
            unknown = api.call(method, path.format("nobody"), body)
            assert foreign.refusal == unknown.refusal == (404, 9), path
            assert foreign.json["message"] == unknown.json["message"].replace("nobody", "theirs")
