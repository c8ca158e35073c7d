"""What happens to subscriptions."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class SubscriptionCreated(DomainEvent):
    kind: ClassVar = "subscription.created"
    subscription_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class SubscriptionRenewed(DomainEvent):
    kind: ClassVar = "subscription.renewed"
    subscription_id: UUID
    customer_id: UUID
    invoice_id: UUID
    period_index: int


@dataclass(frozen=True, kw_only=True)
class SubscriptionCancelled(DomainEvent):
    kind: ClassVar = "subscription.cancelled"
    subscription_id: UUID
    customer_id: UUID
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class SubscriptionUncancelled(DomainEvent):
    kind: ClassVar = "subscription.uncancelled"
    subscription_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class SubscriptionExpired(DomainEvent):
    kind: ClassVar = "subscription.expired"
    subscription_id: UUID
    customer_id: UUID
