"""What merchants' programs are told, where to, and what came of it."""

from django.db import models
from django.db.models import Q

from foundation.tenancy import TenantModel, parent
from kernel.ids import new_id
from webhooks.domain.lifecycle import OPEN, State

STILL_OPEN = Q(state__in=sorted(each.value for each in OPEN))


class Settings(TenantModel):
    """What the account wants to be told; without a row, nothing.

    The secret is not here: it is made from the platform's key and `secret_salt`.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    is_disabled = models.BooleanField(default=False)
    secret_salt = models.CharField(max_length=64, default="")
    username = models.CharField(max_length=255, default="")
    password = models.CharField(max_length=255, default="")
    alert_emails = models.JSONField(default=list)
    alert_count = models.IntegerField()
    event_types = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], name="webhook_settings_once"),
            models.CheckConstraint(condition=Q(alert_count__gte=4), name="webhook_alert_count"),
        ]

    def __str__(self) -> str:
        return "disabled" if self.is_disabled else "enabled"


class Endpoint(TenantModel):
    """An address that is or was told, and how it fares.

    `position` is its place in the settings; one that is not in them any more, or that single
    deliveries were sent to instead, has none.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    url = models.CharField(max_length=1000)
    position = models.IntegerField(null=True)
    failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)
    alert_sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "url"], name="webhook_endpoint_url")
        ]

    def __str__(self) -> str:
        return self.url


class Event(TenantModel):
    """A fact under the name that merchants' programs know it by: INSERT only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    event_type = models.CharField(max_length=60)
    customer = parent("customers.Customer")
    subscription = parent("subscriptions.Subscription", optional=True)
    invoice = parent("invoicing.Invoice", optional=True)
    method = parent("payments.PaymentMethod", optional=True)
    attempt = parent("payments.PaymentAttempt", optional=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="webhook_event_created"),
            models.Index(fields=["account", "customer", "id"], name="webhook_event_customer"),
            models.Index(
                fields=["account", "subscription", "id"],
                name="webhook_event_subscription",
                condition=Q(subscription__isnull=False),
            ),
            models.Index(
                fields=["account", "invoice", "id"],
                name="webhook_event_invoice",
                condition=Q(invoice__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.id}"


class Delivery(TenantModel):
    """One event for one endpoint; `content` is the very text that is signed and sent.

    `lane` is the customer whose order is kept: of one endpoint and lane only the open delivery
    with the lowest `sequence` is sent. Whoever holds the lease (`owner`, `lease_until`) sends it.
    `tries` counts since `began_at`, the making or the last resending, and `count` for ever.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    sequence = models.BigIntegerField()
    event = parent(Event)
    endpoint = parent(Endpoint)
    lane = models.UUIDField(null=True)
    content = models.TextField()
    state = models.CharField(max_length=10, db_default=State.PENDING.value)
    username = models.CharField(max_length=255, db_default="")
    password = models.CharField(max_length=255, db_default="")
    count = models.IntegerField(db_default=0)
    tries = models.IntegerField(db_default=0)
    began_at = models.DateTimeField()
    next_at = models.DateTimeField()
    owner = models.CharField(max_length=100, db_default="")
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    first_fail_at = models.DateTimeField(null=True)
    last_fail_at = models.DateTimeField(null=True)
    success_at = models.DateTimeField(null=True)
    alert_sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="webhook_delivery_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "endpoint", "next_at", "sequence"],
                name="webhook_delivery_due",
                condition=STILL_OPEN,
            ),
            models.Index(
                fields=["account", "endpoint", "lane", "sequence"],
                name="webhook_delivery_lane",
                condition=STILL_OPEN,
            ),
            models.Index(fields=["account", "created_at", "id"], name="webhook_delivery_created"),
            models.Index(fields=["account", "event"], name="webhook_delivery_event"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"


class DeliveryAttempt(TenantModel):
    """One call and what came back, cut short: INSERT only. Without a status there was no answer,
    and `content` says why."""

    id = models.UUIDField(primary_key=True, default=new_id)
    delivery = parent(Delivery)
    initiated_at = models.DateTimeField()
    duration_ms = models.IntegerField()
    http_status = models.IntegerField(null=True)
    headers = models.TextField()
    content = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["account", "delivery"], name="webhook_attempt_delivery")]

    def __str__(self) -> str:
        return f"{self.http_status} after {self.duration_ms} ms"
