"""Create customers, one or thousands."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import Account
from customers.domain.details import FIELDS, NewCustomer
from customers.events import CustomerCreated
from customers.models import Customer, CustomerVersion
from foundation import bulk, outbox
from foundation.handles import handle_once
from kernel.errors import Conflict
from kernel.ids import new_ids


def create(*, account: Account, customers: Sequence[NewCustomer], now: datetime) -> list[UUID]:
    """Create them all, or none; returns their ids in order.

    Raises `Conflict("handle_taken")` naming the first handle that is already there, in the
    account or twice in `customers`.
    """
    refuse_taken(account, [each.handle for each in customers])
    ids, versions = new_ids(len(customers)), new_ids(len(customers))
    with handle_once("customer_handle", "customer"):
        bulk.insert(
            Customer,
            ("id", "handle", "version_id", "created_at"),
            [
                (id_, each.handle, version, now)
                for id_, version, each in zip(ids, versions, customers, strict=True)
            ],
        )
    bulk.insert(
        CustomerVersion,
        ("id", "customer_id", "number", "created_at", *FIELDS),
        [
            (version, id_, 1, now, *each.details.columns())
            for id_, version, each in zip(ids, versions, customers, strict=True)
        ],
    )
    outbox.append(*(CustomerCreated(customer_id=id_) for id_ in ids))
    return ids


def refuse_taken(account: Account, handles: Sequence[str]) -> None:
    """Raises `Conflict` for a handle in use or given twice."""
    found = Customer.objects.of(account).filter(handle__in=handles)
    seen = set(found.values_list("handle", flat=True))
    for each in handles:
        if each in seen:
            raise Conflict("handle_taken", "There is already a customer {handle}.", handle=each)
        seen.add(each)
