"""What lists of subscriptions and of billing runs can show."""

from django.db.models import ExpressionWrapper, Q, QuerySet
from django.db.models.fields import BooleanField

from accounts.models import Account
from foundation.listing import Attribute, Kind, Listing
from subscriptions.domain.lifecycle import RunState, State
from subscriptions.models import BillingRun, Subscription


def _subscriptions(account: Account) -> QuerySet[Subscription]:
    return Subscription.objects.of(account)


def _runs(account: Account) -> QuerySet[BillingRun]:
    return BillingRun.objects.of(account)


def _true_where(**condition: object) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(Q(**condition), output_field=BooleanField())


SUBSCRIPTIONS = Listing(
    "subscriptions",
    _subscriptions,
    (
        Attribute("handle", Kind.TEXT),
        Attribute("customer_id", Kind.ID),
        Attribute("customer", Kind.TEXT, "customer__handle"),
        Attribute("plan", Kind.TEXT, "plan_version__plan__handle"),
        Attribute("plan_name", Kind.TEXT, "plan_version__name"),
        Attribute("plan_version", Kind.NUMBER, "plan_version__number"),
        Attribute("state", Kind.STATE, choices=tuple(State)),
        Attribute("is_cancelled", Kind.BOOL, _true_where(cancelled_at__isnull=False)),
        Attribute("quantity", Kind.NUMBER),
        Attribute("price_minor", Kind.MONEY, nullable=True),
        Attribute("plan_amount_minor", Kind.MONEY, "plan_version__amount_minor"),
        Attribute("currency", Kind.TEXT, "plan_version__currency"),
        Attribute("period_count", Kind.NUMBER),
        Attribute("start_at", Kind.INSTANT),
        Attribute("trial_end_at", Kind.INSTANT, nullable=True),
        Attribute("due_at", Kind.INSTANT, nullable=True),
        Attribute("cancelled_at", Kind.INSTANT, nullable=True),
        Attribute("expires_at", Kind.INSTANT, nullable=True),
        Attribute("expired_at", Kind.INSTANT, nullable=True),
        Attribute("created_at", Kind.INSTANT),
    ),
)

RUNS = Listing(
    "runs",
    _runs,
    (
        Attribute("state", Kind.STATE, choices=tuple(RunState)),
        Attribute("due_by", Kind.INSTANT),
        Attribute("started_at", Kind.INSTANT),
        Attribute("closed_at", Kind.INSTANT, nullable=True),
        Attribute("pause_reason", Kind.TEXT),
    ),
)
