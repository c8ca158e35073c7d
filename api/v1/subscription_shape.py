"""What is told of a subscription."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Account
from accounts.queries import business_now
from api.v1.hosted_pages import payment_page
from api.v1.payment_method import wire_id
from api.v1.selections import any_of
from foundation.listing import Row
from foundation.wire.kinds import (
    Boolean,
    Choice,
    Instant,
    Integer,
    ListOf,
    Text,
    handle,
)
from foundation.wire.shapes import Field, Shape, optional
from invoicing.domain.lifecycle import State as ClaimState
from subscriptions.domain.lifecycle import ExpireReason, State
from subscriptions.queries.facts import SubscriptionFact, facts

"""Subscriptions: what is told of them, and what is done to them."""

STATES: Mapping[str, State | None] = {
    "active": State.ACTIVE,
    "expired": State.EXPIRED,
    "on_hold": None,
    "pending": None,
}
"""The wire's states and ours; those without one of ours are not reached yet."""
TO_WIRE = {ours: wire for wire, ours in STATES.items() if ours is not None}
REASONS: Mapping[str, ExpireReason | None] = {
    "dunning": None,
    "cancelled": ExpireReason.CANCELLED,
    "ondemand": ExpireReason.ON_DEMAND,
    "fixed": None,
}
REASON_TO_WIRE = {ours: wire for wire, ours in REASONS.items() if ours is not None}


@dataclass(frozen=True, slots=True)
class Told:
    """A subscription as of an instant of its account."""

    fact: SubscriptionFact
    now: datetime
    is_test: bool
    payment_page: str


def claimed(state: ClaimState, what: str) -> Callable[[Told], int]:
    """A number about its invoices in this state."""
    return lambda it: getattr(it.fact.claimed(state), what)


def nought(name: str) -> Field:
    """What no subscription has any of yet."""
    return Field(name, Integer(), lambda _: 0)


def own(name: str) -> str:
    return f"fact.{name}"


INVOICES = {
    "failed": ClaimState.FAILED,
    "cancelled": ClaimState.CANCELLED,
    "pending": ClaimState.PENDING,
    "dunning": ClaimState.DUNNING,
}
LINKS = Shape("SubscriptionLinks", Field("payment_info", Text(max=1000), "payment_page"))
SUBSCRIPTION = Shape(
    "Subscription",
    Field("handle", handle(), own("handle")),
    Field("customer", handle(), own("customer"), doc="The customer's handle."),
    Field("plan", handle(), own("plan"), doc="The plan's handle."),
    Field(
        "state",
        Choice(*STATES),
        lambda it: TO_WIRE[it.fact.state],
        doc="A cancelled one is active until it expires.",
    ),
    Field("test", Boolean(), "is_test"),
    Field("quantity", Integer(), own("quantity")),
    Field("timezone", Text(max=64), own("timezone"), doc="A name of the tz database."),
    Field("created", Instant(), own("created_at")),
    Field("renewing", Boolean(), own("is_renewing"), doc="It goes on after this period."),
    Field("currency", Text(max=3), own("currency")),
    Field("plan_version", Integer(), own("plan_version")),
    Field("start_date", Instant(), own("start_at")),
    Field("is_cancelled", Boolean(), lambda it: it.fact.cancelled_at is not None),
    Field("in_trial", Boolean(), lambda it: it.fact.is_in_trial(it.now)),
    Field("has_started", Boolean(), lambda it: it.fact.start_at <= it.now),
    Field("renewal_count", Integer(min=0), own("period_count"), doc="Periods opened so far."),
    Field("payment_method_added", Boolean(), own("had_method"), doc="There has been one."),
    *(
        Field(f"{name}_{word}", Integer(), claimed(state, what))
        for name, state in INVOICES.items()
        for word, what in (("invoices", "count"), ("amount", "gross_minor"))
    ),
    Field("settled_invoices", Integer(), claimed(ClaimState.SETTLED, "count")),
    Field("settled_amount", Integer(), claimed(ClaimState.SETTLED, "settled_minor")),
    nought("refunded_amount"),
    nought("pending_additional_costs"),
    nought("pending_additional_cost_amount"),
    nought("transferred_additional_costs"),
    nought("transferred_additional_cost_amount"),
    nought("pending_credits"),
    nought("pending_credit_amount"),
    nought("transferred_credits"),
    nought("transferred_credit_amount"),
    Field("hosted_page_links", LINKS, lambda it: it),
    optional("amount", Integer(), own("price_minor"), doc="Instead of the plan's, per unit."),
    optional("amount_incl_vat", Boolean(), own("price_incl_vat"), doc="That amount is gross."),
    optional("expires", Instant(), own("expires_at"), doc="When it ends or has ended."),
    optional("activated", Instant(), own("created_at")),
    optional("coupons", ListOf(Text()), lambda _: ()),
    optional("grace_duration", Integer(), own("grace_seconds")),
    optional("current_period_start", Instant(), own("current_start_at")),
    optional("next_period_start", Instant(), own("next_start_at")),
    optional("first_period_start", Instant(), own("first_start_at")),
    optional("last_period_start", Instant(), own("previous_start_at"), doc="Of the one before."),
    optional("trial_start", Instant(), lambda it: it.fact.trial_end_at and it.fact.start_at),
    optional("trial_end", Instant(), own("trial_end_at")),
    optional("cancelled_date", Instant(), own("cancelled_at")),
    optional("expired_date", Instant(), own("expired_at")),
    optional(
        "expire_reason",
        Choice(*REASONS),
        lambda it: it.fact.why_expired and REASON_TO_WIRE[it.fact.why_expired],
    ),
    optional("subscription_discounts", ListOf(Text()), lambda _: ()),
    optional("subscription_add_ons", ListOf(Text()), own("add_ons")),
    optional(
        "active_payment_methods",
        ListOf(Text()),
        lambda it: [wire_id(each) for each in any_of(it.fact.method_id)],
    ),
    optional("metered_billing_products", ListOf(Text()), lambda _: ()),
    doc="The agreement with a customer.",
)


def told(account: Account, found: Iterable[SubscriptionFact]) -> list[Told]:
    now, is_test = business_now(account), account.state == Account.State.TEST
    return [Told(each, now, is_test, payment_page(account, each.id)) for each in found]


def load(account: Account, rows: Sequence[Row]) -> Iterable[Told]:
    found = facts(account, [row["id"] for row in rows])
    return told(account, [found[row["id"]] for row in rows])
