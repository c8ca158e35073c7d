"""Events and webhooks on the wire."""

import pytest

from accounts.queries import business_now
from foundation import outbox
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.ids import new_id
from subscriptions.commands import drive
from subscriptions.commands.cancel import cancel
from tests.factories import make_account, make_customers, make_plan, make_subscriptions, set_clock
from tests.wire_client import Api
from tests.witness import nothing_changes
from webhooks.commands.change_settings import change_settings
from webhooks.domain.settings import NewSettings

URL = "https://shop.example.org/hook"
OTHER = "https://other.example.org/hook"
TODAY = {"created_before": "2199-01-01"}


@pytest.fixture
def shop():
    """A client of an account with one address for webhooks, and a subscription that was cancelled
    after its first invoice."""
    account_id = make_account()
    with tenant(account_id) as account:
        change_settings(account=account, new=NewSettings(urls=(URL,)), actor="test", now=wall_now())
        make_customers(account, "one")
        make_plan(account)
        (id_,) = make_subscriptions(account, "one")
    set_clock(account_id, "2026-02-10")
    drive.bill(account_id, batches=5)
    with tenant(account_id) as account:
        cancel(account=account, subscription_id=id_, actor="a", now=business_now(account))
    outbox.run(account_id, limit=100)
    return Api(account_id)


def types(answer):
    return sorted(each["event_type"] for each in answer.ok["content"])


ALL = [
    "customer_created",
    "invoice_created",
    "subscription_cancelled",
    "subscription_created",
    "subscription_renewal",
]


def test_events_are_told_with_what_they_are_about(shop):
    listed = shop.get("/v1/event", {"size": 100}).ok

    assert sorted(each["event_type"] for each in listed["content"]) == ALL
    assert (listed["page"], listed["size"], listed["count"]) == (1, 100, 5)
    (made,) = [each for each in listed["content"] if each["event_type"] == "invoice_created"]
    invoice = shop.get("/v1/invoice/inv-1-one").ok
    assert (made["customer"], made["subscription"], made["invoice"]) == (
        "one",
        "one",
        invoice["id"],
    )
    assert shop.get(f"/v1/event/{made['id']}").ok == made


def test_events_are_asked_for_by_what_they_are_about(shop):
    assert types(shop.get("/v1/event", {"customer": "one"})) == ALL
    assert types(shop.get("/v1/event", {"customer": "two"})) == []
    assert types(shop.get("/v1/event", {"subscription": "one"})) == ALL[1:]
    assert types(shop.get("/v1/event", {"invoice": "inv-1-one"})) == [
        "invoice_created",
        "subscription_renewal",
    ]
    assert types(shop.get("/v1/event", {"invoice": "nothing"})) == []


def test_events_come_page_by_page(shop):
    pages = [shop.get("/v1/event", {"size": 2, "page": page}).ok for page in (1, 2, 3, 4)]

    assert [each["count"] for each in pages] == [2, 2, 1, 0]
    ids = [each["id"] for page in pages for each in page["content"]]
    assert len(set(ids)) == 5
    assert shop.get("/v1/event", {"page": 10_000_000}).refusal == (400, 50)
    assert shop.get("/v1/event", {"page": 0}).refusal == (422, 1)


def webhooks(shop, **query):
    return shop.get("/v1/list/webhook", query).ok["content"]


def test_a_webhook_is_told_with_its_event(shop):
    found = webhooks(shop)

    assert len(found) == 5
    one = found[0]
    assert (one["url"], one["state"], one["count"]) == (URL, "pending", 0)
    assert one["event"] in one["content"]
    assert shop.get(f"/v1/webhook/{one['id']}").ok == [one]
    assert shop.get(f"/v1/webhook/{one['event']}").ok == [one]
    assert shop.get(f"/v1/webhook/{one['id']}/request").ok == []


def test_webhooks_are_asked_for(shop):
    (one, *_) = webhooks(shop)

    assert len(webhooks(shop, state="pending")) == 5
    assert webhooks(shop, state="failed") == []
    assert webhooks(shop, event=one["event"]) == [one]
    assert webhooks(shop, event="nonsense") == []
    assert len(shop.get("/v1/webhook", TODAY).ok) == 5
    assert len(shop.get("/v1/webhook", TODAY | {"size": 2}).ok) == 2
    assert shop.get("/v1/webhook", TODAY | {"state": "completed"}).ok == []
    assert shop.get("/v1/webhook", TODAY | {"event": one["event"]}).ok == [one]
    assert shop.get("/v1/webhook", TODAY | {"created_after": "2198-01-01"}).ok == []
    assert shop.get("/v1/webhook").refusal == (422, 1)


