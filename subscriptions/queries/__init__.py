"""Reads on subscriptions: what is due, what decides its price, what a run has done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.domain.details import handle as checked_handle
from accounts.models import Account
from catalog.queries import VersionTerms, terms_of
from foundation.models import Parked
from foundation.tenancy import require
from kernel.errors import NotFound
from kernel.periods import Boundary
from subscriptions.domain.lifecycle import RunState
from subscriptions.domain.renewal import Item, PartialRule, Rhythm, Terms
from subscriptions.models import BillingPeriod, BillingRun, Subscription

PARK_KIND = "renewal"

NOT_PARKED = """ AND NOT EXISTS (
    SELECT FROM foundation_parked AS parked
    WHERE parked.account_id = %(account)s AND parked.kind = 'renewal'
      AND parked.subject_id = s.id AND parked.released_at IS NULL)
"""
OF_ACCOUNT = " FROM subscriptions_subscription AS s WHERE s.account_id = %(account)s"
DUE = "SELECT id" + OF_ACCOUNT + " AND due_at <= %(now)s" + NOT_PARKED
NEXT_DUE = (
    "SELECT due_at"
    + OF_ACCOUNT
    + " AND due_at IS NOT NULL"
    + NOT_PARKED
    + " ORDER BY due_at LIMIT 1"
)

NAMED = """
    SELECT * FROM subscriptions_subscription AS s
    WHERE s.account_id = %(account)s AND s.id = ANY(%(ids)s) AND s.due_at <= %(now)s
    ORDER BY s.id FOR UPDATE SKIP LOCKED"""
NEXT = (
    "SELECT *"
    + OF_ACCOUNT
    + " AND s.due_at <= %(now)s"
    + NOT_PARKED
    + " ORDER BY s.due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"
)
TERMS = """
WITH s AS MATERIALIZED ({locked})
SELECT s.id, s.handle, s.customer_id, c.version_id, s.expires_at, s.plan_version_id,
       s.quantity, s.price_minor, s.price_incl_vat,
       s.timezone, s.anchor_local, s.next_start, s.period_count, s.has_partial_first
FROM s JOIN customers_customer AS c ON c.account_id = s.account_id AND c.id = s.customer_id
ORDER BY s.id
"""

ADD_ONS = """
SELECT a.subscription_id, a.handle, o.name, a.quantity,
       COALESCE(a.price_minor, o.amount_minor), o.amount_incl_vat, COALESCE(o.vat, %(vat)s)
