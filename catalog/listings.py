"""What lists of the catalogue can show."""

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Account
from catalog.models import AddOn, Plan, PlanVersion
from foundation.listing import Attribute, Kind, Listing
from foundation.tenancy import beside


def _plans(account: Account) -> QuerySet[Plan]:
    return Plan.objects.of(account)


def _add_ons(account: Account) -> QuerySet[AddOn]:
    return AddOn.objects.of(account)


def _now(column: str) -> Subquery:
    """A column of the plan's current version."""
    current = beside(PlanVersion, id=OuterRef("version_id"))
    return Subquery(current.values(column)[:1])


PLANS = Listing(
    "plans",
    _plans,
    (
        Attribute("handle", Kind.TEXT),
        Attribute("name", Kind.TEXT),
        Attribute("state", Kind.STATE, choices=tuple(Plan.State.values)),
        Attribute("version", Kind.NUMBER, _now("number")),
        Attribute("amount_minor", Kind.MONEY, _now("amount_minor")),
        Attribute("currency", Kind.TEXT, _now("currency")),
        Attribute("amount_incl_vat", Kind.BOOL, _now("amount_incl_vat")),
        Attribute("vat", Kind.RATE, _now("vat"), nullable=True),
        Attribute("quantity", Kind.NUMBER, _now("quantity")),
        Attribute("schedule", Kind.TEXT, _now("schedule")),
        Attribute("interval_length", Kind.NUMBER, _now("interval_length")),
        Attribute("fixed_day", Kind.NUMBER, _now("fixed_day"), nullable=True),
        Attribute("base_month", Kind.NUMBER, _now("base_month"), nullable=True),
        Attribute("partial_period", Kind.TEXT, _now("partial_period")),
        Attribute("description", Kind.TEXT),
        Attribute("prorates_days", Kind.BOOL, _now("prorates_days")),
        Attribute("fixed_trial_days", Kind.BOOL, _now("fixed_trial_days")),
        Attribute("minimum_prorated_minor", Kind.MONEY, _now("minimum_prorated_minor")),
        Attribute("trial_unit", Kind.TEXT, _now("trial_unit"), nullable=True),
        Attribute("trial_length", Kind.NUMBER, _now("trial_length"), nullable=True),
        Attribute("created_at", Kind.INSTANT),
    ),
)

ADD_ONS = Listing(
    "add_ons",
    _add_ons,
    (
        Attribute("handle", Kind.TEXT),
        Attribute("name", Kind.TEXT),
        Attribute("amount_minor", Kind.MONEY),
        Attribute("currency", Kind.TEXT),
        Attribute("amount_incl_vat", Kind.BOOL),
        Attribute("vat", Kind.RATE, nullable=True),
        Attribute("created_at", Kind.INSTANT),
    ),
)
