"""What a subscription tells of itself and of what hangs on it, for pages of many at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Account
from foundation.tenancy import require
from invoicing.domain.lifecycle import State as ClaimState
from invoicing.queries.claims import NO_CLAIMS, ClaimSum, sums_by_subscription
from kernel.errors import NotFound
from kernel.periods import Boundary, ScheduleKind
from payments.queries import customers_with_methods, usable_methods
from subscriptions.domain.lifecycle import ExpireReason, State
from subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class SubscriptionFact:
    """A subscription with its plan, periods, claims and method; instants are in UTC.

    `price_minor` and `price_incl_vat` are set only where its own price replaces the plan's. The
    running period is the last that was opened; `next_start_at` is where it ends.
    """

    id: UUID
    handle: str
    customer_id: UUID
    customer: str
    plan: str
    plan_version: int
    currency: str
    schedule: ScheduleKind
    state: State
    quantity: int
    price_minor: int | None
    price_incl_vat: bool | None
    timezone: str
    start_at: datetime
    trial_end_at: datetime | None
    next_local: str
    period_count: int
    cancelled_at: datetime | None
    expires_at: datetime | None
    expired_at: datetime | None
    expire_reason: str
    created_at: datetime
    grace_seconds: int | None
    first_start_at: datetime | None
    previous_start_at: datetime | None
    current_start_at: datetime | None
    add_ons: tuple[str, ...]
    claims: Mapping[ClaimState, ClaimSum]
    method_id: UUID | None
    had_method: bool

    def claimed(self, state: ClaimState) -> ClaimSum:
        """What its claims in this state come to."""
        return self.claims.get(state, NO_CLAIMS)

    @property
    def is_renewing(self) -> bool:
        """Whether it goes on after the running period."""
        return self.state is State.ACTIVE and self.cancelled_at is None

    @property
    def next_start_at(self) -> datetime | None:
        """Where its next period begins or, once cancelled, would have begun."""
        if self.state is not State.ACTIVE or self.schedule is ScheduleKind.MANUAL:
            return None
        return Boundary(datetime.fromisoformat(self.next_local), self.timezone).instant

    @property
    def why_expired(self) -> ExpireReason | None:
        """Why it has ended, if it has; without a word on it, because it was cancelled."""
        if self.state is not State.EXPIRED:
            return None
        return ExpireReason(self.expire_reason or ExpireReason.CANCELLED)

    def is_in_trial(self, now: datetime) -> bool:
        """Whether its trial runs, or lies ahead."""
        is_open = self.state is State.ACTIVE and self.trial_end_at is not None
        return is_open and self.trial_end_at is not None and now < self.trial_end_at


FACTS = """
SELECT s.id, s.handle, s.customer_id, c.handle, p.handle, v.number, v.currency, v.schedule,
       s.state, s.quantity, s.price_minor, s.price_incl_vat, s.timezone, s.start_at,
       s.trial_end_at, s.next_start, s.period_count, s.cancelled_at, s.expires_at, s.expired_at,
       s.expire_reason, s.created_at, s.grace_seconds, f.starts_at, b.starts_at, n.starts_at,
       array(SELECT a.handle FROM subscriptions_subscriptionaddon AS a
             WHERE a.account_id = s.account_id AND a.subscription_id = s.id ORDER BY a.handle)
FROM subscriptions_subscription AS s
JOIN customers_customer AS c ON c.account_id = s.account_id AND c.id = s.customer_id
JOIN catalog_planversion AS v ON v.account_id = s.account_id AND v.id = s.plan_version_id
JOIN catalog_plan AS p ON p.account_id = v.account_id AND p.id = v.plan_id
LEFT JOIN subscriptions_billingperiod AS f
    ON f.account_id = s.account_id AND f.subscription_id = s.id AND f.index = 0
LEFT JOIN subscriptions_billingperiod AS b
    ON b.account_id = s.account_id AND b.subscription_id = s.id AND b.index = s.period_count - 2
LEFT JOIN subscriptions_billingperiod AS n
    ON n.account_id = s.account_id AND n.subscription_id = s.id AND n.index = s.period_count - 1
