"""What lists of public events and of deliveries can show."""

from django.db.models import QuerySet

from accounts.models import Account
from foundation.listing import Attribute, Kind, Listing
from webhooks.domain.event_types import EVENT_TYPES
from webhooks.domain.lifecycle import State
from webhooks.models import Delivery, Event


def _events(account: Account) -> QuerySet[Event]:
    return Event.objects.of(account)


def _deliveries(account: Account) -> QuerySet[Delivery]:
    return Delivery.objects.of(account)


EVENTS = Listing(
    "events",
    _events,
    (
        Attribute("event_type", Kind.STATE, choices=EVENT_TYPES),
        Attribute("customer_id", Kind.ID),
        Attribute("customer", Kind.TEXT, "customer__handle"),
        Attribute("subscription_id", Kind.ID, nullable=True),
        Attribute("subscription", Kind.TEXT, "subscription__handle", nullable=True),
        Attribute("invoice_id", Kind.ID, nullable=True),
        Attribute("invoice", Kind.TEXT, "invoice__handle", nullable=True),
        Attribute("created_at", Kind.INSTANT),
    ),
)

DELIVERIES = Listing(
    "deliveries",
    _deliveries,
    (
        Attribute("event_id", Kind.ID),
        Attribute("event_type", Kind.STATE, "event__event_type", choices=EVENT_TYPES),
        Attribute("customer_id", Kind.ID, "event__customer_id"),
        Attribute("customer", Kind.TEXT, "event__customer__handle"),
        Attribute("state", Kind.STATE, choices=tuple(State)),
        Attribute("url", Kind.TEXT, "endpoint__url"),
        Attribute("content", Kind.TEXT),
        Attribute("username", Kind.TEXT),
        Attribute("password", Kind.TEXT),
        Attribute("count", Kind.NUMBER),
        Attribute("next_at", Kind.INSTANT),
        Attribute("first_fail_at", Kind.INSTANT, nullable=True),
        Attribute("last_fail_at", Kind.INSTANT, nullable=True),
        Attribute("success_at", Kind.INSTANT, nullable=True),
        Attribute("alert_sent_at", Kind.INSTANT, nullable=True),
        Attribute("created_at", Kind.INSTANT),
    ),
)
