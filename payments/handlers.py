"""What payments does when it hears of things below."""

from collections.abc import Sequence

from accounts.models import Account
from accounts.queries import business_now
from invoicing.events import InvoiceIssued
from kernel.events import DomainEvent
from payments.commands.request_attempts import request_attempts


def on_invoices_issued(account: Account, events: Sequence[DomainEvent]) -> None:
    """What is issued is collected at once."""
    ids = [each.invoice_id for each in events if isinstance(each, InvoiceIssued)]
    request_attempts(account=account, invoice_ids=ids, now=business_now(account))
