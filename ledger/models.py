"""Journal entries and their postings: INSERT only, by grant and by trigger."""

from django.db import models
from django.db.models import Q

from foundation.tenancy import TenantModel, parent
from ledger.domain.chart import LedgerAccount, Reason


class JournalEntry(TenantModel):
    """One balanced booking; a reason and its subject are booked once."""

    id = models.UUIDField(primary_key=True)
    reason = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    customer_id = models.UUIDField(null=True)
    booked_on = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "subject_id", "reason"], name="journal_entry_once"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[each.value for each in Reason]),
                name="journal_entry_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.subject_id}"


class JournalPosting(TenantModel):
    """One amount to one ledger account; debit positive, minor units of `currency`."""

    id = models.BigAutoField(primary_key=True)
    entry = parent(JournalEntry)
    ledger_account = models.CharField(max_length=30)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ledger_account__in=[each.value for each in LedgerAccount]),
                name="journal_posting_account",
            ),
        ]
        indexes = [models.Index(fields=["account", "entry"], name="journal_posting_entry")]

    def __str__(self) -> str:
        return f"{self.ledger_account} {self.amount_minor} {self.currency}"
