"""What lists of subscriptions and of billing runs can show."""

from django.db.models import ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields import BooleanField

from accounts.models import Account
from accounts.queries import business_now
from foundation.listing import Attribute, Kind, Listing
from foundation.tenancy import beside
from subscriptions.domain.lifecycle import RunState, State
from subscriptions.models import BillingPeriod, BillingRun, Subscription


def _subscriptions(account: Account) -> QuerySet[Subscription]:
    """With what depends on the account's time."""
    now = business_now(account)
    return Subscription.objects.of(account).annotate(
        is_in_trial=_true_where(state="active", trial_end_at__isnull=False, trial_end_at__gt=now),
        has_started=_true_where(start_at__lte=now),
    )


def _runs(account: Account) -> QuerySet[BillingRun]:
    return BillingRun.objects.of(account)


def _true_where(**condition: object) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(Q(**condition), output_field=BooleanField())


_OPEN = OuterRef("period_count")


def _start_of(index: object) -> Subquery:
    """Where the period of that number begins, if it is open yet."""
    periods = beside(BillingPeriod, subscription=OuterRef("pk"), index=index)
    return Subquery(periods.values("starts_at")[:1])


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
        Attribute("is_renewing", Kind.BOOL, _true_where(state="active", cancelled_at__isnull=True)),
        Attribute("is_in_trial", Kind.BOOL),
        Attribute("has_started", Kind.BOOL),
        Attribute("quantity", Kind.NUMBER),
        Attribute("price_minor", Kind.MONEY, nullable=True),
        Attribute("price_incl_vat", Kind.BOOL, nullable=True),
        Attribute("plan_amount_minor", Kind.MONEY, "plan_version__amount_minor"),
        Attribute("currency", Kind.TEXT, "plan_version__currency"),
        Attribute("period_count", Kind.NUMBER),
        Attribute("start_at", Kind.INSTANT),
        Attribute("trial_end_at", Kind.INSTANT, nullable=True),
        Attribute("due_at", Kind.INSTANT, nullable=True),
        Attribute("cancelled_at", Kind.INSTANT, nullable=True),
        Attribute("expires_at", Kind.INSTANT, nullable=True),
        Attribute("expired_at", Kind.INSTANT, nullable=True),
        Attribute("expire_reason", Kind.TEXT),
        Attribute("grace_seconds", Kind.NUMBER, nullable=True),
        Attribute("first_start_at", Kind.INSTANT, _start_of(0), nullable=True),
        Attribute(
            "previous_start_at",
            Kind.INSTANT,
            _start_of(OuterRef("period_count") - 2),
            nullable=True,
        ),
        Attribute(
            "current_start_at", Kind.INSTANT, _start_of(OuterRef("period_count") - 1), nullable=True
        ),
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
