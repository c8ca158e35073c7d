"""The audit trail: rows written with the fact, chained afterwards by a sealer.

The chain makes a later change or a missing row visible; it is made outside the business
transactions so that none of them waits for its end.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Max

from foundation.models import AuditRow

if TYPE_CHECKING:
    from accounts.models import Account

SEAL_MAX = 1000


def record(
    *,
    account: "Account",
    actor: str,
    act: str,
    subject: tuple[str, UUID],
    at: datetime,
    **details: Any,
) -> None:
    """Write down that `actor` did `act` to `subject` (kind, id).

    `details` are ids, counts and names of fields; a personal value goes in through `digest`.
    """
    kind, subject_id = subject
    AuditRow.objects.of(account).create(
        account_id=account.id,
        actor=actor,
        act=act,
        subject_kind=kind,
        subject_id=subject_id,
        details=details,
        at=at,
    )


def digest(value: str) -> str:
    """A personal value as a keyed digest: comparable, and gone when the key goes."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]


def seal(account: "Account") -> int:
    """Chain the account's committed, unsealed rows to those before; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(account.id)])
    rows = AuditRow.objects.of(account)
    sequence = rows.aggregate(last=Max("sequence"))["last"] or 0
    before = rows.get(sequence=sequence).seal if sequence else ""
    unsealed = rows.filter(sequence=None).order_by("at", "id")[:SEAL_MAX]
    sealed = 0
    for sealed, row in enumerate(unsealed, start=1):
        row.sequence = sequence + sealed
        row.seal = before = _link(before, row)
        row.save(update_fields=["sequence", "seal"])
    return sealed


def broken_links(account: "Account") -> Iterable[int]:
    """The sequence numbers at which the chain does not hold: changed, missing or out of order."""
    before, expected = "", 1
    rows = AuditRow.objects.of(account).exclude(sequence=None).order_by("sequence")
    for row in rows:
        assert row.sequence is not None, "unsealed rows are left out"
        if row.sequence != expected or row.seal != _link(before, row):
            yield expected
        before, expected = row.seal, row.sequence + 1


def _link(before: str, row: AuditRow) -> str:
    content: Mapping[str, Any] = {
        "before": before,
        "id": str(row.id),
        "sequence": row.sequence,
        "actor": row.actor,
        "act": row.act,
        "subject": [row.subject_kind, str(row.subject_id)],
        "details": row.details,
        "at": row.at.isoformat(),
    }
    text = json.dumps(content, sort_keys=True, default=str)
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
