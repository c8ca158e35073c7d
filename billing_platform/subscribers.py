"""Who hears what: the only list of its sort. Read it to know the whole machine."""

from collections.abc import Mapping, Sequence

from customers.events import CustomerChanged, CustomerCreated, CustomerDeleted
from invoicing.events import InvoiceIssued, InvoiceSettled
from kernel.events import DomainEvent
from payments.events import PaymentMethodAdded, PaymentMethodFailed
from subscriptions.events import (
    SubscriptionCancelled,
    SubscriptionCreated,
    SubscriptionExpired,
    SubscriptionRenewed,
    SubscriptionUncancelled,
)
from webhooks.events import WebhookFailing

WEBHOOKS = "webhooks.handlers.on_events"

SUBSCRIBERS: Mapping[type[DomainEvent], Sequence[str]] = {
    CustomerCreated: [WEBHOOKS],
    CustomerChanged: [WEBHOOKS],
    CustomerDeleted: [WEBHOOKS],
    PaymentMethodAdded: ["payments.handlers.on_methods_added", WEBHOOKS],
    PaymentMethodFailed: [WEBHOOKS],
    SubscriptionCreated: [WEBHOOKS],
    SubscriptionRenewed: [WEBHOOKS],
    SubscriptionCancelled: [WEBHOOKS],
    SubscriptionUncancelled: [WEBHOOKS],
    SubscriptionExpired: [WEBHOOKS],
    InvoiceIssued: ["payments.handlers.on_invoices_issued", WEBHOOKS],
    InvoiceSettled: ["messaging.handlers.on_invoices_settled", WEBHOOKS],
    WebhookFailing: ["operations.handlers.on_webhooks_failing"],
}
