"""Balances of the journal."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from accounts.models import Account
from foundation.tenancy import require
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


def receivables_by_subject(account: Account, subject_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What each subject (document, attempt) booked on receivables, in minor units; debit positive.

    Subjects that booked nothing are left out.
    """
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(RECEIVABLES, [account.id, list(subject_ids)])
        return dict(cursor.fetchall())


RECEIVABLES = """
SELECT e.subject_id, sum(p.amount_minor)::bigint
FROM ledger_journalentry AS e
JOIN ledger_journalposting AS p ON p.account_id = e.account_id AND p.entry_id = e.id
WHERE e.account_id = %s AND e.subject_id = ANY(%s) AND p.ledger_account = 'receivable'
GROUP BY e.subject_id
"""
