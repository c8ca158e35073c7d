"""Queue mails, or keep them from the start where they will not leave the house."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Account
from foundation import bulk, due, jobs
from kernel.clock import wall_now
from messaging.domain.alarms import Facts
from messaging.domain.kinds import Kind
from messaging.domain.lifecycle import State
from messaging.models import Mail
from messaging.transport.registry import leaves_the_house

DUE_KIND = "mail"
COLUMNS = (
    "id",
    "customer_id",
    "invoice_id",
    "subscription_id",
    "recipient",
    "language",
    "subject",
)


def queue(
    account: Account,
    kind: Kind,
    rows: Sequence[tuple[object, ...]],
    now: datetime,
    *,
    facts: Facts | None = None,
) -> None:
    """Write these rows of `COLUMNS`: nothing of a mail is made before it is sent or looked at.

    `facts` is what all of them say and no other row knows; `now` is the account's business time.
    """
    wall = wall_now()
    leaves = leaves_the_house(is_live=account.state == Account.State.LIVE)
    bulk.insert(
        Mail,
        COLUMNS,
        rows,
        same={
            "kind": kind.value,
            "state": (State.QUEUED if leaves else State.KEPT).value,
            "facts": json.dumps(facts or {}),
            "digest": "",
            "tries": 0,
            "doubts": 0,
            "error": "",
            "owner": "",
            "next_at": wall if leaves else None,
            "created_at": now,
            "queued_at": wall,
            "ended_at": None if leaves else wall,
        },
    )
    if leaves:
        wake(account)


def wake(account: Account) -> None:
    """Mails are waiting: on the due list, and by a nudge once this is committed."""
    account_id = account.id
    due.note(DUE_KIND, wall_now())
    transaction.on_commit(lambda: jobs.nudge(DUE_KIND, account_id))
