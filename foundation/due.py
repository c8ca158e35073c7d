"""The due list: which account has work of which kind, and from when.

A fact that makes work notes it in its own transaction; notes are lines added, never rows
updated, so two transactions of one account do not wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, models

from foundation.models import DueItem
from foundation.tenancy import Scope, current_scope

_CARRIED = "due"
WAKE_AGAIN_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Work:
    """Something to wake: this kind, in this account."""

    account_id: UUID
    kind: str


def note(kind: str, at: datetime, *, business: bool = False) -> None:
    """The transaction's account has work of `kind` at `at`.

    `business` means `at` is an instant of the account's own clock if it owns one: sweepers then
    leave the line to whoever moves that clock.
    """
    scope = current_scope()
    notes = scope.carried.get(_CARRIED)
    if notes is None:
        notes = scope.carried[_CARRIED] = {}
        scope.at_last.append(lambda: _flush(scope))
    key = (kind, business and scope.own_clock)
    earliest = notes.get(key)
    if earliest is None or at < earliest:
        notes[key] = at


def _flush(scope: Scope) -> None:
    notes = scope.carried.pop(_CARRIED)
    rows = [(scope.account_id, kind, at, own) for (kind, own), at in notes.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_dueitem (account_id, kind, due_at, own_clock) VALUES "
            + ", ".join(["(%s, %s, %s, %s)"] * len(rows)),
            [value for row in rows for value in row],
        )


def wake(*, now: datetime, limit: int) -> list[Work]:
    """Claim what is due and was not woken lately; each line at most once a minute."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT id FROM foundation_dueitem
                WHERE NOT own_clock AND due_at <= %(now)s
                  AND (woken_at IS NULL OR woken_at < %(again)s)
                ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
            ), woken AS (
                UPDATE foundation_dueitem AS item SET woken_at = %(now)s
                FROM due WHERE item.id = due.id RETURNING item.account_id, item.kind
            )
            SELECT DISTINCT account_id, kind FROM woken
            """,
            {"now": now, "again": now - WAKE_AGAIN_AFTER, "limit": limit},
        )
        return [Work(account_id, kind) for account_id, kind in cursor.fetchall()]


def lines(account_id: UUID, kind: str, now: datetime) -> list[int]:
    """The lines that are due, to be cleared when their work is done; read before the work."""
    due = DueItem.objects.filter(account_id=account_id, kind=kind, due_at__lte=now)
    return list(due.values_list("id", flat=True))


def clear(account_id: UUID, seen: Sequence[int]) -> None:
    """Remove exactly the lines that were seen; what came in meanwhile stays."""
    DueItem.objects.filter(account_id=account_id, id__in=seen).delete()


def next_at(account_id: UUID, kinds: Sequence[str]) -> datetime | None:
    """The earliest instant at which the account has work of one of `kinds`."""
    items = DueItem.objects.filter(account_id=account_id, kind__in=kinds)
    earliest: datetime | None = items.aggregate(at=models.Min("due_at"))["at"]
    return earliest


def accounts(now: datetime) -> list[UUID]:
    """The accounts with work in real time, and all those with work on a clock of their own."""
    waiting = DueItem.objects.filter(models.Q(own_clock=True) | models.Q(due_at__lte=now))
    return list(waiting.values_list("account_id", flat=True).distinct().order_by("account_id"))
