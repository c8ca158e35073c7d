"""Record what became of mails."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from accounts.models import Account
from foundation import due, jobs
from foundation.faultpoint import faultpoint
from kernel.errors import NotFound
from kernel.lifecycle import step
from messaging.commands.queue import DUE_KIND, wake
from messaging.domain.fates import Fate, Outcome, Standing, judge
from messaging.domain.lifecycle import TABLE, Act, State
from messaging.models import Mail

PARK_KIND = "mail"
CHANGED = ["state", "tries", "doubts", "error", "owner", "lease_until", "next_at", "ended_at"]
ERROR_MAX = 500


def record(*, account: Account, outcomes: Sequence[Outcome], owner: str, now: datetime) -> None:
    """Step the mails; saying the same again changes nothing. `now` is wall time.

    That a mail was sent is recorded whoever says it; anything else only by its present owner.
    """
    said = {each.id: each for each in outcomes}
    sent = [each.id for each in outcomes if each.fate is Fate.SENT]
    ours = Mail.objects.of(account).filter(id__in=said, state=State.IN_FLIGHT)
    mails = list(ours.filter(Q(owner=owner) | Q(id__in=sent)).order_by("id").select_for_update())
    apply(account, mails, [said[each.id] for each in mails], now)
    faultpoint("messaging.recorded")


def apply(
    account: Account, mails: Sequence[Mail], outcomes: Sequence[Outcome], now: datetime
) -> None:
    """Move these mails, which the caller has locked, by what is said of each."""
    for mail, outcome in zip(mails, outcomes, strict=True):
        standing = Standing(tries=mail.tries, doubts=mail.doubts, queued_at=mail.queued_at)
        verdict = judge(outcome.fate, standing, now)
        mail.state = step(TABLE, State(mail.state), verdict.act)
        mail.tries, mail.doubts, mail.next_at = verdict.tries, verdict.doubts, verdict.next_at
        mail.error = "" if outcome.fate in {Fate.SENT, Fate.KEPT} else outcome.said[:ERROR_MAX]
        mail.owner, mail.lease_until = "", None
        mail.ended_at = None if verdict.act is Act.DEFER else now
        if verdict.act is Act.PARK:
            _park(account, mail, outcome, now)
        if verdict.next_at is not None:
            due.note(DUE_KIND, verdict.next_at)
    Mail.objects.of(account).bulk_update(mails, CHANGED)


def _park(account: Account, mail: Mail, outcome: Outcome, now: datetime) -> None:
    failure = jobs.Failure(f"mail_{outcome.fate.value}", outcome.said)
    jobs.park(account=account, kind=PARK_KIND, subject_id=mail.id, failure=failure, now=now)


def release(*, account: Account, mail_id: UUID, by: str, now: datetime) -> None:
    """A person lets a parked mail be tried anew; raises `NotFound` when it is not parked. `now` is
    wall time."""
    jobs.release(account=account, kind=PARK_KIND, subject_id=mail_id, by=by, now=now)
    parked = Mail.objects.of(account).filter(id=mail_id, state=State.PARKED)
    mail = parked.select_for_update().first()
    if mail is None:
        raise NotFound("parked mail", mail_id)
    mail.state = step(TABLE, State(mail.state), Act.RELEASE)
    mail.tries = mail.doubts = 0
    mail.queued_at = mail.next_at = now
    mail.ended_at = None
    mail.save(update_fields=["state", "tries", "doubts", "queued_at", "next_at", "ended_at"])
    wake(account)
