"""Plans: created, superseded, taken off sale and put back; and their lists."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import path

from accounts.models import Account
from api.v1.base import View
from api.v1.errors import Problem
from api.v1.filters import Criterion, exact, many, moment, nothing_has, number, prefix, texts, truth
from api.v1.lists import CurrentList
from api.v1.plan_shapes import (
    CHANGE_AMOUNT,
    CREATE_PLAN,
    METADATA,
    PLAN,
    SUPERSEDE_PLAN,
    UPDATE_PLAN,
    changed,
    new_plan,
    repriced,
)
from catalog import queries
from catalog.commands.change_plan import change_plan
from catalog.commands.create_plan import create_plan
from catalog.commands.delete_plan import delete_plan, undelete_plan
from catalog.commands.metadata import keep_metadata
from catalog.domain.terms import NewPlan, PartialPeriod
from catalog.listings import PLANS
from catalog.queries import PlanFact
from foundation.listing import Filter, Op, Row
from foundation.wire.kinds import Boolean, Choice, ListOf
from foundation.wire.shapes import NOTHING, Shape, optional
from foundation.wire.views import Call, operation
from kernel.periods import ScheduleKind, Unit

PLAN_NOT_FOUND = 10
ONLY_ACTIVE = Shape(
    "PlanQuery", optional("only_active", Boolean(), doc="Leave out the deleted ones.")
)


def _load(account: Account, rows: Sequence[Row]) -> Iterable[PlanFact]:
    return queries.plans_of(account, [row["id"] for row in rows])


def _state() -> Criterion:
    """The newest version of a plan is never superseded, and no other is in the list."""
    words = Choice("active", "superseded", "deleted")

    def made(asked: Sequence[str], _: str) -> list[Filter]:
        return [Filter("state", Op.ANY, tuple(each for each in asked if each != "superseded"))]

    return Criterion("state", ListOf(words, max=10), made)


LIST = CurrentList(
    name="PlanList",
    shape=PLAN,
    listing=PLANS,
    load=_load,
    criteria=(
        exact("handle"),
        prefix("handle_prefix", "handle"),
        texts("handles", "handle"),
        _state(),
        many("schedule_type", map(str, ScheduleKind), "schedule"),
        many("partial_period_handling", map(str, PartialPeriod), "partial_period"),
        many("trial_interval_unit", map(str, Unit), "trial_unit"),
        exact("name"),
        exact("description"),
        number("amount", "amount_minor"),
        number("quantity"),
        number("trial_interval_length", "trial_length"),
        number("interval_length"),
        number("schedule_fixed_day", "fixed_day"),
        number("base_month"),
        number("minimum_prorated_amount", "minimum_prorated_minor"),
        truth("amount_incl_vat"),
        truth("partial_proration_days", "prorates_days"),
        truth("fixed_trial_days"),
        texts("currency"),
        moment("created", "created_at"),
        *nothing_has(
            "setup_fee_handling",
            "fixed_life_time_unit",
            "dunning_plan_handle",
            "setup_fee_text",
            "fixed_count",
            "fixed_life_time_length",
            "renewal_reminder_email_days",
            "trial_reminder_email_days",
            "notice_periods",
            "fixation_periods",
            "setup_fee",
            "notice_periods_after_current",
            "fixation_periods_full",
            "include_zero_amount",
        ),
    ),
)


def _on_sale(call: Call, handle: str) -> NewPlan:
    """What the plan says now; one that is not on sale cannot be changed."""
    plan = queries.plan(call.account, handle)
    if plan.state != plan.State.ACTIVE:
        raise Problem(PLAN_NOT_FOUND, f"The plan {handle} is deleted.")
    return queries.terms_now(call.account, plan)


def _put(call: Call, terms: NewPlan) -> PlanFact:
    plan = change_plan(account=call.account, terms=terms, actor=call.actor, now=call.now)
    return queries.newest(call.account, plan)


class Plans(View):
    @operation("List plans (old form)", ListOf(PLAN), query=ONLY_ACTIVE)
    def get(self, call: Call) -> Sequence[PlanFact]:
        return queries.plans(call.account, only_active=bool(call.query.get("only_active")))

    @operation("Create a plan", PLAN, body=CREATE_PLAN)
    def post(self, call: Call) -> PlanFact:
        currency = call.body.get("currency") or call.account.currency
        terms = new_plan(call.body, call.body["handle"], currency)
        plan = create_plan(account=call.account, new=terms, actor=call.actor, now=call.now)
        return queries.newest(call.account, plan)


class PlanList(View):
    @operation("List plans", LIST.answer, query=LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        return LIST.page(call)


class OnePlan(View):
    @operation("List the versions of a plan", ListOf(PLAN))
    def get(self, call: Call, handle: str) -> Sequence[PlanFact]:
        return queries.versions(call.account, queries.plan(call.account, handle))

    @operation("Supersede a plan", PLAN, body=SUPERSEDE_PLAN)
    def post(self, call: Call, handle: str) -> PlanFact:
        currency = _on_sale(call, handle).price.currency
        return _put(call, new_plan(call.body, handle, currency))

    @operation("Update a plan", PLAN, body=UPDATE_PLAN)
    def put(self, call: Call, handle: str) -> PlanFact:
        return _put(call, changed(_on_sale(call, handle), call.body))

    @operation("Delete a plan", PLAN)
    def delete(self, call: Call, handle: str) -> PlanFact:
        plan = delete_plan(account=call.account, handle=handle, actor=call.actor, now=call.now)
        return queries.newest(call.account, plan)


class PlanAmount(View):
    @operation("Change the price of a plan", PLAN, body=CHANGE_AMOUNT)
    def put(self, call: Call, handle: str) -> PlanFact:
        return _put(call, repriced(_on_sale(call, handle), call.body))


class CurrentPlan(View):
    @operation("Get a plan", PLAN)
    def get(self, call: Call, handle: str) -> PlanFact:
        return queries.newest(call.account, queries.plan(call.account, handle))


class PlanVersion(View):
    @operation("Get a version of a plan", PLAN)
    def get(self, call: Call, handle: str, version: int) -> PlanFact:
        return queries.version(call.account, queries.plan(call.account, handle), version)


class Undelete(View):
    @operation("Put a deleted plan back on sale", PLAN)
    def post(self, call: Call, handle: str) -> PlanFact:
        plan = undelete_plan(account=call.account, handle=handle, actor=call.actor, now=call.now)
        return queries.newest(call.account, plan)


class PlanMetadata(View):
    @operation("Get what is kept with a plan", METADATA)
    def get(self, call: Call, handle: str) -> Mapping[str, Any]:
        return queries.plan(call.account, handle).metadata or {}

    @operation("Keep something with a plan", METADATA, body=METADATA)
    def put(self, call: Call, handle: str) -> Mapping[str, Any]:
        plan = queries.plan(call.account, handle)
        keep_metadata(account=call.account, plan_id=plan.id, metadata=call.body)
        kept: Mapping[str, Any] = call.body
        return kept

    @operation("Keep nothing with a plan any more", NOTHING)
    def delete(self, call: Call, handle: str) -> None:
        plan = queries.plan(call.account, handle)
        keep_metadata(account=call.account, plan_id=plan.id, metadata=None)


urls = [
    path("plan", Plans.as_view()),
    path("plan/<handle:handle>", OnePlan.as_view()),
    path("plan/<handle:handle>/amount", PlanAmount.as_view()),
    path("plan/<handle:handle>/current", CurrentPlan.as_view()),
    path("plan/<handle:handle>/undelete", Undelete.as_view()),
    path("plan/<handle:handle>/metadata", PlanMetadata.as_view()),
    path("plan/<handle:handle>/<number:version>", PlanVersion.as_view()),
    path("list/plan", PlanList.as_view()),
]
