"""Renew subscriptions: open the periods that are due and invoice them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accounts.models import Account
from foundation import bulk, due, outbox
from foundation.faultpoint import faultpoint
from foundation.tenancy import require
from invoicing.commands.issue import issue
from kernel.ids import new_ids
from subscriptions import queries
from subscriptions.domain.renewal import Expiry, Renewal, Terms, plan_renewal
from subscriptions.events import SubscriptionExpired, SubscriptionRenewed
from subscriptions.models import BillingPeriod

DUE_KIND = "renewal"

PERIOD = (
    "subscription_id",
    "index",
    "starts_at",
    "ends_at",
    "start_on",
    "end_on",
    "invoice_id",
)

ADVANCE = """
UPDATE subscriptions_subscription AS subscription
SET period_count = new.period_count, next_start = new.next_start, due_at = new.due_at
FROM unnest(string_to_array(%s, ',')::uuid[], string_to_array(%s, ',')::int[],
            string_to_array(%s, ','), string_to_array(%s, ',')::timestamptz[])
    AS new(id, period_count, next_start, due_at)
WHERE subscription.account_id = %s AND subscription.id = new.id
"""

EXPIRE = """
UPDATE subscriptions_subscription
SET state = 'expired', due_at = NULL, expired_at = expires_at, expire_reason = 'cancelled'
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
    return _renew(account, terms, now, run_id)


def renew_due(*, account: Account, limit: int, now: datetime, run_id: UUID) -> Renewed:
    """As `renew`, for the next `limit` that are due at `now`, free and not parked."""
    return _renew(account, queries.due_terms(account, now, limit), now, run_id)


def _renew(account: Account, terms: Sequence[Terms], now: datetime, run_id: UUID | None) -> Renewed:
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
    bulk.insert(
        BillingPeriod,
        PERIOD,
        [
            (
                each.terms.subscription_id,
                each.index,
                each.stretch.starts_text,
                each.stretch.ends_text,
                each.stretch.service_from,
                each.stretch.period.end.on,
                invoice_id,
            )
            for invoice_id, each in zip(invoice_ids, renewals, strict=True)
        ],
        same={"run_id": run_id},
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
    columns = zip(*[_next(each) for each in renewals], strict=True)
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, [*map(",".join, columns), account.id])
    due.note(DUE_KIND, min([each.stretch.ends_at for each in renewals]), business=True)


def _next(renewal: Renewal) -> tuple[str, str, str, str]:
    stretch = renewal.stretch
    subscription_id = renewal.terms.subscription_id.hex
    return subscription_id, str(renewal.index + 1), stretch.next_start, stretch.ends_text


def _expire(account: Account, expiries: Sequence[Expiry]) -> None:
    require(account)
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