FROM subscriptions_subscriptionaddon AS a
JOIN catalog_addon AS o ON o.account_id = a.account_id AND o.id = a.add_on_id
WHERE a.account_id = %(account)s AND a.subscription_id = ANY(%(ids)s)
ORDER BY a.subscription_id, a.handle
"""


def due_ids(account: Account, now: datetime, limit: int) -> list[UUID]:
    """The next subscriptions that are due and not parked, locked by somebody or not."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(
            DUE + " ORDER BY due_at, id LIMIT %(limit)s",
            {"account": account.id, "now": now, "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]


def is_any_due(account: Account, now: datetime) -> bool:
    """Whether anything is due and not parked, locked by somebody or not."""
    return bool(due_ids(account, now, 1))


def due_count(account: Account, now: datetime) -> int:
    """How many subscriptions are due by `now`, parked ones among them."""
    return Subscription.objects.of(account).filter(due_at__lte=now).count()


def next_due_at(account: Account) -> datetime | None:
    """The earliest instant at which a subscription that is not parked falls due."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(NEXT_DUE, {"account": account.id})
        row = cursor.fetchone()
        return row[0] if row else None


def locked_terms(account: Account, ids: Sequence[UUID], now: datetime) -> list[Terms]:
    """Lock those of `ids` that are due and free, and read what decides their next invoice.

    Two queries whatever their number; prices are read with the lock held, ordered by id.
    """
    return _locked(account, TERMS.format(locked=NAMED), {"ids": list(ids), "now": now})


def due_terms(account: Account, now: datetime, limit: int) -> list[Terms]:
    """As `locked_terms`, for the `limit` longest due that are free and not parked."""
    return _locked(account, TERMS.format(locked=NEXT), {"now": now, "limit": limit})


def _locked(account: Account, query: str, asked: dict[str, Any]) -> list[Terms]:
    extras: dict[UUID, list[Item]] = {}
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(query, {"account": account.id, **asked})
        rows = cursor.fetchall()
        cursor.execute(
            ADD_ONS,
            {
                "account": account.id,
                "vat": account.default_vat,
                "ids": [row[0] for row in rows],
            },
        )
        for subscription_id, *values in cursor.fetchall():
            extras.setdefault(subscription_id, []).append(_add_on(*values))
    versions = terms_of(account, {row[5] for row in rows})
    share = _Shared(Fraction(account.default_vat))
    return [share.terms(row, versions[row[5]], extras.get(row[0], ())) for row in rows]


class _Shared:
    """Terms of one batch; what many of its subscriptions have in common is made once."""

    def __init__(self, default_vat: Fraction) -> None:
        self._default_vat = default_vat
        self._made: dict[tuple[Any, ...], Any] = {}

    def terms(self, row: tuple[Any, ...], version: VersionTerms, extras: Sequence[Item]) -> Terms:
        """One row of TERMS."""
        id_, handle, customer_id, customer_version_id, expires_at = row[:5]
        price, rhythm = (id(version), *row[6:9]), (id(version), *row[9:])
        item = self._made.get(price)
        if item is None:
            item = self._made[price] = self._plan(version, *row[6:9])
        beat = self._made.get(rhythm)
        if beat is None:
            beat = self._made[rhythm] = _rhythm(version, *row[9:])
        when, partial = beat
        return Terms(
            id_,
            handle,
            customer_id,
            customer_version_id,
            version.currency,
            (item, *extras),
            when,
            partial,
            expires_at,
        )

    def _plan(self, version: VersionTerms, *own: Any) -> Item:
        quantity, price, side = own
        return Item(
            "plan",
            version.handle,
            version.name,
            quantity,
            version.unit_minor if price is None else price,
            version.incl_vat if side is None else side,
            self._default_vat if version.vat is None else version.vat,
        )


def _rhythm(version: VersionTerms, *columns: Any) -> tuple[Rhythm, PartialRule]:
    zone, anchor, next_start, period_count, has_partial_first = columns
    rhythm = Rhythm(
        version.schedule,
        boundary_of(anchor, zone),
        boundary_of(next_start, zone),
        period_count,
        has_partial_first,
    )
    return rhythm, PartialRule(version.partial, version.by, version.minimum_prorated_minor)


@lru_cache(maxsize=16384)
def _add_on(*columns: Any) -> Item:
    handle, text, quantity, unit, incl_vat, vat = columns
    return Item("add_on", handle, text, quantity, unit, incl_vat, Fraction(vat))


def boundary_of(text: str, zone: str) -> Boundary:
    """A stored local moment in its zone."""
    return Boundary(datetime.fromisoformat(text), zone)


def by_handle(account: Account, handle: str) -> Subscription:
    """The subscription of that handle, or `NotFound`; `Invalid` for what can be no handle."""
    found = Subscription.objects.of(account).filter(handle=checked_handle(handle)).first()
    if found is None:
        raise NotFound("subscription", handle)
    return found


def due_of_customer(account: Account, customer_id: UUID, now: datetime) -> list[UUID]:
    """The customer's subscriptions that are due, parked or not."""
    due = Subscription.objects.of(account).filter(customer_id=customer_id, due_at__lte=now)
    return list(due.order_by("id").values_list("id", flat=True))


def open_run(account: Account) -> BillingRun | None:
    """The account's run that is not closed yet; there is at most one."""
    return BillingRun.objects.of(account).exclude(state=RunState.CLOSED).first()


def runs(account: Account, limit: int) -> list[BillingRun]:
    """The account's latest runs, newest first."""
    return list(BillingRun.objects.of(account).order_by("-started_at", "-id")[:limit])


def invoices_of_run(account: Account, run_id: UUID, after: int, limit: int) -> list[Any]:
    """(period's id, invoice's id) of the run, in order of the former, from behind `after`."""
    periods = BillingPeriod.objects.of(account).filter(run_id=run_id, id__gt=after)
    return list(periods.order_by("id").values_list("id", "invoice_id")[:limit])


def billed_count(account: Account, run_id: UUID) -> int:
    """How many periods the run has opened."""
    return BillingPeriod.objects.of(account).filter(run_id=run_id).count()


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a run has done so far in one currency, in minor units; `failed` counts claims on
    which a payment was declined."""

    currency: str
    billed: int
    billed_minor: int
    collected_minor: int
    failed: int


FIGURES = """
SELECT i.currency, count(*), sum(i.gross_minor)::bigint, sum(i.settled_minor)::bigint,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM payments_paymentattempt AS a
           WHERE a.account_id = i.account_id AND a.invoice_id = i.id
             AND a.state IN ('soft_declined', 'hard_declined')))
FROM subscriptions_billingperiod AS p
JOIN invoicing_invoice AS i ON i.account_id = p.account_id AND i.id = p.invoice_id
WHERE p.account_id = %s AND p.run_id = %s
GROUP BY i.currency ORDER BY i.currency
"""


def figures(account: Account, run_id: UUID) -> list[RunFigures]:
    """The run's progress, by currency."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, [account.id, run_id])
        return [RunFigures(*row) for row in cursor.fetchall()]


def run(account: Account, run_id: UUID) -> BillingRun:
    """The run, or `NotFound`."""
    found = BillingRun.objects.of(account).filter(id=run_id).first()
    if found is None:
        raise NotFound("billing run", run_id)
    return found


def parked_of_run(account: Account, run: BillingRun) -> int:
    """How many subscriptions were parked while the run was open and still wait for a person."""
    parked = Parked.objects.of(account).filter(
        kind=PARK_KIND, released_at=None, parked_at__gte=run.started_at
    )
    if run.closed_at is not None:
        parked = parked.filter(parked_at__lte=run.closed_at)
    return parked.count()


def parked_of(account: Account, subscription_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the subscriptions that are parked."""
    parked = Parked.objects.of(account).filter(kind=PARK_KIND, released_at=None)
    return list(parked.filter(subject_id__in=subscription_ids).values_list("subject_id", flat=True))
