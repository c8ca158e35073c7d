"""Create subscriptions and bill at once what is due at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from accounts.models import Account
from catalog import queries as catalogue
from catalog.domain.terms import PartialPeriod, Trial
from catalog.models import AddOn, PlanVersion
from customers.queries import ids_of
from foundation import bulk, due, outbox
from foundation.handles import handle_once
from kernel.errors import Conflict, Invalid
from kernel.ids import new_ids
from kernel.money import Money
from kernel.periods import Boundary, Unit
from subscriptions.commands.renew import DUE_KIND, renew
from subscriptions.domain.lifecycle import State
from subscriptions.domain.renewal import local_text
from subscriptions.domain.start import (
    Beginning,
    NewAddOnUse,
    NewSubscription,
    beginning,
    refuse_too_early,
)
from subscriptions.events import SubscriptionCreated
from subscriptions.models import Subscription, SubscriptionAddOn

BACKLOG_MAX = 3
"""Periods that a start up to one period back may have made due, a partial first one included."""

SUBSCRIPTION = (
    "id",
    "handle",
    "customer_id",
    "plan_version_id",
    "state",
    "quantity",
    "price_minor",
    "price_incl_vat",
    "timezone",
    "start_at",
    "trial_end_at",
    "anchor_local",
    "next_start",
    "has_partial_first",
    "period_count",
    "due_at",
    "grace_seconds",
    "metadata",
    "created_at",
)
ADD_ON = ("id", "subscription_id", "add_on_id", "handle", "quantity", "price_minor")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A new subscription with everything it names looked up."""

    id: UUID
    new: NewSubscription
    customer_id: UUID
    version: PlanVersion
    beginning: Beginning


def create(
    *, account: Account, subscriptions: Sequence[NewSubscription], now: datetime
) -> list[UUID]:
    """Create them all, or none; returns their ids in order. `now` is the account's time.

    Raises `NotFound` for an unknown customer, plan or add-on, `Conflict` for a handle in use,
    `Invalid` for a currency that is not the plan's or an amount beyond a bigint, and `Refused`
    for a start more than one period back.
    """
    _refuse_taken(account, [each.handle for each in subscriptions])
    ready = _look_up(account, subscriptions, now)
    with handle_once("subscription_handle", "subscription"):
        bulk.insert(Subscription, SUBSCRIPTION, [_row(account, each, now) for each in ready])
    _attach(account, ready)
    outbox.append(
        *(
            SubscriptionCreated(subscription_id=each.id, customer_id=each.customer_id)
            for each in ready
        )
    )
    _bill_at_once(account, ready, now)
    return [each.id for each in ready]


def _look_up(
    account: Account, subscriptions: Sequence[NewSubscription], now: datetime
) -> list[_Ready]:
    customers = ids_of(account, [each.customer for each in subscriptions])
    versions = {
        handle: catalogue.on_sale(account, handle)
        for handle in dict.fromkeys(each.plan for each in subscriptions)
    }
    ids = new_ids(len(subscriptions))
    return [
        _ready(account, id_, each, (customers[each.customer], versions[each.plan]), now)
        for id_, each in zip(ids, subscriptions, strict=True)
    ]


def _ready(
    account: Account,
    id_: UUID,
    new: NewSubscription,
    found: tuple[UUID, PlanVersion],
    now: datetime,
) -> _Ready:
    customer_id, version = found
    unit = new.price or Money(version.amount_minor, version.currency)
    refuse_other_currency(unit, version.currency, of="the plan")
    unit.times(new.quantity or version.quantity)
    start = new.start or Boundary.at(now, account.timezone)
    if start.zone != account.timezone:
        raise Invalid(
            "other_zone",
            "The start is a local time of the account: {zone}.",
            field="start",
            zone=account.timezone,
        )
    schedule = catalogue.schedule_of(version)
    refuse_too_early(start, schedule, now)
    trial = (new.trial or _trial(version)) if new.has_trial else None
    begun = beginning(start, schedule, trial, PartialPeriod(version.partial_period))
    return _Ready(id_, new, customer_id, version, begun)


def refuse_other_currency(price: Money, currency: str, *, of: str) -> None:
    """Raises `Invalid` unless the price is in `currency`."""
    if price.currency != currency:
        raise Invalid(
            "wrong_currency",
            "The price is in {given}, but {of} is in {currency}.",
            field="currency",
            given=price.currency,
            of=of,
            currency=currency,
        )


def _trial(version: PlanVersion) -> Trial | None:
    if version.trial_unit is None or version.trial_length is None:
        return None
    return Trial(Unit(version.trial_unit), version.trial_length, version.fixed_trial_days)


def _row(account: Account, ready: _Ready, now: datetime) -> tuple[object, ...]:
    new, begun = ready.new, ready.beginning
    first = begun.first_start
    return (
        ready.id,
        new.handle,
        ready.customer_id,
        ready.version.id,
        State.ACTIVE,
        new.quantity or ready.version.quantity,
        new.price.minor if new.price else None,
        new.price_incl_vat if new.price else None,
        account.timezone,
        _instant(begun.start),
        _instant(begun.trial_end) if begun.trial_end else None,
        local_text(begun.anchor.local),
        local_text((first or begun.start).local),
        begun.has_partial_first,
        0,
        _instant(first) if first else None,
        new.grace_seconds,
        None if new.metadata is None else json.dumps(new.metadata),
        now,
    )


@lru_cache(maxsize=4096)
def _instant(boundary: Boundary) -> datetime:
    return boundary.instant


def _attach(account: Account, ready: Sequence[_Ready]) -> None:
    uses = [(each, use) for each in ready for use in each.new.add_ons]
    found = catalogue.add_ons(account, list(dict.fromkeys(use.add_on for _, use in uses)))
    bulk.insert(
        SubscriptionAddOn,
        ADD_ON,
        [
            (id_, each.id, *_add_on_values(use, found[use.add_on], each.version))
            for id_, (each, use) in zip(new_ids(len(uses)), uses, strict=True)
        ],
    )


def _add_on_values(use: NewAddOnUse, add_on: AddOn, version: PlanVersion) -> tuple[object, ...]:
    price = use.price or Money(add_on.amount_minor, add_on.currency)
    refuse_other_currency(price, version.currency, of="the plan")
    price.times(use.quantity)
    own_price = use.price.minor if use.price else None
    return add_on.id, use.handle or add_on.handle, use.quantity, own_price


def _bill_at_once(account: Account, ready: Sequence[_Ready], now: datetime) -> None:
    starts = [each.beginning.first_start for each in ready if each.beginning.first_start]
    if not starts:
        return
    due.note(DUE_KIND, min(map(_instant, starts)), business=True)
    ids = [
        each.id
        for each in ready
        if each.beginning.first_start and _instant(each.beginning.first_start) <= now
    ]
    for _ in range(BACKLOG_MAX if ids else 0):
        if not renew(account=account, subscription_ids=ids, now=now).renewed:
            return


def _refuse_taken(account: Account, handles: Sequence[str]) -> None:
    found = Subscription.objects.of(account).filter(handle__in=handles)
    seen = set(found.values_list("handle", flat=True))
    for each in handles:
        if each in seen:
            raise Conflict("handle_taken", "There is already a subscription {handle}.", handle=each)
        seen.add(each)
