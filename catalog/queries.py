"""Reads on the catalogue."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from accounts.domain.details import handle as checked_handle
from accounts.models import Account
from catalog.domain.terms import PartialPeriod
from catalog.models import AddOn, Plan, PlanVersion
from kernel.errors import NotFound
from kernel.periods import Proration, Schedule, ScheduleKind


def on_sale(account: Account, handle: str) -> PlanVersion:
    """The newest version of an active plan, or `NotFound`; `Invalid` for what can be no handle."""
    active = Plan.objects.of(account).filter(state=Plan.State.ACTIVE)
    plan = active.filter(handle=checked_handle(handle)).first()
    if plan is None:
        raise NotFound("plan", handle)
    return PlanVersion.objects.of(account).get(id=plan.version_id)


def add_ons(account: Account, handles: Sequence[str]) -> dict[str, AddOn]:
    """Handle to add-on for all these well-formed `handles`; `NotFound` names the first missing."""
    found = {each.handle: each for each in AddOn.objects.of(account).filter(handle__in=handles)}
    missing = next((each for each in handles if each not in found), None)
    if missing is not None:
        raise NotFound("add_on", missing)
    return found


@dataclass(frozen=True, slots=True)
class VersionTerms:
    """What a plan version says of every subscription on it; `vat` is nothing where the account's
    own rate counts."""

    handle: str
    name: str
    currency: str
    unit_minor: int
    incl_vat: bool
    vat: Fraction | None
    schedule: Schedule
    partial: PartialPeriod
    by: Proration
    minimum_prorated_minor: int


_KNOWN_MAX = 10_000
_known: dict[UUID, VersionTerms] = {}
"""Versions never change and ids are never reused, so what was read once stays true."""


def terms_of(account: Account, version_ids: Collection[UUID]) -> Mapping[UUID, VersionTerms]:
    """The terms of these versions; at most one query, for those this process has not met."""
    known = {each: _known[each] for each in version_ids if each in _known}
    unknown = [each for each in version_ids if each not in known]
    if unknown:
        found = PlanVersion.objects.of(account).filter(id__in=unknown).select_related("plan")
        known |= {each.id: _terms(each) for each in found}
        if len(_known) < _KNOWN_MAX:
            _known.update(known)
    return known


def _terms(version: PlanVersion) -> VersionTerms:
    return VersionTerms(
        handle=version.plan.handle,
        name=version.name,
        currency=version.currency,
        unit_minor=version.amount_minor,
        incl_vat=version.amount_incl_vat,
        vat=None if version.vat is None else Fraction(version.vat),
        schedule=schedule_of(version),
        partial=PartialPeriod(version.partial_period),
        by=Proration.DAYS if version.prorates_days else Proration.MINUTES,
        minimum_prorated_minor=version.minimum_prorated_minor,
    )


def schedule_of(version: PlanVersion) -> Schedule:
    """When a plan version bills."""
    return Schedule(
        ScheduleKind(version.schedule),
        version.interval_length,
        version.fixed_day,
        version.fixed_hour,
        version.base_month,
    )
