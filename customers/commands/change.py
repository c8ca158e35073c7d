"""Change a customer: a new version, while documents keep the old one."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from accounts.models import Account
from customers.domain.details import Details
from customers.events import CustomerChanged
from customers.models import Customer, CustomerVersion
from foundation import outbox
from kernel.errors import NotFound
from kernel.ids import new_id


def change(*, account: Account, customer_id: UUID, details: Details, now: datetime) -> None:
    """Write the details as the next version; the same again changes nothing.

    Raises `NotFound` when the account has no such customer.
    """
    customer = Customer.objects.of(account).select_for_update().filter(id=customer_id).first()
    if customer is None:
        raise NotFound("customer", customer_id)
    current = CustomerVersion.objects.of(account).get(id=customer.version_id)
    values = asdict(details)
    if all(getattr(current, field) == value for field, value in values.items()):
        return
    version = CustomerVersion.objects.of(account).create(
        id=new_id(),
        account_id=account.id,
        customer_id=customer.id,
        number=current.number + 1,
        created_at=now,
        **values,
    )
    customer.version_id = version.id
    customer.save(update_fields=["version_id"])
    outbox.append(CustomerChanged(customer_id=customer.id))