WHERE s.account_id = %s AND s.id = ANY(%s)
"""


def facts(account: Account, ids: Collection[UUID]) -> dict[UUID, SubscriptionFact]:
    """Those of the subscriptions that the account has, by id; four statements for any number."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [account.id, list(ids)])
        rows = cursor.fetchall()
    customers = {row[2] for row in rows}
    claims = sums_by_subscription(account, [row[0] for row in rows])
    methods = usable_methods(account, list(customers))
    had = customers_with_methods(account, customers)
    return {
        row[0]: _fact(list(row), claims.get(row[0], {}), (methods.get(row[2]), row[2] in had))
        for row in rows
    }


def _fact(
    columns: list[Any], claims: Mapping[ClaimState, ClaimSum], method: tuple[UUID | None, bool]
) -> SubscriptionFact:
    columns[7], columns[8] = ScheduleKind(columns[7]), State(columns[8])
    columns[26] = tuple(columns[26])
    columns += (claims, *method)
    return SubscriptionFact(*columns)


def id_of(account: Account, handle: str) -> UUID | None:
    """The id of the subscription of that handle, if there is one."""
    found = Subscription.objects.of(account).filter(handle=handle)
    return found.values_list("id", flat=True).first()


def one(account: Account, handle: str) -> SubscriptionFact:
    """The subscription of that handle, or `NotFound`."""
    found = id_of(account, handle)
    if found is None:
        raise NotFound("subscription", handle)
    return facts(account, [found])[found]


@dataclass(frozen=True, slots=True)
class PeriodFact:
    """The period a claim was made for."""

    subscription: str
    plan: str
    plan_version: int
    index: int
    starts_at: datetime
    ends_at: datetime


PERIODS = """
SELECT b.invoice_id, s.handle, p.handle, v.number, b.index, b.starts_at, b.ends_at
FROM subscriptions_billingperiod AS b
JOIN subscriptions_subscription AS s ON s.account_id = b.account_id AND s.id = b.subscription_id
JOIN catalog_planversion AS v ON v.account_id = s.account_id AND v.id = s.plan_version_id
JOIN catalog_plan AS p ON p.account_id = v.account_id AND p.id = v.plan_id
WHERE b.account_id = %s AND b.invoice_id = ANY(%s)
"""


def periods_by_invoice(account: Account, ids: Collection[UUID]) -> dict[UUID, PeriodFact]:
    """Claim to its period, for claims that renewals made; one statement."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(PERIODS, [account.id, list(ids)])
        return {row[0]: PeriodFact(*row[1:]) for row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class CustomerCounts:
    """How many of a customer's subscriptions stand how; a cancelled one is active until its end.

    `trial_*` are those whose trial has not ended, `non_renewing` those that run and will end.
    """

    active: int = 0
    trial_active: int = 0
    trial_cancelled: int = 0
    expired: int = 0
    on_hold: int = 0
    cancelled: int = 0
    non_renewing: int = 0


COUNTS = """
SELECT customer_id,
       count(*) FILTER (WHERE state = 'active'),
       count(*) FILTER (WHERE state = 'active' AND trial_end_at > %(now)s
                          AND cancelled_at IS NULL),
       count(*) FILTER (WHERE state = 'active' AND trial_end_at > %(now)s
                          AND cancelled_at IS NOT NULL),
       count(*) FILTER (WHERE state = 'expired'),
       0,
       count(*) FILTER (WHERE state = 'active' AND cancelled_at IS NOT NULL),
       count(*) FILTER (WHERE state = 'active' AND cancelled_at IS NOT NULL)
FROM subscriptions_subscription
WHERE account_id = %(account)s AND customer_id = ANY(%(ids)s)
GROUP BY customer_id
"""


def counts_by_customer(
    account: Account, ids: Collection[UUID], now: datetime
) -> dict[UUID, CustomerCounts]:
    """Customer to the counts of its subscriptions, for those who have any; one statement.

    `now` is the account's business time.
    """
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"account": account.id, "now": now, "ids": list(ids)})
        return {row[0]: CustomerCounts(*row[1:]) for row in cursor.fetchall()}
