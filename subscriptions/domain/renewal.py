"""What a subscription owes next, thought out and not yet done.

The same function previews an invoice, makes it, and says afterwards how it came about.
"""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple
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


class Item(NamedTuple):
    """Something billed with every period: `unit_minor` in the side that `incl_vat` names."""

    origin: str
    handle: str
    text: str
    quantity: int
    unit_minor: int
    incl_vat: bool
    vat_rate: Fraction


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period as it is stored and stated: instants, local dates, and where the next begins."""

    period: Period
    ends_at: datetime
    starts_text: str
    ends_text: str
    next_start: str
    service_from: date
    service_to: date

    @classmethod
    def of(cls, period: Period) -> "Stretch":
        ends_at = period.end.instant
        return cls(
            period,
            ends_at,
            period.start.instant.isoformat(),
            ends_at.isoformat(),
            local_text(period.end.local),
            period.service_from,
            period.service_to,
        )


def local_text(local: datetime) -> str:
    """A local moment as it is stored: to the minute, without a zone."""
    return local.isoformat(timespec="minutes")


@dataclass(frozen=True)
class Rhythm:
    """When periods begin: counted from the anchor, the first perhaps a part of one.

    Many subscriptions share one rhythm, and each works out its next stretch once.
    """

    schedule: Schedule
    anchor: Boundary
    next_start: Boundary
    period_count: int
    has_partial_first: bool

    @property
    def is_manual(self) -> bool:
        """Nothing is due by itself."""
        return self.schedule.kind is ScheduleKind.MANUAL

    @cached_property
    def start(self) -> datetime:
        """The instant at which the next period begins."""
        return self.next_start.instant

    @cached_property
    def next_stretch(self) -> Stretch:
        """From the next start to the boundary after it."""
        number = self.period_count - self.has_partial_first
        end = boundary(self.schedule, self.anchor, number + 1)
        return Stretch.of(Period(self.next_start, end))

    @cached_property
    def is_partial(self) -> bool:
        """Whether the next stretch is the one before the first fixed day."""
        return self.has_partial_first and self.period_count == 0


class PartialRule(NamedTuple):
    """How the stretch before the first fixed day is billed."""

    handling: PartialPeriod
    by: Proration
    minimum_minor: int


class Terms(NamedTuple):
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
    stretch: Stretch
    draft: InvoiceDraft


@dataclass(frozen=True, slots=True)
class Expiry:
    """The subscription ends here and owes nothing more."""

    terms: Terms


def plan_renewal(terms: Terms, now: datetime) -> Renewal | Expiry | None:
    """The next period that must be billed at `now`, the end, or nothing. Changes nothing."""
    start, is_manual = terms.rhythm.start, terms.rhythm.is_manual
    ends_at = terms.expires_at
    if ends_at is not None and (is_manual or ends_at <= start):
        return Expiry(terms) if ends_at <= now else None
    if is_manual or start > now:
        return None
    return renewal(terms)


def renewal(terms: Terms) -> Renewal:
    """The next period and its claim, whenever it will be due."""
    stretch, index = terms.rhythm.next_stretch, terms.rhythm.period_count
    first, last = stretch.service_from, stretch.service_to
    share = _share(terms) if terms.rhythm.is_partial else WHOLE
    minimum = terms.partial.minimum_minor
    lines = tuple(
        [
            DraftLine(
                item.origin,
                item.handle,
                item.text,
                item.quantity,
                item.unit_minor,
                _amount(item, share, minimum),
                item.incl_vat,
                item.vat_rate,
                first,
                last,
            )
            for item in terms.items
        ]
    )
    if not all(line.amount_minor for line in lines):
        lines = tuple(line for line in lines if line.amount_minor) or lines[:1]
    draft = InvoiceDraft(
        handle=_invoice_handle(terms, index),
        customer_id=terms.customer_id,
        customer_version_id=terms.customer_version_id,
        subscription_id=terms.subscription_id,
        currency=terms.currency,
        lines=lines,
        service_from=first,
        service_to=last,
    )
    return Renewal(terms, index, stretch, draft)


def _share(terms: Terms) -> Fraction:
    """What part of a full price the stretch before the first fixed day costs."""
    handling, rhythm = terms.partial.handling, terms.rhythm
    if handling is PartialPeriod.BILL_FULL:
        return WHOLE
    if handling is PartialPeriod.BILL_ZERO_AMOUNT:
        return Fraction(0)
    full = period(rhythm.schedule, rhythm.anchor, -1)
    return partial_share(rhythm.next_stretch.period, full, terms.partial.by)


def _amount(item: Item, share: Fraction, minimum_minor: int) -> int:
    """Rounded once, and zero below the least amount worth a line; never beyond a bigint."""
    full = item.unit_minor * item.quantity
    amount = full if share is WHOLE else round_half_away(full * share)
    if amount > LARGEST:
        raise Invalid(
            "amount_out_of_range",
            "{quantity} times {unit} minor units is more than an amount can be.",
            quantity=item.quantity,
            unit=item.unit_minor,
        )
    return amount if share is WHOLE or amount >= minimum_minor else 0


def _invoice_handle(terms: Terms, index: int) -> str:
    """The same period always has the same handle: a second guard against billing it twice."""
    handle = f"inv-{index + 1}-{terms.handle}"
    return handle if len(handle) <= HANDLE_MAX else f"inv-{index + 1}-{terms.subscription_id.hex}"
