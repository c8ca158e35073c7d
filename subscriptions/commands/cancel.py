"""Cancel a subscription at the end of the period it has paid for."""

from datetime import datetime
from uuid import UUID

from accounts.models import Account
from foundation import audit, due, outbox
from kernel.errors import Refused
from kernel.lifecycle import step
from subscriptions.commands.catch_up import catch_up, locked
from subscriptions.commands.renew import DUE_KIND
from subscriptions.domain.lifecycle import TABLE, Act, State
from subscriptions.events import SubscriptionCancelled


def cancel(*, account: Account, subscription_id: UUID, actor: str, now: datetime) -> datetime:
    """It ends where its next period would have begun; returns that instant.

    A period that has begun but is not billed yet is billed first. In a trial the end is
    where the first period would have begun; without a schedule it is now. Raises `NotFound`, and
    `Refused` when it is cancelled or has ended already.
    """
    subscription = locked(account, subscription_id)
    step(TABLE, State(subscription.state), Act.CANCEL)
    if subscription.cancelled_at is not None:
        raise Refused(
            "already_cancelled",
            "Subscription {handle} is cancelled already.",
            handle=subscription.handle,
        )
    catch_up(account=account, subscription=subscription, now=now)
    subscription = locked(account, subscription_id)
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
