"""Reads on mails."""

from datetime import datetime
from uuid import UUID

from django.db.models import Min

from accounts.models import Account
from kernel.errors import NotFound
from messaging.domain.lifecycle import State
from messaging.models import Mail


def mail(account: Account, mail_id: UUID) -> Mail:
    """The mail, or `NotFound`."""
    found = Mail.objects.of(account).filter(id=mail_id).first()
    if found is None:
        raise NotFound("mail", mail_id)
    return found


def next_mail_at(account: Account) -> datetime | None:
    """The earliest instant (wall time) at which a mail is due or its sender's lease ends."""
    mails = Mail.objects.of(account)
    queued = mails.filter(state=State.QUEUED).aggregate(at=Min("next_at"))["at"]
    leased = mails.filter(state=State.IN_FLIGHT).aggregate(at=Min("lease_until"))["at"]
    known = [each for each in (queued, leased) if each is not None]
    return min(known) if known else None


def waiting_count(account: Account) -> int:
    """Mails that are to leave and have not."""
    waiting = [State.QUEUED, State.IN_FLIGHT]
    return Mail.objects.of(account).filter(state__in=waiting).count()
