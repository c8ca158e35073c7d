"""What the journal can show: one row a posting."""

from django.db.models import QuerySet

from accounts.models import Account
from foundation.listing import Attribute, Kind, Listing
from ledger.domain.chart import LedgerAccount, Reason
from ledger.models import JournalPosting


def _postings(account: Account) -> QuerySet[JournalPosting]:
    return JournalPosting.objects.of(account)


POSTINGS = Listing(
    "postings",
    _postings,
    (
        Attribute("entry_id", Kind.ID),
        Attribute("reason", Kind.STATE, "entry__reason", choices=tuple(Reason)),
        Attribute("subject_id", Kind.ID, "entry__subject_id"),
        Attribute("customer_id", Kind.ID, "entry__customer_id", nullable=True),
        Attribute("ledger_account", Kind.STATE, choices=tuple(LedgerAccount)),
        Attribute("amount_minor", Kind.MONEY),
        Attribute("currency", Kind.TEXT),
        Attribute("booked_on", Kind.DATE, "entry__booked_on"),
        Attribute("created_at", Kind.INSTANT, "entry__created_at"),
        Attribute("posting", Kind.NUMBER, "pk"),
    ),
)
