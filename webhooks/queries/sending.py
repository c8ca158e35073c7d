"""What is to be sent, when, and what waits behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accounts.models import Account
from foundation.tenancy import require


@dataclass(frozen=True, slots=True)
class DueEndpoint:
    """An endpoint that something is due to, and that is not left in peace."""

    id: UUID
    failures: int


DUE_ENDPOINTS = """
SELECT e.id, e.failures FROM webhooks_endpoint AS e
WHERE e.account_id = %(account)s AND (e.rest_until IS NULL OR e.rest_until <= %(now)s)
  AND EXISTS (
    SELECT FROM webhooks_delivery AS d
    WHERE d.account_id = e.account_id AND d.endpoint_id = e.id
      AND d.state IN ('pending', 'retrying') AND d.next_at <= %(now)s)
"""


def due_endpoints(account: Account, now: datetime) -> list[DueEndpoint]:
    """Endpoints that may be called now and that something waits for, blocked or not."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(DUE_ENDPOINTS, {"account": account.id, "now": now})
        return [DueEndpoint(*row) for row in cursor.fetchall()]


NEXT = """
SELECT min(GREATEST(head.next_at, head.lease_until, e.rest_until))
FROM webhooks_delivery AS head
JOIN webhooks_endpoint AS e ON e.account_id = head.account_id AND e.id = head.endpoint_id
WHERE head.account_id = %(account)s AND head.state IN ('pending', 'retrying')
  AND NOT EXISTS (
    SELECT FROM webhooks_delivery AS ahead
    WHERE ahead.account_id = head.account_id AND ahead.endpoint_id = head.endpoint_id
      AND ahead.lane = head.lane AND ahead.sequence < head.sequence
      AND ahead.state IN ('pending', 'retrying'))
"""


def next_due_at(account: Account) -> datetime | None:
    """When something can be sent next: due, not on its way, its endpoint not left in peace and
    nothing of its customer before it."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"account": account.id})
        (at,) = cursor.fetchone()
    found: datetime | None = at
    return found


BEHIND = """
SELECT asked.id, count(d.id)
FROM unnest(%(ids)s::uuid[]) AS asked(id)
JOIN webhooks_delivery AS head ON head.account_id = %(account)s AND head.id = asked.id
JOIN webhooks_delivery AS d ON d.account_id = %(account)s AND d.endpoint_id = head.endpoint_id
  AND d.lane = head.lane AND d.sequence > head.sequence AND d.state IN ('pending', 'retrying')
GROUP BY asked.id
"""


def behind(account: Account, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many deliveries wait behind each of these, for those behind which any does."""
    require(account)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, {"account": account.id, "ids": list(ids)})
        return dict(cursor.fetchall())
