"""What lists of claims can show."""

from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import Account
from foundation.listing import Attribute, Kind, Listing
from foundation.tenancy import beside
from invoicing.domain.lifecycle import State
from invoicing.models import Document, Invoice


def _invoices(account: Account) -> QuerySet[Invoice]:
    return Invoice.objects.of(account)


def _document(column: str) -> Subquery:
    """A column of the claim's paper."""
    papers = beside(Document, invoice=OuterRef("pk"), kind="invoice")
    return Subquery(papers.order_by("-pk").values(column)[:1])


_PARTLY_SETTLED = ExpressionWrapper(
    Q(settled_minor__gt=0, settled_minor__lt=F("gross_minor")), output_field=BooleanField()
)

INVOICES = Listing(
    "invoices",
    _invoices,
    (
        Attribute("handle", Kind.TEXT),
        Attribute("number", Kind.TEXT, _document("number"), nullable=True),
        Attribute("sequence", Kind.NUMBER, _document("sequence"), nullable=True),
        Attribute("customer_id", Kind.ID),
        Attribute("customer", Kind.TEXT, "customer__handle"),
        Attribute("subscription_id", Kind.ID, nullable=True),
        Attribute("state", Kind.STATE, choices=tuple(State)),
        Attribute("currency", Kind.TEXT),
        Attribute("gross_minor", Kind.MONEY),
        Attribute("settled_minor", Kind.MONEY),
        Attribute("open_minor", Kind.MONEY, F("gross_minor") - F("settled_minor")),
        Attribute("is_partly_settled", Kind.BOOL, _PARTLY_SETTLED),
        Attribute("net_minor", Kind.MONEY, _document("net_minor"), nullable=True),
        Attribute("tax_minor", Kind.MONEY, _document("tax_minor"), nullable=True),
        Attribute("issued_on", Kind.DATE),
        Attribute("due_on", Kind.DATE),
        Attribute("service_from", Kind.DATE, _document("service_from"), nullable=True),
        Attribute("service_to", Kind.DATE, _document("service_to"), nullable=True),
        Attribute("settled_at", Kind.INSTANT, nullable=True),
        Attribute("created_at", Kind.INSTANT),
    ),
)
