"""What messaging does when it hears of things below."""

from collections.abc import Sequence

from accounts.models import Account
from accounts.queries import business_now
from invoicing.events import InvoiceSettled
from kernel.events import DomainEvent
from messaging.commands.write_receipts import write_receipts


def on_invoices_settled(account: Account, events: Sequence[DomainEvent]) -> None:
    """Who has paid gets a receipt."""
    paid = {
        each.invoice_id: each.customer_id for each in events if isinstance(each, InvoiceSettled)
    }
    write_receipts(account=account, settled=paid, now=business_now(account))
