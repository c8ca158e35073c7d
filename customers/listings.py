"""What lists of customers can show."""

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from accounts.models import Account
from customers.models import Customer, CustomerVersion
from foundation.listing import Attribute, Kind, Listing
from foundation.tenancy import beside


def _customers(account: Account) -> QuerySet[Customer]:
    return Customer.objects.of(account).filter(deleted_at=None)


def _now(column: str) -> Subquery:
    """A column of the customer's current version."""
    current = beside(CustomerVersion, id=OuterRef("version_id"))
    return Subquery(current.values(column)[:1])


def _name() -> Subquery:
    """First and last name as one text."""
    current = beside(CustomerVersion, id=OuterRef("version_id"))
    whole = Concat("first_name", Value(" "), "last_name")
    return Subquery(current.annotate(whole=whole).values("whole")[:1])


VERSIONED = (
    "first_name",
    "last_name",
    "company",
    "email",
    "address",
    "address2",
    "postal_code",
    "city",
    "country",
    "phone",
    "vat_id",
    "language",
)

CUSTOMERS = Listing(
    "customers",
    _customers,
    (
        Attribute("handle", Kind.TEXT),
        *(Attribute(each, Kind.TEXT, _now(each)) for each in VERSIONED),
        Attribute("name", Kind.TEXT, _name()),
        Attribute("debtor_number", Kind.NUMBER, nullable=True),
        Attribute("created_at", Kind.INSTANT),
    ),
)
