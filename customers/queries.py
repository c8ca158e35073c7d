"""Reads on customers."""

from collections.abc import Sequence
from uuid import UUID

from accounts.models import Account
from customers.models import Customer, CustomerVersion
from kernel.errors import NotFound


def by_handle(account: Account, handle: str) -> Customer:
    """The customer of that handle, or `NotFound`."""
    found = Customer.objects.of(account).filter(handle=handle, deleted_at=None).first()
    if found is None:
        raise NotFound("customer", handle)
    return found


def current_version(account: Account, customer: Customer) -> CustomerVersion:
    """Name and address as they are now."""
    return CustomerVersion.objects.of(account).get(id=customer.version_id)


def ids_of(account: Account, handles: Sequence[str]) -> dict[str, UUID]:
    """Handle to id for all of `handles`; `NotFound` names the first that is missing."""
    found = Customer.objects.of(account).filter(handle__in=handles, deleted_at=None)
    ids = dict(found.values_list("handle", "id"))
    missing = next((each for each in handles if each not in ids), None)
    if missing is not None:
        raise NotFound("customer", missing)
    return ids
