"""Mails: that one is meant, and what became of it."""

from uuid import UUID

from django.db import models
from django.db.models import Q

from foundation.tenancy import TenantModel, parent
from kernel.ids import new_id
from messaging.domain.kinds import Kind
from messaging.domain.lifecycle import State


class Mail(TenantModel):
    """One mail to one person. Its id makes its Message-ID, so a receiver knows a repetition.

    `digest` names the stored bytes of the finished mail: they are made once, before the first
    try, and every further try sends the very same. `facts` is what it says and no other row
    knows. `created_at` is the account's business time;
    all other instants are real.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=20)
    customer = parent("customers.Customer", optional=True)
    invoice = parent("invoicing.Invoice", optional=True)
    subscription = parent("subscriptions.Subscription", optional=True)
    recipient = models.CharField(max_length=255)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=255)
    facts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, default="")
    tries = models.IntegerField(default=0)
    doubts = models.IntegerField(default=0)
    error = models.CharField(max_length=500, default="")
    owner = models.CharField(max_length=100, default="")
    lease_until = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="mail_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | ~Q(digest=""), name="mail_sent_is_stored"
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(kind=Kind.WEBHOOK_ALARM.value),
                name="mail_names_its_customer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "next_at"], name="mail_queued", condition=Q(state="queued")
            ),
            models.Index(
                fields=["account", "lease_until"],
                name="mail_in_flight",
                condition=Q(state="in_flight"),
            ),
            models.Index(fields=["account", "created_at", "id"], name="mail_created"),
            models.Index(fields=["account", "customer"], name="mail_customer"),
            models.Index(fields=["account", "invoice"], name="mail_invoice"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def claim_id(self) -> UUID:
        """The claim that the mail is about; asked only of mails that are about one."""
        assert self.invoice_id is not None, f"{self.kind} is about no claim"
        return self.invoice_id
