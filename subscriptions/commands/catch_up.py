"""Bill what has begun and is not billed yet, before a subscription is told when it ends."""

from datetime import datetime
from uuid import UUID

from accounts.models import Account
from kernel.errors import NotFound, Refused
from subscriptions.commands.renew import renew
from subscriptions.models import Subscription

CATCH_UP_MAX = 120
"""Periods billed in one go before an ending: ten years of months."""


def locked(account: Account, subscription_id: UUID) -> Subscription:
    """Held to the end, so that no run opens a period between the catching up and the ending.

    Raises `NotFound`.
    """
    found = Subscription.objects.of(account).select_for_update().filter(id=subscription_id)
    subscription = found.first()
    if subscription is None:
        raise NotFound("subscription", subscription_id)
    return subscription


def catch_up(*, account: Account, subscription: Subscription, now: datetime) -> None:
    """Open every period that has begun by `now`; raises `Refused` when they are too many."""
    for _ in range(CATCH_UP_MAX):
        if not renew(account=account, subscription_ids=[subscription.id], now=now).renewed:
            return
    raise Refused(
        "too_far_behind",
        "Subscription {handle} is more than {limit} periods behind: let a run bill them first.",
        handle=subscription.handle,
        limit=CATCH_UP_MAX,
    )
