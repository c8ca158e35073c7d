"""Reads on the catalogue."""

from collections.abc import Sequence

from accounts.models import Account
from catalog.models import AddOn, Plan, PlanVersion
from kernel.errors import NotFound


def on_sale(account: Account, handle: str) -> PlanVersion:
    """The newest version of an active plan, or `NotFound`."""
    plan = Plan.objects.of(account).filter(handle=handle, state=Plan.State.ACTIVE).first()
    if plan is None:
        raise NotFound("plan", handle)
    return PlanVersion.objects.of(account).get(id=plan.version_id)


def add_ons(account: Account, handles: Sequence[str]) -> dict[str, AddOn]:
    """Handle to add-on for all of `handles`; `NotFound` names the first that is missing."""
    found = {each.handle: each for each in AddOn.objects.of(account).filter(handle__in=handles)}
    missing = next((each for each in handles if each not in found), None)
    if missing is not None:
        raise NotFound("add_on", missing)
    return found
