"""End a subscription now, without waiting for the end of its period."""

from datetime import datetime
from uuid import UUID

from accounts.models import Account
from foundation import audit, outbox
from kernel.lifecycle import step
from subscriptions.commands.catch_up import catch_up, locked
from subscriptions.domain.lifecycle import TABLE, Act, ExpireReason, State
from subscriptions.events import SubscriptionExpired


def expire(*, account: Account, subscription_id: UUID, actor: str, now: datetime) -> None:
    """It has ended, and nothing more is billed; what is billed already stays owed.

    A period that has begun but is not billed yet is billed first; a cancelled one whose end had
    come ends there. Raises `NotFound`, and `Refused` when it has ended already.
    """
    subscription = locked(account, subscription_id)
    reached = step(TABLE, State(subscription.state), Act.EXPIRE)
    catch_up(account=account, subscription=subscription, now=now)
    subscription = locked(account, subscription_id)
    if subscription.state != reached:
        subscription.state, subscription.due_at = reached, None
        subscription.expired_at, subscription.expire_reason = now, ExpireReason.ON_DEMAND
        subscription.save(update_fields=["state", "due_at", "expired_at", "expire_reason"])
        outbox.append(
            SubscriptionExpired(
                subscription_id=subscription.id, customer_id=subscription.customer_id
            )
        )
    audit.record(
        account=account,
        actor=actor,
        act="subscription.expired",
        subject=("subscription", subscription.id),
        at=now,
    )
