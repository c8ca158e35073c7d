"""Tables of the plumbing: what is due, what was said, what is parked, who holds what."""

from django.db import models
from django.db.models import F, Q

from foundation.tenancy import TenantModel
from kernel.ids import new_id


class DueItem(models.Model):
    """One line of the global due list: this account has work of this kind at this instant.

    It holds nothing else, so that a sweeper never sees content. Lines are only ever added by
    the transaction that makes the fact and removed once the account was worked through; several
    lines for one account and kind mean the same as the earliest of them.
    """

    id = models.BigAutoField(primary_key=True)
    account_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    own_clock = models.BooleanField(default=False)
    woken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="due_item_sweep", condition=Q(own_clock=False)),
            models.Index(fields=["account_id", "kind", "due_at"], name="due_item_account"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.due_at}"


class Heartbeat(models.Model):
    """When a part of the machine last showed life."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class OutboxEvent(TenantModel):
    """A fact, written with the fact; append-only, in month partitions by `created_at`."""

    id = models.UUIDField(primary_key=True)
    batch_id = models.UUIDField()
    position = models.IntegerField()
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "batch_id", "position"], name="outbox_event_batch")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Dispatch(TenantModel):
    """The facts of one transaction for one hearer: positions `first` to `last` of a batch."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        PARKED = "parked"

    id = models.BigAutoField(primary_key=True)
    batch_id = models.UUIDField()
    handler = models.CharField(max_length=100)
    first = models.IntegerField()
    last = models.IntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    failures = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "done", "parked"]), name="dispatch_state"
            ),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="dispatch_range"),
            models.UniqueConstraint(
                fields=["account", "batch_id", "handler", "first"], name="dispatch_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "next_at"],
                name="dispatch_pending",
                condition=Q(state="pending"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.first}-{self.last}"


class Parked(TenantModel):
    """Work that failed too often and waits for a person; every due query leaves it out."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    code = models.CharField(max_length=80)
    sentence = models.TextField()
    parked_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "subject_id"],
                name="parked_once",
                condition=Q(released_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}: {self.code}"


class Lease(TenantModel):
    """Who may do a thing in this account, and until when (wall time)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=60)
    owner = models.CharField(max_length=100)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="lease_once")]

    def __str__(self) -> str:
        return f"{self.name} by {self.owner}"


class IdempotentCall(TenantModel):
    """A write the caller named, and what it was answered."""

    id = models.UUIDField(primary_key=True, default=new_id)
    operation = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "operation", "key"], name="idempotent_call_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"


class NumberCounter(TenantModel):
    """The next number of a series in a year, and the latest date a number was given out for."""

    id = models.UUIDField(primary_key=True, default=new_id)
    series = models.CharField(max_length=40)
    year = models.IntegerField()
    next_number = models.BigIntegerField(default=1)
    last_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "series", "year"], name="number_counter_once"
            ),
            models.CheckConstraint(condition=Q(next_number__gte=1), name="number_counter_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.next_number}"


class AuditRow(TenantModel):
    """Who did what to which thing; ids and field names, personal values only as keyed digests.

    Written with the fact. `sequence` and `seal` are filled in later by the sealer, once, so that
    no business transaction queues on the chain.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    actor = models.CharField(max_length=200)
    act = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    details = models.JSONField(default=dict)
    at = models.DateTimeField()
    sequence = models.BigIntegerField(null=True)
    seal = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "sequence"],
                name="audit_row_sequence",
                condition=~Q(sequence=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.act} {self.subject_kind}"


class Capability(TenantModel):
    """A link that is itself the leave to see one thing until it expires; its token's hash alone
    is kept."""

    id = models.UUIDField(primary_key=True, default=new_id)
    purpose = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "token_hash"], name="capability_token")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.subject_kind}"


class CapabilityRoute(models.Model):
    """Route: the hash of a link's token to its account; what it opens, the account knows."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    account_id = models.UUIDField()

    def __str__(self) -> str:
        return self.token_hash[:8]
