"""Which facts merchants' programs are told, and under which name."""

from collections.abc import Mapping

WIRE_NAMES: Mapping[str, str] = {
    "customer.created": "customer_created",
    "customer.changed": "customer_changed",
    "customer.deleted": "customer_deleted",
    "payment_method.added": "customer_payment_method_added",
    "payment_method.failed": "customer_payment_method_failed",
    "subscription.created": "subscription_created",
    "subscription.renewed": "subscription_renewal",
    "subscription.cancelled": "subscription_cancelled",
    "subscription.uncancelled": "subscription_uncancelled",
    "subscription.expired": "subscription_expired",
    "invoice.issued": "invoice_created",
    "invoice.settled": "invoice_settled",
}
"""Kind of event to the name that receivers know; a kind that is not here is told to nobody."""

EVENT_TYPES = (
    "invoice_created",
    "invoice_settled",
    "invoice_authorized",
    "invoice_dunning",
    "invoice_dunning_notification",
    "invoice_dunning_cancelled",
    "invoice_failed",
    "invoice_refund",
    "invoice_refund_failed",
    "invoice_reactivate",
    "invoice_cancelled",
    "invoice_changed",
    "invoice_credited",
    "subscription_created",
    "subscription_payment_method_added",
    "subscription_payment_method_changed",
    "subscription_trial_end",
    "subscription_renewal",
    "subscription_cancelled",
    "subscription_uncancelled",
    "subscription_on_hold",
    "subscription_on_hold_dunning",
    "subscription_reactivated",
    "subscription_expired",
    "subscription_expired_dunning",
    "subscription_changed",
    "customer_created",
    "customer_changed",
    "customer_deleted",
    "customer_payment_method_added",
    "customer_payment_method_failed",
    "customer_payment_method_updated",
    "customer_payment_method_reactivated",
    "customer_payment_method_deleted",
)
"""Every name that an endpoint may ask for, also those of facts that cannot happen yet."""
