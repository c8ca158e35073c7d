"""What happens to claims."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from kernel.events import DomainEvent
from kernel.money import Money


@dataclass(frozen=True, kw_only=True)
class InvoiceIssued(DomainEvent):
    kind: ClassVar = "invoice.issued"
    invoice_id: UUID
    customer_id: UUID
    subscription_id: UUID | None
    gross: Money
    due_on: date


@dataclass(frozen=True, kw_only=True)
class InvoiceSettled(DomainEvent):
    kind: ClassVar = "invoice.settled"
    invoice_id: UUID
    customer_id: UUID
    amount: Money
    settled_on: date
