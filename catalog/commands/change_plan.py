"""Change what a plan costs and says: a new version, while subscriptions keep theirs."""

from datetime import datetime

from accounts.models import Account
from catalog.commands.create_plan import columns
from catalog.domain.terms import NewPlan
from catalog.models import Plan, PlanVersion
from foundation import audit
from kernel.errors import NotFound, Refused
from kernel.ids import new_id


def change_plan(*, account: Account, terms: NewPlan, actor: str, now: datetime) -> Plan:
    """Put `terms` on sale under the plan's handle, as its next version.

    Texts alone (the description, not the name, which stands on invoices) make no version, and
    the same again changes nothing. Raises `NotFound` for a plan that is not on sale and
    `Refused` for another currency.
    """
    plan = _locked(account, terms.handle)
    current = PlanVersion.objects.of(account).get(id=plan.version_id)
    if current.currency != terms.price.currency:
        raise Refused(
            "plan_currency_fixed",
            "The currency of {plan} stays {currency}.",
            plan=plan.handle,
            currency=current.currency,
        )
    said = columns(terms)
    changed = [name for name, value in said.items() if getattr(current, name) != value]
    if changed:
        version = PlanVersion.objects.of(account).create(
            id=new_id(),
            account_id=account.id,
            plan_id=plan.id,
            number=current.number + 1,
            created_at=now,
            **said,
        )
        plan.version_id = version.id
    elif plan.description == terms.description:
        return plan
    plan.name, plan.description = terms.name, terms.description
    plan.save(update_fields=["version_id", "name", "description"])
    audit.record(
        account=account,
        actor=actor,
        act="plan.changed",
        subject=("plan", plan.id),
        at=now,
        fields=changed or ["description"],
    )
    return plan


def _locked(account: Account, handle: str) -> Plan:
    plans = Plan.objects.of(account).select_for_update()
    plan = plans.filter(handle=handle, state=Plan.State.ACTIVE).first()
    if plan is None:
        raise NotFound("plan", handle)
    return plan
