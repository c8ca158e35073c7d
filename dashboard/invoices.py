"""The merchant's claims: the list."""

from django.utils.translation import gettext_lazy as _

from dashboard.columns import Column, Empty, Table
from dashboard.lists import ListView
from invoicing.listings import INVOICES

TABLE = Table(
    name="invoices",
    title=_("Invoices"),
    listing=INVOICES,
    columns=(
        Column(name="handle", label=_("Handle"), link="invoice"),
        Column(name="number", label=_("Number")),
        Column(name="state", label=_("State"), chip="invoice"),
        Column(name="customer", label=_("Customer"), link="customer"),
        Column(name="gross_minor", label=_("Amount")),
        Column(name="settled_minor", label=_("Paid"), is_default=False),
        Column(name="open_minor", label=_("Open")),
        Column(name="net_minor", label=_("Net"), is_default=False),
        Column(name="tax_minor", label=_("Tax"), is_default=False),
        Column(name="currency", label=_("Currency"), is_default=False),
        Column(name="issued_on", label=_("Issued on"), is_default=False),
        Column(name="due_on", label=_("Due on")),
        Column(name="service_from", label=_("Service from"), is_default=False),
        Column(name="service_to", label=_("Service to"), is_default=False),
        Column(name="settled_at", label=_("Paid on"), is_default=False),
        Column(name="created_at", label=_("Created")),
    ),
    empty=Empty(
        icon="invoices",
        title=_("No invoices yet"),
        text=_("The billing run issues an invoice for each period of a subscription."),
    ),
)


class InvoiceList(ListView):
    table = TABLE
    here = "invoices"