def test_webhooks_are_disabled_sent_again_and_elsewhere(shop):
    one, two, *_ = webhooks(shop)

    (disabled,) = shop.post("/v1/webhook/disable", {"webhooks": [one["id"]]}).ok
    assert (disabled["id"], disabled["state"]) == (one["id"], "disabled")
    (again,) = shop.post("/v1/webhook/resend", {"webhooks": [one["event"]]}).ok
    assert (again["id"], again["state"]) == (one["id"], "pending")
    (moved,) = shop.post(
        "/v1/webhook/update",
        {"webhooks": [two["id"]], "url": OTHER, "username": "u", "password": "p"},
    ).ok
    assert (moved["id"], moved["url"], moved["username"]) == (two["id"], OTHER, "u")


@pytest.mark.parametrize("act", ["resend", "disable", "update"])
def test_webhooks_that_are_none_are_refused(shop, act):
    def refused(*ids, **rest):
        with nothing_changes(shop.account_id):
            return shop.post(
                f"/v1/webhook/{act}", {"webhooks": list(ids), "url": OTHER} | rest
            ).refusal

    assert refused(new_id().hex) == (404, 46)
    assert refused("nonsense") == (404, 46)
    assert refused() == (400, 1)
    assert refused(*(new_id().hex for _ in range(101))) == (422, 1)


def test_another_address_is_checked(shop):
    (one, *_) = webhooks(shop)

    for url in ("nonsense", "https://shop.example.org:8443/hook", "http://127.0.0.1/hook"):
        body = {"webhooks": [one["id"]], "url": url}
        assert shop.post("/v1/webhook/update", body).refusal == (400, 1)


def test_what_another_account_has_is_as_unknown_as_nothing(shop, stranger):
    (one, *_) = webhooks(shop)

    assert stranger.get(f"/v1/event/{one['event']}").refusal == (404, 47)
    assert stranger.get(f"/v1/event/{new_id().hex}").refusal == (404, 47)
    assert stranger.get("/v1/event/nonsense").refusal == (404, 47)
    for path in ("", "/request"):
        for id_ in (one["id"], new_id().hex, "nonsense"):
            assert stranger.get(f"/v1/webhook/{id_}{path}").refusal == (404, 46)
    assert stranger.post("/v1/webhook/disable", {"webhooks": [one["id"]]}).refusal == (404, 46)
    assert stranger.get("/v1/event").ok["content"] == []
    assert stranger.get("/v1/webhook", TODAY).ok == []
    assert webhooks(stranger) == []


def test_settings_are_told_and_changed(api):
    before = api.get("/v1/account/webhook_settings").ok
    assert (before["urls"], before["disabled"], before["event_types"]) == ([], False, [])

    told = api.put(
        "/v1/account/webhook_settings",
        {
            "urls": [URL, OTHER],
            "disabled": False,
            "username": "u",
            "password": "p",
            "alert_emails": ["a@example.org"],
            "alert_count": 10,
            "event_types": ["invoice_settled"],
        },
    ).ok

    assert told["urls"] == [URL, OTHER]
    assert (told["username"], told["password"], told["alert_count"]) == ("u", "p", 10)
    assert (told["alert_emails"], told["event_types"]) == (["a@example.org"], ["invoice_settled"])
    assert told["secret"] == before["secret"]
    assert api.get("/v1/account/webhook_settings").ok == told
    renewed = api.post("/v1/account/webhook_settings/secret").ok
    assert renewed["secret"] != told["secret"]
    assert renewed | {"secret": ""} == told | {"secret": ""}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"urls": [URL]}, (422, 1)),
        ({"disabled": False}, (422, 1)),
        ({"urls": URL, "disabled": False}, (422, 1)),
        ({"urls": ["nonsense"], "disabled": False}, (400, 1)),
        ({"urls": ["http://10.0.0.1/"], "disabled": False}, (400, 1)),
        ({"urls": [URL], "disabled": False, "alert_count": 3}, (422, 1)),
        ({"urls": [URL], "disabled": False, "event_types": ["nonsense"]}, (400, 1)),
        ({"urls": [URL], "disabled": False, "alert_emails": ["nonsense"]}, (400, 1)),
    ],
)
def test_settings_that_cannot_be_change_nothing(api, body, refusal):
    with nothing_changes(api.account_id):
        assert api.put("/v1/account/webhook_settings", body).refusal == refusal
