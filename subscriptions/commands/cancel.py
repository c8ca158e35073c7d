"""Cancel a subscription at the end of the period it has paid for."""

from datetime import datetime
from uuid import UUID

from accounts.models import Account
from foundation import audit, due, outbox
from kernel.errors import NotFound, Refused
from kernel.lifecycle import step
from subscriptions.commands.renew import DUE_KIND, renew
from subscriptions.domain.lifecycle import TABLE, Act, State
from subscriptions.events import SubscriptionCancelled
from subscriptions.models import Subscription

CATCH_UP_MAX = 120
"""Periods billed in one go before a cancellation: ten years of months."""


def cancel(*, account: Account, subscription_id: UUID, actor: str, now: datetime) -> datetime:
    """It ends where its next period would have begun; returns that instant.

    A period that has begun but is not billed yet is billed first. In a trial the end is
    where the first period would have begun; without a schedule it is now. Raises `NotFound`, and
    `Refused` when it is cancelled or has ended already.
    """
    subscription = _locked(account, subscription_id)
    step(TABLE, State(subscription.state), Act.CANCEL)
    if subscription.cancelled_at is not None:
        raise Refused(
            "already_cancelled",
            "Subscription {handle} is cancelled already.",
            handle=subscription.handle,
        )
    _catch_up(account, subscription, now)
    subscription = _locked(account, subscription_id)
    ends_at = subscription.due_at or now
    subscription.cancelled_at = now
    subscription.expires_at = subscription.due_at = ends_at
    subscription.save(update_fields=["cancelled_at", "expires_at", "due_at"])
    due.note(DUE_KIND, ends_at, business=True)
    outbox.append(
        SubscriptionCancelled(
            subscription_id=subscription.id,
            customer_id=subscription.customer_id,
            expires_at=ends_at,
        )
    )
    audit.record(
        account=account,
        actor=actor,
        act="subscription.cancelled",
        subject=("subscription", subscription.id),
        at=now,
    )
    return ends_at


def _locked(account: Account, subscription_id: UUID) -> Subscription:
    """Held to the end, so that no run opens a period between the catching up and the ending."""
    found = Subscription.objects.of(account).select_for_update().filter(id=subscription_id)
    subscription = found.first()
    if subscription is None:
        raise NotFound("subscription", subscription_id)
    return subscription


def _catch_up(account: Account, subscription: Subscription, now: datetime) -> None:
    for _ in range(CATCH_UP_MAX):
        if not renew(account=account, subscription_ids=[subscription.id], now=now).renewed:
            return
    raise Refused(
        "too_far_behind",
        "Subscription {handle} is more than {limit} periods behind: let a run bill them first.",
        handle=subscription.handle,
        limit=CATCH_UP_MAX,
    )
