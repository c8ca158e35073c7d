"""Reads on the catalogue."""

from collections.abc import Sequence

from accounts.domain.details import handle as checked_handle
from accounts.models import Account
from catalog.models import AddOn, Plan, PlanVersion
from kernel.errors import NotFound


def on_sale(account: Account, handle: str) -> PlanVersion:
    """The newest version of an active plan, or `NotFound`; `Invalid` for what can be no handle."""
    active = Plan.objects.of(account).filter(state=Plan.State.ACTIVE)
    plan = active.filter(handle=checked_handle(handle)).first()
    if plan is None:
        raise NotFound("plan", handle)
    return PlanVersion.objects.of(account).get(id=plan.version_id)


def add_ons(account: Account, handles: Sequence[str]) -> dict[str, AddOn]:
    """Handle to add-on for all of these well-formed `handles`; `NotFound` names the first missing."""
    found = {each.handle: each for each in AddOn.objects.of(account).filter(handle__in=handles)}
    missing = next((each for each in handles if each not in found), None)
    if missing is not None:
        raise NotFound("add_on", missing)
    return found
