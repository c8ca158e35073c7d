"""Take a customer out of the account's lists; documents keep what they say."""

from datetime import datetime
from uuid import UUID

from accounts.models import Account
from customers.events import CustomerDeleted
from customers.models import Customer
from foundation import audit, outbox
from kernel.errors import NotFound


def lock(*, account: Account, customer_id: UUID) -> Customer:
    """The customer, who nobody else changes until the transaction ends; raises `NotFound`."""
    customers = Customer.objects.of(account).select_for_update()
    customer = customers.filter(id=customer_id, deleted_at=None).first()
    if customer is None:
        raise NotFound("customer", customer_id)
    return customer


def delete(*, account: Account, customer_id: UUID, actor: str, now: datetime) -> None:
    """The handle stays taken; the caller has made sure that nothing runs or is open.

    Raises `NotFound` for one that is deleted already.
    """
    customer = lock(account=account, customer_id=customer_id)
    customer.deleted_at = now
    customer.save(update_fields=["deleted_at"])
    outbox.append(CustomerDeleted(customer_id=customer.id))
    audit.record(
        account=account,
        actor=actor,
        act="customer.deleted",
        subject=("customer", customer.id),
        at=now,
    )
