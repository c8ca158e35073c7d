"""What happens to customers."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CustomerCreated(DomainEvent):
    kind: ClassVar = "customer.created"
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(DomainEvent):
    kind: ClassVar = "customer.changed"
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerDeleted(DomainEvent):
    kind: ClassVar = "customer.deleted"
    customer_id: UUID
