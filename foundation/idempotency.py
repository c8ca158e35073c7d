"""A write the caller names is done once, and answered the same for a week."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from foundation.models import IdempotentCall
from foundation.tenancy import require
from kernel.errors import Conflict, Invalid
from kernel.ids import new_id

if TYPE_CHECKING:
    from accounts.models import Account

KEPT_FOR = timedelta(days=7)
KEY_MAX = 255

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What identifies a call: the operation, the caller's key, and all that was asked."""

    operation: str
    key: str
    body: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not 1 <= len(self.key) <= KEY_MAX or not self.key.isprintable():
            raise Invalid(
                "invalid_idempotency_key",
                "A key has 1 to {limit} printable characters.",
                field="key",
                limit=KEY_MAX,
            )

    @property
    def fingerprint(self) -> str:
        """Equal bodies have equal fingerprints, whatever the order of their members."""
        text = json.dumps(self.body, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def once(*, account: "Account", call: Call, work: Callable[[], Answer], now: datetime) -> Answer:
    """Do `work` and keep its answer, all in the caller's transaction; or give the kept answer.

    Raises `Conflict` for the same key with another body. A second caller waits for the first
    and gets its answer; what raises is not kept.
    """
    require(account)
    IdempotentCall.objects.of(account).filter(
        operation=call.operation, key=call.key, created_at__lt=now - KEPT_FOR
    ).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO foundation_idempotentcall
                (id, account_id, operation, key, fingerprint, answer, created_at)
            VALUES (%s, %s, %s, %s, %s, 'null', %s)
            ON CONFLICT (account_id, operation, key) DO NOTHING
            """,
            [new_id(), account.id, call.operation, call.key, call.fingerprint, now],
        )
        is_first = cursor.rowcount == 1
    row = IdempotentCall.objects.of(account).get(operation=call.operation, key=call.key)
    if not is_first:
        return _kept(row, call)
    answer = work()
    row.answer = dict(answer)
    row.save(update_fields=["answer"])
    return answer


def _kept(row: IdempotentCall, call: Call) -> Answer:
    if row.fingerprint != call.fingerprint:
        raise Conflict(
            "idempotency_key_reused",
            f"The key {call.key!r} was already used for another request to {call.operation}. "
            "Send a new key with a new request.",
        )
    answer: Answer = row.answer
    return answer
