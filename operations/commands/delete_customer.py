"""Delete a customer, if nothing of his runs or is open."""

from datetime import datetime
from uuid import UUID

from accounts.models import Account
from customers.commands.delete import delete, lock
from invoicing import queries as invoicing
from kernel.errors import Refused
from subscriptions.queries.facts import counts_by_customer


def delete_customer(*, account: Account, customer_id: UUID, actor: str, now: datetime) -> None:
    """Raises `NotFound` for no such customer, and `Refused` while a subscription has not ended
    or a claim is open."""
    customer = lock(account=account, customer_id=customer_id)
    counts = counts_by_customer(account, [customer_id], now).get(customer_id)
    if counts is not None and counts.active:
        raise Refused(
            "customer_has_subscriptions",
            "{customer} has subscriptions that have not ended.",
            customer=customer.handle,
        )
    if invoicing.collectable_of(account, [customer_id]):
        raise Refused(
            "customer_has_open_invoices",
            "{customer} has invoices that are not paid.",
            customer=customer.handle,
        )
    delete(account=account, customer_id=customer_id, actor=actor, now=now)
