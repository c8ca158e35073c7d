"""Claim deliveries for sending: committed, under a lease, before a byte leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from accounts.models import Account
from foundation.tenancy import require


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is now ours to send; user name and password only where it has its own."""

    id: UUID
    endpoint_id: UUID
    url: str
    content: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who claims, from when and until when, in wall time."""

    owner: str
    now: datetime
    length: timedelta


CLAIM = """
UPDATE webhooks_delivery AS d SET owner = %(owner)s, lease_until = %(until)s
FROM webhooks_endpoint AS e
WHERE d.account_id = %(account)s AND e.account_id = %(account)s AND e.id = d.endpoint_id
  AND d.id = ANY(ARRAY(
    SELECT first.id
    FROM unnest(%(endpoints)s::uuid[], %(rooms)s::int[]) AS asked(endpoint_id, room)
    CROSS JOIN LATERAL (
        SELECT head.id FROM webhooks_delivery AS head
        WHERE head.account_id = %(account)s AND head.endpoint_id = asked.endpoint_id
          AND head.state IN ('pending', 'retrying') AND head.next_at <= %(now)s
          AND (head.lease_until IS NULL OR head.lease_until <= %(now)s)
          AND NOT EXISTS (
            SELECT FROM webhooks_delivery AS ahead
            WHERE ahead.account_id = head.account_id AND ahead.endpoint_id = head.endpoint_id
              AND ahead.lane = head.lane AND ahead.sequence < head.sequence
              AND ahead.state IN ('pending', 'retrying'))
        ORDER BY head.next_at, head.sequence LIMIT asked.room FOR UPDATE SKIP LOCKED) AS first))
RETURNING d.id, d.endpoint_id, e.url, d.content, d.username, d.password
"""


def claim(*, account: Account, rooms: Mapping[UUID, int], lease: Lease) -> list[Claimed]:
    """Take what is due to these endpoints, of each as much as it has room for, and of each
    customer only the first that is open: what comes later waits for it.

    Should the owner die, the lease ends and another sends them again.
    """
    require(account)
    if not rooms:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "account": account.id,
                "endpoints": list(rooms),
                "rooms": list(rooms.values()),
                "owner": lease.owner,
                "now": lease.now,
                "until": lease.now + lease.length,
            },
        )
        return [Claimed(*row) for row in cursor.fetchall()]
