"""Every try to draw money."""

from django.utils.translation import gettext_lazy as _

from dashboard.columns import Column, Empty, Table
from dashboard.lists import ListView
from payments.listings import ATTEMPTS

TABLE = Table(
    name="attempts",
    title=_("Transactions"),
    listing=ATTEMPTS,
    columns=(
        Column(name="created_at", label=_("Created")),
        Column(name="state", label=_("State"), chip="attempt"),
        Column(name="invoice", label=_("Invoice"), link="invoice"),
        Column(name="customer", label=_("Customer"), link="customer"),
        Column(name="amount_minor", label=_("Amount")),
        Column(name="currency", label=_("Currency"), is_default=False),
        Column(name="brand", label=_("Card type")),
        Column(name="masked_number", label=_("Card number"), is_default=False),
        Column(name="error", label=_("Reason")),
        Column(name="gateway_reference", label=_("Acquirer's reference"), is_default=False),
        Column(name="ended_at", label=_("Ended"), is_default=False),
    ),
    empty=Empty(
        icon="payments",
        title=_("No transactions yet"),
        text=_("An invoice is collected as soon as its customer has a payment method."),
    ),
)


class AttemptList(ListView):
    table = TABLE
    here = "attempts"
