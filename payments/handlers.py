"""What payments does when it hears of things below."""

from collections.abc import Sequence

from accounts.models import Account
from accounts.queries import business_now
from invoicing.events import InvoiceIssued
from invoicing.queries import collectable_of
from kernel.events import DomainEvent
from payments.commands.request_attempts import request_attempts
from payments.events import PaymentMethodAdded


def on_methods_added(account: Account, events: Sequence[DomainEvent]) -> None:
    """What these customers still owe is asked for at once."""
    customers = [each.customer_id for each in events if isinstance(each, PaymentMethodAdded)]
    owed = collectable_of(account, customers)
    request_attempts(account=account, invoice_ids=owed, now=business_now(account))


def on_invoices_issued(account: Account, events: Sequence[DomainEvent]) -> None:
    """What is issued is collected at once."""
    ids = [each.invoice_id for each in events if isinstance(each, InvoiceIssued)]
    request_attempts(account=account, invoice_ids=ids, now=business_now(account))
