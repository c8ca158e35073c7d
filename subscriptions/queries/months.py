"""How many subscriptions came and went in a stretch of time: one statement."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from accounts.models import Account
from subscriptions.domain.lifecycle import State
from subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class Movement:
    """Active now, and what began, was cancelled or ended in the stretch."""

    active: int
    new: int
    cancelled: int
    expired: int


def movement(account: Account, since: datetime, until: datetime) -> Movement:
    """From `since` to before `until`."""

    def within(name: str) -> Q:
        return Q(**{f"{name}__gte": since, f"{name}__lt": until})

    counted = Subscription.objects.of(account).aggregate(
        active=Count("id", filter=Q(state=State.ACTIVE)),
        new=Count("id", filter=within("created_at")),
        cancelled=Count("id", filter=within("cancelled_at")),
        expired=Count("id", filter=within("expired_at")),
    )
    return Movement(**counted)
