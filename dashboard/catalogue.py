"""What the merchant sells: plans and add-ons."""

from django.utils.translation import gettext_lazy as _

from catalog.listings import ADD_ONS, PLANS
from dashboard.columns import Column, Empty, Table
from dashboard.lists import ListView

SCHEDULES = {
    "manual": _("By hand"),
    "daily": _("Every so many days"),
    "month_startdate": _("Monthly from the start day"),
    "month_fixedday": _("Monthly on a fixed day"),
    "month_lastday": _("Monthly on the last day"),
    "weekly_fixedday": _("Weekly on a fixed day"),
}
UNITS = {"months": _("Months"), "days": _("Days"), "hours": _("Hours"), "minutes": _("Minutes")}

PLAN_TABLE = Table(
    name="plans",
    title=_("Plans"),
    listing=PLANS,
    columns=(
        Column(name="handle", label=_("Handle"), link="plan"),
        Column(name="name", label=_("Name")),
        Column(name="state", label=_("State"), chip="plan"),
        Column(name="version", label=_("Version")),
        Column(name="amount_minor", label=_("Amount")),
        Column(name="currency", label=_("Currency"), is_default=False),
        Column(name="amount_incl_vat", label=_("Including VAT"), is_default=False),
        Column(name="vat", label=_("VAT rate"), is_default=False),
        Column(name="schedule", label=_("Schedule"), words=SCHEDULES),
        Column(name="interval_length", label=_("Interval")),
        Column(name="fixed_day", label=_("Fixed day"), is_default=False),
        Column(name="trial_length", label=_("Trial"), is_default=False),
        Column(name="trial_unit", label=_("Trial in"), words=UNITS, is_default=False),
        Column(name="quantity", label=_("Quantity"), is_default=False),
        Column(name="created_at", label=_("Created")),
    ),
    empty=Empty(
        icon="plans",
        title=_("No plans yet"),
        text=_("A plan says what a subscription costs and when it is billed."),
    ),
)

ADD_ON_TABLE = Table(
    name="add_ons",
    title=_("Add-ons"),
    listing=ADD_ONS,
    columns=(
        Column(name="handle", label=_("Handle")),
        Column(name="name", label=_("Name")),
        Column(name="amount_minor", label=_("Amount")),
        Column(name="currency", label=_("Currency"), is_default=False),
        Column(name="amount_incl_vat", label=_("Including VAT"), is_default=False),
        Column(name="vat", label=_("VAT rate"), is_default=False),
        Column(name="created_at", label=_("Created")),
    ),
    empty=Empty(
        icon="addons",
        title=_("No add-ons yet"),
        text=_("An add-on is sold beside a plan and billed with every period."),
    ),
)


class PlanList(ListView):
    table = PLAN_TABLE
    here = "plans"


class AddOnList(ListView):
    table = ADD_ON_TABLE
    here = "add_ons"
