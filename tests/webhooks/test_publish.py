"""Facts become public events and deliveries: each once, in order, cheap for a whole run."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.queries import business_now
from foundation import due, outbox
from foundation.faultpoint import arm
from foundation.listing import Asked, Filter, Op, count, page
from foundation.models import Dispatch
from foundation.tenancy import tenant
from invoicing.events import InvoiceIssued, InvoiceSettled
from invoicing.models import Invoice
from kernel.clock import wall_now
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.money import Money
from payments.commands import collect
from payments.events import CollectionFailed
from subscriptions.commands import drive
from subscriptions.events import SubscriptionRenewed
from tests.factories import (
    card_token,
    give_card,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.webhooks.steps import change, rows, say, states, told_account
from webhooks import queries
from webhooks.commands.deliver import deliver
from webhooks.commands.publish import DUE_KIND, publish
from webhooks.domain.event_types import WIRE_NAMES
from webhooks.listings import DELIVERIES, EVENTS
from webhooks.models import Event


def events_of(account_id):
    with tenant(account_id) as account:
        ids = Event.objects.of(account).values_list("id", flat=True)
        return queries.events(account, list(ids))


def billed(account_id, *handles, token=None):
    """Customers with a card each whose first period was billed, collected and told."""
    with tenant(account_id) as account:
        ids = make_customers(account, *handles)
        make_plan(account)
        make_subscriptions(account, *handles)
    for each in ids:
        give_card(account_id, each, **({"token": token} if token else {}))
    set_clock(account_id, "2026-02-01T00:00")
    drive.bill(account_id, batches=10)
    outbox.drain(account_id, limit=100)
    collect.collect(account_id, batches=10)
    outbox.drain(account_id, limit=100)


def test_without_an_address_events_are_kept_and_nothing_waits():
    account_id = make_account()
    (customer_id,) = say(account_id, "one")

    (event,) = events_of(account_id)
    assert (event.event_type, event.customer_id, event.customer) == (
        "customer_created",
        customer_id,
        "one",
    )
    assert rows(account_id) == []
    assert due.next_at(account_id, [DUE_KIND]) is None


def test_events_bear_the_time_of_the_accounts_clock_and_deliveries_real_time():
    account_id = told_account("https://example.org/")
    before = wall_now()
    say(account_id, "one")

    (event,), (row,) = events_of(account_id), rows(account_id)
    with tenant(account_id) as account:
        assert event.created_at == business_now(account)
    assert before <= row.created_at == row.next_at <= wall_now()
    assert json.loads(row.content)["timestamp"][:19] == row.created_at.isoformat()[:19]
    assert due.next_at(account_id, [DUE_KIND]) == row.next_at


def test_what_is_not_public_is_told_to_nobody():
    account_id = told_account("https://example.org/")
    (customer_id,) = say(account_id, "one")
    private = CollectionFailed(
        invoice_id=new_id(), customer_id=customer_id, attempt_id=None, error="x", is_final=True
    )
    assert private.kind not in WIRE_NAMES

    with tenant(account_id) as account:
        publish(account=account, events=[private], now=business_now(account), wall=wall_now())

    assert len(events_of(account_id)) == len(rows(account_id)) == 1


def test_a_handler_that_dies_before_its_mark_leaves_each_event_once():
    account_id = told_account("https://example.org/")
    with tenant(account_id) as account:
        make_customers(account, "one")
    arm("webhooks.published:1:raise")
    try:
        outbox.drain(account_id, limit=10)
    finally:
        arm("")
    assert rows(account_id) == []

    with tenant(account_id) as account:
        Dispatch.objects.of(account).update(next_at=wall_now())
    outbox.drain(account_id, limit=10)

    assert len(events_of(account_id)) == len(rows(account_id)) == 1


@pytest.mark.usefixtures("acquirer")
def test_a_renewal_is_told_as_created_renewed_and_settled_with_all_that_it_concerns():
    account_id = told_account("https://example.org/")
    billed(account_id, "one")

    with tenant(account_id) as account:
        invoice = Invoice.objects.of(account).get()
    told = [json.loads(each.content) for each in rows(account_id)]
    assert [each["event_type"] for each in told] == [
        "customer_created",
        "subscription_created",
        "customer_payment_method_added",
        "subscription_renewal",
        "invoice_created",
        "invoice_settled",
    ]
    for each in told[3:]:
        assert (each["customer"], each["subscription"], each["invoice"]) == (
            "one",
            "one",
            invoice.handle,
        )
    assert "invoice" not in told[1]
    assert "transaction" in told[5]
    assert "transaction" not in told[3]
    assert len(told[2]["payment_method"]) == 32


@pytest.mark.usefixtures("acquirer")
def test_a_failed_card_is_told_with_its_customer():
    account_id = told_account("https://example.org/")
    billed(account_id, "one", token=card_token("100"))

    failed = [
        json.loads(each.content)
        for each in rows(account_id)
        if each.event.event_type == "customer_payment_method_failed"
    ]
    assert [each["customer"] for each in failed] == ["one"]


def test_a_whole_batch_is_told_by_the_same_few_statements_as_one():
    account_id = told_account("https://example.org/", "https://example.com/")
    with tenant(account_id) as account:
        ids = make_customers(account, *(f"c{n}" for n in range(100)))
        make_plan(account)
        make_subscriptions(account, *(f"c{n}" for n in range(100)))
    set_clock(account_id, "2026-02-01T00:00")
    drive.bill(account_id, batches=10)
    with tenant(account_id) as account:
        facts = [
            made
            for each in Invoice.objects.of(account)
            for made in (issued(each), settled(each), renewed(each))
        ]

    def statements(events):
        with tenant(account_id) as account, CaptureQueriesContext(connection) as captured:
            publish(account=account, events=events, now=business_now(account), wall=wall_now())
        return len(captured)

    statements(facts[:3])
    few, many = statements(facts[:3]), statements(facts)

    assert len(ids) == 100
    assert many == few <= 15


def issued(invoice):
    return InvoiceIssued(
        invoice_id=invoice.id,
        customer_id=invoice.customer_id,
        subscription_id=invoice.subscription_id,
        gross=Money(invoice.gross_minor, invoice.currency),
        due_on=invoice.due_on,
    )


def settled(invoice):
    return InvoiceSettled(
        invoice_id=invoice.id,
        customer_id=invoice.customer_id,
        amount=Money(invoice.gross_minor, invoice.currency),
        settled_on=invoice.due_on,
    )


def renewed(invoice):
    return SubscriptionRenewed(
        subscription_id=invoice.subscription_id,
        customer_id=invoice.customer_id,
        invoice_id=invoice.id,
        period_index=0,
    )


# What faces read.


def test_lists_show_events_and_deliveries_by_handle_and_state(sink):
    sink.answer = lambda heard: 500 if heard.told["customer"] == "two" else 200
    account_id = told_account(sink.url)
    say(account_id, "one", "two")
    change(account_id, "one")
    deliver(account_id)

    with tenant(account_id) as account:
        of_one = Asked(filters=(Filter("customer", Op.IS, "one"),))
        events = page(account, EVENTS, of_one).rows
        failing = Filter("state", Op.ANY, ("retrying",))
        found = page(account, DELIVERIES, Asked(filters=(failing,))).rows
        whole = count(account, DELIVERIES, ())

    assert [each["event_type"] for each in events] == ["customer_changed", "customer_created"]
    assert [(each["customer"], each["url"], each["count"]) for each in found] == [
        ("two", sink.url, 1)
    ]
    assert whole == 3


def test_a_webhook_is_found_by_its_own_id_and_by_its_events(sink):
    account_id = told_account(sink.url, "https://example.org/")
    say(account_id, "one")
    first, second = rows(account_id)

    with tenant(account_id) as account:
        alone = queries.deliveries(account, first.id)
        both = queries.deliveries(account, first.event_id)
        counts = queries.delivery_counts(account)
        event = queries.event(account, first.event_id)
        with pytest.raises(NotFound, match="no event"):
            queries.event(account, first.id)

    assert [each.id for each in alone] == [first.id]
    assert [each.id for each in both] == [first.id, second.id]
    assert (both[0].event_type, both[0].content) == ("customer_created", first.content)
    assert counts == {"pending": 2}
    assert (event.customer, event.subscription, event.invoice) == ("one", None, None)


def test_each_call_is_in_the_history_of_its_webhook(sink):
    sink.answer = 503
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)

    with tenant(account_id) as account:
        (attempt,) = queries.attempts_of(account, rows(account_id)[0].id)
    assert (attempt.http_status, attempt.content) == (503, "heard\n")
    assert attempt.headers.splitlines()[0].startswith("Server: ")
    assert 0 <= attempt.duration_ms < 2000
    assert states(account_id) == ["retrying"]
