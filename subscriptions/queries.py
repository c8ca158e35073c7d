"""Reads on subscriptions: what is due, what decides its price, what a run has done."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.domain.details import handle as checked_handle
from accounts.models import Account
from catalog.domain.terms import PartialPeriod
from kernel.errors import NotFound
from kernel.periods import Boundary, Proration, Schedule, ScheduleKind
from subscriptions.domain.lifecycle import RunState
from subscriptions.domain.renewal import Item, PartialRule, Rhythm, Terms
from subscriptions.models import BillingPeriod, BillingRun, Subscription

PARK_KIND = "renewal"

NOT_PARKED = """ AND NOT EXISTS (
    SELECT FROM foundation_parked AS parked
    WHERE parked.account_id = %(account)s AND parked.kind = 'renewal'
      AND parked.subject_id = subscription.id AND parked.released_at IS NULL)
"""
OF_ACCOUNT = " FROM subscriptions_subscription AS subscription WHERE account_id = %(account)s"
DUE = "SELECT id" + OF_ACCOUNT + " AND due_at <= %(now)s" + NOT_PARKED
NEXT_DUE = "SELECT min(due_at)" + OF_ACCOUNT + NOT_PARKED

TERMS = """
SELECT s.id, s.handle, s.customer_id, c.version_id, v.currency, v.name, p.handle,
       s.quantity, COALESCE(s.price_minor, v.amount_minor),
       COALESCE(s.price_incl_vat, v.amount_incl_vat), COALESCE(v.vat, %(vat)s),
       v.schedule, v.interval_length, v.fixed_day, v.fixed_hour, v.base_month,
       s.timezone, s.anchor_local, s.next_start, s.period_count, s.has_partial_first,
       v.partial_period, v.prorates_days, v.minimum_prorated_minor, s.expires_at
FROM subscriptions_subscription AS s
JOIN catalog_planversion AS v ON v.account_id = s.account_id AND v.id = s.plan_version_id
JOIN catalog_plan AS p ON p.account_id = v.account_id AND p.id = v.plan_id
JOIN customers_customer AS c ON c.account_id = s.account_id AND c.id = s.customer_id
WHERE s.account_id = %(account)s AND s.id = ANY(%(ids)s) AND s.due_at <= %(now)s
ORDER BY s.id FOR UPDATE OF s SKIP LOCKED
"""

ADD_ONS = """
SELECT a.subscription_id, a.handle, o.name, a.quantity,
       COALESCE(a.price_minor, o.amount_minor), o.amount_incl_vat, COALESCE(o.vat, %(vat)s)
FROM subscriptions_subscriptionaddon AS a
JOIN catalog_addon AS o ON o.account_id = a.account_id AND o.id = a.add_on_id
WHERE a.account_id = %(account)s AND a.subscription_id = ANY(%(ids)s)
ORDER BY a.subscription_id, a.handle
"""


def claim_due(account: Account, now: datetime, limit: int) -> list[UUID]:
    """Lock the next subscriptions that are due and not parked; those locked are passed over."""
    return _due(account, now, "ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED", limit)


def is_any_due(account: Account, now: datetime) -> bool:
    """Whether anything is due and not parked, locked by somebody or not."""
    return bool(_due(account, now, "LIMIT %(limit)s", 1))


def _due(account: Account, now: datetime, ending: str, limit: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(DUE + ending, {"account": account.id, "now": now, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def due_count(account: Account, now: datetime) -> int:
    """How many subscriptions are due by `now`, parked ones among them."""
    return Subscription.objects.of(account).filter(due_at__lte=now).count()


def next_due_at(account: Account) -> datetime | None:
    """The earliest instant at which a subscription that is not parked falls due."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_DUE, {"account": account.id})
        earliest: datetime | None = cursor.fetchone()[0]
        return earliest


def locked_terms(account: Account, ids: Sequence[UUID], now: datetime) -> list[Terms]:
    """Lock those of `ids` that are due and free, and read what decides their next invoice.

    Two queries whatever their number; prices are read with the lock held, ordered by id.
    """
    asked: dict[str, Any] = {
        "account": account.id,
        "ids": list(ids),
        "now": now,
        "vat": account.default_vat,
    }
    with connection.cursor() as cursor:
        cursor.execute(TERMS, asked)
        rows = cursor.fetchall()
        cursor.execute(ADD_ONS, asked)
        extras: dict[UUID, list[Item]] = {}
        for id_, handle, name, quantity, unit, incl_vat, vat in cursor.fetchall():
            item = Item("add_on", handle, name, quantity, unit, incl_vat, _fraction(vat))
            extras.setdefault(id_, []).append(item)
    return [_terms(row, extras.get(row[0], ())) for row in rows]


def _terms(row: tuple[Any, ...], extras: Sequence[Item]) -> Terms:
    (
        id_, handle, customer_id, version_id, currency, name, plan_handle,
        quantity, unit, incl_vat, vat, *rest,
    ) = row  # fmt: skip
    (
        schedule, length, fixed_day, fixed_hour, base_month, zone, anchor, next_start,
        period_count, has_partial_first, partial_period, prorates_days, minimum, expires_at,
    ) = rest  # fmt: skip
    plan = Item("plan", plan_handle, name, quantity, unit, incl_vat, _fraction(vat))
    rhythm = Rhythm(
        _schedule(schedule, length, fixed_day, fixed_hour, base_month),
        boundary_of(anchor, zone),
        boundary_of(next_start, zone),
        period_count,
        has_partial_first,
    )
    return Terms(
        id_,
        handle,
        customer_id,
        version_id,
        currency,
        (plan, *extras),
        rhythm,
        _partial(partial_period, minimum, prorates_days=prorates_days),
        expires_at,
    )


@lru_cache(maxsize=65536)
def boundary_of(text: str, zone: str) -> Boundary:
    """A stored local moment in its zone."""
    return Boundary(datetime.fromisoformat(text), zone)


@lru_cache(maxsize=1024)
def _schedule(
    kind: str, length: int, fixed_day: int | None, fixed_hour: int, base_month: int | None
) -> Schedule:
    return Schedule(ScheduleKind(kind), length, fixed_day, fixed_hour, base_month)


@lru_cache(maxsize=1024)
def _partial(handling: str, minimum: int, *, prorates_days: bool) -> PartialRule:
    by = Proration.DAYS if prorates_days else Proration.MINUTES
    return PartialRule(PartialPeriod(handling), by, minimum)


@lru_cache(maxsize=1024)
def _fraction(rate: Decimal) -> Fraction:
    return Fraction(rate)


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
