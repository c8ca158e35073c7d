"""Subscriptions, the periods they were billed for, and the runs that billed them."""

from django.db import models
from django.db.models import F, Q

from foundation.tenancy import TenantModel, parent
from kernel.ids import new_id
from subscriptions.domain.lifecycle import ExpireReason, RunState, State


class Subscription(TenantModel):
    """The agreement. Boundaries are counted from `anchor_at`, a local moment in `timezone`.

    `period_count` periods are open so far; the next begins at `next_start` (local) which is
    the instant `due_at`. A subscription that will not be billed again has no `due_at`.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    handle = models.CharField(max_length=255)
    customer = parent("customers.Customer")
    plan_version = parent("catalog.PlanVersion")
    state = models.CharField(max_length=10, default=State.ACTIVE.value)
    quantity = models.IntegerField()
    price_minor = models.BigIntegerField(null=True)
    price_incl_vat = models.BooleanField(null=True)
    timezone = models.CharField(max_length=64)
    start_at = models.DateTimeField()
    trial_end_at = models.DateTimeField(null=True)
    anchor_local = models.CharField(max_length=16)
    next_start = models.CharField(max_length=16)
    has_partial_first = models.BooleanField(default=False)
    period_count = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    expire_reason = models.CharField(max_length=10, db_default="")
    grace_seconds = models.BigIntegerField(null=True)
    metadata = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "handle"], name="subscription_handle"),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="subscription_state"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="subscription_quantity"),
            models.CheckConstraint(
                condition=Q(price_minor=None, price_incl_vat=None)
                | Q(price_minor__gte=0, price_incl_vat__isnull=False),
                name="subscription_price",
            ),
            models.CheckConstraint(
                condition=Q(state="active") | Q(due_at=None), name="subscription_due_is_active"
            ),
            models.CheckConstraint(
                condition=Q(state="active", expire_reason="")
                | Q(state="expired", expire_reason__in=["", *map(str, ExpireReason)]),
                name="subscription_expire_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "due_at"],
                name="subscription_due",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(fields=["account", "customer"], name="subscription_customer"),
        ]

    def __str__(self) -> str:
        return self.handle


class SubscriptionAddOn(TenantModel):
    """An add-on attached to a subscription, with its own quantity and, if set, its own price."""

    id = models.UUIDField(primary_key=True, default=new_id)
    subscription = parent(Subscription)
    add_on = parent("catalog.AddOn")
    handle = models.CharField(max_length=255)
    quantity = models.IntegerField()
    price_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "subscription", "handle"], name="subscription_add_on_handle"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="subscription_add_on_quantity"
            ),
        ]

    def __str__(self) -> str:
        return self.handle


class BillingRun(TenantModel):
    """One visible run over an account: what is due by `due_by`, from billing to its sheet."""

    id = models.UUIDField(primary_key=True, default=new_id)
    state = models.CharField(max_length=20, default=RunState.BILLING.value)
    due_by = models.DateTimeField()
    started_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=255, default="")
    sheet = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], name="billing_run_one_open", condition=~Q(state="closed")
            ),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in RunState]), name="billing_run_state"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", sheet__isnull=False) | ~Q(state="closed"),
                name="billing_run_closed_with_sheet",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.due_by}"


class BillingPeriod(TenantModel):
    """One billed stretch: the uniqueness of its number is what makes billing happen once."""

    id = models.BigAutoField(primary_key=True)
    subscription = parent(Subscription)
    index = models.IntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    start_on = models.DateField()
    end_on = models.DateField()
    invoice_id = models.UUIDField()
    run = models.ForeignKey(
        BillingRun,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        null=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "subscription", "index"], name="billing_period_once"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="billing_period_forward"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "run"], name="billing_period_run"),
            models.Index(fields=["account", "invoice_id"], name="billing_period_invoice"),
        ]

    def __str__(self) -> str:
        return f"{self.index}: {self.start_on} to {self.end_on}"
