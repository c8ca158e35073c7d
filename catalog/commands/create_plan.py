"""Create a plan with its first version."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from accounts.models import Account
from catalog.domain.terms import NewAddOn, NewPlan
from catalog.models import AddOn, Plan, PlanVersion
from foundation import audit
from foundation.handles import handle_once
from kernel.errors import Conflict
from kernel.ids import new_id


def create_plan(*, account: Account, new: NewPlan, actor: str, now: datetime) -> Plan:
    """The plan, on sale at once; raises `Conflict` when its handle is taken."""
    taken = Plan.objects.of(account).filter(handle=new.handle).exists()
    _refuse_taken("plan", new.handle, taken=taken)
    plan_id, version_id = new_id(), new_id()
    with handle_once("plan_handle", "plan"):
        plan = Plan.objects.of(account).create(
            id=plan_id,
            account_id=account.id,
            handle=new.handle,
            name=new.name,
            description=new.description,
            metadata=new.metadata,
            version_id=version_id,
            created_at=now,
        )
    PlanVersion.objects.of(account).create(
        id=version_id,
        account_id=account.id,
        plan_id=plan_id,
        number=1,
        created_at=now,
        **columns(new),
    )
    audit.record(
        account=account, actor=actor, act="plan.created", subject=("plan", plan_id), at=now
    )
    return plan


def create_add_on(*, account: Account, new: NewAddOn, actor: str, now: datetime) -> AddOn:
    """The add-on, ready to be attached; raises `Conflict` when its handle is taken."""
    taken = AddOn.objects.of(account).filter(handle=new.handle).exists()
    _refuse_taken("add-on", new.handle, taken=taken)
    with handle_once("add_on_handle", "add-on"):
        add_on = AddOn.objects.of(account).create(
            id=new_id(),
            account_id=account.id,
            handle=new.handle,
            name=new.name,
            currency=new.price.currency,
            amount_minor=new.price.minor,
            amount_incl_vat=new.amount_incl_vat,
            vat=_decimal(new.vat),
            created_at=now,
        )
    audit.record(
        account=account, actor=actor, act="add_on.created", subject=("add_on", add_on.id), at=now
    )
    return add_on


def _refuse_taken(kind: str, handle: str, *, taken: bool) -> None:
    if taken:
        raise Conflict(
            "handle_taken", "There is already a {kind} {handle}.", kind=kind, handle=handle
        )


def columns(new: NewPlan) -> dict[str, object]:
    """What a version says, by the names of its columns."""
    schedule, trial = new.schedule, new.trial
    return {
        "name": new.name,
        "currency": new.price.currency,
        "amount_minor": new.price.minor,
        "amount_incl_vat": new.amount_incl_vat,
        "vat": _decimal(new.vat),
        "quantity": new.quantity,
        "schedule": schedule.kind.value,
        "interval_length": schedule.length,
        "fixed_day": schedule.fixed_day,
        "fixed_hour": schedule.fixed_hour,
        "base_month": schedule.base_month,
        "partial_period": new.partial_period.value,
        "prorates_days": new.prorates_days,
        "minimum_prorated_minor": new.minimum_prorated_minor,
        "trial_unit": trial.unit.value if trial else None,
        "trial_length": trial.length if trial else None,
        "fixed_trial_days": trial.fixed_days if trial else True,
    }


def _decimal(rate: Fraction | None) -> Decimal | None:
    return None if rate is None else Decimal(rate.numerator) / Decimal(rate.denominator)
