"""Take a cancellation back while the subscription still runs."""

from datetime import datetime
from uuid import UUID

from accounts.models import Account
from foundation import audit, due, outbox
from kernel.errors import Refused
from kernel.lifecycle import step
from subscriptions.commands.catch_up import locked
from subscriptions.commands.renew import DUE_KIND
from subscriptions.domain.lifecycle import TABLE, Act, State
from subscriptions.events import SubscriptionUncancelled


def uncancel(*, account: Account, subscription_id: UUID, actor: str, now: datetime) -> None:
    """It renews again at the very boundary where it would have ended.

    Raises `NotFound`, and `Refused` when it is not cancelled, or its end has come already:
    also when no run has noted that yet.
    """
    subscription = locked(account, subscription_id)
    step(TABLE, State(subscription.state), Act.UNCANCEL)
    ends_at = subscription.expires_at
    if ends_at is None:
        raise Refused(
            "not_cancelled", "Subscription {handle} is not cancelled.", handle=subscription.handle
        )
    if ends_at <= now:
        raise Refused(
            "end_reached",
            "Subscription {handle} has come to its end: a new one can be created.",
            handle=subscription.handle,
        )
    subscription.cancelled_at = subscription.expires_at = None
    subscription.save(update_fields=["cancelled_at", "expires_at"])
    due.note(DUE_KIND, ends_at, business=True)
    outbox.append(
        SubscriptionUncancelled(
            subscription_id=subscription.id, customer_id=subscription.customer_id
        )
    )
    audit.record(
        account=account,
        actor=actor,
        act="subscription.uncancelled",
        subject=("subscription", subscription.id),
        at=now,
    )
