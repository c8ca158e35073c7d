"""What the merchant keeps with a plan for his own use."""

from collections.abc import Mapping
from uuid import UUID

from accounts.models import Account
from catalog.models import Plan
from kernel.errors import NotFound


def keep_metadata(
    *, account: Account, plan_id: UUID, metadata: Mapping[str, object] | None
) -> None:
    """Put it in place of what was kept before; nothing takes it away."""
    if not Plan.objects.of(account).filter(id=plan_id).update(metadata=metadata):
        raise NotFound("plan", plan_id)
