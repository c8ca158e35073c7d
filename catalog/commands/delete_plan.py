"""Take a plan off sale, or put it back; subscriptions on it go on."""

from datetime import datetime

from accounts.models import Account
from catalog.models import Plan
from foundation import audit
from kernel.errors import NotFound


def delete_plan(*, account: Account, handle: str, actor: str, now: datetime) -> Plan:
    """Raises `NotFound` for a plan that is not on sale."""
    plan = _locked(account, handle, Plan.State.ACTIVE)
    plan.state, plan.deleted_at = Plan.State.DELETED, now
    _save(account, plan, "plan.deleted", actor, now)
    return plan


def undelete_plan(*, account: Account, handle: str, actor: str, now: datetime) -> Plan:
    """Raises `NotFound` for a plan that is not deleted."""
    plan = _locked(account, handle, Plan.State.DELETED)
    plan.state, plan.deleted_at = Plan.State.ACTIVE, None
    _save(account, plan, "plan.undeleted", actor, now)
    return plan


def _locked(account: Account, handle: str, state: Plan.State) -> Plan:
    plans = Plan.objects.of(account).select_for_update()
    plan = plans.filter(handle=handle, state=state).first()
    if plan is None:
        raise NotFound("plan", handle)
    return plan


def _save(account: Account, plan: Plan, act: str, actor: str, now: datetime) -> None:
    plan.save(update_fields=["state", "deleted_at"])
    audit.record(account=account, actor=actor, act=act, subject=("plan", plan.id), at=now)
