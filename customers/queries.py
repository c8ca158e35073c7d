"""Reads on customers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from accounts.domain.details import handle as checked_handle
from accounts.models import Account
from customers.domain.details import FIELDS
from customers.models import Customer, CustomerNote, CustomerVersion
from foundation.tenancy import require
from kernel.errors import NotFound


def by_handle(account: Account, handle: str) -> Customer:
    """The customer of that handle, or `NotFound`; `Invalid` for what can be no handle."""
    known = Customer.objects.of(account).filter(deleted_at=None)
    found = known.filter(handle=checked_handle(handle)).first()
    if found is None:
        raise NotFound("customer", handle)
    return found


def is_taken(account: Account, handle: str) -> bool:
    """Whether a customer has or had that handle."""
    return Customer.objects.of(account).filter(handle=handle).exists()


def is_known(account: Account, handle: str) -> bool:
    """Whether there is a customer of that handle."""
    return Customer.objects.of(account).filter(handle=handle, deleted_at=None).exists()


def current_version(account: Account, customer: Customer) -> CustomerVersion:
    """Name and address as they are now."""
    return CustomerVersion.objects.of(account).get(id=customer.version_id)


def ids_of(account: Account, handles: Sequence[str]) -> dict[str, UUID]:
    """Handle to id for all of these well-formed `handles`; `NotFound` names the first missing."""
    found = Customer.objects.of(account).filter(handle__in=handles, deleted_at=None)
    ids = dict(found.values_list("handle", "id"))
    missing = next((each for each in handles if each not in ids), None)
    if missing is not None:
        raise NotFound("customer", missing)
    return ids


def refuse_unknown(account: Account, ids: Iterable[UUID]) -> None:
    """Raises `NotFound` for the first of `ids` that is no customer of the account."""
    wanted = list(ids)
    known = Customer.objects.of(account).filter(id__in=wanted, deleted_at=None)
    found = set(known.values_list("id", flat=True))
    missing = next((each for each in wanted if each not in found), None)
    if missing is not None:
        raise NotFound("customer", missing)


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a customer is written to, and in which language, as of now."""

    email: str
    language: str


def contacts(account: Account, ids: Collection[UUID]) -> dict[UUID, Contact]:
    """Those of the customers that have an e-mail address; one statement."""
    customers = Customer.objects.of(account).filter(id__in=ids, deleted_at=None)
    versions = CustomerVersion.objects.of(account).filter(id__in=customers.values("version_id"))
    rows = versions.exclude(email="").values_list("customer_id", "email", "language")
    return {id_: Contact(email, language) for id_, email, language in rows}


@dataclass(frozen=True, slots=True)
class CustomerFact:
    """A customer with name and address as they are now."""

    id: UUID
    handle: str
    created_at: datetime
    deleted_at: datetime | None
    debtor_number: int | None
    first_name: str
    last_name: str
    company: str
    address: str
    address2: str
    postal_code: str
    city: str
    country: str
    vat_id: str
    email: str
    phone: str
    language: str


_COLUMNS = ", ".join(f"version.{name}" for name in FIELDS)
_FACTS = f"""
SELECT customer.id, customer.handle, customer.created_at, customer.deleted_at,
       customer.debtor_number, {_COLUMNS}
FROM customers_customer AS customer
JOIN customers_customerversion AS version
  ON version.account_id = customer.account_id AND version.id = customer.version_id
WHERE customer.account_id = %s AND customer.{{which}}
"""  # noqa: S608
_BY_HANDLE = _FACTS.format(which="handle = %s AND customer.deleted_at IS NULL")
_BY_ID = _FACTS.format(which="id = ANY(%s)")


def fact(account: Account, handle: str) -> CustomerFact:
    """The customer of that handle, or `NotFound`; one statement."""
    found = _facts(account, _BY_HANDLE, handle)
    if not found:
        raise NotFound("customer", handle)
    return found[0]


def facts(account: Account, ids: Collection[UUID]) -> dict[UUID, CustomerFact]:
    """These customers by their ids, also those that are deleted; one statement."""
    return {each.id: each for each in _facts(account, _BY_ID, list(ids))}


def _facts(account: Account, query: str, asked: Any) -> list[CustomerFact]:
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(query, [account.id, asked])
        return [CustomerFact(*columns) for columns in cursor.fetchall()]


def notes(account: Account, customer_id: UUID) -> list[CustomerNote]:
    """What was written down about the customer, newest first."""
    found = CustomerNote.objects.of(account).filter(customer_id=customer_id)
    return list(found.order_by("-created_at", "-id"))


def tongue(account: Account, customer_id: UUID) -> str:
    """The language the customer speaks now, as it was written down; empty when unknown."""
    customers = Customer.objects.of(account).filter(id=customer_id)
    versions = CustomerVersion.objects.of(account).filter(id__in=customers.values("version_id"))
    return versions.values_list("language", flat=True).first() or ""


@dataclass(frozen=True, slots=True)
class Match:
    """A customer found by a search."""

    handle: str
    name: str
    email: str


def matching(account: Account, text: str, limit: int) -> list[Match]:
    """Customers whose handle or address begins so, or whose name holds it; newest first."""
    now = CustomerVersion.objects.of(account).filter(
        customer__version_id=F("id"), customer__deleted_at=None
    )
    found = now.filter(
        Q(customer__handle__startswith=text)
        | Q(email__istartswith=text)
        | Q(company__icontains=text)
        | Q(last_name__icontains=text)
    )
    columns = ("customer__handle", "company", "first_name", "last_name", "email")
    rows = found.order_by("-customer_id").values_list(*columns)[:limit]
    return [
        Match(handle, company or f"{first} {last}".strip(), email)
        for handle, company, first, last, email in rows
    ]
