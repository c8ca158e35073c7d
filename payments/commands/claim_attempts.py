"""Claim attempts for sending: committed, with a lease, before a byte leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from accounts.models import Account
from foundation import due
from foundation.tenancy import require
from kernel.money import Money

LOOK_UP_KIND = "look_up"


@dataclass(frozen=True, slots=True)
class Claimed:
    """An attempt that is now ours to send, once, under its id as key."""

    id: UUID
    gateway: str
    token: str
    amount: Money
    reference: str


CLAIM = """
UPDATE payments_paymentattempt AS attempt
SET state = 'in_flight', owner = %(owner)s, lease_until = %(lease)s
FROM payments_paymentmethod AS method
WHERE attempt.account_id = %(account)s AND method.account_id = %(account)s
  AND method.id = attempt.method_id AND attempt.id = ANY(ARRAY(
    SELECT id FROM payments_paymentattempt
    WHERE account_id = %(account)s AND state = 'requested'
    ORDER BY created_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
RETURNING attempt.id, method.gateway, method.token, attempt.amount_minor, attempt.currency
"""


def claim_attempts(
    *, account: Account, limit: int, owner: str, now: datetime, lease: timedelta
) -> list[Claimed]:
    """Take up to `limit` requested attempts in flight for as long as `lease`; `now` is wall time.

    Should the owner die, the lease ends and the attempt's outcome is looked up.
    """
    until = now + lease
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM, {"account": account.id, "owner": owner, "lease": until, "limit": limit}
        )
        rows = cursor.fetchall()
    if rows:
        due.note(LOOK_UP_KIND, until)
    return [
        Claimed(id_, gateway, token, Money(amount, currency), reference(account.id, id_))
        for id_, gateway, token, amount, currency in rows
    ]


def reference(account_id: UUID, attempt_id: UUID) -> str:
    """Our own mark on a charge; the acquirer's signed callback carries it back."""
    return f"{account_id.hex}.{attempt_id.hex}"
