"""Walk A, up to the merchant's own server: a renewal is billed, paid, told, and believed."""

import pytest

from foundation import outbox
from foundation.tenancy import tenant
from invoicing.models import Invoice
from payments.commands import collect
from subscriptions.commands import drive
from tests.factories import (
    give_card,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.webhooks.sink import is_authentic
from tests.webhooks.steps import told_account
from webhooks import queries
from webhooks.commands.deliver import deliver


@pytest.mark.feature("F190")
@pytest.mark.usefixtures("acquirer")
def test_a_renewal_reaches_the_shop_signed_in_order_and_with_what_its_plugin_looks_up(sink):
    account_id = told_account(sink.url)
    with tenant(account_id) as account:
        customers = make_customers(account, "anna", "bert")
        make_plan(account, price=1990)
        make_subscriptions(account, "anna", "bert")
    for each in customers:
        give_card(account_id, each)
    set_clock(account_id, "2026-02-01T00:00")

    drive.bill(account_id, batches=100)
    outbox.drain(account_id, limit=100)
    collect.collect(account_id, batches=100)
    outbox.drain(account_id, limit=100)
    deliver(account_id)

    with tenant(account_id) as account:
        secret = queries.settings_of(account).secret
        handles = dict(Invoice.objects.of(account).values_list("customer__handle", "handle"))
        assert queries.delivery_counts(account) == {"completed": len(sink.heard)}
    assert all(is_authentic(each, secret) for each in sink.told)
    assert not any(is_authentic(each, "another secret") for each in sink.told)
    for customer in ("anna", "bert"):
        heard = [each for each in sink.told if each["customer"] == customer]
        assert [each["event_type"] for each in heard] == [
            "customer_created",
            "subscription_created",
            "customer_payment_method_added",
            "subscription_renewal",
            "invoice_created",
            "invoice_settled",
        ]
        assert {each.get("invoice") for each in heard[3:]} == {handles[customer]}
        assert len({each["event_id"] for each in heard}) == 6
