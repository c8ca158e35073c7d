"""Create customers, one or thousands."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import Account
from customers.commands import debtors
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
    account or twice in `customers`, and `Conflict("debtor_number_taken")` likewise.
    """
    refuse_taken(account, [each.handle for each in customers])
    debtors.refuse_taken(account, [each.debtor_number for each in customers])
    ids, versions = new_ids(len(customers)), new_ids(len(customers))
    with debtors.number_once(), handle_once("customer_handle", "customer"):
        bulk.insert(
            Customer,
            ("id", "handle", "version_id", "created_at", "debtor_number", "metadata"),
            [
                (id_, each.handle, version, now, each.debtor_number, _stored(each.metadata))
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


def _stored(metadata: Mapping[str, object] | None) -> str | None:
    return None if metadata is None else json.dumps(metadata)


def refuse_taken(account: Account, handles: Sequence[str]) -> None:
    """Raises `Conflict` for a handle in use or given twice."""
    found = Customer.objects.of(account).filter(handle__in=handles)
    seen = set(found.values_list("handle", flat=True))
    for each in handles:
        if each in seen:
            raise Conflict("handle_taken", "There is already a customer {handle}.", handle=each)
        seen.add(each)
