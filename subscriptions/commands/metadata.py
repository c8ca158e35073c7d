"""What the merchant keeps with a subscription for its own use."""

from collections.abc import Mapping
from uuid import UUID

from accounts.models import Account
from kernel.errors import NotFound
from subscriptions.models import Subscription


def keep_metadata(
    *, account: Account, subscription_id: UUID, metadata: Mapping[str, object] | None
) -> None:
    """Put it in place of what was kept before; nothing takes it away."""
    named = Subscription.objects.of(account).filter(id=subscription_id)
    if not named.update(metadata=metadata):
        raise NotFound("subscription", subscription_id)
