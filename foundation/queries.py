"""What the machine itself knows: heartbeats and how much is due, without any account's content."""

from datetime import datetime

from django.db.models import Count

from foundation.models import Dispatch, DueItem, Heartbeat, Parked
from foundation.tenancy import Tenant


def heartbeats() -> dict[str, datetime]:
    """When each part of the machine last showed life."""
    return dict(Heartbeat.objects.values_list("name", "beat_at"))


def due_counts(now: datetime) -> dict[str, int]:
    """How many accounts have overdue work, by kind."""
    overdue = DueItem.objects.filter(due_at__lte=now, own_clock=False).values("kind")
    return dict(overdue.annotate(n=Count("account_id", distinct=True)).values_list("kind", "n"))


def parked(account: Tenant) -> list[Parked]:
    """What waits for a person, oldest first."""
    return list(Parked.objects.of(account).filter(released_at=None).order_by("parked_at"))


def parked_count(account: Tenant) -> int:
    """How much waits for a person: parked work and parked dispatches."""
    items = Parked.objects.of(account).filter(released_at=None).count()
    return items + Dispatch.objects.of(account).filter(state=Dispatch.State.PARKED).count()
