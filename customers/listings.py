"""What lists of customers can show."""

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Account
from customers.models import Customer, CustomerVersion
from foundation.listing import Attribute, Kind, Listing


def _customers(account: Account) -> QuerySet[Customer]:
    return Customer.objects.of(account).filter(deleted_at=None)


def _now(column: str) -> Subquery:
    """A column of the customer's current version."""
    current = CustomerVersion._base_manager.filter(
        account_id=OuterRef("account_id"), id=OuterRef("version_id")
    )
    return Subquery(current.values(column)[:1])


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
        Attribute("created_at", Kind.INSTANT),
    ),
)
