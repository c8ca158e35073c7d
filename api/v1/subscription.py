"""Subscriptions: what is told of them, and what is done to them."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.urls import path

from accounts.models import Account
from api.v1.base import View
from api.v1.errors import Problem
from api.v1.filters import Criterion, contains, exact, moment, number, prefix, truth
from api.v1.lists import CurrentList
from api.v1.old_lists import OldList
from api.v1.payment_method import STORING_CODES
from api.v1.payment_method import id_of as method_id_of
from api.v1.selections import any_of, constant, none_have, refused, words_of
from api.v1.sign_up import CREATE, held_card, sign_up
from api.v1.subscription_shape import INVOICES, REASONS, STATES, SUBSCRIPTION, Told, load, told
from foundation.listing import Filter, Op
from foundation.tenancy import tenant
from foundation.wire.kinds import (
    INT32_MAX,
    Boolean,
    Choice,
    FreeObject,
    Integer,
    LocalTime,
    Text,
)
from foundation.wire.shapes import NOTHING, Given, Shape, optional
from foundation.wire.views import Call, operation
from payments import queries as payments
from subscriptions import listings, queries
from subscriptions.commands.cancel import cancel
from subscriptions.commands.expire import expire
from subscriptions.commands.metadata import keep_metadata
from subscriptions.commands.uncancel import uncancel
from subscriptions.queries.facts import facts, one

"""Subscriptions: what is told of them, and what is done to them."""

ALREADY_EXPIRED, NOT_BUILT = 13, 43
ENDED = {"transition_refused": ALREADY_EXPIRED, "end_reached": ALREADY_EXPIRED}
METADATA = FreeObject()
CANCEL = Shape(
    "CancelSubscription",
    optional("notice_periods", Integer(min=0, max=INT32_MAX), doc="Only 0 is offered."),
    optional("notice_periods_after_current", Boolean()),
    optional("expire_at", LocalTime(), doc="Not offered yet."),
    optional("trial_with_notice_and_fixation", Boolean()),
)
COMPENSATIONS = ("full_refund", "prorated_refund", "none")
EXPIRE = Shape(
    "ExpireSubscription",
    optional("compensation_method", Choice(*COMPENSATIONS), doc="Only none is offered."),
)


def _trial_start() -> Criterion:
    started = moment("trial_start", "start_at")
    has_one = Filter("trial_end_at", Op.EMPTY, value=False)
    return Criterion(
        "trial_start",
        started.kind,
        lambda text, zone: [has_one, *(started.made(text, zone) if started.made else ())],
    )


NAMED = (
    exact("handle"),
    exact("customer"),
    exact("plan"),
    words_of("state", STATES),
    number("quantity"),
    number("plan_version"),
)
LIST = CurrentList(
    name="SubscriptionList",
    shape=SUBSCRIPTION,
    listing=listings.SUBSCRIPTIONS,
    load=load,
    criteria=(
        *NAMED,
        prefix("handle_prefix", "handle"),
        contains("handle_contains", "handle"),
        number("amount", "price_minor"),
        truth("amount_incl_vat", "price_incl_vat"),
        moment("created", "created_at"),
        moment("activated", "created_at"),
        moment("start_date", "start_at"),
        moment("cancelled_date", "cancelled_at"),
        moment("expired_date", "expired_at"),
        words_of("expire_reason", REASONS),
        truth("renewing", "is_renewing"),
        truth("in_trial", "is_in_trial"),
        truth("has_started"),
        number("renewal_count", "period_count"),
        moment("current_period_start", "current_start_at"),
        moment("next_period_start", "due_at"),
        moment("first_period_start", "first_start_at"),
        moment("last_period_start", "previous_start_at"),
        _trial_start(),
        moment("trial_end", "trial_end_at"),
        number("grace_duration", "grace_seconds"),
        Criterion("payment_method", Text(), lambda ids, _: [Filter("customer_id", Op.ANY, ids)]),
        *map(
            constant,
            (
                "refunded_amount",
                "pending_additional_costs",
                "pending_additional_cost_amount",
                "transferred_additional_costs",
                "transferred_additional_cost_amount",
                "pending_credits",
                "pending_credit_amount",
                "transferred_credits",
                "transferred_credit_amount",
            ),
        ),
        *none_have(
            "reactivated",
            "end_date",
            "on_hold_date",
            "on_hold_reason",
            "reminder_email_sent",
            "subscription_discount_handle",
            "discount_handle",
            "coupon_handle",
        ),
        *refused(
            "payment_method_added",
            *(
                f"{name}_{word}"
                for name in (*INVOICES, "settled")
                for word in ("invoices", "amount")
            ),
            "subscription_add_on_handle",
            "add_on_handle",
        ),
    ),
)
OLD_LIST = OldList(
    name="SubscriptionSearch",
    shape=SUBSCRIPTION,
    listing=listings.SUBSCRIPTIONS,
    load=load,
    searched=(
        *NAMED,
        exact("customer.handle", "customer"),
        exact("plan.handle", "plan"),
        moment("created", "created_at"),
    ),
    prefixed={"handle": "handle", "customer": "customer"},
    sorted_by={"created": "created_at", "handle": "handle"},
)


class Subscriptions(View):
    @operation("Search subscriptions", OLD_LIST.answer, query=OLD_LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        return OLD_LIST.page(call)

    @operation(
        "Create a subscription",
        SUBSCRIPTION,
        body=CREATE,
        opens_doors=True,
        codes=STORING_CODES,
        doc="What is due at once is invoiced at once, and its money is drawn soon after.",
    )
    def post(self, call: Call) -> Given:
        """A card is stored at its gateway first, while no transaction is open."""
        held = held_card(call.account_id, call.body)
        with tenant(call.account_id) as account:
            id_ = sign_up(account, call.body, held)
            return SUBSCRIPTION.write(told(account, facts(account, [id_]).values())[0])


class SubscriptionList(View):
    @operation("List subscriptions", LIST.answer, query=LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        asked = call.query.get("payment_method")
        if asked:
            call.query["payment_method"] = _drawing_from(call.account, asked)
        return LIST.page(call)


def _drawing_from(account: Account, method: str) -> tuple[UUID, ...]:
    """The customer whose invoices are drawn from this method, if any are."""
    id_ = method_id_of(method)
    found = payments.method_facts(account, any_of(id_))
    owners = [each.customer_id for each in found.values()]
    used = payments.usable_methods(account, owners)
    return tuple(owner for owner in owners if used.get(owner) == id_)


class OneSubscription(View):
    @operation("Get a subscription", SUBSCRIPTION)
    def get(self, call: Call, subscription: str) -> Told:
        return told(call.account, [one(call.account, subscription)])[0]


class Act(View):
    """Something is done to a subscription, and it is told how it stands then."""

    def done(self, call: Call, subscription: str, verb: Callable[..., object]) -> Told:
        found = queries.by_handle(call.account, subscription)
        verb(account=call.account, subscription_id=found.id, actor=call.actor, now=call.now)
        return told(call.account, [one(call.account, subscription)])[0]


class Cancel(Act):
    @operation(
        "Cancel a subscription",
        SUBSCRIPTION,
        body=CANCEL,
        codes=ENDED,
        doc="It ends with the period it has paid for.",
    )
    def post(self, call: Call, subscription: str) -> Told:
        for name in ("expire_at", "notice_periods"):
            if call.body.get(name):
                raise Problem(NOT_BUILT, f"{name} is not offered yet: leave it out.")
        return self.done(call, subscription, cancel)


class Uncancel(Act):
    @operation("Take a cancellation back", SUBSCRIPTION, codes=ENDED)
    def post(self, call: Call, subscription: str) -> Told:
        return self.done(call, subscription, uncancel)


class Expire(Act):
    @operation(
        "End a subscription now",
        SUBSCRIPTION,
        body=EXPIRE,
        codes=ENDED,
        doc="What is invoiced stays owed.",
    )
    def post(self, call: Call, subscription: str) -> Told:
        if call.body.get("compensation_method") not in {None, "none"}:
            raise Problem(NOT_BUILT, "Nothing is paid back yet: compensation_method is none.")
        return self.done(call, subscription, expire)


class Metadata(View):
    @operation("Get what is kept with a subscription", METADATA)
    def get(self, call: Call, subscription: str) -> Mapping[str, Any]:
        return queries.by_handle(call.account, subscription).metadata or {}

    @operation("Keep something with a subscription", METADATA, body=METADATA)
    def put(self, call: Call, subscription: str) -> Mapping[str, Any]:
        found = queries.by_handle(call.account, subscription)
        keep_metadata(account=call.account, subscription_id=found.id, metadata=call.body)
        kept: Mapping[str, Any] = call.body
        return kept

    @operation("Keep nothing with a subscription any more", NOTHING)
    def delete(self, call: Call, subscription: str) -> None:
        found = queries.by_handle(call.account, subscription)
        keep_metadata(account=call.account, subscription_id=found.id, metadata=None)


ONE = "subscription/<handle:subscription>"
urls = [
    path("subscription", Subscriptions.as_view()),
    path("list/subscription", SubscriptionList.as_view()),
    path(ONE, OneSubscription.as_view()),
    path(f"{ONE}/cancel", Cancel.as_view()),
    path(f"{ONE}/uncancel", Uncancel.as_view()),
    path(f"{ONE}/expire", Expire.as_view()),
    path(f"{ONE}/metadata", Metadata.as_view()),
]
