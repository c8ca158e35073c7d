"""What happens to what merchants' programs are told."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class WebhookFailing(DomainEvent):
    """An endpoint has not been reached often or long enough for its merchant to be told; said
    once until it takes something again."""

    kind: ClassVar = "webhook.failing"
    endpoint_id: UUID
    delivery_id: UUID
    count: int
