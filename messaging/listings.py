"""What lists of mails can show."""

from django.db.models import QuerySet

from accounts.models import Account
from foundation.listing import Attribute, Kind, Listing
from messaging.domain.kinds import Kind as Occasion
from messaging.domain.lifecycle import State
from messaging.models import Mail


def _mails(account: Account) -> QuerySet[Mail]:
    return Mail.objects.of(account)


MAILS = Listing(
    "mails",
    _mails,
    (
        Attribute("kind", Kind.STATE, choices=tuple(Occasion)),
        Attribute("state", Kind.STATE, choices=tuple(State)),
        Attribute("subject", Kind.TEXT),
        Attribute("recipient", Kind.TEXT),
        Attribute("language", Kind.TEXT),
        Attribute("customer_id", Kind.ID, nullable=True),
        Attribute("customer", Kind.TEXT, "customer__handle", nullable=True),
        Attribute("invoice_id", Kind.ID, nullable=True),
        Attribute("invoice", Kind.TEXT, "invoice__handle", nullable=True),
        Attribute("subscription_id", Kind.ID, nullable=True),
        Attribute("subscription", Kind.TEXT, "subscription__handle", nullable=True),
        Attribute("tries", Kind.NUMBER),
        Attribute("error", Kind.TEXT),
        Attribute("next_at", Kind.INSTANT, nullable=True),
        Attribute("created_at", Kind.INSTANT),
        Attribute("ended_at", Kind.INSTANT, nullable=True),
    ),
)
