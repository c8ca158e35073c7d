"""What must be known to tell a fact: where to, and what the fact itself does not say."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Account
from foundation.tenancy import require
from webhooks.models import Settings
from webhooks.queries import listed, secret_of


@dataclass(frozen=True, slots=True)
class Targets:
    """Where new events go, which of them, and how they are signed."""

    endpoint_ids: tuple[UUID, ...]
    event_types: frozenset[str]
    secret: str = field(repr=False)

    def wants(self, event_type: str) -> bool:
        """No choice of types means all of them."""
        return not self.event_types or event_type in self.event_types


def lock_targets(account: Account) -> Targets | None:
    """Where new events go, if anywhere; whoever asks writes deliveries, one after the other, so
    that their sequence is the order in which they are committed."""
    if not listed(account).exists():
        return None
    row = Settings.objects.of(account).select_for_update().get()
    ids = tuple(listed(account).values_list("id", flat=True))
    if row.is_disabled or not ids:
        return None
    return Targets(ids, frozenset(row.event_types), secret_of(account, row.secret_salt))


@dataclass(frozen=True, slots=True)
class InvoiceFact:
    """Whose claim it is, what it bills, and the attempt that paid it."""

    customer_id: UUID
    subscription_id: UUID | None
    attempt_id: UUID | None


INVOICES = """
SELECT i.id, i.customer_id, i.subscription_id, (
    SELECT a.id FROM payments_paymentattempt AS a
    WHERE a.account_id = i.account_id AND a.invoice_id = i.id AND a.state = 'succeeded'
    ORDER BY a.id DESC LIMIT 1)
FROM invoicing_invoice AS i WHERE i.account_id = %s AND i.id = ANY(%s)
"""
METHODS = """
SELECT id, customer_id FROM payments_paymentmethod WHERE account_id = %s AND id = ANY(%s)
"""


def invoices(account: Account, ids: Collection[UUID]) -> dict[UUID, InvoiceFact]:
    """What an event does not say of its claim; one statement."""
    return {row[0]: InvoiceFact(*row[1:]) for row in _asked(account, INVOICES, ids)}


def method_customers(account: Account, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Payment method to its customer; one statement."""
    return dict(_asked(account, METHODS, ids))


def _asked(account: Account, question: str, ids: Collection[UUID]) -> list[Any]:
    require(account)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(question, [account.id, list(ids)])
        return list(cursor.fetchall())
