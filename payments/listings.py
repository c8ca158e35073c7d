"""What lists of payment methods and attempts can show."""

from django.db.models import QuerySet

from accounts.models import Account
from foundation.listing import Attribute, Kind, Listing
from payments.domain.lifecycle import MethodState, State
from payments.models import PaymentAttempt, PaymentMethod


def _methods(account: Account) -> QuerySet[PaymentMethod]:
    return PaymentMethod.objects.of(account)


def _attempts(account: Account) -> QuerySet[PaymentAttempt]:
    return PaymentAttempt.objects.of(account)


METHODS = Listing(
    "payment_methods",
    _methods,
    (
        Attribute("customer_id", Kind.ID),
        Attribute("customer", Kind.TEXT, "customer__handle"),
        Attribute("state", Kind.STATE, choices=tuple(MethodState)),
        Attribute("brand", Kind.TEXT),
        Attribute("masked_number", Kind.TEXT),
        Attribute("expiry", Kind.TEXT),
        Attribute("gateway", Kind.TEXT),
        Attribute("reference", Kind.TEXT),
        Attribute("id", Kind.ID),
        Attribute("created_at", Kind.INSTANT),
        Attribute("failed_at", Kind.INSTANT, nullable=True),
    ),
)

ATTEMPTS = Listing(
    "payment_attempts",
    _attempts,
    (
        Attribute("id", Kind.ID),
        Attribute("invoice_id", Kind.ID),
        Attribute("invoice", Kind.TEXT, "invoice__handle"),
        Attribute("customer", Kind.TEXT, "invoice__customer__handle"),
        Attribute("state", Kind.STATE, choices=tuple(State)),
        Attribute("amount_minor", Kind.MONEY),
        Attribute("currency", Kind.TEXT),
        Attribute("brand", Kind.TEXT, "method__brand"),
        Attribute("masked_number", Kind.TEXT, "method__masked_number"),
        Attribute("method_id", Kind.ID),
        Attribute("error", Kind.TEXT),
        Attribute("gateway_reference", Kind.TEXT),
        Attribute("created_at", Kind.INSTANT),
        Attribute("ended_at", Kind.INSTANT, nullable=True),
    ),
)
