"""The ledger's journal, one row a posting."""

from django.utils.translation import gettext_lazy as _

from accounts.domain.rights import Right
from customers.queries import facts
from dashboard.columns import Column, Empty, Table
from dashboard.lists import ListView
from foundation.listing import Kind, Row
from ledger.listings import POSTINGS

ACCOUNTS = {
    "receivable": _("Receivables"),
    "deferred_revenue": _("Deferred revenue"),
    "revenue": _("Revenue"),
    "vat": _("VAT"),
    "acquirer": _("Cash at the acquirer"),
    "bank": _("Bank"),
    "customer_credit": _("Customers' credit"),
    "write_off": _("Written off"),
    "fees": _("Fees"),
}
REASONS = {"issued": _("Invoice issued"), "collected": _("Payment received")}

TABLE = Table(
    name="journal",
    title=_("Ledger"),
    lead=_("Every posting ever made; debits are positive, and each entry adds up to zero."),
    listing=POSTINGS,
    # In the order they were made, which is also the order of the key.
    order_by="posting",
    columns=(
        Column(name="booked_on", label=_("Booked on")),
        Column(name="reason", label=_("Reason"), words=REASONS),
        Column(name="ledger_account", label=_("Ledger account"), words=ACCOUNTS),
        Column(name="amount_minor", label=_("Amount")),
        Column(name="currency", label=_("Currency")),
        Column(
            name="customer",
            label=_("Customer"),
            kind=Kind.TEXT,
            link="customer",
            needs=("customer_id",),
        ),
        Column(name="customer_id", label=_("Customer's id"), is_default=False),
        Column(name="entry_id", label=_("Entry"), is_default=False),
        Column(name="subject_id", label=_("Concerns"), is_default=False),
        Column(name="created_at", label=_("Created"), is_default=False),
    ),
    empty=Empty(
        icon="ledger",
        title=_("Nothing is booked yet"),
        text=_("The first invoice makes the first entry."),
    ),
)


class Journal(ListView):
    table = TABLE
    here = "journal"
    right = Right.SEE_BOOKS

    def complete(self, rows: list[Row]) -> None:
        known = facts(self.account, {row["customer_id"] for row in rows if row.get("customer_id")})
        for row in rows:
            customer_id = row.get("customer_id")
            row["customer"] = known[customer_id].handle if customer_id in known else ""
