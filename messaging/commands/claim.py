"""Claim mails for sending: committed, with a lease, before anything of them is made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Account
from foundation import due
from kernel.lifecycle import step
from messaging.commands.queue import DUE_KIND
from messaging.commands.record import apply
from messaging.domain.fates import Fate, Outcome
from messaging.domain.lifecycle import TABLE, Act, State
from messaging.models import Mail

LEASE = timedelta(minutes=10)
"""Much longer than a batch may take, as its parts stop themselves."""
OWNER_DIED = "the process that sent it is gone"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that is ours to send until the lease ends."""

    id: UUID
    digest: str
    queued_at: datetime


def claim(*, account: Account, limit: int, owner: str, now: datetime) -> list[Claimed]:
    """Take up to `limit` due mails in flight; `now` is wall time.

    First those whose owner died go back: one that was finished already may have been handed
    over, so it counts as doubtful; of one that was not, nobody has heard.
    """
    _take_back(account, now)
    ready = Mail.objects.of(account).filter(state=State.QUEUED, next_at__lte=now)
    mails = list(ready.order_by("next_at", "id").select_for_update(skip_locked=True)[:limit])
    for each in mails:
        each.state = step(TABLE, State(each.state), Act.CLAIM)
        each.owner, each.lease_until, each.next_at = owner, now + LEASE, None
    Mail.objects.of(account).bulk_update(mails, ["state", "owner", "lease_until", "next_at"])
    if mails:
        due.note(DUE_KIND, now + LEASE)
    return [Claimed(each.id, each.digest, each.queued_at) for each in mails]


def _take_back(account: Account, now: datetime) -> None:
    lost = Mail.objects.of(account).filter(state=State.IN_FLIGHT, lease_until__lte=now)
    mails = list(lost.order_by("id").select_for_update(skip_locked=True))
    outcomes = [
        Outcome(each.id, Fate.DOUBTFUL if each.digest else Fate.UNTRIED, OWNER_DIED)
        for each in mails
    ]
    apply(account, mails, outcomes, now)
