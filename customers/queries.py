"""Reads on customers."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from accounts.domain.details import handle as checked_handle
from accounts.models import Account
from customers.models import Customer, CustomerVersion
from kernel.errors import NotFound


def by_handle(account: Account, handle: str) -> Customer:
    """The customer of that handle, or `NotFound`; `Invalid` for what can be no handle."""
    known = Customer.objects.of(account).filter(deleted_at=None)
    found = known.filter(handle=checked_handle(handle)).first()
    if found is None:
        raise NotFound("customer", handle)
    return found


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
