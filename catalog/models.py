"""Plans with their versions, and add-ons."""

from django.db import models
from django.db.models import Q

from catalog.domain.terms import PartialPeriod
from foundation.tenancy import TenantModel, parent
from kernel.ids import new_id
from kernel.periods import ScheduleKind, Unit


class Plan(TenantModel):
    """A priced recipe under one handle; what it costs stands in its versions."""

    class State(models.TextChoices):
        ACTIVE = "active"
        DELETED = "deleted"

    id = models.UUIDField(primary_key=True, default=new_id)
    handle = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    description = models.TextField(db_default="")
    metadata = models.JSONField(null=True)
    version_id = models.UUIDField()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "handle"], name="plan_handle"),
            models.CheckConstraint(condition=Q(state__in=["active", "deleted"]), name="plan_state"),
        ]

    def __str__(self) -> str:
        return self.handle


class PlanVersion(TenantModel):
    """Price and terms, immutable; a subscription keeps the version it began with."""

    id = models.UUIDField(primary_key=True, default=new_id)
    plan = parent(Plan)
    number = models.IntegerField()
    name = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    amount_incl_vat = models.BooleanField()
    vat = models.DecimalField(null=True, max_digits=8, decimal_places=6)
    quantity = models.IntegerField(default=1)
    schedule = models.CharField(max_length=20)
    interval_length = models.IntegerField()
    fixed_day = models.IntegerField(null=True)
    fixed_hour = models.IntegerField(default=0)
    base_month = models.IntegerField(null=True)
    partial_period = models.CharField(max_length=20, default=PartialPeriod.BILL_PRORATED.value)
    prorates_days = models.BooleanField(default=True)
    minimum_prorated_minor = models.BigIntegerField(default=0)
    trial_unit = models.CharField(max_length=10, null=True)  # noqa: DJ001
    trial_length = models.IntegerField(null=True)
    fixed_trial_days = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "plan", "number"], name="plan_version_number"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="plan_version_amount"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="plan_version_quantity"),
            models.CheckConstraint(
                condition=Q(schedule__in=[each.value for each in ScheduleKind]),
                name="plan_version_schedule",
            ),
            models.CheckConstraint(
                condition=Q(partial_period__in=[each.value for each in PartialPeriod]),
                name="plan_version_partial_period",
            ),
            models.CheckConstraint(
                condition=Q(trial_unit=None, trial_length=None)
                | Q(trial_unit__in=[each.value for each in Unit], trial_length__gte=1),
                name="plan_version_trial",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class AddOn(TenantModel):
    """A priced extra beside a plan, in its own currency, billed with every period."""

    id = models.UUIDField(primary_key=True, default=new_id)
    handle = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    amount_incl_vat = models.BooleanField()
    vat = models.DecimalField(null=True, max_digits=8, decimal_places=6)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "handle"], name="add_on_handle"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="add_on_amount"),
        ]

    def __str__(self) -> str:
        return self.handle
