"""Balances of the journal."""

from uuid import UUID

from django.db.models import Sum

from accounts.models import Account
from ledger.models import JournalEntry, JournalPosting


def balances(account: Account) -> dict[tuple[str, str], int]:
    """Per ledger account and currency, in minor units; debit positive."""
    postings = JournalPosting.objects.of(account).values("ledger_account", "currency")
    return {
        (row["ledger_account"], row["currency"]): int(row["total"])
        for row in postings.annotate(total=Sum("amount_minor"))
    }


def unbalanced(account: Account) -> list[UUID]:
    """Entries that are not zero in every currency: always none, or money is lost."""
    rows = JournalPosting.objects.of(account).values("entry_id", "currency")
    faulty = rows.annotate(total=Sum("amount_minor")).exclude(total=0)
    return list(faulty.values_list("entry_id", flat=True))


def receivable(account: Account, customer_id: UUID, currency: str) -> int:
    """What the customer owes by the books, in minor units of `currency`."""
    entries = JournalEntry.objects.of(account).filter(customer_id=customer_id).values("id")
    postings = JournalPosting.objects.of(account).filter(
        entry_id__in=entries, ledger_account="receivable", currency=currency
    )
    return int(postings.aggregate(total=Sum("amount_minor"))["total"] or 0)
