"""The merchant's subscriptions: the list."""

from django.utils.translation import gettext_lazy as _

from dashboard.columns import Column, Empty, Table
from dashboard.lists import ListView
from subscriptions.listings import SUBSCRIPTIONS

TABLE = Table(
    name="subscriptions",
    title=_("Subscriptions"),
    listing=SUBSCRIPTIONS,
    columns=(
        Column(name="handle", label=_("Handle"), link="subscription"),
        Column(name="state", label=_("State"), chip="subscription"),
        Column(name="customer", label=_("Customer"), link="customer"),
        Column(name="plan", label=_("Plan"), link="plan"),
        Column(name="plan_name", label=_("Plan name"), is_default=False),
        Column(name="plan_version", label=_("Plan version"), is_default=False),
        Column(name="quantity", label=_("Quantity")),
        Column(name="plan_amount_minor", label=_("Plan amount")),
        Column(name="price_minor", label=_("Own price"), is_default=False),
        Column(name="currency", label=_("Currency"), is_default=False),
        Column(name="period_count", label=_("Periods billed"), is_default=False),
        Column(name="due_at", label=_("Next renewal")),
        Column(name="start_at", label=_("Start"), is_default=False),
        Column(name="trial_end_at", label=_("End of the trial"), is_default=False),
        Column(name="is_cancelled", label=_("Cancelled"), is_default=False),
        Column(name="cancelled_at", label=_("Cancelled on"), is_default=False),
        Column(name="expires_at", label=_("Expires"), is_default=False),
        Column(name="expired_at", label=_("Expired on"), is_default=False),
        Column(name="created_at", label=_("Created")),
    ),
    empty=Empty(
        icon="subscriptions",
        title=_("No subscriptions yet"),
        text=_("A subscription needs a customer and a plan; the API creates it in one call."),
    ),
)


class SubscriptionList(ListView):
    table = TABLE
    here = "subscriptions"
