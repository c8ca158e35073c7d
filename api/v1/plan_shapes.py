"""Plans on the wire: what is answered, what is taken, and what of it is not offered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.v1.errors import Problem
from catalog.domain.terms import DESCRIPTION_MAX, LENGTH_MAX, QUANTITY_MAX, NewPlan, PartialPeriod
from catalog.domain.terms import Trial as TrialTerms
from catalog.queries import PlanFact
from foundation.wire.kinds import (
    INT32_MAX,
    Boolean,
    Choice,
    FreeObject,
    Instant,
    Integer,
    ListOf,
    Rate,
    Text,
    handle,
)
from foundation.wire.refusals import missing
from foundation.wire.shapes import Field, Given, Shape, optional
from kernel.money import Money
from kernel.periods import Schedule, ScheduleKind, Unit

AMOUNT = Integer(min=0, max=INT32_MAX)
COUNT = Integer(min=1, max=INT32_MAX)
LENGTH = Integer(min=1, max=LENGTH_MAX)
PERIODS = Integer(min=0, max=LENGTH_MAX)
SCHEDULE = Choice(*map(str, ScheduleKind))
PARTIAL = Choice(*map(str, PartialPeriod))
UNIT = Choice(*map(str, Unit))
SUPERSEDE_MODE = Choice("no_sub_update", "scheduled_sub_update")
METADATA = FreeObject()

NOT_IMPLEMENTED = 43
DUNNING_PLAN_NOT_FOUND, TAX_POLICY_NOT_FOUND, ENTITLEMENT_NOT_FOUND = 44, 157, 169


def state_of(it: PlanFact) -> str:
    return it.plan.state if it.is_newest else "superseded"


PLAN = Shape(
    "Plan",
    Field("name", Text(), "version.name", doc="Stands on the lines of invoices."),
    Field("amount", AMOUNT, "version.amount_minor", doc="For one unit and period, minor units."),
    Field("handle", handle(), "plan.handle", doc="Your own id of the plan."),
    Field("version", Integer(min=1, max=INT32_MAX), "version.number"),
    Field("state", Choice("active", "superseded", "deleted"), state_of),
    Field("currency", Text(max=3), "version.currency", doc="ISO 4217."),
    Field("created", Instant(), "version.created_at", doc="When this version was made."),
    Field("schedule_type", SCHEDULE, "version.schedule", doc="When periods begin."),
    optional("description", Text(max=DESCRIPTION_MAX), lambda it: it.plan.description or None),
    optional("vat", Rate(), "version.vat", doc="Unless given, the account's own rate counts."),
    optional("quantity", COUNT, "version.quantity", doc="Of a new subscription, unless it says."),
    optional("deleted", Instant(), lambda it: it.plan.deleted_at if it.is_newest else None),
    optional("partial_period_handling", PARTIAL, "version.partial_period"),
    optional("partial_proration_days", Boolean(), "version.prorates_days"),
    optional("fixed_trial_days", Boolean(), "version.fixed_trial_days"),
    optional("minimum_prorated_amount", AMOUNT, "version.minimum_prorated_minor"),
    optional("amount_incl_vat", Boolean(), "version.amount_incl_vat"),
    optional("trial_interval_unit", UNIT, "version.trial_unit"),
    optional("trial_interval_length", COUNT, "version.trial_length"),
    optional("interval_length", LENGTH, "version.interval_length", doc="Every so many."),
    optional("schedule_fixed_day", Integer(min=1, max=28), "version.fixed_day"),
    optional("schedule_fixed_hour", Integer(min=0, max=23), "version.fixed_hour"),
    optional("base_month", Integer(min=1, max=12), "version.base_month"),
    doc="A priced recipe, one version of it.",
)

_CHANGEABLE = (
    Field("name", Text(min=1), doc="Stands on the lines of invoices."),
    optional("description", Text(max=DESCRIPTION_MAX)),
    optional("vat", Rate(), doc="Unless given, the account's own rate counts."),
    optional("dunning_plan", handle(), doc="There are none to name."),
    optional("tax_policy", handle(), doc="There are none to name."),
    optional("renewal_reminder_email_days", COUNT, doc="Not offered."),
    optional("trial_reminder_email_days", COUNT, doc="Not offered."),
    optional("partial_period_handling", PARTIAL, doc="Of the time before the first fixed day."),
    optional("include_zero_amount", Boolean(), doc="Not offered."),
    optional("setup_fee", AMOUNT, doc="Not offered but as 0."),
    optional("setup_fee_text", Text()),
    optional("setup_fee_handling", Choice("first", "separate", "separate_conditional")),
    optional("partial_proration_days", Boolean(), doc="By days (true) or by minutes."),
    optional("fixed_trial_days", Boolean(), doc="A trial ends as its last day begins."),
    optional("minimum_prorated_amount", AMOUNT, doc="Less than this becomes nothing."),
    optional("account_funding", Boolean(), doc="Not offered."),
)
_PRICED = (
    Field("amount", AMOUNT, doc="For one unit and period, minor units."),
    Field("schedule_type", SCHEDULE, doc="When periods begin."),
    *_CHANGEABLE,
    optional("quantity", Integer(min=1, max=QUANTITY_MAX)),
    optional("prepaid", Boolean(), doc="Says nothing as long as nothing can be paused."),
    optional("amount_incl_vat", Boolean(), doc="Unless given, true."),
    optional("fixed_count", COUNT, doc="Not offered."),
    optional("fixed_life_time_unit", UNIT, doc="Not offered."),
    optional("fixed_life_time_length", LENGTH, doc="Not offered."),
    optional("trial_interval_unit", UNIT),
    optional("trial_interval_length", Integer(min=1, max=LENGTH_MAX)),
    optional("interval_length", LENGTH),
    optional("schedule_fixed_day", Integer(min=1, max=28)),
    optional("schedule_fixed_hour", Integer(min=0, max=23)),
    optional("base_month", Integer(min=1, max=12)),
    optional("notice_periods", PERIODS, doc="Not offered but as 0."),
    optional("notice_periods_after_current", Boolean()),
    optional("fixation_periods", PERIODS, doc="Not offered but as 0."),
    optional("fixation_periods_full", Boolean()),
    optional("entitlements", ListOf(handle(), max=100), doc="There are none to name."),
)
CREATE_PLAN = Shape(
    "CreateSubscriptionPlan",
    Field("handle", handle(), doc="Your own id of the plan."),
    optional("currency", Text(max=3), doc="Unless given, the account's."),
    optional("metadata", METADATA, doc="Whatever you want to keep with it."),
    *_PRICED,
)
SUPERSEDE_PLAN = Shape(
    "SupersedeSubscriptionPlan",
    *_PRICED,
    optional("supersede_mode", SUPERSEDE_MODE, doc="Only no_sub_update is offered."),
)
UPDATE_PLAN = Shape(
    "UpdateSubscriptionPlan",
    *_CHANGEABLE,
    doc="Makes a new version of the same price; subscriptions keep theirs.",
)
CHANGE_AMOUNT = Shape(
    "ChangePlanAmount",
    Field("amount", AMOUNT),
    optional("amount_incl_vat", Boolean()),
    optional("supersede_mode", SUPERSEDE_MODE, doc="Only no_sub_update is offered."),
)

NOT_OFFERED: Mapping[str, tuple[int, frozenset[Any]]] = {
    "dunning_plan": (DUNNING_PLAN_NOT_FOUND, frozenset()),
    "tax_policy": (TAX_POLICY_NOT_FOUND, frozenset()),
    "renewal_reminder_email_days": (NOT_IMPLEMENTED, frozenset()),
    "trial_reminder_email_days": (NOT_IMPLEMENTED, frozenset()),
    "include_zero_amount": (NOT_IMPLEMENTED, frozenset({False})),
    "setup_fee": (NOT_IMPLEMENTED, frozenset({0})),
    "account_funding": (NOT_IMPLEMENTED, frozenset({False})),
    "fixed_count": (NOT_IMPLEMENTED, frozenset()),
    "fixed_life_time_unit": (NOT_IMPLEMENTED, frozenset()),
    "fixed_life_time_length": (NOT_IMPLEMENTED, frozenset()),
    "notice_periods": (NOT_IMPLEMENTED, frozenset({0})),
    "fixation_periods": (NOT_IMPLEMENTED, frozenset({0})),
    "supersede_mode": (NOT_IMPLEMENTED, frozenset({"no_sub_update"})),
}
"""Members that would change what is billed and cannot: how each is refused, and which of its
values say what is done anyway. To take one silently would be to bill another amount."""


def refuse_not_offered(body: Given) -> None:
    for name, (code, harmless) in NOT_OFFERED.items():
        value = body.get(name)
        if value is not None and value not in harmless:
            raise Problem(code, f"{name} cannot be {value} here.")
    if body.get("entitlements"):
        raise Problem(ENTITLEMENT_NOT_FOUND, f"There is no entitlement {body['entitlements'][0]}.")


def new_plan(body: Given, plan_handle: str, currency: str) -> NewPlan:
    """The terms that a body states in full."""
    refuse_not_offered(body)
    terms = NewPlan(
        handle=plan_handle,
        name=body["name"],
        price=Money(body["amount"], currency),
        schedule=_schedule(body),
        amount_incl_vat=_true_unless_said(body, "amount_incl_vat"),
        quantity=body.get("quantity") or 1,
        trial=_trial(body),
        metadata=body.get("metadata"),
    )
    return changed(terms, body)


def changed(terms: NewPlan, body: Given) -> NewPlan:
    """The terms with what an update may change; what it leaves out is as in a new plan."""
    refuse_not_offered(body)
    by_days = _true_unless_said(body, "partial_proration_days")
    trial, fixed = terms.trial, body.get("fixed_trial_days")
    if trial is not None:
        trial = replace(trial, fixed_days=by_days if fixed is None else fixed)
    return replace(
        terms,
        name=body["name"],
        description=body.get("description") or "",
        vat=body.get("vat"),
        partial_period=PartialPeriod(body.get("partial_period_handling") or "bill_prorated"),
        prorates_days=by_days,
        minimum_prorated_minor=body.get("minimum_prorated_amount") or 0,
        trial=trial,
    )


def repriced(terms: NewPlan, body: Given) -> NewPlan:
    """The terms at another price."""
    refuse_not_offered(body)
    incl_vat = body.get("amount_incl_vat")
    return replace(
        terms,
        price=Money(body["amount"], terms.price.currency),
        amount_incl_vat=terms.amount_incl_vat if incl_vat is None else incl_vat,
    )


def _schedule(body: Given) -> Schedule:
    return Schedule(
        ScheduleKind(body["schedule_type"]),
        body.get("interval_length") or 1,
        body.get("schedule_fixed_day"),
        body.get("schedule_fixed_hour") or 0,
        body.get("base_month"),
    )


def _trial(body: Given) -> TrialTerms | None:
    unit, length = body.get("trial_interval_unit"), body.get("trial_interval_length")
    if unit is None and length is None:
        return None
    if unit is None or length is None:
        raise missing("trial_interval_unit" if unit is None else "trial_interval_length")
    return TrialTerms(Unit(unit), length)


def _true_unless_said(body: Given, name: str) -> bool:
    return body.get(name) is not False
