"""Payment methods and the attempts to draw money by them."""

from django.db import models
from django.db.models import Q

from foundation.tenancy import TenantModel, parent
from kernel.ids import new_id
from payments.domain.lifecycle import BUSY, MethodState, State


class PaymentMethod(TenantModel):
    """A stored means of paying: the gateway's token, never the card itself."""

    id = models.UUIDField(primary_key=True, default=new_id)
    customer = parent("customers.Customer")
    state = models.CharField(max_length=20, default=MethodState.ACTIVE.value)
    gateway = models.CharField(max_length=30)
    token = models.CharField(max_length=255)
    brand = models.CharField(max_length=30)
    masked_number = models.CharField(max_length=30)
    expiry = models.CharField(max_length=4)
    reference = models.CharField(max_length=255, db_default="")
    source_digest = models.CharField(max_length=64, db_default="")
    created_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "customer", "source_digest"],
                name="payment_method_stored_once",
                condition=Q(state="active") & ~Q(source_digest=""),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in MethodState]),
                name="payment_method_state",
            ),
        ]
        indexes = [models.Index(fields=["account", "customer"], name="payment_method_customer")]

    def __str__(self) -> str:
        return f"{self.brand} {self.masked_number}"


class PaymentAttempt(TenantModel):
    """One try to draw money for a claim; its id is the key the acquirer books it under."""

    id = models.UUIDField(primary_key=True, default=new_id)
    invoice = parent("invoicing.Invoice")
    method = parent(PaymentMethod)
    state = models.CharField(max_length=20, default=State.REQUESTED.value)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    error = models.CharField(max_length=60, default="")
    gateway_reference = models.CharField(max_length=100, default="")
    owner = models.CharField(max_length=100, default="")
    lease_until = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(null=True)
    not_found_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "invoice"],
                name="payment_attempt_one_busy",
                condition=Q(state__in=[each.value for each in sorted(BUSY)]),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="payment_attempt_state"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_attempt_amount"),
        ]
        indexes = [
            models.Index(fields=["account", "invoice"], name="payment_attempt_invoice"),
            models.Index(
                fields=["account", "created_at"],
                name="payment_attempt_requested",
                condition=Q(state="requested"),
            ),
            models.Index(
                fields=["account", "state"],
                name="payment_attempt_busy",
                condition=Q(state__in=["in_flight", "unknown"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.amount_minor} {self.currency}"
