"""What happens when money is drawn."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class PaymentSucceeded(DomainEvent):
    kind: ClassVar = "payment.succeeded"
    attempt_id: UUID
    invoice_id: UUID


@dataclass(frozen=True, kw_only=True)
class CollectionFailed(DomainEvent):
    """No money for this claim: a decline, or nothing to draw it from (`attempt_id` is None)."""

    kind: ClassVar = "collection.failed"
    invoice_id: UUID
    customer_id: UUID
    attempt_id: UUID | None
    error: str
    is_final: bool


@dataclass(frozen=True, kw_only=True)
class PaymentMethodAdded(DomainEvent):
    kind: ClassVar = "payment_method.added"
    method_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaymentMethodFailed(DomainEvent):
    kind: ClassVar = "payment_method.failed"
    method_id: UUID
    error: str
