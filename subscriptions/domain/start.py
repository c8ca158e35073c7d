"""How a new subscription begins: trial, anchor, first period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.domain.details import handle
from catalog.domain.terms import PartialPeriod, Trial, price, quantity
from kernel.errors import Invalid, Refused
from kernel.money import Money
from kernel.periods import Boundary, Schedule, ScheduleKind, boundary, first_anchor, trial_end

ADD_ONS_MAX = 100
GRACE_SECONDS_MAX = 10 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class NewAddOnUse:
    """An add-on to attach, by its handle; its own price replaces the catalogue's."""

    add_on: str
    quantity: int = 1
    price: Money | None = None
    handle: str = ""

    def __post_init__(self) -> None:
        handle(self.add_on, field="add_on")
        quantity(self.quantity)
        if self.price is not None:
            price(self.price)
        if self.handle:
            handle(self.handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    """A subscription to be created. `price` per unit replaces the plan's, in its currency.

    Without `start` it starts now; `start` may lie in the future, or up to one period back.
    `trial` replaces the plan's; `metadata` is the merchant's own and means nothing here.
    """

    handle: str
    customer: str
    plan: str
    start: Boundary | None = None
    quantity: int | None = None
    price: Money | None = None
    price_incl_vat: bool = True
    has_trial: bool = True
    trial: Trial | None = None
    grace_seconds: int | None = None
    metadata: Mapping[str, object] | None = None
    add_ons: tuple[NewAddOnUse, ...] = ()

    def __post_init__(self) -> None:
        handle(self.handle)
        handle(self.customer, field="customer")
        handle(self.plan, field="plan")
        if self.quantity is not None:
            quantity(self.quantity)
        if self.price is not None:
            price(self.price)
        if self.grace_seconds is not None and not 0 <= self.grace_seconds <= GRACE_SECONDS_MAX:
            raise Invalid(
                "invalid_grace", "The grace is 0 to {limit} seconds.", limit=GRACE_SECONDS_MAX
            )
        if len(self.add_ons) > ADD_ONS_MAX:
            raise Invalid("too_many_add_ons", "At most {limit} add-ons at once.", limit=ADD_ONS_MAX)
        handles = [each.handle or each.add_on for each in self.add_ons]
        twice = next((each for each in handles if handles.count(each) > 1), None)
        if twice is not None:
            raise Invalid(
                "add_on_twice",
                "{handle} is attached twice; give each use a handle of its own.",
                field="add_ons",
                handle=twice,
            )


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a subscription's time begins; `first_start` is nothing for a manual schedule."""

    start: Boundary
    trial_end: Boundary | None
    anchor: Boundary
    first_start: Boundary | None
    has_partial_first: bool


def beginning(
    start: Boundary, schedule: Schedule, trial: Trial | None, partial: PartialPeriod
) -> Beginning:
    """The first period starts when the trial ends, or at the first fixed day after it."""
    free_until = None
    if trial is not None:
        free_until = trial_end(start, trial.unit, trial.length, fixed_days=trial.fixed_days)
    paid_from = free_until or start
    if schedule.kind is ScheduleKind.MANUAL:
        return Beginning(start, free_until, paid_from, None, has_partial_first=False)
    anchor = first_anchor(schedule, paid_from)
    is_partial = paid_from != anchor and partial is not PartialPeriod.NO_BILL
    first_start = paid_from if is_partial else anchor
    return Beginning(start, free_until, anchor, first_start, has_partial_first=is_partial)


def refuse_too_early(start: Boundary, schedule: Schedule, now: datetime) -> None:
    """Raises `Refused` for a start that lies more than one period back."""
    if start.instant >= now or schedule.kind is ScheduleKind.MANUAL:
        return
    if boundary(schedule, start, 1).instant <= now:
        raise Refused(
            "start_too_early",
            "The start {start} lies more than one billing period back.",
            start=start.local,
        )
