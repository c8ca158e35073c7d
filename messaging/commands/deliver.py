"""Send what is queued: claim, make and hand over outside any transaction, record.

Called by Celery's doors. Any number may deliver for one account at once.
"""

import os
import platform
import time
from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from accounts.models import Account
from foundation import due, jobs
from foundation.faultpoint import faultpoint
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.ids import new_id
from messaging import queries
from messaging.commands.claim import Claimed, claim
from messaging.commands.compose import compose
from messaging.commands.queue import DUE_KIND
from messaging.commands.record import record
from messaging.domain.fates import Fate, Outcome
from messaging.domain.retry import FIRST_PAUSE
from messaging.transport.port import Letter
from messaging.transport.registry import transport_for

BATCH_MAX = 50
COMPOSE_SECONDS = 60
"""No further mail is made after this long: with the sending it stays far below the lease."""


def deliver(account_id: UUID, *, batches: int) -> int:
    """Send up to `batches` batches of due mails; returns how many were handed over or kept.

    A server that cannot be reached ends the turn: the next one is a minute later.
    """
    seen = due.lines(account_id, DUE_KIND, wall_now())
    done, is_reached = 0, True
    for _ in range(batches):
        outcomes = _batch(account_id)
        done += sum(each.fate in {Fate.SENT, Fate.KEPT} for each in outcomes)
        is_reached = all(each.fate is not Fate.UNREACHED for each in outcomes)
        if not outcomes or not is_reached:
            break
    with tenant(account_id) as account:
        due.clear(account_id, seen)
        next_at = queries.next_mail_at(account)
        if next_at is not None:
            rest = wall_now() if is_reached else wall_now() + FIRST_PAUSE
            due.note(DUE_KIND, max(next_at, rest))
    if done and next_at is not None and next_at <= wall_now():
        jobs.nudge(DUE_KIND, account_id)
    return done


def _batch(account_id: UUID) -> list[Outcome]:
    owner = f"{platform.node()[:40]}:{os.getpid()}:{new_id().hex}"
    with tenant(account_id) as account:
        is_live = account.state == Account.State.LIVE
        claimed = claim(account=account, limit=BATCH_MAX, owner=owner, now=wall_now())
    if not claimed:
        return []
    faultpoint("messaging.claimed")
    made = _made(account_id, claimed)
    letters = [each for each in made if isinstance(each, Letter)]
    outcomes = [each for each in made if isinstance(each, Outcome)]
    outcomes += transport_for(is_live=is_live).send(letters)
    faultpoint("messaging.sent")
    # Sending took its time: a connection that died meanwhile must not lose what became of it.
    connection.close_if_unusable_or_obsolete()
    with tenant(account_id) as account:
        record(account=account, outcomes=outcomes, owner=owner, now=wall_now())
    return outcomes


def _made(account_id: UUID, claimed: Sequence[Claimed]) -> list[Letter | Outcome]:
    until = time.monotonic() + COMPOSE_SECONDS
    return [
        compose(account_id, each.id, now=wall_now())
        if time.monotonic() < until
        else Outcome(each.id, Fate.UNTRIED, "its turn did not come in time")
        for each in claimed
    ]
