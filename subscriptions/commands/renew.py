"""Renew subscriptions: open the periods that are due and invoice them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accounts.models import Account
from foundation import bulk, due, outbox
from foundation.faultpoint import faultpoint
from invoicing.commands.issue import issue
from kernel.ids import new_ids
from subscriptions import queries
from subscriptions.domain.renewal import Expiry, Renewal, plan_renewal
from subscriptions.events import SubscriptionExpired, SubscriptionRenewed
from subscriptions.models import BillingPeriod

DUE_KIND = "renewal"

PERIOD = (
    "account_id",
    "subscription_id",
    "index",
    "starts_at",
    "ends_at",
    "start_on",
    "end_on",
    "invoice_id",
    "run_id",
)

ADVANCE = """
UPDATE subscriptions_subscription AS subscription
SET period_count = new.period_count, next_start = new.next_start, due_at = new.due_at
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::timestamptz[])
    AS new(id, period_count, next_start, due_at)
WHERE subscription.account_id = %s AND subscription.id = new.id
"""

EXPIRE = """
UPDATE subscriptions_subscription
SET state = 'expired', due_at = NULL, expired_at = expires_at
WHERE account_id = %s AND id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many periods were opened, how many subscriptions ended."""

    renewed: int
    expired: int


def renew(
    *, account: Account, subscription_ids: Sequence[UUID], now: datetime, run_id: UUID | None = None
) -> Renewed:
    """Open and invoice the next period of each that is due at `now`, or end it.

    Safe to run twice and at once: what another transaction holds is left to it, and a period
    that is open is never opened again. One period each; a backlog takes further calls.
    """
    terms = queries.locked_terms(account, subscription_ids, now)
    faultpoint("subscriptions.locked")
    outcomes = [plan_renewal(each, now) for each in terms]
    renewals = [each for each in outcomes if isinstance(each, Renewal)]
    expiries = [each for each in outcomes if isinstance(each, Expiry)]
    if renewals:
        _open(account, renewals, run_id, now)
    if expiries:
        _expire(account, expiries)
    return Renewed(len(renewals), len(expiries))


def _open(
    account: Account, renewals: Sequence[Renewal], run_id: UUID | None, now: datetime
) -> None:
    invoice_ids = new_ids(len(renewals))
    account_id = account.id
    bulk.insert(
        BillingPeriod,
        PERIOD,
        [
            (
                account_id,
                each.terms.subscription_id,
                each.index,
                each.period.start.instant,
                each.period.end.instant,
                each.period.start.on,
                each.period.end.on,
                invoice_id,
                run_id,
            )
            for invoice_id, each in zip(invoice_ids, renewals, strict=True)
        ],
    )
    _advance(account, renewals)
    faultpoint("subscriptions.advanced")
    outbox.append(
        *(
            SubscriptionRenewed(
                subscription_id=each.terms.subscription_id,
                customer_id=each.terms.customer_id,
                invoice_id=invoice_id,
                period_index=each.index,
            )
            for invoice_id, each in zip(invoice_ids, renewals, strict=True)
        )
    )
    issue(account=account, drafts=[each.draft for each in renewals], ids=invoice_ids, now=now)


def _advance(account: Account, renewals: Sequence[Renewal]) -> None:
    """The next period starts where this one ends; one that ends with it falls due there too."""
    due_at = [each.period.end.instant for each in renewals]
    with connection.cursor() as cursor:
        cursor.execute(
            ADVANCE,
            [
                [each.terms.subscription_id for each in renewals],
                [each.index + 1 for each in renewals],
                [local_text(each.period.end.local) for each in renewals],
                due_at,
                account.id,
            ],
        )
    due.note(DUE_KIND, min(due_at), business=True)


def local_text(local: datetime) -> str:
    """A local moment as it is stored: to the minute, without a zone."""
    return local.isoformat(timespec="minutes")


def _expire(account: Account, expiries: Sequence[Expiry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(EXPIRE, [account.id, [each.terms.subscription_id for each in expiries]])
    outbox.append(
        *(
            SubscriptionExpired(
                subscription_id=each.terms.subscription_id, customer_id=each.terms.customer_id
            )
            for each in expiries
        )
    )
