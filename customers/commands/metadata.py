"""What the merchant keeps with a customer for his own use."""

from collections.abc import Mapping
from uuid import UUID

from accounts.models import Account
from customers.models import Customer
from kernel.errors import NotFound


def keep_metadata(
    *, account: Account, customer_id: UUID, metadata: Mapping[str, object] | None
) -> None:
    """Put it in place of what was kept before; nothing takes it away."""
    customers = Customer.objects.of(account).filter(id=customer_id)
    if not customers.update(metadata=metadata):
        raise NotFound("customer", customer_id)
