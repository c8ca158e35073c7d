"""What a subscription owes next, thought out and not yet done.

The same function previews an invoice, makes it, and says afterwards how it came about.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from catalog.domain.terms import PartialPeriod
from invoicing.domain.draft import DraftLine, InvoiceDraft
from kernel.errors import Invalid
from kernel.money import round_half_away
from kernel.periods import (
    Boundary,
    Period,
    Proration,
    Schedule,
    ScheduleKind,
    boundary,
    partial_share,
    period,
)

HANDLE_MAX = 255
LARGEST = 2**63 - 1
WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Item:
    """Something billed with every period: `unit_minor` in the side that `incl_vat` names."""

    origin: str
    handle: str
    text: str
    quantity: int
    unit_minor: int
    incl_vat: bool
    vat_rate: Fraction


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When periods begin: counted from the anchor, the first perhaps a part of one."""

    schedule: Schedule
    anchor: Boundary
    next_start: Boundary
    period_count: int
    has_partial_first: bool


@dataclass(frozen=True, slots=True)
class PartialRule:
    """How the stretch before the first fixed day is billed."""

    handling: PartialPeriod
    by: Proration
    minimum_minor: int


@dataclass(frozen=True, slots=True)
class Terms:
    """All that decides a subscription's next invoice."""

    subscription_id: UUID
    handle: str
    customer_id: UUID
    customer_version_id: UUID
    currency: str
    items: tuple[Item, ...]
    rhythm: Rhythm
    partial: PartialRule
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Renewal:
    """The next period, its number and its claim."""

    terms: Terms
    index: int
    period: Period
    draft: InvoiceDraft


@dataclass(frozen=True, slots=True)
class Expiry:
    """The subscription ends here and owes nothing more."""

    terms: Terms


def plan_renewal(terms: Terms, now: datetime) -> Renewal | Expiry | None:
    """The next period that must be billed at `now`, the end, or nothing. Changes nothing."""
    start, ends_at = terms.rhythm.next_start.instant, terms.expires_at
    is_manual = terms.rhythm.schedule.kind is ScheduleKind.MANUAL
    if ends_at is not None and (is_manual or ends_at <= start):
        return Expiry(terms) if ends_at <= now else None
    if is_manual or start > now:
        return None
    return renewal(terms)


def renewal(terms: Terms) -> Renewal:
    """The next period and its claim, whenever it will be due."""
    stretch = next_period(terms.rhythm)
    share = _share(terms, stretch)
    first, last = stretch.service_from, stretch.service_to
    lines = tuple(
        DraftLine(
            item.origin,
            item.handle,
            item.text,
            item.quantity,
            item.unit_minor,
            _amount(item, share, terms.partial.minimum_minor),
            item.incl_vat,
            item.vat_rate,
            first,
            last,
        )
        for item in terms.items
    )
    index = terms.rhythm.period_count
    draft = InvoiceDraft(
        handle=_invoice_handle(terms, index),
        customer_id=terms.customer_id,
        customer_version_id=terms.customer_version_id,
        subscription_id=terms.subscription_id,
        currency=terms.currency,
        lines=tuple(line for line in lines if line.amount_minor) or lines[:1],
        service_from=first,
        service_to=last,
    )
    return Renewal(terms, index, stretch, draft)


def next_period(rhythm: Rhythm) -> Period:
    """From the next start to the boundary after it."""
    number = rhythm.period_count - rhythm.has_partial_first
    return Period(rhythm.next_start, boundary(rhythm.schedule, rhythm.anchor, number + 1))


def _share(terms: Terms, stretch: Period) -> Fraction:
    rhythm = terms.rhythm
    if not (rhythm.has_partial_first and rhythm.period_count == 0):
        return WHOLE
    if terms.partial.handling is PartialPeriod.BILL_FULL:
        return WHOLE
    if terms.partial.handling is PartialPeriod.BILL_ZERO_AMOUNT:
        return Fraction(0)
    return partial_share(stretch, period(rhythm.schedule, rhythm.anchor, -1), terms.partial.by)


def _amount(item: Item, share: Fraction, minimum_minor: int) -> int:
    """Rounded once, and zero below the least amount worth a line; never beyond a bigint."""
    full = item.unit_minor * item.quantity
    if full > LARGEST:
        raise Invalid(
            "amount_out_of_range",
            "{quantity} times {unit} minor units is more than an amount can be.",
            quantity=item.quantity,
            unit=item.unit_minor,
        )
    if share is WHOLE:
        return full
    prorated = round_half_away(full * share)
    return prorated if prorated >= minimum_minor else 0


def _invoice_handle(terms: Terms, index: int) -> str:
    """The same period always has the same handle: a second guard against billing it twice."""
    handle = f"inv-{index + 1}-{terms.handle}"
    return handle if len(handle) <= HANDLE_MAX else f"inv-{index + 1}-{terms.subscription_id.hex}"
