"""Who hears what: the only list of its sort. Read it to know the whole machine."""

from collections.abc import Mapping, Sequence

from invoicing.events import InvoiceIssued
from kernel.events import DomainEvent
from payments.events import PaymentMethodAdded

SUBSCRIBERS: Mapping[type[DomainEvent], Sequence[str]] = {
    InvoiceIssued: ["payments.handlers.on_invoices_issued"],
    PaymentMethodAdded: ["payments.handlers.on_methods_added"],
}
