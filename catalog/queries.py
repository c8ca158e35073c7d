"""Reads on the catalogue."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from accounts.domain.details import handle as checked_handle
from accounts.models import Account
from catalog.domain.terms import NewPlan, PartialPeriod, Trial
from catalog.models import AddOn, Plan, PlanVersion
from kernel.errors import NotFound
from kernel.money import Money
from kernel.periods import Proration, Schedule, ScheduleKind, Unit


def on_sale(account: Account, handle: str) -> PlanVersion:
    """The newest version of an active plan, or `NotFound`; `Invalid` for what can be no handle."""
    active = Plan.objects.of(account).filter(state=Plan.State.ACTIVE)
    plan = active.filter(handle=checked_handle(handle)).first()
    if plan is None:
        raise NotFound("plan", handle)
    return PlanVersion.objects.of(account).get(id=plan.version_id)


@dataclass(frozen=True, slots=True)
class PlanFact:
    """A plan and one of its versions."""

    plan: Plan
    version: PlanVersion

    @property
    def is_newest(self) -> bool:
        return self.plan.version_id == self.version.id


def plan(account: Account, handle: str) -> Plan:
    """The plan of that handle, on sale or not, or `NotFound`."""
    found = Plan.objects.of(account).filter(handle=checked_handle(handle)).first()
    if found is None:
        raise NotFound("plan", handle)
    return found


def newest(account: Account, plan: Plan) -> PlanFact:
    """The plan with what it says now."""
    return PlanFact(plan, PlanVersion.objects.of(account).get(id=plan.version_id))


def versions(account: Account, plan: Plan) -> list[PlanFact]:
    """The plan with each of its versions, newest first."""
    found = PlanVersion.objects.of(account).filter(plan_id=plan.id).order_by("-number")
    return [PlanFact(plan, each) for each in found]


def version(account: Account, plan: Plan, number: int) -> PlanFact:
    """The plan with that version, or `NotFound`."""
    found = PlanVersion.objects.of(account).filter(plan_id=plan.id, number=number).first()
    if found is None:
        raise NotFound("plan", f"{plan.handle} version {number}")
    return PlanFact(plan, found)


def terms_now(account: Account, plan: Plan) -> NewPlan:
    """What the plan says now, as it would be said again."""
    now = newest(account, plan).version
    return NewPlan(
        handle=plan.handle,
        name=now.name,
        price=Money(now.amount_minor, now.currency),
        schedule=schedule_of(now),
        amount_incl_vat=now.amount_incl_vat,
        vat=None if now.vat is None else Fraction(now.vat),
        quantity=now.quantity,
        partial_period=PartialPeriod(now.partial_period),
        prorates_days=now.prorates_days,
        minimum_prorated_minor=now.minimum_prorated_minor,
        trial=_trial(now),
        description=plan.description,
        metadata=plan.metadata,
    )


def _trial(version: PlanVersion) -> Trial | None:
    if version.trial_unit is None or version.trial_length is None:
        return None
    unit = Unit(version.trial_unit)
    return Trial(unit, version.trial_length, fixed_days=version.fixed_trial_days)


def plans(account: Account, *, only_active: bool) -> list[PlanFact]:
    """All plans with what they say now, newest first; two statements."""
    found = Plan.objects.of(account).order_by("-created_at", "-id")
    if only_active:
        found = found.filter(state=Plan.State.ACTIVE)
    return _with_versions(account, list(found))


def plans_of(account: Account, ids: Collection[UUID]) -> list[PlanFact]:
    """These plans with what they say now, in the order of `ids`; two statements."""
    found = {each.id: each for each in Plan.objects.of(account).filter(id__in=ids)}
    return _with_versions(account, [found[each] for each in ids])


def _with_versions(account: Account, plans: Sequence[Plan]) -> list[PlanFact]:
    wanted = [each.version_id for each in plans]
    versions = {each.id: each for each in PlanVersion.objects.of(account).filter(id__in=wanted)}
    return [PlanFact(each, versions[each.version_id]) for each in plans]


def add_ons(account: Account, handles: Sequence[str]) -> dict[str, AddOn]:
    """Handle to add-on for all these well-formed `handles`; `NotFound` names the first missing."""
    found = {each.handle: each for each in AddOn.objects.of(account).filter(handle__in=handles)}
    missing = next((each for each in handles if each not in found), None)
    if missing is not None:
        raise NotFound("add_on", missing)
    return found


def add_ons_of(account: Account, ids: Sequence[UUID]) -> list[AddOn]:
    """These add-ons, in the order of `ids`."""
    found = {each.id: each for each in AddOn.objects.of(account).filter(id__in=ids)}
    return [found[each] for each in ids]


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
