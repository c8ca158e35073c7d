"""Lines thought of and not yet issued: the neutral form in which every claim arrives."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID


class DraftLine(NamedTuple):
    """One priced line; `amount_minor` is the whole line, rounded once, in the price's own side.

    `incl_vat` names that side: gross where it is true, net where not. `vat_rate` is the fraction
    valid at the tax point. The service runs from `service_from` to `service_to`, both included.
    """

    origin: str
    origin_handle: str
    text: str
    quantity: int
    unit_minor: int
    amount_minor: int
    incl_vat: bool
    vat_rate: Fraction
    service_from: date
    service_to: date


class InvoiceDraft(NamedTuple):
    """Everything invoicing must know of a claim; who asks for it stays unknown here."""

    handle: str
    customer_id: UUID
    customer_version_id: UUID
    subscription_id: UUID | None
    currency: str
    lines: tuple[DraftLine, ...]
    service_from: date
    service_to: date


@dataclass(frozen=True, slots=True)
class IssuedInvoice:
    """What became of a draft: the claim's id and its total, gross, in minor units."""

    id: UUID
    gross_minor: int
